"""DuckDB: one statement, column types given, all threads."""

import duckdb

from log_shape import COLUMNS
from question import BIN_SHIFT, peer_arguments, print_answer

NUMBERS = {"score", "amount_usd", "audit_p"}


def source(log):
    """The table function of the file. Giving types and dialect saves DuckDB its guessing pass."""
    path = str(log).replace("'", "''")
    types = {name: "DOUBLE" if name in NUMBERS else "VARCHAR" for name in COLUMNS}
    match log.suffix:
        case ".parquet":
            return f"read_parquet('{path}')"
        case ".csv":
            dialect = "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"'"
            return f"read_csv('{path}', {dialect}, nullstr = '', columns = {types})"
        case ".ndjson":
            return f"read_json('{path}', format = 'newline_delimited', columns = {types})"


def statement(arguments):
    groups = "".join(f"{name}, " for name in arguments.by)
    cents = ", SUM(CAST(ROUND(amount_usd * 100) AS BIGINT))::BIGINT" if arguments.value else ""
    return f"""
        SELECT {groups} route, audit_p, CAST(FLOOR(score * 100 + {BIN_SHIFT}) AS UTINYINT) AS bin,
               COUNT(*), COUNT(decision <> human),
               COUNT(*) FILTER (WHERE decision <> human) {cents}
        FROM {source(arguments.log)}
        GROUP BY {groups} route, audit_p, bin
    """


def main():
    arguments = peer_arguments()
    print_answer(duckdb.connect().execute(statement(arguments)).fetchall(), arguments)


if __name__ == "__main__":
    main()
