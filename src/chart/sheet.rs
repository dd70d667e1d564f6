//! What charts other than those of panels share: the sheet with its headline, grid lines with
//! ticks, rows of names. Must not know what a number means.

use super::ChartError;
use super::canvas::{self, Anchor, Canvas, Color, Pen, Type};
use super::frame::{self, MARGIN, RIGHT};
use super::geometry::{Pixel, Rectangle};
use super::text::{fit, width};

/// Where the key begins below the headline: the baseline of its first row.
pub(super) const KEY: f64 = MARGIN + 66.0;
/// Between two rows of a chart of rows.
pub(super) const ROW: f64 = 24.0;
/// Below the last plot: ticks and the title of the axis; and the footer, if there is one.
const BELOW: f64 = 60.0;
const FOOTER: f64 = 32.0;
/// The widest that names of rows may be.
const MOST_NAME: f64 = 240.0;

pub(super) const SMALL: Type = Type {
    size: 12.0,
    color: Color::Muted,
    anchor: Anchor::Start,
};
pub(super) const BODY: Type = Type {
    size: 14.0,
    color: Color::Text,
    anchor: Anchor::Start,
};
const TITLE: Type = Type {
    size: 20.0,
    color: Color::Text,
    anchor: Anchor::Start,
};
const GRID: Pen = Pen {
    color: Color::Grid,
    width: 1.0,
};
pub(super) const DASHES: Pen = Pen {
    color: Color::Muted,
    width: 1.5,
};

/// What stands around a picture.
pub(super) struct Words<'a> {
    pub(super) title: &'a str,
    pub(super) subtitle: &'a str,
    pub(super) footer: &'a str,
}

/// Draws a picture that ends so far below its last plot: paper, headline and footer, and what
/// `paint` adds.
pub(super) fn picture(
    bottom: f64,
    words: &Words<'_>,
    paint: impl FnOnce(&Canvas<'_>) -> Result<(), ChartError>,
) -> Result<String, ChartError> {
    let footer = if words.footer.is_empty() { 0.0 } else { FOOTER };
    let height = frame::whole(bottom + BELOW + footer);
    let title = fit(words.title, 1.0, f64::MAX);
    canvas::picture((frame::WIDTH, height), &title, |canvas| {
        paper(canvas, f64::from(height), words)?;
        paint(canvas)
    })
}

fn paper(canvas: &Canvas<'_>, height: f64, words: &Words<'_>) -> Result<(), ChartError> {
    let all = Rectangle {
        left: 0.0,
        top: 0.0,
        right: RIGHT + MARGIN,
        bottom: height,
    };
    canvas.rectangle(all, Color::White, 1.0)?;
    let room = RIGHT - MARGIN;
    let line = |text: &str, y: f64, face: Type| {
        canvas.text(&fit(text, face.size, room), Pixel { x: MARGIN, y }, face)
    };
    let muted = Type {
        color: Color::Muted,
        ..BODY
    };
    line(words.title, MARGIN + 16.0, TITLE)?;
    line(words.subtitle, MARGIN + 40.0, muted)?;
    line(words.footer, height - MARGIN, SMALL)
}

/// Upright grid lines with their ticks below an area.
pub(super) fn across(
    canvas: &Canvas<'_>,
    ticks: &[(f64, String)],
    area: Rectangle,
) -> Result<(), ChartError> {
    let face = Type {
        anchor: Anchor::Middle,
        ..SMALL
    };
    for (x, text) in ticks {
        canvas.line(&upright(*x, area), GRID)?;
        let at = Pixel {
            x: *x,
            y: area.bottom + 18.0,
        };
        canvas.text(text, at, face)?;
    }
    Ok(())
}

/// Level grid lines with their ticks left of an area.
pub(super) fn up(
    canvas: &Canvas<'_>,
    ticks: &[(f64, String)],
    area: Rectangle,
) -> Result<(), ChartError> {
    let face = Type {
        anchor: Anchor::End,
        ..SMALL
    };
    for (y, text) in ticks {
        canvas.line(&level(*y, area), GRID)?;
        let at = Pixel {
            x: area.left - 8.0,
            y: *y + 4.0,
        };
        canvas.text(text, at, face)?;
    }
    Ok(())
}

/// A line from the top of an area to its bottom.
pub(super) fn upright(x: f64, area: Rectangle) -> [Pixel; 2] {
    [area.top, area.bottom].map(|y| Pixel { x, y })
}

/// A line from the left of an area to its right.
pub(super) fn level(y: f64, area: Rectangle) -> [Pixel; 2] {
    [area.left, area.right].map(|x| Pixel { x, y })
}

/// The title of the axis below an area.
pub(super) fn across_title(
    canvas: &Canvas<'_>,
    words: &str,
    area: Rectangle,
) -> Result<(), ChartError> {
    let at = Pixel {
        x: f64::midpoint(area.left, area.right),
        y: area.bottom + 40.0,
    };
    let face = Type {
        anchor: Anchor::Middle,
        ..BODY
    };
    canvas.text(words, at, face)
}

/// The title of the axis left of an area, above it.
pub(super) fn up_title(
    canvas: &Canvas<'_>,
    words: &str,
    area: Rectangle,
) -> Result<(), ChartError> {
    let at = Pixel {
        x: MARGIN,
        y: area.top - 12.0,
    };
    canvas.text(&fit(words, BODY.size, RIGHT - MARGIN), at, BODY)
}

/// Where rows begin, right of the widest of their names.
pub(super) fn right_of_names<'a>(names: impl Iterator<Item = &'a str>) -> f64 {
    let widths = names.map(|name| width(&fit(name, BODY.size, MOST_NAME), BODY.size));
    MARGIN + widths.fold(40.0, f64::max) + 16.0
}

