//! Rates that a person writes, such as a tolerable error rate, kept as the exact fractions that
//! were meant: 5 % of 400 cases is 20 and not 20.000000000000004. Must not be used for what was
//! estimated.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Digits that a rate may be written with, so that nothing overflows.
const MAX_DIGITS: usize = 15;

/// An exact fraction in 0..=1, in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fraction {
    numerator: u64,
    denominator: u64,
}

/// What is wrong with the text of a rate.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{text}` is not a rate: write a percentage such as 5% or a decimal such as 0.05")]
pub struct FractionError {
    text: String,
}

impl Fraction {
    pub const ZERO: Self = Self {
        numerator: 0,
        denominator: 1,
    };
    pub const ONE: Self = Self {
        numerator: 1,
        denominator: 1,
    };

    /// The fraction `numerator` / `denominator`; `None` above 1 or with a denominator of 0.
    pub fn new(numerator: u64, denominator: u64) -> Option<Self> {
        if denominator == 0 || numerator > denominator {
            return None;
        }
        let divisor = common_divisor(numerator, denominator);
        Some(Self {
            numerator: numerator / divisor,
            denominator: denominator / divisor,
        })
    }

    /// The nearest double, in 0..=1.
    pub fn value(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// 1 less the fraction, exactly.
    pub fn complement(self) -> Self {
        Self {
            numerator: self.denominator - self.numerator,
            denominator: self.denominator,
        }
    }

    /// This part of the fraction, exactly; `None` where it cannot be held.
    pub fn part(self, of: Self) -> Option<Self> {
        let numerator = u128::from(self.numerator) * u128::from(of.numerator);
        let denominator = u128::from(self.denominator) * u128::from(of.denominator);
        let divisor = common_divisor(numerator, denominator);
        let narrow = |wide: u128| u64::try_from(wide / divisor).ok();
        Self::new(narrow(numerator)?, narrow(denominator)?)
    }

    /// The fraction so many times; `None` above 1.
    pub fn times(self, times: u64) -> Option<Self> {
        Self::new(self.numerator.checked_mul(times)?, self.denominator)
    }

    /// The smallest whole number of cases that is at least this part of `cases`.
    pub fn ceil_of(self, cases: u64) -> u64 {
        self.parts_of(cases)
            .div_ceil(u128::from(self.denominator))
            .try_into()
            .unwrap_or(cases)
    }

    /// The largest whole number of cases that is at most this part of `cases`.
    pub fn floor_of(self, cases: u64) -> u64 {
        (self.parts_of(cases) / u128::from(self.denominator))
            .try_into()
            .unwrap_or(cases)
    }

    /// Whether `part` of `whole` is less than this fraction, exactly. Nothing of nothing is not.
    pub fn exceeds(self, part: u64, whole: u64) -> bool {
        u128::from(part) * u128::from(self.denominator) < self.parts_of(whole)
    }

    fn parts_of(self, cases: u64) -> u128 {
        u128::from(self.numerator) * u128::from(cases)
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        let left = u128::from(self.numerator) * u128::from(other.denominator);
        let right = u128::from(other.numerator) * u128::from(self.denominator);
        left.cmp(&right)
    }
}

impl FromStr for Fraction {
    type Err = FractionError;

    /// Reads `5%`, `5 %`, `0.05` or `1`.
    fn from_str(text: &str) -> Result<Self, FractionError> {
        let trimmed = text.trim();
        let refused = || FractionError {
            text: text.to_owned(),
        };
        let (decimal, percent) = match trimmed.strip_suffix('%') {
            Some(number) => (number.trim_end(), 100),
            None => (trimmed, 1),
        };
        let (whole, part) = decimal.split_once('.').unwrap_or((decimal, ""));
        let digits = format!("{whole}{part}");
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        if !plain || digits.is_empty() || digits.len() > MAX_DIGITS {
            return Err(refused());
        }
        let numerator = digits.parse().map_err(|_| refused())?;
        let denominator = (0..part.len()).fold(percent, |power, _| power * 10);
        Self::new(numerator, denominator).ok_or_else(refused)
    }
}

impl fmt::Display for Fraction {
    /// As a percentage with all its digits, such as `2.5 %`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.12}", self.value() * 100.0);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        write!(formatter, "{text} %")
    }
}

fn common_divisor<T>(left: T, right: T) -> T
where
    T: Copy + Default + PartialEq + std::ops::Rem<Output = T>,
{
    let (mut left, mut right) = (left, right);
    while right != T::default() {
        (left, right) = (right, left % right);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fraction(text: &str) -> Fraction {
        text.parse().unwrap()
    }

    #[test]
    fn percentages_and_decimals_mean_the_same() {
        for text in ["5%", "5 %", "0.05", ".05", " 5.00% "] {
            assert_eq!(Some(fraction(text)), Fraction::new(1, 20), "{text}");
        }
        assert_eq!(fraction("1"), Fraction::ONE);
        assert_eq!(fraction("100%"), Fraction::ONE);
        assert_eq!(fraction("0"), Fraction::ZERO);
    }

    #[test]
    fn what_is_no_rate_is_refused_with_its_text() {
        for text in [
            "",
            "%",
            ".",
            "5%%",
            "-1%",
            "101%",
            "1.5",
            "1e-2",
            "five",
            "0,05",
            "0.0000000000000001",
        ] {
            let error = text.parse::<Fraction>().unwrap_err();
            assert!(error.to_string().contains(&format!("`{text}`")), "{error}");
        }
    }

    #[test]
    fn parts_of_counts_are_exact_where_doubles_are_not() {
        assert_eq!(fraction("3.5%").ceil_of(400), 14);
        assert_eq!(fraction("7%").ceil_of(100), 7);
        assert_eq!(fraction("7%").ceil_of(1300), 91);
        assert_eq!(fraction("7%").ceil_of(1301), 92);
        assert_eq!(fraction("7%").floor_of(1301), 91);
        assert_eq!(Fraction::ONE.ceil_of(u64::MAX), u64::MAX);
        assert!(fraction("5%").exceeds(4, 100));
        assert!(!fraction("5%").exceeds(5, 100));
        assert!(!fraction("5%").exceeds(0, 0));
    }

    #[test]
    fn fractions_print_as_percentages_with_all_their_digits() {
        for (text, printed) in [
            ("5%", "5 %"),
            ("0.025", "2.5 %"),
            ("0.00001", "0.001 %"),
            ("1", "100 %"),
            ("99.9%", "99.9 %"),
        ] {
            assert_eq!(fraction(text).to_string(), printed);
        }
    }

    #[test]
    fn parts_and_complements_are_exact() {
        assert_eq!(fraction("5%").part(fraction("25%")), Fraction::new(1, 80));
        assert_eq!(fraction("95%").complement(), fraction("5%"));
        assert!(fraction("5%") > fraction("4.9999%"));
    }
}
