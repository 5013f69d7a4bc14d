#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# test-campus-classes.py: meters of class B and C, energy-only ones, money and energy purses, four and five rates: added by the API, or discovered,
# and read and set right. What the API says of them is what the simulator knows.
import sys

import campus_stack
from campus_stack import Stack, new_id, wait_for

MODELS = {"GW-B001": [("gridtill-generic-b", 1), ("gridtill-generic-kwh", 21), ("gridtill-generic-kwh", 22), ("gridtill-generic-kwh", 23), ("gridtill-generic-kwh", 24), ("gridtill-generic", 31), ("gridtill-generic", 32)],
          "GW-C001": [("ddsy1352", 1), ("dtsy1352", 11), ("gridtill-generic-c", 21), ("adw300-readonly", 31)], "GW-A003": []}


class Classes(Stack):
    """Gateways only: the meters come by the API."""

    def plant(self):
        text = [campus_stack.PLANT]
        for n, link in enumerate(self.links):
            text.append(campus_stack.GATEWAY.format(code=link["code"], link=campus_stack.LINKS.get(link["kind"], 3), address=self.address(n)))
        self.pg.sql("BEGIN;" + "".join(text) + "COMMIT;")


def test_added(stack):
    client = stack.client("engineer")
    gateways = {g["code"]: g["id"] for g in client.get("/gateways").json["items"]}
    area, tariff = int(stack.pg.value("SELECT id FROM area")), int(stack.pg.value("SELECT id FROM tariff"))
    meters = [{"code": f"{code}-{unit}", "gateway": gateways[code], "unit": unit, "model": model, "area": area, "tariff": tariff} for code, list_ in MODELS.items() for model, unit in list_]
    made = client.call("POST", "/meters", {"meters": meters})
    assert made.status == 201 and made.json["total"] == len(meters), made
    purses = {m["code"]: (m["settlement"], m["purse"]) for m in client.get("/meters").json["items"]}
    assert purses["GW-B001-1"] == ("meter", "money") and purses["GW-B001-21"] == ("meter", "energy"), purses
    assert purses["GW-C001-21"] == ("server", "money") and purses["GW-C001-31"] == ("none", "none"), purses
    wrong = client.call("POST", "/meters", {**meters[0], "code": "X", "unit": 99, "model": "adw300-readonly", "settlement": "meter"})
    assert wrong.status == 400 and "settlement" in wrong.json["fields"], wrong
    taken = client.call("POST", "/meters", {**meters[0], "code": "Y"})
    assert taken.status == 409 and "unit" in taken.json["fields"], taken

    def missing():
        return [m["code"] for m in client.get("/meters").json["items"] if m["read_at"] is None]
    assert wait_for(60, lambda: not missing(), 0.5), (missing(), stack.log("gridtilld"))


def test_values(stack):
    client = stack.client("engineer")
    for meter in client.get("/meters").json["items"]:
        fresh = client.call("POST", f"/meters/{meter['id']}/read")
        assert fresh.status == 200, (meter["code"], fresh)
        seen, truth = fresh.json, stack.truth(meter["code"])
        assert abs(float(seen["energy_total"]) - float(truth["energy"])) < 0.05, (meter["code"], seen["energy_total"], truth)
        if seen["settlement"] == "meter":
            assert abs(float(seen["balance"]) - float(truth["balance"])) < 0.05, (meter["code"], seen["balance"], truth)
            assert seen["purchase_count"] is None or seen["purchase_count"] == truth["count"], (meter["code"], seen, truth)
    assert wait_for(60, lambda: stack.pg.value("SELECT count(*) FROM meter_state s JOIN meter m ON m.id = s.meter WHERE m.code = 'GW-B001-31' AND s.energy_deep IS NOT NULL") == "1", 1)
    five = client.get("/meters", q="GW-B001-31").json["items"][0]
    assert set(five["energy_rates"]) == {"tip", "peak", "flat", "valley", "deep"}, five
    assert abs(sum(float(v) for v in five["energy_rates"].values()) - float(five["energy_total"])) < 0.2, five


