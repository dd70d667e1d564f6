//! A certificate is wrong no more often than it says: 2,000 seeded logs a design, right at the
//! limit, with the procedures that break the promise as controls. Logs are drawn as counts by
//! score band, strict to loose a hundred thresholds.

use gonogo::estimate::certificate::{self, Promise};
use gonogo::estimate::rates::{Cell, Labelling};
use gonogo::estimate::sequence::{self, Ground, Step};
use gonogo::estimate::stratified::Stratum;
use gonogo::rate::Level;
use gonogo::tally::{Counts, Sums};

use crate::coverage::{Dice, MILLION};

const LOGS: u32 = 2000;
const BANDS: usize = 100;
const DOUBT: f64 = 0.05;

fn promise(limit: f64) -> Promise {
    Promise::new(limit, Level::new(1.0 - DOUBT).expect("a level")).expect("a limit")
}

/// Cases in each hundredth of the score, the share of them with a label in cells 0 and 1, and the
/// chance of an error, both in millionths.
#[derive(Clone, Copy)]
struct Model {
    cases: fn(usize) -> u64,
    /// Bands below this are of cell 0, which is labelled throughout; the others of cell 1.
    audited_from: usize,
    audit: u32,
    wrong: fn(usize) -> u32,
}

impl Model {
    /// One log: the cells of the auto-approved cases at each threshold, ascending.
    fn log(&self, dice: &mut Dice) -> Vec<[Counts; 2]> {
        let mut cells = [Counts::default(); 2];
        let mut log = Vec::new();
        for band in (0..BANDS).rev() {
            let cases = (self.cases)(band);
            let audited = band >= self.audited_from;
            let share = if audited { self.audit } else { MILLION };
            let labelled = dice.count(cases, share);
            let wrong = dice.count(labelled, (self.wrong)(band));
            cells[usize::from(audited)] += Counts {
                right: labelled - wrong,
                wrong,
                unknown: cases - labelled,
            };
            log.push(cells);
        }
        log.reverse();
        log
    }

    /// The true error rate at each threshold.
    fn truth(&self) -> Vec<f64> {
        let (mut cases, mut wrong) = (0.0, 0.0);
        let mut rates: Vec<f64> = (0..BANDS)
            .rev()
            .map(|band| {
                let own = (self.cases)(band) as f64;
                cases += own;
                wrong += own * f64::from((self.wrong)(band)) / f64::from(MILLION);
                wrong / cases
            })
            .collect();
        rates.reverse();
        rates
    }
}

fn grounds(log: &[[Counts; 2]]) -> Vec<Ground> {
    let cell = |labelling, counts: &Counts| Cell {
        labelling,
        sums: Sums {
            counts: *counts,
            ..Sums::default()
        },
    };
    log.iter()
        .map(|[band, audit]| {
            let cells = [
                cell(Labelling::Certain, band),
                cell(Labelling::Constant, audit),
            ];
            certificate::strata(&cells)
        })
        .collect()
}

/// Errors fall as the score rises: 12 % less 12 points times the score; 3 % of all above 0.5.
const SMOOTH: Model = Model {
    cases: |_| 60,
    audited_from: BANDS,
    audit: MILLION,
    wrong: |band| 1200 * (100 - band as u32) - 600,
};

/// An eighth of the cases have the highest scores, and these are worse than all others.
const OVERCONFIDENT: Model = Model {
    cases: |band| if band >= 98 { 300 } else { 40 },
    audited_from: BANDS,
    audit: MILLION,
    wrong: |band| match band {
        98.. => 33_000,
        80..98 => 2_000,
        _ => 2_000 + 600 * (80 - band as u32),
    },
};

/// Everywhere a little above 3 %: every certificate is a false one.
const FLAT: Model = Model {
    cases: |_| 15,
    audited_from: BANDS,
    audit: MILLION,
    wrong: |_| 30_200,
};

/// The same with an audit of a quarter from 0.7 on.
const FLAT_AUDITED: Model = Model {
    cases: |_| 60,
    audited_from: 70,
    audit: 250_000,
    wrong: |_| 30_200,
};

