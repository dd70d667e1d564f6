//! What comes out: every format says the same, keeps its contract and escapes for itself; files are
//! whole or not there; standard output carries data only.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::bad_input::{bad, bytes_of, text_of};
use crate::binary::{Answer, Desk, GONOGO, commands_in, in_repository};

const THRESHOLDS: &str = "0.8,0.9,0.93";

/// Sweeps a log of sample-data with its roles.
fn sweep(desk: &Desk, more: &[&str]) -> Answer {
    let log = in_repository("sample-data/spam_mail.selective.csv");
    let config = in_repository("sample-data/spam_mail.toml");
    desk.run(&[&["sweep", &log, "--config", &config], more].concat())
}

/// Sweeps a log of tests/bad with its roles.
fn sweep_bad(desk: &Desk, log: &str, more: &[&str]) -> Answer {
    let (log, config) = (bad(log), bad("gonogo.toml"));
    desk.run(&[&["sweep", &log, "--config", &config], more].concat())
}

fn rows_of_csv(text: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = |row: csv::StringRecord| {
        header
            .iter()
            .map(str::to_owned)
            .zip(row.iter().map(str::to_owned))
            .collect()
    };
    reader
        .records()
        .map(|record| row(record.unwrap()))
        .collect()
}

fn field<'a>(row: &'a [(String, String)], name: &str) -> &'a str {
    &row.iter()
        .find(|(title, _)| title == name)
        .unwrap_or_else(|| panic!("no column {name}"))
        .1
}

// ---- files ----

