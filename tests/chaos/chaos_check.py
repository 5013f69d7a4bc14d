# SPDX-License-Identifier: GPL-2.0-or-later
# chaos_check.py: the invariants I1 to I12 once nothing fails any more, from three sides: the database, the simulator's own journal of what
# meters did, and what people were told. Each returns sentences; none = it holds.
import os
import subprocess
from collections import Counter

from campus_stack import SERVER, wait_for
from chaos_stack import INVARIANTS

SETTLE_S = 60            # I11: three polls of the slowest meter, with the pauses of delivery
OPEN_ORDERS = "SELECT m.code, c.kind, c.state FROM command c JOIN meter m ON m.id = c.meter WHERE c.kind >= 2 AND c.state IN (0, 1, 2)"


def excused(stack):
    """Class B meters have no count that stops a doubled frame: they may differ where a held case names them, and only there."""
    return {code for (code,) in stack.pg.sql("SELECT m.code FROM dispute_case d JOIN meter m ON m.id = d.meter "
                                             "WHERE d.closed_at IS NULL AND m.model = 'gridtill-generic-b'")}


def decided(stack):
    """Meters whose counters two persons have put right at some time: what happened before is in the case, not in the lists."""
    return {code for (code,) in stack.pg.sql("SELECT DISTINCT m.code FROM dispute_case d JOIN meter m ON m.id = d.meter WHERE d.closed_at IS NOT NULL")}


def wait_settled(stack, left_open=SETTLE_S):
    """I11: once faults stop, nothing stays in doubt."""
    def doubts():
        named = excused(stack)
        return [row for row in stack.open_commands() if row[0] not in named] + stack.pg.sql(OPEN_ORDERS)
    if wait_for(left_open, lambda: not doubts() or None, 0.2):
        return []
    return [f"I11 still in doubt after {left_open} s: {row}" for row in doubts()[:5]]


def books(stack):
    """I1 to I4, I6 to I8 and I10 by the server's own questions, the audit chain included."""
    found = [f"{invariant}: {subject}" for invariant, subject in stack.pg.sql(INVARIANTS)]
    broken = stack.pg.value("SELECT coalesce (min (audit_first_broken (id)), 0) FROM site")
    return found + ([f"I10 the audit chain breaks at {broken}"] if broken != "0" else [])


def meters(stack):
    """I4, I5, I6: what meters did, by their own journal, is what the ledger says they did."""
    try:
        stack.compare(excused(stack), decided(stack))
    except AssertionError as error:
        return [f"I5 meters and ledger differ: {str(error)[:600]}"]
    return []


def people(stack, book):
    """I7: what people were told exists once, with the amount they were told; the journal on its own disk has it too."""
    found = []
    stored = {ident: (amount, n) for ident, amount, n in stack.pg.sql(
        "SELECT s.id, s.amount, (SELECT count (*) FROM tx WHERE request = s.id AND event IN (0, 7)) FROM sale s")}
    with book.lock:
        told, answers = dict(book.told), list(book.broken)
        book.broken.clear()
    for ident, amount in told.items():
        if ident not in stored:
            found.append(f"I7 {ident} was acknowledged and is not there")
        elif int(stored[ident][0]) != round(float(amount) * 10000):
            found.append(f"I7 {ident} was acknowledged with {amount}, stored with {stored[ident][0]}")
    found += [f"I7 {text}" for text in answers]
    return found + journal(stack, told)


def journal(stack, told):
    """Acknowledged means: also in the journal of money."""
    path = os.path.join(stack.folder, "money.journal")
    with open(path, encoding="utf-8") as file:
        lines = [line.split("|") for line in file if line.endswith("\n")]
    paid = {line[3] for line in lines if line[2] == "0"}
    twice = [key for key, times in Counter((line[2], line[3]) for line in lines).items() if times > 1]
    found = [f"I7 event {event} of {ident} stands twice in the journal of money" for event, ident in twice[:5]]
    sales = {row[0] for row in stack.pg.sql("SELECT id FROM sale WHERE kind = 0")}
    missing = [ident for ident in told if ident in sales and ident not in paid]
    return found + [f"I7 {ident} was acknowledged and is not in the journal of money" for ident in missing[:5]]


def relays(stack):
    """I9: the last thing a meter was made to do is the newest verified order."""
    found, did = [], {}
    for line in stack.journal_lines():
        if line["kind"] == "relay" and line["action"] in ("open", "auto"):
            did[f"{line['gateway']}-{line['unit']}"] = line["action"]
    newest = stack.pg.sql("SELECT DISTINCT ON (m.id) m.code, c.kind FROM command c JOIN meter m ON m.id = c.meter "
                          "WHERE c.kind IN (6, 7) AND c.state = 3 ORDER BY m.id, c.created_at DESC")
    for code, kind in newest:
        wanted = "open" if kind == "6" else "auto"
        if did.get(code) not in (None, wanted):
            found.append(f"I9 {code} was last made {did.get(code)}, the newest order wants {wanted}")
    return found


def energy(stack):
    """I12: used + balance = credited, by the nightly question; a discrepancy is a case."""
    cases = stack.pg.sql("SELECT m.code, c.reason FROM dispute_case c JOIN meter m ON m.id = c.meter WHERE c.closed_at IS NULL")
    named = excused(stack)
    return [f"I12 an open case of {code} with reason {reason}" for code, reason in cases if code not in named]


def all_of(stack, book):
    return books(stack) + meters(stack) + people(stack, book) + relays(stack) + energy(stack)


def export(stack, person):
    """I10 by somebody who has nothing but the file."""
    answer = person.ask("GET", "/ledger/export")
    path = os.path.join(stack.folder, "ledger.txt")
    if answer.status != 200:
        return [f"I10 the ledger cannot be exported: {answer}"]
    with open(path, "wb") as file:
        file.write(answer.body)
    done = subprocess.run([SERVER, "verify-ledger", path], capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [f"I10 verify-ledger: {done.stdout}{done.stderr}"]
