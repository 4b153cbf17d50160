"""Arguments that several functions have in common."""

from __future__ import annotations

import json
import operator
from typing import Any, Mapping, Union

from . import _native

Semantics = Union[str, Mapping[str, Any]]


def semantics_and_changes(semantics: Semantics) -> tuple[str, str]:
    """Name of a preset, and changes to it as JSON."""
    if isinstance(semantics, str):
        return semantics, "{}"
    if not isinstance(semantics, Mapping):
        raise TypeError(
            f"[semantics] expected a name or a dict of switches, found {type(semantics).__name__}"
        )
    try:
        return "consistent", json.dumps(dict(semantics))
    except (TypeError, ValueError) as error:
        raise _native.Error(f"[semantics] expected numbers, texts and booleans: {error}") from None


def integer(name: str, value: Any, low: int = -(2**63), high: int = 2**63 - 1) -> int:
    """`value` as an integer from low to high, or an exception that names the argument."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"[{name}] expected an integer, found {type(value).__name__}") from None
    if not low <= number <= high:
        raise _native.Error(f"[{name}] expected {low} to {high}, found {number}")
    return number
