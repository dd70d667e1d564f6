//! Where labels go: next to their dot, inside the plot, and never over another
//! label, a dot, a marker or the line.

use super::canvas::ASCENT;
use super::geometry::{Pixel, Rectangle};

/// Free room kept around a label.
const MARGIN: f64 = 2.0;

/// Distances from a mark that are tried in turn.
const GAPS: [f64; 3] = [2.0, 8.0, 16.0];

/// Distances for a label that must be there.
const WIDE_GAPS: [f64; 6] = [2.0, 8.0, 16.0, 28.0, 40.0, 52.0];

/// How far a label reaches below its baseline, in font sizes.
const DESCENT: f64 = 0.22;

/// Positions around a dot, best first: to which side the label goes (-1, 0, 1)
/// and how high. The curve falls to the right, so the upper right is free most
/// often.
const SIDES: [(f64, f64); 8] = [
    (1.0, -1.0),
    (0.0, -1.0),
    (-1.0, 1.0),
    (0.0, 1.0),
    (1.0, 1.0),
    (-1.0, -1.0),
    (1.0, 0.0),
    (-1.0, 0.0),
];

/// What is taken in one plot.
pub(crate) struct Layout {
    bounds: Rectangle,
    taken: Vec<Rectangle>,
    /// The middle of every mark that a label could be taken to belong to.
    marks: Vec<Pixel>,
    strokes: Vec<(Pixel, Pixel)>,
}

/// A label that found its place: its box and the middle of its baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placed {
    pub(crate) area: Rectangle,
    pub(crate) baseline: Pixel,
}

impl Layout {
    pub(crate) fn new(bounds: Rectangle) -> Self {
        Self {
            bounds,
            taken: Vec::new(),
            marks: Vec::new(),
            strokes: Vec::new(),
        }
    }

    /// Keeps labels off a mark, and nearer to their own.
    pub(crate) fn keep_off(&mut self, mark: Rectangle) {
        self.taken.push(mark);
        self.marks.push(mark.center());
    }

    /// Keeps labels off a line.
    pub(crate) fn keep_off_line(&mut self, line: &[Pixel]) {
        let pairs = line.iter().zip(line.iter().skip(1));
        self.strokes.extend(pairs.map(|(from, to)| (*from, *to)));
    }

    /// Takes a place for a label of this width and font size at a mark, or
    /// gives `None` when there is none.
    pub(crate) fn place(&mut self, mark: Pixel, radius: f64, size: (f64, f64)) -> Option<Placed> {
        let placed = positions((mark, radius), size, &GAPS).find(|placed| {
            let wide = placed.area.grown(MARGIN);
            self.is_free(placed.area)
                && !self
                    .strokes
                    .iter()
                    .any(|(from, to)| wide.is_crossed_by(*from, *to))
                && self.belongs(placed.area, mark)
        })?;
        self.taken.push(placed.area);
        Some(placed)
    }

    /// As [`Self::place`], for a label that must be there: rather over a line
    /// than not at all.
    pub(crate) fn place_if_need_be_over_lines(
        &mut self,
        mark: Pixel,
        radius: f64,
        size: (f64, f64),
    ) -> Option<Placed> {
        self.place(mark, radius, size).or_else(|| {
            let placed = positions((mark, radius), size, &WIDE_GAPS)
                .find(|placed| self.is_free(placed.area))?;
            self.taken.push(placed.area);
            Some(placed)
        })
    }

    fn is_free(&self, area: Rectangle) -> bool {
        let wide = area.grown(MARGIN);
        self.bounds.holds(area) && !self.taken.iter().any(|taken| taken.overlaps(wide))
    }

    /// Whether no other mark is nearer to the label than its own.
    fn belongs(&self, area: Rectangle, own: Pixel) -> bool {
        let distance = area.distance(own);
        self.marks
            .iter()
            .filter(|mark| mark.distance(own) > MARGIN)
            .all(|mark| area.distance(*mark) >= distance)
    }
}

