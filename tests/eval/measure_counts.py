# SPDX-License-Identifier: Apache-2.0
"""
Generated logs whose truth is known exactly: onus must reproduce every number. The truth of a web log
is about lines, so it is held against the lines on which onus shows a finding; attempts are printed
beside it. The truth of an auth log is about tries, so it is held against attempts.

The generator lies with the data (perf/gen.sh). Its truth counts the hosts it drew, two of which may
have the same address, so distinct addresses are counted here, from the log itself.
"""

import os
import re
import subprocess
import tempfile
from collections import Counter

import program
import report

FAILED = re.compile(rb"Failed password for .* from (\S+) port \d+ ssh2$")
SSHD_ADDRESS = re.compile(rb"(?:from |by |with |rhost=|user \S+ )([0-9a-f]*[.:][0-9a-f.:]+)(?: |$)")


def read_truth(path):
    """Returns ({key: number}, {class: number}, {address: numbers})."""
    numbers, classes, sources = {}, {}, {}
    with open(path, encoding="ascii") as file:
        for line in file:
            words = line.split()
            if words[0] == "class":
                classes[words[1]] = int(words[2])
            elif words[0] == "source":
                before = sources.get(words[1], [0] * len(words[2:]))
                sources[words[1]] = [a + int(b) for a, b in zip(before, words[2:])]
            elif words[0] != "status":
                numbers[words[0]] = int(words[1])
    return numbers, classes, sources


def distinct_sources(path, kind):
    found = set()
    with open(path, "rb") as file:
        for line in file:
            if kind == "access":
                found.add(line.split(b" ", 1)[0])
            elif b" sshd[" in line:
                address = SSHD_ADDRESS.search(line)
                if address:
                    found.add(address.group(1).rstrip(b":"))
    return len({program.normal_host(name.decode()) for name in found})


def failed_passwords(path):
    """{address: tries}. The truth of the generator counts connections without a try in."""
    tries = Counter()
    with open(path, "rb") as file:
        for line in file:
            found = FAILED.search(line)
            if found:
                tries[program.normal_host(found.group(1).decode())] += 1
    return tries


def per_source(got, given, wanted, name, what):
    """Onus against the truth, address by address."""
    wrong = [(address, wanted.get(address, 0), given.get(address, 0))
             for address in sorted(wanted.keys() | given.keys()) if wanted.get(address, 0) != given.get(address, 0)]
    for address, right, said in wrong:
        got.details.append(f"{name}: {address} {said} {what}, truth {right}")
    total = len(wanted.keys() | given.keys())
    got.rows.append(report.Row(f"{name}: {what} per source", total - len(wrong), total, 1.0))


def attempts_by_source(document):
    return {program.normal_host(entry.get("address") or entry.get("name") or ""): entry.get("attempts")
            for entry in document.get("sources") or [] if entry.get("attempts")}


def judge(got, folder, name):
    kind = name.split("-")[0]
    log = os.path.join(folder, name + ".log")
    numbers, classes, sources = read_truth(os.path.join(folder, name + ".truth"))
    document = program.traced(log)
    totals = document["totals"]
    given = {"lines": totals.get("lines"), "bytes": totals.get("bytes"), "sources": totals.get("sources_seen")}
    wanted = {"lines": numbers["lines"], "bytes": numbers["bytes"], "sources": distinct_sources(log, kind)}
    if kind == "access":
        what, by_source = "lines with a finding", program.flagged_lines(log)
        truth = {program.normal_host(address): counts[-1] for address, counts in sources.items()}
        wanted |= {what: numbers["attack_lines"], f"sources of {what}": numbers["sources_with_attack"]}
        got.text.append(f"{name}: truth by class " + ", ".join(f"{key} {value}" for key, value in classes.items()))
        got.text.append(f"{name}: {totals.get('attempts')} attempts by {len(attempts_by_source(document))} sources, for comparison")
    else:
        what, by_source = "attempts", attempts_by_source(document)
        truth = failed_passwords(log)
        wanted |= {what: numbers["failed_password"], f"sources of {what}": len(truth)}
        got.text.append(f"{name}: truth has {numbers['scans']} connections without a try beside the attempts")
        got.text.append(f"{name}: succeeded onus {totals.get('succeeded')} truth {numbers['accepted']}")
    given |= {what: sum(by_source.values()), f"sources of {what}": len(by_source)}
    right = 0
    for key, value in wanted.items():
        right += given[key] == value
        got.text.append(f"{name}: {key} onus {given[key]} truth {value}" + ("" if given[key] == value else "  DIFFERS"))
    got.rows.append(report.Row(f"{name}: totals exact", right, len(wanted), 1.0))
    per_source(got, by_source, truth, name, what)


def measure():
    got = report.Measured()
    script = program.shared("perf", "gen.sh")
    with tempfile.TemporaryDirectory(prefix="onus-eval-") as folder:
        done = subprocess.run(["sh", script, folder, "small"], capture_output=True, text=True, check=False)
        if done.returncode:
            got.text.append(f"skipped: {script} failed: {done.stderr[-200:]}")
            return got
        with open(program.shared("perf", "gen.sha256"), encoding="ascii") as file:
            stated = set(file.read().split("\n"))
        for line in done.stdout.strip().split("\n"):
            if line not in stated:
                got.text.append(f"generated file differs from its stated hash: {line}")
        judge(got, folder, "access-64m")
        judge(got, folder, "auth-64m")
    return got
