//! `gonogo init` and `gonogo check` on logs as they come: what is guessed is what a person would
//! write, and what a log lacks is said.

use serde_json::Value;

use crate::bad_input::{bad, numbers, text_of};
use crate::binary::{Desk, in_repository};

/// Writes a gonogo.toml for a log of sample-data and holds the sweep by it against the sweep by
/// the roles that a person wrote.
#[track_caller]
fn check_guesses(log: &str, by_hand: &str) {
    let log = in_repository(&format!("sample-data/{log}"));
    let by_hand = in_repository(&format!("sample-data/{by_hand}"));
    let desk = Desk::new();
    let report = desk.run(&["init", &log]).done();
    assert_eq!(report.stderr, "");
    assert_eq!(desk.files(), ["gonogo.toml"]);
    for word in [
        "score",
        "error",
        "escalated",
        "label_probability",
        "gonogo check",
    ] {
        assert!(report.stdout.contains(word), "{word}: {}", report.stdout);
    }
    desk.run(&["check", &log]).done();
    let ask = |more: &[&str]| {
        desk.run(&[&["sweep", &log, "--format", "json"], more].concat())
            .json()
    };
    let (guessed, wanted) = (ask(&[]), ask(&["--config", &by_hand]));
    assert_eq!(guessed["input"]["time"], wanted["input"]["time"]);
    assert_eq!(
        guessed["input"]["roles"]["id"],
        wanted["input"]["roles"]["id"]
    );
    assert!(
        numbers(&guessed) == numbers(&wanted),
        "the points differ; guessed roles: {}, by hand: {}",
        guessed["input"]["roles"],
        wanted["input"]["roles"]
    );
}

#[test]
fn the_guesses_for_a_log_of_mails_are_those_of_a_person() {
    check_guesses("spam_mail.selective.csv", "spam_mail.toml");
    check_guesses("spam_mail.full.csv.gz", "spam_mail.toml");
}

#[test]
fn the_guesses_for_nested_json_lines_are_those_of_a_person() {
    check_guesses("spam_mail.selective.jsonl.gz", "spam_mail_jsonl.toml");
    check_guesses("spam_mail.full.jsonl.gz", "spam_mail_jsonl.toml");
}

#[test]
fn json_lines_that_are_not_packed_are_guessed_as_well() {
    use std::io::Read as _;
    let path = in_repository("sample-data/spam_mail.selective.jsonl.gz");
    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap();
    flate2::read::MultiGzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    let desk = Desk::new();
    desk.put("mail.jsonl", text);
    desk.run(&["init", "mail.jsonl"]).done();
    let by_hand = in_repository("sample-data/spam_mail_jsonl.toml");
    let guessed = desk
        .run(&["sweep", "mail.jsonl", "--format", "json"])
        .json();
    let wanted = desk
        .run(&[
            "sweep",
            "mail.jsonl",
            "--format",
            "json",
            "--config",
            &by_hand,
        ])
        .json();
    assert!(
        numbers(&guessed) == numbers(&wanted),
        "{}",
        guessed["input"]["roles"]
    );
}

#[test]
fn the_guesses_for_a_log_of_loans_are_those_of_a_person() {
    check_guesses("lending_club.selective.csv", "lending_club.toml");
    check_guesses("lending_club.full.csv.gz", "lending_club.toml");
    check_guesses("lending_club.selective.parquet", "lending_club.toml");
}

#[test]
fn guessed_segments_can_be_asked_for_at_once() {
    let desk = Desk::new();
    let log = in_repository("sample-data/lending_club.selective.csv");
    desk.run(&["init", &log]).done();
    let config: toml::Table = desk.text("gonogo.toml").parse().unwrap();
    let segments = config["segments"].as_table().unwrap();
    assert!(!segments.is_empty());
    for name in segments.keys() {
        desk.run(&["sweep", &log, "--by", name]).done();
    }
}

#[test]
fn an_existing_file_is_kept_unless_it_is_forced() {
    let desk = Desk::new();
    let log = bad("good.csv");
    desk.put("gonogo.toml", "# mine\n");
    desk.run(&["init", &log])
        .refused(2, &["gonogo.toml", "exists", "--force"]);
    assert_eq!(desk.text("gonogo.toml"), "# mine\n");
    desk.run(&["init", &log, "--force"]).done();
    assert!(desk.text("gonogo.toml").contains("confidence"));
    desk.run(&["init", &log, "-o", "other.toml"]).done();
    assert_eq!(desk.text("other.toml"), desk.text("gonogo.toml"));
}

