//! The statistics of the gate: published examples, guards against answers that are known to be
//! wrong, and seeded simulations of how often a check fails or passes when it should not.

use gonogo::config::{Demand, Margin, Metric};
use gonogo::estimate::compare::{
    self, Limits, Sample, exact_p, labels_per_side, miettinen_nurminen, mover_difference, score,
};
use gonogo::estimate::eprocess::{Claim, log_evidence};
use gonogo::estimate::metric::Facts;
use gonogo::estimate::rates::{Cell, Labelling};
use gonogo::estimate::split::{Split, Splits};
use gonogo::estimate::verdict::{Verdict, against_baseline, against_limit, settle};
use gonogo::estimate::{binomial, holm, normal};
use gonogo::tally::{Counts, Sums};
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::gate::{desk, json};
use super::golden::{check, check_within, reference};

pub(crate) const TAIL: f64 = 0.05;
pub(crate) const RUNS: u32 = 2000;

fn sample((errors, labelled): (u64, u64)) -> Sample {
    Sample::new(errors, labelled)
}

fn interval(new: (u64, u64), base: (u64, u64), tail: f64) -> [f64; 2] {
    let limits = miettinen_nurminen(sample(new), sample(base), tail).unwrap();
    [limits.low, limits.high]
}

fn wilson((errors, labelled): (u64, u64), tail: f64) -> Limits {
    Limits {
        estimate: errors as f64 / labelled as f64,
        low: binomial::wilson_lower(errors, labelled, tail),
        high: binomial::wilson_upper(errors, labelled, tail),
    }
}

fn newcombe(new: (u64, u64), base: (u64, u64), tail: f64) -> Limits {
    mover_difference(wilson(new, tail), wilson(base, tail))
}

#[test]
fn miettinen_nurminen_limits_are_the_published_ones() {
    check("C1.1", &interval((56, 70), (48, 80), 0.025));
    check("C3.3", &interval((0, 400), (3, 400), 0.025));
    check("C3.4", &interval((0, 100), (0, 100), 0.025));
}

/// Newcombe (1998), table II: limits at 95 % to four digits, by Miettinen and Nurminen (method 6)
/// and by his own hybrid of scores (method 10).
#[test]
fn the_limits_of_newcombes_examples_are_those_of_his_table() {
    let rows = [
        ((56, 70), (48, 80), [0.0528, 0.3382], [0.0524, 0.3339]),
        ((9, 10), (3, 10), [0.1700, 0.8406], [0.1705, 0.8090]),
        ((6, 7), (2, 7), [0.0342, 0.8534], [0.0582, 0.8062]),
        ((5, 56), (0, 29), [-0.0326, 0.1933], [-0.0381, 0.1926]),
        ((0, 10), (0, 20), [-0.1658, 0.2844], [-0.1611, 0.2775]),
        ((0, 10), (0, 10), [-0.2879, 0.2879], [-0.2775, 0.2775]),
        ((10, 10), (0, 20), [0.7156, 1.0000], [0.6791, 1.0000]),
        ((10, 10), (0, 10), [0.6636, 1.0000], [0.6075, 1.0000]),
    ];
    for (new, base, score, hybrid) in rows {
        let limits = newcombe(new, base, 0.025);
        let ours = [interval(new, base, 0.025), [limits.low, limits.high]];
        for (ours, published) in ours.as_flattened().iter().zip(score.iter().chain(&hybrid)) {
            assert!(
                (ours - published).abs() < 0.6e-4,
                "{new:?} {base:?}: {ours} {published}"
            );
        }
    }
}

#[test]
fn miettinen_nurminen_limits_are_not_those_of_the_statsmodels_fault() {
    let [low, high] = interval((56, 70), (48, 80), 0.025);
    let wrong = reference("C1.3");
    assert!((low - wrong[0]).abs() > 2e-4 && (high - wrong[1]).abs() > 5e-3);
    let z = score(sample((12, 400)), sample((9, 420)), 0.02);
    assert!((z - reference("C2.5")[0]).abs() > 1e-3);
}

