#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# chaos_client.py: a till in a process of its own that dies by kill -9. It writes every order down before its first byte leaves and every
# answer when it has it; the next process of the same file asks first, under the same ids, what has no answer yet.
# usage: chaos_client.py PORT AUTHORITY FILE SEED METERS GIVERS (comma separated ids)
import json
import os
import sys

ROOT = os.environ.get("GRIDTILL_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/smoke"))
from chaos_work import Book, GaveUp, Till, lines_of, unanswered  # noqa: E402


class FileBook(Book):
    def __init__(self, path):
        super().__init__()
        with open(path, "ab") as end:  # a line that died in its middle goes
            with open(path, "rb") as file:
                end.truncate(file.read().rfind(b"\n") + 1)
        self.file = open(path, "a", encoding="utf-8", buffering=1)  # pylint: disable=consider-using-with

    def line(self, **what):
        with self.lock:
            self.file.write(json.dumps(what) + "\n")

    def about_to(self, order):
        self.line(order=order)

    def note(self, kind, ident, amount):
        super().note(kind, ident, amount)
        self.line(id=ident, kind=kind, amount=amount)

    def refused(self, ident):
        self.line(id=ident)

    def wrong(self, text):
        self.line(id="", wrong=text)


class Place:
    """Where the server is."""

    def __init__(self, port, ca):
        self.port, self.ca = int(port), ca


def main():
    port, ca, path, seed, meters, givers = sys.argv[1:]
    book = FileBook(path)
    lines = lines_of(path)
    till = Till(Place(port, ca), book, int(seed) + len(lines), [int(m) for m in meters.split(",")], [int(m) for m in givers.split(",")])
    till.left -= sum("order" in line for line in lines)
    try:
        for order in unanswered(lines):
            till.place(order)
    except GaveUp as error:
        book.wrong(f"never answered: {error}")
    till.run()


if __name__ == "__main__":
    main()
