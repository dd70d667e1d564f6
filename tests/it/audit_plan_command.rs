//! `gonogo audit plan` as its users run it: what it counts in a log, what it refuses and how, and that
//! its words and its JSON say the same.

use serde_json::Value;

use crate::binary::{Desk, in_repository};

fn plan(words: &str) -> Value {
    let words = ["audit", "plan", "--format", "json"]
        .into_iter()
        .chain(words.split(' '));
    Desk::new().run(&words.collect::<Vec<_>>()).done().json()
}

#[track_caller]
fn refused(words: &str, code: i32, parts: &[&str]) {
    let words = ["audit", "plan"].into_iter().chain(words.split(' '));
    Desk::new()
        .run(&words.collect::<Vec<_>>())
        .refused(code, parts);
}

#[test]
fn a_plan_is_told_in_full() {
    let plan = plan("--population 1000 --tolerable 5% --minutes-per-case 4");
    assert_eq!(plan["schema"]["name"], "gonogo/audit-plan");
    assert_eq!(plan["family"], "hypergeometric");
    assert_eq!(
        (&plan["sample_size"], &plan["allowed_errors"]),
        (&57.into(), &0.into())
    );
    assert_eq!(plan["tolerable"], 0.05);
    assert_eq!(plan["confidence"], 0.95);
    assert_eq!(plan["hours"], 3.8);
    assert_eq!(plan["input"], Value::Null);
    assert_eq!(plan["producer_risk"], Value::Null);
    let shown: Vec<bool> = plan["achieved"]
        .as_array()
        .unwrap()
        .iter()
        .map(|achieved| achieved["shows_claim"].as_bool().unwrap())
        .collect();
    assert_eq!(shown, [true, false, false, false]);
    assert_eq!(
        plan["claim"],
        "fewer than 50 of 1,000 cases are wrong (below 5 %)"
    );
}

#[test]
fn rates_are_what_was_written_and_not_the_nearest_double() {
    let plan = plan("--tolerable 5% --confidence 90% --expected 3.5%");
    assert_eq!(
        (&plan["sample_size"], &plan["allowed_errors"]),
        (&400.into(), &14.into())
    );
}

