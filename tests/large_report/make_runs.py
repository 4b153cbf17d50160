#!/usr/bin/env python3
"""Makes many long runs of one short one, to see what a report of many long runs costs.

  tests/large_report/make_runs.py RUN DIRECTORY --runs 50 --steps 150000

RUN is a run of `reformer train` whose database is closed. Each copy has its own seed and a row for every step, with
curves that fall suddenly and noise that differs from row to row, so that nothing about them compresses well.
"""
import argparse
import json
import math
import pathlib
import random
import shutil
import sqlite3


def rows(steps, seed):
    """(step, loss, accuracy, ...) in the order of COLUMNS."""
    noise = random.Random(seed)
    learned = steps * (0.2 + 0.6 * noise.random())
    loss_end = 0.01 + 0.2 * noise.random()
    for step in range(1, steps + 1):
        known = 1 / (1 + math.exp(-(step - learned) / (0.01 * steps)))
        loss = (4.84 * (1 - known) + loss_end * known) * math.exp(0.1 * noise.gauss(0, 1))
        accuracy = min(1.0, max(0.0, 0.01 + 0.98 * known + 0.01 * noise.gauss(0, 1)))
        phase = step / steps
        rate = 1e-3 * (phase / 0.25 if phase < 0.25 else 0.5 * (1 + math.cos(math.pi * (phase - 0.25) / 0.75)))
        entropy = 3 + noise.random() if step % 10 == 0 else None
        yield (step, loss, accuracy, rate, 0.95 - 0.1 * phase, abs(noise.gauss(0.3, 0.1)), int(100 * noise.random()),
               noise.random(), entropy, 1, 0.01 * step, 100 + noise.random())


COLUMNS = ("step", "loss", "accuracy", "learning_rate", "momentum", "gradient_norm", "lost_pairs", "hash_recall",
           "attention_entropy", "applied", "seconds", "steps_per_second")


def fill(database, steps, seed):
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("DELETE FROM metrics")
        marks = ", ".join("?" * len(COLUMNS))
        connection.executemany(f"INSERT INTO metrics ({', '.join(COLUMNS)}) VALUES ({marks})", rows(steps, seed))
        connection.execute("UPDATE run SET seed = ?, steps = ?, step = ?, status = 'finished', reason = ''", (seed, steps, steps))
        # An evaluation every thousandth of the run, as the last one there is.
        evaluation = connection.execute("SELECT * FROM evaluations ORDER BY step DESC LIMIT 1").fetchone()
        if evaluation:
            names = [column[1] for column in connection.execute("PRAGMA table_info(evaluations)")]
            at = names.index("step")
            connection.execute("DELETE FROM evaluations")
            every = max(1, steps // 300)
            connection.executemany(f"INSERT INTO evaluations VALUES ({', '.join('?' * len(names))})",
                                   (evaluation[:at] + (step,) + evaluation[at + 1:] for step in range(every, steps + 1, every)))
    connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--steps", type=int, default=150_000)
    options = parser.parse_args()
    for i in range(options.runs):
        copy = options.directory / f"run-{i + 1:03d}"
        shutil.copytree(options.run, copy, ignore=shutil.ignore_patterns("checkpoints", "*.safetensors"))
        config = json.loads((copy / "config.json").read_text())
        config["train"]["seed"] = i + 1
        config["train"]["steps"] = options.steps
        (copy / "config.json").write_text(json.dumps(config))
        fill(copy / "run.db", options.steps, i + 1)


if __name__ == "__main__":
    main()
