"""Writes a decision log of any length, the same rows in every format for one seed.

The rows are drawn in blocks of fixed size, each block from a generator of its own that is seeded
by (seed, block number). Memory is therefore bounded by one block (and one Parquet row group), and
a shorter log is the beginning of a longer one.

The drawn numbers only ever meet additions, multiplications and rounding, which every machine does
alike; a power or a logarithm may differ in its last bit from one mathematics library to the next.
"""

import argparse
import pathlib

import numpy
import pyarrow
import pyarrow.compute
import pyarrow.parquet

from log_shape import COLUMNS, ROLES, SEGMENTS, config_text

BLOCK_ROWS = 250_000
AUTO_FROM_MICROS = 850_000
AUDIT_SHARE = 0.02
DECISIONS = ["approve", "decline", "hold", "refer"]
ROUTES = ["auto", "human"]
FIRST_SECOND = 1_672_531_200  # 2023-01-01T00:00:00Z
SECONDS_PER_CASE = 2

# Numbers and truth values stand without quotation marks in NDJSON, everything else with them.
BARE_IN_JSON = {"score", "amount_usd", "audited", "audit_p"}


def picked(uniform, count):
    """Indices below `count`; squaring makes the first ones more frequent than the last."""
    return (uniform * uniform * count).astype(numpy.int64)


def draw_block(seed, block, rows):
    """One block of cases as plain arrays of integers and truth values."""
    draws = numpy.random.Generator(numpy.random.PCG64([seed, block])).random((10, BLOCK_ROWS))
    draws = draws[:, :rows]
    index = numpy.arange(block * BLOCK_ROWS, block * BLOCK_ROWS + rows, dtype=numpy.int64)
    doubt = draws[0] * draws[0] * draws[0]
    micros = numpy.rint((1.0 - doubt) * 1e6).astype(numpy.int64)
    kind = picked(draws[3], len(SEGMENTS["kind"]))
    error_chance = 0.004 + 0.3 * doubt * (0.7 + 0.2 * kind)
    decision = picked(draws[2], len(DECISIONS))
    wrong = draws[1] < error_chance
    other = (decision + 1 + picked(draws[8], len(DECISIONS) - 1)) % len(DECISIONS)
    escalated = micros < AUTO_FROM_MICROS
    return {
        "index": index,
        "second": FIRST_SECOND + index * SECONDS_PER_CASE + (draws[9] < 0.5),
        "micros": micros,
        "decision": decision,
        "human": numpy.where(wrong, other, decision),
        "escalated": escalated,
        "audited": ~escalated & (draws[7] < AUDIT_SHARE),
        "kind": kind,
        "region": picked(draws[4], len(SEGMENTS["region"])),
        "channel": picked(draws[5], len(SEGMENTS["channel"])),
        "cents": 100 + (draws[6] * draws[6] * draws[6] * draws[6] * 500_000).astype(numpy.int64),
    }


def named(codes, names, missing=None):
    """Text from codes, NULL where `missing` is true."""
    indices = pyarrow.array(codes, pyarrow.int64(), mask=missing)
    return pyarrow.array(names, pyarrow.string()).take(indices)


def shared_columns(block):
    """The columns that are text in every format."""
    digits = pyarrow.array(block["index"] + 1).cast(pyarrow.string())
    padded = pyarrow.compute.utf8_lpad(digits, 10, "0")
    unseen = ~(block["escalated"] | block["audited"])
    columns = {
        "case_id": pyarrow.compute.binary_join_element_wise("c", padded, "-"),
        "decision": named(block["decision"], DECISIONS),
        "route": named(block["escalated"].astype(numpy.int64), ROUTES),
        "human": named(block["human"], DECISIONS, missing=unseen),
    }
    return columns | {name: named(block[name], values) for name, values in SEGMENTS.items()}


def typed_table(block):
    """The block as Parquet holds it: real timestamps, doubles and truth values."""
    seconds = pyarrow.array(block["second"], pyarrow.timestamp("s", tz="UTC"))
    columns = shared_columns(block) | {
        "decided_at": seconds.cast(pyarrow.timestamp("ms", tz="UTC")),
        # An integer divided by a power of ten is the double that its decimal text is read as.
        "score": pyarrow.array(block["micros"] / 1e6),
        "amount_usd": pyarrow.array(block["cents"] / 100),
        "audited": pyarrow.array(block["audited"]),
        "audit_p": pyarrow.array(numpy.where(block["escalated"], 1.0, AUDIT_SHARE)),
    }
    return pyarrow.table({name: columns[name] for name in COLUMNS})


