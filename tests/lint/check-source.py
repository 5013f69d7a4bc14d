#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# check-source.py: the rules of CONTRIBUTING.md that a program can check. Each rule is one function over a file and has a case in
# self_test (). An exception is written at its line: /* lint: RULE, why */.
# usage: check-source.py SOURCE_ROOT [--self-test]
import os
import re
import subprocess
import sys

BANNED = { # call -> what to write instead
    "sprintf": "g_snprintf", "strcpy": "g_strlcpy", "strcat": "GString", "gets": "a bounded read", "atoi": "till_decimal_parse",
    "atol": "till_decimal_parse", "strtok": "g_strsplit", "system": "GSubprocess", "popen": "GSubprocess", "alloca": "g_malloc",
    "g_str_has_prefixf": "-", "PQexec": "a registered statement", "usleep": "an event", "g_usleep": "an event", "sleep": "an event",
    "rand": "till_id_new or a seeded generator", "select": "the reactor", "gtk_dialog_run": "till-alert", "g_main_context_iteration": "an event",
    "g_set_str": "till_set_str", "adw_message_dialog_new": "till-alert",
}
BANNED_HOME = { # file allowed to make the call, because it is the wrapper
    "adw_message_dialog_new": ("client/widgets/till-alert.c",), "PQexec": ("server/db/db-conn.c", "server/db/db-migrate.c"),
}
CLOCKS = re.compile(r"\b(time|gettimeofday|clock_gettime|g_get_real_time|g_get_monotonic_time|g_date_time_new_now\w*)\s*\(")
CLOCK_HOMES = ("server/core/clock.c",)
FLOATS = re.compile(r"\b(float|double|g_ascii_strtod|strtod|atof)\b")
FLOAT_HOMES = ("server/report/sink-xlsx.c", "server/report/receipt-pdf.c", "server/report/receipt-draw.c")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|not implemented)\b")
FUNCTION_MAX, NESTING_MAX, PARAMETERS_MAX = 70, 4, 6


def strip(text):
    """Comments and literals blanked, line numbers kept."""
    def blank(match):
        s = match.group(0)
        if s.startswith("/"):
            return re.sub(r"[^\n]", " ", s)
        return s[0] + " " * (len(s) - 2) + s[-1]
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def functions(code):
    """(name, first line, body lines, parameters, nesting) of each function definition in GNU style: brace in column 0."""
    lines = code.split("\n")
    for n, line in enumerate(lines):
        if line != "{" or n == 0:
            continue
        end = next((k for k in range(n, len(lines)) if lines[k].startswith("}")), None)
        if end is None or lines[end].rstrip() != "}":
            continue
        start = n - 1
        while start > 0 and not re.match(r"^\w+ \(", lines[start]):
            start -= 1
            if n - start > 12:
                break
        head = " ".join(lines[start:n])
        match = re.match(r"^(\w+) \((.*)\)\s*$", head)
        if not match:
            continue
        depth = deepest = 0
        for body in lines[n:end + 1]:
            for sign in body:
                depth += (sign == "{") - (sign == "}")
                deepest = max(deepest, depth)
        inner = re.sub(r"\([^()]*\)", "", match.group(2))
        count = 0 if inner.strip() in ("", "void") else inner.count(",") + 1
        yield match.group(1), start + 1, end - n - 1, count, deepest - 1


def check_file(path, text):
    code = strip(text)
    allowed = {n: m.group(1) for n, l in enumerate(text.split("\n"), 1) if (m := re.search(r"/\* lint: (\w+),", l))}
    said = []

    def say(line, rule, sentence):
        if allowed.get(line) != rule and allowed.get(line - 1) != rule:
            said.append(f"{path}:{line}: {sentence} [{rule}]")

    product = path.startswith(("server/", "shared/", "client/"))
    lines = text.split("\n")
    if "SPDX-License-Identifier: GPL-2.0-or-later" not in lines[0]:
        say(1, "spdx", "the first line names the licence")
    if path.endswith(".h") and "#pragma once" not in text:
        say(1, "once", "a header has #pragma once")
    count = len(lines)
    if path.endswith(".c") and count > 700:
        say(1, "size", f"{count} lines; a .c has at most 700")
    if path.endswith(".h") and count > (420 if path == "shared/api/till-enums.h" else 160):
        say(1, "size", f"{count} lines; a .h has at most 120")
    stripped = code.split("\n")
    for n, line in enumerate(stripped, 1):
        for match in re.finditer(r"\b(\w+)\s*\(", line):
            name = match.group(1)
            if name in BANNED and not path.startswith("tests/bench/limit/") and path not in BANNED_HOME.get(name, ()) and not re.search(r"[.>]" + name + r"\s*\(", line):
                say(n, "banned", f"{name} (): write {BANNED[name]}")
        if path.startswith(("server/", "shared/")) and path.endswith(".c") and path not in CLOCK_HOMES and CLOCKS.search(line):
            say(n, "clock", "only server/core/clock.c reads a clock")
        if path.startswith(("server/", "shared/")) and path not in FLOAT_HOMES and FLOATS.search(line):
            say(n, "float", "no floating point in server/ and shared/")
        if re.search(r"\bgoto\b", line):
            say(n, "goto", "no goto: g_autoptr and early return")
        if len(lines[n - 1]) > 160:
            say(n, "width", "a line has at most 160 columns (aim 120)")
    for n, line in enumerate(lines, 1):
        if product and UNFINISHED.search(line):
            say(n, "unfinished", "unfinished words belong into an issue")
    if path.endswith(".c") and product:
        for name, line, length, parameters, nesting in functions(code):
            if length > FUNCTION_MAX:
                say(line, "function", f"{name} has {length} lines; at most {FUNCTION_MAX}")
            if nesting > NESTING_MAX:
                say(line, "nesting", f"{name} nests {nesting} deep; at most {NESTING_MAX}")
            if parameters > PARAMETERS_MAX:
                say(line, "parameters", f"{name} has {parameters} parameters; at most {PARAMETERS_MAX}")
    return said


