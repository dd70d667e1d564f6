//! Sizes: exact numbers of millionths, so that no sum depends on its order.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A size in millionths of its unit, usually money. Sums of integers are the same in every order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Size(i64);

impl Size {
    /// Millionths in a unit.
    const PER_UNIT: i64 = 1_000_000;
    /// Decimals of a unit.
    const DECIMALS: usize = 6;
    /// The largest size, in units: a trillion.
    const MOST_UNITS: f64 = 1e12;

    /// A size in units, rounded to a millionth; `None` when it is not finite or over a trillion.
    pub fn from_units(units: f64) -> Option<Self> {
        (units.abs() <= Self::MOST_UNITS)
            .then(|| Self((units * Self::PER_UNIT as f64).round() as i64))
    }

    /// A size in millionths.
    pub(super) fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The size in millionths.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// The size without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }
}

/// Decimal text of a number of millionths, without trailing zeros.
pub fn decimal(micros: i128) -> String {
    let per_unit = u128::from(Size::PER_UNIT.unsigned_abs());
    let (whole, rest) = (
        micros.unsigned_abs() / per_unit,
        micros.unsigned_abs() % per_unit,
    );
    let sign = if micros < 0 { "-" } else { "" };
    let text = format!("{sign}{whole}.{rest:0width$}", width = Size::DECIMALS);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&decimal(self.0.into()))
    }
}

impl From<Size> for String {
    fn from(size: Size) -> Self {
        size.to_string()
    }
}

impl TryFrom<String> for Size {
    type Error = String;

    /// Takes decimal text in the one form in which sizes are written.
    fn try_from(text: String) -> Result<Self, String> {
        let units: Option<f64> = text.parse().ok();
        let size = units.and_then(Self::from_units);
        let size = size.filter(|size| size.to_string() == text);
        size.ok_or_else(|| format!("`{text}` is not a size as gonogo writes it"))
    }
}
