#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the golden bundles (bundles/), the broken ones (bad/) and their policies beside this file.

usage: make_bundles.py [--all DIRECTORY]
Each folder has a LIST: name, bundle, policy, exit code. A golden bundle has the text it must give.
A broken one is named after the rule it breaks, and breaks no other. Everything is invented. Broken
ones of more than SMALL bytes are written with --all only, to keep the repository small.
"""
import os
import sys

import broken
import golden
import policies


def write(path, data):
    with open(path, 'wb') as file:
        file.write(data if isinstance(data, bytes) else data.encode())


SMALL = 1143


def main():
    everything = len(sys.argv) > 1
    base = sys.argv[2] if everything else os.path.dirname(os.path.abspath(__file__))
    for folder in ('bundles', 'bad', 'policies'):
        os.makedirs(os.path.join(base, folder), exist_ok=True)
        for name in os.listdir(os.path.join(base, folder)):
            os.unlink(os.path.join(base, folder, name))
    for name, text in policies.ALL.items():
        write(os.path.join(base, 'policies', name), text)
    rows = []
    for name, bundle in golden.bundles():
        rows.append('%s %s %s 0\n' % (name, name, bundle.policy.name))
        write(os.path.join(base, 'bundles', name + '.onus'), bundle.bytes())
        write(os.path.join(base, 'bundles', name + '.text'), bundle.text())
    write(os.path.join(base, 'bundles', 'LIST'), ''.join(rows))
    rows, known = [], {}
    for name, data, policy, code in broken.bundles():
        if everything or len(data) <= SMALL:
            file = known.setdefault(data, name)
            rows.append('%s %s %s %d\n' % (name, file, policy, code))
            write(os.path.join(base, 'bad', file + '.onus'), data)
    write(os.path.join(base, 'bad', 'LIST'), ''.join(rows))


if __name__ == '__main__':
    main()
