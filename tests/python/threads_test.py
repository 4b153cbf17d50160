"""Calls that compute let other Python threads run meanwhile."""

import threading
import time

import numpy as np
import pytest

import reformer

LSH = dict(hash_rounds=4, buckets=8, chunk=64)


def attention_inputs():
    numbers = np.random.default_rng(0)
    return tuple(numbers.standard_normal((2, 1024, 4, 64), dtype=np.float32) for _ in range(3))


def model():
    preset = dict(reformer.model_preset("laptop"), attention="lsh", hash_rounds=4)
    return reformer.Model.initial(preset, seed=1)


def tokens_for(model, batch):
    return np.full((batch, model.config["length"]), 7)


def lsh():
    qk, v, _ = attention_inputs()
    return lambda: reformer.lsh_attention(qk, v, **LSH)


def lsh_backward():
    qk, v, dout = attention_inputs()
    out, plan = reformer.lsh_attention(qk, v, **LSH, return_plan=True)
    return lambda: reformer.lsh_attention_backward(dout, qk, v, out, plan)


def full():
    qk, v, _ = attention_inputs()
    return lambda: reformer.full_attention(qk, v)


def full_backward():
    qk, v, dout = attention_inputs()
    out, plan = reformer.full_attention(qk, v, return_plan=True)
    return lambda: reformer.full_attention_backward(dout, qk, v, out, plan)


def logits():
    ours = model()
    tokens = tokens_for(ours, 32)
    return lambda: ours.logits(tokens)


def loss_and_gradients():
    ours = model()
    tokens = tokens_for(ours, 32)
    scored = (64, 128)
    return lambda: ours.loss_and_gradients(tokens, tokens, scored=scored)


def evaluate():
    ours = model()
    return lambda: ours.evaluate(sequences=64)


def generate():
    ours = model()
    return lambda: ours.generate([[1, 2, 3]] * 2, tokens=8)


def initial():
    config = dict(reformer.model_preset("full"), layers=4)
    return lambda: reformer.Model.initial(config)


@pytest.mark.parametrize(
    "make",
    [
        lsh,
        lsh_backward,
        full,
        full_backward,
        logits,
        loss_and_gradients,
        evaluate,
        generate,
        initial,
    ],
)
def test_other_threads_run_during_a_call(make):
    call = make()
    call()
    calls = []

    def work():
        for _ in range(10):
            began = time.perf_counter()
            call()
            calls.append((began, time.perf_counter()))

    worker = threading.Thread(target=work)
    worker.start()
    looks = []
    while worker.is_alive():
        time.sleep(0.0002)
        looks.append(time.perf_counter())
    assert len(calls) == 10, "a call failed"
    assert min(end - begin for begin, end in calls) > 0.001, "too short to tell"
    # A call that kept the interpreter's lock would let this thread look at the clock before and after it only.
    seen = sum(
        any(begin + (end - begin) / 10 < look < end - (end - begin) / 10 for look in looks)
        for begin, end in calls
    )
    assert seen >= 5