#[test]
fn a_configuration_is_never_written_over_the_log() {
    let desk = Desk::new();
    desk.put("log.csv", text_of("good.csv"));
    desk.run(&["init", "log.csv", "-o", "log.csv"])
        .refused(2, &["log.csv"]);
    desk.run(&["init", "log.csv", "-o", "log.csv", "--force"])
        .refused(2, &["log.csv"]);
    assert_eq!(desk.text("log.csv"), text_of("good.csv"));
}

#[test]
fn init_refuses_what_is_no_log() {
    let desk = Desk::new();
    for (log, word) in [
        ("empty.csv", "empty"),
        ("zip_named_csv.csv", "zip archive"),
        ("duplicate_header.csv", "`confidence`"),
        ("nowhere.csv", "no such file"),
    ] {
        desk.run(&["init", &bad(log)]).refused(2, &[log, word]);
    }
    desk.run(&["init", &bad("good.csv"), "-o", "no/such/gonogo.toml"])
        .refused(74, &["no/such"]);
    assert_eq!(desk.files(), Vec::<String>::new());
}

#[test]
fn init_reads_standard_input_and_names_that_say_nothing() {
    let desk = Desk::new();
    desk.run_with(&["init", "-"], text_of("good.csv").as_bytes())
        .done();
    assert!(desk.text("gonogo.toml").contains("confidence"));
    desk.put("plain.csv", "a,b\nx,1\ny,2\n");
    let report = desk
        .run(&["init", "plain.csv", "-o", "plain.toml"])
        .done()
        .stdout;
    assert!(report.contains("score              ?"), "{report}");
    // What was not guessed stands there as a comment; the file loads as it is.
    let answer = desk.run(&["sweep", "plain.csv", "--config", "plain.toml"]);
    answer.refused(2, &["`score` is not mapped", "score = "]);
}

