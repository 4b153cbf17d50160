"""Whatever is passed, an exception says what is wrong with it."""

import numpy as np
import pytest

import reformer

GOOD = dict(hash_rounds=2, buckets=4, chunk=4)


def qk(*shape, dtype=np.float32):
    return np.ones(shape or (1, 16, 2, 4), dtype)


def with_value(value):
    array = qk()
    array[0, 3, 1, 2] = value
    return array


CASES = [
    (dict(qk=qk(dtype=np.float64)), TypeError, "[qk] expected elements of type float32"),
    (dict(qk=qk(dtype=np.int32)), TypeError, "[qk] expected elements of type float32"),
    (dict(v=qk(dtype=np.float16)), TypeError, "[v] expected elements of type float32"),
    (dict(qk=qk(dtype=">f4")), TypeError, "[qk] expected numbers in the byte order of this machine"),
    (dict(v=qk(dtype=object)), TypeError, "[v] expected numbers"),
    (dict(qk=[[1.0]]), TypeError, "[qk] expected an array"),
    (dict(qk=None), TypeError, "[qk] expected an array"),
    (dict(qk=qk(16, 2, 4)), reformer.Error, "[qk] expected four dimensions"),
    (dict(v=qk(1, 16, 2, 5)), reformer.Error, "[v] expected the shape of qk"),
    (dict(qk=qk(0, 16, 2, 4), v=qk(0, 16, 2, 4)), reformer.Error, "at least one element"),
    (dict(qk=qk(1, 0, 2, 4), v=qk(1, 0, 2, 4)), reformer.Error, "at least one element"),
    (dict(qk=qk(1, 16, 0, 4), v=qk(1, 16, 0, 4)), reformer.Error, "at least one element"),
    (dict(qk=qk(1, 16, 2, 0), v=qk(1, 16, 2, 0)), reformer.Error, "at least one element"),
    (dict(qk=qk(1, 16, 2, 8)[..., ::2]), reformer.Error, "[qk] expected a last dimension without"),
    (dict(qk=with_value(np.nan)), reformer.Error, "found nan at [0, 3, 1, 2]"),
    (dict(v=with_value(-np.inf)), reformer.Error, "found -inf at [0, 3, 1, 2]"),
    (dict(hash_rounds=0), reformer.Error, "1 to 64 hash rounds"),
    (dict(hash_rounds=10**9), reformer.Error, "1 to 64 hash rounds"),
    (dict(hash_rounds=10**30), reformer.Error, "[hash_rounds]"),
    (dict(hash_rounds=1.5), TypeError, "[hash_rounds] expected an integer, found float"),
    (dict(buckets=3), reformer.Error, "even number of buckets"),
    (dict(buckets=2**62), reformer.Error, "[buckets]"),
    (dict(chunk=5), reformer.Error, "divides the sequence length 16"),
    (dict(chunk=-4), reformer.Error, "divides the sequence length 16"),
    (dict(semantics="sead"), reformer.Error, "did you mean 'seed'?"),
    (dict(semantics={"full_owm": "allowed"}), reformer.Error, "full_own"),
    (dict(semantics={"full_own_value": float("nan")}), reformer.Error, "semantics"),
    (dict(semantics=7), TypeError, "[semantics]"),
    (dict(rotations=qk(4, 2, 2), seed=1), reformer.Error, "[seed]"),
    (dict(rotations=qk(5, 2, 2)), reformer.Error, "[rotations] expected vectors of the width"),
    (dict(rotations=qk(4, 3, 2)), reformer.Error, "[rotations] expected 2 rounds"),
    (dict(rotations=qk(3, 4, 2, 2)), reformer.Error, "[rotations] expected 2 heads"),
    (dict(rotations=qk(2, 2)), reformer.Error, "[rotations] expected [D, R, N/2]"),
    (dict(rotations=qk(4, 2, 2) * np.float32(np.nan)), reformer.Error, "[rotations] expected fin"),
    (dict(rotations=qk(4, 2, 4)[..., ::2]), reformer.Error, "without gaps"),
    (dict(seed=-1), reformer.Error, "[seed]"),
    (dict(valid=np.ones((1, 15), bool)), reformer.Error, "[valid] expected one value"),
    (dict(valid=np.ones((16,), bool)), reformer.Error, "[valid] expected two dimensions"),
    (dict(valid=np.ones((1, 16), np.float32)), TypeError, "[valid]"),
    (dict(threads=-1), reformer.Error, "[threads]"),
    (dict(threads=10**6), reformer.Error, "[threads]"),
]


@pytest.mark.parametrize("changes, kind, text", CASES, ids=[f"{i}" for i in range(len(CASES))])
def test_mistake(changes, kind, text):
    with pytest.raises(kind) as caught:
        reformer.lsh_attention(**{"qk": qk(), "v": qk(), **GOOD, **changes})
    assert text in str(caught.value)


def test_the_same_call_without_a_mistake():
    assert reformer.lsh_attention(qk(), qk(), **GOOD).shape == (1, 16, 2, 4)


def test_backward_refuses_another_plan():
    x = qk()
    out, plan = reformer.lsh_attention(x, x, **GOOD, return_plan=True)
    with pytest.raises(reformer.Error, match=r"\[plan\] expected the plan of full_attention"):
        reformer.full_attention_backward(x, x, x, out, plan)
    with pytest.raises(reformer.Error, match=r"\[plan\] expected a plan of 1 sequences of 8 tokens"):
        reformer.lsh_attention_backward(*[qk(1, 8, 2, 4)] * 4, plan)
    with pytest.raises(TypeError, match=r"\[plan\] expected the AttentionPlan"):
        reformer.lsh_attention_backward(x, x, x, out, None)
    with pytest.raises(reformer.Error, match=r"\[dout\] expected finite"):
        reformer.lsh_attention_backward(with_value(np.nan), x, x, out, plan)


def test_a_shape_beyond_all_bounds_is_refused_before_there_is_room_for_it():
    x = np.broadcast_to(np.float32(0), (1, 2**34, 1, 1))
    with pytest.raises(reformer.Error, match="at most 16777216 tokens"):
        reformer.full_attention(x, x)
    with pytest.raises(reformer.Error, match="at most 16777216 tokens"):
        reformer.lsh_attention(x, x, **GOOD)


class Speaks:
    """An array of no library that is loaded: only DLPack."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def test_whatever_speaks_dlpack_is_read(tensors):
    qk, v, _ = tensors(1, 32, 2, 8)
    out = reformer.full_attention(Speaks(qk), Speaks(v))
    assert isinstance(out, np.ndarray)
    assert (out == reformer.full_attention(qk, v)).all()
