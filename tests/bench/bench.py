#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# bench.py: speed rows, each beside a raw limit or a peer measured in the same run. ./run bench starts the campus this uses.
# Prints one line a figure: name value unit limit ratio. Decides nothing by absolute time.
import functools
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "smoke"))
from till_client import Client, new_id, operators, wait_for  # noqa: E402
import bench_bus  # noqa: E402
import bench_field  # noqa: E402
import bench_latency  # noqa: E402

build = os.environ["GRIDTILL_BUILD"]
source = os.environ["GRIDTILL_SOURCE"]
# The demo campus, for the benches that sell; the others stand on their own.
stack = os.environ.get("GRIDTILL_STACK_DIR")
sock = os.environ.get("GRIDTILL_SOCK")
port = int(os.environ.get("GRIDTILL_API_PORT", 0))
rows = []


def row(bench, metric, value, unit, limit=None, peer=None, must=None, aim=None):
    """One measured figure; ratio is value : limit. ok only where a bound is due."""
    ratio = value / limit if limit else None
    ok = None if must is None else bool(must(value, ratio))
    rows.append({"bench": bench, "metric": metric, "value": value, "unit": unit, "must": must.__doc__ if must else None, "aim": aim,
                 "limit": limit, "peer": peer, "ratio": ratio, "ok": ok})
    bounds = "".join(f"   {word} {text}" for word, text in (("must", must.__doc__ if must else None), ("aim", aim)) if text)
    verdict = "" if ok is None else "   ok" if ok else "   MISSED"
    beside = f"   limit {limit:,.1f} ({peer})   ratio {ratio:.2f}" if ratio else ""
    print(f"{bench} {metric}: {value:,.1f} {unit}{beside}{bounds}{verdict}", flush=True)


def sql(text, database="gridtill"):
    return subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", sock, "-U", "gridtill_owner", "-d", database, "-c", text],
                          check=True, capture_output=True, text=True).stdout.strip()


def make(name, folder="limit", packages=""):
    """Load and limit programs are small; they are built where they are used."""
    out = os.path.join(build, "bench-" + name)
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", *packages.split()], check=True, capture_output=True, text=True).stdout.split() if packages else []
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-o", out, os.path.join(here, folder, name + ".c"), *flags], check=True)
    return out


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


# --- search -----------------------------------------------------------------------------------------------------------

FAMILY = "王 wang 李 li 张 zhang 刘 liu 陈 chen 杨 yang 赵 zhao 黄 huang 周 zhou 吴 wu 徐 xu 孙 sun 胡 hu 朱 zhu 高 gao 林 lin 何 he 郭 guo 马 ma 罗 luo 梁 liang 宋 song 郑 zheng".split()
GIVEN = "伟 wei 芳 fang 娜 na 敏 min 静 jing 丽 li 强 qiang 磊 lei 军 jun 洋 yang 勇 yong 艳 yan 杰 jie 娟 juan 涛 tao 明 ming 超 chao 兰 lan 霞".split() + ["xia"]


