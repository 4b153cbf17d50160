# %% [markdown]
# # LSH attention, step by step
#
# A sequence is hashed into buckets, attention within buckets is compared with attention to everything,
# and a tiny model is trained with it. This page is the notebook
# [python/examples/lsh_attention.py](../python/examples/lsh_attention.py), with what it prints and draws:
# Jupyter opens it through jupytext, other editors by its `# %%` marks. It needs the package with pandas and
# matplotlib, and for the last part the program `reformer`.

# %%
import subprocess

import matplotlib.pyplot as plt
import numpy as np

import reformer

# %% [markdown]
# ## A sequence with something to find
#
# 256 tokens, each about one of eight topics. Shared queries and keys `qk` point where their topic points, with some noise;
# so do values `v`, elsewhere. Shapes are `[B, T, H, D]`: one sequence, one head.

# %%
T, D, topics = 256, 16, 8
numbers = np.random.default_rng(0)
topic = numbers.integers(topics, size=T)
directions, values = numbers.standard_normal((2, topics, D))
qk = (4 * directions[topic] + numbers.standard_normal((T, D))).astype(np.float32)[None, :, None]
v = (values[topic] + numbers.standard_normal((T, D))).astype(np.float32)[None, :, None]
print(qk.shape, topic[:16])

# %% [markdown]
# ## Buckets
#
# One round of hashing turns every token at random and takes the axis, of 16 with their signs, that it then points along most.
# Tokens of one topic land in one bucket, or in few.

# %%
how = dict(buckets=16, chunk=16, causal=False)
out, plan = reformer.lsh_attention(qk, v, hash_rounds=1, seed=1, return_plan=True, **how)
bucket = plan.buckets[0, 0, 0]
for t in range(topics):
    found, count = np.unique(bucket[topic == t], return_counts=True)
    print(f"topic {t}:", ", ".join(f"{n} in bucket {b}" for b, n in zip(found, count)))

# %% [markdown]
# `plan.order` sorts tokens by bucket, and within a bucket by position. The sorted sequence is cut into chunks of 16; a token sees
# the tokens of its bucket in its own chunk and in the one before.

# %%
order = plan.order[0, 0, 0]
for first in (0, 16):
    chunk = order[first : first + 16]
    print("tokens ", *(f"{x:3d}" for x in chunk))
    print("buckets", *(f"{x:3d}" for x in bucket[chunk]))
    print("topics ", *(f"{x:3d}" for x in topic[chunk]))

# %% figure="Left: topics of the tokens as written jump from place to place. Right: sorted by bucket they stay the same over long runs."
figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.4), sharey=True)
for axes, places, title in ((left, np.arange(T), "as written"), (right, order, "sorted by bucket")):
    axes.plot(topic[places], drawstyle="steps-mid", linewidth=0.8)
    axes.set(title=title, xlabel="place in the sequence")
left.set_ylabel("topic")
plt.show()

# %% [markdown]
# ## How near is it to full attention?
#
# A token misses what fell into other buckets or other chunks. More rounds, each with another turn, miss less: the error below is
# that of the whole output, relative to its length, in the middle and at the ends of 20 seeds.

# %%
full = reformer.full_attention(qk, v, causal=False)


def error(rounds, seed):
    near = reformer.lsh_attention(qk, v, hash_rounds=rounds, seed=seed, **how)
    return np.linalg.norm(near - full) / np.linalg.norm(full)


rounds = np.arange(1, 9)
errors = np.array([[error(r, seed) for seed in range(20)] for r in rounds])
middle, low, high = np.median(errors, axis=1), errors.min(axis=1), errors.max(axis=1)
print("rounds  middle  lowest  highest")
for row in zip(rounds, middle, low, high):
    print("{:6d}  {:6.2f}  {:6.2f}  {:7.2f}".format(*row))

# %% figure="The error of LSH attention falls with every hash round, and so does its spread over seeds."
figure, axes = plt.subplots(figsize=(5, 2.8))
axes.fill_between(rounds, low, high, alpha=0.25, label="all 20 seeds")
axes.plot(rounds, middle, marker="o", label="middle")
axes.set(xlabel="hash rounds", ylabel="error, relative to full attention", ylim=(0, None))
axes.legend()
plt.show()

# %% [markdown]
# ## A tiny model
#
# The program trains a model of the duplication task, `0 w 0 w`, with two rounds; that takes seconds.
# `reformer.read_run` gives what the run recorded as pandas tables.

# %%
settings = "--preset smoke --attention lsh --hashes 2 --batch 16 --learning-rate 1e-2"
steps = "--weight-decay 0.01 --steps 400 --evaluate-every 100 --quiet"
command = ["reformer", "train", *settings.split(), *steps.split(), "--run", "runs/tiny"]
subprocess.run(command, check=True, capture_output=True)
run = reformer.read_run("runs/tiny")
print(run.state["status"], "after", run.state["step"], "steps")
print(run.metrics[["loss"]].head(3).round(1))
last = run.evaluations.query("step == 400")
print(last[["step", "attention", "accuracy"]].round(1).to_string(index=False))

# %% figure="The loss of the tiny model falls from five to nearly zero within 400 steps."
figure, axes = plt.subplots(figsize=(5, 2.4))
axes.plot(run.metrics.index, run.metrics.loss)
axes.set(xlabel="step", ylabel="loss", ylim=(0, None))
plt.show()

# %% [markdown]
# The model copies a word it has never seen, with other numbers of rounds too, and with full attention.

# %%
model = reformer.Model.from_run("runs/tiny")
word = list(range(30, 45))
print(model.generate([0, *word, 0], 15))
for attention in ("lsh-2", "lsh-4", "lsh-8", "full"):
    print(f"{attention:>5}  {model.evaluate(attention=attention)['accuracy']:.1f}")
