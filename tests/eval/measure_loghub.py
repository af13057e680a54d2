# SPDX-License-Identifier: Apache-2.0
"""
Fields of each line of loghub's OpenSSH sample against its template labels, and the totals of trace
against counts that grep gives.
"""

import csv
import re

import program
import report

# Template -> (fields of its placeholders, must the line be parsed). "-": a placeholder not compared.
TEMPLATES = {
    "E1": ("account source port", True),
    "E2": ("source", False),
    "E3": ("source", False),
    "E6": ("source -", False),
    "E7": ("source -", False),
    "E8": ("account source port", True),
    "E9": ("account source port", True),
    "E10": ("account source port", True),
    "E13": ("account source", True),
    "E14": ("- source port", True),
    "E15": ("- - - source", True),
    "E16": ("- - - source", True),
    "E17": ("- - - source", True),
    "E19": ("- - source", True),
    "E20": ("- - source account", True),
    "E24": ("source -", False),
    "E25": ("source -", False),
    "E26": ("source -", False),
    "E27": ("- source", False),
}
FAILED = re.compile(r"Failed (?:password|none) for .* from (\S+) port \d+")
PROCESS = re.compile(r"sshd\[(\d+)\]")
REPEATED = re.compile(r"message repeated (\d+) times: \[ (.*)\]")
ADDRESS = re.compile(r"(?:from |rhost=|by |\[)(\d+\.\d+\.\d+\.\d+)")


def expected_fields(row):
    names, must = TEMPLATES.get(row["EventId"], (None, False))
    if names is None:
        return None, False
    pattern = re.sub(r"\\ ", " +?", re.escape(row["EventTemplate"])).replace(r"<\*>", "(.*?)")
    content = row["Content"]
    found = re.search(pattern + r"\s*$", content)
    if not found:
        return None, must
    fields = {key: value for key, value in zip(names.split(), found.groups()) if key != "-"}
    if "port" in fields:
        fields["port"] = fields["port"].split(" ")[0]  # one template leaves " ssh2" in its placeholder
    return fields, must


def wrong_fields(record, fields):
    wrong = []
    for key, value in fields.items():
        if key == "source":
            same = program.normal_host(value) in record.hosts()
        elif key == "port":
            same = str(record.get("source_port") or "") == value
        else:
            same = (record.get("account") or "") == value
        if not same:
            wrong.append(f"{key} expected {value!r}")
    return wrong


def field_rows(got, log):
    with open(program.shared("data", "logs", "ssh", "loghub_OpenSSH_2k.log_structured.csv"),
              encoding="utf-8", newline="") as file:
        truth = list(csv.DictReader(file))
    by_line = {}
    for record in program.explain(log):
        by_line.setdefault(record.line, record)
    right = total = ignored = 0
    for row in truth:
        fields, must = expected_fields(row)
        if fields is None:
            continue
        record = by_line.get(int(row["LineId"]))
        if record and record.verdict == "ignored" and not must:
            ignored += 1
            continue
        total += 1
        wrong = ["not parsed"] if not record or record.verdict != "parsed" else wrong_fields(record, fields)
        right += not wrong
        if wrong:
            said = record.brief() if record else "nothing"
            got.details.append(f"line {row['LineId']} {row['EventId']}: {', '.join(wrong)}\n    {row['Content']}\n    {said}")
    note = f"{ignored} lines that tell of no try ignored" if ignored else ""
    got.rows.append(report.Row("loghub OpenSSH fields per line", right, total, 1.0, note))


def count_tries(lines):
    """(tries, of them "Failed none", addresses). A PAM failure counts where its process wrote no "Failed"."""
    tries = none = 0
    addresses, failed, stacked = set(), set(), set()
    for line in lines:
        addresses.update(ADDRESS.findall(line))
        process = PROCESS.search(line)
        repeated = REPEATED.search(line)
        if FAILED.search(line):
            tries += int(repeated.group(1)) if repeated else 1
            none += "Failed none" in line
            failed.add(process.group(1))
        elif process and "pam_unix(sshd:auth): authentication failure" in line:
            stacked.add(process.group(1))
    return tries + len(stacked - failed), none, addresses


def count_rows(got, log):
    with open(log, encoding="utf-8", errors="replace") as file:
        lines = file.read().split("\n")
    tries, none, addresses = count_tries(lines)
    document = program.traced(log)
    totals = document["totals"]
    pairs = [("lines", totals.get("lines"), {len(lines)}, str(len(lines))),
             ("sources", totals.get("sources_seen"), {len(addresses)}, str(len(addresses))),
             ("attempts", totals.get("attempts"), {tries, tries - none},
              f"{tries} tries, {tries - none} without those of method none")]
    right = 0
    for name, value, wanted, words in pairs:
        right += value in wanted
        got.text.append(f"{name}: onus {value}, count by expression {words}")
    got.rows.append(report.Row("loghub OpenSSH totals", right, len(pairs), 1.0))


def measure():
    got = report.Measured()
    log = program.shared("data", "logs", "ssh", "loghub_OpenSSH_2k.log")
    field_rows(got, log)
    count_rows(got, log)
    return got
