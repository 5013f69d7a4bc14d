# SPDX-License-Identifier: GPL-2.0-or-later
# chaos_stack.py: the campus of tests/field with what chaos needs: a cluster with checksums, a second field process, a journal of money on
# its own file, and sudden death of each process. It decides nothing.
import json
import os
import signal
import subprocess
import sys
import threading

ROOT = os.environ.get("GRIDTILL_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/field"))
import campus_stack  # noqa: E402
from campus_stack import SERVER, Stack, wait_for  # noqa: E402

GATEWAYS = 6             # with meters that can give money back
CABINET, SETTLED = "GW-0007", "GW-0008"
PEOPLE = ("cashier", "chief", "engineer", "finance")
INVARIANTS = "SELECT invariant, subject FROM ledger_violations ()"


def write_world(path, seed):
    """Six gateways of meters of class A and B, one cabinet, and one cabinet of heavy loads that the server settles."""
    rates = {name: "0.56" for name in ("tip", "peak", "flat", "valley")}
    loads = {"steady": {"workday": [60] * 24}, "heavy": {"workday": [9000] * 24}}
    kinds = ("modbus_tcp", "rtu_tcp")
    meter = {"load": "steady", "price": "flat", "balance": "300.00", "opened": True}
    links = [{"code": f"GW-{n:04d}", "kind": kinds[n % 2], "at": f"127.0.0.1:{7500 + n}", "rtt_ms": [1, 4], "buses": [{"port": 1, "baud": 9600, "meters": [
        {"profile": "gridtill-generic", "unit": 1, "serial": f"GA{n:02d}000000%02d", "count": 7, **meter},
        {"profile": "gridtill-generic-b", "unit": 8, "serial": f"GB{n:02d}000000%02d", "count": 2, **meter}]}]} for n in range(1, GATEWAYS + 1)]
    for n, load, single in ((7, "steady", 18), (8, "heavy", 3)):
        links.append({"code": f"GW-{n:04d}", "kind": kinds[n % 2], "at": f"127.0.0.1:{7500 + n}", "rtt_ms": [1, 4], "buses": [{"port": 1, "baud": 9600, "cabinets": [
            {"table": 1, "serial": f"2401012026{n:04d}", "single": single, "load": load, "price": "flat", "balance": "120.00", "opened": True}]}]})
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"world": 1, "name": "chaos", "seed": seed, "zone": "Asia/Shanghai", "start": "now", "speed": 1, "loads": loads,
                   "prices": {"flat": {"rates": {**rates, "deep": "0.56"}, "day": [["00:00", "flat"]]}}, "links": links}, file)
    return path


