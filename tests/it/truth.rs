//! The sample logs, reckoned once more from their rows: counts, estimates, intervals and money at
//! every threshold, against the JSON of a sweep.

use std::collections::{BTreeMap, BTreeSet};

use gonogo::estimate::binomial;
use gonogo::estimate::fay_feuer::WeightedErrors;
use serde_json::Value;

use crate::in_process::{answer, document, sample, text};
use crate::reckoning::{Case, LENDING, Part, SPAM, Sample, Set};

/// Rounding of sums that are taken in another order.
const TOLERANCE: f64 = 1e-9;
/// What each side of a two-sided 95 % interval leaves out.
const TAIL: f64 = 0.025;

pub(crate) fn check_number(what: &str, found: &Value, expected: Option<f64>) {
    match (found.as_f64(), expected) {
        (Some(found), Some(expected)) => assert!(
            (found - expected).abs() <= TOLERANCE * expected.abs().max(1e-3),
            "{what}: {found} instead of {expected}"
        ),
        (found, expected) => assert_eq!(found, expected, "{what}"),
    }
}

fn check_pair(what: &str, found: &Value, expected: Option<[f64; 2]>) {
    assert_eq!(found.is_null(), expected.is_none(), "{what}: {found}");
    if let Some([low, high]) = expected {
        check_number(what, &found[0], Some(low));
        check_number(what, &found[1], Some(high));
    }
}

pub(crate) fn check_count(what: &str, found: &Value, expected: f64) {
    assert_eq!(found.as_u64(), Some(expected as u64), "{what}");
}

fn defined(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}

/// An outcome of the program against the sets of cases that a routing makes.
pub(crate) fn check_outcome(
    what: &str,
    found: &Value,
    auto: &Set,
    escalated: &Set,
    has_value: bool,
) {
    let (approved, sent) = (
        auto.sum(|part| part.cases),
        escalated.sum(|part| part.cases),
    );
    check_count(what, &found["cases"], approved + sent);
    check_count(what, &found["auto_approved"], approved);
    check_count(what, &found["escalated"], sent);
    check_number(
        what,
        &found["escalation_rate"],
        defined(sent / (approved + sent)),
    );
    check_rate(&format!("{what}, auto_error"), &found["auto_error"], auto);
    check_escaped(
        &format!("{what}, escaped"),
        &found["escaped_errors"],
        auto,
        approved + sent,
    );
    check_caught(
        &format!("{what}, caught"),
        &found["caught_errors"],
        escalated,
        auto,
    );
    check_needless(
        &format!("{what}, needless"),
        &found["needless_escalations"],
        escalated,
    );
    if has_value {
        check_money(&format!("{what}, money"), &found["value"], auto);
    } else {
        assert!(found["value"].is_null(), "{what}: no money is mapped");
    }
}

pub(crate) fn check_rate(what: &str, found: &Value, set: &Set) {
    let (cases, labelled) = (set.sum(|part| part.cases), set.sum(|part| part.labelled));
    check_count(what, &found["cases"], cases);
    check_count(what, &found["labelled"], labelled);
    check_count(what, &found["errors_found"], set.sum(|part| part.wrong));
    let is_supported = set.unsupported() <= 0.0 && cases > 0.0;
    let [low, high] = set.limits(TAIL);
    check_number(
        what,
        &found["estimate"],
        is_supported.then(|| set.errors() / cases),
    );
    check_number(what, &found["low"], is_supported.then_some(low / cases));
    check_number(what, &found["high"], is_supported.then_some(high / cases));
    let method = match (set.supported().len(), is_supported) {
        _ if cases <= 0.0 => Value::Null,
        (_, false) => "manski".into(),
        (1, true) => "clopper-pearson".into(),
        (_, true) => "fay-feuer".into(),
    };
    assert_eq!(found["method"], method, "{what}");
    let bounded = !is_supported && cases > 0.0;
    let worst = (set.errors() + set.unsupported()) / cases;
    check_pair(
        what,
        &found["bounds"],
        bounded.then(|| [set.errors() / cases, worst]),
    );
    check_bounds_interval(what, &found["bounds_interval"], set, bounded);
    check_number(
        what,
        &found["labelled_only"],
        defined(set.sum(|part| part.wrong) / labelled),
    );
    check_weights(what, found, set);
    check_evidence(what, &found["evidence"], set);
}

