#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# pymodbus_slave.py PORT BOOKS: a cabinet of ADF400L circuits served by pymodbus, written from the manual's register list and from
# nothing else of this project. It keeps its own books: BOOKS is rewritten, whole, after each write that changed something.
import json
import os
import sys

from pymodbus.datastore import ModbusServerContext
from pymodbus.interfaces import IModbusSlaveContext
from pymodbus.pdu import ModbusExceptions
from pymodbus.register_write_message import WriteMultipleRegistersRequest, WriteMultipleRegistersResponse
from pymodbus.server import StartTcpServer

AREAS = [(0x0300, 0x0320), (0x0400, 0x040F), (0x0500, 0x0512), (0x0600, 0x0619), (0x0700, 0x0707), (0x0800, 0x0801), (0x0900, 0x0904),
         (0x0908, 0x0908), (0x090B, 0x090E), (0x0914, 0x0943), (0x0947, 0x094D), (0x0950, 0x095D), (0x0962, 0x0962)]
PURCHASE, FORCED, SERIAL = 0x050D, 0x0801, 0x0947
CIRCUITS, SERIAL_TEXT = 36, "24010120269001"


def pair(value):
    value &= 0xFFFFFFFF
    return [value >> 16, value & 0xFFFF]


class Circuit(IModbusSlaveContext):
    """One user of the cabinet: what it measures, its purse, its switch."""

    def __init__(self, unit, books):
        self.unit, self.books = unit, books
        self.fen, self.bought_fen, self.count = 10000 + unit, 10000 + unit, 1
        self.energy, self.forced, self.effects, self.refused = 1000 * unit, 0, [], 0
        self.other = {}

    def reset(self):
        raise NotImplementedError

    def closed(self):
        return self.forced == 0x0101 or (self.forced == 0 and self.fen > 0)

    def image(self):
        power = 100 + self.unit if self.closed() else 0
        words = dict(self.other)

        def put(at, values):
            words.update(zip(range(at, at + len(values)), values))
        put(0x0300, [2200 + self.unit, power * 100 // 220, power, 0, 1000, 5000])
        put(0x0306, pair(self.energy) + pair(0) + pair(self.fen) + pair(self.bought_fen) + [self.count] + pair(0))
        put(0x0319, pair(self.energy) + pair(0))
        put(0x0400, pair(0) + pair(0) + pair(self.energy) + pair(0))
        put(0x0800, [0])
        put(FORCED, [self.forced])
        put(0x0904, [CIRCUITS])
        put(SERIAL, [ord(SERIAL_TEXT[i]) << 8 | ord(SERIAL_TEXT[i + 1]) for i in range(0, 14, 2)])
        return words

    def validate(self, fx, address, count=1):
        return any(first <= address and address + count - 1 <= last for first, last in AREAS)

    def getValues(self, fx, address, count=1):
        words = self.image()
        return [words.get(at, 0) for at in range(address, address + count)]

    def setValues(self, fx, address, values):
        self.other.update(zip(range(address, address + len(values)), values))

    def purchase(self, words):
        """Count rule: one more than the own count is taken, the own count again is confirmed without effect, others are refused."""
        fen, count = words[0] << 16 | words[1], words[2]
        if count == self.count:
            return True
        if count != self.count + 1 or fen == 0:
            self.refused += 1
            return False
        self.fen, self.bought_fen, self.count = self.fen + fen, self.bought_fen + fen, count
        self.effects.append([count, fen])
        self.books.keep()
        return True

    def force(self, word):
        self.forced = word
        self.books.keep()


class Books:
    def __init__(self, path):
        self.path, self.circuits = path, {}

    def keep(self):
        text = {unit: {"count": c.count, "fen": c.fen, "bought_fen": c.bought_fen, "effects": c.effects, "forced": c.forced} for unit, c in self.circuits.items()}
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            json.dump(text, file)
        os.rename(self.path + ".new", self.path)

    def restore(self):
        if not os.path.exists(self.path):
            return
        with open(self.path, encoding="utf-8") as file:
            for unit, kept in json.load(file).items():
                for name, value in kept.items():
                    setattr(self.circuits[int(unit)], name, value)


class Write(WriteMultipleRegistersRequest):
    """Function 16 with the cabinet's rules for the purchase area and the forced control word."""

    def execute(self, context):
        if not context.validate(self.function_code, self.address, self.count):
            return self.doException(ModbusExceptions.IllegalAddress)
        if self.address == PURCHASE and self.count == 3:
            if not context.purchase(self.values):
                return self.doException(ModbusExceptions.IllegalValue)
        elif self.address <= PURCHASE + 2 and self.address + self.count > PURCHASE:
            return self.doException(ModbusExceptions.IllegalAddress)
        elif self.address == FORCED:
            context.force(self.values[0])
        else:
            context.setValues(self.function_code, self.address, self.values)
        return WriteMultipleRegistersResponse(self.address, self.count)


def main():
    books = Books(sys.argv[2])
    books.circuits = {unit: Circuit(unit, books) for unit in range(1, CIRCUITS + 1)}
    books.restore()
    books.keep()
    StartTcpServer(context=ModbusServerContext(slaves=books.circuits, single=False), address=("127.0.0.1", int(sys.argv[1])), custom_functions=[Write],
                   allow_reuse_address=True)


if __name__ == "__main__":
    main()
