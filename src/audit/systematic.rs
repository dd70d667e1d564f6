//! Whether errors crowd where they would not by chance: segments of the cases, and kinds of errors
//! within them. Every place that is looked at counts in the adjustment, so that one is not
//! found because many were searched. Describes the sample; makes no claim on the population.

use crate::estimate::binomial::count;
use crate::estimate::hypergeometric::Draw;

/// A place that is looked at: how many judged cases lie in it, and how many of the errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What the place is, such as `kind = refund`.
    pub name: String,
    /// The kind of error that is counted; `None` for all errors.
    pub error_type: Option<String>,
    pub cases: u64,
    pub errors: u64,
}

/// A place with the chance that as many errors or more lie there.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub place: Place,
    /// Error rate of the place, and of the judged cases elsewhere; none without cases.
    pub rate: Option<f64>,
    pub elsewhere: Option<f64>,
    /// One-sided exact test of Fisher (1935).
    pub p_value: f64,
    /// Adjusted for all places that were looked at (Holm 1979).
    pub adjusted: f64,
}

/// All judged cases and the errors among them, of one kind or of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole {
    pub cases: u64,
    pub errors: u64,
}

/// The places, the most surprising first; among equals in the order of their names. `whole` tells
/// the judged cases and the errors of the kind that a place counts. A place that holds more than
/// the whole, which cannot be, is as unsurprising as any.
pub fn findings(places: &[Place], whole: impl Fn(Option<&str>) -> Whole) -> Vec<Finding> {
    let mut findings: Vec<Finding> = places
        .iter()
        .map(|place| finding(place, whole(place.error_type.as_deref())))
        .collect();
    findings.sort_by(|one, other| {
        let by_chance = one.p_value.total_cmp(&other.p_value);
        let by_name = one.place.name.cmp(&other.place.name);
        by_chance
            .then(by_name)
            .then_with(|| one.place.error_type.cmp(&other.place.error_type))
    });
    adjust(&mut findings);
    findings
}

fn finding(place: &Place, whole: Whole) -> Finding {
    let chance = match (
        Draw::new(whole.cases, whole.errors, place.cases),
        place.errors.checked_sub(1),
    ) {
        (Some(draw), Some(fewer)) => draw.sf(fewer),
        (_, None) | (None, _) => 1.0,
    };
    let rate = |errors: u64, cases: u64| (cases > 0).then(|| count(errors) / count(cases));
    Finding {
        rate: rate(place.errors, place.cases),
        elsewhere: rate(
            whole.errors.saturating_sub(place.errors),
            whole.cases.saturating_sub(place.cases),
        ),
        place: place.clone(),
        p_value: chance,
        adjusted: 1.0,
    }
}

/// Holm's adjustment of ascending chances: the i-th of m times m - i + 1, never falling.
fn adjust(findings: &mut [Finding]) {
    let all = findings.len();
    let mut least: f64 = 0.0;
    for (place, finding) in findings.iter_mut().enumerate() {
        least = least
            .max(finding.p_value * count((all - place) as u64))
            .min(1.0);
        finding.adjusted = least;
    }
}
