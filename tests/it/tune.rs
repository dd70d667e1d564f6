//! `gonogo tune` as its users run it, on logs that are made here: certificates, refusals, segments
//! and policies. What capacity and cost add is in `tune_targets`.

use std::fmt::Write as _;

use gonogo::policy::{Policy, Routing};
use serde_json::Value;

use crate::binary::{Answer, Desk};
use crate::coverage::Dice;

const CONFIG: &str = r#"
[columns]
id = "id"
time = "day"
score = "score"
error = "wrong"
escalated = "score < 0.7"
label_probability = "p"
"#;

/// A case: score in thousandths, kind, whether it is wrong, its label probability in percent, and
/// whether it was labelled.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) score: u32,
    pub(crate) kind: &'static str,
    pub(crate) wrong: bool,
    pub(crate) percent: u32,
    pub(crate) labelled: bool,
    pub(crate) day: u32,
}

/// Cases of three kinds: good ones, bad ones and few ones. Reviewed below 0.7; above it `audit`
/// percent are audited.
pub(crate) fn cases(seed: u64, number: u32, audit: u32) -> Vec<Case> {
    let mut dice = Dice::seeded(seed);
    (0..number)
        .map(|place| {
            let score = dice.below(1001);
            let kind = match place % 20 {
                0 => "it's few",
                1..8 => "bad",
                _ => "good",
            };
            let base = if kind == "bad" { 150 } else { 30 };
            let wrong = dice.happens(base * (1000 - score) + 1000);
            let percent = if score < 700 { 100 } else { audit };
            Case {
                score,
                kind,
                wrong,
                percent,
                labelled: dice.happens(percent * 10_000),
                day: dice.below(28) + 1,
            }
        })
        .collect()
}

pub(crate) fn csv(cases: &[Case]) -> String {
    let mut text = "id,day,score,kind,wrong,p\n".to_owned();
    for (place, case) in cases.iter().enumerate() {
        let wrong = match (case.labelled, case.wrong) {
            (false, _) => "",
            (true, true) => "true",
            (true, false) => "false",
        };
        let _ = writeln!(
            text,
            "{place},2026-02-{:02},{},{},{wrong},{}",
            case.day,
            f64::from(case.score) / 1000.0,
            case.kind,
            f64::from(case.percent) / 100.0
        );
    }
    text
}

pub(crate) fn desk(cases: &[Case]) -> Desk {
    let desk = Desk::new();
    desk.put("gonogo.toml", CONFIG);
    desk.put("log.csv", csv(cases));
    desk
}

pub(crate) fn tune(desk: &Desk, words: &[&str]) -> Answer {
    desk.run(&[&["tune", "log.csv"], words].concat())
}

pub(crate) fn json(desk: &Desk, words: &[&str]) -> Value {
    tune(desk, &[&["--format", "json"], words].concat()).json()
}

/// Cases that a threshold in thousandths approves, and those of them that are labelled and wrong.
fn approved(cases: &[Case], threshold: f64) -> (u64, u64, u64) {
    let meets = |case: &&Case| f64::from(case.score) / 1000.0 >= threshold;
    let approved: Vec<&Case> = cases.iter().filter(meets).collect();
    let labelled = approved.iter().filter(|case| case.labelled);
    let wrong = labelled.clone().filter(|case| case.wrong);
    (
        approved.len() as u64,
        labelled.count() as u64,
        wrong.count() as u64,
    )
}

fn tested(answer: &Value) -> &[Value] {
    answer["tested"].as_array().expect("a list")
}

