#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# sell_worker.py: one process of the sale bench: N connections that sell until a given moment. Prints its times as JSON.
# usage: sell_worker.py PORT CA TOKEN CONNECTIONS END METER,METER,...
import json
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "smoke"))
from till_client import Client, new_id  # noqa: E402


def sell(client, meters, start, end, times, refused):
    k = 0
    while time.time() < end:
        meter = int(meters[k % len(meters)])
        k += 1
        began = time.time()
        answer = client.call("POST", "/sales", {"id": new_id(), "meter": meter, "amount": "0.01", "channel": "cash"})
        if answer.status != 201:
            refused.append(answer.code)
        elif began >= start:
            times.append(time.time() - began)


def main():
    port, ca, token, connections, end, meters = sys.argv[1:7]
    end, meters, times, refused = float(end), meters.split(","), [], []
    clients = [Client(int(port), ca, token) for _ in range(int(connections))]
    for client in clients:
        client.get("/session")
    start = time.time()
    start = max(start, end - 5)
    threads = [threading.Thread(target=sell, args=(c, meters[i::len(clients)] or meters, start, end, times, refused)) for i, c in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump({"times": times, "refused": len(refused)}, sys.stdout)


if __name__ == "__main__":
    main()
