#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# check-source.py: sizes, banned calls with their replacement, and the other house rules that a program can see. A breach is
# "file:line: rule: what to do". An exception is written at its line: /* lint: RULE, why */. --self-test proves each rule on a text that
# breaks it and on one that does not.
import os
import re
import sys

C_MAX, H_MAX, UI_MAX, FUNCTION_MAX, NESTING_MAX, PARAMETERS_MAX, WIDTH_MAX = 700, 120, 300, 70, 4, 6, 160
LONG_HEADERS = {"shared/api/till-enums.h"}
FLOAT_FILES = {"server/report/sink-xlsx.c", "server/report/receipt-pdf.c", "server/report/statement-pdf.c"}
BEHIND_MACRO = {"till_log_write"}  # nobody writes its arguments by hand
CLOCK_FILES = {"server/core/clock.c", "shared/base/till-log.c"}  # the log meters its own rate

BANNED = {
    r"v?sprintf": "g_snprintf or g_strdup_printf", r"strn?cpy": "g_strlcpy or g_strdup", r"strn?cat": "GString", r"gets": "GIO",
    r"ato[ilf]|atoll": "g_ascii_string_to_signed or till_decimal_parse", r"strto(l|ll|ul|ull|d|f)": "g_ascii_string_to_signed",
    r"v?f?s?scanf": "a parser that says where it failed", r"system|popen": "g_spawn with an argument vector",
    r"PQexec": "a registered TilldStatement", r"strtok(_r)?": "g_strsplit", r"s?rand(om)?": "tilld_random, or a seeded state",
    r"alloca|g_alloca|g_newa": "an array of fixed size or g_new", r"assert": "g_assert", r"malloc|calloc|realloc|strdup|strndup": "the g_ one",
    r"usleep|sleep|nanosleep|g_usleep": "a timer or an event", r"select|poll": "the reactor", r"g_slice_\w+": "g_new",
    r"gtk_dialog_run": "a response signal", r"adw_message_dialog_new": "till-alert.h", r"g_set_str": "till_set_str",
    r"g_main_context_iteration": "a callback",
    r"localtime(_r)?|gmtime(_r)?|mktime|strftime|ctime": "till-time.h", r"v?fork": "g_spawn", r"signal": "tilld_service_new",
}
BANNED_HERE_ALLOWED = {
    "adw_message_dialog_new": {"client/widgets/till-alert.c"},
    "signal": {"server/core/service.c", "tests/simulator/main.c"},
    "PQexec": {"server/db/db-conn.c", "server/db/db-listen.c"},  # BEGIN, LISTEN and the like: constant text
    "poll": {"server/db/db-conn.c", "server/db/db-listen.c", "server/field/serial-bus.c"},  # threads that wait for one peer
}
CLOCK = r"clock_gettime|gettimeofday|time|ftime|g_get_real_time|g_get_monotonic_time|g_get_current_time|g_date_time_new_now\w*"
SHOWN = (r"gtk_label_new|gtk_label_set_(?:text|label|markup)|gtk_button_(?:new_with_label|set_label)|gtk_check_button_new_with_label"
         r"|adw_toast_new|adw_toast_set_\w+|gtk_window_set_title|gtk_widget_set_tooltip_\w+|adw_\w+_set_(?:title|subtitle|description|heading|body)"
         r"|adw_message_dialog_new|adw_message_dialog_add_response|gtk_entry_set_placeholder_text|gtk_column_view_column_new"
         r"|gtk_menu_button_set_label|g_menu_append")
UI_TEXT = {"label", "title", "subtitle", "tooltip-text", "placeholder-text", "description", "heading", "body", "text", "tooltip", "custom-title"}
POT_C = re.compile(r'\b(?:N?C?_|ngettext|N_)\s?\(\s*"')


def blank(match):
    """Comments become spaces and strings become quotes of equal length, so that lines and columns stay."""
    text = match.group(0)
    if text[0] in "\"'":
        return text[0] + re.sub(r"[^\n]", "s", text[1:-1]) + text[-1]
    return re.sub(r"[^\n]", " ", text)


TOKENS = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
FUNCTION = re.compile(r"^([A-Za-z_]\w*) ?\(((?:[^(){};]|\((?:[^()]|\([^()]*\))*\))*)\)\s*\n\{\n(.*?)^\}", re.M | re.S)


