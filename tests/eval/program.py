# SPDX-License-Identifier: Apache-2.0
"""The only place that knows how onus is called and what its JSON looks like."""

import ipaddress
import json
import os
import re
import subprocess
import tempfile
from collections import Counter
from datetime import datetime, timedelta, timezone

ONUS = os.environ.get("ONUS", "build/onus")
SHARED = os.environ.get("ONUS_SHARED", "../shared")
TIMEOUT_S = 300
BAD_OUTCOMES = {"failed", "no-account", "no_account", "probed", "partial"}


class Crash(Exception):
    """onus ended by a signal, with exit 70, too late, does not know the command, or printed no JSON."""


def shared(*parts):
    return os.path.join(SHARED, *parts)


def command(arguments):
    """Run onus. Returns (exit code, stdout bytes, stderr text)."""
    try:
        done = subprocess.run([ONUS, *arguments], capture_output=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as late:
        raise Crash(f"{' '.join(arguments)}: no end after {TIMEOUT_S} s") from late
    error = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode < 0 or done.returncode >= 70 or done.returncode == 2:  # 2: not a command of onus
        raise Crash(f"{' '.join(arguments)}: ended with {done.returncode}: {error[-300:]}")
    return done.returncode, done.stdout, error


def trace(*paths, options=()):
    """Returns (document or None, exit code, stderr)."""
    code, out, error = command(["trace", "--json", *options, *paths])
    if not out.strip():
        if code == 0:
            raise Crash(f"trace {' '.join(paths)}: exit 0 without output")
        return None, code, error
    try:
        return json.loads(out), code, error
    except ValueError as bad:
        raise Crash(f"trace {' '.join(paths)}: output is not JSON: {bad}") from bad


def traced(path):
    """The document of a log that must be readable."""
    document, code, error = trace(path)
    if document is None:
        raise Crash(f"trace {path}: exit {code} without output: {error[-300:]}")
    return document


def explain(path, options=()):
    """One Record per line or record of the file."""
    code, out, error = command(["explain", "--json", *options, path])
    if code != 0 and not out.strip():
        raise Crash(f"explain {path}: exit {code}: {error[-300:]}")
    records = []
    for line in out.split(b"\n"):
        if line.strip():
            try:
                records.append(Record(json.loads(line)))
            except ValueError as bad:
                raise Crash(f"explain {path}: not JSON: {bad}: {line[:200]!r}") from bad
    return records


BENIGN = {"crawler", "research-scanner"}


def flagged_lines(path):
    """Lines with a finding other than a benign one: Counter of them by source, without keeping the records."""
    found = Counter()
    with subprocess.Popen([ONUS, "explain", "--json", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        for line in run.stdout:
            if b'"findings":[]' in line:
                continue
            event = json.loads(line).get("event") or {}
            if set(event.get("findings") or []) - BENIGN:
                found[normal_host(event.get("source") or event.get("source_name") or "")] += 1
    if run.returncode != 0:
        raise Crash(f"explain {path}: ended with {run.returncode}")
    return found


def explain_lines(lines):
    """Explain bytes lines through a temporary file. Returns {line number: [Record, ...]}."""
    with tempfile.NamedTemporaryFile(prefix="onus-eval-", suffix=".log") as file:
        file.write(b"\n".join(lines) + b"\n")
        file.flush()
        by_line = {}
        for record in explain(file.name):
            by_line.setdefault(record.line, []).append(record)
        return by_line


class Record:
    """One object of `onus explain --json`."""

    def __init__(self, raw):
        self.raw = raw
        self.line = raw.get("line", 0)
        self.verdict = raw.get("verdict", "")
        self.format = raw.get("format") or ""
        self.rule = raw.get("rule") or ""
        self.event = raw.get("event") or {}

    def get(self, key):
        return self.event.get(key)

    def field(self, name):
        """A field of the event, or one that only the list of all fields shows; None when not shown."""
        if self.event.get(name) is not None:
            return self.event[name]
        shown = self.raw.get("fields") or {}
        if isinstance(shown, list):
            shown = {entry.get("name"): entry.get("value") for entry in shown}
        return shown.get(name)

    def kind(self):
        return (self.get("kind") or "").lower()

    def outcome(self):
        return (self.get("outcome") or "").lower()

    def role(self):
        return (self.get("role") or "").lower()

    def hosts(self):
        """Every way in which the record names its source."""
        names = (self.get("source"), self.get("source_name"))
        return {normal_host(name) for name in names if name}

    def hostile(self):
        """True when the line tells of an unsuccessful try, an alert or a finding."""
        if self.verdict != "parsed":
            return False
        if self.kind() == "auth" and self.outcome() in BAD_OUTCOMES:
            return True
        if self.kind() == "connection" and self.outcome() == "failed" and self.get("service") not in ("network", "unknown"):
            return True  # the access list of a server refused it
        return self.kind() == "alert" or bool(set(self.get("findings") or []) - BENIGN)

    def sums_up(self):
        """True when the line adds nothing to the count of tries."""
        return self.role() == "summary"

    def text(self):
        return " ".join(str(value) for value in self.event.values())

    def brief(self):
        keys = ("kind", "outcome", "role", "source", "source_name", "account", "findings")
        shown = [f"{key}={self.get(key)}" for key in keys if self.get(key) not in (None, "", [])]
        return f"{self.verdict} {self.format} rule={self.rule!r} " + " ".join(shown)


def normal_host(name):
    """One spelling for an address: no leading zeros, no mapped form; names in lower case."""
    text = str(name).strip().strip("[]")
    if re.fullmatch(r"\d+(\.\d+){3}", text):
        text = ".".join(str(int(part)) for part in text.split("."))
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text.lower().rstrip(".")
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def micros(value):
    """Microseconds since 1970 of a time as printed (RFC 3339 text or a number); None when none."""
    if value is None or value == "":
        return None
    if isinstance(value, (int, float)):
        return int(value)
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?", value)
    if not found:
        return None
    day, clock, second, fraction, zone = found.groups()
    base = datetime.strptime(f"{day} {clock}", "%Y-%m-%d %H:%M").replace(tzinfo=timezone.utc)
    if zone and zone != "Z":
        sign = -1 if zone[0] == "-" else 1
        base -= sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    whole = int(base.timestamp()) + int(second)
    return whole * 1_000_000 + int(((fraction or ".0")[1:] + "000000")[:6])


def incident_sources(document, incident):
    """Names of an incident's sources: its own list, and every source that refers to it."""
    names = {normal_host(name) for name in incident.get("source_list") or []}
    for source in document.get("sources") or []:
        if incident.get("id") in (source.get("incidents") or []):
            names.add(normal_host(source.get("address") or ""))
    return names


def tally_names(incident, key):
    """Names of a list of tallies ("account_list", "target_list", "findings")."""
    return [str(entry.get("name")) if isinstance(entry, dict) else str(entry) for entry in incident.get(key) or []]


def incident_names(document, incident):
    """Sources, and accounts and targets too: some truths name a user or a program."""
    names = incident_sources(document, incident)
    for key in ("account_list", "target_list"):
        names.update(name.lower() for name in tally_names(incident, key))
    return names
