#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# test-campus-restore.py: an older copy of the database comes back. The server starts in RECONCILE and sells nothing; the journal on the other
# disk tells the lost sales again, each once and under its own id; meters agree, or are held, or stay closed until they answer; two
# operators release; then the simulator's journal equals the ledger and selling works.
import os
import shutil
import signal
import subprocess
import sys

from campus_stack import Stack, new_id, run, wait_for
from till_client import Client

RECONCILE = 18  # TillAlarmKind
MANY = [f"GW-0001-{unit}" for unit in range(10, 16)]
AFTER = [f"GW-0001-{unit}" for unit in range(13, 19)]  # some of them were sold to before the copy, too
DARK, CARD, RESET, WAITED = "GW-0002-5", "GW-0002-6", "GW-0002-8", "GW-0002-7"
UNDONE = "GW-0002-9"   # silent: what is sold to it is taken back before it is delivered
REFUNDED = "GW-0003-1"  # the reversal of a delivered sale, paid out
state = {"before": {}, "after": {}}


class Restored(Stack):
    def begin(self, faults):
        super().begin(faults)
        self.stop_server()
        with open(self.config, encoding="utf-8") as file:
            text = file.read()
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text.replace("[server]\n", f"[server]\njournal={self.folder}/money.journal\n"))
        self.start_server()

    def stop_server(self):
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(30)
        self.processes.remove(self.server)

    def stop_database(self):
        self.pg.run("pg_ctl", "-D", self.pg.data, "-s", "-m", "fast", "-w", "stop")

    def begin_server(self):
        """As start_server, whatever state it comes up in."""
        self.server = self.spawn("gridtilld", os.path.join(os.environ.get("GRIDTILL_BUILD", "build"), "server/app/gridtilld"), "--config", self.config)
        assert wait_for(40, lambda: health(self) in ("ok", "reconcile"), 0.2), self.log("gridtilld")


def health(stack):
    try:
        return Client(stack.port, stack.ca).get("/health").json["status"]
    except (OSError, ValueError, KeyError):
        return "away"


def sell(stack, cashier, code, amount="10.00"):
    sale = {"id": new_id(), "meter": stack.meters()[code], "amount": amount, "channel": "cash"}
    answer = cashier.call("POST", "/sales", sale)
    assert answer.status == 201, answer
    return sale


def reverse(stack, finance, sale):
    """Its id, once it is in the books: not while an attempt is under way."""
    body = {"id": new_id(), "reason": "typed the wrong room"}
    assert wait_for(30, lambda: finance.call("POST", f"/sales/{sale['id']}/reverse", body).status in (200, 201), 0.3), \
        finance.call("POST", f"/sales/{sale['id']}/reverse", body)
    return body["id"]


def verified(stack, sales):
    ids = ",".join(f"'{s['id']}'" for s in sales)
    return int(stack.pg.value(f"SELECT count(*) FROM sale WHERE state = 4 AND id IN ({ids})")) == len(sales)


def test_copy(stack):
    """Sales, and a copy of the cluster between them."""
    stack.wait_baselines(90)
    cashier = stack.client("cashier")
    state["before"] = [sell(stack, cashier, code) for code in MANY] + [sell(stack, stack.client("finance"), REFUNDED)]
    assert wait_for(90, lambda: verified(stack, state["before"]), 0.3)
    stack.stop_server()
    stack.stop_database()
    subprocess.run(["cp", "-a", stack.pg.data, stack.pg.data + ".copy"], check=True)
    stack.pg.start()
    stack.start_server()
    cashier = stack.client("cashier")
    done = [sell(stack, cashier, code, "12.50") for code in AFTER + [CARD, RESET]]
    done += [sell(stack, cashier, AFTER[0], "3.00")]
    assert wait_for(90, lambda: verified(stack, done), 0.3)
    unit = {"gateway": "GW-0002", "unit": int(DARK.rsplit("-", 1)[1])}
    stack.ask_sim(do="off", **unit)
    queued = [sell(stack, cashier, DARK, "8.00")]
    stack.ask_sim(do="off", gateway="GW-0002", unit=int(WAITED.rsplit("-", 1)[1]))
    queued += [sell(stack, cashier, WAITED, "9.00")]
    stack.ask_sim(do="off", gateway="GW-0002", unit=int(UNDONE.rsplit("-", 1)[1]))
    finance = stack.client("finance")
    undone = sell(stack, finance, UNDONE, "11.00")
    state["undone"], state["undo"] = undone, reverse(stack, finance, undone)
    state["refunded"] = state["before"][-1]
    state["refund"] = reverse(stack, finance, state["refunded"])
    assert wait_for(60, lambda: stack.pg.value(f"SELECT state FROM sale WHERE id = '{state['refund']}'") == "4", 0.3)
    answer = finance.call("POST", f"/sales/{state['refund']}/pay", {})
    assert answer.status == 200, answer
    state["after"] = done + queued
    state["verified"], state["queued"] = done, queued
    state["cash"] = stack.pg.value("SELECT sum (p.amount) FROM posting p JOIN ledger_account l ON l.id = p.account WHERE l.kind = 0")
    state["numbers"] = dict(stack.pg.sql("SELECT id, number FROM sale"))


