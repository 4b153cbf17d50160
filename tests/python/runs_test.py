"""A run that the program trained, as tables."""

import json
import shutil
import sqlite3

import pytest

import reformer


@pytest.fixture
def run(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "run")


def test_everything_that_was_recorded_is_there(trained):
    before = {path: path.read_bytes() for path in trained.rglob("*") if path.is_file()}
    run = reformer.read_run(trained)
    assert list(run.metrics.index) == [1, 2, 3, 4, 5, 6]
    assert (run.metrics.loss > 0).all() and run.metrics.learning_rate.notna().all()
    assert list(run.evaluations.step) == [3, 6]
    assert (run.state["status"], run.state["step"], run.state["steps"]) == ("finished", 6, 6)
    assert run.config["train"]["steps"] == 6
    assert "finished" in set(run.events.kind) and len(run.sessions) == 1
    assert {path: path.read_bytes() for path in trained.rglob("*") if path.is_file()} == before


def test_the_numbers_are_those_of_the_database(run):
    with sqlite3.connect(run / "run.db") as database:
        database.execute("UPDATE metrics SET loss = 1.25 WHERE step = 4")
    assert reformer.read_run(str(run)).metrics.loss[4] == 1.25


def mistake(path):
    with pytest.raises(reformer.Error) as caught:
        reformer.read_run(path)
    return str(caught.value)


def test_what_is_no_run_is_refused(tmp_path):
    assert "found no run.db" in mistake(tmp_path)
    assert "found no run.db" in mistake(tmp_path / "nowhere")


def test_damage_is_refused(run):
    database = run / "run.db"
    whole = database.read_bytes()
    for damaged in (b"", b"not a database" * 100, whole[:5000], whole[:4096] + b"\xff" * 40000):
        database.write_bytes(damaged)
        assert "run.db" in mistake(run)
    database.write_bytes(whole)
    (run / "config.json").write_text("{")
    assert "config.json" in mistake(run)


def test_another_version_is_refused(run):
    with sqlite3.connect(run / "run.db") as database:
        database.execute("PRAGMA user_version = 7")
    assert "of version 7" in mistake(run)
    with sqlite3.connect(run / "run.db") as database:
        database.execute("PRAGMA user_version = 1")
        database.execute("DELETE FROM run")
    assert "run.db" in mistake(run)


def test_settings_are_those_of_the_file(run):
    config = json.loads((run / "config.json").read_text())
    assert reformer.read_run(run).config == config
