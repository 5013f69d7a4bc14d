#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# test-campus-settings.py: limits, prices, schedules, clocks and relays ordered by the API arrive in the registers of simulated meters, also over
# a line with faults; what a model cannot hold, or nobody proved, is refused before anything is stored.
import sys

from campus_stack import new_id, run, wait_for

ENDED = ("verified", "failed", "superseded", "cancelled")


def order(client, meter, kind, value=None, **more):
    body = {"id": new_id(), "meter": meter, "kind": kind, **more}
    if value is not None:
        body["value"] = value
    answer = client.call("POST", "/commands", body)
    assert answer.status == 201, answer
    return body["id"]


def state_of(client, command):
    return client.get("/commands/" + command).json


def await_end(client, command, limit_s=60):
    assert wait_for(limit_s, lambda: state_of(client, command)["state"] in ENDED, 0.2), state_of(client, command)
    return state_of(client, command)


def verified(client, command, limit_s=60):
    end = await_end(client, command, limit_s)
    assert end["state"] == "verified", end


def registers(stack, code, at, count):
    gateway, unit = code.rsplit("-", 1)
    words = stack.ask_sim(do="registers", gateway=gateway, unit=int(unit), at=at, count=count)["words"]
    return [int(words[i:i + 4], 16) for i in range(0, len(words), 4)]


def long_at(words, n):
    return words[n] << 16 | words[n + 1]


def test_links(stack):
    for write in ("set_limits", "set_schedule", "set_clock"):
        stack.pg.sql(f"INSERT INTO model_proof (model, version, write, simulated, proved_by, agreed_by) VALUES ('adf400l-1p', 1, '{write}', true, 'one', 'two')")
    stack.kill_server()
    stack.start_server()
    found = wait_for(40, lambda: stack.pg.value("SELECT count(*) FROM gateway_session WHERE online") == "2")
    assert found, stack.log("gridtilld")
    assert wait_for(60, lambda: stack.pg.value("SELECT count(*) FROM meter_state WHERE read_at IS NOT NULL") == "72", 0.5)


def test_limits(stack):
    client, meters = stack.client("engineer"), stack.meters()
    verified(client, order(client, meters["GW-0001-7"], "set_limits", {"alarm1": "33.00", "alarm2": "11.00", "overload_kw": "2.200"}))
    words = registers(stack, "GW-0001-7", "0509", 4)
    assert (long_at(words, 0), long_at(words, 2)) == (3300, 1100), words
    assert registers(stack, "GW-0001-7", "0700", 2) == [1, 2200]
    record = client.get(f"/meters/{meters['GW-0001-7']}").json
    assert (record["alarm1"], record["alarm2"], record["overload_kw"]) == ("33.0000", "11.0000", "2.200"), record


def test_refusals(stack):
    client, meter = stack.client("engineer"), stack.meters()["GW-0001-8"]
    before = stack.pg.value("SELECT count(*) FROM command")
    for value, member in (({"alarm1": "33.005"}, "value.alarm1"), ({"alarm1": "5.00", "alarm2": "6.00"}, "value.alarm1"),
                          ({"overload_kw": "70.000"}, "value.overload_kw"), ({"colour": "red"}, "value.colour"), ({"alarm1": 5}, "value.alarm1")):
        answer = client.call("POST", "/commands", {"id": new_id(), "meter": meter, "kind": "set_limits", "value": value})
        assert answer.status == 400 and member in answer.json["fields"], (value, answer)
    for value, member in (({"prices": {"flat": "0.56"}}, "value.prices.tip"), ({}, "value"), ({"day_plan_1": [{"at": "01:00", "rate": "flat"}]}, "value.day_plan_1[0].at"),
                          ({"day_plan_1": [{"at": "00:00", "rate": "deep"}]}, "value.day_plan_1")):
        answer = client.call("POST", "/commands", {"id": new_id(), "meter": meter, "kind": "set_price", "value": value})
        assert answer.status == 400 and member in answer.json["fields"], (value, answer)
    assert stack.pg.value("SELECT count(*) FROM command") == before
    assert stack.pg.value(f"SELECT alarm1 FROM meter WHERE id = {meter}") == "500000"


def test_unproven(stack):
    client, meter = stack.client("engineer"), stack.meters()["GW-0001-8"]
    stack.pg.sql("UPDATE model_proof SET version = 2 WHERE write = 'set_schedule'")
    answer = client.call("POST", "/commands", {"id": new_id(), "meter": meter, "kind": "set_schedule", "value": {"work": []}})
    assert answer.status == 422 and answer.code == "unsupported" and "commissioning proof" in answer.json["detail"], answer
    stack.pg.sql("UPDATE model_proof SET version = 1 WHERE write = 'set_schedule'")


