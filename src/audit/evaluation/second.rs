//! Second looks at a case because of what the first one found: whether somebody else took them, and
//! what became of the first verdict. Must not decide a case.

use super::refuse;
use crate::audit::DrawError;
use crate::audit::worksheet::{Reviewed, SECOND, Verdict};

/// A case that somebody else should look at too: because of what was found, not at random, so it says
/// nothing of how far reviewers agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unconfirmed {
    pub case_id: String,
    pub verdict: Verdict,
    /// The sheet: a reviewer, or `reserve`.
    pub sheet: String,
    /// The row of the file in which the sheet came back.
    pub row: u64,
}

impl Unconfirmed {
    pub(super) fn of(case_id: &str, row: &Reviewed) -> Option<Self> {
        match row.verdict {
            Verdict::Incorrect | Verdict::CannotDetermine => Some(Self {
                case_id: case_id.to_owned(),
                verdict: row.verdict,
                sheet: row.sheet.clone(),
                row: row.origin.1,
            }),
            Verdict::Correct | Verdict::NotApplicable | Verdict::Blank => None,
        }
    }
}

/// Cases that somebody else looked at because of what was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecondLooks {
    pub cases: u64,
    /// Those of them on which the second verdict is the first one.
    pub confirmed: u64,
    /// Those that were found wrong at first and count as wrong no more.
    pub reversed: u64,
}

impl SecondLooks {
    /// Counts a case by all its verdicts, the first one first, and by what they came to.
    pub(super) fn count(&mut self, given: &[&Reviewed], settled: Verdict) {
        let [first, .., again] = given else {
            return;
        };
        if again.sheet != SECOND {
            return;
        }
        let was_wrong = given
            .iter()
            .any(|row| row.sheet != SECOND && row.verdict == Verdict::Incorrect);
        self.cases += 1;
        self.confirmed += u64::from(again.verdict == first.verdict);
        self.reversed += u64::from(was_wrong && settled != Verdict::Incorrect);
    }
}

/// Refuses a second look at a case, given all its verdicts, that is none: nobody judged the case before,
/// or it is not said that somebody else did.
pub(super) fn check_second_look(given: &[&Reviewed]) -> Result<(), DrawError> {
    let Some(look) = given.iter().find(|row| row.sheet == SECOND) else {
        return Ok(());
    };
    let fault = |column: &str, what: &str, hint: &str| {
        let (file, number) = &look.origin;
        let what = format!("{file}, row {number}, column `{column}`: {what}");
        Err(refuse(what, hint))
    };
    let mut first = given.iter().filter(|row| row.sheet != SECOND).peekable();
    if first.peek().is_none() {
        let what = "a second look at a case that nobody has judged";
        return fault("verdict", what, "give the sheet with the first verdict too");
    }
    let name = folded(&look.reviewer);
    let hint = "a second look is that of somebody else, who fills in `reviewer`";
    if name.is_empty() {
        return fault("reviewer", "nobody is named who took the second look", hint);
    }
    if first.any(|row| {
        [&row.sheet, &row.reviewer]
            .map(|one| folded(one))
            .contains(&name)
    }) {
        let what = format!("`{}` gave the first verdict", look.reviewer.trim());
        return fault("reviewer", &what, hint);
    }
    Ok(())
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}
