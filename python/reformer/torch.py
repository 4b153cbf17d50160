"""LSH and full attention as differentiable functions of PyTorch tensors."""

from __future__ import annotations

from typing import Any

import torch

from . import attention

__all__ = ["full_attention", "lsh_attention"]


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


def lsh_attention(qk: torch.Tensor, v: torch.Tensor, **options: Any) -> torch.Tensor:
    """`reformer.lsh_attention` with gradients.   qk, v, result: float32 [B, T, H, D]

    Takes its keywords, but for return_plan. The backward pass replays the plan of the forward pass.
    """
    return _Attention.apply(qk, v, "lsh", options)


def full_attention(qk: torch.Tensor, v: torch.Tensor, **options: Any) -> torch.Tensor:
    """`reformer.full_attention` with gradients.   qk, v, result: float32 [B, T, H, D]"""
    return _Attention.apply(qk, v, "full", options)