#[test]
fn the_loosest_threshold_that_passed_is_the_answer_with_all_that_was_tested() {
    let cases = cases(1, 6000, 20);
    let desk = desk(&cases);
    let answer = json(&desk, &["--max-error", "3%", "--confidence", "95%"]);
    assert_eq!(answer["verdict"], "certified");
    let threshold = answer["threshold"].as_f64().expect("a threshold");
    let passed = tested(&answer)
        .iter()
        .filter(|trial| trial["rejected"] == true);
    let loosest = passed.map(|trial| trial["threshold"].as_f64().expect("a number"));
    assert_eq!(loosest.fold(1.0, f64::min), threshold);
    assert!(answer["upper"].as_f64().expect("a bound") <= 0.03);
    assert!(
        tested(&answer)
            .iter()
            .any(|trial| trial["rejected"] == false)
    );
    for trial in tested(&answer) {
        let at = trial["threshold"].as_f64().expect("a number");
        let (approved, labelled, wrong) = approved(&cases, at);
        assert_eq!(trial["cases"], approved, "{at}");
        assert_eq!(trial["labelled"], labelled, "{at}");
        assert_eq!(trial["errors_found"], wrong, "{at}");
        assert_eq!(
            trial["rejected"],
            trial["upper"].as_f64().expect("a bound") <= 0.03,
            "{at}"
        );
    }
    let (approved, _, _) = approved(&cases, threshold);
    let escalated = 1.0 - approved as f64 / 6000.0;
    assert!((answer["escalation_rate"].as_f64().expect("a rate") - escalated).abs() < 1e-12);
    let evidence = &answer["auto_error"]["evidence"];
    assert_eq!(evidence["unsupported"], 0.0);
}

#[test]
fn a_fully_labelled_log_is_one_cell_with_the_exact_binomial_bound() {
    let cases = cases(2, 3000, 100);
    let desk = desk(&cases);
    let words = ["--max-error", "5%", "--candidates", "0.9"];
    let answer = json(&desk, &words);
    let (_, labelled, wrong) = approved(&cases, 0.9);
    let trial = &tested(&answer)[0];
    let bound = gonogo::estimate::binomial::upper(wrong, labelled, 0.05);
    assert!((trial["upper"].as_f64().expect("a bound") / bound - 1.0).abs() < 1e-12);
    assert_eq!(trial["level"].as_f64(), Some(0.05));
}

#[test]
fn none_is_an_answer_and_says_that_there_are_too_many_errors() {
    let mut cases = cases(3, 3000, 100);
    for (place, case) in cases.iter_mut().enumerate() {
        case.wrong = place % 5 == 0;
    }
    let desk = desk(&cases);
    let answer = json(&desk, &["--max-error", "10%"]);
    assert_eq!(answer["verdict"], "none");
    assert_eq!(answer["threshold"], Value::Null);
    assert_eq!(answer["reason"], "too_many_errors");
    assert_eq!(answer["needed"], Value::Null);
    assert_eq!(answer["escalation_rate"], 1.0);
    let told = tune(&desk, &["--max-error", "10%"]).done();
    assert!(told.stdout.contains("too many errors"), "{}", told.stdout);
}

#[test]
fn none_says_how_many_more_labels_would_decide_and_between_which_scores() {
    let mut cases = cases(4, 3000, 10);
    for case in &mut cases {
        case.wrong &= case.score < 700;
    }
    let desk = desk(&cases);
    let answer = json(&desk, &["--max-error", "0.8%"]);
    assert_eq!(answer["reason"], "too_few_labels");
    let needed = &answer["needed"];
    let labels = needed["labels"].as_u64().expect("a number");
    assert!((100..600).contains(&labels), "{needed}");
    // Below 0.7 every case is labelled: what is wanting are audits.
    assert!(needed["score_from"].as_f64() >= Some(0.7), "{needed}");
    assert_eq!(needed["score_to"], 1.0);
    // With so many labels more, none of them an error, it is decided.
    let missing = cases.iter_mut().filter(|case| !case.labelled);
    missing
        .take(2 * labels as usize)
        .for_each(|case| case.labelled = true);
    desk.put("log.csv", csv(&cases));
    assert_eq!(
        json(&desk, &["--max-error", "0.8%"])["verdict"],
        "certified"
    );
}

#[test]
fn where_nobody_has_looked_nothing_is_certified() {
    let mut cases = cases(5, 4000, 20);
    for case in &mut cases {
        case.wrong = false;
        // The audit never reaches the top, and an audit of its own finds nothing there.
        if case.score >= 950 {
            case.percent = 5;
            case.labelled = false;
        }
    }
    let desk = desk(&cases);
    let answer = json(&desk, &["--max-error", "20%"]);
    assert_eq!(answer["verdict"], "none");
    assert_eq!(answer["reason"], "no_labels");
    assert!(tested(&answer).is_empty());
    let points = answer["points"].as_array().expect("a list");
    let obstacles = points.iter().map(|point| &point["obstacle"]);
    assert!(obstacles.clone().all(|obstacle| obstacle == "no_labels"));
}