def test_discovered(stack):
    """CT, three-phase and single-phase circuits of one cabinet; the models follow from the counts."""
    client = stack.client("engineer")
    gateway = next(g["id"] for g in client.get("/gateways").json["items"] if g["code"] == "GW-A003")
    job = client.call("POST", f"/gateways/{gateway}/discover", {"tables": [1]}).json["job"]
    assert wait_for(60, lambda: client.get("/jobs/" + job).json["state"] != "running", 0.3)
    end = client.get("/jobs/" + job).json
    circuits = end["result"]["circuits"]
    assert [(c["unit"], c["model"]) for c in circuits] == [(1 + 3 * k, "adf400l-3p") for k in range(6)] + [(19 + k, "adf400l-1p") for k in range(18)], circuits
    area = int(stack.pg.value("SELECT id FROM area"))
    chosen = [c for c in circuits if c["unit"] in (1, 4, 19, 20)]
    made = client.call("POST", "/meters", {"meters": [{"code": f"GW-A003-{c['unit']}", "gateway": gateway, "unit": c["unit"], "model": c["model"], "area": area} for c in chosen]})
    assert made.status == 201, made
    assert wait_for(60, lambda: all(client.get(f"/meters/{i}").json["read_at"] for i in made.json["items"]), 0.5)
    for i in made.json["items"]:
        seen = client.get(f"/meters/{i}").json
        truth = stack.truth(seen["code"])
        assert abs(float(seen["energy_total"]) - float(truth["energy"])) < 0.3 and abs(float(seen["balance"]) - float(truth["balance"])) < 0.3, (seen, truth)


def verified(client, meter, kind, value=None, **more):
    body = {"id": new_id(), "meter": meter, "kind": kind, **({"value": value} if value else {}), **more}
    answer = client.call("POST", "/commands", body)
    assert answer.status == 201, answer
    assert wait_for(60, lambda: client.get("/commands/" + body["id"]).json["state"] in ("verified", "failed"), 0.2)
    end = client.get("/commands/" + body["id"]).json
    assert end["state"] == "verified", end


def registers(stack, code, at, count):
    gateway, unit = code.rsplit("-", 1)
    words = stack.ask_sim(do="registers", gateway=gateway, unit=int(unit), at=at, count=count)["words"]
    return [int(words[i:i + 4], 16) for i in range(0, len(words), 4)]


def test_settings(stack):
    """Five rates, tiers and two day plans; limits in money and in kWh; the relay of a class C meter."""
    client = stack.client("engineer")
    meters = {m["code"]: m["id"] for m in client.get("/meters").json["items"]}
    plan = [{"at": "00:00", "rate": "deep"}, {"at": "07:00", "rate": "peak"}]
    verified(client, meters["GW-B001-31"], "set_price", {
        "prices": {"tip": "1.1234", "peak": "0.9", "flat": "0.6", "valley": "0.3", "deep": "0.15"}, "day_plan_1": plan,
        "day_plan_2": [{"at": "00:00", "rate": "flat"}], "plan_2_days": [0, 6], "tiers": [{"to": "230.00", "add": "0"}, {"add": "0.3"}], "tier_period": "year"})
    words = registers(stack, "GW-B001-31", "0100", 10)
    assert [words[n] << 16 | words[n + 1] for n in range(0, 10, 2)] == [11234, 9000, 6000, 3000, 1500], words
    assert registers(stack, "GW-B001-31", "0117", 3) == [2, 0, 23000]
    assert registers(stack, "GW-B001-31", "0140", 3) == [0x0500, 0x0002, 0x0700]
    verified(client, meters["GW-B001-21"], "set_limits", {"alarm1": "20.00", "alarm2": "5.00"})
    words = registers(stack, "GW-B001-21", "010A", 4)
    assert (words[0] << 16 | words[1], words[2] << 16 | words[3]) == (2000, 500), words
    record = client.get(f"/meters/{meters['GW-B001-21']}").json
    assert (record["alarm1"], record["alarm2"]) == ("20.000", "5.000"), record
    verified(client, meters["GW-C001-21"], "force_off", reason="test")
    assert stack.truth("GW-C001-21")["relay"] == "open"
    verified(client, meters["GW-C001-21"], "force_on")
    assert stack.truth("GW-C001-21")["relay"] == "closed"
    none = client.call("POST", "/commands", {"id": new_id(), "meter": meters["GW-C001-31"], "kind": "force_on"})
    assert none.status == 422 and none.code == "unsupported", none


