//! Shares as people write them: `1%`, `0.5 %` or `0.01`.

/// Characters that a share may be written with: more than a double can tell apart.
const MOST_CHARACTERS: usize = 24;

/// A share strictly between 0 and 1; `None` for any other text. A percentage is moved by two
/// decimals in its text, so that `0.1%` is the same number as `0.001`.
pub fn share_from_text(text: &str) -> Option<f64> {
    let text = text.trim();
    let (number, is_percent) = match text.strip_suffix('%') {
        Some(number) => (number.trim_end(), true),
        None => (text, false),
    };
    let is_decimal = number
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !is_decimal || number.len() > MOST_CHARACTERS {
        return None;
    }
    let moved = if is_percent { "e-2" } else { "" };
    let share: f64 = format!("{number}{moved}").parse().ok()?;
    (share > 0.0 && share < 1.0).then_some(share)
}

#[cfg(test)]
mod tests {
    use super::share_from_text;

    #[test]
    fn percentages_and_fractions_are_the_same_numbers() {
        for (text, share) in [
            ("1%", 0.01_f64),
            ("0.5 %", 0.005),
            ("0.1%", 0.001),
            (" 2.5% ", 0.025),
            ("99.9%", 0.999),
            ("0.01", 0.01),
            (".05", 0.05),
        ] {
            assert_eq!(
                share_from_text(text).map(f64::to_bits),
                Some(share.to_bits()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for text in [
            "",
            "%",
            "1",
            "5",
            "0",
            "0%",
            "100%",
            "-1%",
            "1e-2",
            "nan",
            "inf",
            "1 %%",
            "1,5%",
            "one",
            "0.0000000000000000000000000001",
        ] {
            assert_eq!(share_from_text(text), None, "{text}");
        }
    }
}
