//! Lengths of time as people write them: `4h`, `90 min`, `1d 12h`.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Microseconds of each unit, the longest first, with the words for it.
const UNITS: [(i64, &str, &[&str]); 5] = [
    (604_800_000_000, "w", &["w", "week", "weeks"]),
    (86_400_000_000, "d", &["d", "day", "days"]),
    (3_600_000_000, "h", &["h", "hour", "hours"]),
    (60_000_000, "min", &["m", "min", "minute", "minutes"]),
    (1_000_000, "s", &["s", "sec", "second", "seconds"]),
];

/// A length of time, above zero and at most a hundred years, in whole microseconds. A day is 24
/// hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(i64);

/// The text is no length of time.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{text}` is not a length of time: write for example 4h, 90min or 1d 12h")]
pub struct DurationError {
    text: String,
}

impl Duration {
    /// A hundred years.
    const MOST_MICROS: i64 = 36_525 * 86_400_000_000;

    /// `None` unless it is above zero and at most a hundred years.
    pub fn from_micros(micros: i64) -> Option<Self> {
        (1..=Self::MOST_MICROS)
            .contains(&micros)
            .then_some(Self(micros))
    }

    /// In microseconds.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// In hours.
    pub fn hours(self) -> f64 {
        self.0 as f64 / 3.6e9
    }
}

impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        let refused = || DurationError {
            text: text.to_owned(),
        };
        let mut total = 0.0;
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(refused());
        }
        while !rest.is_empty() {
            let digits = rest
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .ok_or_else(refused)?;
            let (number, after) = rest.split_at(digits);
            let after = after.trim_start();
            let word = after
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(after.len());
            let (unit, after) = after.split_at(word);
            let number: f64 = number.parse().map_err(|_| refused())?;
            let micros = UNITS
                .iter()
                .find(|(_, _, words)| words.contains(&unit))
                .map(|(micros, _, _)| *micros)
                .ok_or_else(refused)?;
            total += number * micros as f64;
            rest = after.trim_start();
        }
        if !(1.0..=Self::MOST_MICROS as f64).contains(&total) {
            return Err(refused());
        }
        Self::from_micros(total.round() as i64).ok_or_else(refused)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        let mut parts = Vec::new();
        for (micros, unit, _) in UNITS.iter().filter(|(_, unit, _)| *unit != "w") {
            let number = rest / micros;
            rest %= micros;
            if number > 0 {
                parts.push(format!("{number}{unit}"));
            }
        }
        if parts.is_empty() || rest > 0 {
            parts.push(format!("{rest}us"));
        }
        formatter.write_str(&parts.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        for (text, hours, shown) in [
            ("4h", 4.0, "4h"),
            ("90 min", 1.5, "1h 30min"),
            ("1d 12h", 36.0, "1d 12h"),
            ("1.5h", 1.5, "1h 30min"),
            ("2 weeks", 336.0, "14d"),
            ("30 seconds", 30.0 / 3600.0, "30s"),
        ] {
            let duration: Duration = text.parse().unwrap();
            assert!((duration.hours() - hours).abs() < 1e-12, "{text}");
            assert_eq!(duration.to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_length_of_time_is_refused() {
        for text in [
            "",
            "4",
            "h",
            "4 parsecs",
            "-1h",
            "0h",
            "1e9h",
            "200000d",
            "1h,",
            "1..5h",
            "4hh",
        ] {
            assert!(text.parse::<Duration>().is_err(), "{text:?}");
        }
    }
}
