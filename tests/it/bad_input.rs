//! Logs, mappings and questions that are bad in all the ways that were thought of. Each is refused
//! with its place and leaves nothing behind, or is read for what it is; none is misread in silence.

use std::sync::LazyLock;

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use serde_json::Value;

use crate::binary::{Answer, Desk, commands_in, in_repository};

const THRESHOLDS: &str = "0.50,0.80,0.90,0.93,0.95,0.99";

/// A file of tests/bad.
pub(crate) fn bad(name: &str) -> String {
    in_repository(&format!("tests/bad/{name}"))
}

pub(crate) fn bytes_of(name: &str) -> Vec<u8> {
    std::fs::read(bad(name)).unwrap()
}

pub(crate) fn text_of(name: &str) -> String {
    String::from_utf8(bytes_of(name)).unwrap()
}

/// Sweeps logs with the roles of tests/bad.
fn sweep(desk: &Desk, logs: &[&str], more: &[&str]) -> Answer {
    let config = bad("gonogo.toml");
    let mut arguments = vec!["sweep"];
    arguments.extend(logs);
    arguments.extend(["--config", &config, "--quiet"]);
    arguments.extend(more);
    desk.run(&arguments)
}

/// The JSON of a sweep at the thresholds that tests/bad is judged by.
fn answer(desk: &Desk, logs: &[&str], more: &[&str]) -> Value {
    let arguments = [&["--thresholds", THRESHOLDS, "--format", "json"], more].concat();
    sweep(desk, logs, &arguments).json()
}

/// What an answer says of the cases, without the names of files.
pub(crate) fn numbers(answer: &Value) -> Value {
    let keys = [
        "actual",
        "points",
        "cells",
        "segments",
        "historical_threshold",
    ];
    keys.iter()
        .map(|key| ((*key).to_owned(), answer[key].clone()))
        .collect()
}

/// The numbers of good.csv, asked for once.
fn control() -> Value {
    static CONTROL: LazyLock<Value> = LazyLock::new(|| {
        numbers(&answer(
            &Desk::new(),
            &[&bad("good.csv")],
            &["--by", "segment"],
        ))
    });
    CONTROL.clone()
}

/// Asserts that these logs give the numbers of good.csv.
#[track_caller]
fn check_same_as_good(desk: &Desk, logs: &[&str], more: &[&str]) {
    let arguments = [&["--by", "segment"], more].concat();
    let answer = answer(desk, logs, &arguments);
    assert_eq!(answer["input"]["rows"]["in"], 240);
    assert_eq!(answer["input"]["rows"]["used"], 240);
    assert_eq!(numbers(&answer), control());
}

/// Asserts that a file of tests/bad is read, all of its rows.
#[track_caller]
fn check_accepted(name: &str, rows: u64) -> Value {
    let answer = answer(&Desk::new(), &[&bad(name)], &[]);
    assert_eq!(answer["input"]["rows"]["in"], rows);
    assert_eq!(answer["input"]["rows"]["used"], rows);
    answer
}

/// Asserts that logs are refused with these words, and that no file is left.
#[track_caller]
fn check_refused(desk: &Desk, logs: &[&str], more: &[&str], code: i32, words: &[&str]) {
    let before = desk.files();
    let arguments = [&["-o", "out.json", "-o", "out.svg", "-o", "out.csv"], more].concat();
    sweep(desk, logs, &arguments).refused(code, words);
    assert_eq!(desk.files(), before, "files were left or taken");
}

#[track_caller]
fn check_bad(name: &str, words: &[&str]) {
    let words = [&[name], words].concat();
    check_refused(&Desk::new(), &[&bad(name)], &[], 2, &words);
}

/// Asserts that a question on good.csv is refused.
#[track_caller]
fn check_question(more: &[&str], words: &[&str]) {
    check_refused(&Desk::new(), &[&bad("good.csv")], more, 2, words);
}

/// Asserts that each of these mappings of a role is refused with its role named; says all that are
/// not.
#[track_caller]
fn check_sources(role: &str, sources: &[&str]) {
    let taken = |source: &&&str| {
        let desk = Desk::new();
        let mapping = format!("{role}={source}");
        let answer = sweep(
            &desk,
            &[&bad("good.csv")],
            &["--role", &mapping, "-o", "out.json"],
        );
        let named = answer.stderr.contains(&format!("{role} = \"{source}\""));
        answer.code != 2 || !answer.stdout.is_empty() || !named || !desk.files().is_empty()
    };
    let taken: Vec<&&str> = sources.iter().filter(taken).collect();
    assert!(
        taken.is_empty(),
        "not refused, or not by its name, as {role}: {taken:?}"
    );
}

/// Asserts that a log of these bytes is refused, by name.
#[track_caller]
fn check_bytes(name: &str, bytes: impl AsRef<[u8]>, words: &[&str]) {
    let desk = Desk::new();
    desk.put(name, bytes);
    let words = [&[name], words].concat();
    check_refused(&desk, &[name], &[], 2, &words);
}

/// good.csv as JSON Lines, as tests/bad/good.jsonl of the collection is written.
pub(crate) fn good_json_lines() -> Vec<String> {
    let text = text_of("good.csv");
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let header = rows.headers().unwrap().clone();
    let numeric = ["confidence", "value_usd", "inclusion_prob"];
    let line = |row: csv::StringRecord| {
        let field = |(name, value): (&str, &str)| {
            if value.is_empty() {
                format!("\"{name}\": null")
            } else if numeric.contains(&name) {
                format!("\"{name}\": {value}")
            } else {
                format!("\"{name}\": \"{value}\"")
            }
        };
        let fields: Vec<String> = header.iter().zip(row.iter()).map(field).collect();
        format!("{{{}}}", fields.join(", "))
    };
    rows.records().map(|row| line(row.unwrap())).collect()
}

