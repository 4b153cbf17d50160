"""Gives results as arrays of the caller's kind."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Where a library's arrays are defined in another module than the one that makes them.
_LIBRARIES = {"jaxlib": "jax.dlpack", "jax": "jax.dlpack"}


def like(caller: Any, result: NDArray[Any]) -> Any:
    """`result` as an array of the library that `caller` comes from, without a copy."""
    if isinstance(caller, np.ndarray):
        return result
    # Of a subclass that another package defines, the library is that of a base.
    for kind in type(caller).__mro__:
        library = kind.__module__.partition(".")[0]
        from_dlpack = getattr(sys.modules.get(_LIBRARIES.get(library, library)), "from_dlpack", None)
        if from_dlpack is not None:
            return from_dlpack(result)
    return result


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