def is_product(path):
    return not path.startswith("tests/") or path.startswith("tests/simulator/") and not path.startswith("tests/simulator/unit/")


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def parameters(text):
    depth, n = 0, 1 if text.strip() not in ("", "void") else 0
    for c in text:
        depth += (c == "(") - (c == ")")
        n += c == "," and depth == 0
    return n - bool(re.search(r"GError \*\*\w+\s*$", text))  # every fallible function has that one


def check_functions(path, bare):
    for match in FUNCTION.finditer(bare):
        name, args, body = match.groups()
        line, lines = line_of(bare, match.start()), match.group(0).count("\n") + 1
        if lines > FUNCTION_MAX:
            yield line, "function-length", f"{name} has {lines} lines, at most {FUNCTION_MAX}: split it where a name comes to mind"
        if parameters(args) > PARAMETERS_MAX and is_product(path) and name not in BEHIND_MACRO and not name.endswith("_measure"):  # GTK's own
            yield line, "parameters", f"{name} has {parameters(args)} parameters, at most {PARAMETERS_MAX}: make a struct"
        depth = deepest = 0
        for c in body:
            depth += (c == "{") - (c == "}")
            deepest = max(deepest, depth)
        if deepest > NESTING_MAX:
            yield line, "nesting", f"{name} nests {deepest} deep, at most {NESTING_MAX}: return early or split"


def check_banned(path, bare):
    for pattern, instead in BANNED.items():
        for match in re.finditer(r"(?<![\w.>])(?:%s)(?= ?\()" % pattern, bare):
            word = match.group(0)
            before = bare[max(0, match.start() - 40):match.start()]
            if word == "g_main_context_iteration" and not path.startswith("client/"):
                continue  # a thread of the server turns its own context
            if path in BANNED_HERE_ALLOWED.get(word, ()) or re.search(r"(\w|\*)\s+\**$", before) and not re.search(r"\b(return|else|do)\s+$", before):
                continue  # a declaration of that name, or a file that wraps it
            yield line_of(bare, match.start()), "banned", f"{word} (): use {instead}"
    if path.startswith(("server/rules/", "server/modbus/", "server/profile/", "server/crypto/", "tests/simulator/")):
        for match in re.finditer(r"\bg_rand\w* (?=\()", bare):
            yield line_of(bare, match.start()), "banned", f"{match.group(0)}(): pure code draws from a seeded state, keys from tilld_random"
    for match in re.finditer(r"\bgoto\b", bare):
        yield line_of(bare, match.start()), "banned", "goto: return early, own by g_autoptr"


def check_quantities(path, bare):
    if path.startswith(("server/", "shared/")):
        if path not in FLOAT_FILES:
            for match in re.finditer(r"\bg?(?:float|double)\b|\b(?:g_ascii_)?strtod\b|\bG_TYPE_(?:FLOAT|DOUBLE)\b", bare):
                yield line_of(bare, match.start()), "float", f"{match.group(0)}: quantities are int64"
        if path not in CLOCK_FILES:
            for match in re.finditer(r"(?<![\w.>])(?:%s)(?= ?\()" % CLOCK, bare):
                yield line_of(bare, match.start()), "clock", f"{match.group(0)} (): ask server/core/clock.h"


def statement_end(bare, at):
    depth = 0
    for i in range(at, len(bare)):
        depth += (bare[i] == "(") - (bare[i] == ")")
        if bare[i] == ";" and depth <= 0:
            return i + 1
    return len(bare)


def call_end(bare, at):
    depth = 0
    for i in range(at, len(bare)):
        depth += (bare[i] == "(") - (bare[i] == ")")
        if bare[i] == ")" and depth == 0:
            return i
    return len(bare)


def check_error_return(path, bare):
    for match in re.finditer(r"\b(till_fail|g_set_error|g_set_error_literal|g_propagate_error|g_propagate_prefixed_error) \(error,", bare):
        before = bare[:match.start()].rstrip()
        if before.endswith(("return", "||", "&&", ":", "?", "=", "(", "!")):
            continue
        # what comes before the next return, or before the function ends, must not be handed the same error again
        after = re.split(r"\breturn\b|\belse\b|\bbreak;|\bcontinue;|^}", bare[statement_end(bare, match.start()):], 1, re.M)[0]
        if re.search(r"(?<!\*)\berror[,)]", re.sub(r"g_prefix_error \(error,", "", after)):
            yield line_of(bare, match.start()), "error-return", f"{match.group(1)} and then no return: the error would be overwritten"


