//! The sums behind the sliders: for each segment, cell of the design and score bin how many cases
//! there are, how many labels and errors, and what they cost. Integers throughout, so what a
//! browser adds up is what the sweep adds up. Holds no case.

use ethnum::U256;
use serde::Serialize;

use super::{Answer, Share};
use crate::command::sweep::grid;
use crate::command::sweep::{Question, Sweep};
use crate::config::Source;
use crate::error::Failure;
use crate::estimate::curve::{self, Outcome};
use crate::estimate::split::{GroupCells, JoinedCells};
use crate::rate::{Grid, Threshold};
use crate::report::{ReportError, json_text};
use crate::tally::{Account, Basis, Design, GroupKey, Sums, Tally};

/// The most thresholds that a slider has.
const MOST_THRESHOLDS: usize = 101;
/// The most bytes of sums: they share the page's 300 KB with charts and tables.
const MOST_BYTES: usize = 130_000;
/// How fine the thresholds are, the finest first: over the whole range, and each time that more
/// are added where scores crowd.
const FINENESS: [(usize, usize); 7] =
    [(84, 8), (60, 8), (40, 8), (28, 6), (20, 5), (14, 4), (8, 2)];
/// Longest value of a segment that has a slider: a rule must be able to name it.
const LONGEST_VALUE: usize = 200;
/// Seconds in an hour.
const HOUR: f64 = 3600.0;
/// Digits of a number in text, the lowest first, each with 32 for "more follow".
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[derive(Serialize)]
struct Payload<'a> {
    level: f64,
    thresholds: Vec<String>,
    /// The place of the threshold that the sliders start from, and whether it is the historical.
    start: usize,
    historical: bool,
    /// How the cases of each cell came to be labelled.
    cells: Vec<&'static str>,
    /// The names of the segments, where there are any.
    by: Option<String>,
    segments: Vec<Segment>,
    /// What one unit of money in the sums is, for errors, reviews and seconds.
    units: [f64; 3],
    cost: Cost,
    actual: Option<Actual<'a>>,
}

#[derive(Serialize)]
struct Segment {
    name: String,
    /// The condition that picks its cases; `null` for all cases, or for the smaller segments.
    when: Option<String>,
    cases: u64,
    sums: String,
}

/// What things cost: a number, `"sums"` where the sums tell, or `null`.
#[derive(Serialize)]
struct Cost {
    error: Option<Price>,
    review: Option<Price>,
    review_per_minute: Option<f64>,
    reviewer_error: f64,
    seconds: Option<f64>,
    has_effort: bool,
    reviewers: Option<u32>,
    stated: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Price {
    Number(f64),
    Sums(&'static str),
}

#[derive(Serialize)]
struct Actual<'a> {
    #[serde(flatten)]
    outcome: &'a Outcome,
    review_hours: Option<f64>,
}

/// A set of cases with a slider.
struct Slice<'a> {
    name: String,
    when: Option<String>,
    group: GroupCells<'a>,
}

/// Hours of review work that the historical routes took.
pub(super) fn actual_hours(tally: &Tally, sweep: &Sweep, question: &Question) -> Option<f64> {
    let prices = question.pricing.as_ref()?.prices(tally.ledgers());
    sweep.overall.actual.as_ref()?;
    let overall = JoinedCells::overall(tally.ledgers());
    let splits = overall.group().by_history(&sweep.design)?;
    let seconds = prices.review_seconds(&splits, &[])?;
    Some(seconds / HOUR)
}

/// The sums as JSON text. `None` where the page is for anyone.
///
/// # Errors
/// When they cannot be written as JSON.
pub(super) fn text(answer: &Answer<'_>) -> Result<Option<String>, Failure> {
    if answer.share == Share::Public {
        return Ok(None);
    }
    let cuts = curve::cuts(answer.tally.scale(), &answer.tally.overall());
    let mut smallest = None;
    for fineness in FINENESS {
        let cuts = curve::pick(&cuts, &thresholds(answer, fineness));
        if cuts.len() > MOST_THRESHOLDS {
            continue;
        }
        let payload = payload(answer, &cuts);
        let bytes: usize = payload
            .segments
            .iter()
            .map(|s| s.sums.len() + s.name.len())
            .sum();
        smallest = Some(payload);
        if bytes <= MOST_BYTES {
            break;
        }
    }
    let text = smallest.map(|payload| json_text(&payload)).transpose()?;
    Ok(text.map(|text| compact(&text)).transpose()?)
}