#[test]
fn a_stretch_of_scores_that_nobody_sampled_is_unsupported_even_if_its_route_has_labels() {
    let mut cases = cases(5, 6000, 20);
    for case in &mut cases {
        case.wrong = false;
        case.labelled &= case.score < 950;
    }
    let desk = desk(&cases);
    // Nothing is recorded of probabilities: within a route labels are taken for a random part.
    let config = CONFIG.replace("label_probability = \"p\"\n", "");
    desk.put("gonogo.toml", config.replace("score < 0.7", "score < 0.5"));
    let answer = json(&desk, &["--max-error", "2%"]);
    assert_eq!(answer["verdict"], "none");
    assert_eq!(answer["reason"], "no_labels");
    // With the labels in the stretch it is another thing.
    cases
        .iter_mut()
        .filter(|case| case.score >= 950)
        .step_by(5)
        .for_each(|case| case.labelled = true);
    desk.put("log.csv", csv(&cases));
    assert_eq!(json(&desk, &["--max-error", "2%"])["verdict"], "certified");
}

#[test]
fn probabilities_that_differ_from_row_to_row_cannot_be_certified_and_it_says_so() {
    let cases = cases(6, 2000, 20);
    let desk = desk(&cases);
    desk.put(
        "gonogo.toml",
        CONFIG.replace(
            "\"p\"",
            "\"CASE WHEN score < 0.7 THEN 1.0 ELSE 0.1 + score / 10 END\"",
        ),
    );
    let answer = json(&desk, &["--max-error", "20%"]);
    assert_eq!(answer["verdict"], "none");
    assert_eq!(answer["reason"], "varying_probabilities");
}

#[test]
fn labels_that_should_be_there_and_are_not_count_as_errors() {
    let mut cases = cases(7, 3000, 100);
    for case in &mut cases {
        case.wrong = false;
    }
    let words = ["--max-error", "2%", "--candidates", "0.5"];
    let desk = desk(&cases);
    assert_eq!(json(&desk, &words)["verdict"], "certified");
    let (_, before, _) = approved(&cases, 0.5);
    let lost = cases.iter_mut().filter(|case| case.score >= 500);
    lost.take(100).for_each(|case| case.labelled = false);
    desk.put("log.csv", csv(&cases));
    let answer = json(&desk, &words);
    assert_eq!(answer["verdict"], "none");
    assert_eq!(tested(&answer)[0]["errors_found"], 100);
    assert_eq!(tested(&answer)[0]["labelled"], before);
    let told = tune(&desk, &words).done().stdout;
    assert!(
        told.contains("100 cases were certain to be labelled"),
        "{told}"
    );
}

#[test]
fn a_single_label_may_not_carry_more_than_a_tenth_of_the_weight() {
    let mut cases = cases(8, 400, 20);
    cases.retain(|case| case.score >= 700);
    for (place, case) in cases.iter_mut().enumerate() {
        case.wrong = false;
        // Spread over the scores, so that it is few labels and not a stretch without any.
        case.labelled = place % 15 == 0;
    }
    let desk = desk(&cases);
    let answer = json(&desk, &["--max-error", "40%"]);
    assert_eq!(answer["reason"], "heavy_label");
    let told = tune(&desk, &["--max-error", "40%"]).done().stdout;
    assert!(told.contains("audit at least"), "{told}");
}

#[test]
fn segments_share_one_promise_and_those_that_cannot_keep_it_are_escalated() {
    let desk = desk(&cases(9, 12_000, 40));
    for weights in ["equal", "volume"] {
        let words = ["--max-error", "3%", "--by", "kind", "--weights", weights];
        let answer = json(&desk, &words);
        let segments = answer["segments"].as_array().expect("a list");
        assert_eq!(segments.len(), 3);
        let doubt = |segment: &Value| 1.0 - segment["confidence"].as_f64().expect("a level");
        let sum: f64 = segments.iter().map(doubt).sum();
        assert!((sum - 0.05).abs() < 1e-12, "{weights}: {sum}");
        let of = |value: &str| segments.iter().find(|segment| segment["value"] == value);
        let good = of("good").expect("a segment");
        assert_eq!(good["verdict"], "certified");
        for trial in good["tested"].as_array().expect("a list") {
            assert!(trial["level"].as_f64() <= Some(doubt(good) + 1e-12));
        }
        let few = of("it's few").expect("a segment");
        assert_eq!(few["verdict"], "none");
        assert_eq!(few["reason"], "too_few_labels");
        assert_eq!(few["escalation_rate"], 1.0);
        // The promise for all cases together hides at least one segment that is beyond it.
        assert_ne!(answer["worst_segment"]["value"], "good");
        assert!(answer["worst_segment"]["upper"].as_f64() > Some(0.03));
    }
}