const SMOOTH_AUDITED: Model = Model {
    audited_from: 70,
    audit: 250_000,
    ..SMOOTH
};

const OVERCONFIDENT_AUDITED: Model = Model {
    cases: |band| if band >= 98 { 600 } else { 80 },
    audited_from: 80,
    audit: 500_000,
    ..OVERCONFIDENT
};

/// What is audited is worse than what is reviewed: the rate of all labelled rows is too low.
const HIDDEN: Model = Model {
    cases: |_| 60,
    audited_from: 70,
    audit: 100_000,
    wrong: |band| if band >= 70 { 60_000 } else { 17_500 },
};

/// What a procedure gave over all logs.
#[derive(Clone, Copy, Debug, Default)]
struct Outcome {
    certified: u32,
    /// Certified although the true rate is above the limit.
    falsely: u32,
}

impl Outcome {
    /// Whether a promise is broken no more often than said, give or take three standard errors.
    fn keeps(self) -> bool {
        let logs = f64::from(LOGS);
        let most = DOUBT + 3.0 * (DOUBT * (1.0 - DOUBT) / logs).sqrt();
        f64::from(self.falsely) / logs <= most
    }
}

type Procedure = fn(&[Ground], Promise) -> Option<usize>;

fn simulate(seed: u64, model: &Model, limit: f64, procedure: Procedure) -> Outcome {
    let truth = model.truth();
    let mut dice = Dice::seeded(seed);
    let mut outcome = Outcome::default();
    for _ in 0..LOGS {
        let log = model.log(&mut dice);
        if let Some(chosen) = procedure(&grounds(&log), promise(limit)) {
            outcome.certified += 1;
            outcome.falsely += u32::from(truth[chosen] > limit);
        }
    }
    outcome
}

fn ours(grounds: &[Ground], promise: Promise) -> Option<usize> {
    let steps = sequence::doubling(grounds, promise);
    let trials = sequence::test(&steps, grounds, promise);
    sequence::loosest(&trials).map(|trial| trial.candidate)
}

fn ten_candidates(grounds: &[Ground], promise: Promise) -> Option<usize> {
    let few: Vec<Ground> = grounds.iter().step_by(10).cloned().collect();
    let trials = sequence::test(&sequence::equal(&few, promise), &few, promise);
    sequence::loosest(&trials).map(|trial| trial.candidate * 10)
}

/// The order of the even logs, tested on the odd ones.
fn by_order(seed: u64, model: &Model, limit: f64) -> Outcome {
    let truth = model.truth();
    let mut dice = Dice::seeded(seed);
    let mut outcome = Outcome::default();
    for _ in 0..LOGS {
        let older = grounds(&model.log(&mut dice));
        let newer = grounds(&model.log(&mut dice));
        let steps = sequence::learned(&older, &newer, promise(limit));
        let trials = sequence::test(&steps, &newer, promise(limit));
        if let Some(chosen) = sequence::loosest(&trials) {
            outcome.certified += 1;
            outcome.falsely += u32::from(truth[chosen.candidate] > limit);
        }
    }
    outcome
}

#[test]
fn false_certificates_of_one_cell_are_as_rare_as_promised() {
    for (seed, model, limit) in [
        (1, &FLAT, 0.03),
        (2, &SMOOTH, 0.03),
        (3, &OVERCONFIDENT, 0.02),
    ] {
        let found = simulate(seed, model, limit, ours);
        assert!(found.keeps(), "design {seed}: {found:?} of {LOGS}");
        assert!(
            found.certified > 0,
            "design {seed} puts nothing to the test"
        );
    }
}

#[test]
fn false_certificates_of_two_cells_are_as_rare_as_promised() {
    for (seed, model, limit) in [
        (4, &FLAT_AUDITED, 0.03),
        (5, &SMOOTH_AUDITED, 0.03),
        (6, &OVERCONFIDENT_AUDITED, 0.02),
        (7, &HIDDEN, 0.03),
    ] {
        let found = simulate(seed, model, limit, ours);
        assert!(found.keeps(), "design {seed}: {found:?} of {LOGS}");
    }
}