pub(crate) fn packed_gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// zstd with a checksum, as the command line tool writes it.
pub(crate) fn packed_zstd(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut packer = zstd::Encoder::new(Vec::new(), 3).unwrap();
    packer.include_checksum(true).unwrap();
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn random_bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    ChaCha12Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes
}

// ---- files that are right ----

#[test]
fn the_control_has_the_counts_that_it_is_known_to_have() {
    let answer = check_accepted("good.csv", 240);
    let known = [
        ("0.5", 240, 90, 9),
        ("0.8", 233, 83, 7),
        ("0.9", 199, 49, 3),
        ("0.93", 170, 20, 0),
        ("0.95", 152, 18, 0),
        ("0.99", 22, 2, 0),
    ];
    let points = answer["points"].as_array().unwrap();
    assert_eq!(points.len(), known.len());
    for (point, (threshold, auto, labelled, errors)) in points.iter().zip(known) {
        assert_eq!(point["threshold"].to_string(), threshold);
        assert_eq!(point["auto_approved"], auto);
        assert_eq!(point["escalated"], 240 - auto);
        assert_eq!(point["auto_error"]["labelled"], labelled);
        assert_eq!(point["auto_error"]["errors_found"], errors);
    }
    assert_eq!(answer["actual"]["auto_approved"], 170);
    assert_eq!(answer["actual"]["escalated"], 70);
}

#[test]
fn other_forms_of_the_same_log_give_the_same_numbers() {
    let forms = [
        "mixed_eol.csv",
        "bom_utf8.csv",
        "tabs_named_csv.csv",
        "mixed_zones.csv",
        "good.csv.gz",
        "two_members.csv.gz",
        "good.parquet",
        "score_as_string.parquet",
        "types_rich.parquet",
        "id_path_traversal.csv",
    ];
    for form in forms {
        let desk = Desk::new();
        check_same_as_good(&desk, &[&bad(form)], &[]);
        assert_eq!(desk.files(), Vec::<String>::new(), "{form}");
    }
}

#[test]
fn json_lines_give_the_same_numbers_as_csv() {
    let desk = Desk::new();
    desk.put("good.jsonl", good_json_lines().join("\n"));
    check_same_as_good(&desk, &["good.jsonl"], &[]);
}

#[test]
fn times_with_offsets_are_ordered_by_instant() {
    let answer = check_accepted("mixed_zones.csv", 240);
    let times: Vec<&str> = answer["input"]["time"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t.as_str().unwrap())
        .collect();
    assert_eq!(times[0], "2016-01-01T03:30:00Z");
    assert!(times[1].ends_with('Z'), "{times:?}");
}

#[test]
fn scores_of_hundreds_of_digits_are_rounded_once() {
    let answer = check_accepted("score_many_digits.csv", 240);
    // 0.9000...0 meets 0.9 and 0.999...9 is 1.
    assert_eq!(answer["points"][2]["auto_approved"], 199);
    assert_eq!(answer["points"][5]["auto_approved"], 23);
}

#[test]
fn scores_that_are_all_zero_are_one_tie() {
    let answer = check_accepted("all_zero.csv", 240);
    assert!(
        answer["points"]
            .as_array()
            .unwrap()
            .iter()
            .all(|p| p["escalated"] == 240)
    );
    let whole = sweep(
        &Desk::new(),
        &[&bad("all_zero.csv")],
        &["--thresholds", "0", "--format", "json"],
    );
    assert_eq!(whole.json()["points"][0]["auto_approved"], 240);
}

#[test]
fn routes_that_contradict_the_scores_are_told() {
    let desk = Desk::new();
    let answer = check_accepted("route_contradicts_score.csv", 240);
    assert_eq!(answer["historical_threshold"]["cases"], 240);
    assert_eq!(answer["historical_threshold"]["agreeing"], 216);
    let text = sweep(&desk, &[&bad("route_contradicts_score.csv")], &[])
        .done()
        .stdout;
    assert!(
        text.replace('\n', " ")
            .contains("not a threshold on the score"),
        "{text}"
    );
}

#[test]
fn two_thousand_columns_that_nobody_asked_for_are_ignored() {
    let mut lines = Vec::new();
    for (number, line) in text_of("good.csv").lines().take(21).enumerate() {
        let cell = |column: usize| match number {
            0 => format!("f{column}"),
            _ => format!("{column}"),
        };
        let more: Vec<String> = (0..2000).map(cell).collect();
        lines.push(format!("{line},{}", more.join(",")));
    }
    let desk = Desk::new();
    desk.put("many_columns.csv", lines.join("\n"));
    let answer = answer(&desk, &["many_columns.csv"], &[]);
    assert_eq!(answer["input"]["rows"]["used"], 20);
}

#[test]
fn six_thousand_segments_make_a_short_table_and_no_claim_by_chance() {
    let text = text_of("good.csv");
    let mut lines = text.lines();
    let mut log = format!("{}\n", lines.next().unwrap());
    for (number, line) in lines.cycle().take(6000).enumerate() {
        let fields: Vec<String> = line.split(',').map(str::to_owned).collect();
        let mut fields = fields;
        fields[0] = format!("s{number}");
        fields[6] = format!("seg-{number}");
        log.push_str(&fields.join(","));
        log.push('\n');
    }
    let desk = Desk::new();
    desk.put("many_segments.csv", log);
    let more = [
        "--by",
        "segment",
        "--thresholds",
        "0.8,0.9",
        "-o",
        "out.json",
    ];
    let table = sweep(&desk, &["many_segments.csv"], &more).done().stdout;
    assert!(
        table.lines().count() < 100,
        "{} lines",
        table.lines().count()
    );
    assert!(table.contains("other (5,990)"), "{table}");
    assert!(!table.contains("stands out"), "{table}");
    let json: Value = serde_json::from_str(&desk.text("out.json")).unwrap();
    assert_eq!(json["segments"].as_array().unwrap().len(), 6000);
}

