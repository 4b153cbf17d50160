"""The examples of docs/python.md print what they say."""

import doctest
import pathlib

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "python.md"


def test_examples_print_what_they_say():
    result = doctest.testfile(
        str(PAGE), module_relative=False
    )
    assert result.attempted >= 8
    assert result.failed == 0
