//! Numbers and texts as people read them. Percentages exist only here.

/// A whole number with thousands separated.
pub fn count(number: u64) -> String {
    crate::chart::whole_number(number)
}

/// A fraction as a percentage of three significant digits, such as `0.637 %`.
pub fn percent(share: f64) -> String {
    format!("{} %", digits(share))
}

/// A confidence level as a percentage with all its digits, such as `99.9 %`.
pub fn level(level: f64) -> String {
    let text = format!("{:.8}", level * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Two fractions as percentages, such as `0.0162 to 3.5 %`.
pub fn percent_range(low: f64, high: f64) -> String {
    format!("{} to {} %", digits(low), digits(high))
}

/// Percentage points of three significant digits without trailing zeros. Only a share of exactly
/// 1 is 100: what is not the whole must not read as if it were.
pub(super) fn digits(share: f64) -> String {
    crate::chart::percent_digits(share)
}

/// An amount of money to the unit, or with two decimals below a thousand.
pub fn money(amount: f64) -> String {
    if amount.abs() < 1000.0 {
        let text = format!("{amount:.2}");
        return text.strip_suffix(".00").map_or(text.clone(), str::to_owned);
    }
    let sign = if amount < 0.0 { "-" } else { "" };
    format!("{sign}{}", count(amount.abs().round() as u64))
}

/// A waiting time in the largest unit that leaves at least one of it, such as `2.5 h`.
pub fn wait(seconds: f64) -> String {
    const UNITS: [(f64, &str); 3] = [(86_400.0, "d"), (3600.0, "h"), (60.0, "min")];
    for (unit, name) in UNITS {
        if seconds >= unit {
            return format!("{:.1} {name}", seconds / unit);
        }
    }
    format!("{seconds:.0} s")
}

/// Whether a character commands a terminal, turns the direction of writing or cannot be seen.
pub(super) fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Text for a terminal: control characters and marks that turn the direction of writing are
/// shown as escapes, so that no value of a log can command the terminal or hide in it.
pub fn plain_text(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            plain.extend(character.escape_default());
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_keep_three_significant_digits() {
        let cases = [
            (0.0, "0 %"),
            (1.0, "100 %"),
            (0.999_999, "> 99.95 %"),
            (0.106, "10.6 %"),
            (0.006_369, "0.637 %"),
            (0.000_161_2, "0.0161 %"),
            (0.5, "50 %"),
        ];
        for (share, text) in cases {
            assert_eq!(percent(share), text);
        }
        assert_eq!(percent_range(0.000_161_2, 0.035), "0.0161 to 3.5 %");
    }

    #[test]
    fn levels_keep_all_their_digits() {
        for (fraction, text) in [(0.95, "95 %"), (0.999, "99.9 %"), (0.999_99, "99.999 %")] {
            assert_eq!(level(fraction), text);
        }
    }

    #[test]
    fn counts_and_money_are_grouped_by_thousands() {
        assert_eq!(count(7), "7");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(money(12.5), "12.50");
        assert_eq!(money(999.0), "999");
        assert_eq!(money(1_234_567.4), "1,234,567");
    }

    #[test]
    fn control_characters_become_visible() {
        assert_eq!(
            plain_text("a\u{1b}[31mb\u{202e}c"),
            "a\\u{1b}[31mb\\u{202e}c"
        );
    }
}
