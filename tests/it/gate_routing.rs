//! Comparisons in which the routing varies from log to log as well as the errors: escaped errors
//! between two logs, and the cases that move between two policies. Each simulation stands beside
//! one of the way that takes the routing as fixed, which fails for nothing too often.

use gonogo::config::{Demand, Margin, Metric};
use gonogo::estimate::binomial;
use gonogo::estimate::compare::{Limits, mover, mover_difference};
use gonogo::estimate::metric::Facts;
use gonogo::estimate::rates::{Cell, Labelling};
use gonogo::estimate::split::{Split, Splits};
use gonogo::estimate::swap::{Pair, Parts};
use gonogo::estimate::verdict::{Verdict, against_baseline, against_limit, settle};
use gonogo::tally::{Counts, Sums};

use super::gate_statistics::{Dice, RUNS, TAIL, with_chance};

/// Cases of which some are labelled and some of these wrong.
fn cell(labelled: u64, wrong: u64, unknown: u64) -> Cell {
    Cell {
        labelling: if unknown == 0 {
            Labelling::Certain
        } else {
            Labelling::Constant
        },
        sums: Sums {
            counts: Counts {
                right: labelled - wrong,
                wrong,
                unknown,
            },
            ..Sums::default()
        },
    }
}

fn splits(auto: Vec<Cell>, escalated: Vec<Cell>) -> Splits {
    Splits::of_cases(Split { auto, escalated })
}

/// A process: for each kind of cases its share of all, whether it is auto-approved, its label
/// probability and its error rate. What is left over is escalated.
type Process<'a> = &'a [(f64, f64, f64)];

/// A log of so many cases: each falls into a kind at random.
fn log(cases: u64, process: Process, dice: &mut Dice) -> Facts {
    let (mut left, mut rest) = (cases, 1.0);
    let mut auto = Vec::new();
    for (share, labels, wrong) in process {
        let here = dice.count(left, share / rest);
        left -= here;
        rest -= share;
        let labelled = if *labels < 1.0 {
            dice.count(here, *labels)
        } else {
            here
        };
        auto.push(cell(
            labelled,
            dice.count(labelled, *wrong),
            here - labelled,
        ));
    }
    Facts {
        splits: splits(auto, vec![cell(left, 0, 0)]),
        prices: None,
    }
}

pub(crate) fn share(count: u32) -> f64 {
    f64::from(count) / f64::from(RUNS)
}

/// Escaped errors as if the share of auto-approved cases were known of the process.
fn at_a_fixed_share(facts: &Facts) -> Limits {
    let auto = facts.limits(Metric::AutoError, TAIL).unwrap();
    let cases = facts.ground(Metric::AutoError).cases as f64;
    let factor = cases / facts.ground(Metric::EscapedErrors).cases as f64;
    Limits {
        estimate: auto.estimate * factor,
        low: auto.low * factor,
        high: auto.high * factor,
    }
}

#[test]
fn escaped_errors_that_did_not_change_seldom_fail_however_frequent() {
    let mut dice = Dice::seeded(21);
    let mut worst: f64 = 0.0;
    for (auto, wrong) in [(0.5, 0.3), (0.5, 0.5), (0.75, 0.4), (0.9, 0.02)] {
        let (mut failed, mut fixed) = (0, 0);
        for _ in 0..RUNS {
            let process = [(auto, 1.0, wrong)];
            let mut side = || log(1000, &process, &mut dice);
            let (new, base) = (side(), side());
            let margin = Margin::Absolute(0.0);
            let finding = against_baseline((&new, &base), Metric::EscapedErrors, margin, TAIL);
            failed += u32::from(settle(&[finding], TAIL) == [Verdict::Fail]);
            let old = mover_difference(at_a_fixed_share(&new), at_a_fixed_share(&base));
            fixed += u32::from(old.low > 0.0);
        }
        assert!(
            share(failed) <= with_chance(TAIL),
            "{auto} {wrong}: {}",
            share(failed)
        );
        worst = worst.max(share(fixed));
    }
    assert!(worst > with_chance(TAIL), "{worst}");
}

#[test]
fn escaped_errors_of_partly_labelled_logs_seldom_fail_for_nothing() {
    let mut dice = Dice::seeded(22);
    let mut worst: f64 = 0.0;
    let processes: [Process; 5] = [
        &[(0.5, 0.9, 0.8)],
        &[(0.5, 0.5, 0.5)],
        &[(0.6, 0.9, 0.4)],
        &[(0.3, 1.0, 0.4), (0.4, 0.3, 0.3)],
        &[(0.8, 0.2, 0.01)],
    ];
    for process in processes {
        let (mut failed, mut fixed) = (0, 0);
        for _ in 0..RUNS {
            let new = log(800, process, &mut dice);
            let base = log(800, process, &mut dice);
            let margin = Margin::Absolute(0.0);
            let finding = against_baseline((&new, &base), Metric::EscapedErrors, margin, TAIL);
            failed += u32::from(settle(&[finding], TAIL) == [Verdict::Fail]);
            let old = mover_difference(at_a_fixed_share(&new), at_a_fixed_share(&base));
            fixed += u32::from(old.low > 0.0);
        }
        assert!(
            share(failed) <= with_chance(TAIL),
            "{process:?}: {}",
            share(failed)
        );
        worst = worst.max(share(fixed));
    }
    assert!(worst > with_chance(TAIL), "{worst}");
}

