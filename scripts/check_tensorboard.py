"""Compares a run's database with what TensorBoard finds in its export: DATABASE LOGS (which holds the run `lsh`)."""

import json
import math
import sqlite3
import struct
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

TRAIN = ["loss", "accuracy", "learning_rate", "momentum", "gradient_norm", "lost_pairs", "hash_recall",
         "attention_entropy", "steps_per_second"]
VALIDATION = ["loss", "accuracy", "lost_pairs", "hash_recall", "attention_entropy"]


def as_float32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def curves(database):
    """{tag: [(step, value)]} of all that was measured."""
    found = {}
    for table, columns, prefix in [("metrics", TRAIN, "'train'"),
                                   ("evaluations", VALIDATION, "'validation/' || attention || '/' || semantics")]:
        for column in columns:
            rows = database.execute(
                f"SELECT {prefix}, step, {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY step")
            for name, step, value in rows:
                found.setdefault(f"{name}/{column}", []).append((step, as_float32(value)))
    return found


def from_reader(logs):
    reader = EventAccumulator(str(logs / "lsh"), size_guidance={"scalars": 0})
    reader.Reload()
    return {tag: [(e.step, e.value) for e in reader.Scalars(tag)] for tag in reader.Tags()["scalars"]}


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def from_server(logs, tags):
    program = Path(sys.executable).parent / "tensorboard"
    port = 16000 + int(time.time()) % 4000
    server = subprocess.Popen([program, "--logdir", logs, "--port", str(port), "--load_fast", "false",
                               "--samples_per_plugin", "scalars=100000"], stderr=subprocess.DEVNULL)
    base = f"http://localhost:{port}/data/plugin/scalars"
    try:
        for _ in range(120):
            time.sleep(0.5)
            try:
                if set(get(f"{base}/tags").get("lsh", {})) == set(tags):
                    break
            except OSError:
                continue
        result = {}
        for tag in tags:
            query = urllib.parse.urlencode({"run": "lsh", "tag": tag})
            result[tag] = [(step, value) for _, step, value in get(f"{base}/scalars?{query}")]
        return result
    finally:
        server.terminate()
        server.wait()


def main():
    database, logs = sqlite3.connect(sys.argv[1]), Path(sys.argv[2])
    expected = curves(database)
    points = sum(len(curve) for curve in expected.values())
    assert points > 100 and all(math.isfinite(v) for curve in expected.values() for _, v in curve)
    for name, found in [("reader", from_reader(logs)), ("server", from_server(logs, expected))]:
        if found != expected:
            differing = [tag for tag in expected.keys() | found.keys() if expected.get(tag) != found.get(tag)]
            sys.exit(f"[tensorboard] expected the numbers of {sys.argv[1]}, its {name} found others: {differing}")
    print(f"TensorBoard finds all {points} points of {len(expected)} curves, in the file and through its server")


main()
