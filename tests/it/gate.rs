//! `gonogo gate` as a CI job runs it: exit codes, baselines, files, and texts that try to break out
//! of them.

use roxmltree::Document;
use serde_json::Value;

use super::binary::{Answer, Desk};
use super::schemas::{is_junit, is_sarif};

pub(crate) const COLUMNS: &str = "\
[columns]
score = 's'
error = 'e'
escalated = 'r'
[segments]
kind = 'k'
";

/// A log of auto-approved labelled cases: for each kind its cases and how many are wrong.
pub(crate) fn log(kinds: &[(&str, u64, u64)]) -> String {
    let mut text = "s,e,r,k\n".to_owned();
    for (kind, cases, wrong) in kinds {
        for case in 0..*cases {
            text.push_str(&format!("0.9,{},no,\"{kind}\"\n", case < *wrong));
        }
    }
    text
}

pub(crate) fn desk(gates: &str, kinds: &[(&str, u64, u64)]) -> Desk {
    let desk = Desk::new();
    desk.put("gonogo.toml", format!("{COLUMNS}{gates}"));
    desk.put("log.csv", log(kinds));
    desk
}

pub(crate) fn limit(max: &str) -> String {
    format!("[[gate]]\nname = 'limit'\nmetric = 'auto_error'\nmax = '{max}'\n")
}

const REGRESSION: &str =
    "[[gate]]\nname = 'worse'\nmetric = 'auto_error'\nworse_than_baseline_by = '1pp'\n";

/// Runs a gate and validates the files for CI services that it was to write.
pub(crate) fn gate(desk: &Desk, arguments: &[&str]) -> Answer {
    let answer = desk.run(&[&["gate", "log.csv"], arguments].concat());
    for file in arguments.iter().filter(|_| answer.code != 2) {
        if file.ends_with(".xml") {
            is_junit(&desk.text(file));
        } else if file.ends_with(".sarif") {
            is_sarif(&desk.text(file));
        }
    }
    answer
}

pub(crate) fn json(desk: &Desk, name: &str) -> Value {
    serde_json::from_str(&desk.text(name)).unwrap()
}

#[test]
fn the_exit_code_tells_pass_breach_and_too_little_evidence_apart() {
    for (wrong, code) in [(5, 0), (20, 3), (60, 1)] {
        let desk = desk(&limit("2%"), &[("a", 1000, wrong)]);
        assert_eq!(gate(&desk, &[]).code, code, "{wrong} wrong");
        assert_eq!(gate(&desk, &["--exit-zero"]).code, 0);
    }
    let desk = desk(&limit("2%"), &[("a", 1000, 20)]);
    for (choice, code) in [("pass", 0), ("warn", 0), ("fail", 1)] {
        assert_eq!(gate(&desk, &["--on-inconclusive", choice]).code, code);
    }
}

#[test]
fn a_check_that_only_warns_does_not_fail_the_job() {
    let gates = limit("2%") + "level = 'warn'\n";
    let desk = desk(&gates, &[("a", 1000, 60)]);
    let answer = gate(&desk, &["--format", "github"]);
    assert_eq!(answer.code, 0);
    assert!(
        answer
            .stdout
            .starts_with("::warning file=gonogo.toml,line=7,")
    );
}

#[test]
fn all_files_are_written_when_the_gate_fails() {
    let desk = desk(&limit("2%"), &[("a", 1000, 60)]);
    let files = ["g.json", "g.xml", "g.sarif", "g.md", "g.csv"];
    let arguments: Vec<&str> = files.iter().flat_map(|file| ["-o", *file]).collect();
    assert_eq!(
        gate(
            &desk,
            &[&arguments[..], &["--save-baseline", "b.json"]].concat()
        )
        .code,
        1
    );
    for file in files.iter().chain(&["b.json"]) {
        assert!(!desk.text(file).is_empty(), "{file}");
    }
    assert_eq!(json(&desk, "g.json")["verdict"], "fail");
    let junit = desk.text("g.xml");
    let junit = Document::parse(&junit).unwrap();
    let failures = junit
        .descendants()
        .filter(|node| node.has_tag_name("failure"));
    assert_eq!(failures.count(), 1);
    assert_eq!(
        json(&desk, "g.sarif")["runs"][0]["results"][0]["level"],
        "error"
    );
}

