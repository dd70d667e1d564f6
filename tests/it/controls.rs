//! Negative controls: changes of a log whose effect on the answer is known beforehand. What must
//! not matter does not, and what takes support away takes the estimate away.

use std::fmt::Write;

use gonogo::estimate::rates::{Cell, Labelling, error_rate};
use gonogo::rate::Level;
use gonogo::tally::{Counts, Sums};
use serde_json::Value;
use tempfile::TempDir;

use crate::in_process::{answer, document, sample, text};

const CONFIG: &str = r#"
[columns]
score = "score"
error = "wrong"
escalated = "escalated"
label_probability = "p"
value = "amount"
"#;

/// A row of a small log; `None` is an empty field.
#[derive(Clone, Copy)]
struct Row {
    score: u32,
    wrong: Option<bool>,
    escalated: bool,
    probability: Option<f64>,
}

impl Row {
    fn text(&self) -> String {
        let wrong = self.wrong.map_or(String::new(), |wrong| wrong.to_string());
        let probability = self.probability.map_or(String::new(), |p| p.to_string());
        let amount = 10 + self.score;
        format!(
            "0.{:02},{wrong},{},{probability},{amount}\n",
            self.score, self.escalated
        )
    }
}

/// The JSON text of a sweep over a small log.
fn swept_text(rows: &[Row], words: &[&str]) -> String {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log.csv");
    let mut lines = "score,wrong,escalated,p,amount\n".to_owned();
    rows.iter()
        .for_each(|row| write!(lines, "{}", row.text()).unwrap());
    std::fs::write(&log, lines).unwrap();
    let config = folder.path().join("roles.toml");
    std::fs::write(&config, CONFIG).unwrap();
    text(&[log], &config, words)
}

fn swept(rows: &[Row], words: &[&str]) -> Value {
    serde_json::from_str(&swept_text(rows, words)).expect("the document is JSON")
}

const GRID: [&str; 2] = ["--thresholds", "0..0.9/0.1"];

fn points(document: &Value) -> &Vec<Value> {
    document["points"].as_array().expect("points")
}

fn number(rate: &Value, key: &str) -> f64 {
    rate[key]
        .as_f64()
        .unwrap_or_else(|| panic!("no {key} in {rate}"))
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs())
}

/// 400 cases: the escalated half is labelled, a quarter of the other half was audited at 0.25.
fn audited_log() -> Vec<Row> {
    let row = |case: u32| {
        let score = case % 100;
        let escalated = score < 50;
        let labelled = escalated || case.is_multiple_of(4);
        Row {
            score,
            wrong: labelled.then(|| (case * 37).is_multiple_of(9)),
            escalated,
            probability: Some(if escalated { 1.0 } else { 0.25 }),
        }
    };
    (0..400).map(row).collect()
}

/// 400 cases whose label probabilities all differ; `halves` scales them.
fn varying_log(halves: i32) -> Vec<Row> {
    let row = |case: u32| Row {
        score: case % 100,
        wrong: case
            .is_multiple_of(3)
            .then(|| (case * 37).is_multiple_of(11)),
        escalated: false,
        probability: Some(f64::from(100 + case) / 500.0 * 0.5_f64.powi(halves)),
    };
    (0..400).map(row).collect()
}

#[test]
fn without_its_audit_labels_the_spam_log_gives_bounds_and_no_estimate() {
    let full = std::fs::read_to_string(sample("spam_mail.selective.csv")).unwrap();
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log.csv");
    let mut reader = csv::Reader::from_reader(full.as_bytes());
    let mut writer = csv::Writer::from_path(&log).unwrap();
    let header = reader.headers().unwrap().clone();
    writer.write_record(&header).unwrap();
    let place = |name| header.iter().position(|column| column == name).unwrap();
    let (route, label) = (place("route"), place("review_label"));
    for row in reader.records() {
        let row = row.unwrap();
        let dropped = &row[route] == "auto";
        let fields = row.iter().enumerate();
        let kept = fields.map(|(at, field)| if dropped && at == label { "" } else { field });
        writer.write_record(kept).unwrap();
    }
    writer.flush().unwrap();
    let found = document(
        &log,
        &sample("spam_mail.toml"),
        &["--thresholds", "0..0.99/0.01"],
    );
    for point in points(&found) {
        check_bounded(&point["auto_error"]);
        let widest = point["auto_error"]["bounds"][1].as_f64().unwrap();
        assert!(
            widest > 0.8,
            "nobody has looked at most of the cases: {point}"
        );
    }
}