def check_head(path, text):
    base = os.path.basename(path)
    lines = text.split("\n", 3)
    if path.endswith((".c", ".h")):
        if lines[0] != "/* SPDX-License-Identifier: GPL-2.0-or-later":
            yield 1, "spdx", "first line: /* SPDX-License-Identifier: GPL-2.0-or-later"
        elif len(lines) < 2 or not lines[1].startswith(f" * {base}: "):
            yield 2, "purpose", f"second line: \" * {base}: what it is for and may not do\""
    elif path.endswith((".py", ".sh")) and "SPDX-License-Identifier: GPL-2.0-or-later" not in "\n".join(lines[:2]):
        yield 1, "spdx", "one of the first two lines: # SPDX-License-Identifier: GPL-2.0-or-later"


def check_sizes(path, text):
    lines = text.count("\n")
    limit = C_MAX if path.endswith(".c") else UI_MAX if path.endswith(".ui") else H_MAX if path not in LONG_HEADERS else 10**6
    if path.endswith((".c", ".h", ".ui")) and lines > limit:
        yield limit, "file-length", f"{lines} lines, at most {limit}: split it by nouns"
    if path.endswith((".c", ".h")) and os.path.basename(path).rsplit(".", 1)[0] in ("utils", "util", "common", "misc", "helpers"):
        yield 1, "noun", "a file has one noun"


def check_words(path, text):
    for match in re.finditer(r"\b(?:%s)\b" % "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK", "not imple" + "mented")), text):
        yield line_of(text, match.start()), "unfinished", f"{match.group(0)}: finish it or take it out"


def enclosing_call(bare, at):
    """Name of the innermost call whose argument lies at this place."""
    depth = 0
    for i in range(at - 1, -1, -1):
        depth += (bare[i] == ")") - (bare[i] == "(")
        if depth < 0:
            name = re.search(r"(\w+) ?$", bare[max(0, i - 60):i])
            return name.group(1) if name else ""
    return ""


def check_width(path, text):
    for n, line in enumerate(text.split("\n"), 1):
        if len(line) > WIDTH_MAX:
            yield n, "width", f"{len(line)} columns, at most {WIDTH_MAX} and 120 as a rule"


def check_client_strings(path, text, bare):
    for match in re.finditer(r"\b(%s) \(" % SHOWN, bare):
        end = call_end(bare, match.start())
        for literal in re.finditer(r'"((?:\\.|[^"\\\n])*)"', text[match.end():end]):
            at = match.end() + literal.start()
            if enclosing_call(bare, at) != match.group(1) or literal.group(1) == "Gridtill":
                continue  # translated, an argument of another call, or the name of the product
            if re.search(r"[A-Za-z]{2}", re.sub(r"%[-#0-9.*lhz]*[a-zA-Z]|</?\w+[^>]*>", "", literal.group(1))):
                if match.group(1) in ("g_menu_append", "adw_message_dialog_add_response") and not re.search(r" ", literal.group(1)):
                    continue  # an action's name, a response id
                yield line_of(text, at), "untranslated", f"\"{literal.group(1)}\": wrap it in _()"


def check_ui(path, text):
    for match in re.finditer(r"<(property|attribute|item|col)\b([^>]*)>([^<]*[A-Za-z\u4e00-\u9fff]{2}[^<]*)<", text):
        tag, attributes, value = match.groups()
        name = re.search(r'name="([^"]+)"', attributes)
        shown = tag == "item" and "<items>" in text[:match.start()] and "</items>" not in text[text.rfind("<items>", 0, match.start()):match.start()]
        shown = shown or (tag in ("property", "attribute") and name is not None and name.group(1) in UI_TEXT)
        keys = re.fullmatch(r"\s*(?:(?:Ctrl|Shift|Alt)\+)+\S{1,4}\s*", value)  # a key is no word
        if shown and not keys and value.strip() != "Gridtill" and "translatable=" not in attributes:
            yield line_of(text, match.start()), "untranslated", f"\"{value.strip()}\": translatable=\"yes\", or \"no\" where it is no word"


