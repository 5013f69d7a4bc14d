#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# pymodbus_poll.py: what a program on Debian's pymodbus reaches: sync clients in turn, one request in flight.
# usage: pymodbus_poll.py BASE_PORT PORTS CONNECTIONS REGISTERS SECONDS   prints: reads cpu_seconds
import resource
import sys
import time

from pymodbus.client import ModbusTcpClient

base, ports, connections, registers = (int(word) for word in sys.argv[1:5])
clients = [ModbusTcpClient("127.0.0.1", port=base + i % ports) for i in range(connections)]
for client in clients:
    if not client.connect():
        sys.exit("no connection")
reads, began = 0, resource.getrusage(resource.RUSAGE_SELF)
end = time.monotonic() + float(sys.argv[5])
while time.monotonic() < end:
    for client in clients:
        answer = client.read_holding_registers(0, registers, slave=1 + reads % 200)
        if answer.isError() or len(answer.registers) != registers:
            sys.exit("a bad answer")
        reads += 1
used = resource.getrusage(resource.RUSAGE_SELF)
print(reads, f"{used.ru_utime + used.ru_stime - began.ru_utime - began.ru_stime:.3f}")
