# SPDX-License-Identifier: Apache-2.0
"""
A log of mostly ordinary visitors (elastic's sample of 10,000 requests): every incident and every line
with a finding is listed, so that each can be judged by a person.
"""

from collections import Counter

import program
import report

KNOWN_ATTACK_LINES = 18  # what a signature grep finds in it


def measure():
    got = report.Measured()
    path = program.shared("data", "logs", "web", "elastic_apache_logs.log.zst")
    document = program.traced(path)
    incidents = document.get("incidents") or []
    for incident in incidents:
        sources = ", ".join(sorted(program.incident_sources(document, incident))[:5])
        what = ", ".join(program.tally_names(incident, "findings")[:6])
        target = ", ".join(program.tally_names(incident, "target_list")[:3])
        got.text.append(f"incident {incident.get('kind')} {incident.get('attempts')} attempts by {sources} [{what}] {target}")
    flagged = [record for record in program.explain(path) if record.hostile()]
    kinds = Counter(finding for record in flagged for finding in (record.get("findings") or []))
    got.text.append(f"{len(flagged)} lines with a finding: " + ", ".join(f"{name} {n}" for name, n in kinds.most_common()))
    for record in flagged:
        got.text.append(f"line {record.line}: {','.join(record.get('findings') or [])} {record.get('source')} "
                        f"{record.get('status')} {str(record.get('target'))[:90]} | {str(record.get('agent'))[:50]}")
    got.rows.append(report.Row("elastic_apache lines without a finding", 10000 - len(flagged), 10000, None,
                               f"{len(incidents)} incidents, a grep for attack words finds {KNOWN_ATTACK_LINES} lines"))
    return got
