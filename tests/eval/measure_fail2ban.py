# SPDX-License-Identifier: Apache-2.0
"""
Per-line decisions against fail2ban's own test logs.

Each log line there follows one or more "# failJSON: {...}" comments: does the filter count a failure
on it, and for which host. That tool decides whom to ban, onus says what a line is, so some sorts of
lines are set aside before onus is asked, each with its reason and number in the output:
 - lines whose connection is counted on another line (that tool counts a connection once, on any line
   of it; onus marks every line with its role and counts the session),
 - lines of a connection that ended in a login (it forgives the failures before),
 - lines that are false only in a mode that looks at fewer messages; a text that is labelled both ways
   is judged once, by the mode that looks at more,
 - those named in fail2ban-excluded.tsv.
A second row of the table sets nothing aside: there every label is taken as it stands, also where two of
them contradict each other, so it cannot reach 100 %.
"""

import json
import os
import re
from collections import Counter, OrderedDict

import program
import report

HERE = os.path.dirname(os.path.abspath(__file__))
MARK = re.compile(rb"#\s*failJSON:\s*(\{.*\})\s*$")
SESSION = re.compile(rb"(?:sshd[\w-]*|postfix[\w./-]*)\[\d+\]")  # programs with a process per connection
PEER = re.compile(rb"\[([0-9a-fA-F.:]+)\]")
JSON_SESSION = re.compile(rb'"session":"([0-9a-f]+)"')
JOURNAL = re.compile(r"^(?:(\S+) )?([\w./()-]+?)(?:\[(\d+)\])?: (.*)$", re.S)
NEAR = 12  # lines of one connection lie at most this far apart
OTHER_MODE = ("aggressive mode only", "not aggressive", "normal mode", "jail for too many errors only")
GOAL = 0.95


class Line:
    def __init__(self, number, text, marks):
        self.number = number
        self.text = text
        self.wanted = any(mark.get("match") for mark in marks)
        self.host = next((mark["host"] for mark in marks if mark.get("match") and "host" in mark), None)
        self.desc = " ".join(mark.get("desc", "") for mark in marks)
        self.session = None  # lines of the same connection, this one too
        self.why_not_judged = ""


