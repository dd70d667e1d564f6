"""Polars for Python: a lazy scan with projection, collected by the streaming engine."""

import polars

from log_shape import COLUMNS
from question import BIN_SHIFT, peer_arguments, print_answer

NUMBERS = {"score", "amount_usd", "audit_p"}


def scan(log):
    """The lazy frame of the file. Giving the types saves Polars its guessing pass."""
    schema = {name: polars.Float64 if name in NUMBERS else polars.String for name in COLUMNS}
    match log.suffix:
        case ".parquet":
            return polars.scan_parquet(log)
        case ".csv":
            return polars.scan_csv(log, schema=schema)
        case ".ndjson":
            # A schema would have to name every column, and the truth values are not text.
            return polars.scan_ndjson(log, schema=schema | {"audited": polars.Boolean})


def grouped(arguments):
    score_bin = (polars.col("score") * 100 + BIN_SHIFT).floor().cast(polars.Int8).alias("bin")
    error = polars.col("decision") != polars.col("human")
    sums = [
        polars.len().alias("cases"),
        error.count().alias("labelled"),
        error.sum().alias("errors"),
    ]
    if arguments.value:
        cents = (polars.col("amount_usd") * 100).round().cast(polars.Int64)
        sums.append(cents.sum().alias("cents"))
    return scan(arguments.log).group_by(*arguments.by, "route", "audit_p", score_bin).agg(sums)


def main():
    arguments = peer_arguments()
    print_answer(grouped(arguments).collect(engine="streaming").iter_rows(), arguments)


if __name__ == "__main__":
    main()
