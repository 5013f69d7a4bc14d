#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# smoke.py: uses a running demo campus as an office would, once, and says what held. ./run smoke starts and stops the campus.
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from decimal import Decimal

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from till_client import Client, new_id, operators, sim_control, wait_for  # noqa: E402

stack = os.environ["GRIDTILL_STACK_DIR"]
port = int(os.environ["GRIDTILL_API_PORT"])
faults = bool(os.environ.get("GRIDTILL_FAULTS"))
patience = 3 if faults else 1
ca = os.path.join(stack, "state", "authority.pem")
passwords = operators(stack)
results = []


def check(name, ok, seen=""):
    results.append(bool(ok))
    print(f"{'ok  ' if ok else 'FAIL'} {name}" + ("" if ok else f"   seen: {seen}"), flush=True)
    return ok


def client(user):
    made = Client(port, ca)
    answer = made.log_in(user, passwords[user])
    if answer.status != 201:
        raise SystemExit(f"{user} could not sign in: {answer}")
    return made


def count_sales(cashier):
    return cashier.get("/sales", limit=1).json["total"]


def check_fresh(viewer):
    """Every circuit that the campus answers for becomes fresh; the ten that are switched off are shown as lost."""
    def all_fresh():
        items = viewer.get("/meters", limit=1000).json["items"]
        fresh = [m for m in items if m["read_at"] is not None and m["age_s"] <= 180]
        return items if len(items) == 360 and len(fresh) == 350 and len([m for m in items if m["state"] == "lost"]) == 10 else None

    started = time.monotonic()
    items = wait_for(170 * patience, all_fresh, 1.0)
    check("350 circuits are fresh, the ten that are off are lost", items, "timed out")
    print(f"     after {time.monotonic() - started:.0f} s")
    items = items or viewer.get("/meters", limit=1000).json["items"]
    states = {}
    for meter in items:
        states[meter["state"]] = states.get(meter["state"], 0) + 1
    check("the campus shows normal, alarm, arrears, unopened and lost circuits",
          all(states.get(s, 0) > 0 for s in ("normal", "alarm1", "alarm2", "arrears", "unopened", "lost")), states)
    board = viewer.get("/board").json
    check("the board holds the same 360 meters", len(board["meters"]) == 360, len(board["meters"]))
    return items


def check_sale(cashier, items):
    """Paid, sent, verified; the simulator's own journal has it exactly once."""
    meter = next(m for m in items if m["state"] == "normal")
    fresh = wait_for(30 * patience, lambda: (lambda a: a.json if a.status == 200 else None)(
        cashier.call("POST", f"/meters/{meter['id']}/read")), 0.5)
    check("read now answers with a fresh reading", fresh and fresh["age_s"] is not None and fresh["age_s"] <= 10, fresh)
    fresh = fresh or meter
    sale_id = new_id()
    body = {"id": sale_id, "meter": meter["id"], "amount": "100.00", "channel": "cash"}
    sold = cashier.call("POST", "/sales", body)
    check("a sale of 100.00 is accepted as paid", sold.status == 201 and sold.json["state"] in ("paid", "queued"), sold)
    done = wait_for(30 * patience * patience, lambda: (lambda s: s if s["state"] == "verified" else None)(cashier.get(f"/sales/{sale_id}").json))
    check("the sale becomes verified", done, cashier.get(f"/sales/{sale_id}").json)
    again = cashier.call("POST", "/sales", body)
    check("the same sale again returns the first answer", again.status == 200 and again.headers.get("Idempotent-Replay") == "true", again)
    other = cashier.call("POST", "/sales", dict(body, amount="200.00"))
    check("the same id with another amount is a conflict", other.status == 409 and other.code == "conflict", other)
    after = wait_for(30 * patience, lambda: (lambda a: a.json if a.status == 200 else None)(
        cashier.call("POST", f"/meters/{meter['id']}/read")), 0.5) or {}
    check("the meter's purchase count rose by one and its total by 100.00",
          after.get("purchase_count") == fresh["purchase_count"] + 1 and
          Decimal(after.get("purchased_total", "0")) - Decimal(fresh["purchased_total"]) == 100, after)
    with open(os.path.join(stack, "journal.jsonl"), encoding="utf-8") as file:
        lines = [json.loads(line) for line in file if line.endswith("\n")]
    mine = [l for l in lines if l["kind"] == "recharge" and l["gateway"] == meter["gateway_code"] and l["unit"] == meter["unit"] and
            l["count"] == fresh["purchase_count"] + 1]
    check("the simulator's journal holds the recharge exactly once", len(mine) == 1 and Decimal(mine[0]["amount"]) == 100, mine)
    receipt = cashier.get(f"/sales/{sale_id}/receipt", size="80mm")
    check("the receipt is a PDF", receipt.status == 200 and receipt.body.startswith(b"%PDF"), receipt)
    return meter