/// The same JSON without indentation.
fn compact(text: &str) -> Result<String, ReportError> {
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    Ok(lines.concat())
}

/// The thresholds of the sliders: those of the tables, and finer ones.
fn thresholds(answer: &Answer<'_>, fineness: (usize, usize)) -> Grid {
    let (profile, history) = (answer.tally.profile(), answer.sweep.history.as_ref());
    let fine = grid::spread(profile, history, fineness);
    let points = answer.sweep.overall.points.iter();
    let mut all: Vec<Threshold> = points.map(|point| point.threshold.clone()).collect();
    all.extend(fine.thresholds().iter().cloned());
    Grid::of(all).unwrap_or(fine)
}

fn payload<'a>(answer: &'a Answer<'_>, cuts: &[(Threshold, u64)]) -> Payload<'a> {
    let sweep = &answer.sweep;
    let joined = JoinedCells::overall(answer.tally.ledgers());
    let rest = rest(answer);
    let parts = parts(answer, &joined, rest.as_ref());
    let bins = Bins {
        design: &sweep.design,
        cuts: cuts.iter().map(|(_, cut)| *cut).collect(),
    };
    let cost = cost(answer);
    let accounts = [
        (
            Account::ErrorCost,
            matches!(cost.error, Some(Price::Sums(_))),
        ),
        (
            Account::ReviewCost,
            matches!(cost.review, Some(Price::Sums(_))),
        ),
        (Account::Effort, cost.has_effort),
    ];
    let kept = accounts.map(|(account, kept)| kept.then_some(account));
    let units = kept.map(|account| account.map_or(1, |account| bins.unit(&parts, account)));
    let history = sweep.history.as_ref();
    let start = cuts.iter().position(|(threshold, _)| {
        history.is_some_and(|h| h.threshold.value().total_cmp(&threshold.value()).is_eq())
    });
    Payload {
        level: sweep.level.get(),
        thresholds: cuts.iter().map(|(t, _)| t.text().to_owned()).collect(),
        start: start.unwrap_or(cuts.len() / 2),
        historical: start.is_some(),
        cells: sweep
            .design
            .cells()
            .iter()
            .map(|cell| labelling(cell.basis))
            .collect(),
        by: answer
            .question
            .groupings
            .first()
            .map(|names| names.join(" x ")),
        segments: parts
            .iter()
            .map(|part| Segment {
                name: part.name.clone(),
                when: part.when.clone(),
                cases: bins.cases(&part.group),
                sums: bins.encoded(&part.group, kept, units),
            })
            .collect(),
        units: units.map(|unit| unit as f64 / 1e6),
        actual: sweep.overall.actual.as_ref().map(|outcome| Actual {
            outcome,
            review_hours: answer.actual_hours,
        }),
        cost,
    }
}

fn labelling(basis: Basis) -> &'static str {
    match basis {
        Basis::Certain => "certain",
        Basis::Recorded(_) | Basis::AssumedByRoute(_) => "constant",
        Basis::Varying => "varying",
    }
}

fn cost(answer: &Answer<'_>) -> Cost {
    let costs = &answer.config.costs;
    let price = |source: &Source| match source {
        Source::Number(number) => Price::Number(*number),
        Source::Sql(_) => Price::Sums("sums"),
    };
    let prices = answer.question.pricing.as_ref();
    let prices = prices.map(|pricing| pricing.prices(answer.tally.ledgers()));
    Cost {
        error: costs.error.as_ref().map(price),
        review: costs.review.as_ref().map(price),
        review_per_minute: costs.review_per_minute,
        reviewer_error: costs.reviewer_error,
        seconds: prices.and_then(|prices| prices.seconds),
        has_effort: answer.tally.ledgers().get(Account::Effort).is_some(),
        reviewers: answer.config.reviewers.as_ref().map(|r| r.count),
        stated: costs.is_stated(),
    }
}

/// Whether a group has a slider of its own, given its place by size.
fn has_slider(answer: &Answer<'_>, place: usize, values: &GroupKey) -> bool {
    let length = |value: &Option<String>| value.as_ref().map_or(0, String::len);
    place < answer.question.top && values.iter().map(length).sum::<usize>() <= LONGEST_VALUE
}

/// The cells of all groups without a slider.
fn rest(answer: &Answer<'_>) -> Option<JoinedCells> {
    let segments = answer.sweep.segments.first()?;
    let mut rest = JoinedCells::default();
    let others = segments.groups.iter().enumerate();
    let others: Vec<_> = others
        .filter(|(place, g)| !has_slider(answer, *place, &g.values))
        .collect();
    for (_, group) in &others {
        rest.add(&GroupCells::of(answer.tally.ledgers(), 0, &group.values));
    }
    (!others.is_empty()).then_some(rest)
}