fn check_bounded(rate: &Value) {
    for key in ["estimate", "low", "high", "worst_case"] {
        assert!(rate[key].is_null(), "{key} in {rate}");
    }
    assert_eq!(rate["method"], "manski");
    let [bounds, interval] = ["bounds", "bounds_interval"].map(|key| rate[key].as_array().unwrap());
    let [low, high] = [0, 1].map(|end| bounds[end].as_f64().unwrap());
    let [lowest, highest] = [0, 1].map(|end| interval[end].as_f64().unwrap());
    assert!(0.0 <= lowest && lowest <= low && low < high && high <= highest && highest <= 1.0);
}

#[test]
fn a_stratum_that_nobody_looked_at_is_unsupported_and_not_free_of_errors() {
    let mut rows = audited_log();
    let before = swept(&rows, &GRID);
    rows.extend([0; 100].map(|_| Row {
        score: 95,
        wrong: None,
        escalated: false,
        probability: Some(0.01),
    }));
    let after = swept(&rows, &GRID);
    for (before, after) in points(&before).iter().zip(points(&after)) {
        let (before, after) = (&before["auto_error"], &after["auto_error"]);
        check_bounded(after);
        let cases = number(before, "cases");
        let errors = number(before, "estimate") * cases;
        let bounds = &after["bounds"];
        assert!(
            close(bounds[0].as_f64().unwrap(), errors / (cases + 100.0)),
            "{after}"
        );
        assert!(
            close(
                bounds[1].as_f64().unwrap(),
                (errors + 100.0) / (cases + 100.0)
            ),
            "{after}"
        );
        assert!(close(
            number(&after["evidence"], "unsupported"),
            100.0 / (cases + 100.0)
        ));
    }
}

#[test]
fn every_row_twice_gives_the_same_estimates_and_narrower_intervals() {
    for rows in [audited_log(), varying_log(0)] {
        let twice = [rows.clone(), rows.clone()].concat();
        let (once, twice) = (swept(&rows, &GRID), swept(&twice, &GRID));
        for (once, twice) in points(&once).iter().zip(points(&twice)) {
            let (once, twice) = (&once["auto_error"], &twice["auto_error"]);
            assert!(
                close(number(once, "estimate"), number(twice, "estimate")),
                "{once} {twice}"
            );
            assert!(number(once, "low") < number(twice, "low"), "{once} {twice}");
            assert!(
                number(once, "high") > number(twice, "high"),
                "{once} {twice}"
            );
        }
    }
}

#[test]
fn the_unit_of_the_weights_does_not_matter() {
    let (once, scaled) = (swept(&varying_log(0), &GRID), swept(&varying_log(5), &GRID));
    assert_eq!(once["cells"][0]["basis"], "varying");
    for (once, scaled) in points(&once).iter().zip(points(&scaled)) {
        let numbers = [
            "estimate",
            "low",
            "high",
            "effective_labels",
            "largest_weight_share",
        ];
        for key in numbers {
            let (once, scaled) = (&once["auto_error"], &scaled["auto_error"]);
            assert!(
                close(number(once, key), number(scaled, key)),
                "{key}: {once} {scaled}"
            );
        }
        for key in ["in_error", "low", "high"] {
            let (once, scaled) = (&once["value"], &scaled["value"]);
            assert!(
                close(number(once, key), number(scaled, key)),
                "{key}: {once} {scaled}"
            );
        }
    }
}

