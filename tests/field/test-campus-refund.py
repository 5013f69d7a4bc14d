#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# test-campus-refund.py: money that goes out against meters that can give it back: refunds, reversals, cases that two persons decide. The
# simulator's journal of what it took off equals the ledger, whatever the line does to the frames.
import sys

from campus_stack import new_id, run, wait_for

FAULTS = {
    "none": {},
    "drops": {"drop_request": 0.15, "drop_reply": 0.2},
    "delays": {"delay_request": [0.15, 200, 4000], "delay_reply": [0.15, 200, 4000]},
    "half_truths": {"applied_then_exception": 0.25, "exception_then_applied": [0.15, 100, 3000]},
    "broken_links": {"conn_reset": 0.1, "drop_reply": 0.1},
}


def code(unit):
    return f"GW-0001-{unit}"


def refund(stack, who, unit, amount, **members):
    ident = new_id()
    answer = who.call("POST", "/refunds", {"id": ident, "meter": stack.meters()[code(unit)], "amount": amount, "channel": "card", "reason": "test", **members})
    return ident, answer


def reaches(who, sale, state, limit_s=60):
    found = wait_for(limit_s, lambda: who.get(f"/sales/{sale}").json["state"] == state, 0.1)
    assert found, who.get(f"/sales/{sale}").json
    return who.get(f"/sales/{sale}").json


def violations(stack):
    rows = stack.pg.sql("SELECT invariant, subject FROM ledger_violations ()")
    assert not rows, rows


def sell(stack, who, unit, amount, channel="card"):
    sale = new_id()
    answer = who.call("POST", "/sales", {"id": sale, "meter": stack.meters()[code(unit)], "amount": amount, "channel": channel})
    assert answer.status == 201, answer
    return sale


def test_baselines(stack):
    stack.wait_baselines(90)


def test_refund(stack):
    """Debit, read back, owed, and only then paid: from an open drawer."""
    finance, other = stack.client("finance"), stack.client("chief")
    before = float(stack.truth(code(1))["balance"])
    ident, answer = refund(stack, finance, 1, "20.00", channel="cash")
    assert answer.status == 201 and answer.json["state"] in ("queued", "sent", "verifying"), answer
    done = reaches(finance, ident, "verified")
    assert done["paid_at"] is None, done
    assert before - float(stack.truth(code(1))["balance"]) >= 20.0
    assert finance.call("POST", f"/sales/{ident}/pay", {}).status == 409  # no open drawer
    drawer = finance.call("POST", "/drawers", {"opened_with": "100.00"})
    assert drawer.status == 201, drawer
    paid = finance.call("POST", f"/sales/{ident}/pay", {})
    assert paid.status == 200 and paid.json["paid_channel"] == "cash", paid
    assert other.call("POST", f"/sales/{ident}/pay", {"channel": "card"}).status == 409
    closed = finance.call("POST", f"/drawers/{drawer.json['id']}/close", {"counted": "80.00"})
    assert closed.status == 200 and closed.json["over_short"] == "0.0000", closed
    violations(stack)


def make_test(name, faults):
    def test(stack):
        finance = stack.client("finance")
        sales = [sell(stack, finance, unit, f"{10 + unit}.00") for unit in (1, 2, 3, 4, 11, 12, 13, 14)]
        stack.settle(150)
        stack.ask_sim(do="fault", faults=faults)
        out = []
        for k, sale in enumerate(sales):
            if k % 2:
                ident = new_id()
                answer = finance.call("POST", f"/sales/{sale}/reverse", {"id": ident, "reason": "test"})
            else:
                ident, answer = refund(stack, finance, (1, 2, 3, 4, 11, 12, 13, 14)[k], "7.50")
            if answer.status == 504:
                continue  # the line was too bad to be asked: nothing was promised
            assert answer.status == 201, answer
            out.append(ident)
        wait_for(20, lambda: not stack.open_commands(), 0.5)
        stack.ask_sim(do="fault", faults={})
        stack.settle(150)
        for ident in out:
            assert finance.get(f"/sales/{ident}").json["state"] == "verified", finance.get(f"/sales/{ident}").json
        violations(stack)
        return f"{stack.compare()} recharges, {len(out)} went out"
    test.__name__ = "test_out_" + name
    return test


def test_reversal_before_delivery(stack):
    """A circuit that does not answer gets nothing and loses nothing: the reversal of a waiting sale gives the cash back at once."""
    finance = stack.client("finance")
    stack.ask_sim(do="off", gateway="GW-0001", unit=5)
    sale = sell(stack, finance, 5, "12.00", "cash")
    ident = new_id()

    def reversed_now():
        answer = finance.call("POST", f"/sales/{sale}/reverse", {"id": ident, "reason": "wrong room"})
        assert answer.status in (200, 201, 409), answer
        return answer.status in (200, 201)
    assert wait_for(30, reversed_now, 0.3), finance.get(f"/sales/{sale}").json
    assert finance.get(f"/sales/{sale}").json["state"] == "cancelled"
    assert finance.get(f"/sales/{ident}").json["paid_channel"] == "cash"
    again = finance.call("POST", f"/sales/{sale}/reverse", {"id": new_id(), "reason": "again"})
    assert again.status == 409, again
    stack.ask_sim(do="on", gateway="GW-0001", unit=5)
    violations(stack)
    stack.compare()


