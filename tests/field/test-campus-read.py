#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# test-campus-read.py: gridtilld reads every circuit of a simulated campus, over Modbus TCP and RTU over TCP, into the latest state;
# what it stores is what the meters know. A circuit that stops answering becomes lost, and comes back.
import sys

from campus_stack import run, wait_for


def test_all_read(stack):
    def missing():
        return int(stack.pg.value("SELECT count(*) FROM meter LEFT JOIN meter_state ON meter = id WHERE read_at IS NULL"))
    assert wait_for(60, lambda: missing() == 0, 0.5), f"{missing()} circuits were not read; {stack.log('gridtilld')}"
    return f"{len(stack.meters())} circuits"


def test_values(stack):
    """Loads are steady: what was read is at most what the meter used since."""
    rows = stack.pg.sql("SELECT code, balance, energy_total, purchase_count, purchased_total, power_w, state FROM meter JOIN meter_state ON meter = id")
    assert len(rows) == len(stack.meters())
    for code, balance, energy, count, total, power, _ in rows:
        seen = stack.truth(code)
        assert int(count) == seen["count"], (code, count, seen)
        assert int(total) == round(float(seen["total"]) * 10000), (code, total, seen)
        assert 0 <= int(balance) - round(float(seen["balance"]) * 10000) <= 200, (code, balance, seen)
        assert 0 <= round(float(seen["energy"]) * 1000) - int(energy) <= 20, (code, energy, seen)
        assert int(power) == seen["power_w"], (code, power, seen)


def test_states(stack):
    """Each circuit has the state its purse means."""
    words = {0: "normal", 1: "alarm1", 2: "alarm2", 3: "arrears", 4: "unopened"}
    for code, state, balance, count in stack.pg.sql("SELECT code, state, balance, purchase_count FROM meter JOIN meter_state ON meter = id"):
        money = int(balance)
        expected = "unopened" if count == "0" else "arrears" if money <= 0 else "alarm2" if money <= 100000 else "alarm1" if money <= 500000 else "normal"
        assert words[int(state)] == expected, (code, state, balance, count)


def test_lost_and_back(stack):
    stack.ask_sim(do="off", gateway="GW-0001", unit=5)
    gone = "SELECT lost FROM meter_state JOIN meter ON meter = id WHERE code = 'GW-0001-5'"
    assert wait_for(120, lambda: stack.pg.value(gone) == "t", 0.5), "not lost"
    assert stack.pg.value("SELECT count(*) FROM meter_state WHERE lost") == "1", "others became lost too"
    assert stack.pg.value("SELECT count(*) FROM alarm JOIN meter ON meter = meter.id WHERE kind = 5 AND cleared_at IS NULL AND code = 'GW-0001-5'") == "1", "no alarm"
    stack.ask_sim(do="on", gateway="GW-0001", unit=5)
    assert wait_for(120, lambda: stack.pg.value(gone) == "f", 0.5), "did not come back"


def test_link_cut(stack):
    """A gateway whose link breaks is read again after it returns; the other one does not notice."""
    at = "SELECT max (extract (epoch FROM now () - read_at)) FROM meter_state JOIN meter ON meter = meter.id JOIN gateway ON gateway = gateway.id WHERE gateway.code = '{}'"
    stack.ask_sim(do="link", gateway="GW-0002", action="cut")
    assert wait_for(60, lambda: float(stack.pg.value(at.format("GW-0002"))) > 20, 0.5), "a cut link is read"
    assert float(stack.pg.value(at.format("GW-0001"))) < 20
    stack.ask_sim(do="link", gateway="GW-0002", action="restore")
    assert wait_for(90, lambda: float(stack.pg.value(at.format("GW-0002"))) < 16, 0.5), "not read again"


if __name__ == "__main__":
    sys.exit(run([test_all_read, test_values, test_states, test_link_cut, test_lost_and_back]))