/// Hajek's estimate and the sums of its limits, reckoned from the rows.
#[test]
fn probabilities_that_all_differ_weigh_each_label_by_their_inverse() {
    let rows = varying_log(0);
    for point in points(&swept(&rows, &GRID)) {
        let threshold = (number(point, "threshold") * 100.0).round() as u32;
        let labelled: Vec<(f64, bool)> = rows
            .iter()
            .filter(|row| row.score >= threshold)
            .filter_map(|row| Some((1.0 / row.probability?, row.wrong?)))
            .collect();
        let sum: f64 = labelled.iter().map(|(weight, _)| weight).sum();
        let squares: f64 = labelled.iter().map(|(weight, _)| weight * weight).sum();
        let wrong: f64 = labelled
            .iter()
            .filter(|(_, wrong)| *wrong)
            .map(|(weight, _)| weight)
            .sum();
        let rate = &point["auto_error"];
        assert!(close(number(rate, "estimate"), wrong / sum), "{rate}");
        assert!(
            close(number(rate, "effective_labels"), sum * sum / squares),
            "{rate}"
        );
        assert_eq!(rate["method"], "fay-feuer");
    }
}

/// The label probability that a log records of a case, by number.
type Recorded = fn(u32) -> Option<f64>;

/// 200 labelled cases, every tenth of them wrong below 0.5 and none above.
fn full_log(probability: Recorded) -> Vec<Row> {
    let row = |case: u32| Row {
        score: case % 100,
        wrong: Some(case % 100 < 50 && case.is_multiple_of(10)),
        escalated: case % 100 < 50,
        probability: probability(case),
    };
    (0..200).map(row).collect()
}

/// A log that is labelled throughout is one cell, whatever it records and whatever its routes.
#[test]
fn where_every_case_is_labelled_the_recorded_probabilities_do_not_matter() {
    let certain = swept(&full_log(|_| Some(1.0)), &GRID);
    assert!(close(
        number(&points(&certain)[0]["auto_error"], "estimate"),
        0.05
    ));
    let recorded: [(&str, Recorded); 4] = [
        ("none", |_| None),
        ("two", |case| Some(if case % 100 < 50 { 1.0 } else { 0.25 })),
        ("all different", |case| Some(f64::from(case + 1) / 1000.0)),
        ("all different where auto-approved", |case| {
            Some(if case % 100 < 50 {
                1.0
            } else {
                f64::from(case + 1) / 1000.0
            })
        }),
    ];
    for (what, probability) in recorded {
        let found = swept(&full_log(probability), &GRID);
        assert_eq!(found["cells"], certain["cells"], "{what}");
        for (found, certain) in points(&found).iter().zip(points(&certain)) {
            for key in ["auto_error", "escaped_errors", "caught_errors", "value"] {
                assert_eq!(
                    found[key], certain[key],
                    "{what}: {key} at {}",
                    found["threshold"]
                );
            }
        }
    }
}

/// A route that lacks the probability on some rows is one cell of constant probability
/// (docs/statistics.md, cells, 2), whether it records 64 different values elsewhere or 65.
#[test]
fn a_route_with_gaps_in_its_probabilities_is_one_cell_however_many_values_it_records() {
    let log = |values: u32| -> Vec<Row> {
        let row = |case: u32| Row {
            score: case % 100,
            wrong: case.is_multiple_of(2).then(|| case.is_multiple_of(12)),
            escalated: false,
            probability: case
                .is_multiple_of(4)
                .then(|| f64::from(1 + case / 4 % values) / 100.0),
        };
        (0..400).map(row).collect()
    };
    let (few, many) = (swept(&log(64), &GRID), swept(&log(65), &GRID));
    assert_eq!(few["cells"][0]["basis"], "assumed_constant_by_route");
    assert_eq!(few["cells"], many["cells"]);
    for (few, many) in points(&few).iter().zip(points(&many)) {
        let rate = &few["auto_error"];
        let plain = number(rate, "errors_found") / number(rate, "labelled");
        assert!(close(number(rate, "estimate"), plain), "{rate}");
        assert_eq!(few, many);
    }
}