def test_restore(stack):
    """The old copy comes back; the server sells nothing, and says why, also after it was killed in the midst."""
    stack.kill_server()
    stack.stop_database()
    shutil.rmtree(stack.pg.data)
    os.rename(stack.pg.data + ".copy", stack.pg.data)
    stack.pg.start()
    stack.ask_sim(do="card", gateway="GW-0002", unit=int(CARD.rsplit("-", 1)[1]), amount="5.00")
    stack.begin_server()
    stack.kill_server()
    stack.begin_server()
    assert health(stack) == "reconcile"
    chief = stack.client("chief")
    assert chief.get("/server").json["reconcile"] is True
    answer = stack.client("cashier").call("POST", "/sales", {"id": new_id(), "meter": stack.meters()[MANY[0]], "amount": "10.00", "channel": "cash"})
    assert answer.status == 503 and answer.code == "reconcile", answer
    assert stack.pg.value(f"SELECT count(*) FROM alarm WHERE kind = {RECONCILE} AND cleared_at IS NULL") == "1"
    try:
        stack.pg.sql(f"INSERT INTO request (id, body_hash) VALUES ('{new_id()}', sha256 (''))")
        raise AssertionError("the database took a request")
    except RuntimeError as error:
        assert "reconcile" in str(error), error


def test_compare(stack):
    """Lost sales exist again, each once, with number, amount and state; every meter that answers has its verdict."""
    chief = stack.client("chief")

    def settled():
        seen = chief.get("/reconcile").json
        return seen["state"] == "comparing" and seen["counts"]["waiting"] == 3
    assert wait_for(120, settled, 0.5), chief.get("/reconcile").json["counts"]
    seen = chief.get("/reconcile").json
    verdicts = {m["code"]: m for m in seen["meters"]}
    assert seen["journal"]["refused"] == 0, seen["journal"]
    for code in AFTER:
        assert verdicts[code]["verdict"] == "verified", verdicts[code]
    assert verdicts[CARD]["verdict"] == "held" and verdicts[CARD]["reason"] == "count_ahead", verdicts[CARD]
    assert {c for c, m in verdicts.items() if m["verdict"] == "waiting"} == {DARK, WAITED, UNDONE}
    assert seen["counts"]["held"] == 1, seen["counts"]
    for sale in state["before"] + state["after"]:
        rows = stack.pg.sql(f"SELECT number, amount, state, channel, operator > 0, drawer IS NOT NULL FROM sale WHERE id = '{sale['id']}'")
        wanted = "1" if sale in state["queued"] else "4"
        amount = str(int(float(sale["amount"]) * 10000))
        assert rows == [[state["numbers"][sale["id"]], amount, wanted, "0", "t", "t"]], (sale, rows, state["numbers"][sale["id"]])
    check_returns(stack)
    # Meters agree, and still nobody sells: two operators have not released.
    answer = stack.client("cashier").call("POST", "/sales", {"id": new_id(), "meter": stack.meters()[AFTER[0]], "amount": "1.00", "channel": "cash"})
    assert answer.status == 503 and answer.code == "reconcile", answer