def decimal_text(units, scale):
    """Integers in units of 10^-scale as text with exactly `scale` decimals."""
    whole = pyarrow.array(units // 10**scale).cast(pyarrow.string())
    fraction = pyarrow.array(units % 10**scale).cast(pyarrow.string())
    padded = pyarrow.compute.utf8_lpad(fraction, scale, "0")
    return pyarrow.compute.binary_join_element_wise(whole, padded, ".")


def text_columns(block):
    """The block as the two text formats hold it, every column text, NULL still NULL."""
    seconds = pyarrow.array(block["second"], pyarrow.timestamp("s"))
    columns = shared_columns(block) | {
        "decided_at": pyarrow.compute.strftime(seconds, "%Y-%m-%dT%H:%M:%SZ"),
        "score": decimal_text(block["micros"], 6),
        "amount_usd": decimal_text(block["cents"], 2),
        "audited": named(block["audited"].astype(numpy.int64), ["false", "true"]),
        "audit_p": named(block["escalated"].astype(numpy.int64), [str(AUDIT_SHARE), "1"]),
    }
    return {name: columns[name] for name in COLUMNS}


def joined_bytes(pieces, separator):
    """The rows of text pieces, joined and one after the other."""
    lines = pyarrow.compute.binary_join_element_wise(
        *pieces, separator, null_handling="replace", null_replacement=""
    )
    ended = pyarrow.compute.binary_join_element_wise(lines, "", "\n")
    return ended.buffers()[2]


def csv_bytes(columns):
    # No value of this log holds a comma, a quotation mark or a line break.
    return joined_bytes(columns.values(), ",")


def json_value(name, text):
    if name in BARE_IN_JSON:
        return text
    quoted = pyarrow.compute.binary_join_element_wise('"', text, '"', "")
    return pyarrow.compute.fill_null(quoted, "null")


def ndjson_bytes(columns):
    pieces = []
    for name, text in columns.items():
        pieces += [f'{"," if pieces else "{"}"{name}":', json_value(name, text)]
    return joined_bytes([*pieces, "}"], "")


def blocks(rows, seed):
    for block, start in enumerate(range(0, rows, BLOCK_ROWS)):
        yield draw_block(seed, block, min(BLOCK_ROWS, rows - start))


def write_text(path, drawn, head, to_bytes):
    with path.open("wb") as file:
        file.write(head)
        for block in drawn:
            file.write(to_bytes(text_columns(block)))


def row_groups(drawn, group_rows):
    """The blocks as tables of exactly `group_rows` rows; the last one may be shorter."""
    waiting = []
    for block in drawn:
        waiting.append(typed_table(block))
        while sum(table.num_rows for table in waiting) >= group_rows:
            whole = pyarrow.concat_tables(waiting)
            yield whole.slice(0, group_rows)
            waiting = [whole.slice(group_rows)]
    rest = pyarrow.concat_tables(waiting)
    if rest.num_rows > 0:
        yield rest


def write_parquet(path, drawn, group_rows):
    schema = typed_table(draw_block(0, 0, 1)).schema
    with pyarrow.parquet.ParquetWriter(path, schema, compression="snappy") as writer:
        for table in row_groups(drawn, group_rows):
            writer.write_table(table, row_group_size=group_rows)


def write_log(arguments):
    drawn = blocks(arguments.rows, arguments.seed)
    match arguments.format:
        case "csv":
            head = (",".join(COLUMNS) + "\n").encode()
            write_text(arguments.out, drawn, head, csv_bytes)
        case "ndjson":
            write_text(arguments.out, drawn, b"", ndjson_bytes)
        case "parquet":
            write_parquet(arguments.out, drawn, arguments.row_group)


def positive(text):
    number = int(text.replace("_", ""))
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive whole number")
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path, help="the file to write")
    parser.add_argument("--rows", type=positive, default=1_000_000)
    parser.add_argument("--format", choices=["csv", "parquet", "ndjson"], required=True)
    parser.add_argument("--row-group", type=positive, default=1_000_000, help="rows in a Parquet row group")
    parser.add_argument("--seed", type=int, default=20_250_101)
    arguments = parser.parse_args()
    write_log(arguments)
    (arguments.out.parent / "gonogo.toml").write_text(config_text(ROLES))


if __name__ == "__main__":
    main()
