#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# chaos.py: server, PostgreSQL and simulator die by kill -9 while tills sell, refund and reverse through the API over a bad line. After each
# cycle the faults stop, and every invariant is asked. A build with named kill points (-Dinject=true) dies at each of them besides.
# usage: chaos.py --cycles N [--seed S]; exit status 0 only without a violation and with every named point hit
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
from chaos_stack import CABINET, SETTLED, ChaosStack  # noqa: E402
from chaos_work import Book, ClientRun, GaveUp, Payer, Person, Till  # noqa: E402

TILLS, POINT_S, SCRIPT_S, TAKEOVER_S = 4, 25, 30, 40
AT_POINT = "kill -9 server at a named point"
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


class Keeper(threading.Thread):
    """Keeps a server running that dies at each of the armed points: whatever ended it, its next life has those that are left."""

    def __init__(self, chaos, points):
        super().__init__(daemon=True)
        self.chaos, self.stack, self.left, self.ends = chaos, chaos.stack, list(points), threading.Event()

    def died_at(self):
        """Which of the points it was, by the file that a server writes before it dies."""
        hit = Counter(self.stack.points_hit())
        new = hit - self.chaos.hit
        self.chaos.hit = hit
        self.left = [p for p in self.left if p not in new]
        self.chaos.faults[AT_POINT] += sum(new.values())
        return new

    def reap(self):
        if not (self.stack.reap_server() and self.died_at()):
            self.chaos.violations.append(f"gridtilld ended by itself: {self.stack.log('gridtilld')}")

    def run(self):
        while not self.ends.wait(0.03):
            if self.stack.server.poll() is not None:
                self.reap()
                self.stack.start_armed(self.left)

    def stop(self):
        """Afterwards a server without points runs."""
        self.ends.set()
        self.join()
        if self.stack.server.poll() is not None:
            self.reap()
        else:
            self.stack.kill_server()
            self.chaos.faults["kill -9 server"] += 1
        self.stack.start_server()


class Crew:
    """Who works in one cycle: tills, one more in a process of its own, and the payer."""

    def __init__(self, stack, book, seed):
        own = set(chaos_scripts.OWN)
        known = {code: number for code, number in stack.known.items() if code not in own and not code.startswith(SETTLED)}
        self.stack, self.book, self.seed, self.tills = stack, book, seed, []
        self.meters, self.givers = sorted(known.values()), sorted(number for code, number in known.items() if not code.startswith(CABINET))
        self.client = ClientRun(stack, book, seed, self.meters, self.givers)
        self.payer = Payer(stack)
        self.client.start()
        self.payer.start()
        self.more()

    def more(self):
        """A shift of tills, when the one before has done its work."""
        if not any(till.is_alive() for till in self.tills):
            shift = [Till(self.stack, self.book, self.seed + 10 * len(self.tills) + k, self.meters, self.givers) for k in range(TILLS)]
            self.tills += shift
            for till in shift:
                till.start()

    def finish(self):
        """All that was begun is answered."""
        for worker in self.tills + [self.client]:
            worker.join(150)
            if worker.is_alive():
                self.book.wrong("a till is still waiting for its answer")
        self.payer.ends.set()
        self.payer.join(150)
        return sum(till.vanished for till in self.tills)