def people(n):
    """Names and their spelling, as the server would spell them."""
    pick = lambda words, at: (words[at * 2 % len(words)], words[at * 2 % len(words) + 1])  # noqa: E731
    for i in range(n):
        parts = [pick(FAMILY, i), pick(GIVEN, i // 23), pick(GIVEN, i // 437)]
        yield "".join(p[0] for p in parts), " ".join(p[1] for p in parts)


def bench_search():
    """What a cashier types, among 100,000 households in rooms of their own: name, initials, phone, room, number."""
    n, ca = 100000, os.path.join(stack, "state", "authority.pem")
    finance = Client(port, ca)
    finance.log_in("finance", operators(stack)["finance"])
    rows_in = "".join(f"BENCH-{i}\t{name}\t{pinyin}\t{13000000000 + i * 7919}\t{i}\n" for i, (name, pinyin) in enumerate(people(n), 1))
    load = f"""BEGIN;
CREATE TEMPORARY TABLE person (code text, name text, pinyin text, phone text, n int);
COPY person FROM STDIN;
{rows_in}\\.
INSERT INTO area (site, parent, kind, name) SELECT 1, (SELECT min (id) FROM area WHERE parent IS NULL), 1, 'BENCH-' || b FROM generate_series (1, 100) b;
INSERT INTO area (site, parent, kind, name) SELECT 1, a.id, 3, f || to_char (r, 'FM00') FROM area a, generate_series (1, 20) f, generate_series (1, 50) r WHERE a.name LIKE 'BENCH-%';
INSERT INTO customer (code, name, pinyin, phones, area) SELECT p.code, p.name, p.pinyin, ARRAY[p.phone], r.id
  FROM person p JOIN (SELECT id, row_number () OVER (ORDER BY id) n FROM area WHERE kind = 3 AND path LIKE '%BENCH-%') r USING (n);
COMMIT;
VACUUM ANALYZE area; VACUUM ANALYZE customer;"""
    subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-h", sock, "-U", "gridtill_owner", "-d", "gridtill"], check=True, text=True, input=load)
    meter = sql("SELECT m.code FROM meter m JOIN account_meter x ON x.meter = m.id AND x.until IS NULL ORDER BY m.id LIMIT 1")
    asked = {"initials": "zwf", "two initials": "zw", "name": "王芳娜", "one Han letter": "芳", "phone, last four": "0477", "number": "BENCH-77777",
             "building and room": "BENCH-42 1207", "meter code": meter, "nothing": "qqq"}
    times = {what: [] for what in asked}
    for _ in range(20):
        for what, text in asked.items():
            started = time.monotonic()
            answer = finance.get("/customers", q=text, limit=5)
            times[what].append(time.monotonic() - started)
            if answer.status != 200 or (answer.json["total"] == 0) != (what == "nothing"):
                raise SystemExit(f"search {text}: {answer}")
    for what, took in times.items():
        row("search", f"by {what}, median", statistics.median(took) * 1000, "ms", must=within_50_ms)
    row("search", "p99 of all", sorted(t for took in times.values() for t in took)[-2] * 1000, "ms", must=within_50_ms)


def within_50_ms(value, ratio):
    """<= 50 ms"""
    return value <= 50


# --- import -----------------------------------------------------------------------------------------------------------

def import_rows(kind, n):
    """A campus of new houses, its households, their accounts with what the old books owed."""
    for i in range(n):
        house, at = divmod(i, 200)
        if kind == "plant" and at == 0:
            yield {"kind": "gateway", "code": f"BI-{house}", "link": "dial_in", "area": f"Import/H{house}"}
        elif kind == "plant":
            yield {"code": f"BI-{house}-{at}", "gateway": f"BI-{house}", "unit": str(at), "model": "gridtill-generic-c", "area": f"Import/H{house}/F{at // 40}/{at}"}
        elif kind == "customers":
            yield {"code": f"BI-{i}", "name": f"王芳{i}", "phones": str(13800000000 + i), "area": f"Import/H{house}"}
        elif at:
            yield {"customer": f"BI-{i}", "meter": f"BI-{house}-{at}", "opening_balance": "12.50"}


def bench_import():
    """Tables of 10,000 rows by the API, each kind as one transaction: the dry run, then all of it."""
    client = Client(port, os.path.join(stack, "state", "authority.pem"))
    client.log_in("admin", operators(stack)["admin"])
    for kind in ("plant", "customers", "accounts"):
        body = {"kind": kind, "rows": list(import_rows(kind, 10000))}
        for dry, what in ((True, "looked at"), (False, "imported")):
            client.close()  # the next connection is a patient one
            started = time.monotonic()
            answer = client.call("POST", "/imports", {**body, "dry_run": dry}, timeout=200)
            if answer.status != 200 or answer.json["wrong"] or answer.json["create"] != len(body["rows"]):
                raise SystemExit(f"import {kind}: {str(answer)[:2000]}")
            row("import", f"{kind}, {len(body['rows'])} rows {what}", time.monotonic() - started, "s", must=None if dry else within_20_s)


def within_20_s(value, ratio):
    """<= 20 s"""
    return value <= 20


ON_THEIR_OWN = {"bus": lambda: bench_bus.run(row), "sale-latency": lambda: bench_latency.run(row), **{name: functools.partial(function, row) for name, function in bench_field.BENCHES.items()}}
BENCHES = {**ON_THEIR_OWN, "import": bench_import, "sale": bench_sale, "search": bench_search}


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
        if name not in ON_THEIR_OWN and not stack:
            raise SystemExit(f"{name} needs the demo campus: ./run bench {name}")
        BENCHES[name]()
    if out:
        with open(out, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)
    return 0 if all(r["ok"] is not False for r in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
