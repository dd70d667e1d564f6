//! Intervals cover the truth as often as they promise: 2,000 seeded logs a design, in which audits
//! often find no error at all, and the same check on a normal interval, which it must refuse.

use ethnum::U256;
use gonogo::estimate::normal;
use gonogo::estimate::rates::{Cell, Labelling, error_rate};
use gonogo::estimate::stratified::{self, Stratum};
use gonogo::rate::{Interval, Level};
use gonogo::tally::{Counts, Sums, Weights};
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub(crate) const LOGS: u32 = 2000;
pub(crate) const TAIL: f64 = 0.025;
pub(crate) const MILLION: u32 = 1_000_000;

/// ChaCha with 12 rounds and bounded integers of its own, the same on every machine.
pub(crate) struct Dice(ChaCha12Rng);

impl Dice {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(ChaCha12Rng::seed_from_u64(seed))
    }

    /// An integer from 0 to `bound` - 1, each as likely (by rejection).
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let fair = u32::MAX - u32::MAX % bound;
        loop {
            let drawn = self.0.next_u32();
            if drawn < fair {
                return drawn % bound;
            }
        }
    }

    pub(crate) fn happens(&mut self, per_million: u32) -> bool {
        self.below(MILLION) < per_million
    }

    pub(crate) fn count(&mut self, cases: u64, per_million: u32) -> u64 {
        if per_million == MILLION {
            return cases;
        }
        (0..cases).filter(|_| self.happens(per_million)).count() as u64
    }
}

/// A cell of one design: its size, its chance of a label and of an error, in millionths.
#[derive(Clone, Copy)]
struct Drawn {
    cases: u64,
    labelled: u32,
    wrong: u32,
}

impl Drawn {
    fn cell(&self, dice: &mut Dice) -> Cell {
        let labelled = dice.count(self.cases, self.labelled);
        let wrong = dice.count(labelled, self.wrong);
        Cell {
            labelling: if self.labelled == MILLION {
                Labelling::Certain
            } else {
                Labelling::Constant
            },
            sums: Sums {
                counts: Counts {
                    right: labelled - wrong,
                    wrong,
                    unknown: self.cases - labelled,
                },
                ..Sums::default()
            },
        }
    }
}

/// The rate of the process that makes logs of these cells.
fn truth(cells: &[Drawn]) -> f64 {
    let cases: u64 = cells.iter().map(|cell| cell.cases).sum();
    let wrong: f64 = cells
        .iter()
        .map(|cell| cell.cases as f64 * f64::from(cell.wrong))
        .sum();
    wrong / cases as f64 / f64::from(MILLION)
}

/// How many logs had an interval above the truth, and how many one below.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Misses {
    above: u32,
    below: u32,
}

impl Misses {
    pub(crate) fn note(&mut self, interval: Interval, truth: f64) {
        self.above += u32::from(interval.low > truth);
        self.below += u32::from(interval.high < truth);
    }

    /// Whether each side is missed no more often than its tail, give or take three standard
    /// errors of the simulation.
    pub(crate) fn keep(self, tail: f64) -> bool {
        let logs = f64::from(LOGS);
        let most = tail + 3.0 * (tail * (1.0 - tail) / logs).sqrt();
        f64::from(self.above.max(self.below)) / logs <= most
    }
}

fn level() -> Level {
    Level::new(0.95).expect("a level")
}

fn ours(cells: &[Cell]) -> Interval {
    error_rate(cells, level())
        .interval()
        .expect("every cell has labels")
}

/// The normal interval of textbooks: the estimate give or take 1.96 standard errors.
fn wald(cells: &[Cell]) -> Interval {
    let cases: u64 = cells.iter().map(|cell| cell.sums.counts.cases()).sum();
    let (mut rate, mut variance) = (0.0, 0.0);
    for counts in cells.iter().map(|cell| cell.sums.counts) {
        let share = counts.cases() as f64 / cases as f64;
        let labelled = counts.labelled() as f64;
        let wrong = counts.wrong as f64 / labelled;
        rate += share * wrong;
        variance += share * share * wrong * (1.0 - wrong) / (labelled - 1.0);
    }
    let reach = -normal::quantile(TAIL) * variance.sqrt();
    Interval {
        low: rate - reach,
        high: rate + reach,
    }
}

fn misses(seed: u64, cells: &[Drawn], interval: fn(&[Cell]) -> Interval) -> Misses {
    let mut dice = Dice::seeded(seed);
    let mut misses = Misses::default();
    for _ in 0..LOGS {
        let log: Vec<Cell> = cells.iter().map(|cell| cell.cell(&mut dice)).collect();
        misses.note(interval(&log), truth(cells));
    }
    misses
}

/// Escalated cases, all labelled, and a large auto-approved part of which few are audited. The
/// chance that the audit finds nothing is about 34, 45 and 78 %.
const TWO_CELLS: [[Drawn; 2]; 3] = [
    [
        Drawn {
            cases: 400,
            labelled: MILLION,
            wrong: 200_000,
        },
        Drawn {
            cases: 3600,
            labelled: 30_000,
            wrong: 10_000,
        },
    ],
    [
        Drawn {
            cases: 200,
            labelled: MILLION,
            wrong: 50_000,
        },
        Drawn {
            cases: 1600,
            labelled: 25_000,
            wrong: 20_000,
        },
    ],
    [
        Drawn {
            cases: 1000,
            labelled: MILLION,
            wrong: 300_000,
        },
        Drawn {
            cases: 1000,
            labelled: 50_000,
            wrong: 5_000,
        },
    ],
];