fn parts<'a>(
    answer: &'a Answer<'_>,
    all: &'a JoinedCells,
    rest: Option<&'a JoinedCells>,
) -> Vec<Slice<'a>> {
    let Some(segments) = answer.sweep.segments.first() else {
        return vec![Slice {
            name: "all cases".to_owned(),
            when: None,
            group: all.group(),
        }];
    };
    let groups = segments.groups.iter().enumerate();
    let mut parts: Vec<Slice<'a>> = groups
        .filter(|(place, group)| has_slider(answer, *place, &group.values))
        .map(|(_, group)| Slice {
            name: group.name(),
            when: Some(condition(answer, &segments.names, &group.values)),
            group: GroupCells::of(answer.tally.ledgers(), 0, &group.values),
        })
        .collect();
    if let Some(rest) = rest {
        let others = segments.groups.len() - parts.len();
        parts.push(Slice {
            name: format!("other ({others})"),
            when: None,
            group: rest.group(),
        });
    }
    parts
}

/// The condition of a rule that takes the cases of a group.
fn condition(answer: &Answer<'_>, names: &[String], values: &GroupKey) -> String {
    let pairs = names.iter().zip(values);
    let tests = pairs.map(|(name, value)| {
        let subject = subject(answer, name);
        match value {
            Some(value) => format!("{subject} = '{}'", value.replace('\'', "''")),
            None => format!("{subject} IS NULL"),
        }
    });
    tests.collect::<Vec<_>>().join(" AND ")
}

/// How a condition names a segment: by its name, unless a column of that name would hide it.
fn subject(answer: &Answer<'_>, name: &str) -> String {
    let quoted = format!("\"{}\"", name.replace('"', "\"\""));
    let source = answer.config.mapping.segments.get(name);
    match source {
        Some(source) if answer.columns.iter().any(|column| column == name) && source != name => {
            format!("({source})")
        }
        _ => quoted,
    }
}

/// How sums are laid out.
struct Bins<'a> {
    design: &'a Design,
    /// The lowest bin that each threshold auto-approves.
    cuts: Vec<u64>,
}

impl Bins<'_> {
    /// The sums of a group by cell of the design and bin: bin b holds the scores that meet exactly
    /// b thresholds. Pinned cases meet none.
    fn of(&self, group: &GroupCells<'_>, account: Account) -> Vec<Vec<Sums>> {
        let empty = vec![Sums::default(); self.cuts.len() + 1];
        let mut all = vec![empty; self.design.cells().len()];
        for (key, bins) in group.cells(account).into_iter().flatten() {
            let cell = self.design.place(key).and_then(|place| all.get_mut(place));
            let Some(cell) = cell else { continue };
            for (bin, sums) in bins {
                let met = self.cuts.partition_point(|cut| cut <= bin);
                let place = if key.pinned { 0 } else { met };
                if let Some(slot) = cell.get_mut(place) {
                    *slot += sums;
                }
            }
        }
        all
    }

    fn cases(&self, group: &GroupCells<'_>) -> u64 {
        let sums = self.of(group, Account::Value);
        sums.iter().flatten().map(|sums| sums.counts.cases()).sum()
    }

    /// The largest power of ten in millionths that all money of an account is a multiple of.
    fn unit(&self, parts: &[Slice<'_>], account: Account) -> u64 {
        let sums: Vec<Sums> = parts
            .iter()
            .flat_map(|part| self.of(&part.group, account).concat())
            .collect();
        let fits = |unit: &u64| {
            sums.iter()
                .filter_map(|sums| sums.money.as_deref())
                .all(|money| {
                    let (wide, square) = (u128::from(*unit), U256::from(*unit) * U256::from(*unit));
                    money.at_stake % wide == 0
                        && money.wrong % wide == 0
                        && u128::from(money.largest) % wide == 0
                        && money.wrong_squares % square == 0
                })
        };
        let units = (0..=6).rev().map(|power| 10_u64.pow(power));
        units.into_iter().find(fits).unwrap_or(1)
    }

    /// The columns of all cells, one after the other, as text.
    fn encoded(
        &self,
        group: &GroupCells<'_>,
        accounts: [Option<Account>; 3],
        units: [u64; 3],
    ) -> String {
        let mut text = Writer::default();
        let cases = self.of(group, Account::Value);
        let kept = accounts.map(|account| account.map(|account| self.of(group, account)));
        for (place, cell) in self.design.cells().iter().enumerate() {
            let varies = cell.basis == Basis::Varying;
            if let Some(bins) = cases.get(place) {
                add_counts(&mut text, bins, varies);
            }
            for ((account, sums), unit) in accounts.iter().zip(&kept).zip(units) {
                let bins = sums.as_ref().and_then(|sums| sums.get(place));
                if let (Some(account), Some(bins)) = (account, bins) {
                    add_money(&mut text, bins, *account, (unit, varies));
                }
            }
        }
        text.finish()
    }
}