#[test]
fn escaped_errors_on_their_limit_seldom_pass_or_fail() {
    let mut dice = Dice::seeded(23);
    let processes: [Process; 3] = [
        &[(0.5, 1.0, 0.5)],
        &[(0.5, 0.8, 0.5)],
        &[(0.3, 1.0, 0.4), (0.4, 0.3, 0.3)],
    ];
    for process in processes {
        let truth = process.iter().map(|(share, _, wrong)| share * wrong).sum();
        let (mut failed, mut passed, mut fixed) = (0, 0, 0);
        for _ in 0..RUNS {
            let facts = log(800, process, &mut dice);
            let demand = Demand::AtMost(truth);
            let finding = against_limit(&facts, Metric::EscapedErrors, demand, TAIL);
            let verdict = settle(&[finding], TAIL);
            failed += u32::from(verdict == [Verdict::Fail]);
            passed += u32::from(verdict == [Verdict::Pass]);
            fixed += u32::from(at_a_fixed_share(&facts).low > truth);
        }
        assert!(
            share(failed) <= with_chance(TAIL),
            "{process:?}: {}",
            share(failed)
        );
        assert!(
            share(passed) <= with_chance(TAIL),
            "{process:?}: {}",
            share(passed)
        );
        if process.len() == 1 && process.iter().all(|(_, labels, _)| *labels >= 1.0) {
            assert!(share(fixed) > with_chance(TAIL), "{}", share(fixed));
        }
    }
}

/// Cases that both policies approve, the new one only and the base only: share and error rate.
pub(crate) type Moves = [(f64, f64); 3];

/// So many cases that fall at random to both policies, to one or to none, each part with its label
/// probability.
fn pair(cases: u64, moves: &Moves, labels: [f64; 3], dice: &mut Dice) -> (Pair, [Cell; 3]) {
    let (mut left, mut rest) = (cases, 1.0);
    let mut labels = labels.into_iter();
    let cells = moves.map(|(share, wrong)| {
        let here = dice.count(left, share / rest);
        left -= here;
        rest -= share;
        let labelled = dice.count(here, labels.next().unwrap());
        cell(labelled, dice.count(labelled, wrong), here - labelled)
    });
    let part = |cell: &Cell| splits(vec![cell.clone()], Vec::new());
    let none = cell(left, 0, 0);
    let [common, only_new, only_base] = &cells;
    let pair = Pair {
        auto: Parts {
            common: part(common),
            only_new: part(only_new),
            only_base: part(only_base),
        },
        escalated: Parts {
            common: part(&none),
            only_new: part(only_base),
            only_base: part(only_new),
        },
    };
    (pair, cells)
}

#[test]
fn policies_that_err_alike_seldom_fail_whichever_cases_move() {
    let mut dice = Dice::seeded(24);
    let cases: [(Metric, Moves); 4] = [
        (Metric::EscapedErrors, [(0.5, 0.02), (0.1, 0.5), (0.1, 0.5)]),
        (Metric::EscapedErrors, [(0.5, 0.02), (0.2, 0.2), (0.1, 0.4)]),
        (Metric::AutoError, [(0.5, 0.02), (0.1, 0.5), (0.1, 0.5)]),
        (Metric::OverrideRate, [(0.5, 0.02), (0.1, 0.5), (0.1, 0.5)]),
    ];
    let mut worst: f64 = 0.0;
    for (metric, moves) in cases {
        let (mut failed, mut fixed) = (0, 0);
        for _ in 0..RUNS {
            let (pair, [_, only_new, only_base]) = pair(1000, &moves, [1.0; 3], &mut dice);
            let facts = Facts::default();
            let margin = Margin::Absolute(0.0);
            let finding = pair.finding(metric, margin, (&facts, &facts), TAIL);
            failed += u32::from(settle(&[finding], TAIL) == [Verdict::Fail]);
            // Escaped errors as if as many cases moved in every log.
            let term = |cell: &Cell| {
                let counts = cell.sums.counts;
                let (wrong, cases) = (counts.wrong, counts.cases());
                Limits {
                    estimate: wrong as f64,
                    low: binomial::lower(wrong, cases, TAIL) * cases as f64,
                    high: binomial::upper(wrong, cases, TAIL) * cases as f64,
                }
            };
            let old = mover(&[(1.0, term(&only_new)), (-1.0, term(&only_base))]);
            fixed += u32::from(old.low > 0.0);
        }
        assert!(
            share(failed) <= with_chance(TAIL),
            "{metric:?} {moves:?}: {}",
            share(failed)
        );
        worst = worst.max(share(fixed));
    }
    assert!(worst > with_chance(TAIL), "{worst}");
}