/// One cell: an audit alone, and a small log that is labelled throughout.
const ONE_CELL: [Drawn; 3] = [
    Drawn {
        cases: 2000,
        labelled: 50_000,
        wrong: 10_000,
    },
    Drawn {
        cases: 2000,
        labelled: 50_000,
        wrong: 60_000,
    },
    Drawn {
        cases: 300,
        labelled: MILLION,
        wrong: 3_000,
    },
];

#[test]
fn intervals_of_two_cells_miss_the_truth_no_more_often_than_they_say() {
    for (seed, cells) in (1..).zip(&TWO_CELLS) {
        let found = misses(seed, cells, ours);
        assert!(found.keep(TAIL), "design {seed}: {found:?} of {LOGS}");
    }
}

#[test]
fn intervals_of_one_cell_miss_the_truth_no_more_often_than_they_say() {
    for (seed, cell) in (11..).zip(&ONE_CELL) {
        let found = misses(seed, std::slice::from_ref(cell), ours);
        assert!(found.keep(TAIL), "design {seed}: {found:?} of {LOGS}");
    }
}

#[test]
fn a_normal_interval_fails_the_same_check_in_every_design() {
    for (seed, cells) in (1..).zip(&TWO_CELLS) {
        let found = misses(seed, cells, wald);
        assert!(!found.keep(TAIL), "design {seed}: {found:?} of {LOGS}");
    }
}

/// A cell whose label probabilities, from 5 to 45 % in steps of a thousandth, come with the
/// chance of an error: `wrong` for a probability in thousandths, in millionths.
fn varying(dice: &mut Dice, wrong: fn(u32) -> u32) -> Cell {
    let mut counts = Counts::default();
    let mut weights = Weights::default();
    for _ in 0..800 {
        let thousandths = probability(dice);
        let weight = (4_294_967_296.0 * 1000.0 / f64::from(thousandths)).round() as u64;
        weights.largest = weights.largest.max(weight);
        if !dice.happens(thousandths * 1000) {
            counts.unknown += 1;
            continue;
        }
        let square = U256::from(weight) * U256::from(weight);
        weights.sum += u128::from(weight);
        weights.squares += square;
        if dice.happens(wrong(thousandths)) {
            counts.wrong += 1;
            weights.wrong += u128::from(weight);
            weights.wrong_squares += square;
        } else {
            counts.right += 1;
        }
    }
    Cell {
        labelling: Labelling::Varying,
        sums: Sums {
            counts,
            weights: Some(Box::new(weights)),
            ..Sums::default()
        },
    }
}

fn probability(dice: &mut Dice) -> u32 {
    50 + dice.below(400)
}

fn misses_of_varying(seed: u64, wrong: fn(u32) -> u32) -> Misses {
    let sum: u32 = (50..450).map(wrong).sum();
    let truth = f64::from(sum) / 400.0 / f64::from(MILLION);
    let mut dice = Dice::seeded(seed);
    let mut misses = Misses::default();
    for _ in 0..LOGS {
        misses.note(ours(&[varying(&mut dice, wrong)]), truth);
    }
    misses
}

#[test]
fn intervals_of_a_cell_with_varying_probabilities_miss_no_more_often_than_they_say() {
    // Errors where audits are rare, where they are common, and everywhere alike.
    let designs: [fn(u32) -> u32; 3] = [
        |thousandths| 90 * (450 - thousandths),
        |thousandths| 100 * (thousandths - 50),
        |_| 10_000,
    ];
    for (seed, wrong) in (21..).zip(designs) {
        let found = misses_of_varying(seed, wrong);
        assert!(found.keep(TAIL), "design {seed}: {found:?} of {LOGS}");
    }
}

#[test]
fn the_bound_that_certificates_rest_on_is_below_the_truth_no_more_often_than_it_says() {
    let tail = 0.05;
    for (seed, cells) in (31..).zip(&TWO_CELLS) {
        let cases: u64 = cells.iter().map(|cell| cell.cases).sum();
        let mut dice = Dice::seeded(seed);
        let mut found = Misses::default();
        for _ in 0..LOGS {
            let strata = cells.map(|drawn| {
                let counts = drawn.cell(&mut dice).sums.counts;
                Stratum {
                    share: drawn.cases as f64 / cases as f64,
                    labelled: counts.labelled(),
                    errors: counts.wrong,
                }
            });
            let high = stratified::sidak_upper(&strata, tail);
            found.note(Interval { low: 0.0, high }, truth(cells));
        }
        assert!(found.keep(tail), "design {seed}: {found:?} of {LOGS}");
    }
}

#[test]
fn a_simulation_gives_the_same_logs_each_time() {
    let draw = |seed| {
        let mut dice = Dice::seeded(seed);
        [(); 20].map(|()| dice.below(MILLION))
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    // The stream is that of ChaCha12 itself, so the figures hold on every machine.
    assert_eq!(draw(1)[..3], [144_545, 349_284, 430_986]);
}
