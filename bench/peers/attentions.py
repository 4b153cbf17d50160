"""Attention alone, [H, T, D] -> [H, T, D], as each program has it. A maker takes hash rounds and tokens."""

from __future__ import annotations

from typing import Callable

import torch
import torch.nn.functional as F
from models import huggingface_config
from task import CHUNK, HEAD_DIM, HEADS, WIDTH


def pytorch(qk: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Causal attention of unit keys."""
    q, k, v = qk[None], F.normalize(qk, dim=-1)[None], v[None]
    return F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=1.0)[0]


def reformer_fastai(rounds: int, tokens: int) -> Callable:
    from reformer_fastai.attention import LSHAttention, ScaledDotProdAttention

    if rounds:
        attention = LSHAttention(bucket_size=CHUNK, n_hashes=rounds, causal=True)
        return lambda qk, v: attention(qk, qk, v)[0]
    attention = ScaledDotProdAttention(WIDTH, HEADS, causal=True, shared_qk=True)

    def attend(qk: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        flat = [x.transpose(0, 1).reshape(1, tokens, WIDTH) for x in (qk, qk, v)]
        return attention(*flat).reshape(tokens, HEADS, HEAD_DIM).transpose(0, 1)

    return attend


def reformer_pytorch(rounds: int, tokens: int) -> Callable:
    from reformer_pytorch.reformer_pytorch import FullQKAttention, LSHAttention

    attention = LSHAttention(bucket_size=CHUNK, n_hashes=rounds, causal=True) if rounds else FullQKAttention(causal=True)
    return lambda qk, v: attention(qk, v)[0]


class Given(torch.nn.Module):
    """In place of a projection: what it would give."""

    rows: torch.Tensor

    def forward(self, _: torch.Tensor) -> torch.Tensor:
        return self.rows


def huggingface(rounds: int, tokens: int) -> Callable:
    """Its layer projects hidden states [1, T, H D]. The others have no projections here, so what these would give is given."""
    from transformers.models.reformer.modeling_reformer import LSHSelfAttention

    layer = LSHSelfAttention(huggingface_config(rounds, tokens)).train()
    layer.query_key, layer.value = Given(), Given()

    def attend(qk: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        layer.query_key.rows, layer.value.rows = (x.transpose(0, 1).reshape(1, tokens, WIDTH) for x in (qk, v))
        out = layer(hidden_states=layer.value.rows, num_hashes=rounds).hidden_states
        return out.reshape(tokens, HEADS, HEAD_DIM).transpose(0, 1)

    return attend


FULL = {
    "PyTorch, eager": lambda *_: pytorch,
    "PyTorch, compiled": lambda *_: torch.compile(pytorch),
    "reformer-fastai": reformer_fastai,
    "reformer-pytorch": reformer_pytorch,
}
LSH = {"reformer-fastai": reformer_fastai, "reformer-pytorch": reformer_pytorch, "transformers": huggingface}
