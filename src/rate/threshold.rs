//! Thresholds as the user wrote them. A grid is counted in integers and each of its members is
//! parsed from decimal text, so that a score of 0.3 meets the threshold 0.3; nothing is
//! accumulated in floating point.

use std::str::FromStr;

use thiserror::Error;

/// The largest number of thresholds that one grid may hold.
const MAX_THRESHOLDS: u64 = 10_000;
/// Decimals that a threshold may have: more than a double can tell apart near 1.
const MAX_DECIMALS: usize = 17;

/// A threshold t: a case is auto-approved if and only if its score is at least t.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    text: String,
    value: f64,
}

impl Threshold {
    /// The threshold at exactly this score; `None` unless it lies in [0, 1].
    pub fn at_score(score: f64) -> Option<Self> {
        (0.0..=1.0).contains(&score).then(|| Self {
            text: format!("{score}"),
            value: score,
        })
    }

    /// The text that a person wrote or would write.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The score that meets the threshold, in [0, 1].
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The same threshold without trailing zeros.
    pub fn trimmed(&self) -> Self {
        let text = match self.text.split_once('.') {
            Some(_) => self.text.trim_end_matches('0').trim_end_matches('.'),
            None => &self.text,
        };
        Self {
            text: text.to_owned(),
            value: self.value,
        }
    }

    /// The same threshold with at least this many decimals.
    pub fn padded(&self, decimals: usize) -> Self {
        let missing = decimals.saturating_sub(self.decimals());
        let point = if missing > 0 && self.decimals() == 0 {
            "."
        } else {
            ""
        };
        Self {
            text: format!("{}{point}{}", self.text, "0".repeat(missing)),
            value: self.value,
        }
    }

    /// How many decimals it is written with.
    pub fn decimals(&self) -> usize {
        self.text.split_once('.').map_or(0, |(_, part)| part.len())
    }
}

/// What is wrong with the text of a grid.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum GridError {
    #[error("`{text}` is not a threshold: write a decimal from 0 to 1 such as 0.85")]
    NotAThreshold { text: String },
    #[error("`{text}` is not a range of thresholds: write FROM..TO/STEP such as 0.5..0.99/0.01")]
    NotARange { text: String },
    #[error("`{text}` goes beyond 1: thresholds are decimals from 0 to 1")]
    BeyondOne { text: String },
    #[error("`{text}` holds {count} thresholds, more than {MAX_THRESHOLDS}")]
    TooMany { text: String, count: u64 },
    #[error("no threshold is given")]
    Empty,
}

/// Thresholds in ascending order, each once, at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid(Vec<Threshold>);

impl Grid {
    /// Every multiple of 0.001 from 0 to 1: fine enough to choose a readable grid from.
    pub fn thousandths() -> Self {
        Self(
            (0..=1000)
                .filter_map(|step| decimal(step, 3))
                .collect::<Vec<_>>(),
        )
    }

    /// A grid of the given thresholds; `None` when there are none.
    pub fn of(mut thresholds: Vec<Threshold>) -> Option<Self> {
        thresholds.sort_by(|a, b| a.value.total_cmp(&b.value));
        thresholds.dedup_by(|a, b| a.value.total_cmp(&b.value).is_eq());
        (!thresholds.is_empty()).then_some(Self(thresholds))
    }

    /// The thresholds, ascending.
    pub fn thresholds(&self) -> &[Threshold] {
        &self.0
    }

    /// The scores that meet the thresholds, ascending.
    pub fn values(&self) -> Vec<f64> {
        self.0.iter().map(Threshold::value).collect()
    }
}

impl FromStr for Grid {
    type Err = GridError;

    /// Reads `0.80,0.85` or `0.5..0.99/0.01`, or a mixture of both separated by commas.
    fn from_str(text: &str) -> Result<Self, GridError> {
        let mut thresholds = Vec::new();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            if part.contains("..") {
                thresholds.extend(range(part)?);
            } else {
                thresholds.push(single(part)?);
            }
        }
        Self::of(thresholds).ok_or(GridError::Empty)
    }
}

/// A decimal as an integer and its number of decimals.
fn digits(text: &str) -> Option<(u64, usize)> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(part) || whole.len() + part.len() == 0 || part.len() > MAX_DECIMALS {
        return None;
    }
    let number = format!("{whole}{part}").parse().ok()?;
    Some((number, part.len()))
}

fn single(text: &str) -> Result<Threshold, GridError> {
    let refused = || GridError::NotAThreshold {
        text: text.to_owned(),
    };
    digits(text).ok_or_else(refused)?;
    let value: f64 = text.parse().map_err(|_| refused())?;
    if !(0.0..=1.0).contains(&value) {
        return Err(refused());
    }
    Ok(Threshold {
        text: text.to_owned(),
        value,
    })
}

fn range(text: &str) -> Result<Vec<Threshold>, GridError> {
    let refused = || GridError::NotARange {
        text: text.to_owned(),
    };
    let (from, rest) = text.split_once("..").ok_or_else(refused)?;
    let (to, step) = rest.split_once('/').ok_or_else(refused)?;
    let parts = [from, to, step].map(|part| digits(part.trim()));
    let [Some(from), Some(to), Some(step)] = parts else {
        return Err(refused());
    };
    let decimals = from.1.max(to.1).max(step.1);
    let scaled = |(number, own): (u64, usize)| {
        10_u64
            .checked_pow(u32::try_from(decimals - own).ok()?)
            .and_then(|factor| number.checked_mul(factor))
    };
    let (Some(from), Some(to), Some(step)) = (scaled(from), scaled(to), scaled(step)) else {
        return Err(refused());
    };
    if step == 0 || from > to {
        return Err(refused());
    }
    if decimal(to, decimals).is_none() {
        return Err(GridError::BeyondOne {
            text: text.to_owned(),
        });
    }
    let count = ((to - from) / step).saturating_add(1);
    if count > MAX_THRESHOLDS {
        return Err(GridError::TooMany {
            text: text.to_owned(),
            count,
        });
    }
    (0..count)
        .map(|index| decimal(from + index * step, decimals).ok_or_else(refused))
        .collect()
}

/// The threshold `number / 10^decimals`, written with that many decimals.
fn decimal(number: u64, decimals: usize) -> Option<Threshold> {
    let digits = format!("{number:0width$}", width = decimals + 1);
    let (whole, part) = digits.split_at_checked(digits.len() - decimals)?;
    let text = if part.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{part}")
    };
    single(&text).ok()
}