#[test]
fn an_inherited_threshold_comes_without_a_promise_and_it_says_so() {
    let desk = desk(&cases(9, 12_000, 40));
    let words = ["--max-error", "3%", "--by", "kind", "--inherit"];
    let answer = json(&desk, &words);
    let segments = answer["segments"].as_array().expect("a list");
    let few = segments
        .iter()
        .find(|segment| segment["value"] == "it's few");
    let few = few.expect("a segment");
    assert_eq!(few["verdict"], "inherited");
    assert_eq!(few["threshold"], answer["threshold"]);
    assert_eq!(few["upper"], Value::Null);
    let told = tune(&desk, &words).done().stdout;
    assert!(told.contains("WITHOUT a promise"), "{told}");
    assert!(told.contains("inherited, no promise"), "{told}");
}

#[test]
fn a_policy_can_be_read_back_and_does_what_the_answer_says() {
    let mut cases = cases(9, 12_000, 40);
    cases
        .iter_mut()
        .step_by(400)
        .for_each(|case| case.kind = "");
    let desk = desk(&cases);
    let words = ["--max-error", "3%", "--by", "kind", "-o", "policy.toml"];
    let answer = json(&desk, &words);
    let text = desk.text("policy.toml");
    let policy = Policy::parse(&text, "policy.toml").expect("a policy");
    assert_eq!(policy.rest.routing, Routing::Escalate);
    assert_eq!(policy.rules.len(), 4);
    assert!(policy.findings().is_empty(), "{:?}", policy.findings());
    for segment in answer["segments"].as_array().expect("a list") {
        let when = match segment["value"].as_str() {
            Some(value) => format!("kind = '{}'", value.replace('\'', "''")),
            None => "kind IS NULL".to_owned(),
        };
        let rule = policy.rules.iter().find(|rule| rule.when == when);
        let routing = &rule.expect("a rule for each value").treatment.routing;
        match (segment["threshold"].as_f64(), routing) {
            (None, Routing::Escalate) => {}
            (Some(threshold), Routing::Threshold(own)) => assert_eq!(own.value(), threshold),
            (_, other) => panic!("{segment}: {other:?}"),
        }
    }
    let replay = ["replay", "log.csv", "policy.toml", "--format", "json"];
    let replayed = desk.run(&replay).json();
    let escalated = &replayed["policies"][0]["escalated"];
    assert_eq!(*escalated, answer["load"]["escalated"]);
    assert!(
        text.contains("# certified") || text.contains("; certified"),
        "{text}"
    );
    assert!(text.contains("too few labels"), "{text}");
}

#[test]
fn a_policy_of_one_threshold_or_of_none_can_be_read_back_too() {
    let desk = desk(&cases(1, 6000, 20));
    tune(&desk, &["--max-error", "6%", "-o", "one.toml"]).done();
    let one = Policy::parse(&desk.text("one.toml"), "one.toml").expect("a policy");
    assert!(matches!(one.rest.routing, Routing::Threshold(_)) && one.rules.is_empty());
    tune(&desk, &["--max-error", "0.01%", "-o", "none.toml"]).done();
    let none = Policy::parse(&desk.text("none.toml"), "none.toml").expect("a policy");
    assert_eq!(none.rest.routing, Routing::Escalate);
}

