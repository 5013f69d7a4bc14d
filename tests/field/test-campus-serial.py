#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# test-campus-serial.py: a line on a tty of the server: read, recharged, switched, unplugged and plugged in again; and captures of what
# its gateways said, ordered and fetched through the API. With CAPTURE_DIR set the captures are kept there, with what the meters knew.
import json
import os
import sys

from campus_stack import new_id, run, wait_for

# A tty has nobody between who could hold a frame back for long: answers and their loss are what goes wrong, and the adapter.
FAULTS = {
    "drops": {"drop_request": 0.15, "drop_reply": 0.2},
    "doubles": {"dup_request": 0.2, "dup_reply": 0.2},
    "spoiled": {"corrupt": 0.15, "truncate": 0.05, "noise": 0.1, "split": [0.2, 1, 3]},
    "wrong_answers": {"other_unit": 0.1, "wrong_count": 0.1, "exception_04": 0.1, "exception_06": 0.1},
    "half_truths": {"applied_then_exception": 0.25, "exception_then_applied": [0.15, 50, 400]},
    "old_answers": {"late": 0.1, "stale_reply": 0.15},
    "broken_adapter": {"conn_reset": 0.02},
}
CAPTURED = {"GW-TTY": "serial", "GW-RTU": "rtu_tcp", "GW-MB": "modbus_tcp"}


def sell(stack, code, fen):
    cashier, sale = stack.client("cashier"), new_id()
    answer = cashier.call("POST", "/sales", {"id": sale, "meter": stack.meters()[code], "amount": f"{fen // 100}.{fen % 100:02d}", "channel": "cash"})
    assert answer.status == 201, answer
    return cashier, sale


def verified(stack, cashier, sale, limit_s=60):
    done = wait_for(limit_s, lambda: cashier.get(f"/sales/{sale}").json["state"] == "verified", 0.2)
    assert done, (cashier.get(f"/sales/{sale}"), stack.log("gridtilld"))


def test_read(stack):
    stack.wait_baselines(120)
    assert wait_for(60, lambda: stack.pg.value("SELECT count(*) FROM meter_state WHERE read_at IS NOT NULL") == str(len(stack.meters())), 0.5), stack.log("gridtilld")
    rows = stack.pg.sql("SELECT code, balance, purchase_count, purchased_total, power_w FROM meter JOIN meter_state ON meter = id WHERE code LIKE 'GW-TTY%'")
    assert len(rows) == 36
    for code, balance, count, total, power in rows:
        seen = stack.truth(code)
        assert (int(count), int(total), int(power)) == (seen["count"], round(float(seen["total"]) * 10000), seen["power_w"]), (code, seen)
        assert 0 <= int(balance) - round(float(seen["balance"]) * 10000) <= 300, (code, balance, seen)
    link = stack.client("viewer").get("/gateways", q="GW-TTY").json["items"][0]
    assert (link["link"], link["link_class"], link["online"]) == ("serial", "serial", True), link
    return "36 circuits"


def test_recharge(stack):
    sales = [sell(stack, f"GW-TTY-{unit}", 1000 + k) for k, unit in enumerate([1, 7, 12, 36, 1])]
    for cashier, sale in sales:
        verified(stack, cashier, sale)
    return f"{stack.compare()} recharges"


def test_relay(stack):
    engineer, meter = stack.client("engineer"), stack.meters()["GW-TTY-8"]
    for kind, relay in (("force_off", "open"), ("restore_prepaid", "closed")):
        order = new_id()
        answer = engineer.call("POST", "/commands", {"id": order, "meter": meter, "kind": kind, "reason": "test"})
        assert answer.status in (200, 201), answer
        assert wait_for(60, lambda: engineer.get(f"/commands/{order}").json["state"] == "verified", 0.2), engineer.get(f"/commands/{order}")
        assert stack.truth("GW-TTY-8")["relay"] == relay


def test_unplug(stack):
    """The adapter is pulled out and comes back; a sale in between waits and arrives once."""
    viewer = stack.client("viewer")

    def online():
        return viewer.get("/gateways", q="GW-TTY").json["items"][0]["online"]
    stack.ask_sim(do="link", gateway="GW-TTY", action="cut")
    assert wait_for(30, lambda: not online(), 0.2), "still shown as online"
    cashier, sale = sell(stack, "GW-TTY-20", 2000)
    stack.ask_sim(do="link", gateway="GW-TTY", action="restore")
    assert wait_for(30, online, 0.2), "not opened again"
    verified(stack, cashier, sale)
    stack.compare()


def ask_capture(engineer, gateway):
    answer = engineer.call("POST", f"/gateways/{gateway}/captures", {"minutes": 1})
    assert answer.status == 201, answer
    return answer.json["n"]


def check_capture(stack, code, lines, sale_pdu, attempts):
    """Requests and ends are in pairs, what was sold is in it once for each attempt in the books (a spoiled request is proven not applied and sent
    again), and every line is of this gateway."""
    assert lines[0]["capture"] == 1 and (lines[0]["gateway"], lines[0]["link"]) == (code, CAPTURED[code]), lines[0]
    asks = [l for l in lines[1:] if l["dir"] == "ask"]
    ends = [l for l in lines[1:] if l["dir"] == "end"]
    assert abs(len(asks) - len(ends)) <= 1 and len(ends) > 20, (len(asks), len(ends))
    sent = sum(1 for l in asks if l["hex"][2:] == sale_pdu)
    assert sent == attempts >= 1, (code, sale_pdu, sent, attempts)
    assert {l["dir"] for l in lines[1:]} <= {"ask", "end", "in", "out", "link"}
    assert any(l["dir"] == "in" for l in lines[1:]) == (code != "GW-TTY")
    times = [l["at"] for l in lines]
    assert times == sorted(times)