#[test]
fn the_population_of_a_log_is_what_its_history_auto_approved() {
    let desk = Desk::new();
    let mut log = "id,route,kind,wrong,amount\n".to_owned();
    for case in 0..300 {
        let route = if case % 3 == 0 { "human" } else { "auto" };
        let kind = if case % 2 == 0 { "claim" } else { "refund" };
        let wrong = match case {
            1 => "true",
            4..=40 => "false",
            _ => "",
        };
        log += &format!("{case},{route},{kind},{wrong},10\n");
    }
    desk.put("log.csv", log);
    let roles = [
        "audit",
        "plan",
        "log.csv",
        "--role",
        "id=id",
        "--role",
        "escalated=route = 'human'",
        "--role",
        "error=wrong",
        "--role",
        "value=amount",
        "--format",
        "json",
    ];
    let words = [&roles[..], &["--tolerable", "10%", "--by", "kind"]].concat();
    let plan = desk.run(&words).done().json();
    assert_eq!(plan["population"], 200);
    assert_eq!(plan["input"]["rows"]["in"], 300);
    let strata = plan["allocation"]["strata"].as_array().unwrap();
    let names: Vec<&str> = strata
        .iter()
        .map(|stratum| stratum["stratum"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["claim", "refund"]);
    assert_eq!(
        (&strata[0]["population"], &strata[1]["population"]),
        (&100.into(), &100.into())
    );
    let sum: u64 = strata
        .iter()
        .map(|stratum| stratum["sample_size"].as_u64().unwrap())
        .sum();
    assert_eq!(plan["sample_size"], sum);
    assert!(plan["allocation"]["upper_without_errors"].as_f64().unwrap() < 0.1);
    // The value of the auto-approved cases is 2,000.
    let words = [&roles[..], &["--tolerable-value", "100"]].concat();
    let plan = desk.run(&words).done().json();
    assert_eq!(
        (&plan["value"]["total"], &plan["sample_size"]),
        (&2000.0.into(), &60.into())
    );
}

#[test]
fn a_log_that_auto_approved_nothing_leaves_nothing_to_audit() {
    let desk = Desk::new();
    desk.put("log.csv", "id,route\n1,human\n2,human\n");
    let words = [
        "audit",
        "plan",
        "log.csv",
        "--role",
        "escalated=route = 'human'",
        "--tolerable",
        "5%",
    ];
    desk.run(&words)
        .refused(4, &["auto-approved none of 2 cases"]);
    let words = ["audit", "plan", "log.csv", "--tolerable", "5%"];
    desk.run(&words).refused(2, &["escalated"]);
}

#[test]
fn strata_of_the_command_line_are_planned_like_those_of_a_log() {
    let plan = plan(
        "--stratum a=5000 --stratum b=3000:2/50 --stratum c=12 --tolerable 5% --allocation equal",
    );
    let strata = plan["allocation"]["strata"].as_array().unwrap();
    assert_eq!(strata[2]["sample_size"], 12);
    assert_eq!(plan["population"], 8012);
    let plan =
        self::plan("--stratum a=5000@30 --stratum b=3000@10 --tolerable 5% --allocation fixed");
    assert_eq!(plan["sample_size"], 40);
    let warnings = plan["warnings"].to_string();
    assert!(warnings.contains("does not show the claim"), "{warnings}");
}

#[test]
fn every_kind_of_plan_has_its_figures() {
    let two = plan("--tolerable 5% --confidence 90% --two-stage --true-rate 1%");
    assert_eq!(
        (&two["kind"], &two["stages"]["cases_each"]),
        (&"two_stage".into(), &49.into())
    );
    assert_eq!(two["sample_size"], 98);
    // Without an expected error there is nothing to go on after: one sample, no error allowed.
    let none = plan("--tolerable 5% --confidence 90% --two-stage --expected-errors 0");
    assert_eq!(
        (&none["kind"], &none["sample_size"]),
        (&"single".into(), &45.into())
    );
    assert_eq!(none["allowed_errors"], 0);
    let sequential = plan("--population 10000 --tolerable 5% --sequential --true-rate 1%");
    assert_eq!(sequential["sequence"]["stops"][0]["cases"], 69);
    assert!(
        sequential["sequence"]["at_tolerable"]["shown"]
            .as_f64()
            .unwrap()
            <= 0.05
    );
    assert!(
        sequential["sequence"]["at_true_rate"]["shown"]
            .as_f64()
            .unwrap()
            > 0.9
    );
    let given = plan("--tolerable 5% --accept 5 --size 200");
    assert!((given["quality"]["limiting"].as_f64().unwrap() - 0.045_879).abs() < 5e-7);
    let value = plan("--value 5000000 --tolerable-value 100000 --expected-value 20000");
    assert_eq!(
        (&value["sample_size"], &value["family"]),
        (&232.into(), &"poisson".into())
    );
    let margin = plan("--margin 5% --population 10000");
    assert_eq!(
        (&margin["sample_size"], &margin["margin"]),
        (&370.into(), &0.05.into())
    );
}

#[test]
fn what_cannot_be_planned_is_refused_with_the_mend() {
    refused(
        "--tolerable 5% --expected 5%",
        2,
        &["no sample size can pass", "hint:"],
    );
    refused("--tolerable 0", 2, &["a tolerable error rate of 0 %"]);
    refused(
        "--tolerable 5% --confidence 100%",
        2,
        &["a confidence of 100 %"],
    );
    refused(
        "--tolerable 5% --sequential",
        2,
        &["--sequential needs the number", "--population"],
    );
    refused(
        "--tolerable 5% --family hypergeometric",
        2,
        &["--population"],
    );
    refused(
        "--tolerable 5% --allocation equal",
        2,
        &["needs strata", "--stratum"],
    );
    refused(
        "--tolerable 5% --population 0",
        2,
        &["no cases to draw from"],
    );
    refused(
        "--tolerable 5% --stratum a=5 --stratum a=6",
        2,
        &["`a` is given twice"],
    );
    refused(
        "--tolerable 5% --stratum a=5 --allocation fixed",
        2,
        &["`a` has no size", "@SIZE"],
    );
    refused(
        "--tolerable 5% --accept 9 --size 9",
        2,
        &["--accept", "fewer errors"],
    );
    refused(
        "--tolerable 5% --accept 1 --size 99 --population 9",
        2,
        &["--size", "census"],
    );
    refused(
        "--tolerable-value 100",
        2,
        &["value of all cases", "--value"],
    );
    refused(
        "--value 100 --tolerable-value 200",
        2,
        &["--tolerable-value is more"],
    );
    refused("--tolerable five", 2, &["`five` is not a rate"]);
    refused("--tolerable 5% --stratum a", 2, &["`a` is not a stratum"]);
    refused(
        "--tolerable 5% --minutes-per-case 0",
        2,
        &["minutes above 0"],
    );
}

#[test]
fn a_claim_of_less_than_one_case_needs_a_census() {
    let census = plan("--population 19 --tolerable 5%");
    assert_eq!(
        (&census["sample_size"], &census["census"]),
        (&19.into(), &true.into())
    );
}

#[test]
fn a_plan_that_is_not_good_enough_does_not_claim_to_be() {
    let words = [
        "audit",
        "plan",
        "--tolerable",
        "5%",
        "--accept",
        "5",
        "--size",
        "200",
    ];
    let text = Desk::new().run(&words).done().stdout;
    assert!(
        text.contains("do not show that the error rate is below 5 %"),
        "{text}"
    );
    assert!(!text.contains("If at most"), "{text}");
}

#[test]
fn a_plan_of_a_file_in_the_repository_is_the_same_every_time() {
    let desk = Desk::new();
    let log = in_repository("sample-data/lending_club.selective.csv");
    let config = in_repository("sample-data/lending_club.toml");
    let words = [
        "audit",
        "plan",
        &log,
        "--config",
        &config,
        "--by",
        "grade,size",
        "--tolerable",
        "5%",
        "--format",
        "json",
        "--allocation",
        "neyman",
    ];
    let once = desk.run(&words).done().stdout;
    let again = desk
        .run(&[&words[..], &["--threads", "1"]].concat())
        .done()
        .stdout;
    assert_eq!(once, again);
}
