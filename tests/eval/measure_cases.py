# SPDX-License-Identifier: Apache-2.0
"""
The authored lines with every expected field (standards/logs/authored/cases.jsonl). A case is right
when each expected field is there and equal; a field that onus does not show counts as missing.
"""

import base64
import json
import tempfile

import program
import report

# Names of events in the cases -> what onus must say: field -> accepted values.
EVENTS = {
    "auth.failed": {"kind": {"auth"}, "outcome": {"failed", "no-account"}},
    "auth.accepted": {"kind": {"auth"}, "outcome": {"succeeded"}},
    "user.invalid": {"kind": {"auth"}, "outcome": {"no-account"}},
    "root.refused": {"kind": {"auth"}, "outcome": {"failed"}},
    "pam.unix": {"kind": {"auth"}, "outcome": {"failed", "no-account"}},
    "conn.closed": {"kind": {"auth"}, "role": {"close"}},
    "disc.recv": {},  # the verdict and the other fields decide
    "maxstartups": {"kind": {"auth", "alert", "connection"}},
    "smtp.auth.failed": {"kind": {"auth"}, "outcome": {"failed", "no-account"}, "service": {"smtp"}},
    "smtp.disconnect": {},
    "imap.auth.failed": {"kind": {"auth"}, "outcome": {"failed", "no-account"}, "service": {"imap"}},
}
# Field of a case -> field of onus with the same meaning.
SAME = {
    "user": "account", "src_ip": "source", "client_ip": "source", "src_port": "source_port",
    "dst_ip": "dest", "server_ip": "dest", "dst_port": "dest_port", "method": "method", "mech": "method",
    "target": "target", "status": "status", "bytes": "bytes", "ua": "agent", "count": "count",
    "host": "host", "prog": "program", "app": "program",
}
TIMES = {"time", "time_us", "ts_us"}
SPOKEN = {"code", "msg", "key_type", "key_fp", "substatus"}  # shown inside the free text of an event


def same_value(given, wanted):
    if wanted is None:
        return given in (None, "", 0)
    if isinstance(wanted, str):
        return given == wanted or program.normal_host(given or "") == program.normal_host(wanted) != ""
    return given == wanted


def raw_bytes(text):
    """Bytes behind a printed text: U+EFnn stands for the byte nn that is not UTF-8 (docs/json.md)."""
    out = bytearray()
    for character in text:
        code = ord(character)
        out += bytes([code - 0xEF00]) if 0xEF00 <= code <= 0xEFFF else character.encode("utf-8", "replace")
    return bytes(out)


def check_field(record, key, wanted):
    """'' or what is wrong."""
    event = record.event
    if key == "event":
        for field, values in EVENTS[wanted].items():
            if (event.get(field) or "").lower() not in values:
                return f"{field}={event.get(field)!r} for {wanted}"
        return ""
    if key in TIMES:
        right = program.micros(event.get("time")) == program.micros(wanted)
        return "" if right else f"time {event.get('time')!r}, expected {wanted!r}"
    if key in SAME:
        given = event.get(SAME[key])
        return "" if same_value(given, wanted) else f"{SAME[key]} {given!r}, expected {wanted!r}"
    if key == "user_valid":
        right = (record.outcome() == "no-account") != wanted
        return "" if right else f"outcome {record.outcome()!r}, account valid: {wanted}"
    if key == "reason":
        return "" if wanted != "no such user" or record.outcome() == "no-account" else f"outcome {record.outcome()!r}, expected no account"
    if key == "preauth":
        return "" if record.role() in ("close", "summary") else f"role {record.role()!r} of a line at the end of a try"
    if key == "dup_of":
        return "" if record.role() in ("stack", "account", "close", "summary") else f"role {record.role()!r} of a second line of a try"
    if key in ("auth_ok", "auth_total"):
        given = event.get("count") if key == "auth_total" else event.get(key, 0)
        return "" if given == wanted or "auth=0/1" in record.text() else f"{key} not shown"
    if key == "service" and wanted is None:
        return "" if event.get("service") in (None, "unknown", "network") else f"service {event.get('service')!r}, expected none"
    if key == "session":
        return "" if event.get("session") else "session not shown"
    if key in ("raw_request_hex", "message_hex"):
        values = list(event.values()) + list((record.raw.get("fields") or {}).values())
        shown = [raw_bytes(value).hex() for value in values if isinstance(value, str)]
        return "" if any(wanted in text for text in shown) else f"bytes {wanted} not shown"
    if key == "fields":
        return "" if event.get("program") == wanted.get("SYSLOG_IDENTIFIER") else f"program {event.get('program')!r}"
    if key in SPOKEN and same_value(event.get("detail"), wanted):
        return ""
    if record.field(key) is not None:
        return "" if same_value(record.field(key), wanted) else f"{key} {record.field(key)!r}, expected {wanted!r}"
    if wanted is None:
        return ""
    if key in SPOKEN and str(wanted) in record.text():
        return ""
    return f"{key} not shown, expected {wanted!r}"


def last_record(case):
    data = base64.b64decode(case["line_b64"]) if "line_b64" in case else case["line"].encode("utf-8", "surrogateescape")
    with tempfile.NamedTemporaryFile(prefix="onus-eval-", suffix=".log") as file:
        file.write(data if data.endswith(b"\n") else data + b"\n")
        file.flush()
        records = program.explain(file.name)
    spoken = [record for record in records if record.verdict == "parsed"] or records
    return spoken[-1] if spoken else None


def judge(case):
    record = last_record(case)
    if case["expect"] is None:
        refused = record is None or record.verdict == "unparsed"
        return record, [] if refused else [f"verdict {record.verdict}, expected a refusal"]
    if record is None or record.verdict == "unparsed":
        return record, ["not parsed"]
    wrong = [check_field(record, key, wanted) for key, wanted in case["expect"].items()]
    return record, [words for words in wrong if words]


def measure():
    got = report.Measured()
    right = total = fields_wrong = fields = 0
    with open(program.shared("standards", "logs", "authored", "cases.jsonl"), encoding="utf-8") as file:
        cases = [json.loads(line) for line in file if line.strip()]
    for number, case in enumerate(cases, 1):
        record, wrong = judge(case)
        total += 1
        right += not wrong
        count = len(case["expect"] or [1])
        fields, fields_wrong = fields + count, fields_wrong + (count if wrong == ["not parsed"] else len(wrong))
        if wrong:
            got.text.append(f"case {number} {case['format']}: {'; '.join(wrong)}")
            got.details.append(f"case {number}: {str(case.get('line', 'binary'))[:200]}\n    {json.dumps(record.raw)[:600] if record else 'nothing'}")
    got.rows.append(report.Row("authored cases", right, total, 1.0))
    got.rows.append(report.Row("authored fields", fields - fields_wrong, fields))
    return got
