# SPDX-License-Identifier: Apache-2.0
"""What a measure hands back, and how it is printed."""

from dataclasses import dataclass, field


@dataclass
class Row:
    """One line of the final table."""

    name: str
    right: int
    total: int
    goal: float | None = None  # share of total that is wanted; None: shown only
    note: str = ""

    def share(self):
        return self.right / self.total if self.total else 1.0

    def met(self):
        return self.goal is None or self.share() >= self.goal


@dataclass
class Measured:
    """Rows for the table, details for -v, and what must never happen."""

    rows: list = field(default_factory=list)
    details: list = field(default_factory=list)  # strings, shown with -v
    text: list = field(default_factory=list)  # strings, always shown
    broken: list = field(default_factory=list)  # crashes and lines not accounted for


def table(header, rows):
    """Plain columns: first left, numbers right."""
    cells = [[str(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    out = []
    for row in cells:
        parts = []
        for i, cell in enumerate(row):
            number = cell.replace(".", "").replace("%", "").replace(",", "").lstrip("-").isdigit()
            parts.append(cell.rjust(widths[i]) if number and i else cell.ljust(widths[i]))
        out.append("  ".join(parts).rstrip())
    return out


def final_table(rows):
    out = []
    for row in rows:
        goal = "" if row.goal is None else f"{row.goal * 100:.0f} %"
        verdict = "" if row.goal is None else ("reached" if row.met() else "below")
        out.append([row.name, row.right, row.total, f"{row.share() * 100:.1f}%", goal, verdict, row.note])
    return table(["measure", "right", "of", "share", "goal", "", "note"], out)
