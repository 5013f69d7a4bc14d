# SPDX-License-Identifier: GPL-2.0-or-later
# chaos_scripts.py: what makes the server pass each named kill point. Every script survives the death in its middle: it asks again
# until its end is reached, on a meter of its own, so that the till beside it is not in its way.
import subprocess
import time

from campus_stack import new_id, wait_for
from chaos_stack import CABINET
from chaos_work import GaveUp, Person

HELD_METER, SWAP_METER, MOVE_METER, OFF_METER, OUT_METER = (f"GW-{n:04d}-7" for n in (1, 2, 3, 4, 5))
OWN = (HELD_METER, SWAP_METER, MOVE_METER, OFF_METER, OUT_METER)
RELAY_METER = CABINET + "-18"
DOWN_S = 30              # PostgreSQL or the simulator is away that long at most


class Scripts:
    """One script at a time: each has its own sessions."""

    def __init__(self, stack, book):
        self.stack, self.book = stack, book
        self.finance, self.chief, self.engineer, self.cashier = (Person(stack, user) for user in ("finance", "chief", "engineer", "cashier"))
        self.meters = stack.known

    def patiently(self, question):
        end = time.monotonic() + DOWN_S
        while True:
            try:
                return question()
            except (OSError, RuntimeError, ValueError, subprocess.TimeoutExpired):
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def sql(self, text):
        return self.patiently(lambda: self.stack.pg.value(text))

    def sim(self, **request):
        return self.patiently(lambda: self.stack.ask_sim(**request))

    def must(self, answer, *statuses):
        if answer.status not in statuses:
            raise GaveUp(f"expected {statuses}, not {answer}")
        return answer

    def until(self, what, question, limit_s=60):
        if not wait_for(limit_s, question, 0.2):
            raise GaveUp(f"{what} after {limit_s} s")

    def sell(self, code, amount, by=None):
        sale = new_id()
        answer = self.must((by or self.cashier).ask("POST", "/sales", {"id": sale, "meter": self.meters[code], "amount": amount, "channel": "card"}), 200, 201)
        self.book.note("sale", sale, answer.json["amount"])
        return sale

    def try_read(self, code):
        return self.engineer.ask("POST", f"/meters/{self.meters[code]}/read", None, again=(500, 502, 503, 429)).status == 200

    def read(self, code):
        self.until(f"{code} was not read", lambda: self.try_read(code))

    def at_rest(self, code):
        self.until(f"{code} has money under way", lambda: self.sql(
            f"SELECT count (*) FROM command WHERE meter = {self.meters[code]} AND kind <= 1 AND state NOT IN (3, 6)") == "0")

    def drawer(self, _round):
        """Opened and counted; who is not sure that it was opened finds that it is."""
        self.cashier.ask("POST", "/drawers", {"opened_with": "0.00"})
        number = self.sql("SELECT d.id FROM drawer d JOIN operator o ON o.id = d.operator WHERE o.account = 'cashier' AND d.closed_at IS NULL")
        if number:
            self.must(self.cashier.ask("POST", f"/drawers/{number}/close", {"counted": "0.00"}), 200, 409)

    def second(self, _round):
        """A refund that a second operator agrees to."""
        self.at_rest(OUT_METER)
        self.sell(OUT_METER, "60.00")
        self.at_rest(OUT_METER)
        ident = new_id()
        self.agreed(self.finance.ask("POST", "/refunds", {"id": ident, "meter": self.meters[OUT_METER], "amount": "55.00", "channel": "card", "reason": "chaos"}), OUT_METER)
        self.at_rest(OUT_METER)

    def cancelled(self, _round):
        """A sale that waits behind another, on a meter that does not answer, is reversed in time."""
        gateway, unit = OFF_METER.rsplit("-", 1)
        self.at_rest(OFF_METER)
        self.sim(do="off", gateway=gateway, unit=int(unit))
        try:
            self.sell(OFF_METER, "11.00", self.finance)
            sale, ident = self.sell(OFF_METER, "12.00", self.finance), new_id()
            self.until("not reversed", lambda: self.agreed(
                self.finance.ask("POST", f"/sales/{sale}/reverse", {"id": ident, "reason": "chaos"}, again=(500, 502, 503, 429)), OFF_METER).status in (200, 201), 30)
        finally:
            self.sim(do="on", gateway=gateway, unit=int(unit))
        self.at_rest(OFF_METER)

    def agreed(self, answer, code):
        """Whatever waits for a second operator at this meter is agreed to."""
        for (approval,) in self.patiently(lambda: self.stack.pg.sql(
                f"SELECT id FROM approval WHERE state = 0 AND expires_at > now () AND meter = {self.meters[code]} AND kind <> 'case'")):
            self.chief.ask("POST", f"/approvals/{approval}", {"decision": "approve"}, again=(500, 502, 503, 429))
        return answer

    def case(self, n):
        """Credit from elsewhere, with a sale beside it or without: two persons decide on a fresh reading."""
        gateway, unit = HELD_METER.rsplit("-", 1)
        self.at_rest(HELD_METER)
        self.sim(do="card", gateway=gateway, unit=int(unit), amount="30.00")
        if n % 2:
            answer = self.cashier.ask("POST", "/sales", {"id": new_id(), "meter": self.meters[HELD_METER], "amount": f"10.{n % 100:02d}", "channel": "card"})
            if answer.status in (200, 201):
                self.book.note("sale", answer.json["id"], answer.json["amount"])
            else:
                assert answer.code == "dispute", answer
        self.until("no case", lambda: (self.try_read(HELD_METER), self.open_case(HELD_METER))[1], 40)
        self.decide(HELD_METER)

    def open_case(self, code):
        """[case, held command or '', its attempts, its amount, approval that waits or ''], or None."""
        rows = self.patiently(lambda: self.stack.pg.sql(
            "SELECT d.id, coalesce (c.id::text, ''), coalesce (c.attempt, 0), coalesce (c.amount, 0), coalesce ((SELECT max (a.id)::text FROM approval a"
            "  WHERE a.kind = 'case' AND a.state = 0 AND a.expires_at > now () AND (a.body->>'case')::bigint = d.id), '')"
            f" FROM dispute_case d LEFT JOIN command c ON c.id = d.command AND c.state = 7 WHERE d.meter = {self.meters[code]} AND d.closed_at IS NULL ORDER BY d.id LIMIT 1"))
        return rows[0] if rows else None

    def decision(self, code, command, attempts, amount):
        """What a person decides who stands before the meter."""
        if not command:
            return {"decision": "accept_meter"}
        if attempts == "0":
            return {"decision": "send_again", "accept": True}
        came = self.stack.applied(code, command, int(amount))
        return {"decision": "applied" if came else "return", "accept": True}

    def decide(self, code):
        said = None
        end = time.monotonic() + 60
        while time.monotonic() < end:
            case = self.open_case(code)
            if case is None:
                break
            number, command, attempts, amount, approval = case
            if not self.try_read(code):
                continue
            if approval:
                said = self.chief.ask("POST", f"/approvals/{approval}", {"decision": "approve"})
            else:
                said = self.finance.ask("POST", f"/cases/{number}", {"note": "chaos", **self.decision(code, command, attempts, amount)})
            if said.status == 422 or said.status == 400:
                raise GaveUp(f"case of {code}: {said}")
        else:
            raise GaveUp(f"the case of {code} is not decided: {said}")
        self.at_rest(code)

    def replace(self, _round):
        """A dead device, another in its place, and the old one read in the workshop after all."""
        gateway, unit = SWAP_METER.rsplit("-", 1)
        self.at_rest(SWAP_METER)
        ident, correction, serial = new_id(), new_id(), "GX" + new_id()[-10:].upper()
        meter = self.meters[SWAP_METER]
        self.must(self.engineer.ask("POST", f"/meters/{meter}/replace", {"id": ident, "new": {"serial": serial}, "final": {"source": "dead", "balance": "40.00", "note": "burnt"}}), 200, 201)
        self.sim(do="swap", gateway=gateway, unit=int(unit), new_serial=serial)
        self.at_rest(SWAP_METER)
        self.must(self.engineer.ask("POST", f"/meters/{meter}/correct", {"id": correction, "balance": "45.00", "note": "read in the workshop"}), 200, 201)
        self.at_rest(SWAP_METER)

    def account(self, _round):
        """A household leaves and another comes."""
        meter, customer = self.meters[MOVE_METER], "(SELECT min (id) FROM customer)"
        self.at_rest(MOVE_METER)
        number = self.sql(f"SELECT coalesce (max (account), 0) FROM account_meter WHERE meter = {meter} AND until IS NULL")
        if number != "0":
            customer = f"(SELECT customer FROM account WHERE id = {number})"
            ident = self.sql(f"SELECT coalesce (closing::text, '') FROM account WHERE id = {number}") or new_id()
            order = {"id": ident, "reason": "chaos", "channel": "card"}
            self.must(self.finance.ask("POST", f"/accounts/{number}/close", order), 200, 409)  # once: the server goes on by itself

            def closed():
                self.agreed(None, MOVE_METER)
                return self.sql(f"SELECT state FROM account WHERE id = {number}") == "2"
            if not wait_for(120, closed, 0.3):
                said = self.finance.ask("GET", "/jobs?name=account_close&state=running")
                raise GaveUp(f"the account is not closed: {said}")
        self.read(MOVE_METER)
        sale, ident = new_id(), new_id()
        answer = self.must(self.cashier.ask("POST", "/accounts", {"id": ident, "customer": int(self.sql("SELECT " + customer)), "channel": "card",
                                                                  "meters": [{"meter": meter, "opening_amount": "20.00", "sale_id": sale}]}), 200, 201)
        if answer.json["meters"][0].get("sale"):
            self.book.note("sale", sale, "20.00")
        self.at_rest(MOVE_METER)

    def tariff(self, _round):
        body = {"name": f"Chaos {new_id()}", "effective": "2026-01-01", "prices": {"peak": "0.9000", "flat": "0.6000"},
                "seasons": [{"workday": [{"from": "00:00", "rate": "flat"}, {"from": "08:00", "rate": "peak"}]}]}
        self.must(self.finance.ask("POST", "/tariffs", body), 201, 409)

    def table(self, _round):
        """An import is there as a whole or not at all, and once, however often it is asked for."""
        ident = new_id()
        house = "T" + ident[-12:]
        rows = [{"kind": "gateway", "code": f"{house}-{n}", "link": "dial_in", "area": f"{house}/{n}"} for n in (1, 2)]
        self.must(self.engineer.ask("POST", "/imports", {"id": ident, "kind": "plant", "dry_run": False, "rows": rows}), 200)
        found = self.sql(f"SELECT (SELECT count (*) FROM gateway WHERE code LIKE '{house}-%') || ' ' || (SELECT count (*) FROM area WHERE path LIKE '{house}%')")
        if found != "2 3":
            raise GaveUp(f"an import of 2 gateways and 3 places left {found}")

    def order(self, _round):
        meter = self.meters[RELAY_METER]
        for kind in ("force_off", "restore_prepaid"):
            command = new_id()
            self.must(self.engineer.ask("POST", "/commands", {"id": command, "meter": meter, "kind": kind, "reason": "chaos"}), 200, 201)
            self.until(f"{kind} has no end", lambda: self.sql(f"SELECT state FROM command WHERE id = '{command}'") not in ("0", "1", "2"), 90)

    def settlement(self, _round):
        before = int(self.sql("SELECT count (*) FROM settlement WHERE account IS NOT NULL"))
        self.until("nothing is settled", lambda: (self.try_read("GW-0008-1"), int(self.sql("SELECT count (*) FROM settlement WHERE account IS NOT NULL")) > before)[1], 40)


# Word of a point, without its moment -> the script that leads there; the others are passed by tills all the time.
FOR = {
    "drawer-open": "drawer", "drawer-close": "drawer", "proposal": "second", "decision": "second", "cancelled": "cancelled", "held": "case",
    "mismatch": "case", "case": "case", "replace": "replace", "correct": "replace", "account-open": "account", "account-close": "account",
    "tariff": "tariff", "order": "order", "settlement": "settlement", "import": "table",
}
# Points that need a bad line.
BAD_LINE = {"write-unanswered": {"drop_request": 0.15, "drop_reply": 0.15}, "again": {"drop_request": 0.25}}


def script_of(point):
    """None: tills alone lead there."""
    return FOR.get(point.split(".")[0])
