"""LSH and full attention as differentiable functions of PyTorch tensors."""

from __future__ import annotations

import os
from typing import Any, Union

import torch

from . import attention
from ._native import Error
from .model import Model

__all__ = ["full_attention", "load_model", "lsh_attention"]


class _Attention(torch.autograd.Function):
    """One call; `kind` is "lsh" or "full", and `options` are the keywords of that function."""

    @staticmethod
    def forward(ctx: Any, qk: Any, v: Any, kind: str, options: dict[str, Any]) -> Any:
        forward = getattr(attention, f"{kind}_attention")
        out, ctx.plan = forward(qk.detach(), v.detach(), return_plan=True, **options)
        ctx.save_for_backward(qk, v, out)
        ctx.kind = kind
        ctx.threads = options.get("threads", 0)
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, dout: Any) -> Any:
        qk, v, out = ctx.saved_tensors
        backward = getattr(attention, f"{ctx.kind}_attention_backward")
        dqk, dv = backward(
            dout.contiguous(), qk.detach(), v.detach(), out.detach(), ctx.plan, threads=ctx.threads
        )
        return dqk, dv, None, None


def _apply(kind: str, qk: Any, v: Any, options: dict[str, Any]) -> torch.Tensor:
    for name, tensor in (("qk", qk), ("v", v)):
        if not isinstance(tensor, torch.Tensor):
            raise TypeError(
                f"[{name}] expected a PyTorch tensor, found {type(tensor).__name__}; "
                f"try reformer.{kind}_attention"
            )
    if "return_plan" in options:
        raise TypeError(
            f"[return_plan] expected none, as gradients keep the plan; try reformer.{kind}_attention"
        )
    return _Attention.apply(qk, v, kind, options)


def lsh_attention(qk: torch.Tensor, v: torch.Tensor, **options: Any) -> torch.Tensor:
    """`reformer.lsh_attention` with gradients.   qk, v, result: float32 [B, T, H, D]

    Takes its keywords, but for return_plan. The backward pass replays the plan of the forward pass.
    """
    return _apply("lsh", qk, v, options)


def full_attention(qk: torch.Tensor, v: torch.Tensor, **options: Any) -> torch.Tensor:
    """`reformer.full_attention` with gradients.   qk, v, result: float32 [B, T, H, D]"""
    return _apply("full", qk, v, options)


def load_model(path: Union[str, os.PathLike[str]], program: str, **settings: Any) -> Model:
    """The model in a .pth file of another program: a state dict, or what holds one as "model".

    PyTorch reads it with `weights_only`, which lets a file hold tensors and plain containers only. Before
    version 2.10 that guard had holes (CVE-2025-32434 and others): files that you do not trust need a
    PyTorch without them.

    Args:
        program, settings: as of `reformer.Model.from_state_dict`.

    Raises:
        Error: the file is missing, damaged, or holds something else.
    """
    where = os.fspath(path)
    try:
        content = torch.load(where, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file makes PyTorch raise nearly anything
        reason = str(error).partition("\n")[0].rpartition("WeightsUnpickler error: ")[2]
        raise Error(
            f"[{where}] expected a file of tensors that torch.save wrote, found other content or none "
            f"({reason}); try torch.save(model.state_dict(), path)"
        ) from None
    if isinstance(content, dict) and isinstance(content.get("model"), dict):
        content = content["model"]
    tensors = content.items() if isinstance(content, dict) else [("the file", content)]
    for name, tensor in tensors:
        if not isinstance(tensor, torch.Tensor):
            raise Error(f"[{where}] expected a tensor, found {type(tensor).__name__} as {name!r}")
    if not isinstance(content, dict):
        raise Error(f"[{where}] expected a dict of tensors, found one tensor; try a state dict")
    return Model.from_state_dict(
        program, {name: tensor.detach().numpy() for name, tensor in content.items()}, **settings
    )
