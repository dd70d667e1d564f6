"""pandas: only the needed columns, read and held by Arrow, which is its quickest way."""

import numpy
import pandas

from question import BIN_SHIFT, peer_arguments, print_answer, sum_names


def read(log, columns):
    match log.suffix:
        case ".parquet":
            return pandas.read_parquet(log, columns=columns, dtype_backend="pyarrow")
        case ".csv":
            return pandas.read_csv(log, usecols=columns, engine="pyarrow", dtype_backend="pyarrow")
        case ".ndjson":
            frame = pandas.read_json(log, lines=True, engine="pyarrow", dtype_backend="pyarrow")
            return frame[columns]


def grouped(frame, arguments):
    frame["cases"] = True
    frame["labelled"] = frame["human"].notna()
    # Comparing with a missing decision gives a missing truth value, and false & missing is false.
    frame["errors"] = frame["labelled"] & (frame["decision"] != frame["human"])
    frame["bin"] = numpy.floor(frame["score"].to_numpy() * 100 + BIN_SHIFT).astype(numpy.int8)
    if arguments.value:
        frame["cents"] = (frame["amount_usd"].to_numpy() * 100).round().astype(numpy.int64)
    keys = [*arguments.by, "route", "audit_p", "bin"]
    how = {name: (name, "size" if name == "cases" else "sum") for name in sum_names(arguments.value)}
    return frame.groupby(keys, observed=True, sort=False).agg(**how).reset_index()


def answer(read):
    """Answers the question of the command line from a log that `read` reads."""
    arguments = peer_arguments()
    columns = ["score", "decision", "human", "route", "audit_p", *arguments.by]
    if arguments.value:
        columns.append("amount_usd")
    table = grouped(read(arguments.log, columns), arguments)
    rows = zip(*(table[name].tolist() for name in table.columns))
    print_answer(rows, arguments)


if __name__ == "__main__":
    answer(read)