/// The exact tail lies between that of one side and that of both (Imbens and Manski 2004).
fn check_bounds_interval(what: &str, found: &Value, set: &Set, bounded: bool) {
    assert_eq!(found.is_null(), !bounded, "{what}: {found}");
    let (Some(low), Some(high)) = (found[0].as_f64(), found[1].as_f64()) else {
        return;
    };
    let cases = set.sum(|part| part.cases);
    if set.supported().is_empty() {
        assert!(
            low <= 0.0 && 1.0 <= high,
            "{what}: {low} to {high} without any label"
        );
        return;
    }
    let [widest_low, widest_high] = set.limits(TAIL).map(|limit| limit / cases);
    let [low_most, high_least] = set.limits(2.0 * TAIL).map(|limit| limit / cases);
    let more = set.unsupported() / cases;
    let slack = TOLERANCE;
    assert!(
        widest_low - slack <= low && low <= low_most + slack,
        "{what}: {low}"
    );
    assert!(high_least + more - slack <= high, "{what}: {high}");
    assert!(
        high <= widest_high + more + slack && high <= 1.0,
        "{what}: {high}"
    );
}

fn check_weights(what: &str, found: &Value, set: &Set) {
    let sum: f64 = set.supported().iter().map(|part| part.cases).sum();
    let squares: f64 = set
        .supported()
        .iter()
        .map(|part| part.cases * part.weight())
        .sum();
    let largest = set.supported().iter().map(Part::weight).fold(0.0, f64::max);
    check_number(
        what,
        &found["effective_labels"],
        defined(sum * sum / squares),
    );
    check_number(what, &found["largest_weight_share"], defined(largest / sum));
    let missing = set.certain.cases - set.certain.labelled;
    check_count(what, &found["missing_labels"], missing);
}

/// In these logs a case that was certain to be labelled is labelled.
fn check_evidence(what: &str, found: &Value, set: &Set) {
    let cases = set.sum(|part| part.cases);
    let sampled = if set.audited.labelled > 0.0 {
        set.audited.cases
    } else {
        0.0
    };
    check_number(what, &found["observed"], defined(set.certain.cases / cases));
    check_number(what, &found["sampled"], defined(sampled / cases));
    check_number(
        what,
        &found["unsupported"],
        defined(set.unsupported() / cases),
    );
}

fn check_escaped(what: &str, found: &Value, auto: &Set, cases: f64) {
    let is_supported = auto.unsupported() <= 0.0;
    let [low, high] = auto.limits(TAIL);
    check_number(
        what,
        &found["estimate"],
        is_supported.then(|| auto.errors() / cases),
    );
    check_number(what, &found["low"], is_supported.then_some(low / cases));
    check_number(what, &found["high"], is_supported.then_some(high / cases));
    let bounds = [
        auto.errors() / cases,
        (auto.errors() + auto.unsupported()) / cases,
    ];
    check_pair(what, &found["bounds"], (!is_supported).then_some(bounds));
}

fn check_caught(what: &str, found: &Value, escalated: &Set, auto: &Set) {
    let (caught, escaped) = (escalated.errors(), auto.errors());
    let wrong = escalated.sum(|part| part.wrong);
    let all_wrong = wrong + auto.sum(|part| part.wrong);
    check_count(what, &found["errors_found"], wrong);
    if escalated.unsupported() + auto.unsupported() > 0.0 {
        let least = caught / (caught + escaped + auto.unsupported());
        let most =
            (caught + escalated.unsupported()) / (caught + escalated.unsupported() + escaped);
        let bounds = [defined(least).unwrap_or(0.0), defined(most).unwrap_or(1.0)];
        check_number(what, &found["estimate"], None);
        return check_pair(what, &found["bounds"], Some(bounds));
    }
    check_number(
        what,
        &found["estimate"],
        defined(caught / (caught + escaped)),
    );
    let cells = [
        escalated.certain.cases + auto.certain.cases,
        escalated.audited.cases + auto.audited.cases,
    ];
    // In these logs the certain cell is labelled throughout, the audited one is not.
    let one_cell = cells[1] <= 0.0;
    let one_side = [escalated, auto]
        .iter()
        .any(|set| set.sum(|part| part.cases) <= 0.0);
    let [low, high] = if one_side {
        // Nothing can be caught where nothing is escalated, nor escape where everything is.
        let share = caught / (caught + escaped);
        [share, share]
    } else if one_cell {
        let (wrong, all) = (wrong as u64, all_wrong as u64);
        [
            binomial::lower(wrong, all, TAIL),
            binomial::upper(wrong, all, TAIL),
        ]
    } else {
        let (caught, escaped) = (escalated.limits(TAIL / 2.0), auto.limits(TAIL / 2.0));
        [
            caught[0] / (caught[0] + escaped[1]),
            caught[1] / (caught[1] + escaped[0]),
        ]
    };
    let some = all_wrong > 0.0;
    check_number(what, &found["low"], some.then_some(low));
    check_number(what, &found["high"], some.then_some(high));
}

