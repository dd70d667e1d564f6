"""Who takes part: how each program is started, what it can answer, how its answer is read."""

import dataclasses
import json
import pathlib
import sys

from log_shape import config_text
from question import GRID, THRESHOLDS

HERE = pathlib.Path(__file__).parent
COUNT_ROLES = ["id", "score", "error", "escalated", "label_probability"]


@dataclasses.dataclass(frozen=True)
class Question:
    """What is asked of one log: the segments that are crossed, and whether value is summed."""

    by: list
    value: bool

    def title(self):
        return "by " + " x ".join(self.by) if self.by else "overall"

    def options(self):
        return ["--by", ",".join(self.by)] if self.by else []


class Peer:
    """A Python program of this folder."""

    def __init__(self, name, script, package, overall_only=False):
        self.name = name
        self.script = script
        self.package = package
        self.overall_only = overall_only

    def answers(self, question):
        return not self.overall_only or (not question.by and not question.value)

    def command(self, log, question):
        value = ["--value"] if question.value else []
        return [sys.executable, HERE / self.script, log, *question.options(), *value]

    def timed_command(self, log, question):
        return self.command(log, question)

    def startup_command(self):
        module = self.script.removesuffix(".py")
        return [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(HERE)!r}); import {module}"]

    def read_answer(self, text, question):
        return json.loads(text)


class Gonogo:
    """The binary itself, with or without its check for repeated case ids."""

    def __init__(self, name, binary, config, extra):
        self.name = name
        self.binary = binary
        self.config = config
        self.extra = extra

    def answers(self, question):
        return True

    def timed_command(self, log, question):
        """What a user types: the table. (JSON also names the log by its SHA-256, which no peer does.)"""
        asked = ["sweep", log, "--config", self.config, "--thresholds", GRID, *question.options()]
        return [self.binary, *asked, *self.extra, "-q"]

    def command(self, log, question):
        return [*self.timed_command(log, question), "--format", "json"]

    def startup_command(self):
        return [self.binary, "--version"]

    def read_answer(self, text, question):
        return gonogo_curves(json.loads(text), question.by)


def gonogo_curves(document, by):
    """gonogo's sweep document in the shape of the peers' answers: the one place that knows it."""
    if by:
        wanted = ",".join(by)
        tables = {s["value"]: s["points"] for s in document["segments"] if s["segment"] == wanted}
    else:
        tables = {"": document["points"]}
    return {group: gonogo_curve(points) for group, points in tables.items()}


def gonogo_curve(points):
    found = [point["threshold"] for point in points]
    if found != THRESHOLDS:
        raise SystemExit(f"gonogo answered at other thresholds: {found}")
    return {
        "cases": [point["cases"] for point in points],
        "escalated": [point["escalated"] for point in points],
        "labelled": [point["auto_error"]["labelled"] for point in points],
        "errors": [point["auto_error"]["errors_found"] for point in points],
    }


def gonogo_programs(binary, value, work):
    """Both gonogo rows, the first of them the one that ratios refer to."""
    config = work / "compared.toml"
    config.write_text(config_text(COUNT_ROLES + (["value"] if value else [])))
    return [
        Gonogo("gonogo", binary, config, ["--allow-duplicates"]),
        Gonogo("gonogo, ids checked", binary, config, []),
    ]


def peers():
    return [
        Peer("DuckDB", "peer_duckdb.py", "duckdb"),
        Peer("Polars", "peer_polars.py", "polars"),
        Peer("pandas", "peer_pandas.py", "pandas"),
        Peer("pandas as it comes", "peer_pandas_plain.py", "pandas"),
        Peer("scikit-learn", "peer_sklearn.py", "scikit-learn", overall_only=True),
    ]
