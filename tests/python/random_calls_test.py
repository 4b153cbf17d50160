"""Calls of attention and of models with random arguments, sensible and not: each gives finite numbers
or an exception that says what is wrong. REFORMER_RANDOM_CALLS is how many."""

import os

import numpy as np

import reformer

CALLS = int(os.environ.get("REFORMER_RANDOM_CALLS", 300))
ODD = [
    None,
    True,
    -1,
    0,
    1,
    3,
    2.5,
    2**40,
    -(2**70),
    float("nan"),
    "",
    "full",
    b"x",
    [],
    {},
    object(),
]


class Dice:
    def __init__(self, seed):
        self.numbers = np.random.default_rng(seed)

    def one_of(self, *values):
        return values[self.numbers.integers(len(values))]

    def usually(self, value):
        """The value, or now and then something that is no such thing."""
        return value if self.numbers.random() < 0.93 else ODD[self.numbers.integers(len(ODD))]

    def tokens(self, *shape):
        low, high = self.one_of((0, 20), (0, 20), (0, 20), (-1, 21))
        kind = self.one_of("int64", "int32", "uint8", "int16", "float32", "bool", "object")
        wrong = self.numbers.random() < 0.1
        values = self.numbers.integers(low, high, shape)
        values = values.astype(kind if wrong else "int64")
        return self.one_of(values, values, values[::-1], values.tolist(), np.asfortranarray(values))


    def floats(self, *shape):
        """In whatever strides; now and then of another type, or with a number that is none."""
        values = self.numbers.standard_normal(shape, dtype=np.float32)
        odd = self.numbers.integers(40)
        if odd == 0:
            return values.astype(self.one_of("float64", "int32", "float16", ">f4", "object"))
        if odd == 1 and values.size:
            values.flat[-1] = self.one_of(np.nan, np.inf)
        if odd == 2:
            return np.asfortranarray(values)
        if odd == 3 and values.size:
            return np.frombuffer(b"x" + values.tobytes(), np.float32, offset=1).reshape(shape)
        if odd == 4:
            return np.broadcast_to(values[:1], shape)
        wide = np.repeat(values, 2, axis=1)
        return self.one_of(values, values[::-1], wide[:, ::2], wide[:, 1::2], values.swapaxes(1, 2))


