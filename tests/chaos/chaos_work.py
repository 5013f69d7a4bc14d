# SPDX-License-Identifier: GPL-2.0-or-later
# chaos_work.py: people at work while processes die: who got no answer asks again under the same id, as the client does. Every answer is
# kept, so that the books can be held against what people were told.
import http.client
import json
import random
import threading
import time

from campus_stack import new_id
from till_client import Client

RETRY_S = 90
ORDERS = 15               # of a till in a cycle: a meter takes one after the other, and a long queue is no doubt


class GaveUp(Exception):
    pass


class Person:
    """One signed-in operator whose orders outlive the server."""

    def __init__(self, stack, user, stop=None):
        self.stack, self.user, self.client, self.stop = stack, user, None, stop

    def ask(self, method, path, body=None, again=(500, 502, 503, 504, 429)):
        """The first answer that is one; every failure of the way is tried again."""
        end, answer = time.monotonic() + RETRY_S, None
        while time.monotonic() < end:
            try:
                if self.client is None:
                    client = Client(self.stack.port, self.stack.ca)
                    if client.log_in(self.user, "correct horse battery").status != 201:
                        raise OSError("no session")
                    self.client = client
                answer = self.client.call(method, path, body, timeout=10)
                if answer.status not in again and answer.status != 401:
                    return answer
            except (OSError, http.client.HTTPException, ValueError) as error:
                answer = error
            if self.client is not None and not (hasattr(answer, "status") and answer.status in again):
                self.client.close()
                self.client = None
            time.sleep(0.1)
        raise GaveUp(f"{method} {path} {body}: {answer}")

    def vanish(self, method, path, body):
        """Sends and is gone before the answer, as a client that was killed."""
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
        self.lock, self.told, self.kinds = threading.Lock(), {}, {"sale": 0, "refund": 0, "reversal": 0}
        self.sold = []     # (id, meter) that can be reversed
        self.broken = []   # answers that should not be

    def note(self, kind, ident, answer):
        with self.lock:
            self.told[ident] = answer.json["amount"]
            self.kinds[kind] += 1

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
                self.one()
            except GaveUp as error:
                self.book.wrong(f"never answered: {error}")
                return
            self.ends.wait(self.rng.uniform(0.05, 0.25))

    def one(self):
        dice = self.rng.random()
        if dice < 0.66 or not self.book.sold:
            self.sell()
        elif dice < 0.83:
            self.give_back("refund", "/refunds", {"id": new_id(), "meter": self.rng.choice(self.givers), "amount": f"{self.rng.randrange(1, 9)}.{self.rng.randrange(100):02d}",
                                                  "channel": "card", "reason": "chaos"})
        else:
            with self.book.lock:
                sale = self.book.sold.pop(self.rng.randrange(len(self.book.sold)))
            self.give_back("reversal", f"/sales/{sale}/reverse", {"id": new_id(), "reason": "chaos"})

    def sell(self):
        sale = {"id": new_id(), "meter": self.rng.choice(self.meters), "amount": f"{self.rng.randrange(10, 40)}.{self.rng.randrange(100):02d}",
                "channel": self.rng.choice(("card", "wechat", "cash"))}
        if self.rng.random() < 0.05:
            self.person.vanish("POST", "/sales", sale)
            self.vanished += 1
        answer = self.person.ask("POST", "/sales", sale)
        if answer.status in (200, 201):
            self.book.note("sale", sale["id"], answer)
            if sale["channel"] != "cash" and sale["meter"] in self.givers:
                with self.book.lock:
                    self.book.sold.append(sale["id"])
        elif answer.code not in ("dispute", "limit"):
            self.book.wrong(f"a sale was answered {answer}")

    def give_back(self, kind, path, body):
        answer = self.person.ask("POST", path, body, again=(500, 502, 503, 429))
        if answer.status in (200, 201):
            self.book.note(kind, body["id"], answer)
        elif answer.status not in (409, 504) and answer.code not in ("limit", "dispute", "stale"):
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
            except (RuntimeError, GaveUp):
                continue  # PostgreSQL is away, or nobody answers: next time
