# SPDX-License-Identifier: GPL-2.0-or-later
# rig.py: a private PostgreSQL with the settings of server/deploy/postgresql.conf, a plant of any size, the field process and the slave it
# reads from: what the benches of the field layer stand on. Everything is ended by process id; nothing listens off loopback.
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "field"))
from campus_stack import BUILD, ROOT, SERVER, SIM, Postgres, free_ports, wait_for  # noqa: E402,F401

# All that costs speed stays on; only the archive is the site's own.
LEFT_OUT = ("archive_mode", "archive_command", "max_connections")


def deployed_settings():
    with open(os.path.join(ROOT, "server/deploy/postgresql.conf"), encoding="utf-8") as file:
        pairs = re.findall(r"^(\w+) = ('[^']*'|\S+)", file.read(), re.M)
    return " ".join(f"-c {key}={value}" for key, value in pairs if key not in LEFT_OUT)


def cpu_seconds(pid):
    """User and system time of a process, its ended children included."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(int(f) for f in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def rss_mb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"^VmRSS:\s+(\d+)", file.read(), re.M).group(1)) / 1024


def make(name):
    """The limit programs are small; they are built where they are used."""
    out = os.path.join(BUILD, "bench-" + name)
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-o", out, os.path.join(HERE, "limit", name + ".c")], check=True)
    return out


class Slave:
    """The cheapest Modbus TCP slave there is; its own count of requests is the judge. Its purses are known."""
    model = "gridtill-generic"
    adopted = True

    def __init__(self, ports):
        self.ports, self.base = min(ports, 100), free_ports(min(ports, 100))
        self.process = subprocess.Popen([make("mb-slave"), str(self.base), str(self.ports)], stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def count(self):
        self.process.send_signal(signal.SIGUSR1)
        return int(self.process.stdout.readline())

    def cpu(self):
        return cpu_seconds(self.process.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Sim:
    """gridtill-sim with as many of the gateways of worlds/million.json, each with 200 reference meters."""
    model = "gridtill-generic"
    adopted = False

    def __init__(self, gateways, **line):
        """line: members of its buses, where bytes take their time."""
        self.ports = gateways
        self.folder = tempfile.mkdtemp(prefix="bench-sim-")
        with open(os.path.join(ROOT, "tests/simulator/worlds/million.json"), encoding="utf-8") as file:
            world = json.load(file)
        link = world["links"][0]
        link["count"] = gateways
        link["buses"] = [{"port": 1, **line, "meters": [{"profile": self.model, "unit": 1, "count": 200, "load": "room", "price": "res"}]}]
        path, control = os.path.join(self.folder, "world.json"), os.path.join(self.folder, "sock")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(world, file)
        for base in range(10001, 27000, 5100):
            with open(os.path.join(self.folder, "log"), "wb") as log:
                self.process = subprocess.Popen([SIM, "--world", path, "--control", control, "--port-base", str(base)], stdout=log, stderr=log)
            if wait_for(60, lambda: os.path.exists(control) or self.process.poll() is not None, 0.1) and self.process.poll() is None:
                self.base = base
                return
        raise SystemExit("the simulator did not start: " + open(os.path.join(self.folder, "log"), encoding="utf-8").read())

    def cpu(self):
        return cpu_seconds(self.process.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Rig:
    """One cluster, one plant. The clock of the site is such that its day has just begun: the daily slot is open."""

    def __init__(self, gateways, units, base, ports, interval_s=150, adopted=True, role=None):
        self.folder = tempfile.mkdtemp(prefix="bench-")
        self.gateways, self.units, self.role = gateways, units, role
        self.config = os.path.join(self.folder, "gridtill.conf")
        self.log = os.path.join(self.folder, "gridtilld.log")
        self.server, self.logged = None, -1
        self.pg = Postgres(self.folder, deployed_settings())
        try:
            os.mkdir(os.path.join(self.folder, "state"), 0o700)
            with open(self.config, "w", encoding="utf-8") as file:
                file.write(f"[server]\nstate_dir={self.folder}/state\n[database]\nsocket_dir={self.pg.sock}\nname=gridtill\n"
                           f"user=gridtill_owner\nmigrate=auto\n[http]\nlisten=127.0.0.1:{free_ports(1)}\n")
            done = subprocess.run([SERVER, "migrate", "--config", self.config], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise RuntimeError(f"migrate: {done.stderr}")
            self.plant(base, ports, interval_s, adopted)
        except BaseException:
            self.end()
            raise

    def plant(self, base, ports, interval_s, adopted):
        hours = (24 - time.gmtime().tm_hour) % 24  # ahead of UTC, so that it is shortly after midnight there
        zone = f"Etc/GMT-{hours}" if hours <= 14 else f"Etc/GMT+{24 - hours}"
        with open(os.path.join(HERE, "poll.sql"), encoding="utf-8") as file:
            text = file.read()
        settled = 0 if adopted else 2  # on the meter, or not at all: nobody knows what the simulator drew for its purses
        for key, value in (("links", self.gateways), ("units", self.units), ("base", base), ("ports", max(ports, 1)), ("interval", interval_s),
                           ("zone", f"'{zone}'"), ("model", "'gridtill-generic'"), ("settled", settled)):
            text = re.sub(rf"(?<!:):{key}\b", str(value), text)
        self.pg.sql(text, timeout=600)

    def start(self):
        role = ["--role", self.role] if self.role else []
        self.logged = os.path.getsize(self.log) if os.path.exists(self.log) else -1
        with open(self.log, "ab") as log:
            self.server = subprocess.Popen([SERVER, "--config", self.config, *role], stderr=log, stdout=log, stdin=subprocess.DEVNULL)
        return time.monotonic()

    def stop(self):
        if self.server and self.server.poll() is None:
            self.server.terminate()
            try:
                self.server.wait(90)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
        self.server = None

    def cpu_server(self):
        return cpu_seconds(self.server.pid)

    def cpu(self):
        """Of the server and of PostgreSQL, ended backends included."""
        with open(os.path.join(self.pg.data, "postmaster.pid"), encoding="ascii") as file:
            postmaster = int(file.readline())
        backends = subprocess.run(["pgrep", "-P", str(postmaster)], capture_output=True, text=True, check=False).stdout.split()
        return self.cpu_server() + cpu_seconds(postmaster) + sum(cpu_seconds(int(pid)) for pid in backends)

    def rss(self):
        return rss_mb(self.server.pid)

    def stored(self, wanted):
        """Readings written, by the database's own counters: counting a million rows again and again would be the bench. The last of them
        are counted, because an idle connection tells the counters late."""
        told = int(self.pg.value("SELECT coalesce (sum (n_tup_ins), 0) FROM pg_stat_user_tables WHERE relname LIKE 'reading\\_2%'"))
        return told if told < wanted * 0.97 else int(self.pg.value("SELECT count(*) FROM reading"))

    def polls(self):
        """The first link is up, and is asked at once."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read().rfind("link is up") > self.logged

    def tail(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()[-500:]

    def end(self):
        self.stop()
        try:
            self.pg.stop()
        finally:
            if not os.environ.get("BENCH_KEEP"):
                shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