def test_changes(stack):
    """PATCH orders what the meter must hold, says what cannot be ordered, and knows who was faster."""
    client = stack.client("engineer")
    meter = next(m for m in client.get("/meters").json["items"] if m["code"] == "GW-B001-32")
    path = f"/meters/{meter['id']}"
    assert client.call("PATCH", path, {"alarm1": "70.00"}).status == 400
    assert client.call("PATCH", path, {"alarm1": "70.00"}, {"If-Match": "99"}).code == "stale"
    assert client.call("PATCH", path, {"alarm1": "5.00"}, {"If-Match": str(meter["version"])}).status == 400
    changed = client.call("PATCH", path, {"alarm1": "70.00", "name": "Kitchen", "life_support": True}, {"If-Match": f"\"{meter['version']}\""})
    assert changed.status == 200 and changed.json["name"] == "Kitchen" and len(changed.json["commands"]) == 1 and not changed.json["not_sent"], changed
    assert wait_for(60, lambda: client.get("/commands/" + changed.json["commands"][0]).json["state"] == "verified", 0.3)
    words = registers(stack, "GW-B001-32", "010A", 2)
    assert words[0] << 16 | words[1] == 7000, words
    assert client.call("PATCH", path, {"model": "gridtill-generic-b"}, {"If-Match": str(changed.json["version"])}).status == 409
    dumb = next(m for m in client.get("/meters").json["items"] if m["code"] == "GW-C001-31")
    answer = client.call("PATCH", f"/meters/{dumb['id']}", {"alarm1": "70.00"}, {"If-Match": str(dumb["version"])})
    assert answer.status == 200 and not answer.json["commands"] and answer.json["not_sent"][0]["kind"] == "set_limits", answer
    gone = client.call("DELETE", f"/meters/{dumb['id']}", headers={"If-Match": str(answer.json["version"])})
    assert gone.status == 204 and client.get(f"/meters/{dumb['id']}").status == 404, gone


def sold_to(stack, code):
    stack.pg.sql(f"WITH person AS (INSERT INTO customer (code, name, area) SELECT 'C-{code}', '{code}', area FROM meter WHERE code = '{code}' RETURNING id), "
                 f"paper AS (INSERT INTO account (code, site, customer) SELECT 'A-{code}', site.id, person.id FROM site, person RETURNING id) "
                 f"INSERT INTO account_meter (account, meter) SELECT paper.id, meter.id FROM paper, meter WHERE meter.code = '{code}'")


def test_energy_purses(stack):
    """Money becomes kWh and kWh money again; what comes to such a purse otherwise, or leaves it, is a case within a poll."""
    codes = [f"GW-B001-{unit}" for unit in (21, 22, 23, 24)]
    meters = stack.meters()
    for code in codes:
        sold_to(stack, code)
    assert wait_for(60, lambda: stack.pg.value("SELECT count(*) FROM meter_purse p JOIN meter m ON m.id = p.meter WHERE p.has_baseline AND m.purse = 2") == "4", 0.5)
    value = "SELECT l.credits - l.debits FROM ledger_account l JOIN meter m ON m.id = l.owner WHERE l.kind = 3 AND m.code = 'GW-B001-21'"
    adopted = int(stack.pg.value(value))
    assert abs(adopted - round(float(stack.truth(codes[0])["balance"]) * 5600)) < 1000, (adopted, stack.truth(codes[0]))  # what it held when it was first read

    finance, kwh, before = stack.client("finance"), [], stack.truth(codes[0])
    for n in range(2):  # 10.00 at 0.56 are 17.857 kWh: 17.85, and what is left buys the next unit
        body = {"id": new_id(), "meter": meters[codes[0]], "amount": "10.00", "channel": "card"}
        assert wait_for(20, lambda: stack.client("engineer").call("POST", f"/meters/{meters[codes[0]]}/read").status == 200, 0.5)
        sale = finance.call("POST", "/sales", body)
        assert sale.status == 201, sale
        assert wait_for(60, lambda: finance.get("/sales/" + body["id"]).json["state"] == "verified", 0.2), finance.get("/sales/" + body["id"]).json
        kwh.append(sale.json["energy"])
        told = finance.get("/sales/" + body["id"]).json
        assert abs(float(told["balance_after"]) - float(told["balance_before"]) - float(told["energy"])) < 0.1, told  # kWh all of them
    assert kwh == ["17.850", "17.860"], kwh
    truth = stack.truth(codes[0])
    assert truth["count"] == before["count"] + 2 and abs(float(truth["total"]) - float(before["total"]) - 35.71) < 0.001, (before, truth)
    back = {"id": new_id(), "meter": meters[codes[0]], "amount": "5.60", "channel": "card", "reason": "test"}
    assert stack.client("engineer").call("POST", f"/meters/{meters[codes[0]]}/read").status == 200
    refund = finance.call("POST", "/refunds", back)
    assert refund.status == 201, refund
    assert wait_for(60, lambda: finance.get("/sales/" + back["id"]).json["state"] == "verified", 0.2), finance.get("/sales/" + back["id"]).json
    taken = [line for line in stack.journal_lines() if line["kind"] == "debit" and line.get("unit") == 21]
    assert [line["purse"] for line in taken] == ["energy"] and 9.99 < float(taken[0]["amount"]) < 10.03, taken
    assert int(stack.pg.value(value)) == adopted + 200000 - 56000
    held = int(stack.pg.value("SELECT energy_held (id) FROM meter WHERE code = 'GW-B001-21'"))
    assert 0 <= held - round(float(stack.truth(codes[0])["balance"]) * 1000) < 100, (held, stack.truth(codes[0]))
    assert stack.pg.value("SELECT count(*) FROM dispute_case") == "0"

    stack.ask_sim(do="card", gateway="GW-B001", unit=22, amount="5.00")
    stack.ask_sim(do="edit", gateway="GW-B001", unit=23, total=f"{float(stack.truth(codes[2])['total']) + 0.01:.2f}")
    stack.ask_sim(do="reset", gateway="GW-B001", unit=24)
    cases = "SELECT string_agg (m.code || ' ' || k.reason, ',' ORDER BY m.code) FROM dispute_case k JOIN meter m ON m.id = k.meter"
    wanted = "GW-B001-22 1,GW-B001-23 3,GW-B001-24 2"
    assert wait_for(30, lambda: stack.pg.value(cases) == wanted, 0.2), (stack.pg.value(cases), stack.log("gridtilld"))
    shown = next(c for c in finance.get("/cases").json["items"] if c["meter_code"] == codes[1])
    assert shown["purse"] == "energy" and round(float(shown["reading"]["total"]) - float(shown["believed"]["total"]), 3) == 5.0, shown
    refused = finance.call("POST", "/sales", {"id": new_id(), "meter": meters[codes[1]], "amount": "10.00", "channel": "card"})
    assert refused.status == 409 and refused.code == "dispute", refused
    assert stack.pg.value("SELECT count(*) FROM ledger_violations ()") == "0", stack.pg.sql("SELECT * FROM ledger_violations ()")