#[test]
fn names_with_quotes_and_commands_make_a_file_that_loads() {
    let desk = Desk::new();
    let header = "case \"id\"\u{1b}[2J,de'cided,\"con\"\"fi = dence\",model # label,review\\label";
    let mut log = format!("{header}\n");
    for row in 0..40 {
        let label = if row % 3 == 0 { "ham" } else { "" };
        let guess = if row % 7 == 0 { "spam" } else { "ham" };
        log.push_str(&format!(
            "c{row},2026-01-01T00:00:{row:02}Z,0.{:02},{guess},{label}\n",
            50 + row
        ));
    }
    desk.put("odd.csv", log);
    desk.run(&["init", "odd.csv"]).done();
    desk.text("gonogo.toml").parse::<toml::Table>().unwrap();
    let answer = desk.run(&["check", "odd.csv"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
}

// ---- check ----

fn check(desk: &Desk, log: &str, more: &[&str]) -> Value {
    desk.run(&[&["check", log, "--format", "json"], more].concat())
        .json()
}

#[test]
fn a_check_keeps_the_contract_of_its_json() {
    let (log, config) = (bad("good.csv"), bad("gonogo.toml"));
    let json = check(&Desk::new(), &log, &["--config", &config]);
    assert_eq!(
        json["schema"],
        serde_json::json!({"name": "gonogo/check", "version": 1})
    );
    assert_eq!(json["tool"]["name"], "gonogo");
    for key in [
        "input",
        "cases",
        "labelled",
        "errors_found",
        "repeated_ids",
        "scores",
        "bands",
        "cells",
        "historical_threshold",
        "roles",
        "commands",
        "findings",
    ] {
        assert!(json.get(key).is_some(), "{key} is missing");
    }
    assert_eq!(json["input"]["rows"]["used"], 240);
    assert_eq!(json["cases"], 240);
    assert_eq!(json["labelled"], 90);
    assert_eq!(json["errors_found"], 9);
    assert_eq!(json["repeated_ids"], 0);
    assert_eq!(json["historical_threshold"]["agreeing"], 240);
    assert_eq!(
        json["commands"][0],
        serde_json::json!({
            "command": "sweep", "lacks": [], "would_gain_from": []
        })
    );
    let sum = |key: &str| -> u64 {
        json["bands"]
            .as_array()
            .unwrap()
            .iter()
            .map(|band| band[key].as_u64().unwrap())
            .sum()
    };
    assert_eq!(
        (sum("cases"), sum("labelled"), sum("errors_found")),
        (240, 90, 9)
    );
    let score = |place: usize| json["scores"]["quantiles"][place].as_f64().unwrap();
    assert!((0..6).all(|place| score(place) <= score(place + 1)));
}

#[test]
fn a_check_of_a_log_that_lacks_roles_says_what_it_can_not_answer() {
    let desk = Desk::new();
    let log = bad("good.csv");
    let json = check(&desk, &log, &[]);
    assert_eq!(json["cases"], 240);
    assert_eq!(
        json["commands"][0]["lacks"],
        serde_json::json!(["score", "error"])
    );
    let keys: Vec<&str> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["key"].as_str().unwrap())
        .collect();
    assert!(
        keys.contains(&"no_score") && keys.contains(&"no_error"),
        "{keys:?}"
    );
    assert!(json["scores"].is_null());
    assert!(json["repeated_ids"].is_null());
    let text = desk.run(&["check", &log]).done().stdout;
    assert!(text.contains("lacks score, error"), "{text}");

    let score = ["--role", "score=confidence"];
    let json = check(&desk, &log, &score);
    assert_eq!(json["commands"][0]["lacks"], serde_json::json!(["error"]));
    assert_eq!(json["scores"]["quantiles"].as_array().unwrap().len(), 7);
    assert_eq!(json["scores"]["quantiles"][0], 0.7151);
}

#[test]
fn a_check_of_a_log_without_labels_prints_its_report_and_ends_with_4() {
    let desk = Desk::new();
    let (log, config) = (bad("all_unlabelled.csv"), bad("gonogo.toml"));
    let answer = desk.run(&["check", &log, "--config", &config, "--format", "json"]);
    assert_eq!(answer.code, 4, "{}", answer.stderr);
    let json: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(
        (json["cases"].as_u64(), json["labelled"].as_u64()),
        (Some(240), Some(0))
    );
    let text = desk.run(&["check", &log, "--config", &config]).stdout;
    assert!(text.contains("error rate is unknown"), "{text}");
}

#[test]
fn a_check_refuses_bad_rows_and_repeated_ids_as_a_sweep_does() {
    let desk = Desk::new();
    let config = bad("gonogo.toml");
    for (log, code, words) in [
        ("score_nan.csv", 2, &["score_nan.csv, line 42"][..]),
        (
            "dup_ids_conflict.csv",
            2,
            &["LC-00004", "line 5", "line 242"],
        ),
        ("value_bad.csv", 2, &["line 2"]),
        ("header_only.csv", 4, &["0 cases"]),
        ("empty.csv", 2, &["empty"]),
    ] {
        desk.run(&["check", &bad(log), "--config", &config, "-o", "a.json"])
            .refused(code, words);
    }
    assert_eq!(desk.files(), Vec::<String>::new());
    let skipped = check(
        &desk,
        &bad("score_nan.csv"),
        &["--config", &config, "--skip-bad-rows"],
    );
    assert_eq!(
        skipped["input"]["rows"]["set_aside"],
        serde_json::json!({"not_finite": 3})
    );
}

#[test]
fn a_check_says_that_routes_contradict_the_scores() {
    let desk = Desk::new();
    let (log, config) = (bad("route_contradicts_score.csv"), bad("gonogo.toml"));
    let text = desk
        .run(&["check", &log, "--config", &config])
        .done()
        .stdout;
    assert!(
        text.contains("216 of 240 routes follow the threshold"),
        "{text}"
    );
    assert!(
        text.replace('\n', " ")
            .contains("24 were routed against the score"),
        "{text}"
    );
}

#[test]
fn a_check_finds_the_tie_that_hides_thresholds() {
    let desk = Desk::new();
    let (log, config) = (bad("all_zero.csv"), bad("gonogo.toml"));
    let json = check(&desk, &log, &["--config", &config]);
    assert_eq!(json["scores"]["distinct"], 1);
    assert_eq!(json["scores"]["largest_tie"]["cases"], 240);
    let findings = json["findings"].as_array().unwrap();
    assert!(
        findings.iter().any(|finding| finding["key"] == "large_tie"),
        "{findings:?}"
    );
}

#[test]
fn the_configuration_is_found_in_parent_folders_and_the_environment() {
    let desk = Desk::new();
    desk.put("gonogo.toml", text_of("gonogo.toml"));
    desk.put("deep/er/log.csv", text_of("good.csv"));
    let answer = desk
        .shell("cd deep/er && $GONOGO check log.csv --format json")
        .done();
    assert_eq!(answer.json()["labelled"], 90);
    desk.put("mine.toml", "[columns]\nscore = \"value_usd / 1000000\"\n");
    let environment = "GONOGO_CONFIG=mine.toml $GONOGO check deep/er/log.csv --format json";
    assert_eq!(desk.shell(environment).json()["labelled"], 0);
    let flag = format!("{environment} --config gonogo.toml");
    assert_eq!(desk.shell(&flag).json()["labelled"], 90);
    let role = format!("{environment} --role 'error=model_decision <> human_label'");
    assert_eq!(desk.shell(&role).json()["labelled"], 90);
}
