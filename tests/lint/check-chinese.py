#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# check-chinese.py: every string that the sources show is in po/zh_CN.po, translated, not fuzzy, with the same placeholders.
# usage: check-chinese.py SOURCE_ROOT
import os
import re
import subprocess
import sys
import tempfile


def main():
    root = sys.argv[1]
    said = []
    with tempfile.TemporaryDirectory() as folder:
        pot, merged = os.path.join(folder, "gridtill.pot"), os.path.join(folder, "zh_CN.po")
        with open(os.path.join(root, "po/POTFILES"), encoding="utf-8") as file:
            names = [l.strip() for l in file if l.strip() and not l.startswith("#")]
        if not names:
            print("no strings yet")
            return 0
        subprocess.run(["xgettext", "--from-code=UTF-8", "--keyword=_", "--keyword=N_", "--keyword=C_:1c,2", "--keyword=NC_:1c,2",
                        "--keyword=ngettext:1,2", "--keyword=g_dngettext:2,3", "--add-comments", "-o", pot] + names, cwd=root, check=True)
        subprocess.run(["msgmerge", "-q", "--no-fuzzy-matching", "-o", merged, os.path.join(root, "po/zh_CN.po"), pot], check=True)
        for option, word in (("--untranslated", "not translated"), ("--only-fuzzy", "fuzzy")):
            out = subprocess.run(["msgattrib", option, "--no-wrap", "--no-obsolete", merged], check=True, capture_output=True, text=True).stdout
            said += [f"po/zh_CN.po: {word}: {m}" for m in re.findall(r'^msgid "(.+)"$', out, re.M)]
        formats = subprocess.run(["msgfmt", "-c", "-o", os.devnull, merged], capture_output=True, text=True)
        if formats.returncode != 0:
            said.append(formats.stderr.strip())
    print("\n".join(said) if said else "the Chinese is complete")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
