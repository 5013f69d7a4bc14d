# SPDX-License-Identifier: GPL-2.0-or-later
# chaos_scripts.py: what makes the server pass each named kill point. Every script survives the death in its middle: it asks again
# until its end is reached, on a meter of its own, so that the till beside it is not in its way.
import time

from campus_stack import new_id, wait_for
from chaos_stack import CABINET
from chaos_work import GaveUp, Person

HELD_METER, SWAP_METER, MOVE_METER, OFF_METER, OUT_METER = (f"GW-{n:04d}-7" for n in (1, 2, 3, 4, 5))
OWN = (HELD_METER, SWAP_METER, MOVE_METER, OFF_METER, OUT_METER)
RELAY_METER = CABINET + "-18"


class Scripts:
    def __init__(self, stack, book):
        self.stack, self.book, self.n = stack, book, 0
        self.finance, self.chief, self.engineer, self.cashier = (Person(stack, user) for user in ("finance", "chief", "engineer", "cashier"))
        self.meters = stack.meters()

    def cabinet(self):
        return {number for code, number in self.meters.items() if code.startswith(CABINET)}

    def sql(self, text):
        return self.stack.pg.value(text)

    def must(self, answer, *statuses):
        if answer.status not in statuses:
            raise GaveUp(f"expected {statuses}, not {answer}")
        return answer

    def until(self, what, question, limit_s=60):
        if not wait_for(limit_s, question, 0.2):
            raise GaveUp(f"{what} after {limit_s} s")

    def sell(self, code, amount, channel="card"):
        sale = new_id()
        answer = self.must(self.cashier.ask("POST", "/sales", {"id": sale, "meter": self.meters[code], "amount": amount, "channel": channel}), 200, 201)
        self.book.note("sale", sale, answer)
        return sale

    def read(self, code):
        self.until(f"{code} was not read", lambda: self.engineer.ask("POST", f"/meters/{self.meters[code]}/read", None, again=(500, 502, 503, 429)).status == 200)

    def at_rest(self, code):
        self.until(f"{code} has money under way", lambda: self.sql(
            f"SELECT count (*) FROM command WHERE meter = {self.meters[code]} AND kind <= 1 AND state NOT IN (3, 6)") == "0")

    def drawer(self):
        """Opened and counted; who is not sure that it was opened finds that it is."""
        self.cashier.ask("POST", "/drawers", {"opened_with": "0.00"})
        number = self.sql("SELECT d.id FROM drawer d JOIN operator o ON o.id = d.operator WHERE o.account = 'cashier' AND d.closed_at IS NULL")
        if number:
            cash = self.sql(f"SELECT coalesce (sum (amount), 0) FROM sale WHERE drawer = {number} AND channel = 0 AND kind <= 1")
            self.must(self.cashier.ask("POST", f"/drawers/{number}/close", {"counted": f"{int(cash) // 10000}.00"}), 200, 409)

    def second(self):
        """A refund that a second operator agrees to."""
        self.at_rest(OUT_METER)
        self.sell(OUT_METER, "60.00")
        self.at_rest(OUT_METER)
        ident = new_id()
        answer = self.finance.ask("POST", "/refunds", {"id": ident, "meter": self.meters[OUT_METER], "amount": "55.00", "channel": "card", "reason": "chaos"}, again=(500, 502, 503, 504, 429))
        if answer.code == "approval_required":
            approval = answer.json["fields"]["approval"]
            self.must(self.chief.ask("POST", f"/approvals/{approval}", {"decision": "approve"}), 200, 409)

    def cancelled(self):
        """A sale that never reached its meter is reversed."""
        gateway, unit = OFF_METER.rsplit("-", 1)
        self.at_rest(OFF_METER)
        self.stack.ask_sim(do="off", gateway=gateway, unit=int(unit))
        try:
            sale, ident = self.sell(OFF_METER, "12.00"), new_id()
            self.until("not reversed", lambda: self.cashier.ask("POST", f"/sales/{sale}/reverse", {"id": ident, "reason": "chaos"}).status in (200, 201), 30)
        finally:
            self.stack.ask_sim(do="on", gateway=gateway, unit=int(unit))

    def case(self):
        """Credit from elsewhere, with a sale behind it: two persons decide on a fresh reading."""
        gateway, unit = HELD_METER.rsplit("-", 1)
        self.at_rest(HELD_METER)
        self.read(HELD_METER)
        self.stack.ask_sim(do="card", gateway=gateway, unit=int(unit), amount="30.00")
        self.n += 1
        if self.n % 2:
            self.sell(HELD_METER, "10.00")
        self.decide(HELD_METER)

    def decide(self, code):
        def waiting():
            return self.sql(f"SELECT coalesce (min (id), 0) FROM dispute_case WHERE meter = {self.meters[code]} AND closed_at IS NULL")
        self.until("no case", lambda: (self.read(code), waiting() != "0")[1], 40)
        end = time.monotonic() + 60
        while waiting() != "0" and time.monotonic() < end:
            case = waiting()
            approval = self.sql(f"SELECT coalesce (max (id), 0) FROM approval WHERE kind = 'case' AND state = 0 AND meter = {self.meters[code]}")
            if approval == "0":
                self.read(code)
                held = self.sql(f"SELECT count (*) FROM command WHERE meter = {self.meters[code]} AND kind <= 1 AND state = 7")
                self.finance.ask("POST", f"/cases/{case}", {"decision": "not_applied" if held != "0" else "accept_meter", "note": "chaos", **({"accept": True} if held != "0" else {})})
            else:
                self.chief.ask("POST", f"/approvals/{approval}", {"decision": "approve"})
            time.sleep(0.2)
        if waiting() != "0":
            raise GaveUp("the case is not decided")
        self.at_rest(code)

    def replace(self):
        """A dead device, another in its place, and the old one read in the workshop after all."""
        gateway, unit = SWAP_METER.rsplit("-", 1)
        self.at_rest(SWAP_METER)
        self.n += 1
        ident, correction, serial = new_id(), new_id(), f"GX{self.n:010d}"
        meter = self.meters[SWAP_METER]
        self.must(self.engineer.ask("POST", f"/meters/{meter}/replace", {"id": ident, "new": {"serial": serial}, "final": {"source": "dead", "balance": "40.00", "note": "burnt"}}), 200, 201)
        self.stack.ask_sim(do="swap", gateway=gateway, unit=int(unit), new_serial=serial)
        self.at_rest(SWAP_METER)
        self.must(self.engineer.ask("POST", f"/meters/{meter}/correct", {"id": correction, "balance": "45.00", "note": "read in the workshop"}), 200, 201)
        self.at_rest(SWAP_METER)

    def account(self):
        """A household leaves and another comes."""
        meter = self.meters[MOVE_METER]
        self.at_rest(MOVE_METER)
        number = self.sql(f"SELECT coalesce (max (account), 0) FROM account_meter WHERE meter = {meter} AND until IS NULL")
        customer = self.sql(f"SELECT customer FROM account WHERE id = {number}") if number != "0" else self.sql("SELECT min (id) FROM customer")
        if number != "0":
            ident = new_id()
            self.until("the account is not closed", lambda: self.must(
                self.finance.ask("POST", f"/accounts/{number}/close", {"id": ident, "reason": "chaos", "channel": "card"}), 200, 409).json.get("state") == "closed", 80)
        self.read(MOVE_METER)
        sale, ident = new_id(), new_id()
        answer = self.must(self.cashier.ask("POST", "/accounts", {"id": ident, "customer": int(customer), "channel": "card",
                                                                  "meters": [{"meter": meter, "opening_amount": "20.00", "sale_id": sale}]}), 200, 201)
        if answer.json["meters"][0].get("sale"):
            self.book.note("sale", sale, type("Told", (), {"json": {"amount": "20.00"}}))
        self.at_rest(MOVE_METER)

    def tariff(self):
        self.n += 1
        body = {"name": f"Chaos {self.n} {new_id()[-6:]}", "effective": "2026-01-01", "prices": {"peak": "0.9000", "flat": "0.6000"},
                "seasons": [{"workday": [{"from": "00:00", "rate": "flat"}, {"from": "08:00", "rate": "peak"}]}]}
        self.must(self.finance.ask("POST", "/tariffs", body), 201, 409)

    def order(self):
        meter = self.meters[RELAY_METER]
        for kind in ("force_off", "restore_prepaid"):
            command = new_id()
            self.must(self.engineer.ask("POST", "/commands", {"id": command, "meter": meter, "kind": kind, "reason": "chaos"}), 200, 201)
            self.until(f"{kind} has no end", lambda: self.sql(f"SELECT state FROM command WHERE id = '{command}'") not in ("0", "1", "2"))

    def settlement(self):
        before = int(self.sql("SELECT count (*) FROM settlement WHERE account IS NOT NULL"))
        self.until("nothing is settled", lambda: (self.read("GW-0008-1"), int(self.sql("SELECT count (*) FROM settlement WHERE account IS NOT NULL")) > before)[1], 40)

    def until_gone(self):
        """Tills alone lead there."""


# Word of a point, without its moment -> the script that leads there; the others are passed by tills all the time.
FOR = {
    "drawer-open": "drawer", "drawer-close": "drawer", "proposal": "second", "decision": "second", "cancelled": "cancelled", "held": "case",
    "mismatch": "case", "case": "case", "replace": "replace", "correct": "replace", "account-open": "account", "account-close": "account",
    "tariff": "tariff", "order": "order", "settlement": "settlement",
}
# Points that need a bad line.
BAD_LINE = {"write-unanswered": {"drop_request": 0.3, "drop_reply": 0.3}, "again": {"drop_request": 0.4}}


def script_of(point):
    return FOR.get(point.split(".")[0], "until_gone")
