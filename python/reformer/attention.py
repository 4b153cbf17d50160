"""Full and LSH attention with one shared query-key projection, forward and backward."""

from __future__ import annotations

import json
from typing import Any, Optional

from . import _native
from ._arguments import Semantics, integer, semantics_and_changes
from ._arrays import checked, like


def semantics_names() -> list[str]:
    """Names of the published meanings of attention: "consistent", "seed", "paper", ..."""
    return list(_native.semantics_names())


def semantics_preset(name: str) -> dict[str, Any]:
    """Every switch of a published meaning. Change some and pass the result as `semantics`."""
    return dict(json.loads(_native.semantics_json(name)))


def lsh_attention(
    qk: Any,
    v: Any,
    *,
    hash_rounds: int,
    buckets: int,
    chunk: int,
    causal: bool = True,
    semantics: Semantics = "consistent",
    rotations: Any = None,
    seed: Optional[int] = None,
    valid: Any = None,
    return_plan: bool = False,
    threads: int = 0,
) -> Any:
    """Attention of each query to the keys that share a bucket with it.

    Args:
        qk: float32 [B, T, H, D], shared queries and keys.
        v: float32 [B, T, H, D].
        hash_rounds: R, 1 to 64.
        buckets: N of one round, even.
        chunk: S, a divisor of T; a query sees its own chunk and the one before.
        causal: a query sees no later key.
        semantics: name of a published meaning, or a dict of switches over "consistent".
        rotations: float32 [D, R, N/2], [H, D, R, N/2] or [B, H, D, R, N/2] to hash by; else they
            are drawn from `seed`.
        seed: of the rotations, 0 when absent. Not together with `rotations`.
        valid: bool or uint8 [B, T], False for padding; absent: no padding.
        return_plan: also return the AttentionPlan: buckets, order, what the gradient needs.
        threads: 0 for one per processor. Results do not depend on it.

    Returns:
        float32 [B, T, H, D]; with return_plan a pair of it and the plan.

    Raises:
        Error: shapes that do not fit, numbers that are not finite, settings out of range.
        TypeError: not arrays of float32 on the CPU.
    """
    if rotations is not None and seed is not None:
        raise _native.Error(
            "[seed] expected either rotations or a seed to draw them from, found both"
        )
    name, changes = semantics_and_changes(semantics)
    out, plan = _native.lsh_attention(
        checked("qk", qk),
        checked("v", v),
        integer("hash_rounds", hash_rounds),
        integer("buckets", buckets),
        integer("chunk", chunk),
        bool(causal),
        name,
        changes,
        None if rotations is None else checked("rotations", rotations),
        integer("seed", 0 if seed is None else seed, 0, 2**64 - 1),
        None if valid is None else checked("valid", valid),
        integer("threads", threads),
    )
    return (like(qk, out), plan) if return_plan else like(qk, out)


def full_attention(
    qk: Any,
    v: Any,
    *,
    causal: bool = True,
    semantics: Semantics = "consistent",
    valid: Any = None,
    return_plan: bool = False,
    threads: int = 0,
) -> Any:
    """Attention of each query to every key; memory is linear in T.

    Arguments, result and errors are those of `lsh_attention`.
    """
    name, changes = semantics_and_changes(semantics)
    out, plan = _native.full_attention(
        checked("qk", qk),
        checked("v", v),
        bool(causal),
        name,
        changes,
        None if valid is None else checked("valid", valid),
        integer("threads", threads),
    )
    return (like(qk, out), plan) if return_plan else like(qk, out)


def lsh_attention_backward(
    dout: Any, qk: Any, v: Any, out: Any, plan: _native.AttentionPlan, *, threads: int = 0
) -> tuple[Any, Any]:
    """Gradients of qk and v, given that of the output.

    Args:
        dout: float32 [B, T, H, D], gradient of the output.
        qk, v: as in the forward call.
        out, plan: what the forward call returned, with return_plan=True.

    Returns:
        dqk and dv, float32 [B, T, H, D]. No gradient flows through the hash.
    """
    return _backward("lsh", dout, qk, v, out, plan, threads)


def full_attention_backward(
    dout: Any, qk: Any, v: Any, out: Any, plan: _native.AttentionPlan, *, threads: int = 0
) -> tuple[Any, Any]:
    """Gradients of qk and v under full attention; see `lsh_attention_backward`."""
    return _backward("full", dout, qk, v, out, plan, threads)


def _backward(
    kind: str, dout: Any, qk: Any, v: Any, out: Any, plan: _native.AttentionPlan, threads: int
) -> tuple[Any, Any]:
    if not isinstance(plan, _native.AttentionPlan):
        raise TypeError(
            "[plan] expected the AttentionPlan of the forward call, "
            f"found {type(plan).__name__}; try return_plan=True"
        )
    if plan.kind != kind:
        raise _native.Error(f"[plan] expected the plan of {kind}_attention, found {plan.kind}")
    dqk, dv = _native.attention_backward(
        checked("dout", dout),
        checked("qk", qk),
        checked("v", v),
        checked("out", out),
        plan,
        integer("threads", threads),
    )
    return like(qk, dqk), like(qk, dv)
