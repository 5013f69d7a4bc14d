#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# test-campus-proof.py: cabinets are discovered and their circuits accepted as meters that are read; and a whole commissioning proof with two
# operators on a simulated gateway, after which writes that were refused are sent and the books agree with the meter.
import sys

from campus_stack import new_id, run, wait_for


def test_ready(stack):
    stack.pg.sql("DELETE FROM model_proof")
    stack.kill_server()
    stack.start_server()
    with open(stack.folder + "/password", encoding="utf-8") as file:
        assert file.read()
    stack.tool("create-admin", "--user", "second", "--role", "engineer", "--name", "second", "--password-file", stack.folder + "/password")
    assert wait_for(60, lambda: stack.pg.value("SELECT count(*) FROM meter_state WHERE read_at IS NOT NULL") == "72", 0.5)


def test_discovery(stack):
    client = stack.client("engineer")
    gateway = int(stack.pg.value("SELECT id FROM gateway WHERE code = 'GW-0002'"))
    stack.pg.sql("BEGIN; UPDATE account_meter SET until = now () WHERE meter IN (SELECT id FROM meter WHERE code IN ('GW-0002-35', 'GW-0002-36'));"
                 "UPDATE meter SET retired_at = now () WHERE code IN ('GW-0002-35', 'GW-0002-36'); NOTIFY till_plant; COMMIT;")
    seen = {}

    def search():
        """The change above makes the link anew; a search that falls into that moment says so and is asked again."""
        started = client.call("POST", f"/gateways/{gateway}/discover", {"port": 1, "tables": [1, 37]})
        assert started.status == 202, started
        seen["second"] = client.call("POST", f"/gateways/{gateway}/discover", {"port": 1}).status
        job = "/jobs/" + started.json["job"]
        assert wait_for(90, lambda: client.get(job).json["state"] != "running", 0.3), client.get(job)
        seen["end"] = client.get(job).json
        return seen["end"]["message"] != "the gateway is offline"

    assert client.call("POST", f"/gateways/{gateway}/discover", {"port": 9}).status == 400
    assert wait_for(30, search, 0.5), seen
    end = seen["end"]
    assert end["state"] == "done" and end["done"] == 2 and seen["second"] == 409, seen
    cabinets = {c["table"]: c for c in end["result"]["cabinets"]}
    assert cabinets[1]["state"] == "found" and cabinets[1]["single_phase"] == 36 and cabinets[37]["state"] == "silent", cabinets
    assert cabinets[1]["serial"] == "24010120260002", cabinets
    circuits = end["result"]["circuits"]
    assert len(circuits) == 36 and all(c["answers"] and c["model"] == "adf400l-1p" for c in circuits)
    fresh = [c for c in circuits if c["meter"] is None]
    assert [c["unit"] for c in fresh] == [35, 36], fresh
    area = int(stack.pg.value("SELECT min (id) FROM area WHERE kind = 3"))
    wanted = [{"code": f"N-{c['unit']}", "gateway": gateway, "port": 1, "unit": c["unit"], "model": c["model"], "serial": c["serial"], "area": area} for c in fresh]
    bad = client.call("POST", "/meters", {"meters": wanted + [{**wanted[0], "code": "N-1", "unit": 3, "model": "nothing"}]})
    assert bad.status == 400 and "meters[2].model" in bad.json["fields"], bad
    assert stack.pg.value("SELECT count(*) FROM meter WHERE code LIKE 'N-%'") == "0"
    made = client.call("POST", "/meters", {"meters": wanted})
    assert made.status == 201 and made.json["total"] == 2, made
    assert wait_for(60, lambda: all(client.get(f"/meters/{i}").json["read_at"] for i in made.json["items"]), 0.5), stack.log("gridtilld")


def await_question(client, proof, limit_s=90):
    assert wait_for(limit_s, lambda: client.get("/proofs/" + proof).json["waiting_for"] != "field", 0.2), client.get("/proofs/" + proof).json["steps"][-3:]
    return client.get("/proofs/" + proof).json


