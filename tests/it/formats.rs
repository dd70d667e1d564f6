//! One log in every form in which it can be written, and one question in every way in which it can
//! be asked: all give the same points.

use std::fmt::Write as _;
use std::fs::File;
use std::sync::{Arc, LazyLock};

use arrow_array::{
    ArrayRef, BooleanArray, Float32Array, Float64Array, RecordBatch, StringArray, StructArray,
};
use arrow_schema::{DataType, Field, Fields};
use parquet::arrow::ArrowWriter;
use serde_json::Value;

use crate::bad_input::{
    bad, bytes_of, good_json_lines, numbers, packed_gzip, packed_zstd, text_of,
};
use crate::binary::{Answer, Desk, in_repository};

/// Thresholds that scores of the log meet exactly, and others.
const THRESHOLDS: &str = "0,0.5,0.8,0.8967,0.9,0.9540,0.99,1";

/// Sweeps logs with the roles of tests/bad and this on standard input.
fn sweep(desk: &Desk, logs: &[&str], more: &[&str], stdin: &[u8]) -> Answer {
    let config = bad("gonogo.toml");
    let mut arguments = vec!["sweep", "--format", "json", "--by", "segment"];
    arguments.extend(["--thresholds", THRESHOLDS]);
    if !more.contains(&"--config") {
        arguments.extend(["--config", &config]);
    }
    arguments.extend(more);
    arguments.extend(logs);
    desk.run_with(&arguments, stdin)
}

/// The numbers of good.csv, asked for once.
fn wanted() -> Value {
    static WANTED: LazyLock<Value> =
        LazyLock::new(|| numbers(&sweep(&Desk::new(), &[&bad("good.csv")], &[], b"").json()));
    WANTED.clone()
}

/// Asserts that these files give the points of good.csv.
#[track_caller]
fn check_same(desk: &Desk, logs: &[&str], more: &[&str]) {
    let found = sweep(desk, logs, more, b"").json();
    assert_eq!(found["input"]["rows"]["used"], 240, "{logs:?}");
    assert_eq!(numbers(&found), wanted(), "{logs:?} {more:?}");
}

/// Asserts that a file of these bytes gives the points of good.csv, from a file and from standard
/// input.
#[track_caller]
fn check_bytes(name: &str, bytes: &[u8]) {
    let desk = Desk::new();
    desk.put(name, bytes);
    check_same(&desk, &[name], &[]);
    let found = sweep(&desk, &["-"], &[], bytes).json();
    assert_eq!(numbers(&found), wanted(), "{name} on standard input");
    assert_eq!(found["input"]["files"][0]["name"], "standard input");
}