fn check_needless(what: &str, found: &Value, escalated: &Set) {
    let cases = escalated.sum(|part| part.cases);
    let is_supported = escalated.unsupported() <= 0.0 && cases > 0.0;
    let [low, high] = escalated.limits(TAIL);
    let right = escalated.sum(|part| part.labelled - part.wrong);
    check_count(what, &found["errors_found"], right);
    let rate = 1.0 - escalated.errors() / cases;
    check_number(what, &found["estimate"], is_supported.then_some(rate));
    check_number(
        what,
        &found["low"],
        is_supported.then_some(1.0 - high / cases),
    );
    check_number(
        what,
        &found["high"],
        is_supported.then_some(1.0 - low / cases),
    );
    let least = 1.0 - (escalated.errors() + escalated.unsupported()) / cases;
    let bounded = !is_supported && cases > 0.0;
    check_pair(what, &found["bounds"], bounded.then_some([least, rate]));
}

pub(crate) fn check_money(what: &str, found: &Value, auto: &Set) {
    let at_stake = auto.sum(|part| part.value);
    check_number(what, &found["at_stake"], Some(at_stake));
    let parts = auto.supported();
    let sum = |number: fn(&Part) -> f64| parts.iter().map(number).sum::<f64>();
    let weighted = WeightedErrors {
        estimate: sum(|part| part.weight() * part.wrong_value),
        variance: sum(|part| part.weight().powi(2) * part.wrong_value_squared),
        largest_weight: parts
            .iter()
            .map(|p| p.weight() * p.largest_value)
            .fold(0.0, f64::max),
    };
    let estimate = weighted.estimate.min(at_stake);
    let unseen = auto.sum(|part| if part.labelled > 0.0 { 0.0 } else { part.value });
    let known = unseen <= 0.0 && at_stake > 0.0;
    check_number(what, &found["in_error"], known.then_some(estimate));
    check_number(
        what,
        &found["low"],
        known.then(|| weighted.lower(TAIL).min(estimate)),
    );
    check_number(
        what,
        &found["high"],
        known.then(|| weighted.upper(TAIL).min(at_stake)),
    );
    check_number(
        what,
        &found["error_value_rate"],
        known.then(|| estimate / at_stake),
    );
    let bounds = [
        weighted.estimate,
        (weighted.estimate + unseen).min(at_stake),
    ];
    check_pair(what, &found["bounds"], (unseen > 0.0).then_some(bounds));
}

/// Every point of a curve, and what really happened, against the cases of one group.
fn check_curve(what: &str, curve: &Value, cases: &[&Case], has_value: bool) {
    let points = curve["points"].as_array().expect("points");
    for point in points {
        let threshold = point["threshold"].as_f64().expect("a threshold");
        let split = |auto: bool| {
            Set::of(
                cases
                    .iter()
                    .copied()
                    .filter(|case| (case.score >= threshold) == auto),
            )
        };
        let what = format!("{what}, threshold {threshold}");
        check_outcome(&what, point, &split(true), &split(false), has_value);
    }
    let routed = |escalated| {
        Set::of(
            cases
                .iter()
                .copied()
                .filter(|case| case.escalated == escalated),
        )
    };
    let what = format!("{what}, actual");
    check_outcome(
        &what,
        &curve["actual"],
        &routed(false),
        &routed(true),
        has_value,
    );
}

/// The overall curve of a sample log; gives the number of its thresholds.
fn check_overall(log: &Sample, state: &str, words: &[&str]) -> usize {
    let cases = log.cases(state);
    let file = sample(&format!("{}.{state}", log.stem));
    let found = document(&file, &log.config(), words);
    let all: Vec<&Case> = cases.iter().collect();
    check_curve(log.stem, &found, &all, log.value.is_some());
    found["points"].as_array().map_or(0, Vec::len)
}

/// How the program reckoned each point of a log's curve.
fn methods(log: &Sample) -> BTreeSet<String> {
    let file = sample(&format!("{}.selective.csv", log.stem));
    let found = document(&file, &log.config(), &["--thresholds", "0..1/0.001"]);
    let points = found["points"].as_array().into_iter().flatten();
    points
        .map(|point| point["auto_error"]["method"].to_string())
        .collect()
}