def answer(client, proof, step, word):
    said = client.call("POST", "/proofs/" + proof, {"step": step, "answer": word})
    assert said.status == 200, said
    return await_question(client, proof)


def test_refused_before(stack):
    client, meters = stack.client("engineer"), stack.meters()
    assert client.call("POST", "/commands", {"id": new_id(), "meter": meters["GW-0001-10"], "kind": "force_on"}).status == 422
    assert client.call("POST", "/commands", {"id": new_id(), "meter": meters["GW-0001-10"], "kind": "set_limits"}).status == 422


def test_walk(stack):
    one, two, meters = stack.client("engineer"), stack.client("second"), stack.meters()
    baseline = "SELECT has_baseline FROM meter_purse WHERE meter IN (SELECT id FROM meter WHERE code = 'GW-0001-10')"
    assert wait_for(90, lambda: stack.pg.value(baseline) == "t", 0.5), "not adopted"
    code, proof = "GW-0001-10", new_id()
    before = stack.truth(code)
    begun = one.call("POST", "/meter-models/adf400l-1p/proofs", {"id": proof, "meter": meters[code], "scope": "gateway"})
    assert begun.status == 201, begun
    assert one.call("POST", "/meter-models/adf400l-1p/proofs", {"id": proof, "meter": meters[code], "scope": "gateway"}).status == 200
    assert one.call("POST", "/meter-models/adf400l-1p/proofs", {"id": new_id(), "meter": meters[code]}).status == 409
    walk = await_question(one, proof)
    assert walk["step"] == "display" and len(walk["question"]["values"]) == 5, walk
    values = {v["name"]: v["value"] for v in walk["question"]["values"]}
    assert abs(float(values["balance"]) - float(before["balance"])) < 0.05 and abs(float(values["energy_total"]) - float(before["energy"])) < 0.05, (values, before)
    assert one.call("POST", "/proofs/" + proof, {"step": "display", "answer": "perhaps"}).status == 400
    assert one.call("POST", "/proofs/" + proof, {"step": "relay", "answer": "open"}).status == 409
    assert two.call("POST", "/proofs/" + proof, {"step": "display", "answer": "agree"}).status == 403
    walk = answer(one, proof, "display", "agree")
    assert walk["step"] == "serial" and walk["question"]["serial"] == "24010120260001", walk
    walk = answer(one, proof, "serial", "agree")
    assert walk["step"] == "relay" and walk["question"]["ordered"] == "open", walk
    seen = stack.truth(code)["relay"]
    assert seen == "open"
    walk = answer(one, proof, "relay", seen)
    assert walk["question"]["ordered"] == "close", walk
    seen = stack.truth(code)["relay"]
    walk = answer(one, proof, "relay", seen)
    assert walk["step"] == "recharge" and walk["question"]["amount"] == "0.0100", walk
    limits = stack.pg.value(f"SELECT alarm1 FROM meter WHERE id = {meters[code]}")
    assert limits == "500000"
    walk = answer(one, proof, "recharge", "go")
    assert walk["step"] == "agree" and walk["waiting_for"] == "second_operator", walk
    after = stack.truth(code)
    assert after["count"] == before["count"] + 1 and abs(float(after["total"]) - float(before["total"]) - 0.01) < 1e-6, (before, after)
    proved = {p["write"]: p for p in walk["question"]["proved"]}
    assert set(proved) == {"recharge", "control", "set_limits", "set_schedule", "set_clock"}, proved
    assert proved["recharge"]["effective_class"] == 1 and proved["control"]["candidate"] == "H2", proved
    assert stack.client("cashier").call("POST", "/sales", {"id": new_id(), "meter": meters[code], "amount": "5.00", "channel": "cash"}).status == 409
    assert one.call("POST", "/proofs/" + proof, {"step": "agree", "answer": "agree"}).code == "approval_required"
    done = two.call("POST", "/proofs/" + proof, {"step": "agree", "answer": "agree"})
    assert done.status == 200 and done.json["state"] == "done", done
    assert any("frames" in line and line["frames"]["pdu"] for line in done.json["steps"]), "no frames in the protocol"
    page = one.call("GET", f"/proofs/{proof}?format=text")
    assert page.status == 200 and b"agreed by second" in page.body and b"10050d" in page.body, page.body[-600:]
    assert stack.pg.value("SELECT count(*) FROM model_proof WHERE gateway IS NOT NULL AND simulated AND proved_by = 'engineer' AND agreed_by = 'second'") == "5"