// ---- files that are wrong ----

#[test]
fn a_file_without_a_byte_is_called_empty() {
    check_bad("empty.csv", &["empty"]);
}

#[test]
fn a_log_without_rows_is_nothing_to_judge() {
    let log = bad("header_only.csv");
    check_refused(
        &Desk::new(),
        &[&log],
        &[],
        4,
        &["header_only.csv", "0 cases"],
    );
}

#[test]
fn a_log_without_labels_is_nothing_to_judge() {
    let log = bad("all_unlabelled.csv");
    let words = ["all_unlabelled.csv", "unknown", "reviewed", "240"];
    check_refused(&Desk::new(), &[&log], &[], 4, &words);
}

#[test]
fn a_column_that_comes_twice_is_named() {
    check_bad("duplicate_header.csv", &["`confidence`", "2 times"]);
}

#[test]
fn a_quote_that_never_closes_is_named_by_the_line_where_it_opens() {
    check_bad("unbalanced_quote.csv", &["line 41", "quote"]);
}

#[test]
fn a_nul_byte_is_named_by_its_line() {
    check_bad("nul_bytes.csv", &["line 12", "NUL"]);
}

#[test]
fn scores_that_are_none_are_named_and_counted() {
    for (name, value) in [
        ("score_nan.csv", "NaN"),
        ("score_over_one.csv", "1.7"),
        ("score_na.csv", "N/A"),
    ] {
        let value = format!("\"{value}\"");
        let lines = ["line 42,", "line 43,", "line 122,"];
        let words = [
            &["3 bad rows", "`confidence`", &value, "--skip-bad-rows"],
            &lines[..],
        ];
        check_bad(name, &words.concat());
    }
}

#[test]
fn percentages_are_refused_with_the_mapping_that_mends_them() {
    check_bad(
        "score_all_percent.csv",
        &["240 bad rows", "line 2,", "/ 100"],
    );
    let mapped = ["--role", "score=confidence / 100"];
    check_same_as_good(&Desk::new(), &[&bad("score_all_percent.csv")], &mapped);
}

#[test]
fn a_refused_value_is_shown_as_the_file_writes_it() {
    check_bad("score_all_percent.csv", &["\"95.40\""]);
    check_bad("value_bad.csv", &["\"1e308\""]);
}

#[test]
fn an_id_that_comes_twice_is_named_with_both_lines() {
    check_bad(
        "dup_ids_conflict.csv",
        &["LC-00004", "line 5", "line 242", "--allow-duplicates"],
    );
}

#[test]
fn labels_that_differ_in_spelling_only_are_listed_with_their_counts() {
    let words = [
        "human_label",
        "\"APPROVE\"",
        "\"Approve \"",
        "\"n/a\"",
        "38",
        "21",
        "error = ",
    ];
    check_bad("labels_inconsistent.csv", &words);
}

#[test]
fn times_that_no_calendar_has_are_named() {
    let words = [
        "7 bad rows",
        "`timestamp`",
        "line 2,",
        "line 3,",
        "line 4,",
        "line 5,",
        "line 7,",
    ];
    check_bad("bad_timestamps.csv", &words);
}

#[test]
fn amounts_that_are_none_are_named() {
    let words = [
        "6 bad rows",
        "`value_usd`",
        "\"$1,234.50\"",
        "\"-500\"",
        "line 4,",
        "line 6,",
    ];
    check_bad("value_bad.csv", &words);
}

#[test]
fn a_wrong_checksum_is_told() {
    check_bad("crc_wrong.csv.gz", &["checksum"]);
}

#[test]
fn a_zip_archive_is_told_for_what_it_is() {
    check_bad("zip_named_csv.csv", &["zip archive"]);
}

#[test]
fn damaged_parquet_is_refused() {
    check_bad("flipped_bytes.parquet", &["damaged"]);
}

#[test]
fn a_list_where_a_score_should_be_is_named() {
    check_bad("score_list.parquet", &["`confidence`", "lists"]);
}

#[test]
fn files_of_two_schemas_are_not_one_log() {
    check_accepted("two_schemas_a.csv", 120);
    let (a, b) = (bad("two_schemas_a.csv"), bad("two_schemas_b.csv"));
    let words = [
        "two_schemas_a.csv",
        "two_schemas_b.csv",
        "`confidence`",
        "`score`",
        "`pi`",
    ];
    check_refused(&Desk::new(), &[&a, &b], &[], 2, &words);
    check_refused(&Desk::new(), &[&b, &a], &[], 2, &words);
}

#[test]
fn a_json_line_that_is_cut_is_named() {
    let mut lines = good_json_lines();
    lines[239].truncate(150);
    check_bytes(
        "cut.jsonl",
        lines.join("\n"),
        &["line 240", "not a JSON object"],
    );
}

#[test]
fn a_key_that_comes_twice_in_a_json_line_is_named() {
    let mut lines = good_json_lines();
    let line = lines[7].replace('}', ", \"confidence\": 0.01}");
    lines[7] = line;
    check_bytes(
        "twice.jsonl",
        lines.join("\n"),
        &["line 8", "same key twice"],
    );
}

#[test]
fn a_json_array_is_refused_with_the_form_that_is_wanted() {
    let text = format!("[{}]", good_json_lines().join(", "));
    check_bytes("array.json", text, &["JSON array", "JSON Lines", "jq"]);
}

