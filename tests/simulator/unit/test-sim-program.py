#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# test-sim-program.py: the program gridtill-sim from outside: options and exit status, both kinds of links over real sockets, garbage,
# connections that come and go, kill -9 in the middle of recharges. usage: test-sim-program.py GRIDTILL_SIM SOURCE_ROOT
import json
import os
import random
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile

SIM, ROOT = sys.argv[1], sys.argv[2]
WORLDS = os.path.join(ROOT, "tests/simulator/worlds")
HERE = tempfile.mkdtemp(prefix="sim-")
READ = bytes.fromhex("0303000012")


def path(name):
    return os.path.join(HERE, name)


def free_ports(n):
    """n free ports in a row."""
    while True:
        base = random.randrange(20000, 30000)
        held = []
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


class Sim:
    running = []

    def __init__(self, *options, world="mini.json"):
        self.base = free_ports(4)
        self.process = subprocess.Popen([SIM, "--world", os.path.join(WORLDS, world), "--control", path("control"), "--port-base", str(self.base), *options],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        Sim.running.append(self.process)
        self.ready = self.process.stdout.readline()

    def ask(self, **request):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(10)
            sock.connect(path("control"))
            sock.sendall(json.dumps(request).encode() + b"\n")
            data = b""
            while not data.endswith(b"\n"):
                part = sock.recv(65536)
                if not part:
                    raise ConnectionError("control socket closed")
                data += part
        return json.loads(data)

    def connect(self, link):
        return socket.create_connection(("127.0.0.1", self.base + link), timeout=10)

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.communicate(timeout=20)
        return self.process.returncode


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return struct.pack("<H", value)


def exact(sock, n):
    data = b""
    while len(data) < n:
        part = sock.recv(n - len(data))
        if not part:
            raise ConnectionError("closed")
        data += part
    return data


def mbap(sock, unit, pdu, tid=7):
    sock.sendall(struct.pack(">HHHB", tid, 0, len(pdu) + 1, unit) + pdu)
    head = exact(sock, 7)
    assert struct.unpack(">H", head[:2])[0] == tid and head[6] == unit, head
    return exact(sock, struct.unpack(">H", head[4:6])[0] - 1)


def rtu(sock, unit, pdu, n):
    frame = bytes([unit]) + pdu
    sock.sendall(frame + crc(frame))
    answer = exact(sock, n)
    assert crc(answer) == b"\0\0", answer
    return answer[1:-2]


def lines():
    with open(path("journal"), encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.endswith("\n")][1:]


def recharge_pdu(fen, count):
    return bytes.fromhex("10050d000306") + struct.pack(">IH", fen, count)


def test_exit_status():
    def run(*options):
        done = subprocess.run([SIM, *options], capture_output=True, text=True, timeout=20)
        return done.returncode, done.stdout + done.stderr

    mini = os.path.join(WORLDS, "mini.json")
    assert run("--version")[0] == 0
    assert run("--help")[0] == 0
    assert run()[0] == 1
    assert run("--no-such")[0] == 1
    assert run("--world", path("none.json"))[0] == 1
    assert run("--world", mini, "--check") == (0, "")
    assert run("--world", mini, "--speed", "9999")[0] == 1
    status, text = run("--world", mini, "--print-world")
    assert status == 0 and json.loads(text)["name"] == "mini"
    with open(path("bad.json"), "w", encoding="utf-8") as file:
        file.write('{"world":1,"name":"x","seed":1,"links":[{"code":"A","kind":"serial","at":"/tmp/x","buses":[]}]}')
    status, text = run("--world", path("bad.json"), "--check")
    assert status == 1 and "bad.json:links[0].buses: a serial link is one bus" in text, text
    with open(path("faults.json"), "w", encoding="utf-8") as file:
        file.write('{"drop_reply":2}')
    status, text = run("--world", mini, "--faults", path("faults.json"), "--check")
    assert status == 1 and "faults.json:drop_reply" in text, text
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert run("--world", mini, "--port-base", str(taken.getsockname()[1]))[0] == 2
    with open(path("journal"), "w", encoding="utf-8") as file:
        file.write("nonsense\n")
    assert run("--world", mini, "--journal", path("journal"))[0] == 1
    os.unlink(path("journal"))


def test_both_links():
    sim = Sim()
    assert sim.ready == "mini: 2 links, 12 circuits, ready\n", sim.ready
    with sim.connect(0) as one, sim.connect(1) as two:
        assert len(mbap(one, 1, READ)) == 2 + 36
        assert rtu(two, 101, bytes.fromhex("0300140001"), 7)[:2] == b"\x03\x02"
        frame = bytes([102]) + bytes.fromhex("03021f0006")
        for byte in frame + crc(frame):  # a byte a segment
            two.sendall(bytes([byte]))
        assert len(exact(two, 17)) == 17
    assert sim.end() == 0
    assert not os.path.exists(path("control"))


def test_garbage():
    sim = Sim()
    rng = random.Random(5)
    for n in range(60):
        with sim.connect(n % 2) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0) if n % 3 == 0 else struct.pack("ii", 0, 0))
            try:
                sock.sendall(bytes(rng.randrange(256) for _ in range(rng.randrange(1, 3000))))
            except OSError:
                pass
    held = [sim.connect(n % 2) for n in range(40)]  # more than a small gateway keeps
    with sim.connect(0) as one, sim.connect(1) as two:
        two.sendall(b"\xff" * 300)
        mbap(one, 1, READ)
        one.sendall(struct.pack(">HHHB", 1, 0, 65535, 1))  # no such length: the link is closed
        assert one.recv(1) == b""
        for _ in range(20):  # silence ends the noise; then a request is understood
            two.settimeout(0.5)
            try:
                rtu(two, 101, bytes.fromhex("0300140001"), 7)
                break
            except TimeoutError:
                continue
        else:
            raise AssertionError("no answer after noise")
    for sock in held:
        sock.close()
    for line in (b"{}\n", b"\0\n", b"[" * 60000 + b"\n", b'{"do":"meter","unit":-1}\n'):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(10)
            sock.connect(path("control"))
            sock.sendall(line)
            answer = sock.recv(65536)
            assert answer == b"" or "error" in json.loads(answer), answer
    assert sim.ask(do="stats")["ok"]
    assert sim.end(signal.SIGINT) == 0