captured = {}


def test_captures_begin(stack):
    """They run while other things are tested: a minute is long."""
    engineer = stack.client("engineer")
    ids = {code: stack.pg.value(f"SELECT id FROM gateway WHERE code = '{code}'") for code in CAPTURED}
    before = {code: {unit: stack.truth(f"{code}-{unit}") for unit in range(1, 13)} for code in CAPTURED}
    numbers = {code: ask_capture(engineer, ids[code]) for code in CAPTURED}
    assert engineer.call("POST", f"/gateways/{ids['GW-MB']}/captures", {"minutes": 1}).status == 409
    assert wait_for(20, lambda: all(engineer.get(f"/gateways/{ids[c]}/captures").json["items"][0]["state"] == "running" for c in CAPTURED), 0.2)
    stack.ask_sim(do="fault", faults={"drop_reply": 0.05, "corrupt": 0.05, "noise": 0.1, "split": [0.2, 1, 3]})
    sales = [sell(stack, f"{code}-3", 3300) for code in CAPTURED]
    for cashier, sale in sales:
        verified(stack, cashier, sale, 120)
    stack.ask_sim(do="fault", faults={})
    attempts = {code: int(stack.pg.value(f"SELECT count(*) FROM command_attempt WHERE command = '{sale}' AND outcome <> 1"))  # 1: no byte left
                for code, (_, sale) in zip(CAPTURED, sales)}
    pdus = {code: [l["pdu"] for l in stack.journal_lines() if l["kind"] == "recharge" and (l["gateway"], l["unit"]) == (code, 3)][-1] for code in CAPTURED}
    captured.update(ids=ids, before=before, numbers=numbers, attempts=attempts, pdus=pdus)


def test_captures(stack):
    engineer, ids = stack.client("engineer"), captured["ids"]
    ended = wait_for(100, lambda: all(engineer.get(f"/gateways/{ids[c]}/captures").json["items"][0]["state"] == "done" for c in CAPTURED), 0.5)
    assert ended, [engineer.get(f"/gateways/{ids[c]}/captures").json for c in CAPTURED]
    for code, n in captured["numbers"].items():
        shown = engineer.get(f"/gateways/{ids[code]}/captures").json["items"][0]
        answer = engineer.get(f"/gateways/{ids[code]}/captures/{n}")
        assert answer.status == 200 and len(answer.body) == shown["bytes"] and answer.body.count(b"\n") == shown["lines"], shown
        with open(os.path.join(stack.folder, "state", "captures", f"{code}-{n}.jsonl"), "rb") as file:
            assert file.read() == answer.body
        check_capture(stack, code, [json.loads(line) for line in answer.body.splitlines()], captured["pdus"][code], captured["attempts"][code])
        keep(stack, code, answer.body, captured["before"][code])
    assert engineer.get(f"/gateways/{ids['GW-MB']}/captures/4711").status == 404
    return "3 captures"


def keep(stack, code, body, before):
    """For the replay test: the lines, and the truth of each meter at the beginning and at the end."""
    folder = os.environ.get("CAPTURE_DIR")
    if not folder:
        return
    after = {unit: stack.truth(f"{code}-{unit}") for unit in before}
    with open(os.path.join(folder, CAPTURED[code] + ".jsonl"), "wb") as file:
        file.write(body)
    with open(os.path.join(folder, CAPTURED[code] + ".truth.json"), "w", encoding="utf-8") as file:
        json.dump({str(unit): {name: [before[unit][name], after[unit][name]] for name in ("count", "total", "balance", "energy")} for unit in before}, file, indent=0)


def make_test(number, name, faults):
    def test(stack):
        stack.ask_sim(do="fault", faults=faults)
        sales = [sell(stack, f"GW-TTY-{1 + 6 * number % 30 + k}", 100 * (number + 5) + k) for k in range(6)]
        wait_for(15, lambda: not stack.open_commands(), 0.5)
        stack.ask_sim(do="fault", faults={})
        stack.settle(120)
        for cashier, sale in sales:
            verified(stack, cashier, sale, 120)
        return f"{stack.compare()} recharges"
    test.__name__ = "test_sales_" + name
    return test


def test_load(stack):
    """36 circuits every 15 s take 27 % of a line of 9600 baud, and more than there is of one of 1200: that is shown, not promised."""
    viewer = stack.client("viewer")

    def shown():
        item = viewer.get("/gateways", q="GW-TTY").json["items"][0]
        return item["load_pct"], item["too_slow"]
    assert wait_for(20, lambda: shown() == ({"1": 27}, False), 0.5), shown()
    stack.pg.sql("UPDATE gateway SET ports = '[{\"port\":1,\"baud\":1200,\"parity\":\"N\"}]' WHERE code = 'GW-TTY'; SELECT pg_notify ('till_plant', '')")
    assert wait_for(60, lambda: shown()[1], 0.5), shown()
    assert shown()[0]["1"] > 100, shown()
    assert [g["code"] for g in viewer.get("/gateways", too_slow="true").json["items"]] == ["GW-TTY"]


if __name__ == "__main__":
    sales = [make_test(n, name, faults) for n, (name, faults) in enumerate(FAULTS.items())]
    sys.exit(run([test_read, test_recharge, test_relay, test_unplug] + sales[:4] + [test_captures_begin] + sales[4:6] + [test_captures, sales[6], test_load],
                 world="tests/field/serial.json"))
