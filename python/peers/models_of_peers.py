"""Their models, run by their own code in double precision. Only the call that draws random rotations
is replaced."""

from __future__ import annotations

from unittest import mock

import numpy as np
import torch
from model_cases import CHUNK, HEADS, INNER, VOCABULARY, WIDTH, ModelCase


def given(rotations: np.ndarray, calls_per_layer: int):
    """Makes torch.randn return the rotations [L, H, D, R, N/2], layer by layer, head by head."""
    calls = iter(range(len(rotations) * calls_per_layer))

    def randn(*shape, **_):
        layer, head = divmod(next(calls), calls_per_layer)
        wanted = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        return torch.from_numpy(rotations[layer, head]).double().reshape(tuple(wanted))

    return mock.patch("torch.randn", randn)


def reformer_fastai(case: ModelCase):
    from reformer_fastai.reformer import LSHLM

    axial = dict(axial_shape=(4, case.length // 4), axial_emb_dims=(3, WIDTH - 3))
    return LSHLM(
        VOCABULARY, WIDTH, n_layers=case.layers, n_heads=HEADS, d_ff=INNER, causal=case.causal,
        max_seq_len=case.length, tie_weights=not case.pre_norm, prenorm=case.pre_norm,
        use_lsh=case.rounds > 0, n_hashes=max(1, case.rounds), bucket_size=CHUNK,
        **(dict(pos_enc="axial", **axial) if case.axial else {}),
    )  # fmt: skip


# Program: how to build its model, its package, and how often a layer draws rotations.
MODELS = {"reformer-fastai": (reformer_fastai, "reformer-fastai", HEADS)}
