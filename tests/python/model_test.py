"""Language models: the same numbers as the program, gradients, files, and every mistake."""

import concurrent.futures
import json
import subprocess
import sys

import numpy as np
import pytest

import reformer

SMOKE = dict(reformer.model_preset("smoke"), attention="lsh", hash_rounds=2, layers=2)


def model_of(seed=3, **changes):
    return reformer.Model.initial({**SMOKE, **changes}, seed=seed)


def tokens_for(model, batch=2, seed=0):
    shape = (batch, model.config["length"])
    return np.random.default_rng(seed).integers(0, model.config["vocabulary"], shape)


def json_of(program, *arguments):
    command = [program, "eval", *arguments, "--json", "--quiet"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["cells"]


@pytest.mark.parametrize(
    "flags, options",
    [
        ([], {}),
        (["--attention", "full"], dict(attention="full")),
        (
            ["--attention", "lsh-3", "--rotation-seed", "5"],
            dict(attention="lsh-3", rotation_seed=5),
        ),
        (["--semantics", "paper"], dict(semantics="paper")),
        (["--sequences", "70", "--data-seed", "9"], dict(sequences=70, data_seed=9)),
        (["--buckets", "8", "--chunk-length", "4"], dict(buckets=8, chunk_length=4)),
        (["--form", "paper"], dict(form="paper")),
    ],
)
def test_evaluates_as_the_program_does(program, trained, flags, options):
    cells = json_of(program, trained, *flags)
    model = reformer.Model.from_run(trained)
    assert model.evaluate(**options) == cells[0]
    assert model.evaluate(**options, threads=3) == cells[0]


def test_evaluates_under_single_switches(trained):
    model = reformer.Model.from_run(trained)
    own = model.evaluate(attention="full", semantics="consistent")
    flipped = model.evaluate(attention="full", semantics={"full_own": "allowed"})
    assert flipped["semantics"] == "consistent, full_own=allowed"
    assert flipped["loss"] != own["loss"]


def test_saved_is_what_was_loaded(trained, tmp_path):
    model = reformer.Model.from_run(trained)
    model.save(tmp_path / "again.safetensors")
    original = (trained / "model.safetensors").read_bytes()
    assert (tmp_path / "again.safetensors").read_bytes() == original
    assert model.training["steps_done"] == 6
    again = reformer.Model.from_file(trained / "model.safetensors")
    assert again.config == model.config


def test_parameters_make_the_model(tmp_path):
    model = model_of()
    parameters = model.parameters
    assert parameters["layers.1.attention.qk.weight"].shape == (32, 32)
    assert {str(x.dtype) for x in parameters.values()} == {"float32"}
    with pytest.raises(ValueError, match="read-only"):
        parameters["output.bias"][0] = 1
    again = reformer.Model.from_parameters(SMOKE, parameters)
    x = tokens_for(model)
    assert (again.logits(x) == model.logits(x)).all()
    changed = {name: x.copy() for name, x in parameters.items()}
    changed["output.bias"][7] += 1
    moved = reformer.Model.from_parameters(SMOKE, changed).logits(x) - model.logits(x)
    assert np.allclose(moved[..., 7], 1, atol=1e-5) and (np.delete(moved, 7, -1) == 0).all()
    del model
    assert np.isfinite(parameters["output.bias"]).all()  # arrays keep the model alive


@pytest.mark.parametrize("shift", [False, True])
def test_logits_are_causal_and_predict_what_they_say(shift):
    model = model_of(input_shift=shift, attention="full")
    x = tokens_for(model)
    before = model.logits(x)
    assert before.shape == (2, 32, 128) and before.dtype == np.float32
    x[1, 10] = (x[1, 10] + 1) % 128
    changed = (model.logits(x) != before).any(-1)
    first = 11 if shift else 10
    assert not changed[0].any() and not changed[1, :first].any() and changed[1, first:].all()


def test_logits_follow_the_attention_that_is_asked_for():
    model = model_of()
    x = tokens_for(model)
    own = model.logits(x)
    assert (model.logits(x, attention="lsh-2") == own).all()
    for other in (dict(attention="full"), dict(rotation_seed=1), dict(semantics="lucidrains")):
        assert (model.logits(x, **other) != own).any()


def test_generates_what_the_logits_say():
    model = model_of(semantics="seed")  # hashes all sequences alike
    prompts = tokens_for(model)[:, :20]
    for options in (dict(attention="full"), dict(attention="lsh-3"), {}):
        written = model.generate(prompts, 5, **options)
        assert written.shape == (2, 5) and written.dtype == np.int32
        x = np.zeros((2, 32), int)  # what is not written yet is 0
        x[:, :20] = prompts
        for n in range(20, 25):
            expected = model.logits(x, **options)[:, n - 1].argmax(-1)
            assert (written[:, n - 20] == expected).all()
            x[:, n] = expected
    assert (model.generate(list(prompts[0])) == model.generate(prompts, 12)[0]).all()


def test_drawn_tokens_follow_the_seed():
    model = model_of()
    prompt = tokens_for(model)[0, :8]
    drawn = [model.generate(prompt, temperature=2.0, top_k=40, seed=seed) for seed in (1, 1, 2)]
    assert (drawn[0] == drawn[1]).all() and (drawn[0] != drawn[2]).any()
    likeliest = model.generate(prompt)
    assert (model.generate(prompt, temperature=2.0, top_k=1) == likeliest).all()


def test_gradients_equal_central_differences():
    model = model_of(attention="full")
    x, targets = tokens_for(model), tokens_for(model, seed=1)
    loss, gradients = model.loss_and_gradients(x, targets, scored=(8, 32))
    logits = model.logits(x)[:, 8:].astype(np.float64)
    probabilities = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    of_target = np.take_along_axis(probabilities, targets[:, 8:, None], -1)
    assert abs(loss + np.log(of_target).mean()) < 1e-5
    assert gradients.keys() == model.parameters.keys()
    numbers = np.random.default_rng(2)
    for name, gradient in gradients.items():
        # Along the gradient, and a little beside it, the loss changes enough for floats to show.
        direction = gradient / np.linalg.norm(gradient)
        direction = direction + 0.1 * numbers.standard_normal(direction.shape) / direction.size**0.5
        direction = (direction * 0.02).astype(np.float32)
        losses = []
        for sign in (1, -1):
            moved = {**model.parameters, name: model.parameters[name] + sign * direction}
            losses.append(
                reformer.Model.from_parameters(model.config, moved).loss_and_gradients(
                    x, targets, scored=(8, 32)
                )[0]
            )
        expected = (losses[0] - losses[1]) / 2
        assert abs((gradient * direction).sum() - expected) <= 0.02 * abs(expected) + 1e-6, name


def test_threads_change_no_bit():
    model = model_of()
    x, targets = tokens_for(model, 5), tokens_for(model, 5, seed=1)
    expected = model.logits(x)
    loss, gradients = model.loss_and_gradients(x, targets, threads=1)

    def again(threads):
        other_loss, other = model.loss_and_gradients(x, targets, threads=threads)
        same = all((other[name] == gradients[name]).all() for name in gradients)
        return (model.logits(x, threads=threads) == expected).all() and other_loss == loss and same

    assert again(2) and again(4)
    with concurrent.futures.ThreadPoolExecutor(4) as several:
        assert all(several.map(again, [1, 2, 3, 1]))


def test_rotations_are_those_that_hash():
    model = model_of(layers=1, position="none", semantics="consistent")
    x = tokens_for(model)
    p = model.parameters
    embedded = model.config["embedding_scale"] * p["embedding.token.weight"][x]
    shape = (2, 32, 2, 16)
    qk, v = (
        (embedded @ p[f"layers.0.attention.{name}.weight"].T).reshape(shape)
        for name in ("qk", "value")
    )
    drawn = np.stack([model.rotations(0, example=b) for b in (0, 1)])
    assert drawn.shape == (2, 2, 16, 2, 2)
    attended = reformer.lsh_attention(
        qk, v, hash_rounds=2, buckets=4, chunk=8, rotations=drawn, semantics="consistent"
    ).reshape(2, 32, 32)
    h = embedded + attended @ p["layers.0.attention.out.weight"].T

    def norm(x, name):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5)
        return x * p[f"layers.0.{name}.weight"] + p[f"layers.0.{name}.bias"]

    h = norm(h, "norm1")
    inside = h @ p["layers.0.feed_forward.in.weight"].T + p["layers.0.feed_forward.in.bias"]
    erf = np.vectorize(__import__("math").erf)
    inside = inside * 0.5 * (1 + erf(inside / 2**0.5))
    y = h + inside @ p["layers.0.feed_forward.out.weight"].T + p["layers.0.feed_forward.out.bias"]
    logits = norm(y, "norm2") @ p["embedding.token.weight"].T + p["output.bias"]
    assert np.abs(logits - model.logits(x)).max() < 1e-4 * np.abs(logits).max()