#[test]
fn without_its_small_sample_factor_the_score_interval_is_that_of_mee() {
    // z * sqrt(N / (N - 1)) is the statistic without the factor: the limits of Mee and of
    // Farrington and Manning are those at a critical value smaller by it.
    let total = 150.0_f64;
    let critical = -normal::quantile(0.025) / (total / (total - 1.0)).sqrt();
    check(
        "C1.2",
        &interval((56, 70), (48, 80), normal::cdf(-critical)),
    );
}

#[test]
fn scores_against_a_margin_are_those_of_the_closed_form() {
    let rows = [
        ("C2.1", (12, 400), (9, 420), 0.02),
        ("C2.2", (0, 100), (0, 100), 0.02),
        ("C2.3", (1, 500), (6, 480), 0.01),
        ("C2.4", (30, 1000), (10, 1000), 0.0),
    ];
    for (id, new, base, margin) in rows {
        let z = score(sample(new), sample(base), margin);
        check(id, &[z, normal::cdf(z)]);
    }
}

#[test]
fn mover_with_wilson_limits_is_newcombes_interval() {
    let limits = newcombe((56, 70), (48, 80), 0.025);
    check("C1.4", &[limits.low, limits.high]);
    check("C3.1", &[newcombe((12, 400), (9, 420), 0.05).high]);
    let limits = newcombe((0, 400), (3, 400), 0.025);
    check("C3.2", &[limits.low, limits.high]);
}

#[test]
fn mover_takes_limits_of_any_kind() {
    let side = |estimate, low, high| Limits {
        estimate,
        low,
        high,
    };
    let limits = mover_difference(side(0.014, 0.010, 0.022), side(0.012, 0.008, 0.019));
    check("C4.1", &[limits.low, limits.high]);
    // A sum of what is known exactly is known exactly.
    let sum = compare::mover(&[(2.0, Limits::exact(0.5)), (-1.0, Limits::exact(0.25))]);
    assert_eq!([sum.low, sum.estimate, sum.high], [0.75; 3]);
}

/// Chances of the base's errors given all errors of both sides: the hypergeometric distribution.
fn hypergeometric(new: u64, base: u64, errors: u64) -> Vec<f64> {
    let choose =
        |n: u64, k: u64| -> f64 { (0..k).map(|i| ((n - i) as f64 / (i + 1) as f64).ln()).sum() };
    let all = choose(new + base, errors);
    let chance = |ours: u64| (choose(new, ours) + choose(base, errors - ours) - all).exp();
    (0..=errors).map(chance).collect()
}

fn fisher(new: (u64, u64), base: (u64, u64)) -> f64 {
    let chances = hypergeometric(new.1, base.1, new.0 + base.0);
    chances.iter().skip(new.0 as usize).sum()
}

#[test]
fn paired_and_exact_tests_are_those_of_scipy() {
    check("C5.1", &[2.0 * compare::paired_p(9, 2)]);
    let at_two = binomial::cdf(2, 11, 0.5) - binomial::cdf(1, 11, 0.5);
    check("C5.2", &[2.0 * binomial::cdf(2, 11, 0.5) - at_two]);
    let square: f64 = (7.0_f64 - 1.0).powi(2) / 11.0;
    check("C5.3", &[square, 2.0 * normal::cdf(-square.sqrt())]);
    check("C5.4", &[compare::paired_p(9, 2)]);
    check("C5.5", &[compare::paired_p(5, 0)]);
    assert_eq!(compare::paired_p(0, 0), 1.0);
    check_within("C6.1", &[fisher((8, 200), (2, 210))], 1e-8);
}

#[test]
fn the_exact_test_of_a_difference_lies_between_the_score_test_and_fishers() {
    let (new, base) = ((8, 200), (2, 210));
    let exact = exact_p(new, base);
    let score = normal::cdf(-score(sample(new), sample(base), 0.0));
    let [boschloo] = reference("C6.2")[..] else {
        panic!("one number")
    };
    assert!(
        score < exact && exact < boschloo,
        "{score} {exact} {boschloo}"
    );
    assert_eq!(exact_p((0, 100), (0, 100)), 1.0);
    assert_eq!(exact_p((1, 100), (5, 100)), 1.0);
}

#[test]
fn sample_sizes_are_those_of_the_formula() {
    let labels = labels_per_side(0.01, 0.01, 0.01, (0.05, 0.8)).unwrap();
    assert_eq!(labels.ceil(), reference("C7.1")[0]);
    let labels = labels_per_side(0.01, 0.01, 0.005, (0.05, 0.8)).unwrap();
    assert_eq!(labels.ceil(), 4897.0);
}

