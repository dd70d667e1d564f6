//! The certificate against `tests/golden/statistics.json`: the least number of labels, the order of
//! tests, and the answers that a certificate must not give.

use gonogo::estimate::certificate::{self, Promise};
use gonogo::estimate::sequence::{self, Ground};
use gonogo::estimate::stratified::Stratum;
use gonogo::estimate::{binomial, shortfall};
use gonogo::rate::Level;
use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

use crate::golden::{FEWEST_LABELS, check, reference};

fn promise(limit: f64, doubt: f64) -> Promise {
    Promise::new(limit, Level::new(1.0 - doubt).expect("a level")).expect("a limit")
}

fn one_cell(errors: u64, labelled: u64) -> Vec<Stratum> {
    vec![Stratum {
        share: 1.0,
        labelled,
        errors,
    }]
}

#[test]
fn the_fewest_labels_that_can_keep_a_promise_are_known() {
    for (id, limit, doubt) in FEWEST_LABELS {
        check(id, &[promise(limit, doubt).least_labels() as f64]);
    }
}

#[test]
fn a_bound_within_the_limit_is_a_p_value_within_the_level() {
    for (id, errors, labelled, limit) in [
        ("A3.1", 3, 400, 0.02),
        ("A3.2", 0, 299, 0.01),
        ("A3.3", 0, 298, 0.01),
        ("A3.4", 12, 1000, 0.02),
        ("A3.5", 450, 100_000, 0.005),
        ("A3.6", 29, 1000, 0.05),
    ] {
        let p = reference(id)[0];
        let bound = |level: f64| certificate::bound(&one_cell(errors, labelled), level);
        assert!(bound(p * (1.0 + 1e-6)) <= limit, "{id}");
        assert!(bound(p * (1.0 - 1e-6)) > limit, "{id}");
    }
}

#[test]
fn a_count_of_errors_is_never_made_from_a_rate() {
    // Seven errors of 25 are seven: 25 times 7/25 is a little more in binary, and would be eight.
    check("A4.3", &[binomial::cdf(7, 25, 0.4)]);
    check("A4.4", &[binomial::cdf(8, 25, 0.4)]);
    // Fifteen of 22 are fifteen: 22 times 15/22 is a little less, and would be fourteen.
    let [right, truncated] = reference("A4.5")[..] else {
        panic!("two bounds");
    };
    let ours = certificate::bound(&one_cell(15, 22), 0.05);
    assert!((ours - right).abs() < 1e-8 && ours > truncated + 0.03);
}

/// Hoeffding's and Bentkus' p-value for losses between 0 and 1 (Bates and others 2021).
fn hoeffding_bentkus(errors: u64, labelled: u64, limit: f64) -> f64 {
    let n = labelled as f64;
    let rate = (errors as f64 / n).min(limit);
    let term = |a: f64, b: f64| if a > 0.0 { a * (a / b).ln() } else { 0.0 };
    let entropy = term(rate, limit) + term(1.0 - rate, 1.0 - limit);
    let bentkus = 1.0_f64.exp() * binomial::cdf(errors, labelled, limit);
    (-n * entropy).exp().min(bentkus)
}

#[test]
fn the_exact_test_asks_for_less_than_one_for_bounded_losses() {
    check("A4.1", &[hoeffding_bentkus(3, 400, 0.02)]);
    check("A4.2", &[hoeffding_bentkus(0, 300, 0.01)]);
    check("A4.2", &[binomial::cdf(0, 300, 0.01)]);
    assert!(binomial::cdf(3, 400, 0.02) < 0.5 * reference("A4.1")[0]);
}

#[test]
fn a_rate_far_above_the_limit_is_no_evidence_against_a_low_one() {
    // A two-sided test would give 1e-13 here and certify the worst threshold of all.
    for (errors, labelled) in [(50, 100), (240, 500), (5000, 10_000)] {
        assert!(binomial::cdf(errors, labelled, 0.1) > 0.9);
        assert!(certificate::bound(&one_cell(errors, labelled), 0.9) > 0.1);
    }
}

