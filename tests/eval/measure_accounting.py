# SPDX-License-Identifier: Apache-2.0
"""
Every file under data/logs goes through `onus trace`: no crash, and
lines = parsed + ignored + unparsed = the number of lines that an independent count gives.
A file that is no log may be refused, with a message and an exit code.
"""

import bz2
import gzip
import lzma
import os
import subprocess
import tempfile
import zipfile

import program
import report


def plain_bytes(path):
    if path.endswith(".zst"):
        return subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True).stdout
    for ending, opener in ((".gz", gzip.open), (".xz", lzma.open), (".bz2", bz2.open)):
        if path.endswith(ending):
            with opener(path, "rb") as file:
                return file.read()
    with open(path, "rb") as file:
        return file.read()


def count_lines(data):
    return data.count(b"\n") + (1 if data and not data.endswith(b"\n") else 0)


def files_below(root):
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            yield os.path.join(folder, name)


def check(path, name, got, rows):
    """True when the file is accounted for or refused in words."""
    try:
        document, code, error = program.trace(path)
        inputs = (document or {}).get("inputs") or []
        if not inputs:
            rows.append([name, f"refused ({code})", "", "", "", "", error.split("\n")[-1][:80]])
            if code == 0 or not error:
                got.broken.append(f"{name}: no input in the output, exit {code}, message {error!r}")
                return False
            return True
        lines, parsed, ignored, unparsed = (
            sum(entry.get(key) or 0 for entry in inputs) for key in ("lines", "parsed", "ignored", "unparsed"))
        formats = "+".join(sorted({entry.get("format") or "none" for entry in inputs}))
        rows.append([name, formats, lines, parsed, ignored, unparsed, f"exit {code}" if code else ""])
        counted = count_lines(plain_bytes(path))
        if lines != parsed + ignored + unparsed or lines != counted:
            got.broken.append(f"{name}: {parsed} + {ignored} + {unparsed} of {lines} lines, file has {counted}")
            return False
        return True
    except program.Crash as crash:
        got.broken.append(f"{name}: {crash}")
        return False


def measure():
    got, rows = report.Measured(), []
    root = program.shared("data", "logs")
    right = total = 0
    for path in files_below(root):
        name = os.path.relpath(path, root)
        total += 1
        right += check(path, name, got, rows)
        if path.endswith(".zip"):  # not a format onus reads; what is inside is
            with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory(prefix="onus-eval-") as folder:
                for member in sorted(archive.namelist()):
                    total += 1
                    right += check(archive.extract(member, folder), f"{name}:{member}", got, rows)
    header = ["file", "format", "lines", "parsed", "ignored", "unparsed", ""]
    plain = [row for row in rows if not row[0].startswith("labelled_crowdsec/")]
    rest = [row for row in rows if row[0].startswith("labelled_crowdsec/") and row[0].endswith(".log")]
    got.text += report.table(header, plain)
    got.text.append(f"labelled_crowdsec: {len(rest)} logs, {sum(row[5] or 0 for row in rest)} lines unparsed (list with -v)")
    got.details += report.table(header, rest)
    got.rows.append(report.Row("files accounted for line by line", right, total, 1.0))
    return got