def read_tsv(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    return [row for row in rows if row[0] and not row[0].startswith("#")]


def read_lines(path):
    """The log lines of a test file with their marks; constraints for lesser modes are left out."""
    lines, marks, lesser = [], [], False
    with open(path, "rb") as file:
        for number, raw in enumerate(file.read().split(b"\n"), 1):
            found = MARK.match(raw)
            if found:
                mark = json.loads(found.group(1))
                if "!= 'aggressive'" in mark.get("constraint", ""):
                    lesser = True
                else:
                    marks.append(mark)
            elif raw.strip() and not raw.startswith(b"#"):
                if marks:
                    lines.append(Line(number, raw.rstrip(b"\r"), marks))
                elif not lesser:
                    lines.append(Line(number, raw.rstrip(b"\r"), []))
                marks, lesser = [], False
    return lines


def session_key(text):
    found = JSON_SESSION.search(text)
    if found:
        return found.group(1)
    found = SESSION.search(text)
    if not found:
        return None
    peer = PEER.search(text, found.end()) if found.group(0).startswith(b"postfix") else None
    return found.group(0) + (peer.group(0) if peer else b"")  # postfix serves many peers in turn


def join_sessions(lines):
    latest = {}
    for place, line in enumerate(lines):
        key = session_key(line.text)
        before = latest.get(key)
        line.session = before[1] if key and before and place - before[0] <= NEAR else []
        line.session.append(line)
        latest[key] = (place, line.session)


def set_aside(lines, excluded):
    labels = {}
    for line in lines:
        labels.setdefault(line.text, set()).add(line.wanted)
    for line in lines:
        for match, text, why in excluded:
            if text.encode() in line.text and line.wanted == (match == "true"):
                line.why_not_judged = why
        if len(labels[line.text]) == 2 and not line.wanted:
            line.why_not_judged = "the same text again, false only in a mode that looks at fewer messages"
        if line.wanted or line.why_not_judged:
            continue
        if any(other.wanted for other in line.session):
            line.why_not_judged = "its connection is counted on another line"
        elif any(b"Accepted " in other.text for other in line.session) and b"Accepted " not in line.text:
            line.why_not_judged = "ban policy: failures before a login on the same connection are forgiven"
        elif any(words in line.desc for words in OTHER_MODE):
            line.why_not_judged = "false only in a mode that looks at fewer messages"


def as_journal(text):
    """One journal JSON entry for a line that the tool prints as 'host prog[pid]: message'."""
    found = JOURNAL.match(text.decode("utf-8", "replace"))
    if not found:
        return text
    host, tag, pid, message = found.groups()
    entry = {"__REALTIME_TIMESTAMP": "1768014662123456", "_HOSTNAME": host or "srv",
             "SYSLOG_IDENTIFIER": tag, "_PID": pid or "1", "MESSAGE": message}
    return json.dumps(entry).encode()


def verdict(line, records):
    """'' when decided rightly, otherwise what is wrong."""
    own = records.get(line.number, [])
    hostile = [record for record in own if record.hostile()]
    if not line.wanted:
        return "taken as hostile" if any(not record.sums_up() for record in hostile) else ""
    if not hostile:
        return "not seen as hostile" if own and own[0].verdict != "unparsed" else "not parsed"
    if line.host is None:
        return ""
    hosts = set().union(*(record.hosts() for record in hostile))
    wanted = program.normal_host(line.host)
    if wanted in hosts:
        return ""
    if hosts:
        return f"wrong source {sorted(hosts)}, expected {wanted}"
    if line.host.encode() not in line.text:  # the address stands on another line of the connection
        for other in line.session:
            for record in records.get(other.number, []):
                hosts |= record.hosts()
        return "" if wanted in hosts else f"no source, session has {sorted(hosts)}, expected {wanted}"
    return f"no source, expected {wanted}"


def judge_file(name, how, excluded):
    lines = read_lines(program.shared("standards", "logs", "fail2ban", name))
    join_sessions(lines)
    set_aside(lines, [row[1:4] for row in excluded if row[0] == name])
    sent = [as_journal(line.text) if how == "journal" else line.text for line in lines]
    for place, line in enumerate(lines, 1):
        line.number = place
    return lines, program.explain_lines(sent)


def measure():
    got = report.Measured()
    excluded = read_tsv("fail2ban-excluded.tsv")
    right_all = total_all = summed_up = 0
    reasons, agreed, rows, causes = Counter(), Counter(), [], OrderedDict()
    for name, how, *_ in read_tsv("fail2ban-files.tsv"):
        lines, records = judge_file(name, how, excluded)
        right = total = 0
        for line in lines:
            wrong = verdict(line, records)
            if line.why_not_judged:
                reasons[line.why_not_judged] += 1
                agreed[line.why_not_judged] += not wrong
                continue
            total += 1
            right += not wrong
            own = [record for record in records.get(line.number, []) if record.hostile()]
            summed_up += bool(line.wanted and own and not wrong and all(record.sums_up() for record in own))
            if wrong:
                said = "; ".join(record.brief() for record in records.get(line.number, [])) or "nothing"
                causes.setdefault(wrong.split(",")[0].split(" [")[0], 0)
                causes[wrong.split(",")[0].split(" [")[0]] += 1
                got.details.append(f"{name}: {wrong}\n    {line.text.decode('utf-8', 'replace')[:300]}\n    {said}")
        rows.append([name, right, total, f"{100 * right / total:.1f}%" if total else "-", how])
        right_all, total_all = right_all + right, total_all + total
    got.text += report.table(["file", "right", "of", "share", "lines"], rows)
    got.text += [f"not judged: {count:4} {why} (onus agrees with {agreed[why]})" for why, count in reasons.most_common()]
    got.text += [f"wrong: {count:4} {why}" for why, count in causes.items()]
    note = (f"{sum(reasons.values())} lines not judged, reasons above; "
            f"{summed_up} right ones add no try of their own (role summary)")
    got.rows.append(report.Row("fail2ban lines", right_all, total_all, GOAL, note))
    got.rows.append(report.Row("fail2ban lines, none set aside", right_all + sum(agreed.values()),
                               total_all + sum(reasons.values()), None, "every label taken as it stands"))
    return got
