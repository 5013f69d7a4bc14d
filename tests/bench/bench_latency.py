# SPDX-License-Identifier: GPL-2.0-or-later
# bench_latency.py: P5: from the cashier's confirmation to the verified delivery, on a LAN bus that is being polled. Meters that may be read at
# once after a write: a model that wants time (adf400l: 500 ms) adds exactly that. Wire and commit are measured in the same run.
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "field"))
from campus_stack import Stack, new_id, wait_for  # noqa: E402

WORLD = "tests/bench/latency.json"  # four cabinets of 36 circuits share the line: it rests about a third of the time
CODES = [f"GW-0001-{unit}" for unit in range(221, 231)]  # gridtill-generic: settle_ms 0
ROUNDS = 12
COMMITS = 300
OWN_MS = 20
QUIET_S = 0.01


def commit_ms(stack):
    """A transaction of one row, one after the other: what a flush costs here."""
    stack.pg.sql("CREATE TABLE bench_commit (n int)")
    stack.pg.sql("""CREATE PROCEDURE bench_commits (n int, INOUT ms float8) LANGUAGE plpgsql AS $$
DECLARE began timestamptz := clock_timestamp ();
BEGIN
  FOR i IN 1 .. n LOOP INSERT INTO bench_commit VALUES (i); COMMIT; END LOOP;
  ms := extract (epoch FROM clock_timestamp () - began) * 1000 / n;
END $$""")
    took = float(stack.pg.value(f"CALL bench_commits ({COMMITS}, NULL)"))
    stack.pg.sql("DROP PROCEDURE bench_commits; DROP TABLE bench_commit")
    return took


def gateway(client):
    return client.get("/gateways").json["items"][0]


def must_median(value, _):
    """<= 300 ms"""
    return value <= 300


def must_p99(_, ratio):
    """<= 2 wire times + 3 commits + 20 ms"""
    return ratio <= 1


def sell_all(stack):
    """Milliseconds of each sale, one after the other, while the line is polled."""
    cashier, meters, times = stack.client("cashier"), stack.meters(), []
    for code in CODES * ROUNDS:
        ident, began = new_id(), time.monotonic()
        answer = cashier.call("POST", "/sales", {"id": ident, "meter": meters[code], "amount": "1.00", "channel": "cash"})
        if answer.status != 201:
            raise SystemExit(f"sale-latency: {answer}")
        time.sleep(QUIET_S)  # nobody asks while it cannot be through: what asks takes the cores that it measures
        if not wait_for(30, lambda: cashier.get(f"/sales/{ident}").json["state"] == "verified", 0.002):
            raise SystemExit(f"sale-latency: {cashier.get(f'/sales/{ident}').json}")
        times.append((time.monotonic() - began) * 1000)
    return sorted(times)


def run(row):
    stack = Stack(world=WORLD)
    try:
        stack.wait_baselines(120)
        times = sell_all(stack)
        engineer = stack.client("engineer")
        wait_for(30, lambda: gateway(engineer)["rtt_ms"], 0.5)
        wire = float(gateway(engineer)["rtt_ms"])
        commit = commit_ms(stack)
    finally:
        stack.end()
    row("sale-latency", "confirm to verified, median", statistics.median(times), "ms", must=must_median)
    limit = 2 * wire + 3 * commit + OWN_MS
    row("sale-latency", "confirm to verified, p99", times[min(len(times) - 1, int(len(times) * 0.99))], "ms", limit=limit,
        peer=f"wire {wire:.1f} ms, commit {commit:.1f} ms", must=must_p99)