#[test]
fn a_first_run_without_a_baseline_is_a_note_unless_one_is_required() {
    let desk = desk(REGRESSION, &[("a", 1000, 10)]);
    let answer = gate(&desk, &["--baseline", "none.json"]);
    assert_eq!(answer.code, 0);
    assert!(answer.stdout.contains("first run"));
    let answer = gate(&desk, &["--baseline", "none.json", "--require-baseline"]);
    assert_eq!(answer.code, 2);
    assert!(answer.stderr.contains("none.json"));
}

#[test]
fn a_saved_run_serves_as_the_baseline_of_a_later_one() {
    let desk = desk(REGRESSION, &[("a", 4000, 40)]);
    assert_eq!(gate(&desk, &["--save-baseline", "b.json"]).code, 0);
    assert_eq!(
        gate(&desk, &["--baseline", "b.json", "-o", "file.json"]).code,
        0
    );
    desk.put("old.csv", log(&[("a", 4000, 40)]));
    assert_eq!(
        gate(&desk, &["--baseline-log", "old.csv", "-o", "log.json"]).code,
        0
    );
    // The counts of the file are those of the log that it was made from.
    let difference = |name| json(&desk, name)["checks"][0]["difference"].clone();
    assert_eq!(difference("file.json"), difference("log.json"));
    desk.put("log.csv", log(&[("a", 4000, 120)]));
    assert_eq!(gate(&desk, &["--baseline", "b.json"]).code, 1);
}

#[test]
fn a_baseline_that_tells_nothing_of_a_check_is_refused_where_one_is_required() {
    let other = "[[gate]]\nname = 'other'\nmetric = 'cost'\nmax = 100\n";
    let costs = "[cost]\nerror = 10\nreview = 1\n";
    let desk = desk(&(costs.to_owned() + other + REGRESSION), &[("a", 4000, 40)]);
    assert_eq!(gate(&desk, &["--save-baseline", "b.json"]).code, 0);
    let required = ["--baseline", "b.json", "--require-baseline"];
    assert_eq!(gate(&desk, &required).code, 0);
    // The baseline knows all cases, not those by kind.
    desk.put("gonogo.toml", format!("{COLUMNS}{REGRESSION}by = 'kind'\n"));
    assert_eq!(gate(&desk, &["--baseline", "b.json"]).code, 0);
    gate(&desk, &required).refused(2, &["b.json", "\"worse\""]);
    // A log whose labels are all missing tells nothing either.
    desk.put("gonogo.toml", format!("{COLUMNS}{REGRESSION}"));
    desk.put("old.csv", "s,e,r,k\n0.9,,no,a\n");
    let log = ["--baseline-log", "old.csv", "--require-baseline"];
    gate(&desk, &log).refused(2, &["old.csv", "\"worse\""]);
}

#[test]
fn a_baseline_is_refused_only_for_roles_that_its_checks_rest_on() {
    let desk = desk(REGRESSION, &[("a", 4000, 40)]);
    assert_eq!(gate(&desk, &["--save-baseline", "b.json"]).code, 0);
    let compare = |gates: &str| {
        let columns = COLUMNS.to_owned() + gates;
        desk.put(
            "gonogo.toml",
            columns.replacen("[columns]", "[columns]\nvalue = '2'", 1),
        );
        gate(&desk, &["--baseline", "b.json"])
    };
    assert_eq!(compare(REGRESSION).code, 0);
    // A limit on money is judged by itself; a comparison of money needs it on both sides.
    let money = |demand: &str| {
        format!("{REGRESSION}[[gate]]\nname = 'money'\nmetric = 'error_value_rate'\n{demand}\n")
    };
    assert_eq!(compare(&money("max = '5%'")).code, 0);
    let refused = compare(&money("worse_than_baseline_by = '1pp'"));
    refused.refused(2, &["the role `value` was not mapped"]);
}

#[test]
fn a_baseline_with_counts_that_no_log_has_is_refused() {
    let desk = desk(REGRESSION, &[("a", 4000, 40)]);
    assert_eq!(gate(&desk, &["--save-baseline", "b.json"]).code, 0);
    assert_eq!(desk.run(&["sweep", "log.csv", "-o", "s.json"]).code, 0);
    for (file, count) in [("b.json", "3960"), ("s.json", "4000")] {
        let text = desk.text(file);
        for most in [u64::MAX, u64::MAX / 2, 1 << 41] {
            desk.put(file, text.replace(count, &most.to_string()));
            gate(&desk, &["--baseline", file]).refused(2, &[file]);
        }
        // As many as may be are compared without delay.
        desk.put(file, text.replace(count, &(1_u64 << 39).to_string()));
        assert!(
            [0, 1, 3].contains(&gate(&desk, &["--baseline", file]).code),
            "{file}"
        );
    }
}