fn add_counts(text: &mut Writer, bins: &[Sums], varies: bool) {
    text.column(bins, |sums| sums.counts.cases().into());
    text.column(bins, |sums| sums.counts.labelled().into());
    text.column(bins, |sums| sums.counts.wrong.into());
    if varies {
        text.column(bins, |s| {
            s.weights.as_ref().map_or(U256::ZERO, |w| w.sum.into())
        });
        text.column(bins, |s| {
            s.weights.as_ref().map_or(U256::ZERO, |w| w.wrong.into())
        });
        text.column(bins, |s| {
            s.weights.as_ref().map_or(U256::ZERO, |w| w.squares)
        });
        text.column(bins, |s| {
            s.weights.as_ref().map_or(U256::ZERO, |w| w.wrong_squares)
        });
        text.column(bins, |s| {
            s.weights.as_ref().map_or(U256::ZERO, |w| w.largest.into())
        });
    }
}

fn add_money(text: &mut Writer, bins: &[Sums], account: Account, (unit, varies): (u64, bool)) {
    let unit = U256::from(unit);
    let money = |sums: &Sums| sums.money.as_deref().copied().unwrap_or_default();
    text.column(bins, |sums| U256::from(money(sums).at_stake) / unit);
    match account {
        Account::ErrorCost => {
            text.column(bins, |sums| U256::from(money(sums).wrong) / unit);
            text.column(bins, |sums| money(sums).wrong_squares / (unit * unit));
            text.column(bins, |sums| U256::from(money(sums).largest) / unit);
            if varies {
                text.column(bins, |s| {
                    s.weights
                        .as_ref()
                        .map_or(U256::ZERO, |w| w.money_wrong / unit)
                });
                text.column(bins, |s| {
                    let squares = s.weights.as_ref().map(|w| w.money_wrong_squares);
                    squares.map_or(U256::ZERO, |squares| squares / (unit * unit))
                });
                text.column(bins, |s| {
                    let largest = s.weights.as_ref().map(|w| U256::from(w.largest_money));
                    largest.map_or(U256::ZERO, |largest| largest / unit)
                });
            }
        }
        // Seconds are known of some cases only.
        Account::Effort => text.column(bins, |sums| sums.counts.labelled().into()),
        Account::ReviewCost | Account::Value => {}
    }
}

/// Whole numbers as text: each in digits to the base of 32, the lowest first; a zero is followed
/// by how many more zeros come.
#[derive(Default)]
struct Writer {
    text: String,
    zeros: u64,
}

impl Writer {
    fn column(&mut self, bins: &[Sums], number: impl Fn(&Sums) -> U256) {
        bins.iter().for_each(|sums| self.add(number(sums)));
    }

    fn add(&mut self, number: U256) {
        if number == U256::ZERO {
            self.zeros += 1;
            return;
        }
        self.end_zeros();
        self.digits(number);
    }

    fn end_zeros(&mut self) {
        if self.zeros > 0 {
            let more = self.zeros - 1;
            self.zeros = 0;
            self.digits(U256::ZERO);
            self.digits(U256::from(more));
        }
    }

    fn digits(&mut self, mut number: U256) {
        loop {
            let digit = (number % U256::new(32)).as_usize();
            number /= U256::new(32);
            let more = if number == U256::ZERO { 0 } else { 32 };
            let letter = DIGITS.get(digit + more).copied().unwrap_or(b'A');
            self.text.push(char::from(letter));
            if more == 0 {
                return;
            }
        }
    }

    fn finish(mut self) -> String {
        self.end_zeros();
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_digits_to_the_base_of_32() {
        let mut text = Writer::default();
        for number in [1_u64, 31, 32, 0, 0, 0, 1000] {
            text.add(U256::from(number));
        }
        // 1; 31; 0 and one more of 32; three zeros; 8 and 31 more times 32.
        assert_eq!(text.finish(), "BfgBACof");
    }
}
