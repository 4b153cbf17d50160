"""The table of a comparison, as Markdown."""

from __future__ import annotations

from typing import Any

KINDS = {
    "step": "Training steps: one layer of 256, 4 heads of 64, 1,024 tokens",
    "attention": "Attention alone: forward and backward of 4 heads of 64, one sequence",
}


def attention_of(row: dict[str, Any]) -> str:
    return f"LSH-{row['rounds']}" if row["rounds"] else "full"


def mebibytes(size: int) -> str:
    return f"{size / 2**20:,.0f}"


def machine_of(machine: dict[str, Any]) -> str:
    return f"{machine['cpu']} ({machine['simd']}), {machine['threads']} threads, commit {machine['commit']}"


def line_of(row: dict[str, Any]) -> str:
    size = row["batch"] if row["kind"] == "step" else f"{row['tokens']:,}"
    ours = row["ours"]
    if "limit_bytes" in row:  # it was too little for the peer
        cells = [attention_of(row), row["peer"], size, "-", f"{ours['seconds']:.3g}", "-",
                 f"more than {mebibytes(row['limit_bytes'])}", "-", mebibytes(ours["peak_bytes"]),
                 f"more than {row['limit_bytes'] / ours['peak_bytes']:.0f}"]  # fmt: skip
        return f"| {' | '.join(map(str, cells))} |"
    cells = [attention_of(row), row["peer"], size, f"{row['seconds']:.3g}", f"{ours['seconds']:.3g}",
             f"{row['times_slower']:.1f}", mebibytes(row["peak_bytes"]), mebibytes(row["idle_bytes"]),
             mebibytes(ours["peak_bytes"]), f"{row['times_memory']:.1f}"]  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def markdown(document: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in document["versions"].items())
    rows = document["rows"]
    machines = sorted({machine_of(row["machine"]) for row in rows})
    dates = sorted({row["date"] for row in rows})
    seeds = sorted({row["seed"] for row in rows})
    lines = [
        "# Public programs beside this one", "",
        f"Written by `bench/peers/run`. {'; '.join(machines)}; {' and '.join(dates)}; seed {', '.join(map(str, seeds))}.", "",
        f"{versions}.", "",
        "Both take turns; medians. Memory is the largest resident set of the whole process, in MiB; *idle* is what the peer's",
        "has before it makes its model: Python, PyTorch and libraries. *Times* is the peer's beside ours.", "",
    ]  # fmt: skip
    for kind, title in KINDS.items():
        if not any(row["kind"] == kind for row in rows):
            continue
        size = "batch" if kind == "step" else "tokens"
        lines += [f"## {title}", ""]
        lines += [f"| attention | program | {size} | seconds | ours | times slower | MiB | idle | ours | times the memory |"]
        lines += ["|---|---|---:|---:|---:|---:|---:|---:|---:|---:|"]
        lines += [line_of(row) for row in rows if row["kind"] == kind] + [""]
    return "\n".join(lines[:-1]) + "\n"
