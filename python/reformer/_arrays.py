"""Gives results as arrays of the caller's kind."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray


def like(caller: Any, result: NDArray[Any]) -> Any:
    """`result` as an array of the library that `caller` comes from, without a copy."""
    if isinstance(caller, np.ndarray):
        return result
    library = sys.modules.get(type(caller).__module__.partition(".")[0])
    from_dlpack = getattr(library, "from_dlpack", None)
    return result if from_dlpack is None else from_dlpack(result)


def checked(name: str, array: Any) -> Any:
    """`array`, or a TypeError that says what is wrong with it as an array."""
    if getattr(array, "requires_grad", False):
        raise TypeError(
            f"[{name}] expected a tensor that needs no gradient, found one that does; "
            "try reformer.torch, or .detach()"
        )
    if isinstance(array, np.ndarray):
        if array.dtype.kind not in "biufc" or not array.dtype.isnative:
            raise TypeError(
                f"[{name}] expected numbers in the byte order of this machine, "
                f"found {array.dtype}; try .astype(numpy.float32)"
            )
        return array
    if hasattr(array, "__dlpack__"):
        return array
    raise TypeError(
        f"[{name}] expected an array (NumPy, or anything with DLPack), "
        f"found {type(array).__name__}; try numpy.asarray"
    )
