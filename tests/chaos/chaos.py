#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# chaos.py: server, PostgreSQL and simulator die by kill -9 while tills sell, refund and reverse through the API over a bad line. After each
# cycle the faults stop, and every invariant is asked. A build with named kill points (-Dinject=true) dies at each of them besides.
# usage: chaos.py --cycles N [--seed S] [--tap]; exit status 0 only without a violation and with every named point hit
import argparse
import os
import random
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections import Counter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "field"))
import chaos_check  # noqa: E402
import chaos_scripts  # noqa: E402
from campus_stack import SERVER, wait_for  # noqa: E402
from chaos_stack import SETTLED, ChaosStack  # noqa: E402
from chaos_work import Book, GaveUp, Payer, Person, Till  # noqa: E402

TILLS, DEATH_S, TAKEOVER_S = 4, 12, 40
LINES = {
    "clean": {},
    "drops": {"drop_request": 0.08, "drop_reply": 0.1},
    "delays": {"delay_request": [0.1, 100, 1500], "delay_reply": [0.1, 100, 1500]},
    "doubles": {"dup_request": 0.2, "dup_reply": 0.2, "gateway_retry": 0.2},
    "spoiled": {"corrupt": 0.08, "truncate": 0.04, "noise": 0.05, "split": [0.2, 1, 3]},
    "half truths": {"applied_then_exception": 0.15, "exception_then_applied": [0.1, 100, 1500]},
    "old answers": {"late": 0.08, "stale_reply": 0.1},
    "broken links": {"conn_reset": 0.05},
}
# What dies, how often: the server most, the whole host now and then, a second owner that sleeps past its lease once in 15.
DEATHS = ["server"] * 7 + ["postgres"] * 3 + ["simulator"] * 2 + ["server and postgres"] * 2


def named_points():
    """Words of the build's points; none in a product."""
    done = subprocess.run([SERVER, "kill-points"], capture_output=True, text=True, check=False)
    return [line.split("\t")[0] for line in done.stdout.splitlines() if "\t" in line] if done.returncode == 0 else []