#[test]
fn a_lone_surrogate_in_a_field_that_is_read_is_named() {
    let mut lines = good_json_lines();
    let line = lines[9].replace("\"segment\": \"", "\"segment\": \"\\ud800");
    lines[9] = line;
    let desk = Desk::new();
    desk.put("surrogate.jsonl", lines.join("\n"));
    let words = ["surrogate.jsonl", "line 10"];
    check_refused(&desk, &["surrogate.jsonl"], &["--by", "segment"], 2, &words);
}

#[test]
fn terminal_commands_in_segments_never_reach_the_terminal() {
    let log = bad("ansi_escapes.csv");
    for format in ["table", "json", "csv", "md"] {
        for color in ["auto", "never"] {
            let more = ["--by", "segment", "--format", format, "--color", color];
            let answer = sweep(&Desk::new(), &[&log], &more).done();
            assert_eq!(commands_in(&answer.stdout), "", "{format}");
        }
    }
}

// ---- classes of fault beyond the files ----

/// Asserts that damaged bytes are refused, or read as if nothing had happened because the damage
/// is in a part that says nothing of the cases.
#[track_caller]
fn check_damage(name: &str, bytes: &[u8], what: &str) {
    let desk = Desk::new();
    desk.put(name, bytes);
    let answer = sweep(
        &desk,
        &[name],
        &["--thresholds", THRESHOLDS, "--format", "json"],
    );
    match answer.code {
        0 => {
            let mut wanted = control();
            let mut found = numbers(&answer.json());
            (wanted["segments"], found["segments"]) = (Value::Null, Value::Null);
            assert_eq!(found, wanted, "{what}: misread in silence");
        }
        _ => answer.refused(2, &[name]),
    }
}

#[test]
fn a_truncated_gzip_file_is_refused() {
    let whole = packed_gzip(&bytes_of("good.csv"));
    for length in [
        3,
        5,
        10,
        11,
        20,
        100,
        whole.len() / 2,
        whole.len() - 9,
        whole.len() - 1,
    ] {
        check_bytes("cut.csv.gz", &whole[..length], &[]);
    }
}

#[test]
fn a_truncated_zstd_file_is_refused() {
    let whole = packed_zstd(&bytes_of("good.csv"));
    for length in [
        3,
        4,
        5,
        10,
        20,
        100,
        whole.len() / 2,
        whole.len() - 4,
        whole.len() - 1,
    ] {
        check_bytes("cut.csv.zst", &whole[..length], &[]);
    }
}

#[test]
fn a_truncated_parquet_file_is_refused() {
    let whole = bytes_of("good.parquet");
    for length in [
        3,
        4,
        7,
        8,
        12,
        100,
        1000,
        whole.len() / 2,
        whole.len() - 5,
        whole.len() - 1,
    ] {
        check_bytes("cut.parquet", &whole[..length], &[]);
    }
}

#[test]
fn a_flipped_byte_in_a_packed_file_is_refused_or_without_effect() {
    for (name, whole) in [
        ("flipped.csv.gz", packed_gzip(&bytes_of("good.csv"))),
        ("flipped.csv.zst", packed_zstd(&bytes_of("good.csv"))),
    ] {
        let mut random = ChaCha12Rng::seed_from_u64(20_260_101);
        for _ in 0..15 {
            let place = random.next_u64() as usize % whole.len();
            let mut bytes = whole.clone();
            bytes[place] ^= 1 << (random.next_u32() % 8);
            check_damage(name, &bytes, &format!("{name}, byte {place}"));
        }
    }
}

#[test]
fn a_flipped_byte_in_a_parquet_file_never_ends_in_disorder() {
    // Parquet pages carry no checksum here, so a flipped value may be read; a panic, a hang and a
    // half answer may not come of it.
    let whole = bytes_of("good.parquet");
    let mut random = ChaCha12Rng::seed_from_u64(20_260_102);
    for round in 0..40 {
        let mut bytes = whole.clone();
        // The footer is where lengths and offsets stand; half of the flips go there.
        let from = if round % 2 == 0 {
            0
        } else {
            whole.len() - 2500
        };
        let place = from + random.next_u64() as usize % (whole.len() - from);
        bytes[place] ^= 1 << (random.next_u32() % 8);
        let desk = Desk::new();
        desk.put("flipped.parquet", bytes);
        let answer = sweep(&desk, &["flipped.parquet"], &["--by", "segment"]);
        assert!([0, 2, 4].contains(&answer.code), "byte {place}: {answer:?}");
        if answer.code != 0 {
            answer.refused(answer.code, &[]);
        }
    }
}

#[test]
fn random_bytes_are_no_log_whatever_they_are_called() {
    for (seed, name) in ["r.csv", "r.parquet", "r.jsonl", "r.csv.gz"]
        .into_iter()
        .enumerate()
    {
        check_bytes(name, random_bytes(seed as u64, 5000), &[]);
        let magic: &[u8] = match name {
            "r.parquet" => b"PAR1",
            "r.csv.gz" => &[0x1f, 0x8b, 8, 0],
            "r.jsonl" => b"{\"",
            _ => b"a,b\n",
        };
        let bytes = [magic, &random_bytes(seed as u64 + 10, 5000)].concat();
        check_bytes(name, bytes, &[]);
    }
}

#[test]
fn text_that_is_not_utf_8_is_refused() {
    let text = text_of("good.csv");
    for little in [true, false] {
        let mut bytes = if little {
            vec![0xff, 0xfe]
        } else {
            vec![0xfe, 0xff]
        };
        for unit in text.encode_utf16() {
            bytes.extend(if little {
                unit.to_le_bytes()
            } else {
                unit.to_be_bytes()
            });
        }
        check_bytes("utf16.csv", &bytes, &["UTF-16", "UTF-8"]);
    }
    // Without a byte order mark every second byte is NUL.
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    check_bytes("utf16.csv", &bytes, &[]);
    let mut latin = text.into_bytes();
    let place = latin.iter().position(|byte| *byte == b'C').unwrap();
    latin[place + 200] = 0xe9;
    let desk = Desk::new();
    desk.put("latin.csv", latin);
    let answer = sweep(&desk, &["latin.csv"], &["--by", "segment", "--by", "route"]);
    assert!(answer.code == 2 || answer.code == 0, "{answer:?}");
}