def test_price_of_the_tariff(stack):
    """Without a value: what the tariff of the record says; rates it does not use cost the flat price."""
    client, meters = stack.client("engineer"), stack.meters()
    stack.pg.sql("INSERT INTO tariff (name) VALUES ('Second'); INSERT INTO tariff_version (tariff, effective, price_flat, price_peak) SELECT id, '2020-01-01', 5712, 9000 FROM tariff WHERE name = 'Second';"
                 "UPDATE meter SET tariff = (SELECT id FROM tariff WHERE name = 'Second') WHERE code = 'GW-0002-3'")
    verified(client, order(client, meters["GW-0002-3"], "set_price"))
    words = registers(stack, "GW-0002-3", "0501", 8)
    assert [long_at(words, n) for n in (0, 2, 4, 6)] == [57, 90, 57, 57], words  # the register holds hundredths


def test_day_plan_of_a_cabinet(stack):
    client, meters = stack.client("engineer"), stack.meters()
    plan = [{"at": "00:00", "rate": "valley"}, {"at": "08:00", "rate": "peak"}, {"at": "22:30", "rate": "valley"}]
    command = order(client, meters["GW-0001-20"], "set_price", {"prices": {"tip": "0.9", "peak": "0.8", "flat": "0.6", "valley": "0.3"}, "day_plan_1": plan})
    verified(client, command)
    words = registers(stack, "GW-0001-5", "0914", 6)  # another circuit of the same cabinet
    assert words == [0x0400, 0x0002, 0x0800, 0x0416, 0x1e04, 0x161e], [hex(w) for w in words]
    covers = stack.pg.value(f"SELECT cardinality (covers) FROM command WHERE id = '{command}'")
    assert covers == "36", covers


def test_schedule(stack):
    client, meters = stack.client("engineer"), stack.meters()
    verified(client, order(client, meters["GW-0001-9"], "set_schedule", {"work": [{"at": "06:00", "switch": "on"}, {"at": "23:00", "switch": "off"}]}))
    words = registers(stack, "GW-0001-9", "0600", 4)
    assert words == [1, 0x0106, 0x0000, 0x1700], [hex(w) for w in words]


def test_clock(stack):
    client, meters = stack.client("engineer"), stack.meters()
    verified(client, order(client, meters["GW-0002-4"], "set_clock"))


def test_newest_wins(stack):
    """Ten orders at once: the last one stands, whatever became of the others."""
    client, meters = stack.client("engineer"), stack.meters()
    commands = [order(client, meters["GW-0001-11"], "set_limits", {"alarm1": f"{20 + n}.00", "alarm2": "5.00"}) for n in range(10)]
    verified(client, commands[-1])
    assert {await_end(client, c)["state"] for c in commands} <= {"verified", "superseded"}
    assert long_at(registers(stack, "GW-0001-11", "0509", 2), 0) == 2900


def test_relay(stack):
    client, meters = stack.client("engineer"), stack.meters()
    verified(client, order(client, meters["GW-0002-6"], "force_off", reason="test"))
    assert stack.truth("GW-0002-6")["relay"] == "open"
    verified(client, order(client, meters["GW-0002-6"], "force_on"))
    assert stack.truth("GW-0002-6")["relay"] == "closed"


def test_off_of_unknown_fate(stack):
    """The reply to an OFF is lost; the ON behind it is sent at once and once more after the quiet time, and only then stands."""
    client, meters = stack.client("engineer"), stack.meters()
    stack.ask_sim(do="fault", faults={"windows": [{"from_s": 0, "to_s": 86400, "links": ["GW-0002"], "drop_reply": 1}]})
    off = order(client, meters["GW-0002-7"], "force_off", reason="test")
    assert wait_for(30, lambda: stack.truth("GW-0002-7")["relay"] == "open", 0.1)
    stack.ask_sim(do="fault", faults={})
    on = order(client, meters["GW-0002-7"], "force_on")
    verified(client, on)
    assert stack.truth("GW-0002-7")["relay"] == "closed"
    assert await_end(client, off)["state"] in ("superseded", "verified")
    writes = [l for l in stack.journal_lines() if l["kind"] == "relay" and l["gateway"] == "GW-0002" and l["unit"] == 7 and l["action"] == "close"]
    assert len(writes) == 2, writes


def test_stale_off(stack):
    """An OFF that waited a minute is judged again: life support since then forbids it."""
    client, meters = stack.client("engineer"), stack.meters()
    stack.ask_sim(do="link", gateway="GW-0001", action="cut")
    assert wait_for(30, lambda: stack.pg.value("SELECT online FROM gateway_session s JOIN gateway g ON g.id = s.gateway WHERE g.code = 'GW-0001'") == "f", 0.2)
    command = order(client, meters["GW-0001-12"], "force_off", reason="test")
    stack.pg.sql(f"UPDATE command SET created_at = now () - interval '61 seconds' WHERE id = '{command}'; UPDATE meter SET life_support = true WHERE code = 'GW-0001-12'")
    stack.ask_sim(do="link", gateway="GW-0001", action="restore")
    end = await_end(client, command, 90)
    assert end["state"] == "failed" and "life support" in end["error"], end
    assert stack.truth("GW-0001-12")["relay"] == "closed"
    refused = client.call("POST", "/commands", {"id": new_id(), "meter": meters["GW-0001-12"], "kind": "force_off", "reason": "again"})
    assert refused.status == 409, refused


