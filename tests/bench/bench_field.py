# SPDX-License-Identifier: GPL-2.0-or-later
# bench_field.py: P1 poll, P2 poll-cpu, P12 memory, P13 growth, P14 start: the field layer at its size, on a PostgreSQL of its own with the
# settings of server/deploy/postgresql.conf. GRIDTILL_BENCH_CIRCUITS sets the size (1,000,000); bounds that belong to that size are judged
# at it alone. What one run shows of several rows is measured once.
import functools
import os
import statistics
import subprocess
import time

from rig import BUILD, HERE, Rig, Sim, Slave, make, wait_for

FULL = 1_000_000
CIRCUITS = int(os.environ.get("GRIDTILL_BENCH_CIRCUITS", FULL))
UNITS = 200          # circuits of one gateway
REGISTERS, FULL_REGISTERS = 39, 49  # of a status and of a full read of the reference meter
WIRE_GATEWAYS = int(os.environ.get("GRIDTILL_BENCH_GATEWAYS", 500))
WIRE_BAUD, TURNAROUND_S = 12250, 0.020  # 100 ms for a status read


class Round:
    """One start with a plant of so many circuits, whose every circuit is due, until each reading is stored; then a second start."""

    def __init__(self, circuits, slave):
        self.circuits, gateways = circuits, circuits // UNITS
        with slave(gateways) as meters, Rig(gateways, UNITS, meters.base, meters.ports, interval_s=600, adopted=meters.adopted) as rig:
            self.empty_mb = self.empty_server()
            self.start_s = self.until_first_poll(rig)
            before = rig.cpu()
            began = time.monotonic()
            self.done = wait_for(900, lambda: rig.stored(circuits) >= circuits, 0.25)
            self.round_s = time.monotonic() - began
            self.cpu_s, self.sim_cpu_s = rig.cpu() - before, meters.cpu()
            self.stored = int(rig.pg.value("SELECT count(*) FROM reading"))
            self.fresh = int(rig.pg.value("SELECT count(*) FROM meter_state WHERE read_at > now () - interval '1 hour'"))
            self.rss_mb = rig.rss()
            rig.stop()
            self.again_s = self.until_first_poll(rig)
            rig.stop()
        if self.stored != circuits or self.fresh != circuits:
            raise SystemExit(f"poll: {self.stored} readings and {self.fresh} states of {circuits} circuits")

    @staticmethod
    def empty_server():
        with Rig(0, 0, 1, 1) as rig:
            rig.start()
            time.sleep(4)
            return rig.rss()

    @staticmethod
    def until_first_poll(rig):
        """From exec to the first circuit that was asked: the process's own line of log says when."""
        began = rig.start()
        if not wait_for(120, rig.polls, 0.02):
            raise SystemExit("no first poll: " + rig.tail())
        return time.monotonic() - began


@functools.lru_cache(maxsize=None)
def a_round(circuits, kind):
    return Round(circuits, kind)


def at_size(bound):
    """A bound of a million circuits says nothing of fewer."""
    return bound if CIRCUITS >= FULL else None


def bench_poll(row):
    def must(value, _):
        """<= 60 s"""
        return value <= 60
    result = a_round(CIRCUITS, Sim)
    row("poll", f"one round of {CIRCUITS:,} circuits, read, decoded and stored", result.round_s, "s", must=at_size(must), aim="25 s")
    row("poll", "circuits per second", CIRCUITS / result.round_s, "1/s")
    row("poll", "CPU of server and PostgreSQL per circuit", result.cpu_s / CIRCUITS * 1e6, "us")
    bench_wire(row)


def wire_s(registers):
    """A read over a line that takes its time: request, answer, twice 3.5 characters of silence, the meter's turnaround."""
    return (8 + 5 + 2 * registers + 7) * 10 / WIRE_BAUD + TURNAROUND_S


def bench_wire(row):
    """Each gateway's line takes 100 ms for a circuit. So many gateways that the machine is not the limit: what is seen is waiting between
    an answer and the next request, lines that are kept from their round, readings that are stored late. The lines never rest."""
    def must(_, ratio):
        """<= 1.15 x the floor"""
        return ratio <= 1.15
    circuits, rounds = WIRE_GATEWAYS * UNITS, []
    with Sim(WIRE_GATEWAYS, timing=True, baud=WIRE_BAUD) as meters:
        with Rig(WIRE_GATEWAYS, UNITS, meters.base, meters.ports, interval_s=0, adopted=meters.adopted) as rig:
            Round.until_first_poll(rig)
            began = time.monotonic()
            if not wait_for(120, lambda: rig.stored(circuits) >= circuits, 0.25):
                raise SystemExit("no first round: " + rig.tail())
            first = time.monotonic() - began
            time.sleep(3)
            for _ in range(3):
                began, at = time.monotonic(), rig.pg.value("SELECT now ()")
                time.sleep(0.9 * UNITS * wire_s(REGISTERS))
                if not wait_for(120, lambda: rig.pg.value(f"SELECT min (read_at) > '{at}' FROM meter_state") == "t", 0.05):
                    raise SystemExit("no round: " + rig.tail())
                rounds.append(time.monotonic() - began)
    for what, value, registers in (("first round", first, FULL_REGISTERS), ("one round", statistics.median(rounds), REGISTERS)):
        row("poll", f"{what} of {circuits:,} circuits on {WIRE_GATEWAYS:,} lines, {wire_s(registers) * 1000:.0f} ms a read, until the last is stored",
            value, "s", UNITS * wire_s(registers), "the wire alone", must=must, aim="1.05 x")