/// good.csv as rows of fields, the header first.
fn rows() -> Vec<Vec<String>> {
    let text = text_of("good.csv");
    text.lines()
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

fn written(rows: &[Vec<String>], delimiter: u8, style: csv::QuoteStyle, end: &str) -> Vec<u8> {
    let end = if end == "\r\n" {
        csv::Terminator::CRLF
    } else {
        csv::Terminator::Any(b'\n')
    };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .quote_style(style)
        .terminator(end)
        .from_writer(Vec::new());
    rows.iter()
        .for_each(|row| writer.write_record(row).unwrap());
    writer.into_inner().unwrap()
}

fn plain(rows: &[Vec<String>]) -> Vec<u8> {
    written(rows, b',', csv::QuoteStyle::Necessary, "\n")
}

// ---- text ----

#[test]
fn every_delimiter_and_line_end_reads_the_same() {
    let rows = rows();
    for (name, delimiter) in [
        ("a.csv", b','),
        ("a.tsv", b'\t'),
        ("a.txt", b';'),
        ("b.csv", b'|'),
    ] {
        for end in ["\n", "\r\n"] {
            for style in [csv::QuoteStyle::Necessary, csv::QuoteStyle::Always] {
                let text = written(&rows, delimiter, style, end);
                check_bytes(name, &text);
                check_bytes(name, &[b"\xef\xbb\xbf".as_slice(), &text].concat());
            }
        }
    }
}

#[test]
fn a_delimiter_that_is_named_is_taken() {
    let desk = Desk::new();
    desk.put(
        "log.txt",
        written(&rows(), b'^', csv::QuoteStyle::Necessary, "\n"),
    );
    check_same(&desk, &["log.txt"], &["--delimiter", "^"]);
    desk.put(
        "log.tsv",
        written(&rows(), b'\t', csv::QuoteStyle::Necessary, "\n"),
    );
    check_same(&desk, &["log.tsv"], &["--delimiter", "tab"]);
}

#[test]
fn a_last_line_without_an_end_is_a_row() {
    let text = bytes_of("good.csv");
    check_bytes("a.csv", text.trim_ascii_end());
    check_bytes("a.csv", &[text.trim_ascii_end(), b"\n\n\n"].concat());
}

#[test]
fn quoted_fields_may_hold_line_ends_delimiters_and_doubled_quotes() {
    let mut rows = rows();
    for (number, row) in rows.iter_mut().enumerate() {
        let note = match number {
            0 => "what the \"human\"\nsaid".to_owned(),
            _ => format!("line one,\r\nline \"two\";\n\n{number}, \"\"\t|"),
        };
        row.insert(2, note);
    }
    for delimiter in [b',', b';', b'\t'] {
        let text = written(&rows, delimiter, csv::QuoteStyle::Necessary, "\n");
        check_bytes("notes.csv", &text);
    }
    // The line of a bad row counts the lines inside the quotes before it.
    rows[5][3] = "2".to_owned();
    let desk = Desk::new();
    let text = plain(&rows);
    let before: Vec<u8> = plain(&rows[..5]);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    desk.put("notes.csv", text);
    let place = format!("notes.csv, line {line}, column `confidence`");
    sweep(&desk, &["notes.csv"], &[], b"").refused(2, &[&place]);
}

#[test]
fn packed_files_read_as_what_they_hold() {
    let text = bytes_of("good.csv");
    let (first, second) = text.split_at(text.len() / 2);
    check_bytes("a.csv.gz", &packed_gzip(&text));
    check_bytes("a.csv.zst", &packed_zstd(&text));
    check_bytes(
        "a.csv.gz",
        &[packed_gzip(first), packed_gzip(second)].concat(),
    );
    check_bytes(
        "a.csv.zst",
        &[packed_zstd(first), packed_zstd(second)].concat(),
    );
    // The name decides nothing.
    check_bytes("a.csv", &packed_gzip(&text));
    check_bytes("a.jsonl.gz", &text);
}

// ---- JSON Lines ----

/// good.csv as nested JSON Lines, and the options that map it.
fn nested() -> (String, Vec<&'static str>) {
    let mut text = String::new();
    for line in good_json_lines() {
        let flat: Value = serde_json::from_str(&line).unwrap();
        let nested = serde_json::json!({
            "case": {"id": flat["case_id"], "at": flat["timestamp"], "tags": ["a", {"b": 1}]},
            "model": {"confidence": flat["confidence"], "label": flat["model_decision"]},
            "review": {"label": flat["human_label"], "p": flat["inclusion_prob"]},
            "route": flat["route"],
            "facts": {"segment": flat["segment"], "value": {"usd": flat["value_usd"]}},
        });
        let _ = writeln!(text, "{nested}");
    }
    let roles = vec![
        "--role",
        "id=case.id",
        "--role",
        "time=case.at",
        "--role",
        "score=model.confidence",
        "--role",
        "error=model.label <> review.label",
        "--role",
        "label_probability=review.p",
        "--role",
        "value=facts.value.usd",
        "--segment",
        "segment=facts.segment",
    ];
    (text, roles)
}

#[test]
fn nested_json_lines_are_read_by_dotted_paths() {
    let (text, roles) = nested();
    let desk = Desk::new();
    desk.put("a.jsonl", &text);
    desk.put("a.ndjson.gz", packed_gzip(text.as_bytes()));
    desk.put(
        "a.json.zst",
        packed_zstd(text.replace('\n', "\r\n").as_bytes()),
    );
    for name in ["a.jsonl", "a.ndjson.gz", "a.json.zst"] {
        check_same(&desk, &[name], &roles);
    }
}

#[test]
fn flat_json_lines_read_as_csv_does() {
    let lines = good_json_lines();
    check_bytes("a.jsonl", lines.join("\n").as_bytes());
    check_bytes(
        "a.jsonl",
        packed_gzip(lines.join("\r\n").as_bytes()).as_slice(),
    );
    // Numbers and truth values may be written as texts, and missing ones be left out.
    let loose: Vec<String> = lines
        .iter()
        .map(|line| {
            line.replace("\"human_label\": null, ", "")
                .replace(": 0.12}", ": \"0.12\"}")
        })
        .collect();
    check_bytes("loose.jsonl", loose.join("\n").as_bytes());
    // A blank line is no row.
    check_bytes(
        "blank.jsonl",
        format!("{}\n\n", lines.join("\n\n")).as_bytes(),
    );
}

#[test]
fn a_byte_order_mark_before_json_lines_is_no_part_of_them() {
    check_bytes(
        "mark.jsonl",
        format!("\u{feff}{}", good_json_lines().join("\n")).as_bytes(),
    );
}

// ---- Parquet ----

#[test]
fn parquet_reads_as_the_csv_of_the_same_rows() {
    let desk = Desk::new();
    let config = in_repository("sample-data/lending_club.toml");
    let ask = |log: &str| {
        let log = in_repository(log);
        let more = [
            "--by",
            "grade",
            "--by",
            "size,term",
            "--exact",
            "--format",
            "json",
        ];
        desk.run(&[&["sweep", &log, "--config", &config], &more[..]].concat())
            .json()
    };
    let text = ask("sample-data/lending_club.selective.csv");
    let parquet = ask("sample-data/lending_club.selective.parquet");
    assert_eq!(text["input"]["rows"], parquet["input"]["rows"]);
    assert_eq!(text["input"]["time"], parquet["input"]["time"]);
    // Exact comparison of a large document: say only whether, not what.
    assert!(numbers(&text) == numbers(&parquet), "the points differ");
}

fn write_parquet(desk: &Desk, name: &str, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap();
    let file = File::create(desk.path(name)).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// Points of a log with bare roles of the usual names.
fn points(desk: &Desk, logs: &[&str], more: &[&str]) -> Value {
    let roles = [
        "--role",
        "score=score",
        "--role",
        "error=wrong",
        "--format",
        "json",
    ];
    desk.run(&[&["sweep"], logs, &roles, more].concat()).json()["points"].clone()
}

#[test]
fn single_precision_scores_meet_the_threshold_that_a_person_writes() {
    let desk = Desk::new();
    let scores = Float32Array::from(vec![0.9_f32, 0.7, 0.3, 0.1]);
    let wrong = BooleanArray::from(vec![Some(false), None, Some(true), Some(false)]);
    write_parquet(
        &desk,
        "f32.parquet",
        vec![("score", Arc::new(scores)), ("wrong", Arc::new(wrong))],
    );
    let points = points(
        &desk,
        &["f32.parquet"],
        &["--thresholds", "0.1,0.3,0.7,0.9"],
    );
    let auto: Vec<u64> = points
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["auto_approved"].as_u64().unwrap())
        .collect();
    assert_eq!(auto, [4, 3, 2, 1]);
}

#[test]
fn nested_parquet_is_read_by_dotted_paths() {
    let desk = Desk::new();
    let score: ArrayRef = Arc::new(Float64Array::from(vec![0.9, 0.7, 0.3, 0.1]));
    let label: ArrayRef = Arc::new(StringArray::from(vec![
        Some("a"),
        None,
        Some("b"),
        Some("a"),
    ]));
    let fields = Fields::from(vec![
        Field::new("score", DataType::Float64, true),
        Field::new("label", DataType::Utf8, true),
    ]);
    let model = StructArray::new(fields, vec![score, label], None);
    write_parquet(&desk, "nested.parquet", vec![("model", Arc::new(model))]);
    let more = [
        "--role",
        "score=model.score",
        "--role",
        "error=model.label <> 'a'",
    ];
    let points = points(
        &desk,
        &["nested.parquet"],
        &[&more[..], &["--thresholds", "0.3"]].concat(),
    );
    assert_eq!(points[0]["auto_approved"], 3);
    assert_eq!(points[0]["auto_error"]["labelled"], 2);
    assert_eq!(points[0]["auto_error"]["errors_found"], 1);
}

// ---- several files ----

/// The log in three files; the columns of the second stand in another order.
fn in_three_files(desk: &Desk) {
    let rows = rows();
    let (header, rows) = rows.split_first().unwrap();
    for (number, part) in rows.chunks(80).enumerate() {
        let mut part = [std::slice::from_ref(header), part].concat();
        if number == 1 {
            part.iter_mut().for_each(|row| row.reverse());
        }
        desk.put(&format!("logs/2026/part-{number}.csv"), plain(&part));
    }
}

#[test]
fn files_globs_and_folders_are_one_log() {
    let desk = Desk::new();
    in_three_files(&desk);
    desk.put("logs/_SUCCESS", "");
    desk.put("logs/.hidden.csv", "x,y\n1,2\n");
    desk.put("logs/notes.pdf", "no log");
    let files = [
        "logs/2026/part-0.csv",
        "logs/2026/part-1.csv",
        "logs/2026/part-2.csv",
    ];
    check_same(&desk, &files, &[]);
    check_same(&desk, &[files[2], files[0], files[1]], &[]);
    check_same(&desk, &["logs/2026/*.csv"], &[]);
    check_same(&desk, &["logs/**/part-?.csv"], &[]);
    check_same(&desk, &["logs"], &[]);
    check_same(&desk, &["logs/2026/part-[01].csv", files[2]], &[]);
}

#[test]
fn a_file_given_twice_is_refused_and_never_counted_twice() {
    let desk = Desk::new();
    in_three_files(&desk);
    let twice = ["logs", "logs/2026/part-0.csv"];
    sweep(&desk, &twice, &[], b"").refused(2, &["part-0.csv", "given twice"]);
}

#[test]
fn files_of_different_formats_can_be_one_log() {
    let desk = Desk::new();
    let rows = rows();
    desk.put("a.csv", plain(&rows[..=100]));
    let rest = [&rows[..1], &rows[101..]].concat();
    let text = written(&rest, b';', csv::QuoteStyle::Always, "\r\n");
    desk.put("b.csv.gz", packed_gzip(&text));
    check_same(&desk, &["a.csv", "b.csv.gz"], &[]);
}

#[test]
fn neither_threads_nor_the_order_of_rows_change_a_byte() {
    let desk = Desk::new();
    let mut rows = rows();
    rows[1..].reverse();
    desk.put("backwards.csv", plain(&rows));
    check_same(&desk, &["backwards.csv"], &["--threads", "1"]);
    check_same(&desk, &["backwards.csv"], &["--threads", "7"]);
}

// ---- expressions ----

#[test]
fn an_expression_that_says_what_a_column_says_gives_the_same_points() {
    let desk = Desk::new();
    let log = bad("good.csv");
    let roles = [
        "score=GREATEST(confidence, 0)",
        "score=LEAST(confidence, 1)",
        "score=CASE WHEN confidence >= 0 THEN confidence ELSE 0 END",
        "score=\"confidence\"",
        "score=(confidence)",
        "score=confidence + 0",
        "score=CAST(confidence AS DOUBLE)",
        "error=LOWER(model_decision) <> LOWER(human_label)",
        "error=NOT (model_decision = human_label)",
        "error=\"model_decision\" <> \"human_label\"",
        "error=CASE WHEN human_label IS NULL THEN NULL ELSE model_decision <> human_label END",
        "error=CASE WHEN model_decision <> human_label THEN 1 WHEN model_decision = human_label THEN 0 END",
        "error=UPPER(TRIM(model_decision)) <> UPPER(human_label)",
        "error=model_decision <> NULLIF(human_label, 'n/a')",
        "error=human_label NOT IN ('approve') OR (human_label = 'deny' AND model_decision <> 'deny')",
        "escalated=route IN ('escalated', 'human')",
        "escalated=route <> 'auto'",
        "escalated=LOWER(route) LIKE 'esc%'",
        "escalated=confidence < 0.93",
        "id=case_id || ''",
        "value=COALESCE(value_usd, 0)",
        "label_probability=CASE WHEN route = 'escalated' THEN 1.0 ELSE 0.12 END",
        "pinned=route = 'nowhere'",
    ];
    let differs = |role: &&&str| {
        let answer = sweep(&desk, &[&log], &["--role", role], b"");
        answer.code != 0 || numbers(&answer.json()) != wanted()
    };
    let differing: Vec<&&str> = roles.iter().filter(differs).collect();
    assert!(differing.is_empty(), "refused or different: {differing:#?}");
    check_same(&desk, &[&log], &["--segment", "segment=UPPER(segment)"]);
}

#[test]
fn quoted_names_reach_columns_with_spaces_signs_and_sql_words() {
    let mut rows = rows();
    rows[0] = [
        "Case No.",
        "order",
        "P(ok) %",
        "select",
        "from",
        "Human \"label\"",
        "a.b",
        "group",
        "ß",
    ]
    .map(str::to_owned)
    .to_vec();
    let desk = Desk::new();
    desk.put("odd.csv", plain(&rows));
    desk.put(
        "odd.toml",
        r#"[columns]
id = "Case No."
time = "order"
score = "P(ok) %"
error = '"select" <> "Human ""label"""'
escalated = "\"from\" = 'escalated'"
label_probability = "ß"
value = 'COALESCE("group", 0)'
[segments]
segment = "a.b"
"#,
    );
    check_same(&desk, &["odd.csv"], &["--config", "odd.toml"]);
}

#[test]
fn types_say_how_texts_are_to_be_read() {
    let desk = Desk::new();
    let mut rows = rows();
    for (number, row) in rows.iter_mut().enumerate() {
        let (epoch, flag) = match number {
            0 => ("epoch".to_owned(), "flag".to_owned()),
            _ => (
                "1451638800".to_owned(),
                if row[4] == "escalated" { "1" } else { "0" }.to_owned(),
            ),
        };
        let millis = if number == 0 {
            "millis".to_owned()
        } else {
            format!("{epoch}000")
        };
        row.extend([epoch, millis, flag]);
    }
    desk.put("log.csv", plain(&rows));
    let types = |text: &str| {
        let config = format!("{}\n[types]\n{text}\n", text_of("gonogo.toml"));
        desk.put("types.toml", config);
        ["--config", "types.toml"]
    };
    for (text, role) in [
        ("epoch = \"epoch_s\"", "time=epoch"),
        ("millis = \"epoch_ms\"", "time=millis"),
        ("timestamp = \"timestamp\"", "time=timestamp"),
        ("timestamp = \"text\"", "time=timestamp"),
        ("flag = \"integer\"", "escalated=flag = 1"),
        ("flag = \"number\"", "escalated=flag > 0.5"),
        ("flag = \"text\"", "escalated=flag = '1'"),
        ("flag = \"boolean\"", "escalated=flag"),
        ("flag = \"boolean\"", "escalated=NOT (NOT flag)"),
        ("confidence = \"number\"", "score=confidence * 1.0"),
        ("value_usd = \"integer\"", "value=value_usd * 1"),
    ] {
        let config = types(text);
        check_same(
            &desk,
            &["log.csv"],
            &[&config[..], &["--role", role]].concat(),
        );
    }
    let config = types("epoch = \"epoch_s\"\nmillis = \"epoch_ms\"");
    for role in ["time=epoch", "time=millis"] {
        let found = sweep(
            &desk,
            &["log.csv"],
            &[&config[..], &["--role", role]].concat(),
            b"",
        )
        .json();
        assert_eq!(found["input"]["time"][0], "2016-01-01T09:00:00Z");
    }
    let config = types("confidence = \"integer\"");
    let more = [&config[..], &["--role", "score=confidence * 1.0"]].concat();
    sweep(&desk, &["log.csv"], &more, b"").refused(2, &["240 bad rows", "integer", "`confidence`"]);
}

#[test]
fn ids_keep_their_leading_zeros() {
    let desk = Desk::new();
    let log = |second: &str| format!("id,score,wrong\n7,0.9,true\n{second},0.8,false\n");
    for other in ["007", "7.0", "+7", " 7", "7e0"] {
        desk.put("log.csv", log(other));
        let found = points(
            &desk,
            &["log.csv"],
            &["--role", "id=id", "--thresholds", "0"],
        );
        assert_eq!(found[0]["cases"], 2, "{other:?}");
    }
    desk.put("log.csv", log("7"));
    let arguments = [
        "sweep",
        "log.csv",
        "--role",
        "score=score",
        "--role",
        "error=wrong",
    ];
    let answer = desk.run(&[&arguments[..], &["--role", "id=id"]].concat());
    answer.refused(2, &["\"7\"", "log.csv, line 2", "log.csv, line 3"]);
    // As an expression an id keeps its zeros as well.
    desk.put("log.csv", log("007"));
    let found = points(
        &desk,
        &["log.csv"],
        &["--role", "id=id || '-x'", "--thresholds", "0"],
    );
    assert_eq!(found[0]["cases"], 2);
}

#[test]
fn expressions_over_more_texts_than_are_remembered_stay_right() {
    // 70,000 different texts in one column, and 300 by 300 combinations in two.
    let mut log = String::from("text,a,b,flag,score\n");
    let (mut by_text, mut by_pair) = (0, 0);
    for row in 0..90_000 {
        let text = format!("t{:05}", row % 70_000);
        let (a, b) = (row % 300, row / 300);
        by_text += u64::from(text.ends_with('7'));
        by_pair += u64::from(a != b);
        let _ = writeln!(
            log,
            "{text},x{a},x{b},{},0.{}",
            text.ends_with('7'),
            row % 10
        );
    }
    let desk = Desk::new();
    desk.put("many.csv", log);
    for threads in ["1", "3"] {
        for (error, wrong) in [
            ("flag", by_text),
            ("text LIKE '%7'", by_text),
            ("a <> b", by_pair),
        ] {
            let error = format!("error={error}");
            let more = [
                "--thresholds",
                "0,0.5",
                "--threads",
                threads,
                "--role",
                &error,
            ];
            let found = points(&desk, &["many.csv"], &more);
            assert_eq!(found[0]["auto_error"]["errors_found"], wrong, "{error}");
            assert_eq!(found[0]["auto_error"]["labelled"], 90_000);
            assert_eq!(found[1]["auto_approved"], 45_000);
        }
    }
}