def check_statements(path, text, bare):
    """A statement that is not registered is not prepared by the test that compares its types. Shapes of lists have no SQL of their own."""
    for match in re.finditer(r"^(?:static )?const TilldStatement (\w+)(?:\[\w*\])? = \{", bare, re.M):
        name = match.group(1)
        if not re.search(r"\bTILLD_STATEMENT \(%s\)" % name, bare) and not re.search(r"&%s\b" % name, re.sub(r"\btilld_(?:db_\w+|copy\w*) \([^;]*;", "", bare)):
            yield line_of(bare, match.start()), "statement", f"{name}: TILLD_STATEMENT ({name})"


def check_text(path, text):
    """All rules that need one file only: (line, rule, what to do)."""
    found = list(check_head(path, text)) + list(check_words(path, text))
    if is_product(path):
        found += check_sizes(path, text)
    elif path.endswith(".c") and text.count("\n") > C_MAX:
        found += check_sizes(path, text)
    if path.endswith((".c", ".h")):
        bare = TOKENS.sub(blank, text)
        found += check_functions(path, bare)
        if path.endswith(".h") and not re.search(r"^#pragma once$", text, re.M):
            found.append((1, "pragma-once", "a header says #pragma once"))
        if is_product(path):
            found += check_width(path, text)
            found += check_banned(path, bare)
            found += check_quantities(path, bare)
            found += check_error_return(path, bare)
        if path.startswith("server/") and path.endswith(".c"):
            found += check_statements(path, text, bare)
        if path.startswith("client/"):
            found += check_client_strings(path, text, bare)
    if path.endswith(".ui"):
        found += check_ui(path, text)
    excused = {(line_of(text, m.start()), m.group(1)) for m in re.finditer(r"/\* lint: ([\w-]+), \w", text)} if found else ()
    return [f for f in found if (f[0], f[1]) not in excused and (f[0] - 1, f[1]) not in excused and (f[0] + 1, f[1]) not in excused]


def check_config(files):
    """Every key that code reads is a row of the table, by its type; every row is read by somebody."""
    kinds = {"TEXT": "text", "WORD": "text", "INT": "int", "BOOL": "bool", "LIST": "list"}
    table = files.get("server/core/config-table.c", "")
    rows = {(s, k): (kinds[t], line_of(table, 0)) for t, s, k in re.findall(r'^\s+([A-Z]+) \("(\w+)", "(\w+)"', table, re.M)}
    used = set()
    for path, text in files.items():
        if not path.startswith("server/") or not path.endswith(".c"):
            continue
        for match in re.finditer(r'tilld_config_(text|int|bool|list) \(\s*[^,;]+,\s*"(\w+)",\s*"(\w+)"\s*\)', text):
            kind, section, key = match.groups()
            used.add((section, key))
            if (section, key) not in rows:
                yield path, line_of(text, match.start()), "config", f"{section}.{key} is no row of config-table.c"
            elif rows[section, key][0] != kind:
                yield path, line_of(text, match.start()), "config", f"{section}.{key} is read as {kind}, its row says {rows[section, key][0]}"
        for section in re.findall(r'tilld_config_(?:text|int|bool|list) \([^,;]+,\s*"(\w+)",\s*[^"\s]', text):
            used |= {(section, key) for key in re.findall(r'"(\w+)"', text) if (section, key) in rows}  # the key comes from a table
    for section, key in sorted(set(rows) - used):
        line = line_of(table, table.index(f'"{section}", "{key}"'))
        yield "server/core/config-table.c", line, "config", f"{section}.{key} is read by nobody: use it or take it out"


def check_potfiles(files):
    """po/POTFILES names exactly the files with strings that people see."""
    listed = [l.strip() for l in files.get("po/POTFILES", "").splitlines() if l.strip() and not l.startswith("#")]
    for name in listed:
        if name not in files:
            yield "po/POTFILES", listed.index(name) + 1, "potfiles", f"{name} is not there"
    for path, text in sorted(files.items()):
        c = path.endswith(".c") and path.startswith(("client/", "shared/")) and POT_C.search(text)
        ui = path.endswith(".ui") and 'translatable="yes"' in text
        if (c or ui) and path not in listed:
            yield path, 1, "potfiles", "has strings that people see: list it in po/POTFILES"


