#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# check-floors.py: reads every #include "..." and fails on an upward or sideways edge. floors.txt is the whole rule.
# usage: check-floors.py SOURCE_ROOT [--self-test]
import os
import re
import subprocess
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
GENERATED = ("config.h",)


def read_floors(path):
    houses, forbidden, section = {}, set(), None
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.split("#", 1)[0].strip()
            if not line:
                continue
            if line.startswith("["):
                section = line.strip("[]")
                houses.setdefault(section, {})
            elif section == "forbidden":
                forbidden.add(tuple(line.split()))
            else:
                floor, folder = line.split()
                houses[section][folder] = float(floor)
    houses.pop("forbidden", None)
    return houses, forbidden


def folder_of(path, house):
    """The longest listed folder that holds path."""
    found = [f for f in house if path.startswith(f + "/")]
    return max(found, key=len) if found else None


def verdict(path, include, houses, forbidden):
    """None when the edge is allowed, else the sentence."""
    if include in GENERATED or os.path.basename(include).endswith("-resources.h"):
        return None
    if "/" not in include:
        return f'spell the include from the root: "{include}"'
    house = next((h for h in houses.values() if folder_of(path, h) and folder_of(path, h).split("/")[0] == path.split("/")[0]), None)
    if house is None:
        return None
    mine, theirs = folder_of(path, house), folder_of(include, house)
    if theirs is None:
        return f"{mine} may not include {include}: not a folder of its house"
    if mine == theirs:
        inner = client_page_clash(path, include)
        return inner
    if (mine, theirs) in forbidden:
        return f"{mine} may not include {theirs} (forbidden edge)"
    if house[theirs] < house[mine]:
        return None
    return f"{mine} (floor {house[mine]:g}) includes {theirs} (floor {house[theirs]:g}): upward or sideways"


def client_page_clash(path, include):
    """Pages never include another page folder; the folder client/pages itself is shared by all."""
    if not path.startswith("client/pages/"):
        return None
    a, b = path.split("/")[2:-1], include.split("/")[2:-1]
    return f"page folder {a[0]} includes page folder {b[0]}" if a and b and a != b else None


def sources(root):
    out = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard", "*.c", "*.h"], check=True, capture_output=True, text=True).stdout
    return [p for p in out.split() if p.split("/")[0] in ("server", "client", "shared") or p.startswith("tests/simulator/")]


def check(root):
    houses, forbidden = read_floors(os.path.join(root, "tests/lint/floors.txt"))
    bad = []
    for path in sources(root):
        if not os.path.exists(os.path.join(root, path)):
            continue
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = file.read()
        for include in INCLUDE.findall(text):
            said = verdict(path, include, houses, forbidden)
            if said:
                bad.append(f"{path}: {said}")
        if path.startswith("client/") and "<libsoup/soup.h>" in text and os.path.basename(path) not in (
                "till-api.c", "till-live-feed.c", "till-trust.c"):
            bad.append(f"{path}: only till-api.c, till-live-feed.c and till-trust.c include libsoup")
        if re.match(r"client/(core|model|service|files)/", path) and "<gtk/" in text:
            bad.append(f"{path}: no GTK below client/widgets")
    return bad


def self_test(root):
    houses, forbidden = read_floors(os.path.join(root, "tests/lint/floors.txt"))
    table = [
        ("server/api/a.c", "server/domain/plant/meter.h", True), ("server/domain/plant/a.c", "server/api/b.h", False),
        ("server/domain/plant/a.c", "server/domain/money/sale.h", False), ("server/domain/money/a.c", "server/domain/plant/meter.h", True),
        ("server/rules/a.c", "server/db/db-rows.h", False), ("server/http/a.c", "server/field/field.h", False),
        ("server/core/a.c", "lane.h", False), ("client/model/a.c", "client/widgets/b.h", False), ("client/app/a.c", "server/core/clock.h", False),
        ("client/pages/sales/a.c", "client/pages/meters/b.h", False), ("client/pages/sales/a.c", "client/pages/till-page.h", True),
        ("tests/simulator/a.c", "server/profile/profile.h", True), ("tests/simulator/a.c", "server/modbus/mb-pdu.h", False),
        ("shared/base/a.c", "server/core/clock.h", False), ("server/core/a.c", "shared/base/till-error.h", True),
    ]
    return [f"self-test: {p} -> {i} should be {'allowed' if ok else 'refused'}" for p, i, ok in table
            if (verdict(p, i, houses, forbidden) is None) != ok]


def main():
    root = sys.argv[1]
    bad = self_test(root) if "--self-test" in sys.argv else check(root)
    print("\n".join(bad) if bad else "floors hold")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
