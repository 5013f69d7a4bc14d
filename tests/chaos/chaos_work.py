# SPDX-License-Identifier: GPL-2.0-or-later
# chaos_work.py: people at work while processes die: who got no answer asks again under the same id, as the client does. Every answer is
# kept, so that the books can be held against what people were told.
import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter

from till_client import Client, new_id

RETRY_S = 90
ORDERS = 10               # of a till in a cycle: a meter takes one after the other, and a long queue is no doubt
KINDS = ("sale", "refund", "reversal")
# What an answer may be besides a done order: the purse is disputed, above a limit; nothing to give back, another shift, or the meter
# was silent.
NO_ORDER = {"sale": ("dispute", "limit"), "refund": ("conflict", "dispute", "limit", "stale"), "reversal": ("approval_required", "conflict", "dispute", "limit", "stale")}


class GaveUp(Exception):
    pass


class Person:
    """One signed-in operator whose orders outlive the server."""

    def __init__(self, stack, user):
        self.stack, self.user, self.client = stack, user, None

    def ask(self, method, path, body=None, again=(500, 502, 503, 504, 429), limit_s=RETRY_S):
        """The first answer that is one; every failure of the way is tried again. A session outlives the server."""
        end, answer, failures = time.monotonic() + limit_s, None, Counter()
        while time.monotonic() < end:
            try:
                if self.client is None:
                    client = Client(self.stack.port, self.stack.ca)
                    if client.log_in(self.user, "correct horse battery").status != 201:
                        raise OSError("no session")
                    self.client = client
                answer = self.client.call(method, path, body, timeout=10)
                if answer.status == 401:
                    self.client = None
                elif answer.status not in again:
                    return answer
            except (OSError, http.client.HTTPException, ValueError) as error:
                answer = error
            failures[repr(answer)[:160]] += 1
            time.sleep(0.1)
        raise GaveUp(f"{method} {path} {body}: {failures.most_common(4)}, at last {answer}")

    def vanish(self, method, path, body):
        """Sends and is gone before the answer."""
        if self.client is None or self.client.connection is None:
            return
        try:
            self.client.connection.request(method, "/api/v1" + path, body=json.dumps(body).encode(),
                                           headers={"Authorization": "Bearer " + self.client.token, "Content-Type": "application/json"})
        except (OSError, http.client.HTTPException):
            pass
        self.client.close()


class Book:
    """What people were told, by id: sales, refunds and reversals with their amounts."""

    def __init__(self):
        self.lock, self.told, self.kinds = threading.Lock(), {}, dict.fromkeys(KINDS, 0)
        self.sold = []     # ids of sales that can be reversed
        self.broken = []   # answers that should not be

    def about_to(self, order):
        """Before its first byte leaves; a client writes it down."""

    def note(self, kind, ident, amount):
        with self.lock:
            self.told[ident] = amount
            self.kinds[kind] += 1

    def refused(self, ident):
        """An answer that is no order."""

    def can_reverse(self, ident):
        with self.lock:
            self.sold.append(ident)

    def reversible(self, rng):
        with self.lock:
            return self.sold.pop(rng.randrange(len(self.sold))) if self.sold else None

    def wrong(self, text):
        with self.lock:
            self.broken.append(text)

    def total(self):
        return sum(self.kinds.values())