#[test]
fn a_text_that_is_not_utf_8_in_a_column_that_is_read_is_named_by_its_line() {
    let text = text_of("good.csv").replacen(",C,16100", ",\u{1}C,16100", 1);
    let bytes: Vec<u8> = text
        .bytes()
        .map(|byte| if byte == 1 { 0xe9 } else { byte })
        .collect();
    let desk = Desk::new();
    desk.put("latin.csv", bytes);
    let words = ["latin.csv", "line 2", "`segment`", "UTF-8"];
    check_refused(&desk, &["latin.csv"], &["--by", "segment"], 2, &words);
}

#[test]
fn a_quote_that_never_closes_in_a_large_file_is_told_in_bounded_memory() {
    let text = text_of("good.csv");
    let (header, rows) = text.split_once('\n').unwrap();
    let mut log = format!("{header}\n{rows}");
    log.push_str("\"LC-9,2016-01-01T09:00:00Z,0.9,approve,auto,,C,1,0.12\n");
    while log.len() < 20 << 20 {
        log.push_str(rows);
    }
    let desk = Desk::new();
    desk.put("open.csv", log);
    let answer = desk.shell(&format!(
        "ulimit -v 1500000; exec $GONOGO sweep open.csv --config {} --threads 2",
        bad("gonogo.toml")
    ));
    answer.refused(2, &["open.csv, line 242", "quote"]);
}

#[test]
fn a_line_of_twenty_megabytes_is_named() {
    let mut log = text_of("good.csv");
    log.push_str(&"x".repeat(20 << 20));
    check_bytes("long.csv", log, &["line 242", "longer than"]);
}

#[test]
fn rows_with_too_few_or_too_many_fields_are_named() {
    let log = format!(
        "{}LC-9,0.9\nLC-10,1,2,3,4,5,6,7,8,9,10,11\n",
        text_of("good.csv")
    );
    check_bytes(
        "ragged.csv",
        log,
        &[
            "2 bad rows",
            "line 242",
            "2 instead of 9",
            "line 243",
            "12 ",
        ],
    );
}

#[test]
fn line_ends_of_old_machines_are_read_or_refused() {
    let log = text_of("good.csv").replace('\n', "\r");
    check_damage("returns.csv", log.as_bytes(), "carriage returns");
}

#[test]
fn a_header_longer_than_what_is_looked_at_first_is_read_whole() {
    let text = text_of("good.csv");
    let more: Vec<String> = (0..40_000)
        .map(|column| format!("column{column:06}"))
        .collect();
    let fields = ",".repeat(40_000);
    let mut lines = text.lines();
    let mut log = format!("{},{}\n", lines.next().unwrap(), more.join(","));
    for line in lines.take(20) {
        log.push_str(line);
        log.push_str(&fields);
        log.push('\n');
    }
    let desk = Desk::new();
    desk.put("wide.csv", log);
    let answer = sweep(&desk, &["wide.csv"], &["--format", "json"]);
    match answer.code {
        0 => assert_eq!(answer.json()["input"]["rows"]["used"], 20),
        _ => answer.refused(2, &["wide.csv", "header"]),
    }
}

#[test]
fn a_first_record_longer_than_what_is_looked_at_first_hides_no_column() {
    let mut lines = good_json_lines();
    let prompt = format!("{{\"prompt\": \"{}\", ", "word ".repeat(80_000));
    lines[0] = lines[0].replacen('{', &prompt, 1);
    let desk = Desk::new();
    desk.put("prompts.jsonl", lines.join("\n"));
    check_same_as_good(&desk, &["prompts.jsonl"], &[]);
}

