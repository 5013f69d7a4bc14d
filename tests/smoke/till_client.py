# SPDX-License-Identifier: GPL-2.0-or-later
# till_client.py: the smallest HTTPS client of the API for scripts and tests. Standard library only; asserts nothing.
import http.client
import json
import os
import socket
import ssl
import time
import urllib.parse
import uuid


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body) if self.body else None

    @property
    def code(self):
        try:
            return self.json.get("code")
        except (ValueError, AttributeError):
            return None

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class Client:
    """One kept TLS connection to a server on loopback, pinned to its own authority."""

    def __init__(self, port, ca_file, token=None):
        self.port = port
        self.context = ssl.create_default_context(cafile=ca_file)
        self.context.check_hostname = False
        self.token = token
        self.connection = None

    def call(self, method, path, body=None, headers=None, timeout=30):
        data = None
        sent = {"Accept": "application/json"}
        if self.token:
            sent["Authorization"] = "Bearer " + self.token
        if body is not None:
            data = body if isinstance(body, (bytes, bytearray)) else json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        if self.connection is None:
            self.connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=timeout)
        try:
            self.connection.request(method, "/api/v1" + path, body=data, headers=sent)
            reply = self.connection.getresponse()
            answer = Answer(reply.status, reply.headers, reply.read())
            if reply.will_close:
                self.close()
            return answer
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def get(self, path, **query):
        text = urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})
        return self.call("GET", path + ("?" + text if text else ""))

    def log_in(self, user, password):
        answer = self.call("POST", "/session", {"user": user, "password": password})
        if answer.status == 201:
            self.token = answer.json["token"]
        return answer


def operators(stack_dir):
    """user -> password of the operators that ./run made for this stack."""
    with open(os.path.join(stack_dir, "operators"), encoding="utf-8") as file:
        return {line.split()[0]: line.split()[1] for line in file if line.strip()}


def new_id():
    """A time-ordered UUID, as a caller makes it."""
    raw = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    raw[6] = (raw[6] & 0x0F) | 0x70
    raw[8] = (raw[8] & 0x3F) | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


def wait_for(seconds, question, every=0.1):
    """The first true answer of question, or None when the time is over."""
    end = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() >= end:
            return None
        time.sleep(every)


def sim_control(path, request):
    """One question to the simulator's control socket, one answer."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(10)
        sock.connect(path)
        sock.sendall(json.dumps(request).encode() + b"\n")
        data = b""
        while not data.endswith(b"\n"):
            part = sock.recv(65536)
            if not part:
                break
            data += part
    return json.loads(data)