#[test]
fn a_policy_that_only_adds_errors_fails_by_those_that_are_found() {
    let mut dice = Dice::seeded(25);
    let facts = Facts::default();
    let verdict = |pair: &Pair| {
        let margin = Margin::Absolute(0.0);
        let finding = pair.finding(Metric::EscapedErrors, margin, (&facts, &facts), TAIL);
        settle(&[finding], TAIL)
    };
    // Nobody is moved the other way: the paired test could say nothing before five errors.
    let (pair_, _) = pair(
        1000,
        &[(0.5, 0.02), (0.1, 0.04), (0.0, 0.0)],
        [1.0; 3],
        &mut dice,
    );
    assert_eq!(verdict(&pair_), [Verdict::Fail]);
    let (pair_, _) = pair(
        1000,
        &[(0.5, 0.02), (0.1, 0.0), (0.0, 0.0)],
        [1.0; 3],
        &mut dice,
    );
    assert_eq!(verdict(&pair_), [Verdict::Inconclusive]);
    // The band may be small and all of it wrong.
    for errors in 1..=4 {
        let added = Parts {
            common: splits(vec![cell(500, 10, 0)], Vec::new()),
            only_new: splits(vec![cell(errors, errors, 0)], Vec::new()),
            only_base: Splits::default(),
        };
        let rest = Parts {
            common: splits(vec![cell(500, 0, 0)], Vec::new()),
            only_new: Splits::default(),
            only_base: added.only_new.clone(),
        };
        let pair = Pair {
            auto: added,
            escalated: rest,
        };
        assert_eq!(verdict(&pair), [Verdict::Fail], "{errors}");
    }
}

/// A candidate against what happened: what both approve and what it escalates was audited at a low
/// rate, what it newly approves was reviewed and so is labelled throughout.
#[test]
fn policies_that_err_alike_seldom_fail_where_parts_are_labelled_at_different_rates() {
    let mut dice = Dice::seeded(27);
    let moves: [(Metric, Moves); 5] = [
        (Metric::AutoError, [(0.5, 0.05), (0.1, 0.05), (0.1, 0.05)]),
        (Metric::AutoError, [(0.5, 0.02), (0.1, 0.2), (0.1, 0.2)]),
        (Metric::EscapedErrors, [(0.5, 0.02), (0.1, 0.2), (0.1, 0.2)]),
        (Metric::EscapedErrors, [(0.5, 0.02), (0.2, 0.4), (0.2, 0.4)]),
        (Metric::EscapedErrors, [(0.4, 0.02), (0.1, 0.8), (0.4, 0.2)]),
    ];
    for (metric, moves) in moves {
        for labels in [[0.1, 1.0, 0.1], [0.3, 0.3, 0.3]] {
            let mut failed = 0;
            for _ in 0..RUNS {
                let (pair, _) = pair(1000, &moves, labels, &mut dice);
                let facts = Facts::default();
                let margin = Margin::Absolute(0.0);
                let finding = pair.finding(metric, margin, (&facts, &facts), TAIL);
                assert!(finding.limits.is_some());
                failed += u32::from(settle(&[finding], TAIL) == [Verdict::Fail]);
            }
            let failed = share(failed);
            assert!(
                failed <= with_chance(TAIL),
                "{metric:?} {moves:?} {labels:?}: {failed}"
            );
        }
    }
}

#[test]
fn a_policy_that_errs_more_fails_also_where_parts_are_labelled_at_different_rates() {
    let mut dice = Dice::seeded(28);
    let moves = [(0.5, 0.02), (0.2, 0.2), (0.1, 0.02)];
    for metric in [Metric::AutoError, Metric::EscapedErrors] {
        let (pair, _) = pair(4000, &moves, [0.2, 1.0, 0.2], &mut dice);
        let facts = Facts::default();
        let finding = pair.finding(metric, Margin::Absolute(0.01), (&facts, &facts), TAIL);
        assert_eq!(settle(&[finding], TAIL), [Verdict::Fail], "{metric:?}");
    }
}

#[test]
fn rates_of_two_policies_are_not_told_where_cases_that_stay_have_no_labels() {
    let mut dice = Dice::seeded(29);
    let moves = [(0.5, 0.3), (0.1, 0.02), (0.1, 0.02)];
    let (mut pair, [common, ..]) = pair(1000, &moves, [0.0, 1.0, 1.0], &mut dice);
    // Sets of one size: what stays weighs alike in both.
    pair.auto.only_base = pair.auto.only_new.clone();
    assert!(common.sums.counts.cases() > 0);
    let difference = |metric| pair.difference(metric, &Facts::default(), TAIL);
    assert_eq!(difference(Metric::AutoError), None);
    assert!(difference(Metric::EscapedErrors).is_some());
}

#[test]
fn where_nothing_is_approved_no_error_escapes() {
    let facts = Facts {
        splits: splits(vec![cell(0, 0, 0)], vec![cell(20, 3, 0)]),
        prices: None,
    };
    let demand = Demand::AtMost(0.01);
    let finding = against_limit(&facts, Metric::EscapedErrors, demand, TAIL);
    assert_eq!(settle(&[finding], TAIL), [Verdict::Pass]);
}
