#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# test-campus-mismatch.py: money that appears on or vanishes from a meter without the server freezes its sales, raises the alarm and opens
# a case within a poll; and only there.
import sys

from campus_stack import new_id, run, wait_for

COUNT_MISMATCH = 8  # TillAlarmKind


def open_alarms(stack):
    return {code for (code,) in stack.pg.sql(f"SELECT code FROM alarm JOIN meter ON meter = meter.id WHERE kind = {COUNT_MISMATCH} AND cleared_at IS NULL")}


def open_cases(stack):
    return {code for (code,) in stack.pg.sql("SELECT code FROM dispute_case JOIN meter ON meter = meter.id WHERE closed_at IS NULL")}


def test_quiet(stack):
    """Honest meters raise nothing."""
    stack.wait_baselines(90)
    polled = "SELECT min (read_at) > now () - interval '16 seconds' FROM meter_state"
    assert wait_for(60, lambda: stack.pg.value(polled) == "t", 0.5)
    assert not open_alarms(stack) and not open_cases(stack)


def make_test(name, code, **change):
    def test(stack):
        gateway, unit = code.rsplit("-", 1)
        truth = stack.truth(code)
        fields = {k: v(truth) if callable(v) else v for k, v in change.items()}
        before = open_alarms(stack)
        stack.ask_sim(gateway=gateway, unit=int(unit), **fields)
        assert wait_for(25, lambda: code in open_alarms(stack), 0.2), f"no alarm; {stack.log('gridtilld')}"
        assert open_alarms(stack) == before | {code}, open_alarms(stack)
        assert code in open_cases(stack), open_cases(stack)
        answer = stack.client("cashier").call("POST", "/sales", {"id": new_id(), "meter": stack.meters()[code], "amount": "10.00", "channel": "cash"})
        assert answer.status == 409 and answer.code == "dispute", answer
    test.__name__ = "test_" + name
    return test


def test_sale_meets_card(stack):
    """A card credit just before a sale: r0 differs from the ledger, so nothing is written and the sale is held."""
    code = "GW-0001-20"
    cashier = stack.client("cashier")
    stack.ask_sim(do="off", gateway="GW-0001", unit=20)
    sale = new_id()
    answer = cashier.call("POST", "/sales", {"id": sale, "meter": stack.meters()[code], "amount": "10.00", "channel": "cash"})
    assert answer.status == 201, answer
    stack.ask_sim(do="card", gateway="GW-0001", unit=20, amount="5.00")
    stack.ask_sim(do="on", gateway="GW-0001", unit=20)
    held = wait_for(120, lambda: cashier.get(f"/sales/{sale}").json["state"] in ("held", "queued") and code in open_cases(stack), 0.5)
    assert held, cashier.get(f"/sales/{sale}")
    lines = [l for l in stack.journal_lines() if (l["gateway"], l.get("unit")) == ("GW-0001", 20) and l["kind"] == "recharge"]
    assert not lines, lines
    assert code in open_alarms(stack)


def test_others_sell(stack):
    cashier, sale = stack.client("cashier"), new_id()
    answer = cashier.call("POST", "/sales", {"id": sale, "meter": stack.meters()["GW-0002-30"], "amount": "10.00", "channel": "cash"})
    assert answer.status == 201, answer
    assert wait_for(30, lambda: cashier.get(f"/sales/{sale}").json["state"] == "verified"), cashier.get(f"/sales/{sale}")


TESTS = [
    test_quiet,
    make_test("card_credit", "GW-0001-10", do="card", amount="20.00"),
    make_test("count_behind", "GW-0001-11", do="edit", count=lambda t: t["count"] - 1),
    make_test("amount_edited", "GW-0002-12", do="edit", total=lambda t: f"{float(t['total']) + 1:.2f}"),
    make_test("meter_reset", "GW-0002-13", do="reset"),
    test_sale_meets_card,
    test_others_sell,
]

if __name__ == "__main__":
    sys.exit(run(TESTS))