#[test]
fn a_sweep_serves_as_a_baseline_where_its_labels_are_a_plain_sample() {
    let desk = desk(REGRESSION, &[("a", 4000, 40)]);
    assert_eq!(desk.run(&["sweep", "log.csv", "-o", "s.json"]).code, 0);
    assert_eq!(gate(&desk, &["--baseline", "s.json"]).code, 0);
    desk.put("log.csv", log(&[("a", 4000, 120)]));
    assert_eq!(gate(&desk, &["--baseline", "s.json"]).code, 1);
}

#[test]
fn a_baseline_about_something_else_is_refused_with_the_reason() {
    let desk = desk(REGRESSION, &[("a", 4000, 40)]);
    assert_eq!(gate(&desk, &["--save-baseline", "b.json"]).code, 0);
    let changed = COLUMNS.replace("error = 'e'", "error = 'NOT e'");
    desk.put("gonogo.toml", format!("{changed}{REGRESSION}"));
    let answer = gate(&desk, &["--baseline", "b.json"]);
    assert_eq!(answer.code, 2);
    assert!(
        answer
            .stderr
            .contains("the role `error` was `e`, now `NOT e`")
    );
    assert_eq!(
        gate(&desk, &["--baseline", "b.json", "--accept-changed"]).code,
        1
    );
    desk.put("gonogo.toml", format!("{COLUMNS}{REGRESSION}"));
    let answer = gate(&desk, &["--baseline", "b.json", "--policy", "0.5"]);
    assert_eq!(answer.code, 2);
    assert!(answer.stderr.contains("policy"));
    desk.put(
        "x.json",
        "{\"schema\": {\"name\": \"gonogo/gate\", \"version\": 9}}",
    );
    assert_eq!(gate(&desk, &["--baseline", "x.json"]).code, 2);
}

#[test]
fn two_policies_on_one_log_are_compared_by_the_cases_that_move() {
    let desk = desk(REGRESSION, &[("a", 1000, 10)]);
    let mut log = desk.text("log.csv");
    for case in 0..300 {
        log.push_str(&format!("0.6,{},yes,a\n", case < 90));
    }
    desk.put("log.csv", log);
    let answer = gate(
        &desk,
        &["--policy", "0.5", "--against", "actual", "-o", "g.json"],
    );
    assert_eq!(answer.code, 1);
    let difference = json(&desk, "g.json")["checks"][0]["difference"]["estimate"].as_f64();
    let expected = 100.0 / 1300.0 - 10.0 / 1000.0;
    assert!((difference.unwrap() - expected).abs() < 1e-12);
    let same = gate(&desk, &["--policy", "0.8", "--against", "actual"]);
    assert_eq!(same.code, 0, "{}", same.stdout);
}

#[test]
fn two_policies_are_compared_by_the_money_of_the_cases_that_move() {
    let gates = "[cost]\nerror = 10\nreview = 1\n\
         [[gate]]\nname = 'cost'\nmetric = 'cost'\nworse_than_baseline_by = '0.10'\n\
         [[gate]]\nname = 'money'\nmetric = 'error_value_rate'\nworse_than_baseline_by = '1pp'\n";
    let desk = desk(gates, &[("a", 1000, 10)]);
    let mut log = desk.text("log.csv");
    for case in 0..300 {
        log.push_str(&format!("0.6,{},yes,a\n", case < 90));
    }
    desk.put("log.csv", log);
    let run = |policy| {
        let arguments = [
            "--policy",
            policy,
            "--against",
            "actual",
            "--role",
            "value=2",
        ];
        gate(&desk, &[&arguments[..], &["-o", "g.json"]].concat()).code
    };
    let number = |check: usize, name: &str| {
        let difference = &json(&desk, "g.json")["checks"][check]["difference"][name];
        difference.as_f64().unwrap()
    };
    assert_eq!(run("0.5"), 1);
    // 90 more errors at 10 each, and 300 fewer reviews at 1.
    let cost = (90.0 * 10.0 - 300.0) / 1300.0;
    assert!((number(0, "estimate") - cost).abs() < 1e-9);
    assert!(number(0, "low") > 0.0 && number(0, "low") < cost && cost < number(0, "high"));
    let share = 100.0 / 1300.0 - 10.0 / 1000.0;
    assert!((number(1, "estimate") - share).abs() < 1e-9);
    assert!(number(1, "low") > 0.0 && number(1, "high") > share);
    // The same routes: no case moves, and nothing differs.
    assert_eq!(run("0.8"), 0);
    assert_eq!([number(0, "low"), number(1, "high")], [0.0, 0.0]);
}