#[test]
fn logs_that_are_not_there_are_named() {
    let desk = Desk::new();
    check_refused(
        &desk,
        &["nowhere.csv"],
        &[],
        2,
        &["nowhere.csv", "no such file"],
    );
    check_refused(
        &desk,
        &["logs/*.csv"],
        &[],
        2,
        &["logs/*.csv", "no file matches"],
    );
    std::fs::create_dir(desk.path("void")).unwrap();
    desk.put("void/README.txt.bak", "nothing");
    desk.put("void/_SUCCESS", "");
    check_refused(&desk, &["void"], &[], 2, &["void", "holds no CSV"]);
    let answer = desk.run(&["sweep"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (2, ""));
}

#[test]
fn standard_input_that_is_empty_or_named_twice_is_refused() {
    let desk = Desk::new();
    check_refused(&desk, &["-"], &[], 2, &["standard input", "empty"]);
    check_refused(&desk, &["-", "-"], &[], 2, &["standard input", "only once"]);
    let config = bad("gonogo.toml");
    let answer = desk.run_with(
        &["sweep", "-", "--config", &config],
        &bytes_of("good.parquet"),
    );
    answer.refused(2, &["standard input", "Parquet"]);
}

#[test]
fn a_pipe_that_has_a_path_is_read_once_from_its_beginning() {
    let desk = Desk::new();
    let (log, config) = (bad("good.csv"), bad("gonogo.toml"));
    let options = format!("--config {config} --thresholds {THRESHOLDS} --by segment --format json");
    for line in [
        format!("$GONOGO sweep <(cat {log}) {options}"),
        format!("cat {log} | $GONOGO sweep /dev/stdin {options}"),
    ] {
        let answer = desk.shell(&line);
        match answer.code {
            0 => assert_eq!(numbers(&answer.json()), control(), "{line}"),
            _ => answer.refused(2, &["read only once"]),
        }
    }
}

#[test]
fn a_pipe_longer_than_what_is_looked_at_first_loses_no_row() {
    let text = text_of("good.csv");
    let (header, rows) = text.split_once('\n').unwrap();
    let mut log = format!("{header}\n");
    for copy in 0..30 {
        log.push_str(&rows.replace("LC-", &format!("LC{copy}-")));
    }
    let desk = Desk::new();
    desk.put("log.csv", log);
    let options = format!(
        "--config {} --thresholds 0.9 --format json",
        bad("gonogo.toml")
    );
    for line in [
        format!("cat log.csv | $GONOGO sweep - {options}"),
        format!("$GONOGO sweep <(cat log.csv) {options}"),
    ] {
        let answer = desk.shell(&line);
        match answer.code {
            0 => assert_eq!(answer.json()["points"][0]["cases"], 7200, "{line}"),
            _ => answer.refused(2, &["read only once"]),
        }
    }
}

// ---- configuration ----

/// Asserts that a configuration is refused.
#[track_caller]
fn check_config(text: &str, words: &[&str]) {
    let desk = Desk::new();
    desk.put("gonogo.toml", text);
    let log = bad("good.csv");
    let answer = desk.run(&["sweep", &log, "-o", "out.json"]);
    answer.refused(2, words);
    assert_eq!(desk.files(), ["gonogo.toml"]);
}

const SCORE_AND_ERROR: &str =
    "[columns]\nscore = \"confidence\"\nerror = \"model_decision <> human_label\"\n";

#[test]
fn a_configuration_that_is_not_toml_is_refused_with_its_line() {
    check_config(
        "[columns]\nscore = confidence\n",
        &["gonogo.toml", "line 2"],
    );
    check_config("[columns\n", &["gonogo.toml", "line 1"]);
    check_config("[columns]\nscore = 5\n", &["gonogo.toml", "string"]);
}

#[test]
fn keys_that_do_not_exist_are_refused_with_the_likeliest() {
    check_config(
        "[colums]\nscore = \"confidence\"\n",
        &["gonogo.toml", "colums", "columns"],
    );
    let role = "[columns]\nscor = \"confidence\"\n";
    check_config(role, &["gonogo.toml", "`scor`", "did you mean `score`"]);
    let kind = format!("{SCORE_AND_ERROR}[types]\nconfidence = \"float\"\n");
    check_config(&kind, &["gonogo.toml", "float", "number"]);
    let column = format!("{SCORE_AND_ERROR}[types]\nconfidance = \"number\"\n");
    check_config(
        &column,
        &["[types]", "`confidance`", "did you mean `confidence`"],
    );
}

#[test]
fn a_role_that_is_needed_and_missing_is_named_with_the_line_to_add() {
    let words = [
        "`error`",
        "[columns]",
        "error = ",
        "`confidence`",
        "gonogo init",
    ];
    check_config("[columns]\nscore = \"confidence\"\n", &words);
}

#[test]
fn a_configuration_that_is_not_there_is_named() {
    let desk = Desk::new();
    let answer = desk.run(&["sweep", &bad("good.csv"), "--config", "elsewhere.toml"]);
    answer.refused(2, &["elsewhere.toml", "gonogo init"]);
}

#[test]
fn columns_that_do_not_exist_are_refused_with_the_likeliest() {
    check_question(
        &["--role", "score=confidnce"],
        &["`confidnce`", "did you mean `confidence`"],
    );
    let expression = "error=model_decision <> humanlabel";
    check_question(
        &["--role", expression],
        &["`humanlabel`", "did you mean `human_label`"],
    );
    check_question(&["--by", "segmnt"], &["`segmnt`", "did you mean `segment`"]);
    check_question(&["--by", "zzz"], &["`zzz`", "`segment`"]);
    check_question(
        &["--role", "scor=confidence"],
        &["`scor`", "did you mean `score`"],
    );
    check_question(&["--role", "confidence"], &["`confidence`", "NAME=COLUMN"]);
    check_question(&["--segment", "x"], &["`x`", "NAME=COLUMN"]);
}

// ---- expressions ----

#[test]
fn sql_that_does_not_parse_is_refused() {
    let sources = [
        "confidence +",
        "(confidence",
        "confidence)",
        "CASE WHEN",
        "'open",
        "1 ~~~ 2",
        ",",
    ];
    check_sources("score", &sources);
}

#[test]
fn sql_that_is_more_than_one_expression_is_refused() {
    let sources = [
        "confidence; DROP TABLE x",
        "confidence, 1",
        "confidence FROM log",
        "confidence WHERE 1 = 1",
        "confidence garbage",
        "confidence AS score",
        "(SELECT 1)",
        "confidence) OR (1",
        "*",
    ];
    check_sources("score", &sources);
}

#[test]
fn sql_over_more_than_one_row_is_refused() {
    let sources = [
        "SUM(confidence)",
        "AVG(confidence)",
        "MIN(confidence)",
        "COUNT(*)",
        "FIRST(confidence)",
        "MEDIAN(confidence)",
        "STDDEV(confidence)",
        "confidence / MAX(confidence)",
        "confidence - AVG(confidence) + 0.5",
        "CORR(confidence, inclusion_prob)",
        "COVAR_POP(confidence, inclusion_prob)",
        "ROW_NUMBER() OVER (ORDER BY confidence)",
        "SUM(confidence) OVER (PARTITION BY route)",
        "LAG(confidence) OVER (ORDER BY case_id)",
    ];
    check_sources("score", &sources);
    check_question(&["--role", "score=SUM(confidence)"], &["each row"]);
}

#[test]
fn sql_of_another_type_than_the_role_is_refused() {
    check_question(
        &["--role", "score=LOWER(route)"],
        &["score", "text", "number is wanted"],
    );
    check_question(&["--role", "score=route"], &["`route`", "is not a number"]);
    check_question(&["--role", "error=LOWER(route)"], &["error"]);
    check_question(&["--role", "error=route"], &["`route`", "is not a boolean"]);
    check_question(&["--role", "time=confidence * 2"], &["time"]);
    check_question(&["--role", "time=confidence"], &["time", "unit"]);
}

#[test]
fn a_truth_value_that_is_neither_true_nor_false_is_refused_and_not_taken_for_unknown() {
    for role in ["error", "pinned", "escalated"] {
        let mut taken = Vec::new();
        for source in [
            "confidence - 0.5",
            "CASE WHEN model_decision <> human_label THEN 2 ELSE 0 END",
            "CASE WHEN model_decision <> human_label THEN 'yes, wrong' ELSE 'no' END",
        ] {
            let mapping = format!("{role}={source}");
            let answer = sweep(&Desk::new(), &[&bad("good.csv")], &["--role", &mapping]);
            if answer.code != 2 || !answer.stderr.contains("boolean") {
                taken.push((source, answer.code));
            }
        }
        assert!(taken.is_empty(), "{role}: {taken:?}");
    }
}

#[test]
fn a_number_that_a_division_by_zero_gives_is_refused() {
    let words = ["240 bad rows", "finite"];
    check_question(
        &["--role", "score=confidence / (confidence - confidence)"],
        &words,
    );
    check_question(&["--role", "value=value_usd / 0.0"], &words);
}

// ---- questions ----

#[test]
fn thresholds_that_are_none_are_refused_with_an_example() {
    for (text, words) in [
        ("1.2", "`1.2`"),
        ("-0.1", "`-0.1`"),
        ("abc", "`abc`"),
        ("NaN", "`NaN`"),
        ("85%", "`85%`"),
        ("0,85", "0.85"),
        ("0.8,,x", "`x`"),
        ("0.9..0.5/0.1", "`0.9..0.5/0.1`"),
        ("0.5..0.9/0", "`0.5..0.9/0`"),
        ("0.5..0.9", "`0.5..0.9`"),
        ("0.5..1.5/0.1", "`0.5..1.5/0.1`"),
        ("0..1/0.00001", "more than 10000"),
        ("0..1/0.00000000000000001", "0..1"),
        ("", "no threshold"),
    ] {
        // 0,85 is a European decimal: two thresholds, 0 and 85, of which the second is none.
        let argument = format!("--thresholds={text}");
        check_question(&[&argument], &["--thresholds", words, "0.80,0.85"]);
    }
}

#[test]
fn a_range_of_thresholds_as_long_as_numbers_go_is_refused() {
    check_question(
        &["--thresholds=0..18446744073709551615/1"],
        &["0..18446744073709551615/1"],
    );
}

#[test]
fn levels_outside_nought_and_one_are_refused() {
    for level in ["0", "1", "2", "95", "-1", "NaN", "inf", "1e-400"] {
        check_question(&[&format!("--level={level}")], &["--level", "0.95"]);
    }
    let answer = sweep(&Desk::new(), &[&bad("good.csv")], &["--level", "abc"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (2, ""));
}

#[test]
fn outputs_that_cannot_be_are_refused_before_the_log_is_read() {
    let desk = Desk::new();
    // The log is bad as well, but the output is looked at first.
    let log = bad("score_nan.csv");
    sweep(&desk, &[&log], &["-o", "out.xyz"]).refused(2, &["out.xyz", ".json"]);
    sweep(&desk, &[&log], &["-o", "out"]).refused(2, &["`out`", ".json"]);
    sweep(&desk, &[&log], &["-o", "no/such/folder/out.json"]).refused(74, &["no/such/folder"]);
    desk.put("file", "");
    sweep(&desk, &[&log], &["-o", "file/out.json"]).refused(74, &["file/out.json"]);
    sweep(&desk, &[&log], &["-o", "/proc/out.json"]).refused(74, &["/proc/out.json"]);
    assert_eq!(desk.files(), ["file"]);
}

#[test]
fn all_outputs_are_written_or_none() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("b.json")).unwrap();
    let log = bad("score_nan.csv");
    let more = [
        "-o",
        "a.json",
        "-o",
        "b.json",
        "--skip-bad-rows",
        "--rejects",
        "r.csv",
    ];
    sweep(&desk, &[&log], &more).refused(74, &["b.json"]);
    assert_eq!(desk.files(), Vec::<String>::new());
    let more = ["-o", "a.json", "--skip-bad-rows", "--rejects", "no/r.csv"];
    sweep(&desk, &[&log], &more).refused(74, &["no/r.csv"]);
    assert_eq!(desk.files(), Vec::<String>::new());
}

