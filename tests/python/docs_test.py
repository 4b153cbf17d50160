"""The examples of docs/python.md print what they say."""

import doctest
import pathlib
import re
import shlex
import subprocess

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "python.md"


def test_examples_print_what_they_say(program, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (training,) = re.findall(r"^    reformer (train .*)$", PAGE.read_text(), re.MULTILINE)
    subprocess.run([program, *shlex.split(training), "--quiet"], check=True, capture_output=True)
    result = doctest.testfile(str(PAGE), module_relative=False)
    assert result.attempted >= 17
    assert result.failed == 0
