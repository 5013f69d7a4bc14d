#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# check-floors.py: every #include goes downward, is spelled from the root and names a file that is there. The table is floors.txt.
import os
import re
import sys

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^">]+)[">]', re.M)
GENERATED = {"config.h"}


def load_table(text):
    folders, foreign = {}, {}
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        name, _, rest = line.partition(":")
        (foreign if name.startswith("<") else folders)[name.strip().lstrip("<")] = rest.split()
    return folders, foreign


def under(path, folder):
    return path == folder or path.startswith(folder + "/")


def own_folder(path, folders):
    """The table's entry that path belongs to: the longest that covers it."""
    fitting = [f for f in folders if under(path, f)]
    return max(fitting, key=len) if fitting else None


def check_include(path, kind, name, folders, foreign, exists):
    """None, or what is wrong."""
    if kind == "<":
        if path.startswith("tests/"):
            return None
        for prefix, allowed in foreign.items():
            if re.match(re.escape(prefix) + r"[\w.-]*(/|$)", name) and not any(under(path, a) for a in allowed):
                return f"<{name}> belongs to {' '.join(allowed)} only"
        return None
    if name in GENERATED or name.endswith(("-resource.h", "-resources.h")):
        return None
    if "/" not in name:
        return f'"{name}" is not spelled from the root: "{os.path.dirname(path)}/{name}"'
    if not exists(name):
        return f'"{name}" is not there'
    mine = own_folder(path, folders)
    if mine is None:
        return None
    target = own_folder(name, folders)
    if target == mine:
        # one page folder never includes another; what lies in client/pages itself is for all of them
        page, other = os.path.dirname(path), os.path.dirname(name)
        if mine == "client/pages" and other not in (page, mine) and page != mine:
            return f'"{name}" is another page\'s'
        return None
    if any(under(name, a) for a in folders[mine]):
        return None
    return f'{mine} may not include "{name}": allowed are {mine} {" ".join(folders[mine])}'


def check_text(path, text, folders, foreign, exists):
    for match in INCLUDE.finditer(text):
        problem = check_include(path, match.group(1), match.group(2), folders, foreign, exists)
        if problem:
            yield text.count("\n", 0, match.start()) + 1, problem


def check_tree(root, folders, foreign):
    bad = 0
    for top in ("shared", "server", "client", "tests"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in sorted(names):
                if not name.endswith((".c", ".h")):
                    continue
                full = os.path.join(folder, name)
                path = os.path.relpath(full, root)
                if not path.startswith("tests/") and own_folder(path, folders) is None:
                    print(f"{path}:1: lies in a folder that floors.txt does not know")
                    bad += 1
                with open(full, encoding="utf-8") as file:
                    text = file.read()
                for line, problem in check_text(path, text, folders, foreign, lambda n: os.path.isfile(os.path.join(root, n))):
                    print(f"{path}:{line}: {problem}")
                    bad += 1
    return bad


def self_test(folders, foreign):
    """Each line: file, include, whether it is to be refused."""
    cases = [
        ("server/db/db-rows.c", '"server/core/lane.h"', False),
        ("server/db/db-rows.c", '"server/db/db-conn.h"', False),
        ("server/db/db-rows.c", '"server/rules/x.h"', True),
        ("server/rules/x.c", '"server/db/db-rows.h"', True),
        ("server/api/x.c", '"server/field/field.h"', True),
        ("server/http/x.c", '"server/field/field.h"', True),
        ("server/domain/plant/x.c", '"server/domain/money/y.h"', True),
        ("server/domain/money/x.c", '"server/domain/plant/y.h"', False),
        ("server/app/main.c", '"server/field/field.h"', False),
        ("shared/base/x.c", '"shared/api/y.h"', True),
        ("client/widgets/x.c", '"client/core/y.h"', True),
        ("client/pages/sales/x.c", '"client/pages/meters/y.h"', True),
        ("client/pages/sales/x.c", '"client/pages/till-page.h"', False),
        ("client/model/x.c", "<gtk/gtk.h>", True),
        ("client/core/x.c", "<libsoup/soup.h>", True),
        ("client/core/till-api.c", "<libsoup/soup.h>", False),
        ("server/domain/money/x.c", "<libpq-fe.h>", True),
        ("server/core/x.c", '"lane.h"', True),
        ("server/core/x.c", '"config.h"', False),
        ("tests/db/x.c", '"server/field/y.h"', False),
        ("tests/simulator/x.c", '"server/modbus/y.h"', True),
    ]
    print(f"1..{len(cases)}")
    failed = 0
    for n, (path, include, refused) in enumerate(cases, 1):
        found = list(check_text(path, f"#include {include}\n", folders, foreign, lambda name: True))
        good = bool(found) == refused
        failed += not good
        print(f"{'ok' if good else 'not ok'} {n} - {path} {include}")
    return failed


def main():
    root = sys.argv[1]
    with open(os.path.join(root, "tests/lint/floors.txt"), encoding="utf-8") as file:
        folders, foreign = load_table(file.read())
    failed = self_test(folders, foreign) if "--self-test" in sys.argv else check_tree(root, folders, foreign)
    sys.exit(1 if failed else 0)


main()