#[test]
fn the_two_sample_e_value_of_one_block_is_that_of_its_authors() {
    let (ours, theirs) = (0.03_f64, 0.01_f64);
    let mean = f64::midpoint(ours, theirs);
    let e = ours * (1.0 - theirs) / (mean * (1.0 - mean));
    check("C7.2", &[e]);
}

#[test]
fn e_values_are_those_of_mpmath() {
    let rows = [
        ("A10.1", Claim::Below, 0, 300),
        ("A10.2", Claim::Below, 0, 600),
        ("A10.3", Claim::Below, 3, 1000),
        ("A10.4", Claim::Above, 25, 1000),
        ("A10.5", Claim::Above, 10, 1000),
        ("A10.6", Claim::Above, 0, 50),
    ];
    for (id, claim, errors, labelled) in rows {
        let log = log_evidence(claim, errors, labelled, 0.01).unwrap();
        check(id, &[log.exp()]);
    }
}

#[test]
fn e_values_neither_overflow_nor_speak_without_labels() {
    for claim in [Claim::Below, Claim::Above] {
        assert_eq!(log_evidence(claim, 0, 0, 0.01), Some(0.0));
        assert_eq!(log_evidence(claim, 2, 1, 0.01), None);
        assert_eq!(log_evidence(claim, 1, 2, 1.0), None);
    }
    let below = log_evidence(Claim::Below, 0, 1_000_000_000, 0.01).unwrap();
    assert!((1.0e7..1.1e7).contains(&below), "{below}");
    let above = log_evidence(Claim::Above, 900_000, 1_000_000, 0.01).unwrap();
    assert!((3.8e6..3.9e6).contains(&above), "{above}");
}

#[test]
fn holms_adjustment_is_that_of_statsmodels() {
    let p_values = [0.0004, 0.003, 0.02, 0.049, 0.2, 0.011];
    check("G1.1", &holm::adjusted(&p_values));
    let adjusted = holm::adjusted(&[0.001, 0.02, 0.049, 0.051, 0.001]);
    let rejected = (0_u8..).zip(&adjusted).filter(|(_, p)| **p <= 0.05);
    let rejected: Vec<f64> = rejected.map(|(place, _)| f64::from(place)).collect();
    check("G1.5", &rejected);
    assert_eq!(holm::adjusted(&[f64::NAN, 0.01]), [1.0, 0.02]);
}

/// Dice that are the same on every machine.
pub(crate) struct Dice(ChaCha12Rng);

impl Dice {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(ChaCha12Rng::seed_from_u64(seed))
    }

    pub(crate) fn count(&mut self, cases: u64, rate: f64) -> u64 {
        let below = (rate * f64::from(u32::MAX)) as u32;
        (0..cases).filter(|_| self.0.next_u32() < below).count() as u64
    }
}

/// A design cell of the auto-approved cases: cases, label probability, error rate.
type Drawn = (u64, f64, f64);

fn facts(cells: &[Drawn], dice: &mut Dice) -> Facts {
    let cell = |&(cases, labelled, wrong): &Drawn| {
        let certain = labelled >= 1.0;
        let labelled = if certain {
            cases
        } else {
            dice.count(cases, labelled)
        };
        let wrong = dice.count(labelled, wrong);
        Cell {
            labelling: if certain {
                Labelling::Certain
            } else {
                Labelling::Constant
            },
            sums: Sums {
                counts: Counts {
                    right: labelled - wrong,
                    wrong,
                    unknown: cases - labelled,
                },
                ..Sums::default()
            },
        }
    };
    Facts {
        splits: Splits::of_cases(Split {
            auto: cells.iter().map(cell).collect(),
            escalated: Vec::new(),
        }),
        prices: None,
    }
}

/// The share of runs in which a comparison fails.
fn failures(seed: u64, new: &[Drawn], base: &[Drawn]) -> f64 {
    let mut dice = Dice::seeded(seed);
    let failed = (0..RUNS).filter(|_| {
        let (new, base) = (facts(new, &mut dice), facts(base, &mut dice));
        let margin = Margin::Absolute(0.005);
        let finding = against_baseline((&new, &base), Metric::AutoError, margin, TAIL);
        settle(&[finding], TAIL) == [Verdict::Fail]
    });
    failed.count() as f64 / f64::from(RUNS)
}