/// The curves of every group of the log's segments, one by one and crossed.
fn check_segments(log: &Sample, words: &[&str]) {
    let cases = log.cases("selective.csv");
    let names: Vec<&str> = log.segments.iter().map(|(name, _)| *name).collect();
    let crossed = names.join(",");
    let mut all = words.to_vec();
    for by in names.iter().copied().chain([crossed.as_str()]) {
        all.extend(["--by", by]);
    }
    let file = sample(&format!("{}.selective.csv", log.stem));
    let found = document(&file, &log.config(), &all);
    let mut groups: BTreeMap<(String, Vec<String>), Vec<&Case>> = BTreeMap::new();
    for case in &cases {
        for name in &names {
            let key = ((*name).to_owned(), vec![case.segments[name].clone()]);
            groups.entry(key).or_default().push(case);
        }
        let values = names
            .iter()
            .map(|name| case.segments[name].clone())
            .collect();
        groups
            .entry((crossed.clone(), values))
            .or_default()
            .push(case);
    }
    let segments = found["segments"].as_array().expect("segments");
    assert_eq!(segments.len(), groups.len(), "groups of {}", log.stem);
    for segment in segments {
        let name = segment["segment"].as_str().unwrap_or_default().to_owned();
        let values = segment["values"].as_array().into_iter().flatten();
        let values = values
            .map(|value| value.as_str().unwrap_or_default().to_owned())
            .collect();
        let group = &groups[&(name.clone(), values)];
        check_count(&name, &segment["cases"], group.len() as f64);
        check_curve(
            &format!("{name} {}", segment["value"]),
            segment,
            group,
            log.value.is_some(),
        );
    }
}

fn distinct_scores(cases: &[Case]) -> usize {
    let mut scores: Vec<f64> = cases.iter().map(|case| case.score).collect();
    scores.sort_by(f64::total_cmp);
    scores.dedup_by(|a, b| a.total_cmp(b).is_eq());
    scores.len()
}

#[test]
fn every_thousandth_of_the_spam_log_equals_a_second_reckoning() {
    assert_eq!(
        check_overall(&SPAM, "selective.csv", &["--thresholds", "0..1/0.001"]),
        1001
    );
}

#[test]
fn every_thousandth_of_the_lending_log_equals_a_second_reckoning() {
    assert_eq!(
        check_overall(&LENDING, "selective.csv", &["--thresholds", "0..1/0.001"]),
        1001
    );
}

#[test]
fn every_distinct_score_equals_a_second_reckoning() {
    for log in [&SPAM, &LENDING] {
        let thresholds = check_overall(log, "selective.csv", &["--exact"]);
        assert_eq!(
            thresholds,
            distinct_scores(&log.cases("selective.csv")),
            "{}",
            log.stem
        );
    }
}

#[test]
fn segments_and_crossed_segments_equal_a_second_reckoning() {
    check_segments(&SPAM, &["--thresholds", "0.5..1/0.01"]);
    check_segments(&LENDING, &["--thresholds", "0.2..1/0.02,0.93,0.995"]);
}

#[test]
fn the_sample_logs_call_for_every_method_so_that_each_is_reckoned_twice() {
    let most = ["\"clopper-pearson\"", "\"fay-feuer\"", "\"manski\""].map(str::to_owned);
    assert!(methods(&SPAM).is_superset(&BTreeSet::from(most.clone())));
    assert!(methods(&SPAM).contains("null"), "no case is as sure as 1");
    assert_eq!(methods(&LENDING), BTreeSet::from(most));
}

#[test]
fn the_historical_threshold_is_the_one_that_the_routes_follow() {
    for (log, threshold) in [(&SPAM, 0.85), (&LENDING, 0.93)] {
        let cases = log.cases("selective.csv");
        assert!(
            cases
                .iter()
                .all(|case| case.escalated == (case.score < threshold))
        );
        let file = sample(&format!("{}.selective.csv", log.stem));
        let history = &document(&file, &log.config(), &[])["historical_threshold"];
        check_number(log.stem, &history["threshold"], Some(threshold));
        check_count(log.stem, &history["agreeing"], cases.len() as f64);
        check_count(log.stem, &history["cases"], cases.len() as f64);
    }
}

