"""Their attention, run by their own code. Only the call that draws random rotations is replaced.

Everything is in double precision, so that what is recorded is what their arithmetic means, not how
a float rounds it; but reformer_fastai takes the log of how often a pair was met in float, which
differs from one PyTorch to the next by a bit. Each function takes qk and v [B, T, H, D] and gives
out [B, T, H, D] and, for LSH, buckets [B, H, R, T].
"""

from __future__ import annotations

from unittest import mock

import torch
from cases import CHUNK, Case


def merged(x: torch.Tensor) -> torch.Tensor:
    """[B, T, H, D] -> [B H, T, D]"""
    return x.transpose(1, 2).flatten(0, 1)


def parted(x: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """[B H, T, D] -> [B, T, H, D]"""
    batch, length, heads, dim = like.shape
    return x.reshape(batch, heads, length, dim).transpose(1, 2)


def given(rotations: torch.Tensor):
    """Makes torch.randn return the rotations, in the shape that is asked for."""

    def randn(*shape, **_):
        wanted = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        return rotations.double().reshape(tuple(wanted))

    return mock.patch("torch.randn", randn)


def per_round(buckets: torch.Tensor, rounds: int, like: torch.Tensor) -> torch.Tensor:
    """Their numbers [B H, R T] count on from round to round; ours start at 0 in each."""
    batch, length, heads, _ = like.shape
    offsets = torch.arange(rounds)[:, None] * (length // CHUNK)
    return buckets.reshape(batch, heads, rounds, length) - offsets


def lucidrains(qk, v, case: Case, rotations):
    from reformer_pytorch.reformer_pytorch import FullQKAttention, LSHAttention

    if not case.rounds:
        out, _, _ = FullQKAttention(causal=case.causal)(merged(qk), merged(v))
        return parted(out, qk), None
    attention = LSHAttention(bucket_size=CHUNK, n_hashes=case.rounds, causal=case.causal)
    with given(rotations):
        out, _, buckets = attention(merged(qk), merged(v))
    return parted(out, qk), per_round(buckets, case.rounds, qk)


def seed(qk, v, case: Case, rotations):
    from reformer_fastai.attention import LSHAttention, ScaledDotProdAttention

    batch, length, heads, dim = qk.shape
    if not case.rounds:
        attention = ScaledDotProdAttention(heads * dim, heads, causal=case.causal, shared_qk=True)
        flat = qk.reshape(batch, length, -1)
        return attention(flat, flat, v.reshape(batch, length, -1)).reshape(qk.shape), None
    attention = LSHAttention(bucket_size=CHUNK, n_hashes=case.rounds, causal=case.causal)
    with given(rotations):
        out, _, buckets = attention(merged(qk), merged(qk), merged(v))
    return parted(out, qk), per_round(buckets, case.rounds, qk)


def huggingface(qk, v, case: Case, rotations):
    """Their layer projects hidden states; with [qk, v] as these and a part of the identity as each
    projection, what its attention sees is qk and v."""
    from transformers import ReformerConfig
    from transformers.models.reformer.modeling_reformer import LSHSelfAttention

    batch, length, heads, dim = qk.shape
    width = heads * dim
    layer = LSHSelfAttention(
        ReformerConfig(
            attention_head_size=dim,
            num_attention_heads=heads,
            hidden_size=2 * width,
            num_hashes=case.rounds,
            num_buckets=length // CHUNK,
            lsh_attn_chunk_length=CHUNK,
            is_decoder=case.causal,
            attn_layers=["lsh"],
            use_cache=False,
        )
    ).double()
    identity = torch.eye(2 * width, dtype=torch.float64)
    layer.query_key.weight.data, layer.value.weight.data = identity[:width], identity[width:]
    hidden = torch.cat([qk.flatten(2), v.flatten(2)], -1)
    with given(rotations):
        result = layer(hidden_states=hidden, num_hashes=case.rounds)
    buckets = result.buckets.reshape(batch, heads, case.rounds, length)
    offsets = torch.arange(case.rounds)[:, None] * (length // CHUNK)
    return result.hidden_states.reshape(qk.shape), buckets - offsets


PEERS = {
    "lucidrains": (lucidrains, "reformer-pytorch", False),
    "seed": (seed, "reformer-fastai", False),
    "huggingface": (huggingface, "transformers", True),
}