/// A share that chance may add to a rate of `TAIL` in so many runs.
pub(crate) fn with_chance(rate: f64) -> f64 {
    rate + 3.0 * (rate * (1.0 - rate) / f64::from(RUNS)).sqrt()
}

#[test]
fn nothing_changed_seldom_fails_where_labels_are_uniform() {
    for (seed, new, base, rate) in [
        (1, 800, 800, 0.02),
        (2, 200, 1000, 0.002),
        (3, 200, 4000, 0.005),
        (4, 1000, 200, 0.01),
    ] {
        let failed = failures(seed, &[(new, 1.0, rate)], &[(base, 1.0, rate)]);
        assert!(failed <= with_chance(TAIL), "{new} {base} {rate}: {failed}");
    }
}

#[test]
fn the_score_alone_would_fail_too_often_on_sides_of_different_size() {
    let mut dice = Dice::seeded(5);
    let failed = (0..RUNS).filter(|_| {
        let new = (dice.count(200, 0.002), 200);
        let base = (dice.count(1000, 0.002), 1000);
        interval(new, base, TAIL)[0] > 0.0
    });
    let failed = failed.count() as f64 / f64::from(RUNS);
    assert!(failed > with_chance(TAIL), "{failed}");
}

#[test]
fn nothing_changed_seldom_fails_with_two_cells() {
    let cells = [(500, 1.0, 0.05), (8000, 0.05, 0.01)];
    let failed = failures(6, &cells, &cells);
    assert!(failed <= with_chance(TAIL), "{failed}");
    let few = [(100, 1.0, 0.05), (3000, 0.03, 0.01)];
    let failed = failures(7, &few, &cells);
    assert!(failed <= with_chance(TAIL), "{failed}");
}

#[test]
fn no_errors_on_both_sides_never_fail() {
    assert_eq!(failures(8, &[(300, 1.0, 0.0)], &[(30, 1.0, 0.0)]), 0.0);
    let cells = [(50, 1.0, 0.0), (3000, 0.02, 0.0)];
    assert_eq!(failures(9, &cells, &cells), 0.0);
}

#[test]
fn segments_in_which_nothing_changed_seldom_fail_together() {
    let mut dice = Dice::seeded(13);
    let (mut together, mut alone) = (0_u32, 0_u32);
    let cells = [(400, 1.0, 0.05), (2000, 0.1, 0.03)];
    for _ in 0..RUNS {
        let findings: Vec<_> = (0..8)
            .map(|segment| {
                // Half of them with labels that are a plain sample, half with two cells.
                let cells = if segment % 2 == 0 {
                    &cells[..1]
                } else {
                    &cells
                };
                let (new, base) = (facts(cells, &mut dice), facts(cells, &mut dice));
                against_baseline(
                    (&new, &base),
                    Metric::AutoError,
                    Margin::Absolute(0.0),
                    TAIL,
                )
            })
            .collect();
        together += u32::from(settle(&findings, TAIL).contains(&Verdict::Fail));
        alone += u32::from(findings.iter().any(|finding| finding.p <= TAIL));
    }
    let share = |count: u32| f64::from(count) / f64::from(RUNS);
    assert!(share(together) <= with_chance(TAIL), "{}", share(together));
    assert!(share(alone) > 0.15, "{}", share(alone));
}

/// The share of runs in which any of eight segments on the limit fails, with and without Holm.
#[test]
fn segments_on_their_limit_seldom_fail_together() {
    let mut dice = Dice::seeded(10);
    let (mut together, mut alone) = (0_u32, 0_u32);
    for _ in 0..RUNS {
        let findings: Vec<_> = (0..8)
            .map(|_| {
                let facts = facts(&[(1000, 1.0, 0.05)], &mut dice);
                against_limit(&facts, Metric::AutoError, Demand::AtMost(0.05), TAIL)
            })
            .collect();
        together += u32::from(settle(&findings, TAIL).contains(&Verdict::Fail));
        alone += u32::from(findings.iter().any(|finding| finding.p <= TAIL));
    }
    let share = |count: u32| f64::from(count) / f64::from(RUNS);
    assert!(share(together) <= with_chance(TAIL), "{}", share(together));
    assert!(share(alone) > 0.2, "{}", share(alone));
}

