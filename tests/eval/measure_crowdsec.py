# SPDX-License-Identifier: Apache-2.0
"""
Detections that CrowdSec's own scenario tests expect: does `onus trace` give, for the same log, an
incident that names the same source and is of a kind that says the same (crowdsec-kinds.tsv)?

One detection is one row of TRUTH.tsv. Tests whose log format onus does not read are named with what
they would need (crowdsec-formats.tsv); found there all the same, they are told but not counted.
"""

import csv
import glob
import os
import re

import program
import report
from measure_fail2ban import read_tsv

GOAL = 0.90
ASSERTED_SOURCE = re.compile(r'"([^"]+)" in results\[(\d+)\]\.Overflow\.GetSources\(\)')
ASSERTED_SCENARIO = re.compile(r'results\[(\d+)\]\.Overflow\.Alert\.GetScenario\(\) == "([^"]+)"')


def asserted(folder):
    """[(scenario, source)] in the order of the test's results: fills the rows without a source."""
    with open(os.path.join(folder, "scenario.assert"), encoding="utf-8") as file:
        text = file.read()
    sources = {}
    for source, place in ASSERTED_SOURCE.findall(text):
        sources.setdefault(int(place), source)
    return [(scenario, sources.get(int(place), "")) for place, scenario in ASSERTED_SCENARIO.findall(text)]


def read_truth(root):
    """{test: [(scenario, [source, ...])]}"""
    tests = {}
    with open(os.path.join(root, "TRUTH.tsv"), encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            tests.setdefault(row["test"], []).append([row["scenario"], row["source"] or ""])
    for test, rows in tests.items():
        spare = asserted(os.path.join(root, test))
        for row in rows:
            if not row[1]:
                match = next((pair for pair in spare if pair[0] == row[0]), None)
                if match:
                    spare.remove(match)
                    row[1] = match[1]
    return {test: [(scenario, source.split(",")) for scenario, source in rows] for test, rows in tests.items()}


def incidents_of(folder):
    """[(kind, names)] of all incidents in the test's log."""
    logs = sorted(glob.glob(os.path.join(folder, "*.log")))
    document, code, error = program.trace(*logs)
    if document is None:
        return [], f"no output, exit {code}: {error[-120:]}"
    found = [(incident.get("kind"), program.incident_names(document, incident))
             for incident in document.get("incidents") or []]
    entries = document.get("inputs") or []
    state = "; ".join(f"{entry.get('format')}, {entry.get('unparsed')} of {entry.get('lines')} unparsed" for entry in entries)
    return found, state


def same(incident, kinds, sources):
    kind, names = incident
    wanted = {program.normal_host(source) for source in sources}
    if any(source.startswith("arn:") for source in sources):
        wanted.add(sources[0].rsplit("/", 1)[-1].lower())
    return kind in kinds and bool(wanted & names)


def judge_test(got, test, detections, found, kinds, supported):
    """Number of detections found, and incidents that no detection explains."""
    hits, used = 0, set()
    for scenario, sources in detections:
        matches = [place for place, incident in enumerate(found[0]) if same(incident, kinds[scenario], sources)]
        hits += bool(matches)
        used.update(matches)
        if not matches and supported:
            given = ", ".join(f"{kind} by {sorted(names)[:3]}" for kind, names in found[0][:4]) or "no incident"
            got.text.append(f"missed {test}: {scenario} by {','.join(sources)}; given: {given} ({found[1]})")
    return hits, [incident for place, incident in enumerate(found[0]) if place not in used]


def measure():
    got = report.Measured()
    root = program.shared("data", "logs", "labelled_crowdsec")
    kinds = {row[0]: set(row[1].split(",")) for row in read_tsv("crowdsec-kinds.tsv")}
    needs = {row[0]: row[1:] for row in read_tsv("crowdsec-formats.tsv")}
    truth = read_truth(root)
    right = total = outside = outside_found = extra = 0
    for test in sorted(os.listdir(root)):
        if not os.path.isdir(os.path.join(root, test)):
            continue
        detections = truth.get(test, [])
        found = incidents_of(os.path.join(root, test))
        hits, unexplained = judge_test(got, test, detections, found, kinds, test not in needs)
        extra += len(unexplained)
        for kind, names in unexplained:
            got.details.append(f"extra {test}: {kind} by {sorted(names)[:4]}")
        if test in needs:
            outside, outside_found = outside + len(detections), outside_found + hits
            got.text.append(f"format not on the list {test}: {len(detections)} detections, {needs[test][0]}; needs {needs[test][1]}")
        else:
            right, total = right + hits, total + len(detections)
    rows = sum(len(detections) for detections in truth.values())
    got.text.append(f"TRUTH.tsv: {rows} rows of {len(truth)} tests; {total} in formats on the list, {outside} in others")
    note = f"{outside} more in formats not on the list ({outside_found} found); {extra} incidents beyond the expected"
    got.rows.append(report.Row("crowdsec detections", right, total, GOAL, note))
    return got