#[test]
fn a_segment_fails_alone_and_only_one_annotation_is_made() {
    let gates = limit("2%") + "by = 'kind'\n";
    let desk = desk(&gates, &[("a", 1000, 60), ("b", 1000, 70), ("c", 1000, 2)]);
    let answer = gate(&desk, &["--format", "github"]);
    assert_eq!(answer.code, 1);
    assert_eq!(answer.stdout.lines().count(), 1);
    assert!(answer.stdout.contains("(and 1 more)"));
}

#[test]
fn too_few_labels_are_said_with_how_many_are_missing() {
    let desk = desk(&(limit("50%") + "min_labels = 100\n"), &[("a", 60, 0)]);
    assert_eq!(gate(&desk, &["-o", "g.json"]).code, 3);
    let check = &json(&desk, "g.json")["checks"][0];
    assert_eq!(check["needed"], 40);
    assert_eq!(check["verdict"], "inconclusive");
}

#[test]
fn a_log_without_labels_is_nothing_to_judge_and_still_reported() {
    let desk = desk(&limit("2%"), &[]);
    desk.put("log.csv", "s,e,r,k\n0.9,,no,a\n0.8,,no,a\n");
    assert_eq!(gate(&desk, &["-o", "g.json"]).code, 4);
    assert_eq!(json(&desk, "g.json")["verdict"], "inconclusive");
}

#[test]
fn an_alarm_stays_one_when_later_cases_are_good() {
    let desk = desk(&limit("2%"), &[("a", 500, 40)]);
    let look = || gate(&desk, &["--sequential", "state.json"]);
    assert_eq!(look().code, 1);
    desk.put("log.csv", log(&[("a", 20_000, 40)]));
    let answer = look();
    assert_eq!(answer.code, 1);
    assert!(answer.stdout.contains("an earlier look showed a breach"));
    desk.put("log.csv", log(&[("a", 100, 1)]));
    assert!(
        look()
            .stdout
            .contains("fewer labels than at an earlier look")
    );
}

#[test]
fn a_failure_stays_one_whatever_becomes_of_the_labels() {
    let gates = limit("2%") + "by = 'kind'\nmin_labels = 100\n";
    let desk = desk(&gates, &[("a", 500, 40), ("b", 500, 1)]);
    let look = || gate(&desk, &["--sequential", "state.json"]);
    assert_eq!(look().code, 1);
    let audited = "0.9,,no,a\n".repeat(300) + &"0.95,false,no,a\n".repeat(300);
    let probabilities = log(&[("b", 500, 1)]) + &audited;
    for (log, words) in [
        // Not a plain sample any more, no labels, fewer than wanted, no such case.
        (probabilities, "an earlier look showed a breach"),
        (
            log(&[("b", 500, 1)]) + "0.9,,no,a\n",
            "none of the cases carries a label",
        ),
        (
            log(&[("b", 500, 1), ("a", 20, 0)]),
            "an earlier look showed a breach",
        ),
        (log(&[("b", 500, 1)]), "there is no such case any more"),
    ] {
        desk.put("log.csv", log);
        let answer = look();
        assert_eq!(answer.code, 1, "{}", answer.stdout);
        assert!(
            answer.stdout.replace('\n', " ").contains(words),
            "{}",
            answer.stdout
        );
    }
}