def test_second_operator(stack):
    """Above the limit the meter is not touched before somebody else agreed."""
    finance, chief = stack.client("finance"), stack.client("chief")
    stack.pg.sql("UPDATE site SET approve_refund = 500000")
    before = len([l for l in stack.journal_lines() if l["kind"] == "debit"])
    ident, answer = refund(stack, finance, 6, "60.00")
    assert answer.status == 409 and answer.code == "approval_required", answer
    approval = answer.json["fields"]["approval"]
    assert len([l for l in stack.journal_lines() if l["kind"] == "debit"]) == before
    assert finance.call("POST", f"/approvals/{approval}", {"decision": "approve"}).status == 403
    agreed = chief.call("POST", f"/approvals/{approval}", {"decision": "approve", "note": "seen"})
    assert agreed.status == 200, agreed
    assert reaches(finance, ident, "verified")["approved_by"] is not None
    stack.compare()


def test_held_decision(stack):
    """Credit from elsewhere freezes a meter; two persons accept its values on a fresh reading, and sales go on under a new epoch."""
    finance, chief, unit = stack.client("finance"), stack.client("chief"), 7
    meter = stack.meters()[code(unit)]
    stack.ask_sim(do="card", gateway="GW-0001", unit=unit, amount="30.00")
    assert wait_for(40, lambda: finance.get("/cases", state="open", meter=meter).json["total"] == 1, 0.3), stack.log("gridtilld")
    case = finance.get("/cases", state="open", meter=meter).json["items"][0]
    early = finance.call("POST", f"/cases/{case['id']}", {"decision": "applied", "note": "x"})
    assert early.status in (400, 409), early

    def read():
        assert wait_for(40, lambda: finance.call("POST", f"/meters/{meter}/read").status == 200, 1)
        assert wait_for(20, lambda: finance.get(f"/cases/{case['id']}").json["seen_at"] is not None, 0.3), finance.get(f"/cases/{case['id']}").json
    read()
    proposed = None
    for _ in range(5):
        proposed = finance.call("POST", f"/cases/{case['id']}", {"decision": "accept_meter", "note": "a card of the old system"})
        if proposed.status == 202:
            break
        assert proposed.code == "stale", proposed
        read()
    assert proposed.status == 202, proposed
    agreed = chief.call("POST", f"/approvals/{proposed.json['approval']}", {"decision": "approve"})
    assert agreed.status == 200, agreed
    assert finance.get(f"/cases/{case['id']}").json["decision"] == "accept_meter"
    suspense = stack.pg.value(f"SELECT coalesce (sum (p.amount), 0) FROM posting p JOIN tx t USING (site, n) JOIN ledger_account a ON a.id = p.account "
                              f"WHERE a.kind = 6 AND a.owner = {meter} AND t.actor <> 0")
    assert suspense == "300000", suspense  # the 30.00 that came from nowhere
    sale = sell(stack, finance, unit, "10.00")
    done = reaches(finance, sale, "verified", 90)
    assert done["count"] == stack.truth(code(unit))["count"], (done, stack.truth(code(unit)))
    assert stack.pg.value(f"SELECT epoch FROM meter WHERE id = {meter}") == "2"
    violations(stack)


def test_replacement(stack):
    """The old device is read, another one is put in its place: what was on the old one arrives on the new one, counted from 1."""
    engineer, unit = stack.client("engineer"), 8
    meter, before = stack.meters()[code(unit)], float(stack.truth(code(8))["balance"])
    assert wait_for(40, lambda: engineer.call("POST", f"/meters/{meter}/read").status == 200, 1)
    ident = new_id()
    answer = engineer.call("POST", f"/meters/{meter}/replace", {"id": ident, "new": {"serial": "GA0000000099"}, "final": {"source": "read"}})
    assert answer.status == 201, answer
    again = engineer.call("POST", f"/meters/{meter}/replace", {"id": ident, "new": {"serial": "GA0000000099"}, "final": {"source": "read"}})
    assert again.status == 200, again
    carried = float(answer.json["carried"])
    assert before - 1 < carried <= before, (before, answer.json)
    stack.ask_sim(do="swap", gateway="GW-0001", unit=unit, new_serial="GA0000000099")
    finance = stack.client("finance")
    done = reaches(finance, ident, "verified", 120)
    truth = stack.truth(code(unit))
    assert done["kind"] == "transfer" and done["count"] == truth["count"], (done, truth)
    assert carried - 1 < float(truth["balance"]) <= carried + 0.01, (carried, truth)
    violations(stack)


def test_dead_meter(stack):
    """A device that cannot be read any more: its last reading is a provisional credit, put right when somebody reads it after all."""
    engineer, finance, unit = stack.client("engineer"), stack.client("finance"), 9
    meter = stack.meters()[code(unit)]
    stack.pg.sql("UPDATE site SET approve_refund = NULL")
    ident, correction = new_id(), new_id()
    answer = engineer.call("POST", f"/meters/{meter}/replace",
                           {"id": ident, "new": {"serial": "GA0000000098"}, "final": {"source": "dead", "balance": "100.00", "note": "burnt, photo 17"}})
    assert answer.status == 201 and answer.json["provisional"], answer
    stack.ask_sim(do="swap", gateway="GW-0001", unit=unit, new_serial="GA0000000098")
    reaches(finance, ident, "verified", 120)
    put_right = engineer.call("POST", f"/meters/{meter}/correct", {"id": correction, "balance": "120.00", "note": "read in the workshop"})
    assert put_right.status == 201, put_right
    assert engineer.call("POST", f"/meters/{meter}/correct", {"id": new_id(), "balance": "130.00", "note": "twice"}).status == 409
    reaches(finance, correction, "verified", 120)
    assert 119 < float(stack.truth(code(unit))["balance"]) <= 120.01, stack.truth(code(unit))
    violations(stack)


TESTS = [test_baselines, test_refund] + [make_test(name, faults) for name, faults in FAULTS.items()] + [
    test_reversal_before_delivery, test_second_operator, test_held_decision, test_replacement, test_dead_meter]

if __name__ == "__main__":
    sys.exit(run(TESTS, world="tests/field/campus-refund.json"))