/// The outcomes of the fallback procedure on given p-values.
fn fallback(p: &[f64], weights: &[f64]) -> Vec<bool> {
    let outcomes = sequence::fallback(weights, |place, level| p[place] <= level);
    outcomes.into_iter().map(|(_, passed)| passed).collect()
}

/// The row of a reference that holds truth values.
fn truths(id: &str) -> Vec<bool> {
    let text = include_str!("../golden/statistics.json");
    let rows: Vec<serde_json::Value> = serde_json::from_str(text).expect("a JSON array");
    let row = rows.iter().find(|row| row["id"] == id).expect("a row");
    let values = row["output"].as_array().expect("a list").iter();
    values
        .map(|value| value.as_bool().expect("a truth"))
        .collect()
}

#[test]
fn the_fallback_procedure_is_that_of_wiens() {
    let p = [0.3, 0.001, 0.02, 0.0124, 0.06, 0.01];
    let weights = [0.0125, 0.0125, 0.0, 0.0125, 0.0, 0.0125];
    assert_eq!(fallback(&p, &weights), truths("G1.2"));
    let plain = [0.05, 0.0, 0.0, 0.0, 0.0, 0.0];
    assert_eq!(fallback(&p, &plain), truths("G1.3"));
}

/// Holm's adjusted p-values (1979).
fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut least = 0.0_f64;
    for (rank, place) in order.into_iter().enumerate() {
        least = least.max(p[place] * (p.len() - rank) as f64).min(1.0);
        adjusted[place] = least;
    }
    adjusted
}

#[test]
fn a_fixed_sequence_is_the_fallback_procedure_with_one_start_and_holm_is_another_thing() {
    let p = [0.001, 0.02, 0.049, 0.051, 0.001];
    let plain = [0.05, 0.0, 0.0, 0.0, 0.0];
    let passed = |outcomes: Vec<bool>| -> Vec<f64> {
        let places = outcomes.iter().enumerate().filter(|(_, passed)| **passed);
        places.map(|(place, _)| place as f64).collect()
    };
    assert_eq!(passed(fallback(&p, &plain)), reference("G1.4"));
    let holm_passed = holm(&p).iter().map(|p| *p <= 0.05).collect();
    assert_eq!(passed(holm_passed), reference("G1.5"));
    check("G1.1", &holm(&[0.0004, 0.003, 0.02, 0.049, 0.2, 0.011]));
}

#[test]
fn what_is_not_a_number_passes_no_test_and_stops_none() {
    let p = [f64::NAN, 0.001, f64::NAN, 0.001];
    let weights = [0.02, 0.02, 0.0, 0.01];
    assert_eq!(fallback(&p, &weights), [false, true, false, true]);
    let level = Level::new(0.95).expect("a level");
    for limit in [f64::NAN, 0.0, 1.0, -0.1, 1.5, f64::INFINITY] {
        assert_eq!(Promise::new(limit, level), None, "{limit}");
    }
    assert!(certificate::bound(&one_cell(0, 1_000_000), f64::NAN) >= 1.0);
    assert!(certificate::bound(&one_cell(0, 1_000_000), 0.0) >= 1.0);
}

#[test]
fn a_threshold_without_cases_or_labels_is_passed_over_and_never_certified() {
    let empty = Err(certificate::Obstacle::Empty);
    let unsupported = Err(certificate::Obstacle::Unsupported { share: 0.5 });
    let grounds: Vec<Ground> = vec![
        Ok(one_cell(0, 4000)),
        unsupported,
        Ok(one_cell(0, 2000)),
        empty.clone(),
        Ok(one_cell(0, 1000)),
        empty,
    ];
    let promise = promise(0.01, 0.05);
    let trials = sequence::test(&sequence::doubling(&grounds, promise), &grounds, promise);
    let passed: Vec<usize> = trials.iter().map(|trial| trial.candidate).collect();
    assert_eq!(passed, [4, 2, 0]);
    assert!(trials.iter().all(|trial| trial.passed));
}

