#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# test-campus-dial.py: simulated gateways of every protocol call the listener: recognised by their texts, keys or secrets, read on every
# line, recharged, back after a break, and an unknown one stays outside.
import json
import os
import socket
import subprocess
import sys

from campus_stack import BUILD, GATEWAY, METER, PLANT, Stack, free_ports, new_id, run, wait_for


class Callers(Stack):
    """A stack whose gateways call."""

    def begin(self, faults):
        self.field_port = free_ports(1)
        super().begin(faults)

    def field_settings(self):
        return f"listen=127.0.0.1:{self.field_port}\n"

    def sim_options(self):
        return ["--server", f"127.0.0.1:{self.field_port}"]

    def wrapped(self, link, secret):
        """Key or secret of a gateway as the database holds it."""
        done = subprocess.run([os.path.join(BUILD, "tests/field/wrap-key"), os.path.join(self.folder, "state", "keys"), link["code"], secret],
                              capture_output=True, text=True, timeout=20, check=True)
        return f"'\\x{done.stdout.strip()}'"

    def record(self, link):
        """Columns of the gateway that its protocol asks for."""
        ports = [{"port": bus["port"], "baud": 9600, "parity": "N"} for bus in link["buses"]]
        columns = [f"ports = '{json.dumps(ports)}'", "suites = '{1,2}'"]
        if link["proto"] == "dtu":
            columns += [f"registration_mode = {int(link.get('registration_mode') == 'prefix')}", f"heartbeat = '\\x{link['heartbeat']['hex']}'"]
        if "key" in link:
            columns.append("master_key = " + self.wrapped(link, link["key"]))
        if "secret" in link:
            columns.append("vendor_secret = " + self.wrapped(link, link["secret"].encode().hex()))
        return f"UPDATE gateway SET {', '.join(columns)} WHERE code = '{link['code']}';"

    def plant(self):
        text = [PLANT]
        for link in self.links:
            texts = link.get("registration", link["code"])
            texts = [] if link["proto"] == "tls" else texts if isinstance(texts, list) else [texts]
            text.append(GATEWAY.format(code=link["code"], link=3, address="") + self.record(link))
            for bus, name in zip(link["buses"], texts):
                raw = name[2:] if name.startswith("0x") else name.encode().hex()
                text.append(f"INSERT INTO gateway_registration SELECT '\\x{raw}', id, {bus['port']} FROM gateway WHERE code = '{link['code']}';")
            for bus in link["buses"]:
                for meter in bus.get("meters", []):
                    code = f"{link['code']}-{meter['unit']}"
                    made = METER.format(code=code, serial=meter["serial"], unit=meter["unit"], gateway=link["code"], model=meter["profile"])
                    text.append(made + f"UPDATE meter SET settlement = 1 WHERE code = '{code}';")
                for cabinet in bus.get("cabinets", []):
                    for unit in range(cabinet["table"], cabinet["table"] + cabinet["single"]):
                        code = f"{link['code']}-{unit}"
                        text.append(METER.format(code=code, serial=cabinet["serial"], unit=unit, gateway=link["code"], model="adf400l-1p"))
                        text.append(f"UPDATE meter SET port = {bus['port']} WHERE code = '{code}';")
        self.pg.sql("BEGIN;" + "".join(text) + "COMMIT;")

    def truth(self, code):
        gateway, unit = code.rsplit("-", 1)
        return self.ask_sim(do="meter", gateway=gateway, port=2 if int(unit) >= 37 else 1, unit=int(unit))


def test_read(stack):
    stack.wait_baselines(120, [code for code in stack.meters() if not code.startswith("GW-4G")])  # that one has no purse to adopt
    assert wait_for(60, lambda: stack.pg.value("SELECT count(*) FROM meter_state WHERE read_at IS NULL") == "0", 0.5), stack.log("gridtilld")
    for code, count, total in stack.pg.sql("SELECT code, purchase_count, purchased_total FROM meter JOIN meter_state ON meter = id WHERE model LIKE 'adf%'"):
        seen = stack.truth(code)
        assert (int(count), int(total)) == (seen["count"], round(float(seen["total"]) * 10000)), (code, seen)
    classes = dict(stack.pg.sql("SELECT code, link_class FROM gateway JOIN gateway_session ON gateway = gateway.id"))
    assert classes == {"GW-DTU": "1", "GW-DTUP": "1", "GW-4G": "1", "GW-ANE": "2", "GW-GT3A": "3", "GW-GT3B": "4", "GW-TLS": "5"}, classes
    return f"{len(stack.meters())} circuits on {sum(len(link['buses']) for link in stack.links)} lines"