#[test]
fn false_certificates_of_a_short_list_or_a_learned_order_are_as_rare_as_promised() {
    for (seed, model, limit) in [(8, &FLAT, 0.03), (9, &OVERCONFIDENT, 0.02)] {
        let found = simulate(seed, model, limit, ten_candidates);
        assert!(found.keeps(), "list {seed}: {found:?} of {LOGS}");
        let found = by_order(seed, model, limit);
        assert!(found.keeps(), "order {seed}: {found:?} of {LOGS}");
    }
}

/// Logs of four segments in which any segment got a false certificate, each with this share of
/// the doubt.
fn joint(seed: u64, share: f64) -> Outcome {
    let segments = [&FLAT, &FLAT, &FLAT_AUDITED, &SMOOTH];
    let truths = segments.map(Model::truth);
    let mut dice = Dice::seeded(seed);
    let mut outcome = Outcome::default();
    for _ in 0..LOGS {
        let chosen = segments.map(|model| {
            let log = model.log(&mut dice);
            ours(&grounds(&log), promise(0.03).with_share(share))
        });
        let is_false = |(chosen, truth): (&Option<usize>, &Vec<f64>)| {
            chosen.is_some_and(|candidate| truth[candidate] > 0.03)
        };
        outcome.certified += u32::from(chosen.iter().any(Option::is_some));
        outcome.falsely += u32::from(chosen.iter().zip(&truths).any(is_false));
    }
    outcome
}

#[test]
fn that_any_of_four_segments_is_falsely_certified_is_as_rare_as_promised() {
    let found = joint(10, 0.25);
    assert!(found.keeps(), "{found:?} of {LOGS}");
}

#[test]
fn a_certificate_is_given_nearly_always_where_there_is_enough_to_go_by() {
    let found = simulate(2, &SMOOTH, 0.03, ours);
    assert!(found.certified * 100 >= LOGS * 95, "{found:?} of {LOGS}");
}

// ---- controls: procedures that break the promise, or can never keep it ----

fn estimate(ground: &Ground) -> Option<f64> {
    let strata = ground.as_ref().ok()?;
    gonogo::estimate::stratified::rate(strata)
}

/// The loosest threshold whose observed rate is within the limit.
fn by_estimate(grounds: &[Ground], promise: Promise) -> Option<usize> {
    let within = |ground: &Ground| estimate(ground).is_some_and(|rate| rate <= promise.limit());
    grounds.iter().position(within)
}

/// The loosest threshold that passes with all of the doubt, each asked as if it were the only one.
fn by_best_of_all(grounds: &[Ground], promise: Promise) -> Option<usize> {
    let passes = |ground: &Ground| {
        ground
            .as_ref()
            .is_ok_and(|strata| certificate::bound(strata, promise.doubt()) <= promise.limit())
    };
    grounds.iter().position(passes)
}

/// An order learned from the very labels that it is tested on.
fn by_own_order(grounds: &[Ground], promise: Promise) -> Option<usize> {
    let steps = sequence::learned(grounds, grounds, promise);
    let trials = sequence::test(&steps, grounds, promise);
    sequence::loosest(&trials).map(|trial| trial.candidate)
}

/// All of the doubt on the strictest threshold.
fn from_the_strictest(grounds: &[Ground], promise: Promise) -> Option<usize> {
    let order = (0..grounds.len()).rev().enumerate();
    let steps: Vec<Step> = order
        .map(|(place, candidate)| Step {
            candidate,
            weight: if place == 0 { promise.doubt() } else { 0.0 },
        })
        .collect();
    let trials = sequence::test(&steps, grounds, promise);
    sequence::loosest(&trials).map(|trial| trial.candidate)
}

/// All labelled rows as one sample.
fn pooled(grounds: &[Ground], promise: Promise) -> Option<usize> {
    let pool = |ground: &Ground| {
        ground.as_ref().map_err(|obstacle| *obstacle).map(|strata| {
            vec![Stratum {
                share: 1.0,
                labelled: strata.iter().map(|stratum| stratum.labelled).sum(),
                errors: strata.iter().map(|stratum| stratum.errors).sum(),
            }]
        })
    };
    let pooled: Vec<Ground> = grounds.iter().map(pool).collect();
    ours(&pooled, promise)
}

