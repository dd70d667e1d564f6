//! What it takes to promise "error rate <= limit" of a set of auto-approved cases: its strata, its
//! obstacles and its upper bound (docs/statistics.md).
//!
//! Only bounds that are theorems are used here: exact binomial in one cell, the Sidak sum of exact
//! limits over several. It must not be asked twice for one answer: that is what `sequence` is for.

use crate::estimate::binomial;
use crate::estimate::rates::{Cell, Labelling};
use crate::estimate::stratified::{self, Stratum};
use crate::rate::Level;

/// The largest part of all weight that one label may carry.
pub const HEAVIEST_LABEL: f64 = 0.1;

/// A stretch without labels that would come about by chance less often than this is none of chance.
const CHANCE_OF_GAP: f64 = 1e-6;
/// Units of doubt in 1: finer than any confidence is written.
const FINEST: f64 = 1e15;

/// "The auto-approved error rate is at most `limit`", and how often that may be wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Promise {
    limit: f64,
    doubt: f64,
}

impl Promise {
    /// A promise at a confidence; `None` unless the limit lies strictly between 0 and 1.
    pub fn new(limit: f64, confidence: Level) -> Option<Self> {
        // Without the noise of a binary subtraction: 5 % of doubt is 0.05.
        let doubt = ((1.0 - confidence.get()) * FINEST).round() / FINEST;
        (limit > 0.0 && limit < 1.0 && doubt > 0.0).then_some(Self { limit, doubt })
    }

    /// The largest auto-approved error rate that the promise allows, in (0, 1).
    pub fn limit(self) -> f64 {
        self.limit
    }

    /// The chance that a limit is promised that does not hold: 1 - confidence, in (0, 1).
    pub fn doubt(self) -> f64 {
        self.doubt
    }

    /// The same limit with a part of the doubt; `share` lies in (0, 1].
    #[must_use]
    pub fn with_share(self, share: f64) -> Self {
        Self {
            doubt: self.doubt * share,
            ..self
        }
    }

    /// The fewest labels of one cell that can keep the promise, none of them an error:
    /// ceil(ln doubt / ln(1 - limit)).
    pub fn least_labels(self) -> u64 {
        let labels = (self.doubt.ln() / (-self.limit).ln_1p()).ceil();
        // A float that is too large for a count saturates; so many labels there never are.
        let labels = labels.max(1.0) as u64;
        let keeps = |labels| binomial::upper(0, labels, self.doubt) <= self.limit;
        // The last bit of the logarithms must not decide.
        if keeps(labels - 1) {
            labels - 1
        } else if keeps(labels) {
            labels
        } else {
            labels.saturating_add(1)
        }
    }
}

/// Why no promise can be made of a set of cases, whatever its labels say. Every one of these
/// follows from counts alone, so that leaving such a set out gives no error away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Obstacle {
    /// Nothing is auto-approved.
    Empty,
    /// This share of the cases lies in cells without labels.
    Unsupported { share: f64 },
    /// The label probabilities of a cell differ from row to row.
    Varying,
    /// One label carries this share of all weight, more than a tenth.
    Heavy { share: f64 },
}

/// The strata of a set of auto-approved cases, each with all it takes for an exact bound.
///
/// A case that was certain to be labelled and is not counts as labelled and wrong.
///
/// # Errors
/// The obstacle, where there is one.
pub fn strata(cells: &[Cell]) -> Result<Vec<Stratum>, Obstacle> {
    let used: Vec<&Cell> = cells
        .iter()
        .filter(|cell| cell.sums.counts.cases() > 0)
        .collect();
    let cases: u64 = used.iter().map(|cell| cell.sums.counts.cases()).sum();
    if cases == 0 {
        return Err(Obstacle::Empty);
    }
    if used.iter().any(|cell| cell.labelling == Labelling::Varying) {
        return Err(Obstacle::Varying);
    }
    let total = binomial::count(cases);
    let strata: Vec<Stratum> = used.iter().map(|cell| stratum(cell, total)).collect();
    let unsupported: f64 = strata
        .iter()
        .filter(|stratum| stratum.labelled == 0)
        .map(|stratum| stratum.share)
        .sum();
    if unsupported > 0.0 {
        return Err(Obstacle::Unsupported { share: unsupported });
    }
    let weights = strata.iter().filter_map(Stratum::case_weight);
    let heaviest = weights.fold(0.0, f64::max);
    if heaviest > HEAVIEST_LABEL {
        return Err(Obstacle::Heavy { share: heaviest });
    }
    Ok(strata)
}

fn stratum(cell: &Cell, total: f64) -> Stratum {
    let counts = cell.sums.counts;
    let share = binomial::count(counts.cases()) / total;
    match cell.labelling {
        Labelling::Certain => Stratum {
            share,
            labelled: counts.cases(),
            errors: counts.wrong + counts.unknown,
        },
        Labelling::Constant | Labelling::Varying => Stratum {
            share,
            labelled: counts.labelled(),
            errors: counts.wrong,
        },
    }
}