def test_recharge(stack):
    cashier = stack.client("cashier")
    sales = []
    for code in ("GW-DTU-1", "GW-DTUP-1", "GW-DTUP-37", "GW-DTUP-40", "GW-GT3A-1", "GW-GT3A-38", "GW-GT3B-2", "GW-GT3B-40", "GW-TLS-1", "GW-TLS-39"):
        sale = new_id()
        answer = cashier.call("POST", "/sales", {"id": sale, "meter": stack.meters()[code], "amount": "12.34", "channel": "cash"})
        assert answer.status == 201, answer
        sales.append(sale)
    for sale in sales:
        assert wait_for(150, lambda s=sale: cashier.get(f"/sales/{s}").json["state"] == "verified", 0.5), (cashier.get(f"/sales/{sale}"), stack.log("gridtilld"))
    assert stack.compare() == len(sales)


def age(stack, gateway):
    """Seconds since the oldest good reading of a circuit."""
    return float(stack.pg.value("SELECT max (extract (epoch FROM now () - read_at)) FROM meter_state JOIN meter ON meter = meter.id JOIN gateway "
                                f"ON gateway = gateway.id WHERE gateway.code = '{gateway}'"))


def test_devices(stack):
    """What gateways say of themselves stands with them, and what none said is null."""
    viewer = stack.client("viewer")

    def device(code):
        return viewer.get("/gateways", q=code).json["items"][0]["device"]
    for code in ("GW-GT3A", "GW-GT3B", "GW-4G"):
        assert wait_for(60, lambda c=code: (device(c) or {}).get("serial"), 0.5), (code, device(code))
    assert device("GW-4G")["iccid"].startswith("8986") and -113 <= device("GW-4G")["rssi_dbm"] < 0, device("GW-4G")
    assert device("GW-DTU") is None, device("GW-DTU")


def test_pushed(stack):
    """What the vendor's devices report by themselves is kept, with its mark, and is what their meters knew."""
    wanted = "SELECT count(DISTINCT meter) FROM reading JOIN meter ON meter = meter.id WHERE pushed AND code LIKE '{}-%'"
    for gateway, meters in (("GW-ANE", 6), ("GW-4G", 1)):
        assert wait_for(90, lambda g=gateway, m=meters: stack.pg.value(wanted.format(g)) == str(m), 0.5), (gateway, stack.pg.value(wanted.format(gateway)))
    for code, energy in stack.pg.sql("SELECT code, max (energy_total) FROM reading JOIN meter ON meter = meter.id WHERE pushed GROUP BY code"):
        assert 0 <= round(float(stack.truth(code)["energy"]) * 1000) - int(energy) <= 30, (code, energy, stack.truth(code))


def test_back_after_break(stack):
    cut = ("GW-DTUP", "GW-GT3A", "GW-ANE", "GW-4G", "GW-TLS")
    for gateway in cut:
        stack.ask_sim(do="link", gateway=gateway, action="cut")
    assert wait_for(90, lambda: min(age(stack, gateway) for gateway in cut) > 25, 0.5), "a cut link is read"
    assert max(age(stack, "GW-DTU"), age(stack, "GW-GT3B")) < 25, "and the others stopped with them"
    for gateway in cut:
        stack.ask_sim(do="link", gateway=gateway, action="restore")
    assert wait_for(120, lambda: max(age(stack, gateway) for gateway in cut) < 20, 0.5), "not read again: " + stack.log("gridtilld")


def test_new_keys(stack):
    """Gateways ask for new keys while they are read; a twin takes the place of its elder; nothing is lost."""
    for gateway in ("GW-GT3A", "GW-GT3B"):
        stack.ask_sim(do="link", gateway=gateway, action="rekey")
    assert wait_for(60, lambda: max(age(stack, "GW-GT3A"), age(stack, "GW-GT3B")) < 16, 0.5), stack.log("gridtilld")
    stack.ask_sim(do="fault", faults={"reconnect_twin": 0.05, "gt3_bad_tag": 0.02, "gt3_replay": 0.02, "gt3_bad_seq": 0.02})
    before = stack.ask_sim(do="stats")["connections"]
    assert wait_for(60, lambda: stack.ask_sim(do="stats")["connections"] > before + 5, 0.5), "nothing broke"
    stack.ask_sim(do="fault", faults={})
    assert wait_for(120, lambda: max(age(stack, link["code"]) for link in stack.links) < 20, 0.5), "not read again: " + stack.log("gridtilld")


