#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# test-campus-dial.py: simulated DTUs call the listener: recognised by their texts, read on every line, recharged, replaced by the newest
# connection, back after a break, and an unknown one stays outside.
import json
import socket
import sys

from campus_stack import GATEWAY, METER, PLANT, Stack, free_ports, new_id, run, wait_for


class Callers(Stack):
    """A stack whose gateways call."""

    def begin(self, faults):
        self.field_port = free_ports(1)
        super().begin(faults)

    def field_settings(self):
        return f"listen=127.0.0.1:{self.field_port}\n"

    def sim_options(self):
        return ["--server", f"127.0.0.1:{self.field_port}"]

    def plant(self):
        text = [PLANT]
        for link in self.links:
            ports = [{"port": bus["port"], "baud": 9600, "parity": "N"} for bus in link["buses"]]
            texts = link["registration"] if isinstance(link["registration"], list) else [link["registration"]]
            text.append(GATEWAY.format(code=link["code"], link=3, address=""))
            text.append(f"UPDATE gateway SET registration_mode = {int(link.get('registration_mode') == 'prefix')}, heartbeat = '\\x{link['heartbeat']['hex']}', "
                        f"ports = '{json.dumps(ports)}' WHERE code = '{link['code']}';")
            for bus, name in zip(link["buses"], texts):
                raw = name[2:] if name.startswith("0x") else name.encode().hex()
                text.append(f"INSERT INTO gateway_registration SELECT '\\x{raw}', id, {bus['port']} FROM gateway WHERE code = '{link['code']}';")
                for cabinet in bus["cabinets"]:
                    for unit in range(cabinet["table"], cabinet["table"] + cabinet["single"]):
                        code = f"{link['code']}-{unit}"
                        text.append(METER.format(code=code, serial=cabinet["serial"], unit=unit, gateway=link["code"]))
                        text.append(f"UPDATE meter SET port = {bus['port']} WHERE code = '{code}';")
        self.pg.sql("BEGIN;" + "".join(text) + "COMMIT;")

    def truth(self, code):
        gateway, unit = code.rsplit("-", 1)
        return self.ask_sim(do="meter", gateway=gateway, port=2 if int(unit) >= 37 else 1, unit=int(unit))


def test_read(stack):
    stack.wait_baselines(120)
    for code, count, total in stack.pg.sql("SELECT code, purchase_count, purchased_total FROM meter JOIN meter_state ON meter = id"):
        seen = stack.truth(code)
        assert (int(count), int(total)) == (seen["count"], round(float(seen["total"]) * 10000)), (code, seen)
    return f"{len(stack.meters())} circuits on three lines"


def test_recharge(stack):
    cashier = stack.client("cashier")
    sales = []
    for code in ("GW-DTU-1", "GW-DTUP-1", "GW-DTUP-37", "GW-DTUP-40"):
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


def test_back_after_break(stack):
    stack.ask_sim(do="link", gateway="GW-DTUP", action="cut")
    assert wait_for(90, lambda: age(stack, "GW-DTUP") > 25, 0.5), "a cut link is read"
    assert age(stack, "GW-DTU") < 25, "and the other one stopped with it"
    stack.ask_sim(do="link", gateway="GW-DTUP", action="restore")
    assert wait_for(90, lambda: age(stack, "GW-DTUP") < 20, 0.5), "not read again: " + stack.log("gridtilld")


def test_unknown(stack):
    """A text that no record has is listed and sent away without a word."""
    with socket.create_connection(("127.0.0.1", stack.field_port), timeout=20) as caller:
        caller.sendall(b"NOBODY-KNOWS-ME\r\n")
        assert caller.recv(16) == b"", "it was answered"
    assert wait_for(30, lambda: stack.pg.value("SELECT tries FROM gateway_unknown WHERE text = 'NOBODY-KNOWS-ME' AND front = 'dtu'") == "1", 0.5), \
        stack.pg.sql("SELECT * FROM gateway_unknown")


if __name__ == "__main__":
    sys.exit(run([test_read, test_recharge, test_back_after_break, test_unknown], make=Callers, world="tests/field/dial.json"))
