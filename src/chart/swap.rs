//! The swap set: the cases whose route a policy changes, and how many of them are wrong.

use super::ChartError;
use super::canvas::Canvas;
use super::frame::RIGHT;
use super::geometry::{Pixel, Rectangle};
use super::key::{self, Key, Part, Sign};
use super::risk_coverage::share;
use super::ruler::Ruler;
use super::sheet::{self, ROW, Words};
use super::text::{fit, percent_digits, whole_number};

/// Two rows for each policy and a gap.
const PITCH: f64 = 2.5 * ROW;
/// Room for the names of the directions, and for the numbers right of the longest bar.
const DIRECTIONS: [&str; 2] = ["to auto", "to human"];
const DIRECTION: f64 = 66.0;
const NUMBERS: f64 = 150.0;

/// The cases that policies move.
#[derive(Debug, Clone, PartialEq)]
pub struct Swap {
    pub title: String,
    /// What the numbers rest on.
    pub subtitle: String,
    /// Policy, and what it moves: the newly auto-approved cases and the newly escalated ones.
    pub policies: Vec<(String, [Moved; 2])>,
}

/// Cases that move in one direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moved {
    pub cases: u64,
    /// The share of them that is wrong, from 0 to 1, where it is known.
    pub wrong: Option<f64>,
}

/// Draws the chart as SVG.
///
/// # Errors
/// [`ChartError::Empty`] without any policy, and an error that names the policy when a number is
/// no share.
pub(super) fn svg(chart: &Swap) -> Result<String, ChartError> {
    if chart.policies.is_empty() {
        return Err(ChartError::Empty);
    }
    let parts = || {
        chart
            .policies
            .iter()
            .flat_map(|(name, parts)| parts.map(|part| (name, part)))
    };
    for (name, Moved { wrong, .. }) in parts() {
        let place = format!("policy {:?}", fit(name, 1.0, 40.0));
        wrong.map_or(Ok(()), |wrong| share(wrong, "share of wrong cases", &place))?;
    }
    let most = parts().map(|(_, moved)| moved.cases).max().unwrap_or(0);
    let ruler = Ruler::around(0.0, most.max(1) as f64, 5.0);
    let unknown = parts().any(|(_, moved)| moved.cases > 0 && moved.wrong.is_none());
    let unknown = unknown.then(|| (Sign::Part(Part::Unknown), "cannot be told".to_owned()));
    let known = [
        (Sign::Part(Part::Wrong), "wrong".to_owned()),
        (Sign::Part(Part::Right), "right".to_owned()),
    ];
    let key = Key::new(known.into_iter().chain(unknown));
    let names = chart.policies.iter().map(|(name, _)| name.as_str());
    let area = Rectangle {
        left: sheet::right_of_names(names) + DIRECTION,
        top: key.bottom,
        right: RIGHT - NUMBERS,
        bottom: key.bottom + chart.policies.len() as f64 * PITCH,
    };
    let words = Words {
        title: &chart.title,
        subtitle: &chart.subtitle,
        footer: "Compared with what really happened. The share is that of wrong cases among those \
                 that move.",
    };
    sheet::picture(area.bottom, &words, |canvas| {
        key.draw(canvas)?;
        sheet::across(canvas, &ruler.across(area), area)?;
        sheet::across_title(canvas, "Cases that change their route", area)?;
        for (place, (name, parts)) in chart.policies.iter().enumerate() {
            let top = area.top + place as f64 * PITCH;
            sheet::row_name(canvas, name, top + ROW * 0.75)?;
            for (row, (direction, part)) in DIRECTIONS.iter().zip(parts).enumerate() {
                let middle = top + ROW * (row as f64 + 0.75);
                let at = Pixel {
                    x: area.left - DIRECTION,
                    y: middle + 4.0,
                };
                canvas.text(direction, at, sheet::SMALL)?;
                bar(canvas, (&ruler, area), *part, middle)?;
            }
        }
        Ok(())
    })
}

/// The bar of one direction, with its numbers right of it.
fn bar(
    canvas: &Canvas<'_>,
    (ruler, area): (&Ruler, Rectangle),
    Moved { cases, wrong }: Moved,
    middle: f64,
) -> Result<(), ChartError> {
    let all = cases as f64;
    let x = |cases: f64| ruler.x(cases, area);
    let piece = |from: f64, to: f64, kind: Part| {
        let piece = Rectangle {
            left: x(from),
            right: x(to),
            top: middle - 8.0,
            bottom: middle + 8.0,
        };
        if to > from {
            key::part(canvas, piece, kind)
        } else {
            Ok(())
        }
    };
    match wrong {
        Some(wrong) => {
            piece(wrong * all, all, Part::Right)?;
            piece(0.0, wrong * all, Part::Wrong)?;
        }
        None => piece(0.0, all, Part::Unknown)?,
    }
    let words = match wrong.filter(|_| cases > 0) {
        Some(wrong) => format!("{}, {} % wrong", whole_number(cases), percent_digits(wrong)),
        None => whole_number(cases),
    };
    let at = Pixel {
        x: x(all) + 8.0,
        y: middle + 4.0,
    };
    canvas.text(&words, at, sheet::SMALL)
}