class Chaos:
    def __init__(self, stack, cycles, seed, points):
        self.stack, self.rng, self.cycles, self.seed = stack, random.Random(seed), cycles, seed
        self.book, self.faults, self.hit, self.violations = Book(), Counter(), Counter(stack.points_hit()), []
        self.faults["kill -9 server at a named point"] += len(stack.points_hit())
        self.points = [p for p in points if not p.startswith("adopted.")]
        self.scripts = chaos_scripts.Scripts(stack, self.book)
        self.vanished = 0

    def plan(self):
        """The order of actions; nothing else draws from this generator."""
        plan = []
        for n in range(self.cycles):
            deaths = ["sleep"] if n % 15 == 7 else [self.rng.choice(DEATHS) for _ in range(self.rng.choice((1, 2)))]
            plan.append((self.rng.choice(list(LINES)), deaths, [self.rng.uniform(0.3, 1.5) for _ in deaths], self.rng.randrange(1 << 30)))
        return plan

    def tills(self, seed):
        own = set(chaos_scripts.OWN)
        meters = sorted(number for code, number in self.scripts.meters.items() if code not in own and not code.startswith(SETTLED))
        givers = [n for n in meters if n not in self.scripts.cabinet()]
        workers = [Till(self.stack, self.book, seed + k, meters, givers) for k in range(TILLS)] + [Payer(self.stack)]
        for worker in workers:
            worker.start()
        return workers

    def die(self, what):
        stack = self.stack
        self.faults["kill -9 " + what] += 1
        if what == "simulator":
            stack.kill_sim()
            stack.start_sim()
            return
        if "server" in what:
            stack.kill_server()
        if "postgres" in what:
            stack.kill_postgres()
            stack.pg.start()
        if "server" in what:
            stack.start_server()

    def sleep_past_lease(self):
        """Two owners; the second sleeps past its lease with orders under way, and wakes up when all it had is somebody else's."""
        stack = self.stack
        self.faults["SIGSTOP of an owner"] += 1
        stack.start_second()
        if not wait_for(20, lambda: stack.groups().get("second", 0) > 0, 0.2):
            raise RuntimeError("the second server gets no gateways: " + stack.log("second"))
        time.sleep(1)
        stack.second.send_signal(signal.SIGSTOP)
        if not wait_for(TAKEOVER_S, lambda: stack.groups().get("main", 0) == 64, 0.3):
            self.violations.append(f"a sleeping owner keeps its gateways: {stack.groups()}")
        stack.second.send_signal(signal.SIGCONT)
        time.sleep(1)
        stack.end_second()

    def run_script(self, point, failed):
        script = getattr(self.scripts, chaos_scripts.script_of(point))
        try:
            script()
        except (GaveUp, RuntimeError, KeyError, TypeError, OSError) as error:
            failed.append(f"{script.__name__} for {point}: {error!r}")

    def at_point(self, point):
        """The server is started to die there; its successor finds what it left."""
        stack, failed = self.stack, []
        stack.kill_server()
        bad = chaos_scripts.BAD_LINE.get(point.split(".")[0])
        if bad:
            stack.ask_sim(do="fault", faults=bad)
        stack.start_armed(point)
        script = threading.Thread(target=self.run_script, args=(point, failed), daemon=True)
        script.start()
        died = wait_for(DEATH_S if not script.is_alive() or chaos_scripts.script_of(point) == "until_gone" else 3 * DEATH_S, lambda: stack.server.poll() is not None, 0.02)
        if died and stack.reap_server():
            self.faults["kill -9 server at a named point"] += 1
        elif died:
            self.violations.append(f"gridtilld ended by itself: {stack.log('gridtilld')}")
        else:
            stack.kill_server()
        if bad:
            stack.ask_sim(do="fault", faults={})
        stack.start_server()
        script.join(120)
        self.violations += [f"a script did not reach its end: {text}" for text in failed]
        self.hit = Counter(stack.points_hit())

    def pending(self):
        return [p for p in self.points if p not in self.hit]

    def take_points(self, left):
        """What this cycle dies at: an equal share of what is left, the first of them first. `recover` needs an order left as sent."""
        pending = self.pending() or self.points
        share = -(-len(pending) // max(left, 1)) if self.pending() else min(2, len(self.points))
        taken = pending[:max(1, min(share, 4))]
        if any(p.startswith("recover") for p in taken):
            taken = ["write-on-wire"] + taken
        return taken

    def cycle(self, n, line, deaths, pauses, seed):
        began, before = time.monotonic(), self.book.total()
        self.faults["line: " + line] += 1
        self.stack.ask_sim(do="fault", faults=LINES[line])
        workers = self.tills(seed)
        for what, pause in zip(deaths, pauses):
            time.sleep(pause)
            if what == "sleep":
                self.sleep_past_lease()
            else:
                self.die(what)
        points = self.take_points(self.cycles - n) if self.points else []
        if points:
            self.stack.ask_sim(do="fault", faults={})
        for point in points:
            self.at_point(point)
        time.sleep(0.5)
        self.stack.ask_sim(do="fault", faults={})
        for worker in workers:
            worker.ends.set()
        for worker in workers:
            worker.join(120)
        self.vanished += sum(getattr(worker, "vanished", 0) for worker in workers)
        quiet = time.monotonic()
        wrong = chaos_check.wait_settled(self.stack)
        settled = time.monotonic()
        wrong = wrong or chaos_check.all_of(self.stack, self.book)
        self.violations += [f"cycle {n + 1}: {text}" for text in wrong]
        print(f"cycle {n + 1}: {line}; {', '.join(deaths + points)}; {self.book.total() - before} orders, {time.monotonic() - began:.1f} s, in doubt for {settled - quiet:.1f} s"
              + (f", {len(wrong)} VIOLATIONS" if wrong else ""), flush=True)
        for text in wrong:
            print("  " + text, flush=True)

    def run(self):
        for n, step in enumerate(self.plan()):
            self.cycle(n, *step)
            if self.violations and os.environ.get("CHAOS_STOP"):
                break
        self.stack.tool("create-admin", "--user", "auditor", "--role", "administrator", "--name", "auditor", "--password-file", os.path.join(self.stack.folder, "password"))
        self.violations += chaos_check.export(self.stack, Person(self.stack, "auditor"))
        self.stack.server.send_signal(signal.SIGTERM)
        self.stack.server.wait(60)
        self.stack.processes.remove(self.stack.server)
        try:
            self.stack.inspect_cluster()
        except RuntimeError as error:
            self.violations.append(f"the cluster is damaged: {error}")

    def report(self):
        self.faults["client gone before its answer"] = self.vanished
        self.excused = len(chaos_check.excused(self.stack)) if self.stack.sim.poll() is None else 0
        print("\nfault                                     times")
        for name, times in sorted(self.faults.items()):
            print(f"{name:<40} {times:>6}")
        if self.points:
            print("\nnamed kill point                          died")
            for point in sorted(set(self.points) | set(self.hit)):
                print(f"{point:<40} {self.hit[point]:>6}")
        for text in self.violations:
            print("VIOLATION " + text)
        missed = self.pending()
        if missed:
            print(f"never hit: {', '.join(missed)}")
        kinds = self.book.kinds
        print(f"\nseed {self.seed}: {kinds['sale']} sales, {kinds['refund']} refunds, {kinds['reversal']} reversals; {len(self.hit)} named kill points; {self.excused} class B meters held in a case")
        print(f"{self.cycles} cycles, {self.book.total()} sales, {len(self.violations)} violations", flush=True)
        return not self.violations and not missed


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--cycles", type=int, default=15)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    points = named_points()
    print(f"chaos: {given.cycles} cycles, seed {given.seed}, {len(points)} named kill points", flush=True)
    stack, good = None, False
    try:
        stack = ChaosStack(given.seed, points)
        stack.wait_baselines(90, [code for code in stack.meters() if not code.startswith(SETTLED)])
        chaos = Chaos(stack, given.cycles, given.seed, points)
        try:
            chaos.run()
        finally:
            good = chaos.report()
    except Exception:  # pylint: disable=broad-except
        good = False
        traceback.print_exc()
        if stack:
            print(stack.log("gridtilld"), file=sys.stderr)
    finally:
        if stack:
            stack.end()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