class Till(threading.Thread):
    """A till: sells mostly, gives back now and then."""

    def __init__(self, stack, book, seed, meters, givers):
        super().__init__(daemon=True)
        self.book, self.rng, self.ends = book, random.Random(seed), threading.Event()
        self.meters, self.givers = meters, givers  # all, and those that can give money back
        self.person = Person(stack, "finance")
        self.vanished, self.left = 0, ORDERS

    def run(self):
        while not self.ends.is_set() and self.left > 0:
            self.left -= 1
            try:
                self.place(self.think())
            except GaveUp as error:
                self.book.wrong(f"never answered: {error}")
                return
            self.ends.wait(self.rng.uniform(0.02, 0.15))

    def think(self):
        """(kind, path, body) of the next order."""
        dice, ident = self.rng.random(), new_id()
        amount = f"{self.rng.randrange(1, 9)}.{self.rng.randrange(100):02d}"
        sale = self.book.reversible(self.rng) if dice > 0.83 else None
        if sale:
            return "reversal", f"/sales/{sale}/reverse", {"id": ident, "reason": "chaos"}
        if 0.66 < dice <= 0.83:
            return "refund", "/refunds", {"id": ident, "meter": self.rng.choice(self.givers), "amount": amount, "channel": "card", "reason": "chaos"}
        return "sale", "/sales", {"id": ident, "meter": self.rng.choice(self.meters), "amount": "1" + amount, "channel": self.rng.choice(("card", "wechat", "cash"))}

    def place(self, order):
        kind, path, body = order
        self.book.about_to(order)
        if kind == "sale" and self.rng.random() < 0.05:
            self.person.vanish("POST", path, body)
            self.vanished += 1
        # 504 is a meter that did not answer before a refund: that is an answer.
        answer = self.person.ask("POST", path, body, again=(500, 502, 503, 504, 429) if kind == "sale" else (500, 502, 503, 429))
        if answer.status in (200, 201):
            self.book.note(kind, body["id"], answer.json["amount"])
            if kind == "sale" and body["channel"] != "cash" and body["meter"] in self.givers:
                self.book.can_reverse(body["id"])
            return
        self.book.refused(body["id"])
        if answer.code not in NO_ORDER[kind] and (kind == "sale" or answer.status != 504):
            self.book.wrong(f"a {kind} was answered {answer}")


class Payer(threading.Thread):
    """Pays out by card what meters have given back."""

    def __init__(self, stack):
        super().__init__(daemon=True)
        self.stack, self.person, self.ends = stack, Person(stack, "chief"), threading.Event()

    def run(self):
        while not self.ends.wait(0.5):
            try:
                listed = self.stack.pg.sql("SELECT id FROM sale WHERE kind IN (3, 4) AND state = 4 AND paid_at IS NULL LIMIT 5")
                for (sale,) in listed:
                    self.person.ask("POST", f"/sales/{sale}/pay", {"channel": "card"})
            except (RuntimeError, GaveUp, subprocess.TimeoutExpired):
                continue  # PostgreSQL is away, or nobody answers: next time


def lines_of(path):
    """What a till in a process of its own wrote down; its last line may have died in the middle."""
    try:
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]
    except FileNotFoundError:
        return []


def unanswered(lines):
    answered = {line["id"] for line in lines if "order" not in line}
    return [line["order"] for line in lines if "order" in line and line["order"][2]["id"] not in answered]


class ClientRun(threading.Thread):
    """A till in a process of its own, killed once; the next one finishes what it finds in its file."""

    def __init__(self, stack, book, seed, meters, givers):
        super().__init__(daemon=True)
        self.stack, self.book, self.rng = stack, book, random.Random(seed ^ 1)
        self.path = os.path.join(stack.folder, f"client-{seed}.jsonl")
        lists = [",".join(str(m) for m in some) for some in (meters, givers)]
        self.command = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "chaos_client.py"), str(stack.port), stack.ca, self.path, str(seed), *lists]

    def run(self):
        client = self.stack.spawn("client", *self.command)
        time.sleep(self.rng.uniform(0.5, 2.5))
        client.kill()
        client.wait(20)
        self.stack.processes.remove(client)
        client = self.stack.spawn("client", *self.command)
        try:
            status = client.wait(140)
        except subprocess.TimeoutExpired:
            client.kill()
            status = client.wait(20)
        self.stack.processes.remove(client)
        if status != 0:
            self.book.wrong(f"a till in its own process ended with {status}: {self.stack.log('client')[-400:]}")
        lines = lines_of(self.path)
        for line in lines:
            if "wrong" in line:
                self.book.wrong(line["wrong"])
            elif "amount" in line:
                self.book.note(line["kind"], line["id"], line["amount"])
        for order in unanswered(lines):
            self.book.wrong(f"never answered: {order}")