#[test]
fn an_output_never_takes_the_place_of_the_log_or_of_another_output() {
    let desk = Desk::new();
    let log = bytes_of("good.csv");
    desk.put("log.csv", &log);
    sweep(&desk, &["log.csv"], &["-o", "log.csv"]).refused(2, &["log.csv"]);
    sweep(&desk, &["log.csv"], &["-o", "./log.csv"]).refused(2, &["log.csv"]);
    let rejects = ["--skip-bad-rows", "--rejects", "log.csv"];
    sweep(&desk, &["log.csv"], &rejects).refused(2, &["log.csv"]);
    assert_eq!(std::fs::read(desk.path("log.csv")).unwrap(), log);
    let twice = ["-o", "a.csv", "--skip-bad-rows", "--rejects", "a.csv"];
    sweep(&desk, &["log.csv"], &twice).refused(2, &["a.csv"]);
    assert_eq!(desk.files(), ["log.csv"]);
}

#[test]
fn options_that_need_each_other_or_exclude_each_other_are_refused() {
    let desk = Desk::new();
    for more in [
        &["--rejects", "r.csv"][..],
        &["--exact", "--thresholds", "0.5"],
        &["--quiet", "--verbose"],
        &["--threads", "0"],
        &["--top", "-1"],
        &["--format", "xml"],
        &["--delimiter", "ab"],
        &["--nonsense"],
    ] {
        let log = bad("good.csv");
        let answer = desk.run(&[&["sweep", &log], more].concat());
        assert_eq!((answer.code, answer.stdout.as_str()), (2, ""), "{more:?}");
        assert!(answer.stderr.starts_with("error: "), "{}", answer.stderr);
    }
    assert_eq!(desk.files(), Vec::<String>::new());
}