def with_nan(x):
    x = x.copy()
    x.flat[1] = np.nan
    return x


GOOD = np.zeros((1, 32), int)
CASES = [
    (lambda m: m.logits(np.zeros((1, 31), int)), reformer.Error, "[tokens] expected sequences [B, 32]"),
    (lambda m: m.logits(np.zeros((0, 32), int)), reformer.Error, "[tokens] expected sequences"),
    (lambda m: m.logits(np.zeros(32, int)), reformer.Error, "[tokens] expected integers [B, T], found the shape [32]"),
    (lambda m: m.logits([[1.5] * 32]), TypeError, "[tokens] expected integers"),
    (lambda m: m.logits("text"), reformer.Error, "[tokens]"),
    (lambda m: m.logits(GOOD + 128), reformer.Error, "from 0 to 127, found 128 at [0, 0]"),
    (lambda m: m.logits(GOOD - 1), reformer.Error, "found -1 at [0, 0]"),
    (lambda m: m.logits(GOOD + 2**40), reformer.Error, "found 1099511627776 at [0, 0]"),
    (lambda m: m.logits(GOOD, attention="lsh"), reformer.Error, "[attention] expected full or lsh-R"),
    (lambda m: m.logits(GOOD, attention=4), TypeError, "[attention]"),
    (lambda m: m.logits(GOOD, semantics="sead"), reformer.Error, "did you mean 'seed'?"),
    (lambda m: m.logits(GOOD, rotation_seed=-1), reformer.Error, "[rotation_seed]"),
    (lambda m: m.logits(GOOD, threads=-1), reformer.Error, "[threads]"),
    (lambda m: m.loss_and_gradients(GOOD, GOOD - 1), reformer.Error, "[targets]"),
    (lambda m: m.loss_and_gradients(GOOD, GOOD[:, 1:]), reformer.Error, "[targets]"),
    (lambda m: m.loss_and_gradients(GOOD, np.zeros((2, 32), int)), reformer.Error, "[targets]"),
    (lambda m: m.loss_and_gradients(GOOD, GOOD, scored=(5, 5)), reformer.Error, "[scored]"),
    (lambda m: m.loss_and_gradients(GOOD, GOOD, scored=(0, 33)), reformer.Error, "[scored]"),
    (lambda m: m.evaluate(sequences=0), reformer.Error, "[sequences] expected 1"),
    (lambda m: m.evaluate(data_seed=-1), reformer.Error, "[data_seed]"),
    (lambda m: m.evaluate(form="papers"), reformer.Error, "form"),
    (lambda m: m.evaluate(form=1), reformer.Error, "form"),
    (lambda m: m.evaluate(buckets=3), reformer.Error, "even number of buckets"),
    (lambda m: m.evaluate(chunk_length=5), reformer.Error, "divides"),
    (lambda m: m.evaluate(attention="lsh-65"), reformer.Error, "[attention]"),
    (lambda m: m.generate([]), TypeError, "[prompt] expected integers"),
    (lambda m: m.generate(np.zeros((0, 3), int)), reformer.Error, "[prompt]"),
    (lambda m: m.generate(GOOD), reformer.Error, "[generate] expected a prompt"),
    (lambda m: m.generate([1, 128]), reformer.Error, "[prompt] expected tokens from 0 to 127"),
    (lambda m: m.generate([1], -1), reformer.Error, "[generate]"),
    (lambda m: m.generate([1], 2**40), reformer.Error, "[generate]"),
    (lambda m: m.generate([1], temperature=-1), reformer.Error, "temperature"),
    (lambda m: m.generate([1], temperature=float("nan")), reformer.Error, "generate"),
    (lambda m: m.generate([1], temperature="hot"), TypeError, "[temperature]"),
    (lambda m: m.generate([1], top_k=-1), reformer.Error, "top_k"),
    (lambda m: m.generate([1], attention="full", seed=-1), reformer.Error, "seed"),
    (lambda m: m.state_dict("fastai"), reformer.Error, "[program] expected one of"),
    (lambda m: m.state_dict(7), TypeError, "[program]"),
    (lambda m: m.state_dict("reformer-fastai"), reformer.Error, "semantics consistent"),
    (lambda m: m.state_dict("huggingface"), reformer.Error, "one residual stream"),
    (lambda m: m.peer_config("reformer-pytorch"), reformer.Error, "one residual stream"),
    (lambda m: type(m).from_state_dict("huggingface", {}), reformer.Error, "a config.json"),
    (
        lambda m: type(m).from_state_dict("huggingface", {}, config={"model_type": "reformer"}),
        reformer.Error,
        "layers with local attention (3 in attn_layers)",
    ),
    (lambda m: type(m).from_state_dict("reformer-fastai", {}), reformer.Error, "no emb.emb.weight"),
    (lambda m: type(m).from_state_dict("reformer-fastai", {"a": [1.0]}), TypeError, "a of float32"),
    (lambda m: m.rotations(2), reformer.Error, "[layer] expected 0 to 1, found 2"),
    (lambda m: m.rotations(0, attention="full"), reformer.Error, "[attention]"),
    (lambda m: m.rotations(0, example=-1), reformer.Error, "[example]"),
    (lambda m: m.save("/nowhere/at/all"), reformer.Error, "[/nowhere/at/all]"),
    (lambda m: m.save("a\0b"), reformer.Error, "[path]"),
    (lambda m: m.save(b"bytes"), TypeError, "[path]"),
    (lambda m: reformer.Model.initial("smok"), reformer.Error, "did you mean 'smoke'?"),
    (lambda m: reformer.Model.initial({"layer": 1}), reformer.Error, "layers"),
    (lambda m: reformer.Model.initial({"layers": 0}), reformer.Error, "layers"),
    (lambda m: reformer.Model.initial(7), TypeError, "[config]"),
    (lambda m: reformer.Model.initial("smoke", seed=-1), reformer.Error, "[seed]"),
    (lambda m: reformer.Model(None), TypeError, "[Model]"),
    (lambda m: reformer.Model.from_file("/nowhere"), reformer.Error, "/nowhere"),
    (lambda m: reformer.Model.from_run("/nowhere"), reformer.Error, "expected the directory of a run"),
]  # fmt: skip


