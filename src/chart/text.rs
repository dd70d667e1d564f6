//! Words on a chart: made harmless, measured, and cut to the room there is.
//!
//! Names come from the log and may hold anything. Escaping for XML is left to
//! the canvas; here a name loses what has no shape (control characters,
//! direction overrides) and what would run out of the picture.

/// Characters that are looked at before the rest of a text is given up.
const LONGEST: usize = 300;

/// Combining marks that may sit on one letter. More of them would be drawn
/// over the rest of the page.
const MOST_MARKS: usize = 4;

const ELLIPSIS: char = '…';

/// The text as it may be shown, cut with an ellipsis to at most `room` pixels.
pub(crate) fn fit(text: &str, size: f64, room: f64) -> String {
    let mut kept = String::new();
    let mut used = 0.0;
    let mut cut_at = 0;
    let mut marks = 0;
    for (position, character) in text.trim().chars().enumerate() {
        marks = if is_mark(character) { marks + 1 } else { 0 };
        if marks > MOST_MARKS {
            continue;
        }
        let shown = visible(character);
        used += width(&shown, size);
        if used > room || position >= LONGEST {
            kept.truncate(cut_at);
            kept.push(ELLIPSIS);
            return kept;
        }
        kept.push_str(&shown);
        if used + width("…", size) <= room {
            cut_at = kept.len();
        }
    }
    kept
}

/// The width of a text in pixels, never too small.
///
/// The SVG is shown in whatever font the reader has, so this assumes the widest
/// of the usual ones. The drawing library's own estimate (0.7 em for each byte)
/// would not do: it is a third too wide for English and far off elsewhere.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(em).sum::<f64>() * size
}

/// A whole number with thousands separated.
pub(crate) fn whole_number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Percentage points of three significant digits without trailing zeros. Only a share of exactly
/// 1 is 100: what is not the whole must not read as if it were.
pub(crate) fn percent_digits(share: f64) -> String {
    let percent = share * 100.0;
    if percent == 0.0 {
        return "0".to_owned();
    }
    let decimals = (2 - percent.abs().log10().floor() as i32).clamp(0, 8) as usize;
    let mut text = format!("{percent:.decimals$}");
    if text.starts_with("100") && share < 1.0 {
        text = "> 99.95".to_owned();
    }
    if text.contains('.') {
        text = text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text
}

/// A control character as the escape a programmer would write, so that two
/// names that differ in it look different; white space as one space.
fn visible(character: char) -> String {
    match character {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => " ".to_owned(),
        _ if has_no_shape(character) => character.escape_unicode().to_string(),
        _ => character.to_string(),
    }
}

/// Characters that XML forbids, that reorder their neighbours, or that cannot
/// be seen. Joiners (U+200C, U+200D) stay: Persian and Hindi need them.
fn has_no_shape(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        || u32::from(character) & 0xfffe == 0xfffe
}

/// Marks that are drawn on the letter before them and take no room.
fn is_mark(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{200c}' | '\u{200d}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

/// The wider advance of Ubuntu Light and `DejaVu` Sans (which is as wide as
/// Verdana) for the characters from space to tilde, in hundredths of an em,
/// rounded up. Read from the fonts' `hmtx` tables.
const ADVANCES: [u8; 95] = [
    32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 36, // to /
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 54, // to ?
    100, 69, 69, 70, 78, 64, 58, 78, 76, 30, 49, 66, 56, 87, 75, 79, // to O
    61, 79, 70, 64, 62, 74, 69, 99, 69, 62, 69, 40, 36, 40, 84, 50, // to _
    50, 62, 64, 55, 64, 62, 38, 64, 64, 28, 28, 58, 28, 98, 64, 62, // to o
    64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84, // to ~
];

/// The widest advance of a character among the usual fonts, in em.
fn em(character: char) -> f64 {
    let code = u32::from(character);
    let table = code
        .checked_sub(32)
        .and_then(|position| usize::try_from(position).ok());
    match table.and_then(|position| ADVANCES.get(position)) {
        Some(hundredths) => f64::from(*hundredths) / 100.0,
        None if is_mark(character) => 0.0,
        None if code < 0x250 || character == ELLIPSIS => 1.0,
        None if code < 0x1100 => 1.2,
        None => 1.4,
    }
}

#[cfg(test)]
mod tests {
    use super::{fit, whole_number, width};

    #[test]
    fn thousands_are_separated() {
        let numbers = [0, 999, 1_000, 1_234_567].map(whole_number);
        assert_eq!(numbers, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn short_text_is_kept_as_it_is() {
        assert_eq!(
            fit("refund < 500 & \"new\"", 14.0, 400.0),
            "refund < 500 & \"new\""
        );
    }

    #[test]
    fn long_text_ends_in_an_ellipsis_and_fits() {
        let cut = fit(&"segment ".repeat(1_250), 14.0, 200.0);
        assert!(cut.ends_with('…'));
        assert!(width(&cut, 14.0) <= 200.0);
        assert!(cut.chars().count() > 15);
    }

    #[test]
    fn control_characters_are_spelled_out() {
        assert_eq!(fit("a\u{0}b\u{1b}[31m", 14.0, 400.0), "a\\u{0}b\\u{1b}[31m");
        assert_eq!(
            fit("abc\u{202e}fed\u{ffff}", 14.0, 400.0),
            "abc\\u{202e}fed\\u{ffff}"
        );
    }

    #[test]
    fn line_breaks_become_spaces() {
        assert_eq!(fit("two\nlines\t", 14.0, 400.0), "two lines");
    }

    #[test]
    fn stacked_marks_end_after_four() {
        let stacked = format!("e{}x", "\u{301}".repeat(200));
        assert_eq!(
            fit(&stacked, 14.0, 400.0),
            format!("e{}x", "\u{301}".repeat(4))
        );
    }

    #[test]
    fn no_room_leaves_only_the_ellipsis() {
        assert_eq!(fit("abc", 14.0, 0.0), "…");
    }
}