// ---- going on without bad rows ----

#[test]
fn rows_that_are_skipped_are_counted_by_reason_in_every_report() {
    let desk = Desk::new();
    let log = bad("score_nan.csv");
    let more = [
        "--skip-bad-rows",
        "--thresholds",
        "0.9",
        "-o",
        "out.json",
        "-o",
        "out.md",
    ];
    let table = sweep(&desk, &[&log], &more).done().stdout;
    assert!(
        table.contains("rows in 240 / used 237 / set aside 3"),
        "{table}"
    );
    assert!(
        desk.text("out.md")
            .contains("rows in 240 / used 237 / set aside 3")
    );
    let json: Value = serde_json::from_str(&desk.text("out.json")).unwrap();
    let wanted: Value = serde_json::json!({"in": 240, "used": 237, "set_aside": {"not_finite": 3}});
    assert_eq!(json["input"]["rows"], wanted);
    assert_eq!(json["input"]["files"][0]["rows"], 240);
    assert_eq!(json["points"][0]["cases"], 237);
}

#[test]
fn every_rejected_row_is_written_with_its_place_value_and_reason() {
    let mut log = text_of("good.csv");
    log.push_str("X-1,2016-01-01T09:00:00Z,=1+1,approve,auto,,C,1,0.12\n");
    log.push_str("X-2,2016-01-01T09:00:00Z,0.9,approve,auto,,C\n");
    log.push_str("X-3,yesterday,0.9,approve,auto,,C,1,0.12\n");
    log.push_str("X-4,2016-01-01T09:00:00Z,0.9,approve,auto,,C,1,0\n");
    log.push_str(",2016-01-01T09:00:00Z,0.9,approve,auto,,C,1,0.12\n");
    log.push_str("X-6,2016-01-01T09:00:00Z,1.5,approve,auto,,C,-7,2\n");
    let desk = Desk::new();
    desk.put("log.csv", log);
    let more = [
        "--skip-bad-rows",
        "--rejects",
        "rejects.csv",
        "--format",
        "json",
    ];
    let json = sweep(&desk, &["log.csv"], &more).json();
    assert_eq!(json["input"]["rows"]["in"], 246);
    assert_eq!(json["input"]["rows"]["used"], 240);
    let counts = json["input"]["rows"]["set_aside"].as_object().unwrap();
    assert_eq!(
        counts
            .values()
            .map(|count| count.as_u64().unwrap())
            .sum::<u64>(),
        6
    );
    let text = desk.text("rejects.csv");
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let titles: Vec<&str> = rows.headers().unwrap().iter().take(5).collect();
    assert_eq!(titles, ["file", "line", "column", "value", "reason"]);
    let rows: Vec<Vec<String>> = rows
        .records()
        .map(|row| {
            row.unwrap()
                .iter()
                .skip(1)
                .take(4)
                .map(str::to_owned)
                .collect()
        })
        .collect();
    let wanted = [
        // The quote before the sign keeps a spreadsheet from running it.
        ["242", "confidence", "'=1+1", "not_a_number"],
        ["243", "", "7 instead of 9", "field_count"],
        ["244", "timestamp", "yesterday", "not_an_instant"],
        ["245", "inclusion_prob", "0", "probability_out_of_range"],
        ["246", "case_id", "", "missing"],
        ["247", "confidence", "1.5", "score_out_of_range"],
    ];
    assert_eq!(rows, wanted);
}

#[test]
fn a_log_of_which_every_row_is_bad_is_nothing_to_judge() {
    let log = bad("score_all_percent.csv");
    let words = ["0 cases"];
    check_refused(&Desk::new(), &[&log], &["--skip-bad-rows"], 4, &words);
}

#[test]
fn repeated_ids_and_inconsistent_labels_are_not_rows_to_skip() {
    for name in ["dup_ids_conflict.csv", "labels_inconsistent.csv"] {
        check_refused(&Desk::new(), &[&bad(name)], &["--skip-bad-rows"], 2, &[]);
    }
    let more = ["--allow-duplicates", "--format", "json"];
    let json = sweep(&Desk::new(), &[&bad("dup_ids_conflict.csv")], &more).json();
    assert_eq!(json["input"]["rows"]["used"], 241);
}

#[test]
fn the_last_line_of_a_log_that_is_still_written_can_be_skipped() {
    let mut lines = good_json_lines();
    lines[239].truncate(150);
    let desk = Desk::new();
    desk.put("cut.jsonl", lines.join("\n"));
    let json = sweep(
        &desk,
        &["cut.jsonl"],
        &["--skip-bad-rows", "--format", "json"],
    )
    .json();
    assert_eq!(
        json["input"]["rows"]["set_aside"],
        serde_json::json!({"not_json": 1})
    );
    assert_eq!(json["input"]["rows"]["used"], 239);
}