#[test]
fn a_state_of_other_roles_or_another_policy_is_refused() {
    let desk = desk(&limit("2%"), &[("a", 500, 5)]);
    let look = |more: &[&str]| gate(&desk, &[&["--sequential", "state.json"], more].concat());
    assert_eq!(look(&[]).code, 3);
    assert_eq!(look(&[]).code, 3);
    let refused = look(&["--policy", "0.5"]);
    refused.refused(2, &["state.json", "the policy \"threshold 0.5\""]);
    let refused = look(&["--role", "error=NOT e"]);
    refused.refused(2, &["state.json", "the role `error` was `e`, now `NOT e`"]);
    let accepted = look(&["--policy", "0.5", "--accept-changed"]);
    assert_eq!(accepted.code, 3, "{}", accepted.stderr);
    assert!(
        accepted
            .stdout
            .contains("since the earlier looks: it judged")
    );
    assert_eq!(look(&["--policy", "0.5"]).code, 3);
    // Another metric under the same name begins anew: nothing was seen of it.
    let gates = limit("2%").replace("auto_error", "escalation_rate");
    desk.put("gonogo.toml", format!("{COLUMNS}{gates}"));
    assert_eq!(look(&["--policy", "0.5"]).code, 0);
    assert_eq!(
        json(&desk, "state.json")["seen"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn a_state_remembers_the_segments_of_another_profile() {
    let nightly =
        limit("3%").replace("'limit'", "'by kind'") + "by = 'kind'\nprofile = 'nightly'\n";
    let gates = limit("2%") + &nightly;
    let desk = desk(&gates, &[("a", 500, 5)]);
    let look = |more: &[&str]| gate(&desk, &[&["--sequential", "state.json"], more].concat());
    look(&["--profile", "nightly"]);
    assert_eq!(look(&[]).code, 3);
    let changed = COLUMNS.replace("kind = 'k'", "kind = 'upper(k)'");
    desk.put("gonogo.toml", changed + &gates);
    assert_eq!(look(&[]).code, 3);
    let refused = look(&["--profile", "nightly"]);
    refused.refused(2, &["the segment `kind` was `k`, now `upper(k)`"]);
}

#[test]
fn a_failure_stays_one_when_more_segments_come() {
    let gates = limit("2%") + "by = 'kind'\n";
    let desk = desk(&gates, &[("a", 150, 12)]);
    let look = || gate(&desk, &["--sequential", "state.json"]).code;
    assert_eq!(look(), 1);
    let names: Vec<String> = (0..30).map(|n| format!("b{n}")).collect();
    let mut kinds: Vec<(&str, u64, u64)> = names.iter().map(|name| (name.as_str(), 1, 0)).collect();
    kinds.push(("a", 150, 12));
    desk.put("log.csv", log(&kinds));
    assert_eq!(look(), 1);
}

#[test]
fn one_of_very_many_segments_can_still_fail() {
    let desk = desk(&(REGRESSION.to_owned() + "by = 'kind'\n"), &[]);
    let names: Vec<String> = (0..60).map(|n| format!("k{n}")).collect();
    let kinds = |worst: u64| -> Vec<(&str, u64, u64)> {
        let wrong = |place: usize| if place == 0 { worst } else { 2 };
        let names = names.iter().enumerate();
        names
            .map(|(place, name)| (name.as_str(), 200, wrong(place)))
            .collect()
    };
    desk.put("old.csv", log(&kinds(2)));
    desk.put("log.csv", log(&kinds(60)));
    assert_eq!(gate(&desk, &["--baseline-log", "old.csv"]).code, 1);
}

#[test]
fn without_labels_what_needs_none_still_decides() {
    let gates = "[[gate]]\nmetric = 'escalation_rate'\nmax = '50%'\n".to_owned();
    let desk = desk(&(gates + &limit("2%") + "level = 'info'\n"), &[]);
    for (route, code) in [("yes", 1), ("no", 0)] {
        let rows = format!("0.9,,{route},a\n").repeat(100);
        desk.put("log.csv", format!("s,e,r,k\n{rows}"));
        assert_eq!(gate(&desk, &[]).code, code, "{route}");
    }
}

#[test]
fn a_first_run_is_a_note_even_with_few_labels() {
    let desk = desk(
        &(REGRESSION.to_owned() + "min_labels = 100\n"),
        &[("a", 60, 0)],
    );
    assert_eq!(gate(&desk, &["--baseline", "none.json"]).code, 0);
}

#[test]
fn hostile_names_break_out_of_no_format() {
    let hostile = "]]><x>|%0A::error::\u{1b}[31m\u{202e}&";
    let gates = limit("2%") + "by = 'kind'\n";
    let desk = desk(&gates, &[(hostile, 1000, 60)]);
    let arguments = ["-o", "g.xml", "-o", "g.md", "-o", "g.sarif", "-o", "g.json"];
    let answer = gate(&desk, &[&arguments[..], &["--format", "github"]].concat());
    assert_eq!(answer.code, 1);
    assert_eq!(answer.stdout.lines().count(), 1);
    assert!(answer.stdout.contains("%250A::error"));
    let junit = desk.text("g.xml");
    let junit = Document::parse(&junit).unwrap();
    let case = junit
        .descendants()
        .find(|node| node.has_tag_name("testcase"));
    let name = case.unwrap().attribute("name").unwrap();
    assert!(name.starts_with("]]><x>|%0A::error::\\u{1b}"), "{name}");
    let markdown = desk.text("g.md");
    assert!(markdown.contains("\\]\\]&gt;&lt;x&gt;\\|"));
    for file in ["g.xml", "g.md", "g.sarif", "g.json"] {
        let text = desk.text(file);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{file}");
    }
}

#[test]
fn a_summary_of_very_many_segments_stays_below_sixty_kilobytes() {
    let names: Vec<String> = (0..400)
        .map(|n| format!("{n}{}", "<".repeat(300)))
        .collect();
    let kinds: Vec<(&str, u64, u64)> = names.iter().map(|name| (name.as_str(), 5, 1)).collect();
    let desk = desk(&(limit("2%") + "by = 'kind'\n"), &kinds);
    assert_eq!(gate(&desk, &["-o", "g.md"]).code, 3);
    let summary = desk.text("g.md");
    assert!(
        summary.len() < 60_000 && summary.contains("the worst"),
        "{}",
        summary.len()
    );
}

#[test]
fn what_is_wrong_with_a_check_is_said_with_its_line() {
    let cases = [
        (
            "metric = 'auto_error'\n",
            "line 7: [[gate]] \"gate 1\": give exactly one of",
        ),
        ("metric = 'auto_error'\nmax = '2'\n", "is no share"),
        ("metric = 'auto_error'\nmax = 2\n", "is no share"),
        (
            "metric = 'auto_error'\nworse_than_baseline_by = '1'\n",
            "is no margin",
        ),
        ("metric = 'nonsense'\nmax = 1\n", "unknown variant"),
        ("metric = 'cost'\nmax = 1\n", "no [cost] is stated"),
        ("metric = 'cost'\nmax = '150%'\n", "is no cost of a case"),
    ];
    for (text, message) in cases {
        let desk = desk(&format!("[[gate]]\n{text}"), &[("a", 10, 0)]);
        let answer = gate(&desk, &[]);
        assert_eq!(answer.code, 2, "{text}");
        assert!(answer.stderr.contains(message), "{text}: {}", answer.stderr);
    }
    let none = desk("", &[("a", 10, 0)]);
    assert!(gate(&none, &[]).stderr.contains("no [[gate]] is declared"));
}

#[test]
fn checks_of_a_profile_are_judged_only_when_it_is_asked_for() {
    let desk = desk(&(limit("2%") + "profile = 'nightly'\n"), &[("a", 1000, 60)]);
    assert_eq!(gate(&desk, &[]).code, 2);
    assert_eq!(gate(&desk, &["--profile", "nightly"]).code, 1);
    assert!(gate(&desk, &["--profile", "x"]).stderr.contains("nightly"));
}

#[test]
fn the_summary_of_a_github_job_is_added_to() {
    let desk = desk(&limit("2%"), &[("a", 1000, 60)]);
    desk.put("step.md", "before");
    let answer = desk.shell("GITHUB_STEP_SUMMARY=step.md \"$GONOGO\" gate log.csv");
    assert_eq!(answer.code, 1);
    assert!(desk.text("step.md").starts_with("before\n## Gate: FAIL"));
}

#[test]
fn a_summary_may_go_to_a_pipe_that_has_no_end() {
    let desk = desk(&limit("2%"), &[("a", 1000, 60)]);
    let answer = desk.shell(
        "mkfifo pipe; cat pipe > got & \
         GITHUB_STEP_SUMMARY=pipe timeout 60 \"$GONOGO\" gate log.csv; code=$?; \
         test $code = 124 && kill $!; wait; exit $code",
    );
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    assert!(desk.text("got").starts_with("## Gate: FAIL"));
}

#[test]
fn a_summary_that_cannot_be_written_costs_no_other_file() {
    let desk = desk(&limit("2%"), &[("a", 1000, 60)]);
    let answer = desk.shell(
        "mkdir full; GITHUB_STEP_SUMMARY=full \"$GONOGO\" gate log.csv --format github \
         -o g.json -o g.xml --save-baseline b.json --sequential state.json",
    );
    assert_eq!(answer.code, 74);
    assert!(answer.stderr.contains("full"), "{}", answer.stderr);
    assert!(answer.stdout.starts_with("::error"), "{}", answer.stdout);
    for file in ["g.json", "g.xml", "b.json", "state.json"] {
        assert!(!desk.text(file).is_empty(), "{file}");
    }
}

#[test]
fn annotations_name_the_configuration_from_the_root_of_the_repository() {
    let desk = desk(&limit("2%"), &[("a", 1000, 60)]);
    let shown = |line: &str| {
        let line = format!("mkdir -p deep/down; {line} --format github -o \"$PWD/g.sarif\"");
        let answer = desk.shell(&line);
        assert_eq!(answer.code, 1, "{}", answer.stderr);
        answer.stdout
    };
    let at = |file: &str| format!("::error file={file},line=7,");
    // Above the working folder, with nothing that marks a repository.
    let below = shown("cd deep/down && \"$GONOGO\" gate ../../log.csv");
    assert!(below.starts_with(&at("gonogo.toml")), "{below}");
    let sarif = json(&desk, "deep/down/g.sarif");
    let place = "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri";
    assert_eq!(sarif.pointer(place).unwrap(), "gonogo.toml");
    // A folder of a repository, and a workspace that says where it begins.
    desk.put("deep/gonogo.toml", desk.text("gonogo.toml"));
    let workspace = shown("export GITHUB_WORKSPACE=$PWD; cd deep && \"$GONOGO\" gate ../log.csv");
    assert!(
        workspace.starts_with(&at("deep/gonogo.toml")),
        "{workspace}"
    );
    desk.put(".git/HEAD", "");
    let repository = shown("cd deep/down && \"$GONOGO\" gate ../../log.csv");
    assert!(
        repository.starts_with(&at("deep/gonogo.toml")),
        "{repository}"
    );
    let given = shown("cd deep/down && \"$GONOGO\" gate ../../log.csv --config ../../gonogo.toml");
    assert!(given.starts_with(&at("gonogo.toml")), "{given}");
}

#[test]
fn the_shell_steps_of_the_ci_page_work() {
    let text = std::fs::read_to_string(super::binary::in_repository("docs/ci.md")).unwrap();
    let steps: Vec<&str> = text
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(steps.len(), 2);
    for (wrong, codes) in [(5, [0, 0]), (20, [0, 0]), (60, [1, 1])] {
        let desk = desk(&limit("2%"), &[("a", 1000, wrong)]);
        desk.put("decisions.csv", desk.text("log.csv"));
        for (step, code) in steps.iter().zip(codes) {
            let line = format!("set -e\ngonogo() {{ \"$GONOGO\" \"$@\"; }}\n{step}");
            assert_eq!(desk.shell(&line).code, code, "{wrong} wrong: {step}");
        }
        is_junit(&desk.text("junit.xml"));
        assert!(desk.text("summary.md").starts_with("## Gate"));
    }
}

#[test]
fn the_selftest_measures_few_failures_for_nothing_and_repeats_itself() {
    let desk = desk(&limit("2%"), &[("a", 3000, 60)]);
    let arguments = [
        "gate", "selftest", "log.csv", "--rounds", "400", "-o", "t.json",
    ];
    let first = desk.run(&arguments);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let comparison = json(&desk, "t.json")["comparisons"][0].clone();
    let rate = comparison["false_fail_rate"].as_f64().unwrap();
    assert!(
        rate <= 0.05 + 3.0 * (0.05_f64 * 0.95 / 400.0).sqrt(),
        "{rate}"
    );
    // Two logs of 3,000 labels at 2 %: (1.645 + 0.842)^2 * (v + v') / gap^2 = 3000.
    let gap = comparison["smallest_regression"].as_f64().unwrap();
    assert!((0.0090..0.0110).contains(&gap), "{gap}");
    assert_eq!(first.stdout, desk.run(&arguments).stdout);
}

#[test]
fn the_selftest_fails_a_check_by_segment_as_a_whole() {
    let gates = limit("2%") + "by = 'kind'\n" + REGRESSION;
    let names: Vec<String> = (0..8).map(|n| format!("k{n}")).collect();
    let kinds: Vec<_> = names.iter().map(|name| (name.as_str(), 400, 40)).collect();
    let desk = desk(&gates, &kinds);
    let arguments = [
        "gate", "selftest", "log.csv", "--rounds", "400", "-o", "t.json",
    ];
    desk.run(&arguments).done();
    let comparisons = json(&desk, "t.json")["comparisons"].clone();
    let by_kind = comparisons.as_array().unwrap().iter();
    let by_kind: Vec<&Value> = by_kind.filter(|c| c["segment"] == "kind").collect();
    assert_eq!(
        (comparisons.as_array().unwrap().len(), by_kind.len()),
        (2, 1)
    );
    assert_eq!(by_kind[0]["parts"], 8);
    assert!(by_kind[0]["smallest_regression"].is_null());
    let rate = by_kind[0]["false_fail_rate"].as_f64().unwrap();
    assert!(
        rate <= 0.05 + 3.0 * (0.05_f64 * 0.95 / 400.0).sqrt(),
        "{rate}"
    );
}

#[test]
fn weights_and_money_survive_in_a_baseline() {
    let desk = Desk::new();
    let config = super::binary::in_repository("sample-data/lending_club_costs.toml");
    let mut config = std::fs::read_to_string(config).unwrap();
    for (metric, margin) in [
        ("auto_error", "2pp"),
        ("error_value_rate", "10%"),
        ("cost", "5"),
        ("escaped_errors", "1pp"),
    ] {
        config.push_str(&format!(
            "\n[[gate]]\nname = '{metric}'\nmetric = '{metric}'\nworse_than_baseline_by = '{margin}'\n"
        ));
    }
    desk.put("gonogo.toml", config);
    let log = super::binary::in_repository("sample-data/lending_club.selective.csv");
    let run = |arguments: &[&str]| {
        let answer = desk.run(&[&["gate", &log, "--policy", "0.85"], arguments].concat());
        assert!(matches!(answer.code, 0 | 3), "{}", answer.stderr);
    };
    run(&["--save-baseline", "b.json"]);
    run(&["--baseline", "b.json", "-o", "file.json"]);
    run(&["--baseline-log", &log, "-o", "log.json"]);
    let (file, other) = (json(&desk, "file.json"), json(&desk, "log.json"));
    for place in 0..4 {
        let difference = &file["checks"][place]["difference"];
        assert!(difference["high"].as_f64().unwrap() > 0.0, "{place}");
        assert_eq!(*difference, other["checks"][place]["difference"], "{place}");
        assert_eq!(
            file["checks"][place]["baseline"],
            file["checks"][place]["rate"]
        );
    }
}

#[test]
fn a_gate_without_a_case_to_judge_does_not_pass() {
    let desk = desk(&limit("2%"), &[("a", 1000, 5)]);
    // Every case counts as escalated: a role that is mapped wrongly, say.
    let answer = gate(&desk, &["--role", "escalated=s > 0"]);
    assert_eq!(answer.code, 4, "{}", answer.stdout);
    assert!(answer.stdout.starts_with("Gate: there is no case to judge"));
}

#[test]
fn a_baseline_is_not_written_over_the_configuration() {
    let desk = desk(&limit("2%"), &[("a", 1000, 5)]);
    let before = desk.text("gonogo.toml");
    gate(&desk, &["--save-baseline", "gonogo.toml"]).refused(2, &["gonogo.toml"]);
    assert_eq!(desk.text("gonogo.toml"), before);
}

#[test]
fn a_baseline_of_other_costs_is_refused_unless_that_is_accepted() {
    let desk = Desk::new();
    let config = |error: u32| {
        format!(
            "{COLUMNS}[cost]\nerror = {error}\nreview = 1\n\
             [[gate]]\nname = 'cost'\nmetric = 'cost'\nworse_than_baseline_by = '1'\n"
        )
    };
    desk.put("log.csv", log(&[("a", 1000, 20)]));
    desk.put("gonogo.toml", config(10));
    assert_eq!(gate(&desk, &["--save-baseline", "b.json"]).code, 0);
    desk.put("gonogo.toml", config(100));
    let refused = gate(&desk, &["--baseline", "b.json"]);
    refused.refused(2, &["the cost `error` was `10`, now `100`"]);
    let accepted = gate(&desk, &["--baseline", "b.json", "--accept-changed"]);
    assert_eq!(accepted.code, 1, "{}", accepted.stderr);
}