/// The name of a row, left of it, on its middle line.
pub(super) fn row_name(canvas: &Canvas<'_>, name: &str, middle: f64) -> Result<(), ChartError> {
    let at = Pixel {
        x: MARGIN,
        y: middle + 5.0,
    };
    canvas.text(&fit(name, BODY.size, MOST_NAME), at, BODY)
}

/// A thin line below a row, which leads the eye from its name to its marks.
pub(super) fn row_line(canvas: &Canvas<'_>, y: f64, right: f64) -> Result<(), ChartError> {
    canvas.line(&[Pixel { x: MARGIN, y }, Pixel { x: right, y }], GRID)
}

/// The points without the first, where it lies so far off that it would squeeze all others into
/// half of the axis: auto-approving everything, at a threshold of 0, says little.
pub(super) fn without_a_far_first<T>(points: &[T], threshold: impl Fn(&T) -> f64) -> &[T] {
    let [first, rest @ ..] = points else {
        return points;
    };
    match rest {
        [second, .., last] => {
            let far = threshold(second) - threshold(first) > threshold(last) - threshold(second);
            if far { rest } else { points }
        }
        [_] | [] => points,
    }
}

/// Refuses numbers that cannot be drawn.
pub(super) fn finite(values: impl IntoIterator<Item = f64>, place: &str) -> Result<(), ChartError> {
    match values.into_iter().find(|value| !value.is_finite()) {
        None => Ok(()),
        Some(found) => Err(ChartError::NotANumber {
            place: fit(place, 1.0, 40.0),
            found: found.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_first_threshold_that_squeezes_the_others_is_left_out() {
        let kept = |thresholds: &[f64]| without_a_far_first(thresholds, |t| *t).len();
        assert_eq!(kept(&[0.0, 0.72, 0.8, 0.99]), 3);
        assert_eq!(kept(&[0.0, 0.25, 0.5, 0.75]), 4);
        assert_eq!(kept(&[0.8, 0.85, 0.9]), 3);
        assert_eq!(kept(&[0.0, 0.9]), 2);
        assert_eq!(kept(&[]), 0);
    }
}