#[test]
fn the_order_of_an_older_log_may_be_used_for_other_cases_only() {
    let desk = desk(&cases(10, 6000, 20));
    let same = ["--max-error", "6%", "--order-from", "log.csv"];
    tune(&desk, &same).refused(2, &["the log that is to be tuned", "older log"]);
    tune(&desk, &["--max-error", "6%", "--order-from", "./log.csv"])
        .refused(2, &["the log that is to be tuned"]);
    desk.put("older.csv", csv(&cases(11, 6000, 20)));
    let words = ["--max-error", "6%", "--order-from", "older.csv"];
    let answer = json(&desk, &words);
    assert_eq!(answer["verdict"], "certified");
    assert_eq!(answer["target"]["search"], "order_from");
    let levels = tested(&answer).iter().map(|trial| trial["level"].as_f64());
    let all = levels.clone().all(|level| level == Some(0.05));
    assert!(all, "all of the doubt is on the first");
    // Both logs are of the same month.
    let warnings = answer["warnings"].as_array().expect("a list");
    assert!(warnings.iter().any(|warning| {
        warning
            .as_str()
            .is_some_and(|text| text.contains("the older log ends after"))
    }));
}

#[test]
fn the_answer_depends_on_neither_the_order_of_rows_nor_the_number_of_threads() {
    let mut cases = cases(12, 5000, 30);
    let words = [
        "--max-error",
        "5%",
        "--by",
        "kind",
        "--format",
        "csv",
        "--max-per-day",
        "50",
    ];
    let one = desk(&cases);
    let first = tune(&one, &[&words[..], &["--threads", "1"]].concat()).done();
    cases.reverse();
    let other = desk(&cases);
    let second = tune(&other, &[&words[..], &["--threads", "4"]].concat()).done();
    assert!(first.stdout.lines().count() > 400);
    assert_eq!(first.stdout, second.stdout);
}

#[test]
fn questions_that_make_no_sense_are_refused_with_a_way_out() {
    let desk = desk(&cases(13, 300, 50));
    tune(&desk, &[]).refused(2, &["there is no target", "--max-error 1%"]);
    for share in ["1", "0%", "100%", "nan", "-1%", "one"] {
        let option = format!("--max-error={share}");
        tune(&desk, &[&option]).refused(2, &["--max-error", share, "write 1% or 0.01"]);
    }
    tune(&desk, &["--max-error", "1%", "--confidence", "95"]).refused(2, &["--confidence"]);
    let many = "0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.85,0.9,0.95";
    tune(&desk, &["--max-error", "1%", "--candidates", many])
        .refused(2, &["11 thresholds are more than 10"]);
    desk.run(&["sweep", "log.csv", "-o", "policy.toml"])
        .refused(2, &["this answer is no policy"]);
    assert!(!desk.files().contains(&"policy.toml".to_owned()));
}

#[test]
fn a_log_without_any_label_is_nothing_to_judge() {
    let mut cases = cases(14, 300, 50);
    cases.iter_mut().for_each(|case| case.labelled = false);
    let desk = desk(&cases);
    tune(&desk, &["--max-error", "1%"]).refused(4, &["the error rate is unknown"]);
}

#[test]
fn values_of_a_log_cannot_break_out_of_a_policy() {
    let mut cases = cases(15, 3000, 100);
    let hostile = "x' OR 1=1 --\"\u{1b}[31m\n[[rules]]\nroute = \"auto\"";
    cases.iter_mut().for_each(|case| case.wrong = false);
    let desk = desk(&cases);
    let mut text = "id,day,score,kind,wrong,p\n".to_owned();
    for (place, case) in cases.iter().enumerate() {
        let kind = if place % 2 == 0 { hostile } else { "good" };
        let kind = kind.replace('"', "\"\"");
        let _ = writeln!(
            text,
            "{place},2026-02-01,{},\"{kind}\",false,1",
            f64::from(case.score) / 1000.0
        );
    }
    desk.put("log.csv", text);
    tune(
        &desk,
        &["--max-error", "1%", "--by", "kind", "-o", "p.toml"],
    )
    .done();
    let policy = Policy::parse(&desk.text("p.toml"), "p.toml").expect("a policy");
    assert_eq!(policy.rules.len(), 2);
    assert_eq!(policy.rest.routing, Routing::Escalate);
    let wanted = format!("kind = '{}'", hostile.replace('\'', "''"));
    assert!(policy.rules.iter().any(|rule| rule.when == wanted));
}