def bench_memory(row):
    def must(value, _):
        """<= 64 MB"""
        return value <= 64
    result = a_round(CIRCUITS, Slave)  # meters that hold money: those take the most
    row("memory", "RSS per 100,000 circuits on top of an empty server", (result.rss_mb - result.empty_mb) / CIRCUITS * 100_000, "MB", must=must, aim="25 MB")


def bench_growth(row):
    def must(_, ratio):
        """<= 1.2 x that of a tenth"""
        return ratio <= 1.2
    large = a_round(CIRCUITS, Sim)
    small = statistics.median(Round(CIRCUITS // 10, Sim).cpu_s for _ in range(3))  # short: one of them alone is mostly chance
    row("growth", f"CPU per circuit and round at {CIRCUITS:,}", large.cpu_s / CIRCUITS * 1e6, "us", limit=small / (CIRCUITS // 10) * 1e6,
        peer=f"at {CIRCUITS // 10:,}", must=must, aim="1.05 x")


def bench_start(row):
    def must(value, _):
        """<= 10 s"""
        return value <= 10
    result = a_round(CIRCUITS, Sim)
    row("start", f"start to first poll with {CIRCUITS:,} circuits", result.start_s, "s", must=must, aim="3 s")
    row("start", "restart to first poll", result.again_s, "s", must=must, aim="3 s")


# --- P2 ---------------------------------------------------------------------------------------------------------------

def reads_per_core(*command):
    out = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout.split()
    return int(out[0]) / float(out[1])


def product(slave, links, circuits, seconds):
    """Reads of a saturated field process by its own CPU time, whatever threads it spends it on."""
    with Rig(links, circuits // links, slave.base, slave.ports, interval_s=0, role="field") as rig:
        begin = slave.count()
        rig.start()
        if not wait_for(120, lambda: slave.count() - begin > 2 * circuits, 0.25):
            raise SystemExit("poll-cpu: too few reads: " + rig.tail())
        reads, cpu = slave.count(), rig.cpu_server()
        time.sleep(seconds)
        return (slave.count() - reads) / (rig.cpu_server() - cpu)


def jsmodbus(slave, connections):
    """npm's package, fetched for this bench; without a registry there is no such peer."""
    folder = os.path.join(BUILD, "bench-jsmodbus")
    try:
        if not os.path.isdir(os.path.join(folder, "node_modules", "jsmodbus")):
            subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, "jsmodbus"], check=True, capture_output=True, timeout=90)
        env = dict(os.environ, NODE_PATH=os.path.join(folder, "node_modules"))
        out = subprocess.run(["node", os.path.join(HERE, "peers", "jsmodbus_poll.js"), str(slave.base), str(slave.ports), str(connections), str(REGISTERS), "3"],
                             check=True, capture_output=True, text=True, env=env, timeout=60).stdout.split()
        return int(out[0]) / float(out[1])
    except (OSError, subprocess.SubprocessError):
        return None


def pymodbus(slave, connections):
    try:
        return reads_per_core("/usr/bin/python3", os.path.join(HERE, "peers", "pymodbus_poll.py"), slave.base, slave.ports, connections, REGISTERS, 3)
    except (OSError, subprocess.SubprocessError):
        return None


def bench_poll_cpu(row):
    def must_reads(value, ratio):
        """>= 100,000 per core-second and >= 0.6 x limit"""
        return value >= 100_000 and ratio >= 0.6

    def must_js(_, ratio):
        """>= 3.5 x jsmodbus"""
        return ratio >= 3.5

    def must_py(_, ratio):
        """>= 10 x pymodbus"""
        return ratio >= 10
    for links in (100, min(5000, max(CIRCUITS // UNITS, 100))):
        values, limits = [], []
        with Slave(min(links, 100)) as slave:
            for _ in range(3):
                limits.append(reads_per_core(make("mb-poll-limit"), slave.base, slave.ports, links, REGISTERS, 3))
                values.append(product(slave, links, max(20_000, 20 * links), 8))
            value = statistics.median(values)
            row("poll-cpu", f"reads per core-second, {links} links", value, "1/s", statistics.median(limits), "epoll, hand-made frames", must=must_reads,
                aim="0.85 x limit")
            if links != 100:
                continue
            for name, peer, must in (("npm jsmodbus", jsmodbus(slave, 10), must_js), ("pymodbus", pymodbus(slave, 10), must_py)):
                if peer:
                    row("poll-cpu", f"beside {name}", value, "1/s", peer, name, must=must)
                else:
                    print(f"poll-cpu: peer {name} not available", flush=True)


BENCHES = {"poll": bench_poll, "poll-cpu": bench_poll_cpu, "memory": bench_memory, "growth": bench_growth, "start": bench_start}
