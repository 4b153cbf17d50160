"""PyTorch tensors: shared without a copy, differentiable through reformer.torch."""

import numpy as np
import pytest

import reformer

torch = pytest.importorskip("torch")
import reformer.torch  # noqa: E402

HASH = dict(hash_rounds=2, buckets=4, chunk=8)


def test_results_are_tensors_with_the_values_of_numpy(tensors):
    qk, v, _ = tensors(2, 32, 2, 8)
    out = reformer.lsh_attention(torch.from_numpy(qk), torch.from_numpy(v), **HASH)
    assert isinstance(out, torch.Tensor)
    assert (out.numpy() == reformer.lsh_attention(qk, v, **HASH)).all()


@pytest.mark.parametrize("kind", ["full", "lsh"])
def test_gradients_are_those_of_the_backward_functions(tensors, kind):
    qk, v, dout = tensors(2, 32, 2, 8)
    options = HASH if kind == "lsh" else {}
    out, plan = getattr(reformer, f"{kind}_attention")(qk, v, **options, return_plan=True)
    expected = getattr(reformer, f"{kind}_attention_backward")(dout, qk, v, out, plan)
    leaves = [torch.from_numpy(x.copy()).requires_grad_() for x in (qk, v)]
    result = getattr(reformer.torch, f"{kind}_attention")(*leaves, **options)
    (result * torch.from_numpy(dout)).sum().backward()
    for leaf, gradient in zip(leaves, expected):
        assert (leaf.grad.numpy() == gradient).all()


class Named(torch.Tensor):
    """A kind of tensor that another module defines, as fastai does."""


def test_results_are_tensors_for_subclasses_too(tensors):
    qk, v, _ = tensors(1, 32, 2, 8)
    named = [torch.from_numpy(x).as_subclass(Named) for x in (qk, v)]
    out = reformer.lsh_attention(*named, **HASH)
    assert isinstance(out, torch.Tensor)
    assert isinstance(reformer.torch.lsh_attention(*named, **HASH), torch.Tensor)


def test_results_share_their_memory_with_what_was_computed():
    result = np.ones((2, 3), np.float32)
    tensor = reformer._arrays.like(torch.ones(1), result)
    result[0, 0] = 7
    assert tensor[0, 0] == 7


@pytest.mark.parametrize("kind", ["full", "lsh"])
def test_mistakes_say_which_function_to_try(tensors, kind):
    function = getattr(reformer.torch, f"{kind}_attention")
    qk, v, _ = tensors(1, 32, 2, 8)
    with pytest.raises(TypeError, match=rf"\[qk\] .* ndarray; try reformer.{kind}_attention"):
        function(qk, torch.from_numpy(v))
    with pytest.raises(TypeError, match=r"\[return_plan\]"):
        function(torch.from_numpy(qk), torch.from_numpy(v), return_plan=True)


def test_a_tensor_that_needs_a_gradient_is_sent_to_the_torch_functions():
    x = torch.ones(1, 8, 1, 4, requires_grad=True)
    with pytest.raises(TypeError, match="reformer.torch"):
        reformer.full_attention(x, x)


def test_bfloat16_is_refused():
    x = torch.ones(1, 8, 1, 4, dtype=torch.bfloat16)
    with pytest.raises(TypeError, match="float32"):
        reformer.full_attention(x, x)


SMALL = dict(
    reformer.model_preset("smoke"), attention="lsh", semantics="seed", embedding_scale=32**0.5
)


def test_a_pth_file_gives_the_model(tmp_path):
    model = reformer.Model.initial(SMALL, seed=4)
    tensors = {k: torch.from_numpy(x) for k, x in model.state_dict("reformer-fastai").items()}
    for content in (tensors, {"model": tensors, "opt": {"step": 1}}):
        torch.save(content, tmp_path / "lshlm.pth")
        again = reformer.torch.load_model(
            tmp_path / "lshlm.pth", "reformer-fastai", heads=2, hash_rounds=4, chunk_length=8
        )
        assert all((again.parameters[name] == x).all() for name, x in model.parameters.items())


class Harmful:
    def __reduce__(self):
        return (open, ("harm", "w"))


def test_what_is_no_file_of_tensors_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "file.pth"

    def mistake():
        with pytest.raises(reformer.Error) as caught:
            reformer.torch.load_model(path, "reformer-fastai", heads=2)
        return str(caught.value)

    assert "file.pth" in mistake()  # there is none
    for content in (b"", b"no pickle", b".", b"h\x01.", b"PK" + bytes(100)):
        path.write_bytes(content)
        assert "expected a file of tensors" in mistake()
    torch.save({"x": torch.ones(3), "y": Harmful()}, path)
    assert "expected a file of tensors" in mistake()
    assert not (tmp_path / "harm").exists()
    torch.save({"x": torch.ones(3), "y": 7}, path)
    assert "expected a tensor, found int as 'y'" in mistake()
    torch.save(torch.ones(3), path)
    assert "expected a dict of tensors" in mistake()
    torch.save({"x": torch.ones(3)}, path)
    assert "no emb.emb.weight" in mistake()
