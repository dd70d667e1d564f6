//! How a condition says that a segment has a value. A segment is grouped by its text, a condition
//! sees what that text means: 1 and 1.0 are one number, True and true one truth. Evaluates nothing.

use super::column::{Column, Field, Kind, boolean_text};
use super::expression::{self, ResultKind};
use super::instant::{self, TimeUnit};
use super::plan::Resolver;
use super::{Log, LogError};
use crate::config::Mapping;

/// Numbers beyond this are not told apart by a double.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
const DAY: i64 = 86_400_000_000;

/// What a condition sees of a column or an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Equality {
    seen: Seen,
    is_computed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Text,
    Number,
    Integer,
    Boolean,
    Instant(TimeUnit),
    /// Times of which a group keeps the second only.
    Shortened,
}

impl Log {
    /// What conditions see of a segment that comes from `source`; `None` where they cannot compare
    /// it.
    ///
    /// # Errors
    /// When the source is neither a column nor SQL, or a column in it holds lists.
    pub fn equality(&self, mapping: &Mapping, source: &str) -> Result<Option<Equality>, LogError> {
        let resolver = Resolver::new(&self.columns, mapping);
        if self.columns.has(source) {
            let seen = match resolver.expression_kind(source, source)? {
                Kind::Text | Kind::Group | Kind::Identity => Seen::Text,
                Kind::Number => Seen::Number,
                Kind::Integer => Seen::Integer,
                Kind::Boolean => Seen::Boolean,
                Kind::Instant(_) if self.columns.is_instant(source) => Seen::Shortened,
                Kind::Instant(unit) => Seen::Instant(unit),
            };
            return Ok(Some(Equality {
                seen,
                is_computed: false,
            }));
        }
        let bad = |reason| LogError::BadExpression {
            place: source.to_owned(),
            text: source.to_owned(),
            reason,
        };
        let names = self.columns.names();
        let parsed = expression::parse(source, &names, &Default::default()).map_err(bad)?;
        let kinds: Result<Vec<Kind>, LogError> = parsed
            .inputs
            .iter()
            .map(|column| resolver.expression_kind(source, column))
            .collect();
        let seen = match parsed.result_kind(&kinds?).map_err(bad)? {
            ResultKind::Text => Seen::Text,
            ResultKind::Number => Seen::Number,
            ResultKind::Boolean => Seen::Boolean,
            ResultKind::Instant => Seen::Instant(TimeUnit::Text),
            ResultKind::Other => return Ok(None),
        };
        Ok(Some(Equality {
            seen,
            is_computed: true,
        }))
    }
}

impl Equality {
    /// The condition that holds for the cases of a group and for no others: `subject` is SQL.
    /// Groups whose texts mean the same have the same condition. `None` where no condition is
    /// exact.
    pub fn condition(&self, subject: &str, value: Option<&str>) -> Option<String> {
        let Some(value) = value else {
            return self.missing(subject);
        };
        let literal = match self.seen {
            Seen::Text => format!("'{}'", value.replace('\'', "''")),
            Seen::Number => number(value)?,
            Seen::Integer => value.trim().parse::<i64>().ok()?.to_string(),
            Seen::Boolean if boolean_text(value).ok()? => "TRUE".to_owned(),
            Seen::Boolean => "FALSE".to_owned(),
            Seen::Instant(unit) => day(value, unit)?,
            Seen::Shortened => return None,
        };
        Some(format!("{subject} = {literal}"))
    }

    /// An empty text makes no group, and neither does a number that is not finite.
    fn missing(&self, subject: &str) -> Option<String> {
        match self.seen {
            Seen::Text if self.is_computed => {
                Some(format!("({subject} IS NULL OR {subject} = '')"))
            }
            Seen::Number if self.is_computed => None,
            Seen::Text
            | Seen::Number
            | Seen::Integer
            | Seen::Boolean
            | Seen::Instant(_)
            | Seen::Shortened => Some(format!("{subject} IS NULL")),
        }
    }
}

fn number(text: &str) -> Option<String> {
    let mut column = Column::new(Kind::Number);
    column.push(Field::Text(text)).ok()?;
    let Column::Number(values) = column else {
        return None;
    };
    let number = *values.first()?;
    // Zero has one sign only; Rust writes no exponents.
    let number = if number.abs() > 0.0 { number } else { 0.0 };
    (number.abs() <= LARGEST_EXACT).then(|| number.to_string())
}

/// A time that is a day; others may have been shortened to the second.
fn day(text: &str, unit: TimeUnit) -> Option<String> {
    let micros = instant::parse(text.trim(), unit).ok()?;
    let shown = instant::display(micros);
    let (day, _) = shown.split_once('T')?;
    (micros % DAY == 0 && day.len() == "2000-01-01".len()).then(|| format!("DATE '{day}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(seen: Seen, value: &str) -> Option<String> {
        let equality = Equality {
            seen,
            is_computed: false,
        };
        equality.condition("x", Some(value))
    }

    #[test]
    fn texts_that_mean_the_same_have_one_condition() {
        let time = Seen::Instant(TimeUnit::Text);
        for (seen, texts, wanted) in [
            (Seen::Number, vec!["1", "1.0", " 1e0"], "x = 1"),
            (Seen::Number, vec!["0", "-0.0"], "x = 0"),
            (Seen::Number, vec!["1e-7"], "x = 0.0000001"),
            (Seen::Boolean, vec!["True", "TRUE", "yes"], "x = TRUE"),
            (Seen::Text, vec!["it's"], "x = 'it''s'"),
            (
                time,
                vec!["2016-01-02", "2016-01-02T00:00:00Z"],
                "x = DATE '2016-01-02'",
            ),
        ] {
            for text in texts {
                assert_eq!(condition(seen, text).as_deref(), Some(wanted), "{text}");
            }
        }
    }

    #[test]
    fn what_cannot_be_matched_exactly_has_no_condition() {
        for (seen, text) in [
            (Seen::Number, "1e300"),
            (Seen::Number, "many"),
            (Seen::Boolean, "maybe"),
            (Seen::Instant(TimeUnit::Text), "2016-01-02T12:00:00Z"),
            (Seen::Shortened, "2016-01-02T00:00:00Z"),
        ] {
            assert_eq!(condition(seen, text), None, "{text}");
        }
    }
}