#[test]
fn one_run_writes_every_format_whole() {
    let desk = Desk::new();
    desk.put("old.json", "an earlier answer");
    let more = [
        "-o", "a.json", "-o", "a.csv", "-o", "a.md", "-o", "a.svg", "-o", "a.png", "-o", "old.json",
    ];
    let arguments = [&more[..], &["--by", "predicted", "--format", "json"]].concat();
    let answer = sweep(&desk, &arguments).done();
    assert_eq!(answer.stderr, "");
    assert_eq!(
        desk.files(),
        ["a.csv", "a.json", "a.md", "a.png", "a.svg", "old.json"]
    );
    assert_eq!(desk.text("a.json"), answer.stdout);
    assert_eq!(desk.text("old.json"), answer.stdout);
    let svg = desk.text("a.svg");
    let drawing = roxmltree::Document::parse(&svg).unwrap();
    assert_eq!(drawing.root_element().tag_name().name(), "svg");
    let png = std::fs::read(desk.path("a.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert!(png.ends_with(b"IEND\xaeB`\x82"));
    for (format, file) in [("csv", "a.csv"), ("md", "a.md")] {
        let printed = sweep(&desk, &["--by", "predicted", "--format", format])
            .done()
            .stdout;
        assert_eq!(desk.text(file), printed, "{format}");
    }
}

#[test]
fn the_ending_picks_the_format_whatever_its_case() {
    let desk = Desk::new();
    sweep(&desk, &["-o", "A.JSON", "-o", "b.c.Svg"]).done();
    serde_json::from_str::<Value>(&desk.text("A.JSON")).unwrap();
    roxmltree::Document::parse(&desk.text("b.c.Svg")).unwrap();
}

#[test]
fn an_answer_can_be_read_by_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    sweep(&desk, &["-o", "a.json"]).done();
    let mode = std::fs::metadata(desk.path("a.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o644);
}

#[test]
fn a_run_that_fails_leaves_an_earlier_answer_alone() {
    let desk = Desk::new();
    desk.put("a.json", "an earlier answer");
    sweep_bad(&desk, "score_nan.csv", &["-o", "a.json"]).refused(2, &["score_nan.csv"]);
    assert_eq!(desk.text("a.json"), "an earlier answer");
}

#[test]
fn an_answer_without_a_chart_refuses_to_draw_one() {
    let desk = Desk::new();
    let (log, config) = (bad("good.csv"), bad("gonogo.toml"));
    for file in ["a.svg", "a.png"] {
        let answer = desk.run(&[
            "check", &log, "--config", &config, "-o", "a.json", "-o", file,
        ]);
        answer.refused(2, &[file, "no chart", ".json"]);
    }
    assert_eq!(desk.files(), Vec::<String>::new());
}

// ---- the formats agree ----

#[test]
fn json_and_csv_give_the_same_numbers_in_full_precision() {
    let desk = Desk::new();
    let more = [
        "--by",
        "predicted",
        "--thresholds",
        THRESHOLDS,
        "-o",
        "a.csv",
        "--format",
        "json",
    ];
    let json = sweep(&desk, &more).json();
    let rows = rows_of_csv(&desk.text("a.csv"));
    let mut wanted: Vec<(Option<&Value>, &Value)> = vec![(None, &json["actual"])];
    wanted.extend(
        json["points"]
            .as_array()
            .unwrap()
            .iter()
            .map(|point| (None, point)),
    );
    for segment in json["segments"].as_array().unwrap() {
        wanted.push((Some(segment), &segment["actual"]));
        wanted.extend(
            segment["points"]
                .as_array()
                .unwrap()
                .iter()
                .map(|p| (Some(segment), p)),
        );
    }
    assert_eq!(rows.len(), wanted.len());
    for (row, (segment, outcome)) in rows.iter().zip(wanted) {
        let rate = &outcome["auto_error"];
        for (title, value) in [
            ("cases", &outcome["cases"]),
            ("escalated", &outcome["escalated"]),
            ("auto_approved", &outcome["auto_approved"]),
            ("escalation_rate", &outcome["escalation_rate"]),
            ("auto_error", &rate["estimate"]),
            ("auto_error_low", &rate["low"]),
            ("auto_error_high", &rate["high"]),
            ("labelled", &rate["labelled"]),
            ("errors_found", &rate["errors_found"]),
            ("labelled_only", &rate["labelled_only"]),
            ("observed", &rate["evidence"]["observed"]),
            ("escaped_errors", &outcome["escaped_errors"]["estimate"]),
            ("caught_errors", &outcome["caught_errors"]["estimate"]),
        ] {
            check_number(title, field(row, title), value);
        }
        match outcome.get("threshold") {
            Some(threshold) => check_number("threshold", field(row, "threshold"), threshold),
            None => assert_eq!(field(row, "threshold"), "actual"),
        }
        let name = segment.map_or("", |segment| segment["segment"].as_str().unwrap());
        assert_eq!(field(row, "segment"), name);
    }
}

/// Asserts that a cell of a CSV file is a value of the JSON, empty where that is null.
#[track_caller]
fn check_number(title: &str, cell: &str, value: &Value) {
    let Some(wanted) = value.as_f64() else {
        assert_eq!(cell, "", "{title}");
        return;
    };
    let found: f64 = cell.parse().unwrap();
    // The reader of JSON that the tests use is off by one in the last place.
    assert!(
        (found - wanted).abs() <= 1e-15 * wanted.abs(),
        "{title}: {found} and {wanted}"
    );
}

#[test]
fn table_and_markdown_show_the_numbers_of_the_json() {
    let desk = Desk::new();
    let more = ["--thresholds", THRESHOLDS, "-o", "a.json", "-o", "a.md"];
    let table = sweep(&desk, &more).done().stdout;
    let json: Value = serde_json::from_str(&desk.text("a.json")).unwrap();
    let markdown = desk.text("a.md");
    for point in json["points"].as_array().unwrap() {
        let threshold = point["threshold"].to_string();
        let line = table
            .lines()
            .find(|line| line.starts_with(&threshold))
            .unwrap();
        let row = markdown
            .lines()
            .find(|line| line.starts_with(&format!("| {threshold}")))
            .unwrap();
        let rate = &point["auto_error"];
        let percent = |value: &Value| {
            let percent = value.as_f64().unwrap() * 100.0;
            if percent <= 0.0 {
                return "0".to_owned();
            }
            let decimals = (2 - percent.log10().floor() as i32).clamp(0, 8) as usize;
            let text = format!("{percent:.decimals$}");
            if text.contains('.') {
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            } else {
                text
            }
        };
        let estimate = format!(
            "{} ({} to {}) %",
            percent(&rate["estimate"]),
            percent(&rate["low"]),
            percent(&rate["high"])
        );
        for text in [line, row] {
            assert!(text.contains(&estimate), "{estimate} is not in {text}");
            assert!(
                text.contains(&format!("{} %", percent(&point["escalation_rate"]))),
                "{text}"
            );
            assert!(text.contains(&rate["labelled"].to_string()), "{text}");
        }
    }
}

// ---- the JSON contract ----

#[test]
fn a_sweep_keeps_the_contract_of_its_json() {
    let json = sweep(&Desk::new(), &["--by", "predicted", "--format", "json"]).json();
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    for key in ["schema", "tool", "input", "points", "segments", "actual"] {
        assert!(
            keys.iter().any(|known| *known == key),
            "{key} is missing: {keys:?}"
        );
    }
    assert_eq!(
        json["schema"],
        serde_json::json!({"name": "gonogo/sweep", "version": 1})
    );
    assert_eq!(json["tool"]["name"], "gonogo");
    assert_eq!(json["tool"]["version"], env!("CARGO_PKG_VERSION"));
    let file = &json["input"]["files"][0];
    let bytes = std::fs::read(in_repository("sample-data/spam_mail.selective.csv")).unwrap();
    assert_eq!(file["bytes"], bytes.len());
    assert_eq!(file["rows"], 6044);
    assert!(
        file["name"]
            .as_str()
            .unwrap()
            .ends_with("spam_mail.selective.csv")
    );
    assert_eq!(
        json["input"]["rows"],
        serde_json::json!({"in": 6044, "used": 6044, "set_aside": {}})
    );
    assert_eq!(json["input"]["roles"]["error"], "predicted <> review_label");
    let points = json["points"].as_array().unwrap();
    let thresholds: Vec<f64> = points
        .iter()
        .map(|p| p["threshold"].as_f64().unwrap())
        .collect();
    assert!(thresholds.is_sorted(), "{thresholds:?}");
    for point in points {
        for key in [
            "threshold",
            "cases",
            "escalated",
            "auto_approved",
            "escalation_rate",
            "auto_error",
            "escaped_errors",
            "value",
            "cost",
        ] {
            assert!(point.get(key).is_some(), "{key} is missing");
        }
        check_rate(&point["auto_error"]);
        check_rate(&point["escaped_errors"]);
    }
    let segments = json["segments"].as_array().unwrap();
    let values: Vec<&str> = segments
        .iter()
        .map(|s| s["value"].as_str().unwrap())
        .collect();
    assert!(values.is_sorted() && values.len() == 2, "{values:?}");
    assert!(
        segments
            .iter()
            .all(|segment| segment["segment"] == "predicted")
    );
}

/// Asserts that a value is the rate object of the contract.
#[track_caller]
fn check_rate(rate: &Value) {
    for key in [
        "estimate",
        "low",
        "high",
        "level",
        "method",
        "cases",
        "labelled",
        "errors_found",
        "evidence",
        "bounds",
        "labelled_only",
    ] {
        assert!(rate.get(key).is_some(), "{key} is missing in {rate}");
    }
    for key in ["cases", "labelled", "errors_found"] {
        assert!(rate[key].is_u64(), "{key} in {rate}");
    }
    match rate["estimate"].as_f64() {
        Some(estimate) => {
            let (low, high) = (
                rate["low"].as_f64().unwrap(),
                rate["high"].as_f64().unwrap(),
            );
            assert!(
                0.0 <= low && low <= estimate && estimate <= high && high <= 1.0,
                "{rate}"
            );
            assert!(rate["bounds"].is_null(), "{rate}");
        }
        None => assert!(rate["low"].is_null() && rate["high"].is_null(), "{rate}"),
    }
}

#[test]
fn the_fingerprint_of_a_file_is_its_sha256() {
    use sha2::{Digest as _, Sha256};
    let hex = |bytes: &[u8]| -> String {
        Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    };
    let desk = Desk::new();
    for name in [
        "good.csv",
        "good.csv.gz",
        "two_members.csv.gz",
        "good.parquet",
    ] {
        let json = sweep_bad(&desk, name, &["--format", "json"]).json();
        let file = &json["input"]["files"][0];
        assert_eq!(file["sha256"], hex(&bytes_of(name)), "{name}");
        assert_eq!(file["bytes"], bytes_of(name).len(), "{name}");
    }
    let config = bad("gonogo.toml");
    let arguments = ["sweep", "-", "--config", &config, "--format", "json"];
    let json = desk.run_with(&arguments, &bytes_of("good.csv.gz")).json();
    assert_eq!(
        json["input"]["files"][0]["sha256"],
        hex(&bytes_of("good.csv.gz"))
    );
    assert_eq!(
        json["input"]["files"][0]["bytes"],
        bytes_of("good.csv.gz").len()
    );
}

#[test]
fn what_is_undefined_is_null_in_json_and_empty_in_csv() {
    let desk = Desk::new();
    // Nothing reaches the threshold 1: no case is auto-approved, and nothing can be said of them.
    let more = ["--thresholds", "0.9,1", "--format", "json", "-o", "a.csv"];
    let answer = sweep_bad(&desk, "good.csv", &more).done();
    let json = answer.json();
    let strictest = &json["points"][1];
    assert_eq!(strictest["auto_approved"], 0);
    assert!(strictest["auto_error"]["estimate"].is_null());
    assert!(strictest["auto_error"]["labelled_only"].is_null());
    assert_eq!(strictest["escalation_rate"], 1.0);
    let csv = desk.text("a.csv");
    let rows = rows_of_csv(&csv);
    assert_eq!(field(&rows[2], "threshold"), "1");
    assert_eq!(field(&rows[2], "auto_error"), "");
    for text in [&answer.stdout, &csv] {
        let lower = text.to_lowercase();
        assert!(!lower.contains("nan") && !lower.contains("inf,"), "{text}");
    }
    let table = sweep_bad(&desk, "good.csv", &["--thresholds", "1"])
        .done()
        .stdout;
    assert!(!table.contains("NaN") && table.contains('–'), "{table}");
}

// ---- what a value of the log may do ----

/// good.csv with its first segments replaced.
fn with_segments(values: &[&str]) -> Vec<u8> {
    let text = text_of("good.csv");
    let mut writer = csv::Writer::from_writer(Vec::new());
    for (number, line) in text.lines().enumerate() {
        let mut row: Vec<&str> = line.split(',').collect();
        if let Some(value) = number.checked_sub(1).and_then(|place| values.get(place)) {
            row[6] = value;
        }
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

#[test]
fn a_spreadsheet_runs_no_value_of_the_log() {
    let desk = Desk::new();
    let formulas = [
        "=1+1",
        "+1",
        "-1+2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "=HYPERLINK(\"x\",\"y\")",
    ];
    desk.put("log.csv", with_segments(&formulas));
    let config = bad("gonogo.toml");
    let more = [
        "--config", &config, "--by", "segment", "--format", "csv", "-o", "a.csv",
    ];
    let answer = desk
        .run(&[&["sweep", "log.csv"], &more[..]].concat())
        .done();
    for text in [answer.stdout, desk.text("a.csv")] {
        for row in rows_of_csv(&text) {
            for (_, cell) in &row {
                let is_number = cell.parse::<f64>().is_ok();
                assert!(
                    is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                    "{cell:?}"
                );
            }
        }
        assert!(
            text.contains("'=1+1") && text.contains("'@SUM(A1)"),
            "{text}"
        );
    }
}

const EVIL: [&str; 7] = [
    "\u{1b}[2J\u{1b}[31mred",
    "a\u{7}b",
    "\u{1b}]0;title\u{7}",
    "c\u{9b}31m",
    "right\u{202e}left",
    "two\nlines",
    "\u{7f}\u{8}\u{8}",
];

#[test]
fn no_format_hands_terminal_commands_of_the_log_on() {
    let desk = Desk::new();
    desk.put("log.csv", with_segments(&EVIL));
    let config = bad("gonogo.toml");
    for format in ["table", "json", "csv", "md"] {
        for color in ["always", "never", "auto"] {
            let more = [
                "--config", &config, "--by", "segment", "--top", "50", "--format", format,
            ];
            let arguments = [&["sweep", "log.csv", "--color", color], &more[..]].concat();
            let printed = desk.run(&arguments).done().stdout;
            // The colours of gonogo itself are known; nothing else may be there.
            let own = ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[33m"];
            let bare = own
                .iter()
                .fold(printed.clone(), |text, code| text.replace(code, ""));
            assert_eq!(commands_in(&bare), "", "{format} --color {color}");
            let turns = |text: &str| text.contains('\u{202e}');
            assert!(
                format == "json" || format == "csv" || !turns(&bare),
                "{format} --color {color}"
            );
            if color == "never" {
                assert_eq!(printed, bare, "{format}");
            }
        }
    }
}

#[test]
fn what_is_printed_is_what_is_written() {
    let desk = Desk::new();
    desk.put("log.csv", with_segments(&EVIL));
    let config = bad("gonogo.toml");
    for (format, file) in [("json", "a.json"), ("csv", "a.csv"), ("md", "a.md")] {
        for color in ["auto", "always"] {
            let more = ["--config", &config, "--by", "segment", "--color", color];
            let arguments = [
                &["sweep", "log.csv", "--format", format, "-o", file],
                &more[..],
            ]
            .concat();
            assert_eq!(
                desk.run(&arguments).done().stdout,
                desk.text(file),
                "{format} {color}"
            );
        }
    }
}

#[test]
fn messages_make_terminal_commands_visible() {
    let desk = Desk::new();
    let config = bad("gonogo.toml");
    desk.put(
        "log.csv",
        text_of("good.csv").replacen("0.9636", "\u{1b}[2J9", 1),
    );
    let answer = desk.run(&["sweep", "log.csv", "--config", &config]);
    answer.refused(2, &["log.csv, line 2", "\\u{1b}[2J9"]);
    let always = desk.run(&["sweep", "log.csv", "--config", &config, "--color", "always"]);
    assert!(!always.stderr.contains("\u{1b}[2J"), "{}", always.stderr);
    // A name of a column, too, is a text of the log.
    desk.put(
        "log.csv",
        text_of("good.csv").replacen("confidence", "\u{1b}[2Jx", 1),
    );
    let answer = desk.run(&["sweep", "log.csv", "--config", &config, "--color", "always"]);
    assert!(!answer.stderr.contains("\u{1b}[2J"), "{}", answer.stderr);
    let answer = desk.run(&["check", "log.csv", "--color", "always"]);
    assert!(!answer.stdout.contains("\u{1b}[2J"), "{}", answer.stdout);
    let answer = desk.run(&["init", "log.csv", "--color", "always"]);
    assert!(!answer.stdout.contains("\u{1b}[2J"), "{}", answer.stdout);
}

#[test]
fn charts_stay_well_formed_whatever_the_segments_are_called() {
    let desk = Desk::new();
    let names = [
        &EVIL[..],
        &[
            "<b>&amp;\"'",
            "]]>",
            "<script>",
            "名前",
            "\u{ffff}",
            "\u{1}",
        ],
    ]
    .concat();
    desk.put("log.csv", with_segments(&names));
    let config = bad("gonogo.toml");
    let more = [
        "--by", "segment", "--top", "40", "-o", "a.svg", "-o", "a.md",
    ];
    desk.run(&[&["sweep", "log.csv", "--config", &config], &more[..]].concat())
        .done();
    let svg = desk.text("a.svg");
    let drawing = roxmltree::Document::parse(&svg).unwrap();
    assert!(
        !drawing
            .descendants()
            .any(|node| node.has_tag_name("script"))
    );
    assert_eq!(commands_in(&svg), "");
    assert!(!desk.text("a.md").contains("<script>"));
}

// ---- streams ----

#[test]
fn standard_output_is_data_and_standard_error_is_silent_when_all_is_well() {
    let desk = Desk::new();
    for format in ["table", "json", "csv", "md"] {
        for more in [&["--quiet"][..], &[]] {
            let answer = sweep(&desk, &[&["--format", format], more].concat()).done();
            assert_eq!(answer.stderr, "", "{format}");
            assert!(answer.stdout.ends_with('\n'), "{format}");
        }
    }
    let spoken = sweep(&desk, &["--verbose", "--format", "json"]).done();
    serde_json::from_str::<Value>(&spoken.stdout).unwrap();
    assert!(
        spoken.stderr.contains("spam_mail.toml"),
        "{}",
        spoken.stderr
    );
    assert!(
        spoken
            .stderr
            .lines()
            .all(|line| line.starts_with("gonogo: ")),
        "{}",
        spoken.stderr
    );
}

#[test]
fn colours_come_only_where_they_are_wanted() {
    let desk = Desk::new();
    let log = in_repository("sample-data/spam_mail.selective.csv");
    let config = in_repository("sample-data/spam_mail.toml");
    let colours = |color: &[&str], variable: Option<&str>| {
        let mut command = desk.command(GONOGO);
        command
            .args(["sweep", &log, "--config", &config])
            .args(color);
        if let Some(variable) = variable {
            command.env(variable, "1");
        }
        let output = command.output().unwrap();
        assert!(output.status.success());
        output.stdout.contains(&0x1b)
    };
    assert!(!colours(&[], None));
    assert!(colours(&["--color", "always"], None));
    assert!(!colours(&["--color", "never"], None));
    assert!(!colours(&["--color", "never"], Some("CLICOLOR_FORCE")));
    assert!(!colours(&[], Some("NO_COLOR")));
    assert!(!colours(&["--color", "auto"], Some("NO_COLOR")));
    // A flag is a later word than an environment.
    assert!(colours(&["--color", "always"], Some("NO_COLOR")));
}

#[test]
fn colours_do_not_change_the_text() {
    let desk = Desk::new();
    let plain = sweep(&desk, &["--color", "never"]).done().stdout;
    let mut coloured = sweep(&desk, &["--color", "always"]).done().stdout;
    while let Some(start) = coloured.find("\u{1b}[") {
        let end = start + coloured[start..].find('m').unwrap();
        coloured.replace_range(start..=end, "");
    }
    assert_eq!(coloured, plain);
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let desk = Desk::new();
    let log = in_repository("sample-data/spam_mail.selective.csv");
    let config = in_repository("sample-data/spam_mail.toml");
    for command in ["sweep", "check"] {
        for format in ["table", "json", "csv"] {
            // More than a pipe holds is needed to break one.
            let exact = if command == "sweep" {
                "--thresholds 0..1/0.01 --by sender_tld"
            } else {
                ""
            };
            let answer = desk.shell(&format!(
                "set -o pipefail; $GONOGO {command} {log} --config {config} {exact} --format {format} \
                 | head -n 1"
            ));
            assert_eq!(
                (answer.code, answer.stderr.as_str()),
                (0, ""),
                "{command} {format}"
            );
        }
    }
    let answer = desk.shell("set -o pipefail; $GONOGO sweep --help | head -n 1");
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
}

#[test]
fn an_output_that_is_full_is_told() {
    let desk = Desk::new();
    let log = in_repository("sample-data/spam_mail.selective.csv");
    let config = in_repository("sample-data/spam_mail.toml");
    let answer = desk.shell(&format!(
        "$GONOGO sweep {log} --config {config} > /dev/full"
    ));
    answer.refused(74, &["standard output"]);
}

#[test]
fn lines_for_a_pipe_are_no_longer_than_a_hundred_characters() {
    let desk = Desk::new();
    let long = "a very long name of a segment that nobody would want to read in a table at all";
    desk.put("log.csv", with_segments(&[long, "b", long]));
    let config = bad("gonogo.toml");
    let mut texts = vec![
        sweep(&desk, &[]).done().stdout,
        sweep(&desk, &["--by", "predicted,content_type"])
            .done()
            .stdout,
        sweep(&desk, &["--exact"]).done().stdout,
    ];
    for command in ["sweep", "check"] {
        let mut arguments = vec![command, "log.csv", "--config", &config];
        if command == "sweep" {
            arguments.extend(["--by", "segment", "--top", "50"]);
        }
        texts.push(desk.run(&arguments).done().stdout);
    }
    for text in &texts {
        for line in text.lines() {
            assert!(
                line.chars().count() <= 100,
                "{} characters: {line}",
                line.chars().count()
            );
            assert_eq!(line, line.trim_end());
        }
    }
}

#[test]
fn a_table_that_is_too_wide_says_which_columns_it_leaves_out() {
    let desk = Desk::new();
    let table = sweep(&desk, &["-o", "a.md"]).done().stdout;
    let (_, rest) = table
        .split_once("not shown for want of width: ")
        .expect("nothing is hidden");
    let hidden = rest.split("\n\n").next().unwrap().replace('\n', " ");
    let header = desk
        .text("a.md")
        .lines()
        .find(|line| line.starts_with("| threshold"))
        .unwrap()
        .to_owned();
    let shown = table
        .lines()
        .find(|line| line.starts_with("threshold"))
        .unwrap();
    for title in header.trim_matches('|').split(" | ").map(str::trim) {
        assert!(
            shown.contains(title) != hidden.contains(title),
            "{title}: {shown} / {hidden}"
        );
    }
    assert!(!desk.text("a.md").contains("not shown"));
}

// ---- help ----

#[test]
fn the_help_of_every_command_shows_examples_that_parse() {
    let desk = Desk::new();
    // Files of these names make the examples run; all that counts is that clap accepts them.
    for name in ["log.csv", "logs/2026-01.csv"] {
        desk.put(name, bytes_of("good.csv"));
    }
    for command in ["", "init", "check", "sweep", "replay", "tune", "gate"] {
        let arguments: Vec<&str> = [command, "--help"]
            .into_iter()
            .filter(|a| !a.is_empty())
            .collect();
        let help = desk.run(&arguments).done();
        assert_eq!(help.stderr, "");
        let (_, examples) = help.stdout.split_once("Examples:\n").expect("no examples");
        let examples: Vec<&str> = examples
            .lines()
            .take_while(|line| line.starts_with("  "))
            .map(str::trim)
            .collect();
        assert!(examples.len() >= 3, "{examples:?}");
        for example in examples {
            // What stands behind two spaces explains the example.
            let line = example.split("  ").next().unwrap();
            assert!(line.contains("gonogo "), "{line}");
            let answer = desk.shell(&line.replace("gonogo ", "$GONOGO "));
            assert!(
                !answer.stderr.contains("Usage:"),
                "{line}: {}",
                answer.stderr
            );
            assert!(
                !answer.stderr.contains("unexpected argument"),
                "{line}: {}",
                answer.stderr
            );
        }
    }
}

#[test]
fn help_and_version_go_to_standard_output_and_misuse_to_standard_error() {
    let desk = Desk::new();
    let version = desk.run(&["--version"]).done();
    assert_eq!(
        version.stdout,
        format!("gonogo {}\n", env!("CARGO_PKG_VERSION"))
    );
    let help = desk.run(&["--help"]).done().stdout;
    for word in ["init", "check", "sweep", "Exit codes", "130"] {
        assert!(help.contains(word), "{word}");
    }
    assert!(
        help.lines().all(|line| line.chars().count() <= 100),
        "{help}"
    );
    for arguments in [&["--nonsense"][..], &["swep", "log.csv"], &["sweep"]] {
        let answer = desk.run(arguments);
        assert_eq!(
            (answer.code, answer.stdout.as_str()),
            (2, ""),
            "{arguments:?}"
        );
    }
    let answer = desk.run(&["swep", "log.csv"]);
    assert!(answer.stderr.contains("sweep"), "{}", answer.stderr);
}

// ---- interrupts ----

/// Sends SIGINT to gonogo while it waits for more of its standard input, and gives its exit code
/// when it ends in time.
fn interrupted(desk: &Desk, more: &[&str], text: &[u8]) -> Option<i32> {
    let config = bad("gonogo.toml");
    let mut child = Command::new(GONOGO)
        .args([
            "sweep",
            "-",
            "--config",
            &config,
            "--verbose",
            "-o",
            "out.json",
        ])
        .args(more)
        .current_dir(desk.folder())
        .env("TMPDIR", desk.folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(text).unwrap();
    stdin.flush().unwrap();
    // The first message shows that the handler stands.
    let mut first = String::new();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut first).unwrap();
    assert!(first.contains("configuration"), "{first}");
    std::thread::sleep(Duration::from_millis(300));
    let status = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
    let start = Instant::now();
    let mut code = None;
    while code.is_none() && start.elapsed() < Duration::from_secs(5) {
        code = child
            .try_wait()
            .unwrap()
            .map(|status| status.code().unwrap_or(-1));
        std::thread::sleep(Duration::from_millis(20));
    }
    // One that has ended cannot be killed, and need not be.
    let _ = child.kill();
    child.wait().unwrap();
    drop(stdin);
    code
}

#[test]
fn an_interrupt_ends_a_run_that_waits_for_input_and_leaves_no_file() {
    // The header alone, and so much that the reading has begun.
    let header: Vec<u8> = text_of("good.csv")
        .lines()
        .next()
        .unwrap()
        .bytes()
        .collect();
    let rows = text_of("good.csv").repeat(60);
    for text in [header.as_slice(), rows.as_bytes()] {
        let desk = Desk::new();
        assert_eq!(
            interrupted(&desk, &["--allow-duplicates"], text),
            Some(130),
            "{}",
            text.len()
        );
        assert_eq!(desk.files(), Vec::<String>::new());
    }
}