def load_tree(root):
    files = {}
    for top in ("shared", "server", "client", "tests", "ui", "po"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in names:
                if name.endswith((".c", ".h", ".py", ".sh", ".ui", ".sql", ".css", ".build")) or name == "POTFILES":
                    full = os.path.join(folder, name)
                    with open(full, encoding="utf-8") as file:
                        files[os.path.relpath(full, root)] = file.read()
    return files


HEAD = "/* SPDX-License-Identifier: GPL-2.0-or-later\n * x.c: a test. */\n"
SELF = [  # rule, path, text that breaks it, text that does not
    ("spdx", "server/core/x.c", "/* x.c: a test */\n", HEAD),
    ("spdx", "tests/x.py", "print ()\n", "# SPDX-License-Identifier: GPL-2.0-or-later\n"),
    ("purpose", "server/core/x.c", HEAD.replace("x.c", "y.c"), HEAD),
    ("file-length", "server/core/x.c", HEAD + "\n" * 699, HEAD + "\n" * 698),
    ("file-length", "server/core/x.h", HEAD.replace("x.c", "x.h") + "#pragma once\n" * 119, HEAD.replace("x.c", "x.h") + "#pragma once\n" * 100),
    ("file-length", "ui/x.ui", "\n" * 301, "\n" * 300),
    ("noun", "server/core/utils.c", HEAD.replace("x.c", "utils.c"), HEAD.replace("x.c", "utils.c").replace("utils.c", "clock.c")),
    ("function-length", "server/core/x.c", HEAD + "void\nf (void)\n{\n" + "  g ();\n" * 68 + "}\n", HEAD + "void\nf (void)\n{\n" + "  g ();\n" * 67 + "}\n"),
    ("parameters", "server/core/x.c", HEAD + "void\nf (int a, int b, int c, int d, int e, int f, int g)\n{\n}\n",
     HEAD + "void\nf (int a, int b, int c, int d, int e, void (*f) (int, int), GError **error)\n{\n}\n"),
    ("nesting", "server/core/x.c", HEAD + "void\nf (void)\n{\n" + " {\n" * 5 + " }\n" * 5 + "}\n", HEAD + "void\nf (void)\n{\n" + " {\n" * 4 + " }\n" * 4 + "}\n"),
    ("banned", "server/core/x.c", HEAD + "void\nf (void)\n{\n  sprintf (a, b);\n}\n", HEAD + "void\nf (void)\n{\n  g_snprintf (a, b); /* sprintf () */\n}\n"),
    ("banned", "server/db/x.c", HEAD + "void\nf (void)\n{\n  r = PQexec (c, s);\n}\n", HEAD + "void\nf (void)\n{\n  r = PQexecPrepared (c, s);\n}\n"),
    ("banned", "client/core/x.c", HEAD + "void\nf (void)\n{\n  return atoi (\"1\");\n}\n", HEAD + "void\nf (void)\n{\n  return self->atoi (\"atoi (1)\");\n}\n"),
    ("banned", "server/rules/x.c", HEAD + "void\nf (void)\n{\n  g_random_int ();\n}\n", HEAD),
    ("banned", "server/core/x.c", HEAD + "void\nf (void)\n{\n  goto out;\n}\n", HEAD),
    ("float", "server/core/x.c", HEAD + "static double x;\n", HEAD + "static int doubled;\n"),
    ("float", "shared/base/x.c", HEAD + "static gdouble x;\n", HEAD + "static int x; /* double */\n"),
    ("clock", "server/core/x.c", HEAD + "void\nf (void)\n{\n  t = time (NULL);\n}\n", HEAD + "void\nf (void)\n{\n  t = till_time (NULL);\n}\n"),
    ("clock", "server/db/x.c", HEAD + "void\nf (void)\n{\n  t = g_get_monotonic_time ();\n}\n", HEAD),
    ("error-return", "server/core/x.c", HEAD + "void\nf (void)\n{\n  if (a)\n    till_fail (error, 1, \"x\");\n  g (b, error);\n}\n",
     HEAD + "void\nf (void)\n{\n  if (a)\n    return till_fail (error, 1, \"x\");\n  till_fail (error, 2, \"x;\");\n  close (fd);\n  return NULL;\n}\n"),
    ("clock", "server/db/x.c", HEAD + "void\nf (void)\n{\n  t = time (NULL); /* lint: clock */\n}\n",
     HEAD + "void\nf (void)\n{\n  t = time (NULL); /* lint: clock, a foreign header wants it */\n}\n"),
    ("statement", "server/db/x.c", HEAD + "static const TilldStatement a = {\n};\nvoid\nf (void)\n{\n  tilld_db_query (db, &a, b);\n}\n",
     HEAD + "static const TilldStatement a = {\n};\nTILLD_STATEMENT (a)\nstatic const TilldStatement b = {\n};\nstatic const TilldListSpec c = { .shape = &b };\n"),
    ("width", "server/core/x.c", HEAD + "int " + "x" * 160 + ";\n", HEAD + "int " + "x" * 150 + ";\n"),
    ("pragma-once", "server/core/x.h", HEAD.replace("x.c", "x.h"), HEAD.replace("x.c", "x.h") + "#pragma once\n"),
    ("unfinished", "server/core/x.c", HEAD + "/* TO" + "DO later */\n", HEAD + "/* to do later */\n"),
    ("untranslated", "client/app/x.c", HEAD + "void\nf (void)\n{\n  gtk_label_new (\"Sales\");\n}\n",
     HEAD + "void\nf (void)\n{\n  gtk_label_new (_(\"Sales\"));\n  f (gtk_label_new (NULL), \"a-name\");\n  gtk_label_new (a (\"x-y\"));\n}\n"),
    ("untranslated", "ui/x.ui", '<property name="label">Sales</property>\n', '<property name="label" translatable="yes">Sales</property>\n<property name="icon-name">sale</property>\n'),
    ("untranslated", "ui/x.ui", "<items>\n<item>Cash</item>\n</items>\n", '<items>\n<item translatable="yes">Cash</item>\n</items>\n'),
]
TABLE = 'static x[] = {\n  INT ("a", "b", "1", 0, 9, 0, "B."),\n};\n'
SELF_TREE = [  # rule, function, files that break it, files that do not
    ("config", check_config, {"server/core/config-table.c": TABLE}, {"server/core/config-table.c": TABLE, "server/x.c": 'tilld_config_int (c, "a", "b")'}),
    ("config", check_config, {"server/core/config-table.c": TABLE, "server/x.c": 'tilld_config_int (c, "a", "b") tilld_config_int (c, "a", "c")'}, {}),
    ("config", check_config, {"server/core/config-table.c": TABLE, "server/x.c": 'tilld_config_int (c, "a", key)'},
     {"server/core/config-table.c": TABLE, "server/x.c": 'const char *key = "b"; tilld_config_int (c, "a", key)'}),
    ("config", check_config, {"server/core/config-table.c": TABLE, "server/x.c": 'tilld_config_text (c, "a",\n "b")'}, {}),
    ("potfiles", check_potfiles, {"client/x.c": '_("Sales")', "po/POTFILES": ""}, {"client/x.c": '_("Sales")', "po/POTFILES": "client/x.c\n"}),
    ("potfiles", check_potfiles, {"po/POTFILES": "client/x.c\n"}, {"client/x.c": "f_(1)", "po/POTFILES": ""}),
]


def self_test():
    results = []
    for rule, path, bad, good in SELF:
        results.append((f"{rule} {path} refuses", any(r == rule for _, r, _ in check_text(path, bad))))
        good_path = "server/core/clock.c" if rule == "noun" else path
        results.append((f"{rule} {path} accepts", not any(r == rule for _, r, _ in check_text(good_path, good))))
    for rule, function, bad, good in SELF_TREE:
        results.append((f"{rule} refuses", any(r == rule for _, _, r, _ in function(bad))))
        results.append((f"{rule} accepts", not list(function(good))))
    print(f"1..{len(results)}")
    for n, (name, passed) in enumerate(results, 1):
        print(f"{'ok' if passed else 'not ok'} {n} - {name}")
    return sum(not passed for _, passed in results)


def main():
    if "--self-test" in sys.argv:
        sys.exit(1 if self_test() else 0)
    files = load_tree(sys.argv[1])
    found = [(path, *breach) for path, text in files.items() for breach in check_text(path, text)]
    found += list(check_config(files)) + list(check_potfiles(files))
    for path, line, rule, what in sorted(found):
        print(f"{path}:{line}: {rule}: {what}")
    sys.exit(1 if found else 0)


main()
