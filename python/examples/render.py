"""Runs a notebook in percent format and writes it with what it prints and draws: render.py NOTEBOOK FILE.md

scripts/render_examples.sh calls it where Jupyter's libraries are. Figures lie beside the page."""

from __future__ import annotations

import pathlib
import re
import sys

import jupytext
import nbclient
import nbconvert
import nbformat


def render(notebook_path: pathlib.Path, page: pathlib.Path) -> None:
    notebook = jupytext.read(notebook_path)
    setup = "%matplotlib inline\n%config InlineBackend.figure_formats = ['svg']"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(setup))
    nbclient.NotebookClient(notebook, timeout=600, coalesce_streams=True).execute()
    del notebook.cells[0]
    # What a cell draws is read out by its words.
    words = [cell.metadata["figure"] for cell in notebook.cells if "figure" in cell.metadata]
    exporter = nbconvert.MarkdownExporter()
    text, resources = exporter.from_notebook_node(notebook)
    figures = re.findall(r"!\[svg\]\((.*)\)", text)
    assert len(figures) == len(words), "each cell that draws says what in figure=..."
    for number, (old, alternative) in enumerate(zip(figures, words), 1):
        name = f"{page.stem}-{number}.svg"
        drawn = resources["outputs"][old].decode().rstrip()
        (page.parent / name).write_text("\n".join(x.rstrip() for x in drawn.splitlines()) + "\n")
        text = text.replace(f"![svg]({old})", f"![{alternative}]({name})")
    lines = [line.rstrip() for line in text.strip().splitlines()]
    parts = re.split(r"(^```python\n.*?^```$)", "\n".join(lines), flags=re.MULTILINE | re.DOTALL)
    parts[::2] = [re.sub(r"\n{3,}", "\n\n", part) for part in parts[::2]]  # not in code
    page.write_text("".join(parts) + "\n")


if __name__ == "__main__":
    render(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