#[test]
fn a_stricter_start_that_fails_does_not_end_the_walk_for_good() {
    // The top of the scores is overconfident; below it the labels are good and many.
    let grounds: Vec<Ground> = vec![
        Ok(one_cell(20, 8000)),
        Ok(one_cell(12, 2000)),
        Ok(one_cell(10, 800)),
    ];
    let promise = promise(0.01, 0.05);
    let trials = sequence::test(&sequence::doubling(&grounds, promise), &grounds, promise);
    let passed: Vec<bool> = trials.iter().map(|trial| trial.passed).collect();
    assert_eq!(passed, [false, false, true]);
    assert_eq!(
        sequence::loosest(&trials).map(|trial| trial.candidate),
        Some(0)
    );
}

#[test]
fn the_labels_that_are_wanting_are_enough_when_they_come() {
    let two = vec![
        Stratum {
            share: 0.3,
            labelled: 3000,
            errors: 20,
        },
        Stratum {
            share: 0.7,
            labelled: 200,
            errors: 1,
        },
    ];
    let (level, limit) = (0.01, 0.01);
    let found = shortfall::of(&two, level, limit, shortfall::MOST_LABELS)
        .expect("rates are below the limit");
    assert_eq!(found.stratum, Some(1));
    let more = |labels: u64| {
        let mut grown = two.clone();
        grown[1].labelled += labels;
        // Errors are rounded up, which the advice does not do.
        grown[1].errors = grown[1].labelled.div_ceil(200);
        certificate::bound(&grown, level)
    };
    assert!(more(found.labels / 2) > limit);
    assert!(more(found.labels + found.labels / 10) <= limit);
    assert_eq!(shortfall::of(&two, level, limit, found.labels), Some(found));
    assert_eq!(shortfall::of(&two, level, limit, found.labels - 1), None);
    assert_eq!(
        shortfall::of(&two, level, 0.004, shortfall::MOST_LABELS),
        None
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_more_error_never_lowers_a_bound(
        cells in proptest::collection::vec((1_u64..500, 0.0..=1.0_f64, 1_u64..1000), 1..4),
        place in 0_usize..4,
        level in 0.001..0.2_f64,
    ) {
        let total: u64 = cells.iter().map(|(_, _, cases)| cases).sum();
        let strata: Vec<Stratum> = cells
            .iter()
            .map(|(labelled, share, cases)| Stratum {
                share: *cases as f64 / total as f64,
                labelled: *labelled,
                errors: (share * *labelled as f64) as u64,
            })
            .collect();
        let mut worse = strata.clone();
        let cell = &mut worse[place % strata.len()];
        cell.errors = (cell.errors + 1).min(cell.labelled);
        prop_assert!(certificate::bound(&worse, level) >= certificate::bound(&strata, level));
        prop_assert!(certificate::bound(&strata, level / 2.0) >= certificate::bound(&strata, level));
    }

    #[test]
    fn the_exact_test_and_the_exact_limit_agree(
        errors in 0_u64..60,
        more in 1_u64..5000,
        level in 0.0005..0.3_f64,
        limit in 0.001..0.3_f64,
    ) {
        let labelled = errors + more;
        let p = binomial::cdf(errors, labelled, limit);
        // Right at the edge the last digits decide.
        if (p / level - 1.0).abs() > 1e-9 {
            let bound = certificate::bound(&one_cell(errors, labelled), level);
            prop_assert_eq!(bound <= limit, p <= level);
        }
    }
}

#[test]
fn chows_threshold_is_the_published_one() {
    let threshold = |residual| gonogo::estimate::cost::chow_threshold(2.0, 50.0, residual);
    check("E1.1", &[threshold(0.0).expect("an error costs something")]);
    check(
        "E1.2",
        &[threshold(0.03).expect("an error costs something")],
    );
}