@pytest.mark.parametrize("call, kind, text", CASES, ids=[f"{i}" for i in range(len(CASES))])
def test_mistake(call, kind, text):
    with pytest.raises(kind) as caught:
        call(model_of())
    assert text in str(caught.value)


@pytest.mark.parametrize(
    "name, change, kind, text",
    [
        ("output.bias", lambda x: x[1:], reformer.Error, "output.bias has shape [127], not [128]"),
        ("output.bias", lambda x: x.astype(float), TypeError, "output.bias of float32"),
        ("output.bias", with_nan, reformer.Error, "output.bias holds nan at element 1"),
        ("output.bias", lambda x: None, TypeError, "output.bias"),
        ("output.bia", lambda x: np.zeros(1, np.float32), reformer.Error, "did you mean 'output.bias'?"),
    ],
)  # fmt: skip
def test_parameters_that_do_not_fit(name, change, kind, text):
    parameters = model_of().parameters
    changed = {**parameters, name: change(parameters.get(name))}
    with pytest.raises(kind) as caught:
        reformer.Model.from_parameters(SMOKE, changed)
    assert text in str(caught.value)


def test_memory_is_taken_when_all_parameters_are_there():
    with pytest.raises(reformer.Error, match="no tensor embedding.token.weight"):
        reformer.Model.from_parameters({**SMOKE, "vocabulary": 2**24, "model_dim": 2**14}, {})


