#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# bench.py: speed rows, each beside a raw limit or a peer measured in the same run. ./run bench starts the campus this uses.
# Prints one line a figure: name value unit limit ratio. Decides nothing by absolute time.
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "smoke"))
from till_client import Client, new_id, operators, wait_for  # noqa: E402
import bench_bus  # noqa: E402

stack = os.environ["GRIDTILL_STACK_DIR"]
build = os.environ["GRIDTILL_BUILD"]
source = os.environ["GRIDTILL_SOURCE"]
sock = os.environ["GRIDTILL_SOCK"]
port = int(os.environ["GRIDTILL_API_PORT"])
rows = []


def row(bench, metric, value, unit, limit=None, peer=None, must=None, aim=None):
    """One measured figure; ratio is value : limit. ok only where a bound is due."""
    ratio = value / limit if limit else None
    ok = None if must is None else bool(must(value, ratio))
    rows.append({"bench": bench, "metric": metric, "value": value, "unit": unit, "must": must.__doc__ if must else None, "aim": aim,
                 "limit": limit, "peer": peer, "ratio": ratio, "ok": ok})
    shown = f"{limit:,.1f} ({peer})" if limit else "-"
    print(f"{bench} {metric}: {value:,.1f} {unit}   limit {shown}   ratio {ratio:.2f}" if ratio else
          f"{bench} {metric}: {value:,.1f} {unit}", flush=True)


def sql(text, database="gridtill"):
    return subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", sock, "-U", "gridtill_owner", "-d", database, "-c", text],
                          check=True, capture_output=True, text=True).stdout.strip()


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def make(name, folder="limit", packages=""):
    """Load and limit programs are small; they are built where they are used."""
    out = os.path.join(build, "bench-" + name)
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", *packages.split()], check=True, capture_output=True, text=True).stdout.split() if packages else []
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-o", out, os.path.join(here, folder, name + ".c"), *flags], check=True)
    return out


# --- P2 poll-cpu ------------------------------------------------------------------------------------------------------

def free_ports(n):
    """First of n free ports below the ephemeral range."""
    for base in range(20000, 31000, 200):
        taken = []
        try:
            for k in range(n):
                sock = socket.socket()
                taken.append(sock)
                sock.bind(("127.0.0.1", base + k))
            return base
        except OSError:
            continue
        finally:
            for sock in taken:
                sock.close()
    raise SystemExit("no free ports")


def slave_count(slave):
    slave.send_signal(signal.SIGUSR1)
    return int(slave.stdout.readline())


def poll_limit(base, links, registers, seconds):
    out = subprocess.run([make("mb-poll-limit"), str(base), str(min(links, 100)), str(links), str(registers), str(seconds)], check=True,
                         capture_output=True, text=True).stdout.split()
    return int(out[0]) / float(out[1])


def bench_poll_cpu():
    """Reads per core-second of a field process against an epoll loop with hand-made frames on the same slave."""
    base, registers, seconds = free_ports(100), 39, 20
    for links in (100, 1000):
        ports = min(links, 100)
        with subprocess.Popen([make("mb-slave"), str(base), str(ports)], stdout=subprocess.PIPE, text=True) as slave, \
                tempfile.TemporaryDirectory() as folder:
            slave.stdout.readline()
            try:
                limits = [poll_limit(base, links, registers, 3) for _ in range(3)]
                value = poll_product(slave, base, ports, links, seconds, folder)
            finally:
                slave.terminate()
        row("poll-cpu", f"reads per core-second, {links} links", value, "1/s", statistics.median(limits), "epoll, hand-made frames",
            aim="0.85 x limit")