class ChaosStack(Stack):
    """One process with all roles, and now and then a second one that only talks to meters."""

    def __init__(self, seed, points):
        self.second, self.points, self.known = None, points, {}
        self.spawning, self.ended = threading.Lock(), False
        folder = campus_stack.tempfile.mkdtemp(prefix="chaos-world-")
        self.world_folder = folder
        super().__init__(write_world(os.path.join(folder, "world.json"), seed))

    def begin(self, faults):
        self.point_log = os.path.join(self.folder, "points.log")
        super().begin(faults)

    def plant(self):
        super().plant()
        self.pg.sql(f"UPDATE meter SET settlement = 1, overdraft = 1000000000 WHERE gateway = (SELECT id FROM gateway WHERE code = '{SETTLED}');"
                    "UPDATE site SET approve_refund = 500000")
        with open(self.config, encoding="utf-8") as file:
            text = file.read()
        os.mkdir(os.path.join(self.folder, "state-second"), 0o700)
        with open(os.path.join(self.folder, "second.conf"), "w", encoding="utf-8") as file:
            file.write(text.replace(f"state_dir={self.folder}/state\n", f"state_dir={self.folder}/state-second\nnode=second\nroles=field\n"))
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text.replace("[server]\n", f"[server]\nnode=main\njournal={self.folder}/money.journal\n"))

    def start_server(self):
        """The first lives end at the adoption of meters: later there is nothing left to adopt."""
        for point in [p for p in self.points if p.startswith("adopted.")]:
            self.start_armed([point])
            if not wait_for(60, lambda: self.server.poll() is not None):
                raise RuntimeError(f"{point} was never passed: " + self.log("gridtilld"))
            self.reap_server()
        self.start_server = super().start_server
        super().start_server()

    def start_armed(self, points):
        """A server that dies at the first passage of any of these points; it may be gone before it is healthy."""
        armed = {"GRIDTILL_INJECT": ";".join(point + "=kill" for point in points), "GRIDTILL_INJECT_LOG": self.point_log}
        self.server = self.spawn("gridtilld", SERVER, "--config", self.config, environment={**os.environ, **armed})

    def spawn(self, name, *command, environment=None):
        """Nothing begins any more once this stack ends, whichever thread asks."""
        with self.spawning, open(os.path.join(self.folder, name + ".log"), "ab") as log:
            if self.ended:
                raise RuntimeError("the stack has ended")
            process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment)
            self.processes.append(process)
        return process

    def applied(self, code, command, amount):
        """Whether the meter did it, as a person reads off its own list: more of that kind and amount than the ledger knows."""
        kind, known = self.pg.sql(f"SELECT c.kind, (SELECT count (*) FROM command o WHERE o.meter = c.meter AND o.kind = c.kind AND o.amount = c.amount AND o.state = 3)"
                                  f" FROM command c WHERE c.id = '{command}'")[0]
        word = "debit" if kind == "1" else "recharge"
        did = [l for l in self.journal_lines() if f"{l['gateway']}-{l.get('unit')}" == code and l["kind"] == word and round(float(l["amount"]) * 10000) == amount]
        return len(did) > int(known)

    def reap_server(self):
        """How the server died: True when by the kill of its own point."""
        status = self.server.wait(20)
        self.processes.remove(self.server)
        return status == -signal.SIGKILL

    def points_hit(self):
        try:
            with open(self.point_log, encoding="utf-8") as file:
                return file.read().split()
        except OSError:
            return []

    def kill_sim(self):
        self.sim.kill()
        self.sim.wait(20)
        self.processes.remove(self.sim)
        os.unlink(self.control)

    def kill_postgres(self):
        """The postmaster and every process it started, by their ids, at once."""
        with open(os.path.join(self.pg.data, "postmaster.pid"), encoding="utf-8") as file:
            parent = int(file.readline())
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False).stdout.split()
        for pid in [parent] + [int(c) for c in children]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if not wait_for(20, lambda: not any(os.path.exists(f"/proc/{pid}") for pid in [str(parent)] + children), 0.02):
            raise RuntimeError("PostgreSQL does not die")

    def start_second(self):
        self.second = self.spawn("second", SERVER, "--config", os.path.join(self.folder, "second.conf"))

    def end_second(self):
        self.second.send_signal(signal.SIGCONT)
        self.second.send_signal(signal.SIGTERM)
        self.second.wait(40)
        self.processes.remove(self.second)
        self.second = None

    def groups(self):
        return dict((name, int(n)) for name, n in self.pg.sql("SELECT n.name, count (l.grp) FROM node n LEFT JOIN lease l ON l.owner = n.run GROUP BY 1"))

    def inspect_cluster(self):
        """The files after all this: checksums while the cluster rests, then heaps and indexes."""
        self.pg.run("pg_ctl", "-D", self.pg.data, "-s", "-m", "fast", "-w", "stop")
        self.pg.run("pg_checksums", "--check", "-D", self.pg.data)
        self.pg.start()
        self.pg.run("pg_amcheck", "-h", self.pg.sock, "-U", "gridtill_owner", "--install-missing", "--heapallindexed", "gridtill")

    def end(self):
        with self.spawning:
            self.ended = True
        if self.second is not None and self.second.poll() is None:
            self.second.send_signal(signal.SIGCONT)
        try:
            super().end()
        finally:
            if not os.environ.get("CAMPUS_KEEP"):
                campus_stack.shutil.rmtree(self.world_folder, ignore_errors=True)