/// Where a label could go, best first.
fn positions(
    (mark, radius): (Pixel, f64),
    (width, size): (f64, f64),
    gaps: &[f64],
) -> impl Iterator<Item = Placed> {
    let height = (ASCENT + DESCENT) * size;
    let spots = gaps
        .iter()
        .flat_map(|gap| SIDES.iter().map(move |side| (gap, side)));
    spots.map(move |(gap, (side, level))| {
        let center = mark.moved(
            side * (radius * sideways(*level) + gap + width / 2.0),
            level * (radius + gap + height / 2.0),
        );
        let area = Rectangle::around(center, width / 2.0, height / 2.0);
        let baseline = Pixel {
            x: center.x,
            y: area.top + ASCENT * size,
        };
        Placed { area, baseline }
    })
}

/// A label diagonal to its dot may come closer from the side.
fn sideways(level: f64) -> f64 {
    if level.abs() > 0.5 { 0.3 } else { 1.0 }
}

/// Picks spots at least `apart` pixels from each other, the worthiest first:
/// both ends, then the roundest threshold (0.9 before 0.85 before 0.875), then
/// from left to right.
pub(crate) fn spread(spots: &[(Option<&str>, Pixel)], apart: f64) -> Vec<usize> {
    let last = spots.len().saturating_sub(1);
    let mut order: Vec<_> = spots
        .iter()
        .enumerate()
        .map(|(position, (threshold, at))| {
            let inside = position != 0 && position != last;
            (
                inside,
                roundness(threshold.unwrap_or_default()),
                position,
                *at,
            )
        })
        .collect();
    order.sort_by_key(|(inside, roundness, position, _)| (*inside, *roundness, *position));
    let mut kept: Vec<Pixel> = Vec::new();
    let mut picked = Vec::new();
    for (_, _, position, at) in order {
        if kept.iter().all(|other| other.distance(at) >= apart) {
            kept.push(at);
            picked.push(position);
        }
    }
    picked
}

fn roundness(threshold: &str) -> usize {
    if threshold.contains('.') {
        threshold.trim_end_matches('0').len()
    } else {
        threshold.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{Layout, spread};
    use crate::chart::geometry::{Pixel, Rectangle};

    const BOUNDS: Rectangle = Rectangle {
        left: 0.0,
        top: 0.0,
        right: 100.0,
        bottom: 60.0,
    };

    #[test]
    fn labels_of_crowded_dots_never_overlap_and_stay_inside() {
        let mut layout = Layout::new(BOUNDS);
        let placed: Vec<_> = (0..50)
            .filter_map(|step| {
                let dot = Pixel {
                    x: f64::from(step) * 2.0,
                    y: 30.0,
                };
                layout.place(dot, 3.5, (28.0, 12.0))
            })
            .collect();
        assert!(placed.len() >= 3);
        for (position, one) in placed.iter().enumerate() {
            assert!(BOUNDS.holds(one.area));
            assert!(
                placed
                    .iter()
                    .skip(position + 1)
                    .all(|other| !one.area.overlaps(other.area))
            );
        }
    }

    #[test]
    fn without_room_there_is_no_label() {
        let mut layout = Layout::new(BOUNDS);
        layout.keep_off(BOUNDS);
        assert_eq!(
            layout.place(Pixel { x: 50.0, y: 30.0 }, 3.5, (28.0, 12.0)),
            None
        );
    }

    #[test]
    fn ends_and_round_thresholds_come_first() {
        let thresholds = ["0.50", "0.55", "0.60", "0.625", "0.70", "0.99"];
        let spots: Vec<_> = (0..)
            .zip(thresholds)
            .map(|(step, threshold)| {
                (
                    Some(threshold),
                    Pixel {
                        x: f64::from(step) * 10.0,
                        y: 0.0,
                    },
                )
            })
            .collect();
        assert_eq!(spread(&spots, 5.0), [0, 5, 2, 4, 1, 3]);
        assert_eq!(spread(&spots, 20.0), [0, 5, 2]);
    }

    #[test]
    fn a_label_is_never_nearer_to_the_dot_of_another() {
        let mut layout = Layout::new(BOUNDS);
        let other = Pixel { x: 62.0, y: 20.0 };
        layout.keep_off(Rectangle::around(other, 3.5, 3.5));
        let dot = Pixel { x: 40.0, y: 30.0 };
        let placed = layout.place(dot, 3.5, (28.0, 12.0));
        assert!(placed.is_some_and(|at| at.area.distance(dot) <= at.area.distance(other)));
    }
}
