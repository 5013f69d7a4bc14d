#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# test-campus-kill.py: kill -9 of gridtilld while 50 sales are under way, restart: every id that a cashier ever sent exists exactly once, every
# sale becomes verified, and the simulator's journal equals the ledger. Cycle after cycle on the same campus and database.
# usage: test-campus-kill.py [--cycles N] [--seed N]
import argparse
import http.client
import random
import sys
import threading
import time

from campus_stack import new_id, run, wait_for

SALES = 50
arguments = argparse.ArgumentParser()
arguments.add_argument("--cycles", type=int, default=20)
arguments.add_argument("--seed", type=int, default=1)
given = arguments.parse_args()
rng = random.Random(given.seed)
state = {"n": 0, "under_way": 0}


class Till(threading.Thread):
    """A cashier at work: sends one sale after the other until the server is gone."""

    def __init__(self, stack, sales):
        super().__init__()
        self.client, self.sales, self.answered = stack.client("cashier"), sales, []

    def run(self):
        for sale in self.sales:
            try:
                answer = self.client.call("POST", "/sales", sale, timeout=10)
                if answer.status in (200, 201):
                    self.answered.append(sale["id"])
            except (OSError, http.client.HTTPException):
                return


def applied_recharges(stack):
    return sum(1 for line in stack.journal_lines() if line["kind"] == "recharge")


def send_again(stack, sales):
    """A client that got no answer asks again with the same id: the answer is the first one, or the first time."""
    cashier = stack.client("cashier")
    for sale in sales:
        answer = cashier.call("POST", "/sales", sale)
        assert answer.status in (200, 201), (sale, answer)


def make_cycle(number):
    def cycle(stack):
        before, meters = state["n"], stack.meters()
        codes = sorted(stack.opened())
        rng.shuffle(codes)
        sales = []
        for k in range(SALES):
            state["n"] += 1
            sales.append({"id": new_id(), "meter": meters[codes[k % len(codes)]], "amount": f"{1 + state['n'] // 100}.{state['n'] % 100:02d}", "channel": "cash"})
        tills = [Till(stack, sales[k::5]) for k in range(5)]
        for till in tills:
            till.start()
        # The moment of death: somewhere between the first answer and the last recharge, and a little later.
        goal = before + rng.randrange(0, SALES - 5)
        wait_for(20, lambda: applied_recharges(stack) >= goal, 0.002)
        time.sleep(rng.uniform(0, 0.02))
        stack.kill_server()
        for till in tills:
            till.join()
        answered = [sale for till in tills for sale in till.answered]
        applied = applied_recharges(stack)
        under_way = len(stack.open_commands()) + SALES - len(answered)
        state["under_way"] += under_way > 0
        stack.start_server()
        send_again(stack, sales)
        stack.settle(90)
        ids = ",".join(f"'{sale['id']}'" for sale in sales)
        rows = stack.pg.sql(f"SELECT state, count(*) FROM sale WHERE id IN ({ids}) GROUP BY 1")
        assert rows == [["4", str(SALES)]], rows
        total = stack.compare()
        assert total == state["n"], (total, state["n"])
        return f"{len(answered)} answered, {applied - before} of {SALES} applied, {under_way} under way when it died"
    cycle.__name__ = f"cycle_{number}"
    return cycle


def test_baselines(stack):
    stack.wait_baselines(90)


def test_died_at_work(stack):
    """The cycles prove something only if the server died with sales under way."""
    assert state["under_way"] * 10 >= given.cycles * 8, state
    return f"{state['under_way']} of {given.cycles}"


if __name__ == "__main__":
    sys.exit(run([test_baselines] + [make_cycle(n + 1) for n in range(given.cycles)] + [test_died_at_work]))