def check_returns(stack):
    """What went back came back: the sale that was never delivered is cancelled for good, the refund stands by its sale and is paid."""
    row = stack.pg.sql(f"SELECT state FROM sale WHERE id = '{state['undone']['id']}'")
    assert row == [["6"]], row
    assert stack.pg.value(f"SELECT state FROM command WHERE id = '{state['undone']['id']}'") == "6"
    row = stack.pg.sql(f"SELECT kind, state, reverses, amount, paid_channel, drawer IS NOT NULL FROM sale WHERE id = '{state['undo']}'")
    assert row == [["4", "4", state["undone"]["id"], "110000", "0", "t"]], row
    row = stack.pg.sql(f"SELECT kind, state, reverses, paid_channel, drawer IS NOT NULL FROM sale WHERE id = '{state['refund']}'")
    assert row == [["4", "4", state["refunded"]["id"], "0", "t"]], row
    due = stack.pg.value("SELECT coalesce (sum (credits - debits), 0) FROM ledger_account WHERE kind = 5")
    assert due == "0", f"refunds due: {due}"
    cash = stack.pg.value("SELECT sum (p.amount) FROM posting p JOIN ledger_account l ON l.id = p.account WHERE l.kind = 0")
    assert cash == state["cash"], (cash, state["cash"])


def test_release(stack):
    """One proposes, another decides; a new epoch stands in both places."""
    epoch = stack.pg.value("SELECT epoch FROM cluster")
    chief, second = stack.client("chief"), stack.client("finance")
    assert stack.client("cashier").call("POST", "/reconcile", {"note": "x"}).status == 403
    answer = chief.call("POST", "/reconcile", {"note": "looked at the held one"})
    assert answer.status == 202, answer
    number = answer.json["approval"]
    answer = chief.call("POST", f"/approvals/{number}", {"decision": "approve"})
    assert answer.status == 403, answer
    answer = second.call("POST", f"/approvals/{number}", {"decision": "approve"})
    assert answer.status == 200, answer
    assert wait_for(20, lambda: health(stack) == "ok", 0.2)
    new = stack.pg.value("SELECT epoch FROM cluster")
    assert new != epoch
    with open(os.path.join(stack.folder, "state", "cluster"), encoding="utf-8") as file:
        assert new in file.read()
    assert stack.pg.value(f"SELECT count(*) FROM alarm WHERE kind = {RECONCILE} AND cleared_at IS NULL") == "0"


def test_sell(stack):
    """Open meters sell at once, closed ones when they have agreed; nothing was lost and nothing comes twice."""
    cashier = stack.client("cashier")
    answer = cashier.call("POST", "/sales", {"id": new_id(), "meter": stack.meters()[WAITED], "amount": "1.00", "channel": "cash"})
    assert answer.status == 503 and answer.code == "reconcile", answer
    answer = cashier.call("POST", "/sales", {"id": new_id(), "meter": stack.meters()[CARD], "amount": "1.00", "channel": "cash"})
    assert answer.status == 409 and answer.code == "dispute", answer
    again = cashier.call("POST", "/sales", state["after"][0])
    assert again.status == 200 and again.json["id"] == state["after"][0]["id"], again
    fresh = [sell(stack, cashier, code, "7.00") for code in AFTER + MANY[:2]]
    for code in (DARK, WAITED, UNDONE):
        stack.ask_sim(do="on", gateway="GW-0002", unit=int(code.rsplit("-", 1)[1]))
    assert wait_for(150, lambda: verified(stack, fresh + state["queued"]), 0.5), stack.open_commands()
    n = stack.compare(excused=(CARD,))
    lost = stack.pg.value("SELECT count(*) FROM tx WHERE event = 0")
    assert int(lost) == len(state["before"] + state["after"] + fresh) + 1, lost
    assert stack.pg.value(f"SELECT state FROM sale WHERE id = '{state['undone']['id']}'") == "6"
    stack.kill_server()
    stack.begin_server()
    assert health(stack) == "ok"
    stack.kill_server()
    check_journal(stack)
    return f"{n} recharges"


def check_journal(stack):
    """The journal has each line once, also what came back from it."""
    with open(os.path.join(stack.folder, "money.journal"), encoding="utf-8") as file:
        keys = [tuple(line.split("|")[2:4]) for line in file]
    assert len(keys) == len(set(keys)), [k for k in keys if keys.count(k) > 1][:3]


if __name__ == "__main__":
    sys.exit(run([test_copy, test_restore, test_compare, test_release, test_sell], make=Restored, world="tests/field/campus-restore.json"))