def attention_call(dice):
    shape = [dice.one_of(1, 2, 3), dice.one_of(4, 8, 24), dice.one_of(1, 2), dice.one_of(1, 3, 8)]
    qk, v = dice.floats(*shape), dice.floats(*shape)
    if dice.numbers.random() < 0.1:
        shape[dice.numbers.integers(4)] = dice.one_of(0, 1, 5)
        v = dice.floats(*shape)
    how = dict(causal=dice.one_of(True, False), return_plan=True, threads=dice.usually(2))
    how["semantics"] = dice.usually(dice.one_of(*reformer.semantics_names()))
    if dice.one_of(True, False, False):
        how["valid"] = dice.usually(np.asarray(dice.tokens(*shape[:2])) > 0)
    kind = dice.one_of("full", "lsh", "lsh")
    if kind == "lsh":
        rounds, buckets = dice.one_of(1, 2, 5, 64, 2**31), dice.one_of(2, 4, 4, 64, 2**40)
        how |= dict(hash_rounds=dice.usually(rounds), buckets=dice.usually(buckets))
        how["chunk"] = dice.usually(dice.one_of(1, 2, 4, 8))
        if dice.one_of(True, False):
            heads, dim = dice.one_of((), (shape[2],), (shape[0], shape[2])), shape[3]
            how["rotations"] = dice.usually(dice.floats(*heads, dim, min(rounds, 70), min(buckets // 2, 32)))
        else:
            how["seed"] = dice.usually(3)
    out, plan = getattr(reformer, f"{kind}_attention")(qk, v, **how)
    backward = getattr(reformer, f"{dice.one_of(kind, kind, kind, 'full')}_attention_backward")
    arrays = [dice.usually(x) for x in (dice.floats(*out.shape), qk, v, out)]
    results = [out, plan.log_sum_exp, *backward(*arrays, dice.usually(plan))]
    return results + ([plan.buckets, plan.order, plan.lost_pairs] if kind == "lsh" else [])


def model_of(dice):
    config = dict(
        vocabulary=20,
        length=dice.one_of(8, 16),
        layers=dice.one_of(1, 2),
        model_dim=dice.one_of(1, 6),
        heads=dice.one_of(1, 3),
        head_dim=dice.one_of(1, 5),
        feed_forward_dim=dice.one_of(1, 7),
        norm=dice.one_of("pre", "post"),
        position=dice.one_of("learned", "fixed", "none"),
        input_shift=dice.one_of(True, False),
        causal=dice.one_of(True, True, False),
        attention=dice.one_of("lsh", "full"),
        buckets=dice.one_of(2, 4),
        chunk_length=dice.one_of(1, 4, 8),
        semantics=dice.one_of(*reformer.semantics_names()),
    )
    return reformer.Model.initial(config, seed=int(dice.numbers.integers(100)))


def covered_by(program, model):
    """The settings of the model, changed so that the program can follow them."""
    config = dict(model.config, position="learned", input_shift=False)
    config["buckets"] = config["length"] // config["chunk_length"]
    if program == "reformer-fastai":
        width = config["heads"] * config["head_dim"]
        return config | dict(
            semantics="seed", embedding_scale=width**0.5, model_dim=width,
            final_norm=config["norm"] == "pre",
        )  # fmt: skip
    config |= dict(residual="two-streams", norm="pre", final_norm=True, tied_output=False)
    config["embedding_scale"] = 1
    if program == "reformer-pytorch":
        return config | dict(
            semantics="lucidrains", attention_bias=True, feed_forward_dim=2 * config["model_dim"]
        )
    return config | dict(semantics="huggingface", stream_merge="concatenate")


def state_dict_call(dice, model):
    """Parameters by another program's names, most often with something wrong."""
    program = dice.one_of("reformer-fastai", "reformer-pytorch", "huggingface")
    config = covered_by(program, model)
    ours = reformer.Model.initial(config)
    tensors, theirs = ours.state_dict(program), ours.peer_config(program)
    if theirs is not None and dice.one_of(True, False, False):
        theirs[dice.numbers.choice(list(theirs))] = dice.one_of(*ODD[:12], [0], [2, 4], {})
    for name in dice.numbers.choice(list(tensors), dice.one_of(0, 0, 1, 2)):
        change = dice.numbers.integers(4)
        if change == 0:
            del tensors[name]
            break
        wrong = tensors[name].copy()
        if change == 1:
            wrong.flat[0] = np.nan
        tensors[name] = [None, wrong, wrong[..., :-1], wrong.T][change]
    settings = dict(heads=dice.usually(config["heads"]), chunk_length=dice.usually(4))
    if dice.one_of(True, False, False):
        settings[dice.one_of("length", "activation", "hash_rounds", "tied_output")] = dice.one_of(*ODD)
    again = reformer.Model.from_state_dict(
        dice.usually(program), tensors, config=theirs and dice.usually(theirs), **settings
    )
    return again.logits(np.zeros((1, config["length"]), int))


def call(dice, model):
    length = model.config["length"]
    shape = (dice.one_of(0, 1, 1, 2, 3), dice.one_of(length, length, length, length, 0, 5))
    how = {}
    if dice.one_of(True, False):
        how["attention"] = dice.usually(dice.one_of("full", "lsh-1", "lsh-4"))
    if dice.one_of(True, False):
        how["semantics"] = dice.usually(dice.one_of("seed", "trax", {"full_own": "allowed"}))
    if dice.one_of(True, False):
        how["rotation_seed"] = dice.usually(5)
    if dice.one_of(True, False):
        how["threads"] = dice.usually(2)
    kind = dice.numbers.integers(7)
    if kind == 0:
        return [model.logits(dice.usually(dice.tokens(*shape)), **how)]
    if kind == 1:
        scored = (dice.usually(0), dice.usually(length))
        loss, gradients = model.loss_and_gradients(
            dice.usually(dice.tokens(*shape)),
            dice.usually(dice.tokens(*shape)),
            scored=scored,
            **how,
        )
        return [loss, *gradients.values()]
    if kind == 2:
        prompt = dice.usually(dice.tokens(*dice.one_of((2,), (2, 3), (1, length), (3, 1, 1))))
        sampling = dict(temperature=dice.usually(0.5), top_k=dice.usually(3), seed=dice.usually(1))
        return [model.generate(prompt, dice.usually(2), **sampling, **how)]
    if kind >= 5:
        return attention_call(dice)
    how.pop("threads", None)
    if kind == 4:
        return [state_dict_call(dice, model)]
    return [model.rotations(dice.usually(0), example=dice.usually(1), **how)]


def test_random_calls():
    done = 0
    for number in range(CALLS):
        dice = Dice(number)
        model = model_of(dice)
        try:
            results = call(dice, model)
        except (reformer.Error, TypeError) as error:
            assert str(error).startswith("["), f"call {number}: {error!r}"
            continue
        assert all(np.isfinite(x).all() for x in results), f"call {number}"
        done += 1
    assert 0.2 * CALLS < done < 0.8 * CALLS
