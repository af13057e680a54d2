# SPDX-License-Identifier: Apache-2.0
"""Runs the measures and prints one table. See README.md beside this file."""

import argparse
import sys
import time

import measure_accounting
import measure_benign
import measure_cases
import measure_counts
import measure_crowdsec
import measure_fail2ban
import measure_loghub
import program
import report

MEASURES = {
    "fail2ban": measure_fail2ban.measure,
    "crowdsec": measure_crowdsec.measure,
    "cases": measure_cases.measure,
    "loghub": measure_loghub.measure,
    "counts": measure_counts.measure,
    "benign": measure_benign.measure,
    "accounting": measure_accounting.measure,
}


def run_one(name, verbose):
    started = time.monotonic()
    try:
        got = MEASURES[name]()
    except program.Crash as crash:
        got = report.Measured(broken=[f"{name}: {crash}"])
    except FileNotFoundError as missing:
        got = report.Measured(text=[f"skipped: {missing.filename} is not there"])
    print(f"\n== {name} ({time.monotonic() - started:.1f} s)")
    for line in got.text + (got.details if verbose else []) + got.broken:
        print(line)
    return got


def main():
    options = argparse.ArgumentParser(description="measure onus against labelled data")
    options.add_argument("-v", "--verbose", action="store_true", help="list every wrong decision")
    options.add_argument("--strict", action="store_true", help="exit 1 when a goal is not reached")
    options.add_argument("--only", action="append", choices=sorted(MEASURES), help="run only this measure")
    chosen = options.parse_args()

    rows, broken = [], []
    for name in chosen.only or MEASURES:
        got = run_one(name, chosen.verbose)
        rows += got.rows
        broken += got.broken
    print("\n== result")
    for line in report.final_table(rows):
        print(line)
    for line in broken:
        print(f"BROKEN {line}")
    below = [row for row in rows if not row.met()]
    return 1 if broken or (chosen.strict and below) else 0


if __name__ == "__main__":
    sys.exit(main())
