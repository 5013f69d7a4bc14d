#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# test-campus-takeover.py: one API process and two field processes share 200 gateways while cashiers sell. Again and again one of the two is
# killed, or stopped for longer than its lease and woken up: 30 s later no circuit is older than two sweeps, and in the end every sale was
# applied once: the simulator's journal, the ledger and the attempts agree. A process that wakes up finds that others have its gateways.
# usage: test-campus-takeover.py [--cycles N] [--seed N] [--gateways N]
import argparse
import http.client
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time

from campus_stack import SERVER, Stack, new_id, run, wait_for

CIRCUITS, SWEEP_S, AFTER_S = 3, 15, 30
arguments = argparse.ArgumentParser()
arguments.add_argument("--cycles", type=int, default=3)
arguments.add_argument("--seed", type=int, default=1)
arguments.add_argument("--gateways", type=int, default=200)
given = arguments.parse_args()
rng = random.Random(given.seed)


def write_world():
    steady = {"workday": [90] * 24}
    flat = {"rates": {"tip": "0.56", "peak": "0.56", "flat": "0.56", "valley": "0.56"}, "day": [["00:00", "flat"]]}
    links = [{"code": f"GW-{n:04d}", "kind": ("modbus_tcp", "rtu_tcp")[n % 2], "at": f"127.0.0.1:{7000 + n}", "rtt_ms": [1, 4],
              "buses": [{"port": 1, "baud": 9600, "cabinets": [
                  {"table": 1, "serial": f"240101{n:08d}", "single": CIRCUITS, "load": "steady", "price": "flat", "balance": "120.00", "opened": True}]}]}
             for n in range(1, given.gateways + 1)]
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False, encoding="utf-8") as file:
        json.dump({"world": 1, "name": "takeover", "seed": given.seed, "zone": "Asia/Shanghai", "start": "now", "speed": 1, "loads": {"steady": steady},
                   "prices": {"flat": flat}, "links": links}, file)
    return file.name


class Pair(Stack):
    """The API process of the stack, and two that only dial."""

    def begin(self, faults):
        self.fields = {}
        super().begin(faults)

    def plant(self):
        super().plant()
        with open(self.config, encoding="utf-8") as file:
            text = file.read()
        for name in ("a", "b"):
            state = os.path.join(self.folder, "state-" + name)
            os.mkdir(state, 0o700)
            with open(os.path.join(self.folder, name + ".conf"), "w", encoding="utf-8") as file:
                file.write(text.replace(f"state_dir={self.folder}/state\n", f"state_dir={state}\nnode={name}\nroles=field\n"))
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text.replace("[server]\n", "[server]\nnode=api\nroles=api,notify\n"))

    def start_field(self, name):
        self.fields[name] = self.spawn("field-" + name, SERVER, "--config", os.path.join(self.folder, name + ".conf"))

    def end(self):
        for process in self.fields.values():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
        super().end()

    def groups(self):
        return dict((name, int(n)) for name, n in self.pg.sql("SELECT n.name, count (l.grp) FROM node n LEFT JOIN lease l ON l.owner = n.run GROUP BY 1"))

    def older_than(self, seconds):
        return int(self.pg.value("SELECT count (*) FROM meter m LEFT JOIN meter_state s ON s.meter = m.id "
                                 f"WHERE s.read_at IS NULL OR s.lost OR s.read_at < now () - interval '{seconds} seconds'"))


class Till(threading.Thread):
    """Sells to one circuit after the other until told to stop; an answer that did not come is asked for again with the same id."""

    def __init__(self, stack):
        super().__init__()
        self.stack, self.client, self.meters, self.sold, self.ends = stack, stack.client("cashier"), list(stack.meters().values()), 0, threading.Event()

    def run(self):
        while not self.ends.wait(0.15):
            sale = {"id": new_id(), "meter": self.meters[self.sold * 7 % len(self.meters)], "amount": f"{1 + self.sold // 100}.{self.sold % 100:02d}", "channel": "cash"}
            for _ in range(20):
                try:
                    if self.client.call("POST", "/sales", sale, timeout=10).status in (200, 201):
                        self.sold += 1
                        break
                except (OSError, http.client.HTTPException):
                    self.client = self.stack.client("cashier")
                time.sleep(0.2)


state = {}