#[test]
fn a_change_of_the_size_that_the_power_calculation_names_fails_in_its_share() {
    let (power, base, gap) = (0.8, 0.01, 0.01);
    let labels = labels_per_side(base + gap, base, gap, (TAIL, power)).unwrap();
    let labels = labels.ceil() as u64;
    let failed = failures(11, &[(labels, 1.0, base + gap)], &[(labels, 1.0, base)]);
    let chance = 3.0 * (power * (1.0 - power) / f64::from(RUNS)).sqrt();
    assert!(failed >= power - chance, "{failed}");
}

#[test]
fn sixty_daily_looks_at_a_rate_on_its_limit_pass_seldom() {
    let (limit, a_day) = (0.02, 50);
    let mut dice = Dice::seeded(12);
    let (mut passed, mut naive) = (0_u32, 0_u32);
    for _ in 0..RUNS {
        let (mut errors, mut labelled) = (0, 0);
        let (mut once, mut once_naive) = (false, false);
        for _ in 0..60 {
            errors += dice.count(a_day, limit);
            labelled += a_day;
            let log = log_evidence(Claim::Below, errors, labelled, limit).unwrap();
            once |= log >= (1.0 / TAIL).ln();
            once_naive |= binomial::cdf(errors, labelled, limit) <= TAIL;
        }
        passed += u32::from(once);
        naive += u32::from(once_naive);
    }
    let share = |count: u32| f64::from(count) / f64::from(RUNS);
    assert!(share(passed) <= with_chance(TAIL), "{}", share(passed));
    // What repeated looks with a single-look test would do.
    assert!(share(naive) > 0.12, "{}", share(naive));
}

#[test]
fn a_change_of_the_size_that_the_selftest_names_fails_in_its_share_beside_any_margin() {
    let (labels, wrong) = (1300, 65);
    let base = wrong as f64 / labels as f64;
    let margins = [
        ("0.5pp", Margin::Absolute(0.005)),
        ("5pp", Margin::Absolute(0.05)),
        ("50%", Margin::Relative(0.5)),
    ];
    for (text, margin) in margins {
        let check = "[[gate]]\nmetric = 'auto_error'\nworse_than_baseline_by = ";
        let desk = desk(&format!("{check}'{text}'\n"), &[("a", labels, wrong)]);
        let arguments = [
            "gate", "selftest", "log.csv", "--rounds", "1", "-o", "t.json",
        ];
        assert_eq!(desk.run(&arguments).code, 0);
        let told = &json(&desk, "t.json")["comparisons"][0]["smallest_regression"];
        let gap = told.as_f64().unwrap();
        let mut dice = Dice::seeded(14);
        let failed = (0..RUNS).filter(|_| {
            let new = facts(&[(labels, 1.0, base + gap)], &mut dice);
            let base = facts(&[(labels, 1.0, base)], &mut dice);
            let finding = against_baseline((&new, &base), Metric::AutoError, margin, TAIL);
            settle(&[finding], TAIL) == [Verdict::Fail]
        });
        let failed = failed.count() as f64 / f64::from(RUNS);
        assert!((0.76..0.84).contains(&failed), "{margin:?} {gap}: {failed}");
    }
}

#[test]
fn the_selftest_leaves_out_parts_with_fewer_labels_than_wanted() {
    let check = "[[gate]]\nmetric = 'auto_error'\nmax = '50%'\nby = 'kind'\nmin_labels = 60\n";
    let desk = desk(check, &[("a", 100, 50), ("b", 100, 50)]);
    let arguments = [
        "gate", "selftest", "log.csv", "--rounds", "300", "-o", "t.json",
    ];
    assert_eq!(desk.run(&arguments).code, 0);
    let comparison = &json(&desk, "t.json")["comparisons"][0];
    // Halves of some fifty labels are not judged, so they hardly ever fail.
    assert!(
        comparison["false_fails"].as_u64().unwrap() <= 1,
        "{comparison}"
    );
    assert!(comparison["inconclusive"].as_u64().unwrap() >= 299);
}