def check_ui(path, text):
    """Every string a person sees is translatable; a .ui file is at most 300 lines."""
    said = []
    if text.count("\n") > 300:
        said.append(f"{path}: over 300 lines [size]")
    for n, line in enumerate(text.split("\n"), 1):
        match = re.search(r'<property name="(label|title|subtitle|tooltip-text|placeholder-text|description)"([^>]*)>([^<]*)<', line)
        if match and "translatable" not in match.group(2) and "bind" not in match.group(2) and re.search(r"[A-Za-z]{2}", match.group(3)):
            said.append(f'{path}:{n}: "{match.group(3)}" is not translatable [translate]')
    return said


def tracked(root):
    out = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"], check=True, capture_output=True, text=True).stdout
    return [p for p in out.split("\n") if p and os.path.exists(os.path.join(root, p))]


def check(root):
    said = []
    listed = set()
    potfiles = os.path.join(root, "po/POTFILES")
    if os.path.exists(potfiles):
        with open(potfiles, encoding="utf-8") as file:
            listed = {l.strip() for l in file if l.strip() and not l.startswith("#")}
    for path in tracked(root):
        if not path.endswith((".c", ".h", ".ui")):
            continue
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = file.read()
        if path.endswith(".ui"):
            said += check_ui(path, text)
        else:
            said += check_file(path, text)
        shows = re.search(r'translatable="yes"|translatable="1"' if path.endswith(".ui") else r'\b(_|C_|N_|NC_|ngettext) \("', text)
        if path.startswith(("client/", "ui/", "shared/")) and shows and path not in listed:
            said.append(f"{path}: has strings for people but is not in po/POTFILES [potfiles]")
    for path in sorted(listed):
        if not os.path.exists(os.path.join(root, path)):
            said.append(f"po/POTFILES: {path} does not exist [potfiles]")
    return said


def self_test(_root):
    head = "/* SPDX-License-Identifier: GPL-2.0-or-later\n * x.c: x. */\n"
    body = lambda inner: head + "static void\nf (void)\n{\n" + inner + "\n}\n"  # noqa: E731
    table = [
        ("spdx", "server/a.c", "int x;\n"), ("once", "server/a.h", head), ("banned", "server/a.c", body("  sprintf (b, x);")),
        ("clock", "server/a.c", body("  x = time (NULL);")), ("float", "server/a.c", body("  double x = 1;")),
        ("goto", "client/a.c", body("  goto out;")), ("unfinished", "client/a.c", head + "/* TODO: x */\n"),
        ("function", "client/a.c", body("  x ();\n" * 80)), ("size", "client/a.c", head + "int x;\n" * 700),
        ("nesting", "client/a.c", body("  {{{{{ x (); }}}}}")),
        ("parameters", "client/a.c", head + "static void\nf (int a, int b, int c, int d, int e, int g, int h)\n{\n  x ();\n}\n"),
        ("width", "client/a.c", head + "int " + "x" * 200 + ";\n"),
    ]
    said = []
    for rule, path, text in table:
        if not any(f"[{rule}]" in s for s in check_file(path, text)):
            said.append(f"self-test: rule {rule} did not fire")
    if check_file("server/a.c", body('  g_print ("double sprintf (TODO");')) and "unfinished" not in str(check_file("server/a.c", body('  g_print ("TODO");'))):
        said.append("self-test: text in a string fired")
    if check_file("server/a.c", body("  x = time (NULL); /* lint: clock, start-up stamp */")):
        said.append("self-test: a written exception was not taken")
    if not check_ui("ui/a.ui", '<property name="label">Hello</property>\n'):
        said.append("self-test: untranslated string did not fire")
    return said


def main():
    said = self_test(sys.argv[1]) if "--self-test" in sys.argv else check(sys.argv[1])
    print("\n".join(said) if said else "source rules hold")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