def test_begin(stack):
    for name in ("a", "b"):
        stack.start_field(name)
    stack.wait_baselines(60)
    held = stack.groups()
    assert held.get("a", 0) + held.get("b", 0) == 64, held
    refused = stack.spawn("second", SERVER, "--config", os.path.join(stack.folder, "a.conf"))
    assert wait_for(20, lambda: refused.poll() is not None), "a second process with the same name runs"
    assert refused.returncode != 0 and "server.node" in stack.log("second"), stack.log("second")
    state["till"] = Till(stack)
    state["till"].start()
    return f"groups {held}"


def make_cycle(number):
    # Each of both at least once, whatever the seed; the one with more gateways goes.
    how = ("kill", "stop")[number % 2] if number < 2 else rng.choice(("kill", "stop"))

    def cycle(stack):
        held = stack.groups()
        name = max(("a", "b"), key=lambda n: held.get(n, 0))
        open_before = len(stack.open_commands())
        began = time.monotonic()
        stack.fields[name].send_signal(signal.SIGKILL if how == "kill" else signal.SIGSTOP)
        if how == "kill":
            stack.fields[name].wait(20)
            stack.processes.remove(stack.fields[name])
        time.sleep(rng.uniform(0, 0.5))
        other = "b" if name == "a" else "a"
        taken = wait_for(AFTER_S, lambda: stack.groups().get(other, 0) == 64, 0.5)
        seconds = time.monotonic() - began
        assert taken, f"{stack.groups()} after {AFTER_S} s"
        wait_for(AFTER_S, lambda: time.monotonic() - began >= AFTER_S, 0.2)
        old = stack.older_than(2 * SWEEP_S)
        assert old == 0, f"{old} circuits are older than {2 * SWEEP_S} s; {stack.log('field-' + other)}"
        if how == "kill":
            stack.start_field(name)
        else:
            stack.fields[name].send_signal(signal.SIGCONT)
        assert wait_for(20, lambda: name in stack.groups() or None), "it does not live again"
        return f"{how} {name} with {held.get(name, 0)} groups and {open_before} orders under way: taken over after {seconds:.0f} s"
    cycle.__name__ = f"cycle_{number + 1}"
    return cycle


def test_sales(stack):
    till = state["till"]
    till.ends.set()
    till.join()
    assert stack.fields["a"].poll() is None and stack.fields["b"].poll() is None, "a process ended by itself"
    settled = wait_for(60, lambda: not stack.open_commands() or None, 0.5)
    assert settled, f"still open {stack.open_commands()[:5]}"
    assert stack.compare() == till.sold, (stack.compare(), till.sold)
    # The journal says when each recharge was applied; attempts of the same command after that would be a second sending.
    late = stack.pg.value("SELECT count (*) FROM command_attempt x JOIN command c ON c.id = x.command WHERE c.kind = 0 AND x.attempt > c.attempt")
    assert late == "0", late
    doubled = {}
    for line in stack.journal_lines():
        if line["kind"] == "recharge":
            key = (line["gateway"], line["unit"], line["count"])
            doubled[key] = doubled.get(key, 0) + 1
    assert max(doubled.values()) == 1, [k for k, n in doubled.items() if n > 1][:5]
    again = stack.pg.value("SELECT count (*) FROM (SELECT command FROM command_attempt GROUP BY command HAVING count (*) > 1) AS t")
    return f"{till.sold} sold and applied once, {again} needed a second attempt after a read that showed nothing of the first"


def test_offline_at_the_end(stack):
    """Nobody is left: no gateway stays online."""
    for name in ("a", "b"):
        stack.fields[name].send_signal(signal.SIGTERM)
        stack.fields[name].wait(40)
        stack.processes.remove(stack.fields[name])
    online = stack.pg.value("SELECT count (*) FROM gateway_session WHERE online")
    assert online == "0", f"{online} gateways are still online"
    assert stack.groups() == {"api": 0}, stack.groups()
    stack.start_field("a")
    assert wait_for(20, lambda: int(stack.pg.value("SELECT count (*) FROM gateway_session WHERE online")) == given.gateways or None, 0.5)
    stack.fields["a"].send_signal(signal.SIGKILL)
    stack.fields["a"].wait(20)
    stack.processes.remove(stack.fields["a"])
    assert wait_for(20, lambda: stack.pg.value("SELECT count (*) FROM gateway_session WHERE online") == "0" or None, 0.5), "a dead process keeps gateways online"


if __name__ == "__main__":
    WORLD = write_world()
    try:
        sys.exit(run([test_begin] + [make_cycle(n) for n in range(given.cycles)] + [test_sales, test_offline_at_the_end], make=Pair, world=WORLD))
    finally:
        os.unlink(WORLD)
