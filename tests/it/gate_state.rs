//! What a gate remembers from run to run, and what it must not mistake for the same thing: states
//! of growing logs, baselines, and files that are read.

use super::binary::Desk;
use super::gate::{COLUMNS, desk, gate, json, limit, log};

const SEQUENTIAL: [&str; 2] = ["--sequential", "state.json"];

#[test]
fn a_failure_of_a_segment_is_none_of_another_segment() {
    let columns = COLUMNS.to_owned() + "region = \"k || '!'\"\n";
    let gates = |by: &str| format!("{columns}{}by = '{by}'\n", limit("2%"));
    let desk = desk("", &[("a", 500, 40), ("b", 500, 1)]);
    desk.put("gonogo.toml", gates("kind"));
    assert_eq!(gate(&desk, &SEQUENTIAL).code, 1);
    // What is judged now has never failed.
    desk.put("log.csv", log(&[("b", 2000, 4)]));
    desk.put("gonogo.toml", gates("region"));
    let answer = gate(&desk, &SEQUENTIAL);
    assert_eq!(answer.code, 0, "{}", answer.stdout);
    desk.put("gonogo.toml", gates("kind"));
    assert_eq!(gate(&desk, &SEQUENTIAL).code, 1);
}

#[test]
fn checks_of_one_name_in_two_profiles_keep_their_evidence_apart() {
    let columns = COLUMNS.to_owned() + "region = 'k'\n";
    let one = limit("2%") + "by = 'kind'\nprofile = 'one'\n";
    let other = limit("2%") + "by = 'region'\nprofile = 'other'\n";
    let desk = desk("", &[("a", 500, 40)]);
    desk.put("gonogo.toml", columns + &one + &other);
    let look = |profile| gate(&desk, &[&SEQUENTIAL[..], &["--profile", profile]].concat());
    assert_eq!(look("one").code, 1);
    desk.put("log.csv", log(&[("a", 2000, 4)]));
    assert_eq!(look("other").code, 0);
    assert_eq!(look("one").code, 1);
}

#[test]
fn with_fewer_labels_than_wanted_no_look_is_taken() {
    let desk = desk(&(limit("2%") + "min_labels = 600\n"), &[("a", 500, 40)]);
    let answer = gate(&desk, &SEQUENTIAL);
    assert_eq!(answer.code, 3, "{}", answer.stdout);
    assert!(json(&desk, "state.json")["seen"] == serde_json::json!([]));
    // Nothing was remembered, and there is enough to judge now.
    desk.put("log.csv", log(&[("a", 20_000, 40)]));
    assert_eq!(gate(&desk, &SEQUENTIAL).code, 0);
}

#[test]
fn more_labels_are_forecast_in_labels_also_where_all_cases_are_known() {
    let gates = "[[gate]]\nmetric = 'escaped_errors'\nmax = '0.15%'\n";
    let desk = desk(gates, &[("a", 200, 1)]);
    let cases = desk.text("log.csv") + &"0.1,,yes,a\n".repeat(1800);
    desk.put("log.csv", cases);
    let forecast = |more: &[&str]| {
        let answer = gate(&desk, &[&["-o", "g.json"], more].concat());
        assert_eq!(answer.code, 3, "{}", answer.stdout);
        json(&desk, "g.json")["checks"][0]["needed"]
            .as_u64()
            .unwrap()
    };
    let (once, always) = (forecast(&[]), forecast(&SEQUENTIAL));
    // Each label stands for ten cases: ten thousand cases are a thousand labels.
    assert!(once < 600 && always < 2000, "{once} {always}");
}

#[test]
fn a_state_that_cannot_be_read_is_refused_with_what_to_do() {
    let desk = desk(&limit("2%"), &[("a", 500, 5)]);
    gate(&desk, &SEQUENTIAL);
    let text = desk.text("state.json").replace("\"by\"", "\"from\"");
    desk.put("state.json", text);
    let refused = gate(&desk, &SEQUENTIAL);
    refused.refused(2, &["state.json", "this version", "to begin anew"]);
}

#[test]
fn a_baseline_of_costs_that_were_stated_otherwise_is_refused() {
    let desk = Desk::new();
    let config = |costs: &str| {
        format!(
            "{COLUMNS}[cost]\nerror = 10\n{costs}\
             [[gate]]\nmetric = 'cost'\nworse_than_baseline_by = '1'\n"
        )
    };
    desk.put("log.csv", log(&[("a", 1000, 20)]));
    let timed = "review_per_minute = 1\n";
    let cases = [
        (
            "review = 1\n",
            timed,
            "the cost `review` is not stated any more",
        ),
        (
            "review = 1\n",
            timed,
            "the cost `review_per_minute` was not stated",
        ),
        (
            "review_per_minute = 1\n[reviewers]\ncount = 1\nminutes_per_case = 2\n",
            "review_per_minute = 1\n[reviewers]\ncount = 1\nminutes_per_case = 5\n",
            "the cost `minutes_per_case` was `2`, now `5`",
        ),
        (
            "review = 1\n",
            "review = 1\nreviewer_error = 0.1\n",
            "`reviewer_error` was `0`, now `0.1`",
        ),
    ];
    for (before, now, words) in cases {
        desk.put("gonogo.toml", config(before));
        assert_eq!(gate(&desk, &["--save-baseline", "b.json"]).code, 0);
        desk.put("gonogo.toml", config(now));
        gate(&desk, &["--baseline", "b.json"]).refused(2, &[words]);
    }
    // How long a review takes, by the log.
    let by_log = |seconds: &str| {
        config(timed).replace(
            "[segments]",
            &format!("review_seconds = '{seconds}'\n[segments]"),
        )
    };
    desk.put("gonogo.toml", by_log("s * 100"));
    assert_eq!(gate(&desk, &["--save-baseline", "b.json"]).code, 0);
    assert_eq!(gate(&desk, &["--baseline", "b.json"]).code, 0);
    desk.put("gonogo.toml", by_log("s * 200"));
    gate(&desk, &["--baseline", "b.json"]).refused(2, &["the cost `review_seconds` was `s * 100`"]);
}

#[test]
fn nothing_is_written_over_the_log_or_the_policy_that_is_compared_with() {
    let comparison = "[[gate]]\nmetric = 'auto_error'\nworse_than_baseline_by = '1pp'\n";
    let desk = desk(comparison, &[("a", 1000, 5)]);
    desk.put("old.csv", log(&[("a", 1000, 5)]));
    desk.put("old.toml", "name = 'old'\nthreshold = 0.5\n");
    let files = [
        (["--baseline-log", "old.csv"], "old.csv"),
        (["--against", "old.toml"], "old.toml"),
    ];
    for (compared, file) in files {
        let before = desk.text(file);
        for written in [&["--skip-bad-rows", "--rejects"][..], &["--save-baseline"]] {
            let arguments = [&compared[..], &["--policy", "0.5"], written, &[file]].concat();
            gate(&desk, &arguments).refused(2, &[file, "would be written over"]);
        }
        assert_eq!(desk.text(file), before);
    }
}