class Capture:
    """One that runs while other things are tested: a minute is long."""
    codes, numbers, ids = ("GW-GT3A", "GW-DTUP"), {}, {}

    @classmethod
    def states(cls, stack):
        engineer = stack.client("engineer")
        return {engineer.get(f"/gateways/{cls.ids[code]}/captures").json["items"][0]["state"] for code in cls.codes}


def test_capture_begins(stack):
    engineer, at = stack.client("engineer"), Capture
    at.ids = {code: stack.pg.value(f"SELECT id FROM gateway WHERE code = '{code}'") for code in at.codes}
    at.numbers = {code: engineer.call("POST", f"/gateways/{at.ids[code]}/captures", {"minutes": 1}).json["n"] for code in at.codes}
    assert wait_for(20, lambda: at.states(stack) == {"running"}, 0.5), at.states(stack)
    for code in at.codes:
        stack.ask_sim(do="link", gateway=code, action="cut")
    for code in at.codes:
        stack.ask_sim(do="link", gateway=code, action="restore")


def test_capture(stack):
    """What sealed and open gateways say is recorded as requests and answers of each line, over a break, and holds no key."""
    engineer, codes, ids, numbers = stack.client("engineer"), Capture.codes, Capture.ids, Capture.numbers
    assert wait_for(100, lambda: Capture.states(stack) == {"done"}, 0.5), Capture.states(stack)
    for code in codes:
        body = engineer.get(f"/gateways/{ids[code]}/captures/{numbers[code]}").body
        lines = [json.loads(line) for line in body.splitlines()][1:]
        good = {(line["port"], line["unit"]) for line in lines if line["dir"] == "end" and line["outcome"] == "ok"}
        assert {port for port, _ in good} == {1, 2} and len(good) >= 5, (code, sorted(good))
        asked = [(line["port"], line["unit"], line["dir"]) for line in lines if line["dir"] in ("ask", "end")]
        for port in (1, 2):
            mine = [entry[1:] for entry in asked if entry[0] == port]
            assert all(a[1] != b[1] for a, b in zip(mine, mine[1:])), (code, port, "two requests at once on a line")
        assert {line["text"] for line in lines if line["dir"] == "link"} == {"down", "up"}, code
        link = next(link for link in stack.links if link["code"] == code)
        assert link.get("key", "no key").encode() not in body


def test_money_under_faults(stack):
    """Replies lost, doubled and late, connections broken, envelopes forged: what the meters took is what the ledger has."""
    cashier, before, sales = stack.client("cashier"), stack.compare(), []
    stack.ask_sim(do="fault", faults={"drop_reply": 0.15, "dup_request": 0.05, "delay_reply": [0.05, 300, 1500], "corrupt": 0.03, "conn_reset": 0.02,
                                      "gt3_bad_tag": 0.01, "split": [0.1, 1, 3]})
    for code in ("GW-GT3A-2", "GW-GT3A-39", "GW-GT3B-3", "GW-GT3B-37", "GW-DTU-4", "GW-DTUP-38", "GW-TLS-2", "GW-TLS-37"):
        for fen in (100, 250):
            sale = new_id()
            answer = cashier.call("POST", "/sales", {"id": sale, "meter": stack.meters()[code], "amount": f"{fen // 100}.{fen % 100:02d}", "channel": "cash"})
            assert answer.status == 201, answer
            sales.append(sale)
    wait_for(45, lambda: not stack.open_commands(), 0.5)
    stack.ask_sim(do="fault", faults={})
    stack.settle(240)
    assert stack.compare() == before + len(sales)


def test_unknown(stack):
    """A text that no record has is listed and sent away without a word."""
    with socket.create_connection(("127.0.0.1", stack.field_port), timeout=20) as caller:
        caller.sendall(b"NOBODY-KNOWS-ME\r\n")
        assert caller.recv(16) == b"", "it was answered"
    assert wait_for(30, lambda: stack.pg.value("SELECT tries FROM gateway_unknown WHERE text = 'NOBODY-KNOWS-ME' AND front = 'dtu'") == "1", 0.5), \
        stack.pg.sql("SELECT * FROM gateway_unknown")


if __name__ == "__main__":
    sys.exit(run([test_read, test_recharge, test_devices, test_pushed, test_back_after_break, test_new_keys, test_capture_begins, test_money_under_faults, test_capture, test_unknown],
                 make=Callers, world="tests/field/dial.json"))
