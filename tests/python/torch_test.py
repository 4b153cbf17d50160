"""PyTorch tensors: shared without a copy, differentiable through reformer.torch."""

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


def test_a_tensor_that_needs_a_gradient_is_sent_to_the_torch_functions():
    x = torch.ones(1, 8, 1, 4, requires_grad=True)
    with pytest.raises(TypeError, match="reformer.torch"):
        reformer.full_attention(x, x)


def test_bfloat16_is_refused():
    x = torch.ones(1, 8, 1, 4, dtype=torch.bfloat16)
    with pytest.raises(TypeError, match="float32"):
        reformer.full_attention(x, x)