def test_faults(stack):
    """A line that loses and delays: every setting arrives, and what is verified is what the meter holds."""
    client, meters = stack.client("engineer"), stack.meters()
    stack.ask_sim(do="fault", faults={"drop_request": 0.1, "drop_reply": 0.1, "corrupt": 0.03})
    wanted = {f"GW-000{g}-{u}": 30 + u for g in (1, 2) for u in range(20, 26)}
    commands = {code: order(client, meters[code], "set_limits", {"alarm1": f"{value}.00", "alarm2": "3.00"}) for code, value in wanted.items()}
    for code, command in commands.items():
        verified(client, command, 420)  # three bad attempts in a row wait minutes for the fourth
        assert long_at(registers(stack, code, "0509", 2), 0) == wanted[code] * 100, code
    stack.ask_sim(do="fault", faults={})


def look_again(stack, code):
    """The configuration of one meter is read now, not in the night; returns what the API says of it."""
    meter = stack.meters()[code]
    before = stack.pg.value(f"UPDATE meter_config SET due_at = now () - interval '1 day' WHERE meter = {meter} RETURNING coalesce (read_at, '-infinity')")
    assert wait_for(90, lambda: stack.pg.value(f"SELECT read_at > '{before}' FROM meter_config WHERE meter = {meter}") == "t", 0.3), "not read"
    return stack.client("engineer").get(f"/meters/{meter}/config").json


def test_config(stack):
    config = look_again(stack, "GW-0001-7")
    assert (config["held"]["alarm1"], config["held"]["alarm2"], config["serial"]) == ("33.0000", "11.0000", "24010120260001"), config
    assert config["differs"] == [] and abs(config["clock_off_s"]) < 5, config


def test_repair(stack):
    """What the meter holds is not what was set last: it is set once more; the next time people are told."""
    client, meter = stack.client("engineer"), stack.meters()["GW-0001-7"]
    newest = f"(SELECT id FROM command WHERE meter = {meter} AND kind = 3 ORDER BY accepted DESC LIMIT 1)"
    raised = f"SELECT count(*) FROM alarm WHERE meter = {meter} AND kind = 17 AND cleared_at IS NULL"
    stack.pg.sql(f"UPDATE command SET value = jsonb_set (value, '{{alarm1}}', '\"77.0000\"') WHERE id = {newest}")
    assert look_again(stack, "GW-0001-7")["differs"] == ["set_limits"]
    assert wait_for(60, lambda: long_at(registers(stack, "GW-0001-7", "0509", 2), 0) == 7700, 0.3)
    assert wait_for(60, lambda: stack.pg.value(f"SELECT state = 3 AND repairs AND operator = 0 FROM command WHERE id = {newest}") == "t", 0.3)
    assert stack.pg.value(raised) == "0"
    stack.pg.sql(f"UPDATE command SET value = jsonb_set (value, '{{alarm1}}', '\"78.0000\"') WHERE id = {newest}")
    assert look_again(stack, "GW-0001-7")["differs"] == ["set_limits"]
    assert wait_for(10, lambda: stack.pg.value(raised) == "1", 0.3)
    assert long_at(registers(stack, "GW-0001-7", "0509", 2), 0) == 7700, "repaired twice"
    verified(client, order(client, meter, "set_limits", {"alarm1": "50.00", "alarm2": "10.00"}))
    assert look_again(stack, "GW-0001-7")["differs"] == []
    assert stack.pg.value(raised) == "0", "the alarm stays"


def test_clock_drift(stack):
    meter = stack.meters()["GW-0001-7"]
    raised = f"SELECT count(*) FROM alarm WHERE meter = {meter} AND kind = 11 AND cleared_at IS NULL"
    stack.pg.sql("UPDATE command SET created_at = created_at - interval '1 day' WHERE kind = 9")
    stack.ask_sim(do="advance", seconds=300)
    assert look_again(stack, "GW-0001-7")["clock_off_s"] > 120
    assert wait_for(60, lambda: stack.pg.value(f"SELECT count(*) FROM command WHERE kind = 9 AND state = 3 AND {meter} = ANY (covers) AND created_at > now () - interval '5 minutes'") == "1", 0.3)
    assert abs(look_again(stack, "GW-0001-7")["clock_off_s"]) < 30
    assert stack.pg.value(raised) == "0"


if __name__ == "__main__":
    sys.exit(run([test_links, test_limits, test_refusals, test_unproven, test_price_of_the_tariff, test_day_plan_of_a_cabinet, test_schedule, test_clock,
                  test_newest_wins, test_relay, test_off_of_unknown_fate, test_stale_off, test_config, test_repair, test_clock_drift, test_faults]))