def check_relay(engineer, items):
    """Trips and restores one circuit; the journal of the simulator shows both."""
    meter = next(m for m in items if m["state"] == "normal" and m["relay"] != "open")

    def order(kind, mode):
        made = engineer.call("POST", "/commands", {"id": new_id(), "meter": meter["id"], "kind": kind, "reason": "smoke"})
        if made.status not in (200, 201):
            return made
        command = made.json["id"]
        done = wait_for(40 * patience * patience, lambda: engineer.get(f"/commands/{command}").json["state"] == "verified", 0.2)
        shown = done and wait_for(20 * patience, lambda: engineer.get(f"/meters/{meter['id']}").json["mode"] == mode, 0.2)
        return True if shown else engineer.get(f"/commands/{command}").json

    for kind, mode in (("force_off", "forced_off"), ("restore_prepaid", "prepaid")):
        seen = order(kind, mode)
        check(f"{kind} is verified and shown", seen is True, seen)
    with open(os.path.join(stack, "journal.jsonl"), encoding="utf-8") as file:
        relays = [json.loads(line) for line in file if '"relay"' in line]
    check("the simulator's journal shows the trip and the restore", len(relays) >= 2, relays)


def office_rows(xlsx):
    """Amounts of every row and of the totals, as LibreOffice understands the sheet."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "report.xlsx"), "wb") as file:
            file.write(xlsx)
        subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1", "--outdir", folder,
                        os.path.join(folder, "report.xlsx")], check=True, capture_output=True, timeout=180, env=dict(os.environ, HOME=folder))
        with open(os.path.join(folder, "report.csv"), encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
    head = next(n for n, row in enumerate(rows) if len(row) > 5 and row[1])
    return [[Decimal(cell.replace(",", "")) for cell in row[1:]] for row in rows[head + 1:] if len(row) > 5]


def money_cells(report):
    return [[Decimal(str(cell)) for cell in row[1:]] for row in report["rows"] + [report["totals"]]]


def check_report(cashier, finance):
    """The sheet says what the API says."""
    report = finance.get("/reports/sales_daily").json
    sheet = finance.get("/reports/sales_daily", format="xlsx")
    names, text = [], ""
    try:
        with zipfile.ZipFile(io.BytesIO(sheet.body)) as book:
            names = book.namelist()
            text = "".join(book.read(n).decode() for n in names if n.startswith("xl/worksheets/") or n == "xl/sharedStrings.xml")
    except zipfile.BadZipFile:
        pass
    check("the daily sales report has the sale", any("100" in str(cell) for row in report["rows"] for cell in row), report["rows"])
    check("its xlsx opens and has the same amount", "xl/workbook.xml" in names and re.search(r"<v>100(\.0+)?</v>", text), names)
    if shutil.which("soffice"):
        check("LibreOffice reads the API's numbers from it", office_rows(sheet.body) == money_cells(report), "other numbers")
    listed = cashier.get("/sales", format="xlsx")
    check("the list of sales exports as xlsx", listed.status == 200 and listed.body.startswith(b"PK"), listed.status)


def check_bad_input(cashier, viewer, meter):
    """Clear problem answers, nothing changed."""
    before = count_sales(cashier)
    ident = new_id()
    good = {"id": ident, "meter": meter["id"], "amount": "1.00", "channel": "cash"}
    stranger = Client(port, ca)
    answer = stranger.call("POST", "/session", {"user": "cashier", "password": "wrong wrong wrong"})
    check("a wrong password is refused", answer.status == 401 and answer.code == "unauthenticated", answer)
    check("without log-in nothing is shown", stranger.get("/meters").status == 401)
    check("a viewer may not sell", viewer.call("POST", "/sales", good).status == 403)
    bad = {
        "amount -1": dict(good, amount="-1"), "amount 0.001": dict(good, amount="0.001"), "amount 1e2": dict(good, amount="1e2"),
        "an amount as JSON number": dict(good, amount=1), "an unknown member": dict(good, price="1"),
        "a doubled member": json.dumps(good)[:-1].encode() + b',"amount":"2.00"}', "trailing bytes": json.dumps(good).encode() + b"x",
    }
    for name, body in bad.items():
        answer = cashier.call("POST", "/sales", body)
        check(f"{name} is refused with a problem", answer.status in (400, 422) and answer.code in ("invalid", "limit") and
              "problem+json" in (answer.headers.get("Content-Type") or ""), answer)
    try:
        large = Client(port, ca, cashier.token).call("POST", "/sales", b'{"note":"' + b"x" * (10 << 20) + b'"}')
        check("a body of 10 MB is refused", large.status == 413 and large.code == "too_large", large)
    except OSError as error: # the server may close while we still send; it must not have taken it
        check("a body of 10 MB is refused", isinstance(error, (BrokenPipeError, ConnectionResetError)), error)
    check("nothing of this changed anything", count_sales(cashier) == before, count_sales(cashier))


def main():
    cashier, viewer, engineer, finance = client("cashier"), client("viewer"), client("engineer"), client("finance")
    check("four operators sign in", True)
    items = check_fresh(viewer)
    meter = check_sale(cashier, items)
    check_relay(engineer, [m for m in items if m["id"] != meter["id"]])
    check_report(cashier, finance)
    check_bad_input(cashier, viewer, meter)
    stats = sim_control(os.path.join(stack, "sim.sock"), {"do": "stats"})
    check("the simulator answers on its control socket", isinstance(stats, dict) and "error" not in stats, stats)
    failed = results.count(False)
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