def poll_product(slave, base, ports, links, seconds, folder):
    database = f"bench_poll_{links}"
    config = os.path.join(folder, "gridtill.conf")
    sql(f"DROP DATABASE IF EXISTS {database}", "postgres")
    sql(f"CREATE DATABASE {database}", "postgres")
    with open(config, "w", encoding="utf-8") as file:
        file.write(f"[server]\nstate_dir={folder}/state\n[database]\nsocket_dir={sock}\nname={database}\nuser=gridtill_owner\nmigrate=auto\n")
    os.mkdir(os.path.join(folder, "state"), 0o700)
    daemon = os.path.join(build, "server", "app", "gridtilld")
    made = subprocess.run([daemon, "migrate", "--config", config], capture_output=True, text=True)
    if made.returncode != 0:
        raise SystemExit(f"migrate: {made.stderr}")
    with open(os.path.join(here, "poll.sql"), encoding="utf-8") as file:
        text = file.read()
    sql(text.replace(":links", str(links)).replace(":units", str(20000 // links)).replace(":base", str(base)).replace(":ports", str(ports)), database)
    with open(os.path.join(folder, "log"), "w", encoding="utf-8") as log, \
            subprocess.Popen([daemon, "--config", config, "--role", "field"], stderr=log, stdout=log) as server:
        try:
            wait_for(60, lambda: slave_count(slave) > 20000 + 1000, 0.5)
            reads, cpu = slave_count(slave), cpu_seconds(server.pid)
            time.sleep(seconds)
            reads, cpu = slave_count(slave) - reads, cpu_seconds(server.pid) - cpu
        finally:
            server.terminate()
            server.wait(30)
    sql(f"DROP DATABASE {database}", "postgres")
    return reads / max(cpu, 0.01)


# --- P4 sale ----------------------------------------------------------------------------------------------------------

def bench_sale():
    """Sales committed per second through the API over TLS, 32 clients, against pgbench -N -c 8 on the same server."""
    password = operators(stack)["cashier"]
    ca = os.path.join(stack, "state", "authority.pem")
    login = Client(port, ca)
    login.log_in("cashier", password)
    meters = sql("SELECT id FROM meter WHERE retired_at IS NULL ORDER BY id").split()
    sellable = [m for m in meters if login.get(f"/meters/{m}").json["state"] in ("normal", "alarm1")]
    ours, peers = [], []
    prepare_pgbench()
    for turn in range(3):
        ours.append(sell_in_parallel(sellable, login.token, ca, 5, turn))
        peers.append(run_pgbench(5))
    rate = statistics.median(o[0] for o in ours)
    row("sale", "sales per second over TLS, 32 clients", rate, "1/s", statistics.median(peers), "pgbench -N -c 8", aim="0.9 x pgbench")
    row("sale", "p99 of an answer", statistics.median(o[1] for o in ours) * 1000, "ms", aim="10 ms")


def sell_in_parallel(meters, token, ca, seconds, turn):
    """32 kept connections of a C program, so that the load does not take the cores that it measures."""
    out = json.loads(subprocess.run([make("sale-load", "", "glib-2.0 gnutls"), str(port), ca, token, "32", str(seconds), ",".join(meters)], check=True,
                                    stdout=subprocess.PIPE, text=True).stdout)
    if out["sales"] == 0 or out["broken"]:
        raise SystemExit(f"the load ended early: {out}")
    if out["refused"]:
        print(f"     run {turn + 1}: {out['refused']} refused (hoard limit, busy)")
    return out["per_second"], out["p99_ms"] / 1000


def prepare_pgbench():
    sql("DROP DATABASE IF EXISTS bench_pgbench", "postgres")
    sql("CREATE DATABASE bench_pgbench", "postgres")
    subprocess.run([pgbench(), "-h", sock, "-U", "gridtill_owner", "-i", "-q", "-s", "10", "bench_pgbench"], check=True, capture_output=True)


def pgbench():
    found = shutil.which("pgbench")
    return found or subprocess.run("ls /usr/lib/postgresql/*/bin/pgbench | sort -V | tail -n 1", shell=True, check=True, capture_output=True,
                                   text=True).stdout.strip()


def run_pgbench(seconds):
    out = subprocess.run([pgbench(), "-h", sock, "-U", "gridtill_owner", "-N", "-c", "8", "-j", "2", "-T", str(seconds), "bench_pgbench"], check=True,
                         capture_output=True, text=True).stdout
    return float(next(l for l in out.splitlines() if l.startswith("tps")).split()[2])


# --- P5 sale-latency --------------------------------------------------------------------------------------------------

def bench_sale_latency():
    """From confirm to verified on a LAN bus that is being polled."""
    ca = os.path.join(stack, "state", "authority.pem")
    cashier = Client(port, ca)
    cashier.log_in("cashier", operators(stack)["cashier"])
    items = wait_for(120, lambda: [m for m in cashier.get("/meters", limit=1000).json["items"] if m["state"] in ("normal", "alarm1") and m["age_s"] is not None], 1)
    times = []
    for meter in items[:40]:
        ident, started = new_id(), time.monotonic()
        answer = cashier.call("POST", "/sales", {"id": ident, "meter": meter["id"], "amount": "1.00", "channel": "cash"})
        if answer.status != 201:
            print("     refused:", answer)
            continue
        if wait_for(30, lambda: cashier.get(f"/sales/{ident}").json["state"] == "verified", 0.005):
            times.append(time.monotonic() - started)
    times.sort()
    row("sale-latency", "confirm to verified, median", statistics.median(times) * 1000, "ms", aim="300 ms")
    row("sale-latency", "confirm to verified, p99", times[min(len(times) - 1, int(len(times) * 0.99))] * 1000, "ms", aim="2 wire times + 3 commits + 20 ms")


BENCHES = {"bus": lambda: bench_bus.run(row), "poll-cpu": bench_poll_cpu, "sale": bench_sale, "sale-latency": bench_sale_latency}


def main(arguments):
    out = None
    if "--json" in arguments:
        at = arguments.index("--json")
        out = arguments[at + 1]
        del arguments[at:at + 2]
    unknown = [a for a in arguments if a not in BENCHES]
    if unknown:
        raise SystemExit(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    for name in arguments or BENCHES:
        BENCHES[name]()
    if out:
        with open(out, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)
    return 0 if all(r["ok"] is not False for r in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
