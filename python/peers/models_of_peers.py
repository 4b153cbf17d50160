"""Their models, run by their own code in double precision. Only the call that draws random rotations
is replaced."""

from __future__ import annotations

from unittest import mock

import numpy as np
import torch
from model_cases import CHUNK, HEADS, INNER, VOCABULARY, WIDTH, ModelCase


def given(rotations: np.ndarray, calls_per_layer: int, chunks: int):
    """Makes torch.randn return the rotations [L, H, D, R, N/2], layer by layer: in one call for all
    heads, in one for the first head that all share, or in one for each head; and again for each
    chunk of attention. As often as asked, for a backward pass may draw again."""
    calls = iter(range(2 * len(rotations) * max(1, calls_per_layer) * chunks))

    def randn(*shape, **_):
        wanted = tuple(shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape)
        layer, head = divmod(next(calls) // chunks, max(1, calls_per_layer))
        if layer >= len(rotations):  # backward, from the last layer to the first
            layer = 2 * len(rotations) - 1 - layer
        drawn = rotations[layer] if calls_per_layer == 0 else rotations[layer, head]
        return torch.from_numpy(drawn).double().reshape(wanted)

    return mock.patch("torch.randn", randn)


def reformer_fastai(case: ModelCase):
    from reformer_fastai.reformer import LSHLM

    axial = dict(axial_shape=(4, case.length // 4), axial_emb_dims=(3, WIDTH - 3))
    return LSHLM(
        VOCABULARY, WIDTH, n_layers=case.layers, n_heads=HEADS, d_ff=INNER, causal=case.causal,
        max_seq_len=case.length, tie_weights=case.ties_output, prenorm=case.pre_norm,
        use_lsh=case.rounds > 0, n_hashes=max(1, case.rounds), bucket_size=CHUNK,
        **(dict(pos_enc="axial", **axial) if case.position == "axial" else {}),
    )  # fmt: skip


def reformer_pytorch(case: ModelCase):
    from reformer_pytorch import ReformerLM

    position = {"learned": "absolute", "fixed": "fixed", "axial": "axial"}.get(case.position)
    options = dict(case.options)
    arguments = dict(
        heads=HEADS, dim_head=case.head_dim, bucket_size=CHUNK, n_hashes=max(1, case.rounds),
        causal=case.causal, ff_mult=2, ff_chunks=2,
        use_full_attn=not case.rounds and "full_attn_thres" not in options,
        axial_position_shape=(4, case.length // 4),
    )  # fmt: skip
    if position:
        arguments[f"{position}_position_emb"] = True
    if case.activation == "relu":
        arguments["ff_activation"] = torch.nn.ReLU
    return ReformerLM(VOCABULARY, WIDTH, case.layers, case.length, **arguments | options)


def huggingface(case: ModelCase):
    import transformers

    axial = case.position == "axial"
    arguments = dict(
        vocab_size=VOCABULARY, hidden_size=WIDTH, attention_head_size=case.head_dim,
        num_attention_heads=HEADS, feed_forward_size=INNER, attn_layers=["lsh"] * case.layers,
        num_hashes=max(1, case.rounds), num_buckets=list(case.factors) if len(case.factors) > 1 else case.buckets,
        lsh_attn_chunk_length=CHUNK if case.rounds else case.length, hidden_act=case.activation,
        is_decoder=case.causal,
        max_position_embeddings=case.length, axial_pos_embds=axial,
        axial_pos_shape=(4, case.length // 4), axial_pos_embds_dim=(3, WIDTH - 3),
        chunk_size_feed_forward=4, hidden_dropout_prob=0.0, use_cache=False,
    )  # fmt: skip
    kind = "ReformerModelWithLMHead" if case.causal else "ReformerForMaskedLM"
    config = transformers.ReformerConfig(**arguments | dict(case.options))
    return getattr(transformers, kind)(config)


# Program: how to build its model, its package, and how often a layer draws rotations: for each head,
# once for the one set that all heads share, or (0) once for all heads.
MODELS = {
    "reformer-fastai": (reformer_fastai, "reformer-fastai", HEADS),
    "reformer-pytorch": (reformer_pytorch, "reformer-pytorch", 1),
    "huggingface": (huggingface, "transformers", 0),
}
