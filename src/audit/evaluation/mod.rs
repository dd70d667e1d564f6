//! From worksheets that came back to a sample that can be concluded from: reviews are settled case
//! by case, what replaces what is checked, and clusters and strata are put together as they were
//! drawn. Must not compute bounds.

mod crowding;
mod second;
mod settle;
mod units;

pub use self::crowding::places;
pub use self::second::{SecondLooks, Unconfirmed};
pub use self::settle::{CaseVerdict, Disputed, Settled, settle};
pub use self::units::{Options, sample};

use super::DrawError;
use super::worksheet::Verdict;

/// Verdicts by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub correct: u64,
    pub incorrect: u64,
    pub cannot_determine: u64,
    pub not_applicable: u64,
    pub missing: u64,
}

impl Tally {
    /// Counts verdicts.
    pub fn of(verdicts: impl IntoIterator<Item = Verdict>) -> Self {
        let mut tally = Self::default();
        for verdict in verdicts {
            let count = match verdict {
                Verdict::Correct => &mut tally.correct,
                Verdict::Incorrect => &mut tally.incorrect,
                Verdict::CannotDetermine => &mut tally.cannot_determine,
                Verdict::NotApplicable => &mut tally.not_applicable,
                Verdict::Blank => &mut tally.missing,
            };
            *count += 1;
        }
        tally
    }
}

/// An error in what people decided about an audit.
fn refuse(what: String, hint: &str) -> DrawError {
    DrawError::Design {
        what,
        hint: Some(hint.to_owned()),
    }
}
