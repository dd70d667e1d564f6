//! Faults that a reading of the code found, each with the smallest log that showed it.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::{ArrayRef, Decimal128Array, Float64Array, RecordBatch, StringArray, UInt64Array};
use parquet::arrow::ArrowWriter;
use serde_json::Value;

use crate::binary::Desk;

const ROLES: [&str; 4] = [
    "--role=score=score",
    "--role=error=wrong",
    "--role=escalated=escalated",
    "--role=label_probability=p",
];

fn json(desk: &Desk, command: &str, log: &str, more: &[&str]) -> Value {
    let mut words = vec![command, log, "--format", "json"];
    words.extend(more);
    desk.run(&words).json()
}

/// Two audited cells, labelled in full accordance with their probabilities, and as many further
/// lines as given.
fn two_cells(further: &str) -> String {
    let mut log = "score,wrong,escalated,p\n".to_owned();
    for case in 0..2000 {
        let wrong = ["", "true", "", "false"][case % 4];
        let _ = writeln!(log, "0.9,{wrong},false,0.5");
    }
    for case in 0..20_000 {
        let label = if case % 50 == 0 { "false" } else { "" };
        let _ = writeln!(log, "0.9,{label},false,0.02");
    }
    log + further
}

#[test]
fn one_case_without_a_probability_does_not_discard_those_of_all_others() {
    let desk = Desk::new();
    desk.put("log.csv", two_cells(""));
    desk.put("gap.csv", two_cells("0.9,false,false,\n"));
    let estimate = |log| {
        let found = json(
            &desk,
            "sweep",
            log,
            &[&ROLES[..], &["--thresholds=0.5"]].concat(),
        );
        found["points"][0]["auto_error"]["estimate"]
            .as_f64()
            .unwrap()
    };
    let (whole, gap) = (estimate("log.csv"), estimate("gap.csv"));
    assert!((whole - 1000.0 / 22_000.0).abs() < 1e-9, "{whole}");
    assert!(
        (gap - whole).abs() < 1e-4,
        "{gap} with one more case, {whole} without"
    );
}

/// The place of the one bad score, with its value, in a log written with these line ends.
fn check_place(header: &str, rows: [&str; 4], end: &str, wanted: &str) {
    let desk = Desk::new();
    let lines = [&[header], &rows[..]].concat();
    desk.put("log.csv", lines.join(end) + end);
    let roles = ["--role=score=score", "--role=error=wrong"];
    let answer = desk.run(&[&["sweep", "log.csv"], &roles[..]].concat());
    answer.refused(2, &[wanted]);
}

#[test]
fn a_bad_row_is_named_by_its_own_line_and_value_whatever_the_line_ends() {
    let header = "name,score,wrong";
    let plain = ["a,0.5,true", "b,7.70,false", "c,0.9,true", "d,0.8,false"];
    let quoted = [
        "\"a\",0.5,true",
        "b,7.70,false",
        "c,0.9,true",
        "d,0.8,false",
    ];
    let folded = [
        "\"a\nz\",0.5,true",
        "b,7.70,false",
        "c,0.9,true",
        "d,0.8,false",
    ];
    let blank = ["a,0.5,true", "", "b,7.70,false", "d,0.8,false"];
    for end in ["\n", "\r\n"] {
        check_place(
            header,
            plain,
            end,
            "line 3, column `score`: \"7.70\" is not",
        );
        check_place(
            header,
            quoted,
            end,
            "line 3, column `score`: \"7.70\" is not",
        );
        check_place(
            header,
            folded,
            end,
            "line 4, column `score`: \"7.70\" is not",
        );
        check_place(
            header,
            blank,
            end,
            "line 4, column `score`: \"7.70\" is not",
        );
    }
}

#[test]
fn a_check_of_many_probabilities_does_not_depend_on_the_threads() {
    let desk = Desk::new();
    let mut log = "score,wrong,escalated,p\n".to_owned();
    for case in 0..40_000_u32 {
        let wrong = ["true", "false", ""][case as usize % 3];
        let _ = writeln!(log, "0.9,{wrong},false,0.{:03}", 100 + case % 200);
    }
    desk.put("log.csv", log);
    let cells = |threads| {
        let words = [&ROLES[..], &["--threads", threads]].concat();
        json(&desk, "check", "log.csv", &words)["cells"].clone()
    };
    assert_eq!(cells("1").as_array().unwrap().len(), 1);
    assert_eq!(cells("1"), cells("3"));
}

#[test]
fn routes_drawn_at_random_follow_no_threshold() {
    let desk = Desk::new();
    let mut log = "score,wrong,escalated,p\n".to_owned();
    for case in 0..2000_u64 {
        // One in twenty is escalated, at any score.
        let score = (case * 7919) % 1000;
        let _ = writeln!(log, "0.{score:03},false,{},1", case % 20 == 3);
    }
    desk.put("log.csv", log);
    let found = json(&desk, "sweep", "log.csv", &ROLES);
    assert!(
        found["historical_threshold"].is_null(),
        "{}",
        found["historical_threshold"]
    );
}

fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn a_column_whose_name_holds_a_dot_is_read_in_parquet_and_json_lines() {
    let desk = Desk::new();
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "model.score",
            Arc::new(Float64Array::from(vec![0.2, 0.4, 0.6, 0.8])),
        ),
        (
            "is.wrong",
            Arc::new(StringArray::from(vec!["true", "false", "false", "true"])),
        ),
    ];
    desk.put("log.parquet", parquet(columns));
    let mut lines = String::new();
    for (score, wrong) in [(0.2, true), (0.4, false), (0.6, false), (0.8, true)] {
        let _ = writeln!(lines, "{{\"model.score\":{score},\"is.wrong\":{wrong}}}");
    }
    desk.put("log.jsonl", lines);
    let roles = [
        "--role=score=model.score",
        "--role=error=is.wrong",
        "--thresholds=0.5",
    ];
    for log in ["log.parquet", "log.jsonl"] {
        let point = json(&desk, "sweep", log, &roles)["points"][0].clone();
        assert_eq!(point["auto_approved"], 2, "{log}");
        assert_eq!(point["auto_error"]["errors_found"], 1, "{log}");
    }
}

#[test]
fn ids_keep_every_digit_of_large_numbers() {
    let desk = Desk::new();
    let large = u64::MAX - 3;
    let scores = || -> ArrayRef { Arc::new(Float64Array::from(vec![0.2, 0.9])) };
    let labels = || -> ArrayRef { Arc::new(StringArray::from(vec!["true", "false"])) };
    let wide = Decimal128Array::from(vec![10_i128.pow(20), 10_i128.pow(20) + 1]);
    let wide = wide.with_precision_and_scale(38, 0).unwrap();
    let ids: [ArrayRef; 2] = [
        Arc::new(UInt64Array::from(vec![large, large + 1])),
        Arc::new(wide),
    ];
    for id in ids {
        let columns = vec![("id", id), ("score", scores()), ("wrong", labels())];
        desk.put("log.parquet", parquet(columns));
        let roles = ["--role=id=id", "--role=score=score", "--role=error=wrong"];
        let found = json(&desk, "sweep", "log.parquet", &roles);
        assert_eq!(found["input"]["rows"]["used"], 2);
    }
}

#[test]
fn a_score_in_percent_meets_the_threshold_that_it_equals() {
    let desk = Desk::new();
    let mut log = "pct,wrong\n".to_owned();
    for tenths in 0..=1000 {
        let _ = writeln!(log, "{}.{},false", tenths / 10, tenths % 10);
    }
    desk.put("log.csv", log);
    for score in ["pct / 100", "1 - (100 - pct) / 100"] {
        let score_role = format!("--role=score={score}");
        let roles = [score_role.as_str(), "--role=error=wrong"];
        let grid = ["--thresholds=0..1/0.001"];
        let found = json(&desk, "sweep", "log.csv", &[&roles[..], &grid].concat());
        for (place, point) in found["points"].as_array().unwrap().iter().enumerate() {
            assert_eq!(
                point["escalated"], place,
                "{score} at {}",
                point["threshold"]
            );
        }
    }
}

#[test]
fn flags_with_gaps_in_floating_point_are_labels() {
    let desk = Desk::new();
    desk.put("log.csv", "score,wrong\n0.9,1.0\n0.8,0.0\n0.7,\n");
    let roles = [
        "--role=score=score",
        "--role=error=wrong",
        "--thresholds=0.5",
    ];
    let point = json(&desk, "sweep", "log.csv", &roles)["points"][0].clone();
    assert_eq!(point["auto_error"]["labelled"], 2);
    assert_eq!(point["auto_error"]["errors_found"], 1);
}

#[test]
fn a_json_line_that_is_no_object_is_a_bad_row() {
    let desk = Desk::new();
    desk.put(
        "log.jsonl",
        "{\"score\":0.9,\"wrong\":true}\n[1,2]\n3\n{\"score\":0.8,\"wrong\":false}\n",
    );
    let roles = ["--role=score=COALESCE(score, 0.5)", "--role=error=wrong"];
    let answer = desk.run(&[&["sweep", "log.jsonl"], &roles[..]].concat());
    answer.refused(2, &["2 bad rows", "line 2", "line 3", "not a JSON object"]);
}

#[test]
fn the_estimate_of_caught_errors_lies_in_its_interval_where_sides_are_labelled_unevenly() {
    let desk = Desk::new();
    let mut log = "score,wrong\n".to_owned();
    for case in 0..1000 {
        let label = if case < 10 {
            ["true", "false"][case % 2]
        } else {
            ""
        };
        let _ = writeln!(log, "0.2,{label}");
    }
    for case in 0..20 {
        let _ = writeln!(log, "0.9,{}", ["true", "false", "false", "false"][case % 4]);
    }
    desk.put("log.csv", log);
    let roles = [
        "--role=score=score",
        "--role=error=wrong",
        "--thresholds=0.5",
    ];
    let caught = json(&desk, "sweep", "log.csv", &roles)["points"][0]["caught_errors"].clone();
    let number = |key: &str| caught[key].as_f64().unwrap();
    assert!(number("low") <= number("estimate"), "{caught}");
    assert!(number("estimate") <= number("high"), "{caught}");
}
