# SPDX-License-Identifier: GPL-2.0-or-later
# campus_stack.py: a private PostgreSQL, gridtill-sim and gridtilld together for tests from outside, and the comparison of the
# simulator's journal with the ledger. Everything is ended by process id; nothing listens off loopback.
import glob
import http.client
import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.environ.get("GRIDTILL_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("GRIDTILL_BUILD") or os.path.join(ROOT, "build")
sys.path.insert(0, os.path.join(ROOT, "tests/smoke"))
from till_client import Client, new_id, sim_control, wait_for  # noqa: E402

SIM = os.path.join(BUILD, "tests/simulator/gridtill-sim")
SERVER = os.path.join(BUILD, "server/app/gridtilld")
RECHARGE, DEBIT, VERIFIED = 0, 1, 3  # smallints of shared/api/till-enums.h
UNIT = 10000               # of money in one currency unit


def free_ports(n):
    """n free ports in a row, for listeners of this test."""
    while True:
        base, held = random.randrange(20000, 31000), []
        try:
            for i in range(n):
                sock = socket.socket()
                held.append(sock)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind(("127.0.0.1", base + i))
            return base
        except OSError:
            continue
        finally:
            for sock in held:
                sock.close()


class Patient(Client):
    """Asks once more when the server has closed the idle connection; only questions, never orders."""

    def get(self, path, **query):
        try:
            return super().get(path, **query)
        except (OSError, http.client.HTTPException):
            return super().get(path, **query)


class Postgres:
    """A cluster in a folder of its own, reached by a Unix socket only; as root it runs as the user postgres."""

    def __init__(self, folder, settings=""):
        self.data, self.sock, self.log = (os.path.join(folder, n) for n in ("pg", "sock", "pg.log"))
        self.settings = settings
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda p: int(p.split("/")[4]))[-1]
        self.wrap = []
        for path in (self.data, self.sock):
            os.mkdir(path, 0o700)
        if os.getuid() == 0:
            self.wrap = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "env", "HOME=/tmp"]
            user = pwd.getpwnam("postgres")
            os.chmod(folder, 0o711)
            for path in (self.data, self.sock):
                os.chown(path, user.pw_uid, user.pw_gid)
        self.run("initdb", "-D", self.data, "-U", "gridtill_owner", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-k")
        self.start()
        self.sql("CREATE DATABASE gridtill", database="postgres")

    def run(self, program, *options):
        done = subprocess.run([*self.wrap, os.path.join(self.bin, program), *options], cwd="/", capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")

    def start(self):
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.sock}' -c max_connections=60 -c log_min_messages=warning -c jit=off {self.settings}"
        self.run("pg_ctl", "-D", self.data, "-s", "-w", "-t", "60", "-l", os.path.join(self.data, "server.log"), "-o", options, "start")

    def stop(self):
        self.run("pg_ctl", "-D", self.data, "-s", "-m", "immediate", "-w", "stop")

    def sql(self, text, database="gridtill", timeout=60):
        """Rows of one statement, as text."""
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", self.sock, "-U", "gridtill_owner", "-d", database],
                              input=text, capture_output=True, text=True, timeout=timeout, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def value(self, text):
        rows = self.sql(text)
        return rows[0][0] if rows else ""


# One site; a gateway per link and a room, customer and account per circuit of the simulated world.
PLANT = """
INSERT INTO site (code, name) VALUES ('T', 'Test');
INSERT INTO area (site, kind, name) SELECT id, 0, 'Campus' FROM site;
INSERT INTO tariff (name) VALUES ('Test');
INSERT INTO tariff_version (tariff, effective, price_flat) SELECT id, '2020-01-01', 5600 FROM tariff;
INSERT INTO model_proof (model, version, write, simulated, effective_class, proved_by, agreed_by) VALUES
  ('adf400l-1p', 1, 'recharge', true, 1, 'one', 'two'), ('adf400l-1p', 1, 'control', true, NULL, 'one', 'two');
"""
GATEWAY = """
INSERT INTO gateway (code, name, site, link, address, allow_clear, simulated, status_interval_s)
  SELECT '{code}', '{code}', id, {link}, '{address}', true, true, 15 FROM site;
"""
METER = """
WITH room AS (INSERT INTO area (site, parent, kind, name) SELECT site, id, 3, '{code}' FROM area WHERE parent IS NULL RETURNING id),
  made AS (INSERT INTO meter (code, serial, gateway, unit, model, area, tariff)
    SELECT '{code}', '{serial}', gateway.id, {unit}, '{model}', room.id, tariff.id FROM gateway, room, tariff WHERE gateway.code = '{gateway}' RETURNING id, area),
  person AS (INSERT INTO customer (code, name, area) SELECT 'C-{code}', '{code}', area FROM made RETURNING id),
  paper AS (INSERT INTO account (code, site, customer) SELECT 'A-{code}', site.id, person.id FROM site, person RETURNING id)
INSERT INTO account_meter (account, meter) SELECT paper.id, made.id FROM paper, made;
"""
LINKS = {"serial": 0, "rtu_tcp": 1, "modbus_tcp": 2}


class Stack:
    def __init__(self, world="tests/field/campus.json", faults=None):
        self.folder = tempfile.mkdtemp(prefix="campus-")
        self.world = os.path.join(ROOT, world)
        self.journal, self.control = os.path.join(self.folder, "journal.jsonl"), os.path.join(self.folder, "sim.sock")
        self.config = os.path.join(self.folder, "gridtill.conf")
        self.processes, self.server, self.sim = [], None, None
        self.pg = Postgres(self.folder)
        try:
            self.begin(faults)
        except BaseException:
            self.end()
            raise

    def begin(self, faults):
        with open(self.world, encoding="utf-8") as file:
            self.links = json.load(file)["links"]
        self.sim_port, self.port = free_ports(len(self.links)), free_ports(1)
        self.start_sim(faults)
        os.mkdir(os.path.join(self.folder, "state"), 0o700)
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f"[server]\nstate_dir={self.folder}/state\n[database]\nsocket_dir={self.pg.sock}\nname=gridtill\nuser=gridtill_owner\n"
                       f"migrate=auto\n[http]\nlisten=127.0.0.1:{self.port}\n[field]\n" + self.field_settings())
        self.tool("migrate")
        self.plant()
        for user, role in (("cashier", "cashier"), ("chief", "finance"), ("engineer", "engineer"), ("finance", "finance"), ("viewer", "viewer")):
            with open(os.path.join(self.folder, "password"), "w", encoding="utf-8") as file:
                file.write("correct horse battery")
            self.tool("create-admin", "--user", user, "--role", role, "--name", user, "--password-file", file.name)
        self.start_server()

    def field_settings(self):
        """Lines of the section [field]: the ttys of the world."""
        ttys = [self.address(n) for n, link in enumerate(self.links) if link["kind"] == "serial"]
        return "serial=" + ",".join(ttys) + "\n" if ttys else ""

    def address(self, n):
        """Where gateway n is reached by the server."""
        link = self.links[n]
        return os.path.join(self.folder, os.path.basename(link["at"])) if link["kind"] == "serial" else f"127.0.0.1:{self.sim_port + n}"

    def sim_options(self):
        """More options of gridtill-sim."""
        return []

    def tool(self, command, *options):
        done = subprocess.run([SERVER, command, "--config", self.config, *options], capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"gridtilld {command}: {done.stdout}{done.stderr}")

    def plant(self):
        text = [PLANT]
        for n, link in enumerate(self.links):
            text.append(GATEWAY.format(code=link["code"], link=LINKS[link["kind"]], address=self.address(n)))
            for cabinet in link["buses"][0].get("cabinets", []):
                for unit in range(cabinet["table"], cabinet["table"] + cabinet["single"]):
                    text.append(METER.format(code=f"{link['code']}-{unit}", serial=cabinet["serial"], unit=unit, gateway=link["code"], model="adf400l-1p"))
            for meter in link["buses"][0].get("meters", []):
                for k in range(meter.get("count", 1)):
                    text.append(METER.format(code=f"{link['code']}-{meter['unit'] + k}", serial="", unit=meter["unit"] + k, gateway=link["code"],
                                             model=meter["profile"]))
        self.pg.sql("BEGIN;" + "".join(text) + "COMMIT;")

    def spawn(self, name, *command):
        with open(os.path.join(self.folder, name + ".log"), "ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def start_sim(self, faults=None):
        options = ["--faults", os.path.join(ROOT, faults)] if faults else []
        self.sim = self.spawn("sim", SIM, "--world", self.world, "--journal", self.journal, "--control", self.control, "--port-base", str(self.sim_port),
                              "--tty-dir", self.folder, *self.sim_options(), *options)
        if not wait_for(20, lambda: os.path.exists(self.control)):
            raise RuntimeError("the simulator did not start: " + self.log("sim"))

    def start_server(self):
        self.server = self.spawn("gridtilld", SERVER, "--config", self.config)

        def healthy():
            if self.server.poll() is not None:
                raise RuntimeError("gridtilld did not start: " + self.log("gridtilld"))
            try:
                return Client(self.port, self.ca).get("/health").json["status"] == "ok"
            except (OSError, ValueError, KeyError):
                return False
        if not wait_for(40, healthy):
            raise RuntimeError("gridtilld is not healthy: " + self.log("gridtilld"))

    def kill_server(self):
        self.server.send_signal(signal.SIGKILL)
        self.server.wait(20)
        self.processes.remove(self.server)

    def log(self, name):
        with open(os.path.join(self.folder, name + ".log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-3000:]

    @property
    def ca(self):
        return os.path.join(self.folder, "state", "authority.pem")

    def client(self, user):
        client = Patient(self.port, self.ca)
        answer = client.log_in(user, "correct horse battery")
        if answer.status != 201:
            raise RuntimeError(f"{user} could not sign in: {answer}")
        return client

    def ask_sim(self, **request):
        answer = sim_control(self.control, request)
        if "error" in answer:
            raise RuntimeError(f"simulator: {answer}")
        return answer

    def meters(self):
        """code -> id of all meters, as the database knows them."""
        return {code: int(number) for code, number in self.pg.sql("SELECT code, id FROM meter ORDER BY id")}

    def opened(self):
        """Codes of the circuits that are opened, which an ordinary sale may go to."""
        return [code for code in self.meters() if code != "GW-0001-4"]

    def truth(self, code):
        gateway, unit = code.rsplit("-", 1)
        return self.ask_sim(do="meter", gateway=gateway, unit=int(unit))

    def journal_lines(self):
        with open(self.journal, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")][1:]  # after the line that says when the campus began

    def wait_baselines(self, limit_s, codes=None):
        """Until the ledger has adopted every circuit that answers."""
        wanted = len(codes) if codes else len(self.meters())
        found = wait_for(limit_s, lambda: int(self.pg.value("SELECT count(*) FROM meter_purse WHERE has_baseline")) >= wanted, 0.5)
        assert found, "adopted only " + self.pg.value("SELECT count(*) FROM meter_purse WHERE has_baseline") + f" of {wanted}; " + self.log("gridtilld")

    def open_commands(self):
        return self.pg.sql("SELECT meter.code, command.id, command.state, command.reason FROM command JOIN meter ON meter.id = command.meter "
                           "WHERE command.kind <= 1 AND command.state NOT IN (3, 6)")

    def hurry(self):
        """Money that waits for its next attempt goes now: after three bad ones it would be minutes. Settings likewise."""
        self.pg.sql("UPDATE command SET not_before = now () WHERE state = 0 AND not_before > now (); SELECT pg_notify ('till_delivery', '')")

    def settle(self, limit_s):
        """The line is good again: whatever is open comes to its end."""
        def ended():
            if not self.open_commands():
                return True
            self.hurry()
            return None
        assert wait_for(limit_s, ended, 1), f"still open {self.open_commands()[:5]} {self.log('gridtilld')}"

    def compare(self, excused=(), decided=()):
        """I5, I6: the journal of applied recharges = the ledger's verified commands, by circuit, count and amount; nothing in transit; each
        circuit's own count and total = the ledger's belief. Returns the number of recharges. Circuits of excused are left out;
        of those of decided only the totals are compared."""
        unlisted = set(excused) | set(decided)
        lines = [l for l in self.journal_lines() if f"{l['gateway']}-{l['unit']}" not in unlisted]
        applied = sorted((f"{l['gateway']}-{l['unit']}", l["count"], int(float(l["amount"]) * 100 + 0.5)) for l in lines if l["kind"] == "recharge")
        verified = sorted((code, int(count), int(amount) // 100) for code, count, amount in self.pg.sql(
            f"SELECT meter.code, command.count, command.amount FROM command JOIN meter ON meter.id = command.meter WHERE kind = {RECHARGE} AND command.state = {VERIFIED}") if code not in unlisted)
        taken = sorted((f"{l['gateway']}-{l['unit']}", int(float(l["amount"]) * 100 + 0.5)) for l in lines if l["kind"] == "debit")
        debited = sorted((code, int(amount) // 100) for code, amount in self.pg.sql(
            f"SELECT meter.code, command.amount FROM command JOIN meter ON meter.id = command.meter WHERE kind = {DEBIT} AND command.state = {VERIFIED}") if code not in unlisted)
        assert taken == debited, f"taken but not verified {sorted(set(taken) - set(debited))[:5]}, verified but not taken {sorted(set(debited) - set(taken))[:5]}"
        assert applied == verified, f"applied but not verified {sorted(set(applied) - set(verified))[:5]}, verified but not applied {sorted(set(verified) - set(applied))[:5]}, {len(applied)} and {len(verified)}"
        transit = self.pg.value("SELECT coalesce (sum (credits - debits), 0) FROM ledger_account LEFT JOIN meter ON meter.id = owner WHERE kind = 2 "
                                f"AND NOT coalesce (code = ANY ('{{{','.join(excused)}}}'), false)")
        assert transit == "0", f"in transit: {transit}"
        for code, count, total in self.pg.sql("SELECT code, count, total FROM meter_purse JOIN meter ON meter.id = meter WHERE has_baseline"):
            if code in excused:
                continue
            seen = self.truth(code)
            assert (code in decided or seen["count"] == int(count)) and int(float(seen["total"]) * UNIT + 0.5) == int(total), (code, seen, count, total)
        broken = self.pg.value("SELECT count(*) FROM (SELECT site, n FROM posting GROUP BY 1, 2 HAVING sum (amount) <> 0) AS t")
        assert broken == "0", f"{broken} transactions do not sum to zero"
        return len(applied)

    def end(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self.processes = []
        try:
            self.pg.stop()
        finally:
            if not os.environ.get("CAMPUS_KEEP"):
                shutil.rmtree(self.folder, ignore_errors=True)


def run(tests, make=Stack, **options):
    """Each test gets the same running stack, in order; without the first one the others mean nothing. TAP; exit status."""
    print(f"1..{len(tests)}", flush=True)
    failed, stack = 0, None
    try:
        stack = make(**options)
        for n, test in enumerate(tests, 1):
            began = time.monotonic()
            try:
                note = test(stack)
                print(f"ok {n} {test.__name__} # {time.monotonic() - began:.0f} s" + (f", {note}" if note else ""), flush=True)
            except Exception:  # pylint: disable=broad-except
                failed += 1
                print(f"not ok {n} {test.__name__}", flush=True)
                print("# " + traceback.format_exc().replace("\n", "\n# "), flush=True)
                if n == 1:
                    print(f"Bail out! {test.__name__} is the ground of the others", flush=True)
                    break
        if failed:
            print("# gridtilld: " + stack.log("gridtilld").replace("\n", "\n# "), flush=True)
    except Exception:  # pylint: disable=broad-except
        print("Bail out! the stack did not start")
        print("# " + traceback.format_exc().replace("\n", "\n# "), flush=True)
        return 1
    finally:
        if stack:
            stack.end()
    return 1 if failed else 0
