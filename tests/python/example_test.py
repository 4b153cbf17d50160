"""docs/python-example.md holds what its notebook prints today. scripts/render_examples.sh writes the page;
here the notebook's cells run without Jupyter, and those that draw do not."""

import contextlib
import io
import os
import pathlib
import re
import sys
import types

ROOT = pathlib.Path(__file__).parents[2]
PAGE = ROOT / "docs" / "python-example.md"
NOTEBOOK = ROOT / "python" / "examples" / "lsh_attention.py"


def cells_of_notebook():
    """Code and, of a cell that draws, the words for its figure."""
    text = NOTEBOOK.read_text()
    for head, body in re.findall(r"^# %%(.*)\n((?:(?!# %%).*\n?)*)", text, re.MULTILINE):
        if "[markdown]" not in head:
            words = re.search(r'figure="(.*)"', head)
            yield body.strip(), words and words[1]


def cells_of_page():
    """Code, what it printed, and the figure below it with its words."""
    text = PAGE.read_text()
    pattern = r"^```python\n(.*?)^```\n((?:\n|    [^\n]*\n)*)(?:!\[([^\n]*)\]\((\S*)\))?"
    for code, printed, words, file in re.findall(pattern, text, re.MULTILINE | re.DOTALL):
        lines = [line[4:] for line in printed.strip("\n").splitlines()]
        yield code.strip(), "\n".join(lines), words or None, file


def test_the_page_is_of_this_notebook():
    page = [(code, words) for code, _, words, _ in cells_of_page()]
    assert page == list(cells_of_notebook())
    figures = [PAGE.parent / file for _, _, _, file in cells_of_page() if file]
    assert sorted(figures) == sorted(PAGE.parent.glob("python-example-*.svg")) != []


def test_the_notebook_prints_what_the_page_says(program, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    for name in ("matplotlib", "matplotlib.pyplot"):  # imported, and not used
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setattr(sys.modules["matplotlib"], "pyplot", sys.modules["matplotlib.pyplot"], False)
    variables = {"__name__": "__main__"}
    for code, expected, words, _ in cells_of_page():
        printed = io.StringIO()
        if words is None:
            with contextlib.redirect_stdout(printed):
                exec(compile(code, str(NOTEBOOK), "exec"), variables)
        lines = [line.rstrip() for line in printed.getvalue().rstrip("\n").splitlines()]
        assert "\n".join(lines) == expected
