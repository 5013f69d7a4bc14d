# SPDX-License-Identifier: GPL-2.0-or-later
# bench_bus.py: P3: one 9600-baud line with 216 circuits behind a transparent gateway, bytes taking their time. The line never rests: a
# round is asked for every 15 s and takes longer, so that whatever the product wastes is seen. The limit is arithmetic.
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "field"))
from campus_stack import Stack, wait_for  # noqa: E402

CIRCUITS, REGISTERS, BAUD, TURNAROUND_S = 216, 18, 9600, 0.050
DEAD = [7 + 20 * k for k in range(11)]  # 5 % of the units
AGES = "SELECT unit, extract (epoch FROM read_at) FROM meter JOIN meter_state ON meter = meter.id WHERE read_at IS NOT NULL"


def formula_s():
    """One sweep: design of the planner, t = c (8 + 5 + 2R) + 2 x 3.5 c + turnaround."""
    character = 10 / BAUD
    return CIRCUITS * (character * (8 + 5 + 2 * REGISTERS) + 2 * 3.5 * character + TURNAROUND_S)


def watch(stack, seconds, living):
    """Intervals between two readings of each circuit, and ages as a screen would show them, while seconds pass."""
    seen, intervals, ages, end = {}, [], [], time.monotonic() + seconds
    while time.monotonic() < end:
        now = time.time()
        for unit, at in ((int(u), float(a)) for u, a in stack.pg.sql(AGES)):
            if unit not in living:
                continue
            ages.append(now - at)
            if unit in seen and at > seen[unit]:
                intervals.append(at - seen[unit])
            seen[unit] = at
        time.sleep(0.5)
    return intervals, sorted(ages)


def p99(values):
    return values[min(len(values) - 1, int(len(values) * 0.99))]


def lost(stack):
    return {int(unit) for (unit,) in stack.pg.sql("SELECT unit FROM meter JOIN meter_state ON meter = meter.id WHERE lost")}


def must_sweep(_, ratio):
    """<= 1.15 x the formula"""
    return ratio <= 1.15


def must_age(_, ratio):
    """<= 1.3 x the age without dead circuits"""
    return ratio <= 1.3


def must_return(value, _):
    """<= 60 s"""
    return value <= 60


def measure(stack, row):
    everyone = set(range(1, CIRCUITS + 1))
    stack.wait_baselines(300)
    watch(stack, 30, everyone)  # the round of the adoption is over
    intervals, ages = watch(stack, 80, everyone)
    row("bus", "sweep of 216 circuits at 9600 baud", statistics.median(intervals), "s", formula_s(), "formula", must=must_sweep, aim="1.05 x")
    for unit in DEAD:
        stack.ask_sim(do="off", gateway="GW-BUS", unit=unit)
    if not wait_for(300, lambda: lost(stack) == set(DEAD), 1):
        raise SystemExit(f"lost are {lost(stack)}, dead are {DEAD}")
    watch(stack, 30, everyone)  # and so is the round in which the last of them was given up
    _, beside = watch(stack, 80, everyone - set(DEAD))
    row("bus", "age p99 of the living beside 5 % dead", p99(beside), "s", p99(ages), "without dead ones", must=must_age, aim="1.1 x")
    for unit in DEAD[::2]:
        stack.ask_sim(do="on", gateway="GW-BUS", unit=unit)
    started = time.monotonic()
    if not wait_for(120, lambda: lost(stack) == set(DEAD[1::2]), 0.2):
        raise SystemExit(f"lost are {lost(stack)}, dead are {DEAD[1::2]}")
    row("bus", "last of 6 returned circuits seen again after", time.monotonic() - started, "s", must=must_return, aim="60 s")


def run(row):
    stack = Stack(world="tests/bench/bus.json")
    try:
        stack.pg.sql("UPDATE gateway SET full_interval_s = 86400")
        measure(stack, row)
    finally:
        stack.end()