def test_books(stack):
    """What lies on the meter is in the ledger: suspense / on_meter one fen; the purse is the meter's; the case is closed by two names."""
    meter = stack.meters()["GW-0001-10"]
    posted = stack.pg.value(f"SELECT sum (amount) FROM posting p JOIN ledger_account a ON a.id = p.account JOIN tx ON tx.site = p.site AND tx.n = p.n WHERE a.kind = 3 AND a.owner = {meter} AND tx.request IN (SELECT id FROM commission)")
    assert posted == "-100", posted
    seen = stack.truth("GW-0001-10")
    assert stack.pg.sql(f"SELECT count, total, frozen FROM meter_purse WHERE meter = {meter}") == [[str(seen["count"]), str(round(float(seen["total"]) * 10000)), "f"]]
    assert stack.pg.value(f"SELECT decision FROM dispute_case WHERE meter = {meter} AND reason = 14 AND decided_by <> agreed_by AND closed_at IS NOT NULL") == "proof"
    assert stack.pg.value(f"SELECT count(*) FROM alarm WHERE meter = {meter} AND kind = 8 AND cleared_at IS NULL") == "0"


def test_allowed_after(stack):
    one, meters = stack.client("engineer"), stack.meters()
    command = {"id": new_id(), "meter": meters["GW-0001-11"], "kind": "set_limits", "value": {"alarm1": "42.00"}}
    assert wait_for(20, lambda: one.call("POST", "/commands", {**command, "id": new_id()}).status == 201, 1)
    off = {"id": new_id(), "meter": meters["GW-0001-11"], "kind": "force_off", "reason": "test"}
    assert one.call("POST", "/commands", off).status == 201
    assert wait_for(60, lambda: one.get("/commands/" + off["id"]).json["state"] == "verified", 0.3), one.get("/commands/" + off["id"])
    assert stack.truth("GW-0001-11")["relay"] == "open"
    # The proof is of gateway 1 alone.
    assert one.call("POST", "/commands", {"id": new_id(), "meter": meters["GW-0002-11"], "kind": "force_on"}).status == 422
    sale = {"id": new_id(), "meter": meters["GW-0001-10"], "amount": "5.00", "channel": "cash"}
    cashier = stack.client("cashier")
    assert cashier.call("POST", "/sales", sale).status == 201
    assert wait_for(90, lambda: cashier.get("/sales/" + sale["id"]).json["state"] == "verified", 0.5), cashier.get("/sales/" + sale["id"])


def test_given_up(stack):
    """A walk that is given up after the recharge leaves a case, never unknown money."""
    one, meters = stack.client("engineer"), stack.meters()
    proof, meter = new_id(), meters["GW-0002-8"]
    assert one.call("POST", "/meter-models/adf400l-1p/proofs", {"id": proof, "meter": meter}).status == 201
    await_question(one, proof)
    answer(one, proof, "display", "agree")
    answer(one, proof, "serial", "agree")
    answer(one, proof, "relay", "open")
    answer(one, proof, "relay", "closed")
    answer(one, proof, "recharge", "go")
    gone = one.call("DELETE", "/proofs/" + proof)
    assert gone.status == 200 and gone.json["state"] == "aborted", gone
    assert stack.pg.value(f"SELECT count(*) FROM dispute_case WHERE meter = {meter} AND closed_at IS NULL AND reason = 14") == "1"
    assert stack.pg.value(f"SELECT frozen FROM meter_purse WHERE meter = {meter}") == "t"
    assert stack.pg.value("SELECT count(*) FROM model_proof p JOIN gateway g ON g.id = p.gateway WHERE g.code = 'GW-0002'") == "0"


if __name__ == "__main__":
    sys.exit(run([test_ready, test_discovery, test_refused_before, test_walk, test_books, test_allowed_after, test_given_up]))
