#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# check-openapi.py: no path and no schema of shared/api/openapi.yaml stands there twice: readers of YAML keep only one of them, silently.
# usage: check-openapi.py SOURCE_ROOT
import os
import re
import sys


def main():
    seen, said, section = set(), [], None
    with open(os.path.join(sys.argv[1], "shared/api/openapi.yaml"), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            name = re.match(r"^(  )(/[^:]*):$|^(    )([A-Z]\w*):$", line)
            head = re.match(r"^(?:  )?([a-z]\w*):$", line)
            section = head.group(1) if head else section
            if name is None:
                continue
            key = (section, name.group(2) or name.group(4))
            if key in seen:
                said.append(f"shared/api/openapi.yaml:{number}: {key[1]} stands here a second time")
            seen.add(key)
    print("\n".join(said) if said else "each name stands once")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
