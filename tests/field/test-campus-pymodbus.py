#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# test-campus-pymodbus.py: gridtilld against a Modbus TCP slave that shares no line of code with it or with the simulator: it is read,
# recharged and switched; the slave's own books agree with the ledger. Needs python3-pymodbus.
import json
import os
import socket
import sys

from campus_stack import GATEWAY, METER, PLANT, RECHARGE, VERIFIED, LINKS, ROOT, Stack, free_ports, new_id, run, wait_for
from pymodbus.client import ModbusTcpClient

CIRCUITS, SERIAL = 36, "24010120269001"


class SlaveStack(Stack):
    """The stack with the slave in place of the simulator."""

    def start_sim(self, faults=None):
        self.links = []
        self.books_path = os.path.join(self.folder, "books.json")
        self.sim = self.spawn("slave", "/usr/bin/python3", os.path.join(ROOT, "tests/field/pymodbus_slave.py"), str(self.sim_port), self.books_path)
        if not wait_for(20, self.answers):
            raise RuntimeError("the slave did not start: " + self.log("slave"))

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.sim_port), 2).close()
            return True
        except OSError:
            return False

    def stop_slave(self):
        self.sim.terminate()
        self.sim.wait(20)
        self.processes.remove(self.sim)

    def plant(self):
        text = [PLANT, GATEWAY.format(code="GW-P", link=LINKS["modbus_tcp"], address=f"127.0.0.1:{self.sim_port}")]
        text += [METER.format(code=f"GW-P-{unit}", serial=SERIAL, unit=unit, gateway="GW-P", model="adf400l-1p") for unit in range(1, CIRCUITS + 1)]
        self.pg.sql("BEGIN;" + "".join(text) + "COMMIT;")

    def books(self):
        with open(self.books_path, encoding="utf-8") as file:
            return {int(unit): kept for unit, kept in json.load(file).items()}

    def sell(self, unit, fen):
        cashier, sale = self.client("cashier"), new_id()
        answer = cashier.call("POST", "/sales", {"id": sale, "meter": self.meters()[f"GW-P-{unit}"], "amount": f"{fen // 100}.{fen % 100:02d}", "channel": "cash"})
        assert answer.status == 201, answer
        return cashier, sale

    def compare(self):
        applied = sorted((f"GW-P-{unit}", count, fen) for unit, kept in self.books().items() for count, fen in kept["effects"])
        verified = sorted((code, int(count), int(amount) // 100) for code, count, amount in self.pg.sql(
            f"SELECT meter.code, command.count, command.amount FROM command JOIN meter ON meter.id = command.meter WHERE kind = {RECHARGE} AND command.state = {VERIFIED}"))
        assert applied == verified, (applied, verified)
        for code, count, total in self.pg.sql("SELECT code, count, total FROM meter_purse JOIN meter ON meter.id = meter WHERE has_baseline"):
            kept = self.books()[int(code.rsplit("-", 1)[1])]
            assert (kept["count"], kept["bought_fen"] * 100) == (int(count), int(total)), (code, kept, count, total)
        return len(applied)


def test_read(stack):
    """Every circuit is adopted, with the values the slave holds."""
    stack.wait_baselines(60)
    assert wait_for(60, lambda: stack.pg.value("SELECT count(*) FROM meter_state WHERE read_at IS NOT NULL") == str(CIRCUITS), 0.5), stack.log("gridtilld")
    rows = stack.pg.sql("SELECT code, balance, energy_total, purchase_count, purchased_total, power_w, state FROM meter JOIN meter_state ON meter = id")
    assert len(rows) == CIRCUITS
    books = stack.books()
    for code, balance, energy, count, total, power, _ in rows:
        unit = int(code.rsplit("-", 1)[1])
        kept = books[unit]
        assert (int(balance), int(total), int(count)) == (kept["fen"] * 100, kept["bought_fen"] * 100, kept["count"]), (code, balance, total, count, kept)
        assert (int(energy), int(power)) == (unit * 10000, 100 + unit), (code, energy, power)
    return f"{len(rows)} circuits"


def test_recharge(stack):
    """Twelve sales, three of them to one circuit, are verified; the books of the slave hold each once."""
    sales = [stack.sell(unit, 1000 + 7 * k) for k, unit in enumerate([1, 2, 3, 5, 8, 13, 21, 34, 36, 1, 1, 2])]
    for cashier, sale in sales:
        done = wait_for(60, lambda: cashier.get(f"/sales/{sale}").json["state"] == "verified", 0.2)
        assert done, (cashier.get(f"/sales/{sale}"), stack.log("gridtilld"))
    assert stack.compare() == 12
    return "12 recharges"


def test_count_rule(stack):
    """The slave judges by itself: the same frame again does nothing, a wrong count is refused."""
    client, before = ModbusTcpClient("127.0.0.1", port=stack.sim_port, timeout=3), stack.books()[1]
    assert client.connect()
    count, fen = before["effects"][-1]
    again = client.write_registers(0x050D, [fen >> 16, fen & 0xFFFF, count], slave=1)
    assert not again.isError(), again
    wrong = client.write_registers(0x050D, [0, 500, count + 2], slave=1)
    assert wrong.isError() and wrong.exception_code == 3, wrong
    client.close()
    assert stack.books()[1] == before


def test_credit_from_elsewhere(stack):
    """A recharge that the server did not send is seen, as an alarm, and the meter takes no sale."""
    client = ModbusTcpClient("127.0.0.1", port=stack.sim_port, timeout=3)
    assert client.connect()
    count = stack.books()[20]["count"]
    answer = client.write_registers(0x050D, [0, 4200, count + 1], slave=20)
    assert not answer.isError(), answer
    client.close()
    found = wait_for(60, lambda: stack.pg.value("SELECT count(*) FROM alarm JOIN meter ON meter.id = meter WHERE code = 'GW-P-20' AND cleared_at IS NULL") != "0", 0.5)
    assert found, stack.log("gridtilld")
    cashier = stack.client("cashier")
    refused = cashier.call("POST", "/sales", {"id": new_id(), "meter": stack.meters()["GW-P-20"], "amount": "10.00", "channel": "cash"})
    assert refused.status == 409 and refused.code == "dispute", refused


def test_relay(stack):
    engineer, meter = stack.client("engineer"), stack.meters()["GW-P-9"]
    for kind, word in (("force_off", 0x0100), ("restore_prepaid", 0)):
        order = new_id()
        answer = engineer.call("POST", "/commands", {"id": order, "meter": meter, "kind": kind, "reason": "test"})
        assert answer.status in (200, 201), answer
        assert wait_for(60, lambda: engineer.get(f"/commands/{order}").json["state"] == "verified", 0.2), engineer.get(f"/commands/{order}")
        assert stack.books()[9]["forced"] == word, stack.books()[9]


def test_away_and_back(stack):
    """A sale while the slave is away waits, and arrives once when it is back."""
    before = stack.books()[7]
    stack.stop_slave()
    cashier, sale = stack.sell(7, 2500)
    assert not wait_for(4, lambda: cashier.get(f"/sales/{sale}").json["state"] == "verified", 0.2)
    stack.start_sim()
    assert wait_for(90, lambda: cashier.get(f"/sales/{sale}").json["state"] == "verified", 0.2), stack.log("gridtilld")
    after = stack.books()[7]
    assert (after["count"], after["fen"]) == (before["count"] + 1, before["fen"] + 2500), (before, after)


if __name__ == "__main__":
    sys.exit(run([test_read, test_recharge, test_count_rule, test_relay, test_away_and_back, test_credit_from_elsewhere], make=SlaveStack))