class Chaos:
    def __init__(self, stack, given, points):
        self.stack, self.rng, self.cycles, self.seed = stack, random.Random(given.seed), given.cycles, given.seed
        self.book, self.faults, self.hit, self.violations = Book(), Counter(), Counter(stack.points_hit()), []
        self.faults[AT_POINT] += sum(self.hit.values())
        self.points, self.rounds, self.done = points, Counter(), 0

    def plan(self):
        """The order of actions, all from the seed."""
        plan, points = [], [p for p in self.points if not p.startswith("adopted.")]
        self.rng.shuffle(points)
        each = min(len(points), max(3, -(-len(points) // max(1, self.cycles - 1))))
        for n in range(self.cycles):
            deaths = ["sleep"] if n % 15 == 7 else [self.rng.choice(DEATHS) for _ in range(self.rng.choice((1, 2)))]
            armed = [points[(n * each + k) % len(points)] for k in range(each)]
            plan.append((self.rng.choice(list(LINES)), deaths, [self.rng.uniform(0.2, 1.2) for _ in deaths], armed, self.rng.randrange(1 << 30)))
        return plan

    def set_line(self, faults):
        self.line = faults
        self.stack.ask_sim(do="fault", faults=faults)

    def die(self, what):
        stack = self.stack
        self.faults["kill -9 " + what] += 1
        if what == "simulator":
            stack.kill_sim()
            stack.start_sim()
            self.set_line(self.line)
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
        if not wait_for(30, lambda: stack.groups().get("second", 0) > 0, 0.2):
            raise RuntimeError("the second server gets no gateways: " + stack.log("second"))
        time.sleep(1)
        stack.second.send_signal(signal.SIGSTOP)
        if not wait_for(TAKEOVER_S, lambda: stack.groups().get("main", 0) == 64, 0.3):
            self.violations.append(f"a sleeping owner keeps its gateways: {stack.groups()}")
        stack.second.send_signal(signal.SIGCONT)
        time.sleep(1)
        stack.end_second()

    def run_script(self, name, points, keeper):
        """Again until all its points were passed; the last round goes through to its end."""
        scripts, end = chaos_scripts.Scripts(self.stack, self.book), time.monotonic() + SCRIPT_S
        try:
            while True:
                self.rounds[name] += 1
                getattr(scripts, name)(self.rounds[name])
                if not any(p in keeper.left for p in points) or time.monotonic() > end:
                    return
        except Exception as error:  # pylint: disable=broad-except
            self.violations.append(f"the script {name} for {', '.join(points)} did not reach its end: {error!r}")

    def pass_points(self, armed, crew):
        """The server starts to die at the armed points; scripts lead there side by side, or the tills do."""
        wanted, threads, bad = {}, [], {}
        for point in armed:
            wanted.setdefault(chaos_scripts.script_of(point), []).append(point)
            bad.update(chaos_scripts.BAD_LINE.get(point.split(".")[0], {}))
        if any(p.startswith("recover") for p in armed):
            armed = ["write-on-wire"] + [p for p in armed if p != "write-on-wire"]
        self.set_line(bad)
        self.stack.kill_server()
        self.faults["kill -9 server"] += 1
        self.stack.start_armed(armed)
        keeper = Keeper(self, armed)
        keeper.start()
        tills = wanted.pop(None, [])
        for name, points in wanted.items():
            threads.append(threading.Thread(target=self.run_script, args=(name, points, keeper), daemon=True))
            threads[-1].start()
        end = time.monotonic() + POINT_S
        while any(p in keeper.left for p in tills) and time.monotonic() < end:
            crew.more()
            time.sleep(0.1)
        self.set_line({})
        for thread in threads:
            thread.join(300)
            if thread.is_alive():
                self.violations.append("a script is still running")
        keeper.stop()

    def cycle(self, n, line, deaths, pauses, armed, seed):
        began, before = time.monotonic(), self.book.total()
        self.faults["line: " + line] += 1
        self.set_line(LINES[line])
        crew = Crew(self.stack, self.book, seed)
        for what, pause in zip(deaths, pauses):
            time.sleep(pause)
            if what == "sleep":
                self.sleep_past_lease()
            else:
                self.die(what)
        if armed:
            time.sleep(0.5)
            self.pass_points(armed, crew)
        worked = time.monotonic()
        self.faults["client gone before its answer"] += crew.finish()
        self.faults["kill -9 client"] += 1
        self.set_line({})
        quiet = time.monotonic()
        wrong = chaos_check.wait_settled(self.stack) or self.decide_doubts() or chaos_check.all_of(self.stack, self.book)
        self.violations += [f"cycle {n + 1}: {text}" for text in wrong]
        missed = [p for p in armed if p not in self.hit]
        print(f"cycle {n + 1}: {line}; {', '.join(deaths)}; {len(armed)} points; {self.book.total() - before} orders; {worked - began:.1f} + {quiet - worked:.1f} + {time.monotonic() - quiet:.1f} s"
              + (f"; not hit: {', '.join(missed)}" if missed else "") + (f"; {len(wrong)} VIOLATIONS" if wrong else ""), flush=True)
        for text in wrong:
            print("  " + text, flush=True)

    def decide_doubts(self):
        """Meters without a count that were left in doubt: two persons decide, and all counters hold again."""
        scripts = chaos_scripts.Scripts(self.stack, self.book)
        for code in sorted(chaos_check.excused(self.stack)):
            self.rounds["doubt"] += 1
            try:
                scripts.decide(code)
            except GaveUp as error:
                return [f"I11 {error}"]
        return []

    def run(self):
        for n, step in enumerate(self.plan()):
            self.cycle(n, *step)
            self.done += 1
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
        print("\nfault                                     times")
        for name, times in sorted(self.faults.items()):
            print(f"{name:<40} {times:>6}")
        if self.points:
            print("\nnamed kill point                          died")
            for point in self.points:
                print(f"{point:<40} {self.hit[point]:>6}")
        for text in self.violations:
            print("VIOLATION " + text)
        missed = [p for p in self.points if p not in self.hit]
        if missed:
            print(f"never hit: {', '.join(missed)}")
        kinds = self.book.kinds
        print(f"\nseed {self.seed}: {kinds['sale']} sales, {kinds['refund']} refunds, {kinds['reversal']} reversals; {len(self.points) - len(missed)} of {len(self.points)} named kill points; "
              f"{self.rounds['doubt']} meters without a count decided by two persons")
        print(f"{self.done} cycles, {self.book.total()} sales, {len(self.violations)} violations", flush=True)
        return not self.violations and not missed


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--cycles", type=int, default=15)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    if given.cycles < 1:
        arguments.error("at least one cycle")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    points, began = named_points(), time.monotonic()
    print(f"chaos: {given.cycles} cycles, seed {given.seed}, {len(points)} named kill points", flush=True)
    stack, good = None, False
    try:
        stack = ChaosStack(given.seed, points)
        stack.wait_baselines(90, [code for code in stack.meters() if not code.startswith(SETTLED)])
        stack.known = stack.meters()
        print(f"ready after {time.monotonic() - began:.1f} s", flush=True)
        chaos = Chaos(stack, given, points)
        try:
            chaos.run()
        except BaseException as error:
            chaos.violations.append(f"broken off in cycle {chaos.done + 1}: {error!r}")
            raise
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