def test_settings_that_tensors_tell_are_refused():
    config = dict(SMOKE, semantics="seed", embedding_scale=32**0.5)
    tensors = reformer.Model.initial(config).state_dict("reformer-fastai")
    for settings in ({"tied_output": True}, {"activation": "relu"}, {"embedding_scale": 1.0}):
        with pytest.raises(reformer.Error, match=next(iter(settings))):
            reformer.Model.from_state_dict("reformer-fastai", tensors, heads=2, **settings)


def test_a_missing_parameter_is_named():
    parameters = model_of().parameters
    del parameters["layers.0.norm1.bias"]
    with pytest.raises(reformer.Error, match=r"found: no tensor layers\.0\.norm1\.bias$"):
        reformer.Model.from_parameters(SMOKE, parameters)


READS_A_PIPE = """
import os, sys, threading
import reformer

content, path, pipe, call = sys.argv[1:]
os.mkfifo(pipe)
reader = threading.Thread(target=lambda: print(getattr(reformer.Model, call)(path).config["length"]))
reader.start()
with open(pipe, "wb") as out:
    out.write(open(content, "rb").read())
reader.join()
"""


@pytest.mark.parametrize("call, path", [("from_file", "model.safetensors"), ("from_run", ".")])
def test_other_threads_run_while_a_file_is_read(tmp_path, call, path):
    """A call that kept the GIL would wait for ever for the thread that writes."""
    model_of().save(tmp_path / "content")
    pipe = tmp_path / "model.safetensors"
    command = [sys.executable, "-c", READS_A_PIPE, tmp_path / "content", tmp_path / path, pipe, call]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.stdout == "32\n", ended.stderr


def test_files_of_others_and_damaged_ones_are_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    model_of().save(path)
    whole = path.read_bytes()
    for damaged in (b"", b"{}", whole[:-1], whole[:3000] + b"\x7f" + whole[3001:]):
        path.write_bytes(damaged)
        with pytest.raises(reformer.Error, match="model.safetensors"):
            reformer.Model.from_file(path)
    with pytest.raises(reformer.Error, match="found another directory"):
        reformer.Model.from_run(tmp_path / "..")