/// The first stretch of scores in which a cell has so many cases and not one label that its labels
/// cannot be a random part of it: the place where it is complete, in a walk from strict to loose,
/// and its cases. `bands` are the cases and labels of the cell between neighbouring thresholds,
/// `share` is the part of all its cases that is labelled. Cases of such a stretch are nobody's
/// sample, and every threshold that approves them is unsupported. A matter of counts alone.
pub fn gap(bands: impl Iterator<Item = (u64, u64)>, share: f64) -> Option<(usize, u64)> {
    let mut run = 0;
    for (place, (cases, labelled)) in bands.enumerate() {
        run = if labelled > 0 { 0 } else { run + cases };
        if binomial::count(run) * (-share).ln_1p() < CHANCE_OF_GAP.ln() {
            return Some((place, run));
        }
    }
    None
}

/// Upper bound of the error rate, too low with probability at most `level`: Clopper and Pearson
/// (1934) in one stratum, the Sidak sum over several. "Bound <= limit" is the test of "rate >
/// limit" at that level: in one stratum the same as P(Bin(labelled, limit) <= errors) <= level.
/// A level of 0 gives 1, which passes no test.
pub fn bound(strata: &[Stratum], level: f64) -> f64 {
    stratified::sidak_upper(strata, level)
}

/// How many labels of a single cell would bound the rate as well as these, were there no error in
/// either: n with 1 - level^(1/n) = the bound without errors. In one stratum its labels. It is a
/// matter of counts alone.
pub fn equivalent_labels(strata: &[Stratum], level: f64) -> f64 {
    if let [stratum] = strata {
        return binomial::count(stratum.labelled);
    }
    let spotless: Vec<Stratum> = strata
        .iter()
        .map(|stratum| Stratum {
            errors: 0,
            ..*stratum
        })
        .collect();
    level.ln() / (-bound(&spotless, level)).ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::{Counts, Sums};

    fn cell(labelling: Labelling, right: u64, wrong: u64, unknown: u64) -> Cell {
        Cell {
            labelling,
            sums: Sums {
                counts: Counts {
                    right,
                    wrong,
                    unknown,
                },
                ..Sums::default()
            },
        }
    }

    #[test]
    fn a_label_that_should_be_there_and_is_not_counts_as_an_error() {
        let strata = strata(&[cell(Labelling::Certain, 90, 3, 7)]).unwrap();
        assert_eq!(strata[0].labelled, 100);
        assert_eq!(strata[0].errors, 10);
    }

    #[test]
    fn a_cell_without_labels_is_an_obstacle_however_small_it_is() {
        let cells = [
            cell(Labelling::Certain, 100_000, 0, 0),
            cell(Labelling::Constant, 0, 0, 1),
        ];
        let found = strata(&cells);
        assert!(matches!(found, Err(Obstacle::Unsupported { share }) if share < 1e-4));
    }

    #[test]
    fn probabilities_that_differ_by_row_are_an_obstacle_wherever_they_have_cases() {
        let varying = cell(Labelling::Varying, 500, 1, 500);
        let certain = cell(Labelling::Certain, 500, 1, 0);
        assert_eq!(strata(&[certain.clone(), varying]), Err(Obstacle::Varying));
        let none = cell(Labelling::Varying, 0, 0, 0);
        assert_eq!(strata(&[certain, none]).unwrap().len(), 1);
    }

    #[test]
    fn a_stretch_that_no_random_part_would_leave_out_is_a_gap() {
        // One in ten is labelled: 132 cases in a row without a label have a chance of 1e-6.
        let even = |bands: usize| vec![(20, 2); bands];
        let found = |bands: Vec<(u64, u64)>| gap(bands.into_iter(), 0.1);
        assert_eq!(found(even(100)), None);
        let mut short = even(3);
        short.extend([(60, 0), (60, 0), (20, 1), (60, 0), (60, 0)]);
        assert_eq!(found(short), None);
        let mut long = even(3);
        long.extend([(60, 0), (60, 0), (20, 0), (20, 5)]);
        assert_eq!(found(long), Some((5, 140)));
        assert_eq!(gap([(1_000_000, 0)].into_iter(), 0.0), None);
    }

    #[test]
    fn one_label_may_carry_a_tenth_of_the_weight_and_no_more() {
        let audited = |labels| cell(Labelling::Constant, labels, 0, 1000 - labels);
        assert!(strata(&[audited(10)]).is_ok());
        let found = strata(&[audited(9)]);
        assert!(matches!(found, Err(Obstacle::Heavy { share }) if share > 0.11));
        assert_eq!(
            strata(&[audited(0)]),
            Err(Obstacle::Unsupported { share: 1.0 })
        );
        assert_eq!(strata(&[]), Err(Obstacle::Empty));
    }
}
