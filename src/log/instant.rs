//! Times as microseconds since 1970-01-01T00:00:00Z. A number has a unit only if someone says so.

use jiff::civil::Date;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::reject::Why;

static PARSER: DateTimeParser = DateTimeParser::new();

/// How the values of a time column are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeUnit {
    /// RFC 3339 or ISO 8601 text; without an offset UTC is taken.
    Text,
    EpochSeconds,
    EpochMilliseconds,
}

/// Microseconds since the epoch of a time in text, by its unit.
pub(super) fn parse(text: &str, unit: TimeUnit) -> Result<i64, Why> {
    match unit {
        TimeUnit::Text => parse_text(text),
        TimeUnit::EpochSeconds => from_number(text, 1e6),
        TimeUnit::EpochMilliseconds => from_number(text, 1e3),
    }
}

/// Microseconds since the epoch of a number of seconds or milliseconds.
pub(super) fn from_epoch(number: f64, unit: TimeUnit) -> Result<i64, Why> {
    match unit {
        TimeUnit::Text => Err(Why::NoUnit),
        TimeUnit::EpochSeconds => in_range(number * 1e6),
        TimeUnit::EpochMilliseconds => in_range(number * 1e3),
    }
}

fn from_number(text: &str, micros: f64) -> Result<i64, Why> {
    let number: f64 = text.parse().map_err(|_| Why::NotAnInstant)?;
    in_range(number * micros)
}

/// Only what a calendar can show is a time: years -9999 to 9999.
fn in_range(micros: f64) -> Result<i64, Why> {
    if !micros.is_finite() || micros.abs() > 9.2e18 {
        return Err(Why::NotAnInstant);
    }
    let micros = micros.round() as i64;
    Timestamp::from_microsecond(micros)
        .map(|_| micros)
        .map_err(|_| Why::NotAnInstant)
}

fn parse_text(text: &str) -> Result<i64, Why> {
    if let Ok(instant) = PARSER.parse_timestamp(text) {
        return Ok(instant.as_microsecond());
    }
    if let Ok(civil) = PARSER.parse_datetime(text) {
        return civil
            .to_zoned(TimeZone::UTC)
            .map(|zoned| zoned.timestamp().as_microsecond())
            .map_err(|_| Why::NotAnInstant);
    }
    if text.parse::<f64>().is_ok() {
        return Err(Why::NoUnit);
    }
    Err(Why::NotAnInstant)
}

/// Whether a text is a time as a log writes it.
pub fn is_text(text: &str) -> bool {
    parse_text(text.trim()).is_ok()
}

/// Microseconds since the epoch of a day given as days since the epoch.
pub(super) fn from_days(days: i64) -> Option<i64> {
    let day = Date::constant(1970, 1, 1)
        .checked_add(SignedDuration::from_hours(days.checked_mul(24)?))
        .ok()?;
    let zoned = day.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_microsecond())
}

/// A time as a person reads it, in UTC, to the second.
pub fn display(micros: i64) -> String {
    match Timestamp::from_microsecond(micros) {
        Ok(instant) => format!("{instant:.0}"),
        Err(_) => format!("{micros} microseconds since 1970"),
    }
}