#[test]
fn procedures_that_choose_by_the_labels_break_the_promise() {
    let controls: [(&str, Procedure); 3] = [
        ("loosest observed rate within the limit", by_estimate),
        ("best of all at full doubt", by_best_of_all),
        ("order learned from the same labels", by_own_order),
    ];
    for (name, procedure) in controls {
        let found = simulate(1, &FLAT, 0.03, procedure);
        assert!(!found.keeps(), "{name}: {found:?} of {LOGS}");
    }
}

#[test]
fn pooled_labelled_rows_break_the_promise_where_the_audit_is_worse_than_the_reviews() {
    let found = simulate(7, &HIDDEN, 0.03, pooled);
    assert!(!found.keeps(), "{found:?} of {LOGS}");
}

#[test]
fn segments_that_each_spend_all_of_the_doubt_break_the_joint_promise() {
    let found = joint(10, 1.0);
    assert!(!found.keeps(), "{found:?} of {LOGS}");
}

#[test]
fn a_walk_from_the_strictest_threshold_never_certifies_anything() {
    let found = simulate(2, &SMOOTH, 0.03, from_the_strictest);
    assert_eq!(found.certified, 0);
}

// ---- what a sequence may depend on ----

#[test]
fn no_label_moves_a_start_only_the_number_of_labels_does() {
    let mut dice = Dice::seeded(11);
    for model in [&SMOOTH, &OVERCONFIDENT_AUDITED, &FLAT_AUDITED] {
        let log = model.log(&mut dice);
        let flipped: Vec<[Counts; 2]> = log
            .iter()
            .map(|cells| {
                cells.map(|counts| Counts {
                    right: counts.wrong,
                    wrong: counts.right,
                    ..counts
                })
            })
            .collect();
        let steps = sequence::doubling(&grounds(&log), promise(0.03));
        assert!(steps.iter().filter(|step| step.weight > 0.0).count() > 1);
        assert_eq!(steps, sequence::doubling(&grounds(&flipped), promise(0.03)));
        let half: Vec<[Counts; 2]> = log
            .iter()
            .map(|cells| {
                cells.map(|counts| Counts {
                    right: counts.right / 2,
                    ..counts
                })
            })
            .collect();
        assert_ne!(steps, sequence::doubling(&grounds(&half), promise(0.03)));
    }
}

#[test]
fn weights_of_a_sequence_add_up_to_the_doubt() {
    let mut dice = Dice::seeded(12);
    for model in [&SMOOTH, &OVERCONFIDENT_AUDITED, &FLAT_AUDITED, &HIDDEN] {
        let grounds = grounds(&model.log(&mut dice));
        for limit in [0.001, 0.01, 0.03, 0.2] {
            let promise = promise(limit);
            for steps in [
                sequence::doubling(&grounds, promise),
                sequence::equal(&grounds, promise),
                sequence::learned(&grounds, &grounds, promise),
            ] {
                let sum: f64 = steps.iter().map(|step| step.weight).sum();
                assert!(steps.is_empty() || (sum - DOUBT).abs() < 1e-12, "{sum}");
            }
        }
    }
}

#[test]
fn the_first_start_is_where_spotless_labels_would_pass_and_the_next_has_twice_as_many() {
    let mut dice = Dice::seeded(13);
    let grounds = grounds(&SMOOTH.log(&mut dice));
    let steps = sequence::doubling(&grounds, promise(0.03));
    let starts: Vec<usize> = steps
        .iter()
        .filter(|step| step.weight > 0.0)
        .map(|step| step.candidate)
        .collect();
    // 158 labels are the fewest at a sixth of the doubt: three bands of 60, then 316, 632 ...
    assert_eq!(promise(0.03).with_share(1.0 / 6.0).least_labels(), 158);
    assert_eq!(starts, [97, 94, 89, 78, 57, 15]);
}
