//! What wrong cases and reviews cost, and who reviews: `[cost]` and `[reviewers]`.

use serde::Deserialize;

use crate::rate::Duration;

/// A number, or SQL over the columns of a log.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected a number or SQL in quotes")]
pub enum Source {
    Number(f64),
    Sql(String),
}

impl Source {
    /// The source as SQL.
    pub fn sql(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Sql(text) => text.clone(),
        }
    }

    fn is_negative(&self) -> bool {
        match self {
            Self::Number(number) => !number.is_finite() || *number < 0.0,
            Self::Sql(_) => false,
        }
    }
}

/// `[cost]`: all in one unit of money.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// Of a wrong case that did harm.
    pub error: Option<Source>,
    /// Of a review.
    pub review: Option<Source>,
    /// Of a minute of review, instead of `review`.
    pub review_per_minute: Option<f64>,
    /// The share of reviewed cases that are wrong after the review, in [0, 1).
    #[serde(default)]
    pub reviewer_error: f64,
    /// A condition: errors of these cases cannot be corrected in any window.
    pub irreversible: Option<String>,
}

impl Costs {
    /// Whether a wrong case or a review costs anything that is stated.
    pub fn is_stated(&self) -> bool {
        self.error.is_some() || self.review.is_some() || self.review_per_minute.is_some()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if self.review.is_some() && self.review_per_minute.is_some() {
            return Err("[cost] gives both `review` and `review_per_minute`: keep one".to_owned());
        }
        for (key, source) in [("error", &self.error), ("review", &self.review)] {
            if source.as_ref().is_some_and(Source::is_negative) {
                return Err(format!("[cost] `{key}` must be a number from 0 on, or SQL"));
            }
        }
        if self.review_per_minute.is_some_and(|cost| !is_amount(cost)) {
            return Err("[cost] `review_per_minute` must be a number from 0 on".to_owned());
        }
        if !(0.0..1.0).contains(&self.reviewer_error) {
            return Err(
                "[cost] `reviewer_error` must be a share from 0 to below 1, such as 0.02"
                    .to_owned(),
            );
        }
        Ok(())
    }
}

fn is_amount(number: f64) -> bool {
    number.is_finite() && number >= 0.0
}

/// `[reviewers]`: the people who decide escalated cases.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reviewers {
    /// How many work at the same time.
    pub count: u32,
    /// When they work, such as `Mon-Fri 09:00-17:00 Europe/London`.
    #[serde(default = "always")]
    pub hours: String,
    /// Minutes that a review takes where the log does not say.
    pub minutes_per_case: Option<f64>,
    /// How long after its arrival a case should be decided at the latest, such as `4h`.
    pub deadline: Option<String>,
    /// The share of cases that must meet the deadline.
    #[serde(default = "most")]
    pub deadline_share: f64,
    /// A number for each case: higher ones are reviewed first. First in, first out without it.
    pub priority: Option<Source>,
}

fn always() -> String {
    "24/7".to_owned()
}

fn most() -> f64 {
    0.95
}

impl Reviewers {
    /// The deadline, where one is stated.
    pub fn deadline(&self) -> Option<Duration> {
        self.deadline.as_deref()?.parse().ok()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if !(1..=100_000).contains(&self.count) {
            return Err("[reviewers] `count` must be from 1 to 100000".to_owned());
        }
        let minutes = self.minutes_per_case;
        if minutes.is_some_and(|minutes| !(minutes > 0.0 && minutes <= 1e6)) {
            return Err("[reviewers] `minutes_per_case` must be a number above 0".to_owned());
        }
        if !(self.deadline_share > 0.0 && self.deadline_share <= 1.0) {
            return Err(
                "[reviewers] `deadline_share` must be a share above 0 and up to 1, such as 0.95"
                    .to_owned(),
            );
        }
        match self.deadline.as_deref().map(str::parse::<Duration>) {
            Some(Err(error)) => Err(format!("[reviewers] `deadline`: {error}")),
            Some(Ok(_)) | None => Ok(()),
        }
    }
}