/// The full logs hold every label, so the error rate at any threshold is a count.
#[test]
fn with_every_label_the_errors_are_counted_exactly_at_every_score_ties_included() {
    for log in [&SPAM, &LENDING] {
        let cases = log.cases("full.csv.gz");
        let file = sample(&format!("{}.full.csv.gz", log.stem));
        let found = document(&file, &log.config(), &["--exact"]);
        assert_eq!(
            found["cells"].as_array().map(Vec::len),
            Some(1),
            "a full log is one cell"
        );
        let points = found["points"].as_array().expect("points");
        assert_eq!(points.len(), distinct_scores(&cases));
        let mut tied = 0;
        for point in points {
            let threshold = point["threshold"].as_f64().expect("a threshold");
            let auto: Vec<&Case> = cases
                .iter()
                .filter(|case| case.score >= threshold)
                .collect();
            let wrong = auto.iter().filter(|case| case.wrong == Some(true)).count();
            let what = format!("{} at {threshold}", log.stem);
            check_count(&what, &point["auto_approved"], auto.len() as f64);
            check_count(&what, &point["auto_error"]["errors_found"], wrong as f64);
            check_count(&what, &point["auto_error"]["labelled"], auto.len() as f64);
            let rate = wrong as f64 / auto.len() as f64;
            check_number(&what, &point["auto_error"]["estimate"], Some(rate));
            tied += usize::from(
                cases.iter().filter(|case| case.score <= threshold).count()
                    > cases.iter().filter(|case| case.score < threshold).count() + 1,
            );
        }
        assert!(tied > 100, "{}: only {tied} scores are tied", log.stem);
    }
}

#[test]
fn a_full_log_is_reckoned_as_one_cell_on_a_grid_too() {
    for log in [&SPAM, &LENDING] {
        assert_eq!(
            check_overall(log, "full.csv.gz", &["--thresholds", "0..1/0.005"]),
            201
        );
    }
}

/// Thresholds of the selective log at which the estimate has an interval, and those at which the
/// interval misses the rate of the full log.
fn misses(log: &Sample) -> (usize, Vec<f64>) {
    let words = ["--thresholds", "0..1/0.001"];
    let part = document(
        &sample(&format!("{}.selective.csv", log.stem)),
        &log.config(),
        &words,
    );
    let full = log.cases("full.csv.gz");
    let mut supported = 0;
    let mut missed = Vec::new();
    for point in part["points"].as_array().expect("points") {
        let threshold = point["threshold"].as_f64().expect("a threshold");
        let rate = &point["auto_error"];
        let (Some(low), Some(high)) = (rate["low"].as_f64(), rate["high"].as_f64()) else {
            continue;
        };
        let auto: Vec<&Case> = full.iter().filter(|case| case.score >= threshold).collect();
        let wrong = auto.iter().filter(|case| case.wrong == Some(true)).count();
        let truth = wrong as f64 / auto.len() as f64;
        supported += 1;
        if !(low <= truth && truth <= high) {
            missed.push(threshold);
        }
    }
    (supported, missed)
}

#[test]
fn intervals_from_the_audited_log_hold_the_rate_of_the_full_log() {
    let (supported, missed) = misses(&SPAM);
    assert!(
        missed.is_empty(),
        "spam_mail: {missed:?} of {supported} thresholds"
    );
    // From 0.993 on there is 1 error in 454 cases (0.220 %), and it is among the 11 that the audit
    // happened to draw: a chance of one in forty, and the lower limit 0.230 % lies just above the
    // truth. The same draw is missed at 0.994; from 0.995 on it is no longer in the set.
    let (supported, missed) = misses(&LENDING);
    assert_eq!(
        missed,
        [0.993, 0.994],
        "lending_club, of {supported} thresholds"
    );
    assert!(
        supported > 990,
        "lending_club: only {supported} thresholds have an interval"
    );
}

#[test]
fn nested_json_lines_give_the_same_points_as_comma_separated_text() {
    let words = [
        "--thresholds",
        "0..1/0.01",
        "--by",
        "predicted",
        "--by",
        "content_type",
    ];
    for state in ["selective", "full"] {
        let table = if state == "full" { "csv.gz" } else { "csv" };
        let table = sample(&format!("spam_mail.{state}.{table}"));
        let lines = sample(&format!("spam_mail.{state}.jsonl.gz"));
        let table = document(&table, &SPAM.config(), &words);
        let lines = document(&lines, &sample("spam_mail_jsonl.toml"), &words);
        for key in ["points", "segments", "actual", "historical_threshold"] {
            assert_eq!(table[key], lines[key], "{key} of {state}");
        }
    }
}

#[test]
fn parquet_gives_the_same_answer_as_separated_text_to_the_byte() {
    let config = LENDING.config();
    let by_segment = [
        "--thresholds",
        "0..1/0.01",
        "--by",
        "grade,size",
        "--by",
        "term",
    ];
    for words in [["--exact"].as_slice(), &by_segment] {
        let table = text(&[sample("lending_club.selective.csv")], &config, words);
        let columns = text(&[sample("lending_club.selective.parquet")], &config, words);
        assert!(
            answer(&table) == answer(&columns),
            "{words:?}: the answers differ"
        );
    }
}
