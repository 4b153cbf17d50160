"""Attention in a few lines of NumPy, in double precision, for the tests to compare with."""

import numpy as np


def softmax(logits):
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


def consistent_attention(qk, v, may_see):
    """One head under `consistent` semantics.   qk, v: [T, D]   may_see: bool [T, T]"""
    qk, v = qk.astype(np.float64), v.astype(np.float64)
    logits = qk @ (qk / np.linalg.norm(qk, axis=-1, keepdims=True)).T
    np.fill_diagonal(logits, -1e4)
    return softmax(np.where(may_see, logits, -np.inf)) @ v


def causal_mask(length):
    return np.tril(np.ones((length, length), bool))


def buckets_of(qk, rotations):
    """qk: [T, D]   rotations: [D, R, N/2]   gives [R, T]"""
    rotated = np.einsum("td,drn->rtn", qk.astype(np.float64), rotations.astype(np.float64))
    return np.concatenate([rotated, -rotated], -1).argmax(-1)


def may_see_by_hash(buckets, chunk):
    """Pairs that meet in any round: same bucket, own chunk or the one before.   [R, T] -> [T, T]"""
    rounds, length = buckets.shape
    pairs = np.zeros((length, length), bool)
    for bucket in buckets:
        place = np.argsort(np.argsort(bucket, kind="stable"), kind="stable")
        back = place[:, None] // chunk - place[None, :] // chunk
        if rounds == 1:
            back %= length // chunk  # the ring
        pairs |= (bucket[:, None] == bucket[None, :]) & ((back == 0) | (back == 1))
    return pairs