def test_link_control():
    sim = Sim()
    with sim.connect(0) as one:
        assert sim.ask(do="off", gateway="GW-0001", unit=1)["off"]
        one.settimeout(0.3)
        try:
            mbap(one, 1, READ)
            raise AssertionError("a meter that is off has answered")
        except TimeoutError:
            pass
        sim.ask(do="on", gateway="GW-0001", unit=1)
        one.settimeout(10)
        mbap(one, 1, READ)
        sim.ask(do="link", gateway="GW-0001", action="cut")
        try:
            assert one.recv(1) == b""
        except ConnectionResetError:
            pass
    try:
        sim.connect(0)
        raise AssertionError("a cut link takes connections")
    except ConnectionRefusedError:
        pass
    sim.ask(do="link", gateway="GW-0001", action="restore")
    with sim.connect(0) as one:
        mbap(one, 1, READ)
    assert sim.end() == 0


def test_kill_in_the_middle():
    """Every answered recharge is in the journal, whenever the process dies; and after it the meter knows it."""
    count, answered = None, 0
    for cycle in range(6):
        sim = Sim("--journal", path("journal"))
        if count is None:
            count = sim.ask(do="meter", gateway="GW-0001", unit=1)["count"]
            first = count
        truth = sim.ask(do="meter", gateway="GW-0001", unit=1)
        assert truth["count"] in (count, count + 1), (truth, count)
        count = truth["count"]
        with sim.connect(0) as one:
            for k in range(15):
                pdu = recharge_pdu(100, count + 1)
                if cycle % 2 == 1 and k == 14:  # dies with a request under way
                    one.sendall(struct.pack(">HHHB", 9, 0, len(pdu) + 1, 1) + pdu)
                    break
                assert mbap(one, 1, pdu) == pdu[:5]
                count += 1
                answered += 1
        sim.end(signal.SIGKILL)
        seen = lines()
        assert [line["count"] for line in seen] == list(range(first + 1, first + 1 + len(seen))), "a gap in the journal"
        assert len(seen) >= answered, (len(seen), answered)
        answered = len(seen)
        assert all(line["amount"] == "1.00" and line["kind"] == "recharge" for line in seen)


def test_lines_and_calls():
    """A tty in a folder of our choice, a DTU that calls the server of our choice, both in one campus; and it ends in order."""
    world = {"world": 1, "name": "lines", "seed": 7, "links": [
        {"code": "GW-TTY", "kind": "serial", "at": "tty1", "buses": [{"baud": 9600, "timing": True, "cabinets": [{"table": 1, "single": 2}]}]},
        {"code": "GW-DTU", "kind": "dial_in", "proto": "dtu", "registration": "0x4754", "at": "127.0.0.1:9", "buses": [{"cabinets": [{"table": 1, "single": 2}]}]}]}
    with open(path("lines.json"), "w", encoding="utf-8") as file:
        json.dump(world, file)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(20)
        sim = Sim("--tty-dir", HERE, "--server", f"127.0.0.1:{listener.getsockname()[1]}", world=path("lines.json"))
        call, _ = listener.accept()
        with call:
            call.settimeout(10)
            assert exact(call, 2) == b"GT"  # a registration text, however it looks
            assert len(rtu(call, 1, READ, 41)) == 38
        tty = os.open(path("tty1"), os.O_RDWR | os.O_NOCTTY)
        frame = bytes([1]) + READ
        os.write(tty, frame + crc(frame))
        answer = b""
        while len(answer) < 41:
            ready, _, _ = select.select([tty], [], [], 10)
            assert ready, answer
            answer += os.read(tty, 64)
        assert crc(answer) == b"\0\0"
        os.close(tty)
        call, _ = listener.accept()  # it calls again after a second
        with call:
            call.settimeout(10)
            assert exact(call, 2) == b"GT"
            sim.ask(do="link", gateway="GW-DTU", action="cut")
            assert call.recv(1) == b"" if not reset(call) else True
    assert sim.end() == 0
    assert not os.path.lexists(path("tty1"))


def reset(sock):
    """Whether the other end has reset it."""
    try:
        sock.recv(1, socket.MSG_PEEK)
        return False
    except ConnectionResetError:
        return True


def test_worlds():
    """Every shipped world is right, and the greatest has its million."""
    for name in os.listdir(WORLDS):
        if not name.startswith("faults"):
            done = subprocess.run([SIM, "--world", os.path.join(WORLDS, name), "--faults", os.path.join(WORLDS, "faults-chaos.json"), "--check"],
                                  capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done.stderr


def main():
    tests = [test_exit_status, test_both_links, test_garbage, test_link_control, test_kill_in_the_middle, test_lines_and_calls, test_worlds]
    print(f"1..{len(tests)}")
    failed = 0
    for n, test in enumerate(tests, 1):
        try:
            test()
            print(f"ok {n} {test.__name__}", flush=True)
        except Exception as error:  # pylint: disable=broad-except
            failed = 1
            print(f"not ok {n} {test.__name__}: {type(error).__name__} {error}", flush=True)
    for process in Sim.running:
        if process.poll() is None:
            process.kill()
    shutil.rmtree(HERE, ignore_errors=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
