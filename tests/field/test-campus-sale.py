#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# test-campus-sale.py: sales through the API reach the meters exactly once, whatever the line does to the frames: the simulator's own
# journal of applied recharges equals the ledger. One fault set after the other on one running campus.
import sys

from campus_stack import new_id, run, wait_for

# Each is harsh: at least one of three frames is hit. After it the line is clean again, so that everything can settle.
FAULTS = {
    "none": {},
    "drops": {"drop_request": 0.15, "drop_reply": 0.2},
    "delays": {"delay_request": [0.15, 200, 4000], "delay_reply": [0.15, 200, 4000]},
    "doubles": {"dup_request": 0.2, "dup_reply": 0.2, "gateway_retry": 0.2},
    "spoiled": {"corrupt": 0.15, "truncate": 0.05, "noise": 0.1, "split": [0.2, 1, 3]},
    "wrong_answers": {"other_unit": 0.1, "wrong_count": 0.1, "exception_04": 0.1, "exception_06": 0.1},
    "half_truths": {"applied_then_exception": 0.25, "exception_then_applied": [0.15, 100, 3000]},
    "old_answers": {"late": 0.1, "stale_reply": 0.15},
    "broken_links": {"conn_reset": 0.1},
}
state = {"next": 0}


def sell(stack, cashier, code, fen):
    sale = new_id()
    answer = cashier.call("POST", "/sales", {"id": sale, "meter": stack.meters()[code], "amount": f"{fen // 100}.{fen % 100:02d}", "channel": "cash"})
    assert answer.status == 201, answer
    assert answer.json["state"] in ("paid", "queued"), answer
    return sale


def make_test(name, faults):
    def test(stack):
        cashier = stack.client("cashier")
        codes = [c for c in stack.opened() if c.rsplit("-", 1)[1] not in ("6", "9")]
        first = state["next"]
        state["next"] += 16
        stack.ask_sim(do="fault", faults=faults)
        sales = [sell(stack, cashier, codes[(first + k) % len(codes)], 1000 + first + k) for k in range(16)]
        wait_for(20, lambda: not stack.open_commands(), 0.5)
        stack.ask_sim(do="fault", faults={})
        stack.settle(120)
        stack.ask_sim(do="stats")
        for sale in sales:
            seen = cashier.get(f"/sales/{sale}").json
            assert seen["state"] == "verified", seen
        return f"{stack.compare()} recharges"
    test.__name__ = "test_sales_" + name
    return test


def test_baselines(stack):
    stack.wait_baselines(90)


def test_order_per_meter(stack):
    """Five sales of one meter arrive in the order of acceptance, with counts that follow each other."""
    cashier, code = stack.client("cashier"), "GW-0002-9"
    for k in range(5):
        sell(stack, cashier, code, 5000 + k)
    stack.settle(60)
    lines = [l for l in stack.journal_lines() if l["kind"] == "recharge" and (l["gateway"], l["unit"]) == ("GW-0002", 9)][-5:]
    assert [l["amount"] for l in lines] == [f"50.0{k}" for k in range(5)], lines
    assert [l["count"] for l in lines] == list(range(lines[0]["count"], lines[0]["count"] + 5)), lines
    stack.compare()


def test_relay(stack):
    """Force off and restore prepaid are verified, and the journal of the simulator shows both."""
    engineer, meter = stack.client("engineer"), stack.meters()["GW-0001-8"]
    for kind, relay in (("force_off", "open"), ("restore_prepaid", "closed")):
        order = new_id()
        answer = engineer.call("POST", "/commands", {"id": order, "meter": meter, "kind": kind, "reason": "test"})
        assert answer.status in (200, 201), answer
        done = wait_for(60, lambda: engineer.get(f"/commands/{order}").json["state"] == "verified")
        assert done, engineer.get(f"/commands/{order}")
        assert stack.truth("GW-0001-8")["relay"] == relay
    actions = [l["action"] for l in stack.journal_lines() if l["kind"] == "relay" and l["unit"] == 8]
    assert actions[-2:] == ["open", "auto"], actions


def test_switched_off(stack):
    """A sale to a circuit that does not answer waits; it is delivered, once, when the circuit is back."""
    cashier = stack.client("cashier")
    stack.ask_sim(do="off", gateway="GW-0001", unit=6)
    sale = sell(stack, cashier, "GW-0001-6", 7777)
    assert not wait_for(6, lambda: cashier.get(f"/sales/{sale}").json["state"] == "verified")
    stack.ask_sim(do="on", gateway="GW-0001", unit=6)
    stack.settle(120)
    assert cashier.get(f"/sales/{sale}").json["state"] == "verified"
    stack.compare()


if __name__ == "__main__":
    sys.exit(run([test_baselines] + [make_test(name, faults) for name, faults in FAULTS.items()] + [test_order_per_meter, test_relay, test_switched_off]))
