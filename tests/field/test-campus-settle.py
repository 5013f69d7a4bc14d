#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# test-campus-settle.py: a circuit whose balance the server keeps. Energy read from the simulated meter is charged, debt opens its breaker with
# a certificate, a payment closes it, and the statement adds up to the ledger.
import sys

from campus_stack import Stack, new_id, run, wait_for

CODE = "GW-0001-5"


class Settled(Stack):
    """Circuits of 9 kW, so that energy shows after seconds."""

    def __init__(self, **options):
        super().__init__("tests/field/settle.json", **options)


def meter(client, stack):
    return client.get(f"/meters/{stack.meters()[CODE]}").json


def read(client, stack):
    return client.call("POST", f"/meters/{stack.meters()[CODE]}/read", None)


def test_server_settles(stack):
    stack.pg.sql(f"UPDATE meter SET settlement = 1, overdraft = 60 WHERE code = '{CODE}'")
    stack.kill_server()
    stack.start_server()
    found = wait_for(60, lambda: stack.pg.value("SELECT count(*) FROM gateway_session WHERE online") == "2")
    assert found, stack.log("gridtilld")
    client = stack.client("engineer")
    assert wait_for(90, lambda: read(client, stack).status == 200, 1), read(client, stack)
    assert wait_for(20, lambda: meter(client, stack)["state"] == "arrears", 0.5), meter(client, stack)  # nothing was paid yet; the overdraft still holds
    assert stack.pg.value("SELECT count(*) FROM command JOIN meter ON meter.id = command.meter WHERE command.kind = 0 AND code = '" + CODE + "'") == "0"


def test_energy_is_charged(stack):
    client = stack.client("engineer")

    def charged():
        read(client, stack)
        return int(stack.pg.value("SELECT coalesce (sum (amount), 0) FROM settlement WHERE account IS NOT NULL")) > 0
    assert wait_for(120, charged, 2), (stack.truth(CODE), stack.pg.sql("SELECT * FROM settle_state"), stack.log("gridtilld"))
    assert stack.pg.value("SELECT count(*) FROM settlement s JOIN settle_line l ON l.settlement = s.id WHERE l.amount <> (l.energy * l.price + 500) / 1000 "
                          "AND abs (l.amount - l.energy * l.price / 1000) > 1") == "0"


def test_debt_opens_the_breaker(stack):
    client = stack.client("engineer")
    assert wait_for(60, lambda: (read(client, stack), meter(client, stack)["relay"] == "open")[1], 1), (meter(client, stack), stack.log("gridtilld"))
    rows = stack.pg.sql("SELECT c.state, c.value->>'off_reason', c.value->'certificate'->>'life_support' FROM command c JOIN meter m ON m.id = c.meter "
                        f"WHERE m.code = '{CODE}' AND c.kind = 6")
    assert rows == [["3", "arrears", "false"]], rows


def test_payment_closes_it(stack):
    cashier, client = stack.client("cashier"), stack.client("engineer")
    sale = cashier.call("POST", "/sales", {"id": new_id(), "meter": stack.meters()[CODE], "amount": "20.00", "channel": "wechat"})
    assert sale.status == 201 and sale.json["state"] == "verified", sale
    stack.pg.sql("UPDATE meter_relay SET ordered_at = now () - interval '2 minutes'")  # no need to wait for the pace of automatic operations
    assert wait_for(60, lambda: (read(client, stack), meter(client, stack)["relay"] == "closed")[1], 1), (meter(client, stack), stack.log("gridtilld"))
    shown = meter(client, stack)
    assert shown["state"] in ("alarm1", "alarm2", "normal") and 19 < float(shown["balance"]) < 20, shown


def test_statement(stack):
    cashier = stack.client("cashier")
    page = cashier.get(f"/meters/{stack.meters()[CODE]}/statement").json
    cents = lambda text: round(float(text) * 10000)  # noqa: E731
    assert cents(page["opening"]) + sum(cents(line["amount"]) for line in page["items"]) == cents(page["closing"]), page
    assert {line["kind"] for line in page["items"]} == {"sale", "energy"}, page
    held = stack.pg.value("SELECT sum (credits - debits) FROM ledger_account WHERE kind = 4")
    assert cents(page["closing"]) == int(held), (page["closing"], held)
    assert stack.pg.value("SELECT count(*) FROM ledger_violations ()") == "0", stack.pg.sql("SELECT * FROM ledger_violations ()")


if __name__ == "__main__":
    sys.exit(run([test_server_settles, test_energy_is_charged, test_debt_opens_the_breaker, test_payment_closes_it, test_statement], Settled))