#[test]
fn routes_of_one_probability_are_one_cell() {
    let audited = audited_log();
    let relabelled: Vec<Row> = audited
        .iter()
        .enumerate()
        .map(|(place, row)| Row {
            escalated: place.is_multiple_of(3),
            ..*row
        })
        .collect();
    let (one, other) = (swept(&audited, &GRID), swept(&relabelled, &GRID));
    assert_eq!(points(&one), points(&other));
}

#[test]
fn pinned_cases_stay_escalated_at_every_threshold() {
    let rows = audited_log();
    for words in [
        [GRID.as_slice(), &["--role", "pinned=score >= 0.9"]].concat(),
        vec!["--exact", "--role", "pinned=score >= 0.9"],
    ] {
        for point in points(&swept(&rows, &words)) {
            let threshold = (number(point, "threshold") * 100.0).round() as u32;
            let auto: Vec<&Row> = rows
                .iter()
                .filter(|row| row.score >= threshold && row.score < 90)
                .collect();
            let wrong = auto.iter().filter(|row| row.wrong == Some(true)).count();
            assert_eq!(point["auto_approved"], auto.len(), "at {threshold}");
            assert_eq!(
                point["escalated"],
                rows.len() - auto.len(),
                "at {threshold}"
            );
            assert_eq!(point["auto_error"]["errors_found"], wrong, "at {threshold}");
        }
    }
}

#[test]
fn a_certain_case_without_its_label_is_missing_and_counts_in_the_worst_case() {
    let mut rows = full_log(|_| Some(1.0));
    for row in rows.iter_mut().filter(|row| row.score == 99) {
        row.wrong = None;
    }
    let found = swept(&rows, &GRID);
    for point in points(&found) {
        let rate = &point["auto_error"];
        let (cases, wrong) = (number(rate, "cases"), number(rate, "errors_found"));
        assert!(close(number(rate, "missing_labels"), 2.0), "{rate}");
        assert!(
            close(number(rate, "estimate"), wrong / (cases - 2.0)),
            "{rate}"
        );
        assert!(
            close(number(rate, "worst_case"), (wrong + 2.0) / cases),
            "{rate}"
        );
    }
}

/// Escalated cases that are all labelled and a large audited rest, with the given errors.
fn two_cells(wrong: u64, audited_wrong: u64) -> [Cell; 2] {
    let cell = |cases, labelled, wrong, labelling| Cell {
        labelling,
        sums: Sums {
            counts: Counts {
                right: labelled - wrong,
                wrong,
                unknown: cases - labelled,
            },
            ..Sums::default()
        },
    };
    [
        cell(300, 300, wrong, Labelling::Certain),
        cell(5000, 40, audited_wrong, Labelling::Constant),
    ]
}

#[test]
fn one_more_error_never_lowers_the_upper_limit() {
    let level = Level::new(0.95).unwrap();
    let high = |wrong, audited| error_rate(&two_cells(wrong, audited), level).high.unwrap();
    for wrong in (0..300).step_by(7) {
        for audited in 0..40 {
            let here = high(wrong, audited);
            assert!(
                high(wrong + 1, audited) >= here,
                "{wrong} and {audited} errors"
            );
            assert!(
                high(wrong, audited + 1) >= here,
                "{wrong} and {audited} errors"
            );
        }
    }
}

#[test]
fn no_error_found_is_not_no_error() {
    let level = Level::new(0.95).unwrap();
    let rate = error_rate(&two_cells(0, 0), level);
    assert_eq!((rate.estimate, rate.low), (Some(0.0), Some(0.0)));
    // No error in 40 labels that stand for 94 % of the cases: the largest weight times ln(1/tail).
    let expected = 5000.0 / 5300.0 / 40.0 * (1.0_f64 / 0.025).ln();
    assert!(close(rate.high.unwrap(), expected), "{rate:?}");
}

#[test]
fn an_answer_is_the_same_to_the_byte_each_time() {
    let [once, again] = [(); 2].map(|()| swept_text(&audited_log(), &["--exact"]));
    assert_eq!(answer(&once), answer(&again));
}