def test_other_relay_words(stack):
    """A circuit whose relay obeys the other set of words: the walk finds it, and orders use it from then on."""
    client = stack.client("engineer")
    gateway = next(g["id"] for g in client.get("/gateways").json["items"] if g["code"] == "GW-A003")
    stack.pg.sql("DELETE FROM model_proof WHERE model = 'adf400l-1p'")
    stack.tool("create-admin", "--user", "second", "--role", "engineer", "--name", "second", "--password-file", stack.folder + "/password")
    area = int(stack.pg.value("SELECT id FROM area"))
    meter = client.call("POST", "/meters", {"code": "GW-A003-74", "gateway": gateway, "unit": 74, "model": "adf400l-1p", "area": area}).json["id"]
    assert wait_for(60, lambda: client.get(f"/meters/{meter}").json["read_at"], 0.5)
    proof = new_id()
    assert client.call("POST", "/meter-models/adf400l-1p/proofs", {"id": proof, "meter": meter}).status == 201

    def question():
        assert wait_for(90, lambda: client.get("/proofs/" + proof).json["waiting_for"] != "field", 0.2), client.get("/proofs/" + proof).json["steps"][-2:]
        return client.get("/proofs/" + proof).json

    asked = []
    while (walk := question())["step"] != "agree":
        word = {"display": "agree", "serial": "agree", "recharge": "skip"}.get(walk["step"]) or stack.truth("GW-A003-74")["relay"]
        asked.append((walk["step"], walk["question"].get("candidate"), walk["question"].get("ordered"), word))
        said = client.call("POST", "/proofs/" + proof, {"step": walk["step"], "answer": word})
        assert said.status == 200, said
    proved = {p["write"]: p.get("candidate") for p in walk["question"]["proved"]}
    assert proved.get("control") == "H1" and "recharge" not in proved, (proved, asked)
    assert stack.client("second").call("POST", "/proofs/" + proof, {"step": "agree", "answer": "agree"}).json["state"] == "done"
    assert stack.pg.value("SELECT candidate FROM model_proof WHERE write = 'control'") == "H1"
    assert wait_for(20, lambda: client.call("POST", "/commands", {"id": new_id(), "meter": meter, "kind": "force_off", "reason": "test"}).status == 201, 1)
    assert wait_for(60, lambda: stack.truth("GW-A003-74")["relay"] == "open", 0.3)
    verified(client, meter, "force_on")
    assert stack.truth("GW-A003-74")["relay"] == "closed" and registers(stack, "GW-A003-74", "0801", 1) == [1]


if __name__ == "__main__":
    sys.exit(campus_stack.run([test_added, test_values, test_discovered, test_settings, test_changes, test_energy_purses, test_other_relay_words], make=Classes, world="tests/simulator/worlds/class-bc.json"))
