//! Comparisons in which the routing varies from log to log as well as the errors: escaped errors
//! between two logs, and the cases that move between two policies. Each simulation stands beside
//! one of the way that takes the routing as fixed, which fails for nothing too often.

use ethnum::U256;
use gonogo::config::{Demand, Margin, Metric};
use gonogo::estimate::binomial;
use gonogo::estimate::compare::{Limits, mover, mover_difference};
use gonogo::estimate::cost::Prices;
use gonogo::estimate::metric::Facts;
use gonogo::estimate::rates::{Cell, Labelling};
use gonogo::estimate::split::{Split, Splits};
use gonogo::estimate::swap::{Pair, Parts};
use gonogo::estimate::verdict::{Verdict, against_baseline, against_limit, settle};
use gonogo::tally::{Account, Counts, Money, Sums};

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

fn share(count: u32) -> f64 {
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
    let processes: [Process; 4] = [
        &[(0.5, 0.5, 0.5)],
        &[(0.6, 0.9, 0.4)],
        &[(0.3, 1.0, 0.4), (0.4, 0.3, 0.3)],
        &[(0.8, 0.2, 0.01)],
    ];
    for process in processes {
        let mut failed = 0;
        for _ in 0..RUNS {
            let new = log(800, process, &mut dice);
            let base = log(800, process, &mut dice);
            let margin = Margin::Absolute(0.0);
            let finding = against_baseline((&new, &base), Metric::EscapedErrors, margin, TAIL);
            failed += u32::from(settle(&[finding], TAIL) == [Verdict::Fail]);
        }
        assert!(
            share(failed) <= with_chance(TAIL),
            "{process:?}: {}",
            share(failed)
        );
    }
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
type Moves = [(f64, f64); 3];

/// So many cases that fall at random to both policies, to one or to none, all of them labelled.
fn pair(cases: u64, moves: &Moves, dice: &mut Dice) -> (Pair, [Cell; 3]) {
    let (mut left, mut rest) = (cases, 1.0);
    let cells = moves.map(|(share, wrong)| {
        let here = dice.count(left, share / rest);
        left -= here;
        rest -= share;
        cell(here, dice.count(here, wrong), 0)
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
            let (pair, [_, only_new, only_base]) = pair(1000, &moves, &mut dice);
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
    let (pair_, _) = pair(1000, &[(0.5, 0.02), (0.1, 0.04), (0.0, 0.0)], &mut dice);
    assert_eq!(verdict(&pair_), [Verdict::Fail]);
    let (pair_, _) = pair(1000, &[(0.5, 0.02), (0.1, 0.0), (0.0, 0.0)], &mut dice);
    assert_eq!(verdict(&pair_), [Verdict::Inconclusive]);
}

/// Cases of values 1, 10 and 100 at random, all labelled: their cell with its money.
fn cell_of_money(cases: u64, wrong: f64, dice: &mut Dice) -> Cell {
    let (mut money, mut found) = (Money::default(), 0);
    for _ in 0..cases {
        let value = 1_000_000 * 10_u64.pow(dice.count(2, 0.4) as u32);
        money.at_stake += u128::from(value);
        money.largest = money.largest.max(value);
        if dice.count(1, wrong) == 1 {
            found += 1;
            money.wrong += u128::from(value);
            money.wrong_squares += U256::from(value) * U256::from(value);
        }
    }
    let mut cell = cell(cases, found, 0);
    cell.sums.money = Some(Box::new(money));
    cell
}

#[test]
fn policies_that_lose_as_much_money_seldom_fail_whichever_cases_move() {
    let mut dice = Dice::seeded(26);
    let part = |cell: &Cell| -> Splits {
        let split = Split {
            auto: vec![cell.clone()],
            escalated: Vec::new(),
        };
        let accounts = [Account::Value, Account::ErrorCost];
        accounts
            .map(|account| (account, split.clone()))
            .into_iter()
            .collect()
    };
    let mut failed = [0_u32; 2];
    for _ in 0..RUNS {
        let common = cell_of_money(300, 0.02, &mut dice);
        let moved = dice.count(200, 0.5);
        let only_new = cell_of_money(moved, 0.3, &mut dice);
        let only_base = cell_of_money(200 - moved, 0.3, &mut dice);
        let parts = Parts {
            common: part(&common),
            only_new: part(&only_new),
            only_base: part(&only_base),
        };
        let pair = Pair {
            auto: parts,
            escalated: Parts::default(),
        };
        // Reviews cost nothing, so all that differs is money in errors.
        let facts = Facts {
            splits: part(&common),
            prices: Some(Prices {
                reviewer_error: 0.0,
                per_minute: Some(0.0),
                seconds: Some(0.0),
            }),
        };
        for (failed, metric) in failed
            .iter_mut()
            .zip([Metric::ErrorValueRate, Metric::Cost])
        {
            let margin = Margin::Absolute(0.0);
            let finding = pair.finding(metric, margin, (&facts, &facts), TAIL);
            assert!(finding.limits.is_some());
            *failed += u32::from(settle(&[finding], TAIL) == [Verdict::Fail]);
        }
    }
    for failed in failed {
        assert!(
            (0.002..=with_chance(TAIL)).contains(&share(failed)),
            "{}",
            share(failed)
        );
    }
}
