"""Values, gradients and plans of the attention functions."""

import numpy as np
import pytest

import plain
import reformer

ROUNDS, BUCKETS, CHUNK = 2, 6, 8
HASH = dict(hash_rounds=ROUNDS, buckets=BUCKETS, chunk=CHUNK)


def close(actual, expected, tolerance=1e-5):
    assert np.abs(actual - expected).max() <= tolerance * np.abs(expected).max()


def test_full_attention_equals_plain_arithmetic(tensors):
    qk, v, _ = tensors(2, 48, 3, 5)
    for causal in (True, False):
        out = reformer.full_attention(qk, v, causal=causal)
        mask = plain.causal_mask(48) if causal else np.ones((48, 48), bool)
        for b, h in np.ndindex(2, 3):
            close(out[b, :, h], plain.consistent_attention(qk[b, :, h], v[b, :, h], mask))


@pytest.mark.parametrize("shared", ["all", "sequences", "none"])
def test_lsh_attention_equals_plain_arithmetic(tensors, shared):
    qk, v, _ = tensors(2, 48, 3, 5)
    shape = {"all": (), "sequences": (3,), "none": (2, 3)}[shared]
    rotations = np.random.default_rng(1).standard_normal(
        (*shape, 5, ROUNDS, BUCKETS // 2), dtype=np.float32
    )
    out, plan = reformer.lsh_attention(qk, v, **HASH, rotations=rotations, return_plan=True)
    of_head = np.broadcast_to(rotations, (2, 3, 5, ROUNDS, BUCKETS // 2))
    for b, h in np.ndindex(2, 3):
        buckets = plain.buckets_of(qk[b, :, h], of_head[b, h])
        assert (plan.buckets[b, h] == buckets).all()
        assert (plan.order[b, h] == np.argsort(buckets, axis=-1, kind="stable")).all()
        mask = plain.may_see_by_hash(buckets, CHUNK) & plain.causal_mask(48)
        close(out[b, :, h], plain.consistent_attention(qk[b, :, h], v[b, :, h], mask))


def test_one_chunk_and_two_buckets_with_others_allowed_is_full_attention(tensors):
    qk, v, _ = tensors(2, 16, 2, 4)
    lsh = reformer.lsh_attention(
        qk, v, hash_rounds=1, buckets=2, chunk=16, semantics={"other_bucket": "allowed"}
    )
    close(lsh, reformer.full_attention(qk, v))


@pytest.mark.parametrize("kind", ["full", "lsh"])
@pytest.mark.parametrize("semantics", ["consistent", "seed", "lucidrains", "huggingface"])
def test_gradients_equal_central_differences(tensors, kind, semantics):
    # Not under "paper" and "trax": they subtract 1e5 and more from some logits, whose differences
    # a float then cannot hold.
    qk, v, dout = tensors(1, 16, 2, 4)
    rotations = np.random.default_rng(1).standard_normal((4, 2, 2), dtype=np.float32)
    options = dict(semantics=semantics)
    if kind == "lsh":
        options |= dict(hash_rounds=2, buckets=4, chunk=4, rotations=rotations)
    forward = getattr(reformer, f"{kind}_attention")
    out, plan = forward(qk, v, **options, return_plan=True)
    gradients = getattr(reformer, f"{kind}_attention_backward")(dout, qk, v, out, plan)
    for gradient, which in zip(gradients, (0, 1)):
        step = np.random.default_rng(2).standard_normal(qk.shape, dtype=np.float32)
        step *= np.float32(1e-3)  # small against the distance to another bucket
        losses, plans = [], []
        for sign in (1, -1):
            moved = [qk, v]
            moved[which] = moved[which] + sign * step
            moved_out, moved_plan = forward(*moved, **options, return_plan=True)
            losses.append((moved_out.astype(np.float64) * dout).sum())
            if kind == "lsh":
                plans.append(moved_plan.buckets)
        assert kind == "full" or all((p == plan.buckets).all() for p in plans)
        expected = (losses[0] - losses[1]) / 2
        actual = (gradient.astype(np.float64) * step).sum()
        # An output is rounded to 6e-8 of itself; the square of the step is lost.
        noise = 2e-6 * np.abs(out * dout).sum() / np.sqrt(out.size)
        assert abs(actual - expected) <= noise + 1e-3 * np.abs(gradient * step).sum()


def test_strides_are_read_where_they_are(tensors):
    qk, v, _ = tensors(2, 48, 3, 5)
    expected = reformer.lsh_attention(qk, v, **HASH, seed=1)
    heads_first = np.ascontiguousarray(qk.transpose(0, 2, 1, 3)).transpose(0, 2, 1, 3)
    wide = np.full((2, 48, 3, 9), np.nan, np.float32)
    wide[..., 2:7] = v
    assert (reformer.lsh_attention(heads_first, wide[..., 2:7], **HASH, seed=1) == expected).all()
    backwards = qk[:, ::-1]
    assert (
        reformer.full_attention(backwards, v)
        == reformer.full_attention(np.ascontiguousarray(backwards), v)
    ).all()
    qk.flags.writeable = False
    assert (reformer.lsh_attention(qk, v, **HASH, seed=1) == expected).all()


def test_threads_and_repetition_change_no_bit(tensors):
    qk, v, dout = tensors(3, 48, 3, 5)
    results = []
    for threads in (1, 2, 5):
        out, plan = reformer.lsh_attention(
            qk, v, **HASH, seed=3, return_plan=True, threads=threads
        )
        results.append(
            (out, *reformer.lsh_attention_backward(dout, qk, v, out, plan, threads=threads))
        )
    for other in results[1:]:
        for a, b in zip(results[0], other):
            assert (a == b).all()
    assert (reformer.lsh_attention(qk, v, **HASH, seed=4) != results[0][0]).any()


def test_padding_is_attended_to_by_itself_only(tensors):
    qk, v, _ = tensors(1, 16, 1, 4)
    valid = np.ones((1, 16), bool)
    valid[0, 3] = False
    out = reformer.full_attention(qk, v, valid=valid)
    mask = plain.causal_mask(16)
    mask[4:, 3] = False
    close(out[0, :, 0], plain.consistent_attention(qk[0, :, 0], v[0, :, 0], mask))


def test_plan_tells_what_was_lost(tensors):
    qk, v, _ = tensors(1, 16, 1, 4)
    qk[:] = qk[:, :1]  # all in one bucket, which overflows four chunks of four
    _, plan = reformer.lsh_attention(qk, v, hash_rounds=1, buckets=2, chunk=4, return_plan=True)
    assert plan.lost_pairs == 4 * 4 + 4 * 8
    assert plan.log_sum_exp.shape == (1, 1, 16)
    assert (plan.kind, plan.hash_rounds, plan.bucket_count, plan.chunk) == ("lsh", 1, 2, 4)
