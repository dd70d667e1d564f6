//! Points, boxes and what it takes to cut and hatch shapes. Pure arithmetic on
//! pixels: it knows neither rates nor colours. `y` grows downwards.

/// A place on the page, in pixels from the upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pixel {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Pixel {
    pub(crate) fn moved(self, right: f64, down: f64) -> Self {
        Self {
            x: self.x + right,
            y: self.y + down,
        }
    }

    pub(crate) fn distance(self, other: Self) -> f64 {
        length(other.x - self.x, other.y - self.y)
    }

    /// The place a `share` of the way from here to `other`.
    fn towards(self, other: Self, share: f64) -> Self {
        self.moved((other.x - self.x) * share, (other.y - self.y) * share)
    }
}

/// Not `hypot`, whose last bit differs from one machine to another.
fn length(across: f64, up: f64) -> f64 {
    (across * across + up * up).sqrt()
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rectangle {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Rectangle {
    /// The box that reaches `across` and `up` to each side of a place.
    pub(crate) fn around(center: Pixel, across: f64, up: f64) -> Self {
        Self {
            left: center.x - across,
            top: center.y - up,
            right: center.x + across,
            bottom: center.y + up,
        }
    }

    pub(crate) fn grown(self, by: f64) -> Self {
        Self {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    pub(crate) fn corners(self) -> [Pixel; 4] {
        [
            Pixel {
                x: self.left,
                y: self.top,
            },
            Pixel {
                x: self.right,
                y: self.top,
            },
            Pixel {
                x: self.right,
                y: self.bottom,
            },
            Pixel {
                x: self.left,
                y: self.bottom,
            },
        ]
    }

    pub(crate) fn center(self) -> Pixel {
        Pixel {
            x: f64::midpoint(self.left, self.right),
            y: f64::midpoint(self.top, self.bottom),
        }
    }

    /// From the nearest edge to a place; 0 inside.
    pub(crate) fn distance(self, place: Pixel) -> f64 {
        let across = (self.left - place.x).max(place.x - self.right).max(0.0);
        let up = (self.top - place.y).max(place.y - self.bottom).max(0.0);
        length(across, up)
    }

    pub(crate) fn overlaps(self, other: Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    pub(crate) fn holds(self, other: Self) -> bool {
        self.left <= other.left
            && other.right <= self.right
            && self.top <= other.top
            && other.bottom <= self.bottom
    }

    /// Whether a straight line runs through the box (Liang and Barsky 1984).
    pub(crate) fn is_crossed_by(self, from: Pixel, to: Pixel) -> bool {
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        let sides = [
            (-dx, from.x - self.left),
            (dx, self.right - from.x),
            (-dy, from.y - self.top),
            (dy, self.bottom - from.y),
        ];
        for (speed, distance) in sides {
            if speed < 0.0 {
                enter = enter.max(distance / speed);
            } else if speed > 0.0 {
                leave = leave.min(distance / speed);
            } else if distance < 0.0 {
                return false;
            }
        }
        enter <= leave
    }
}

/// The line pressed down to `ceiling` wherever it runs above it.
pub(crate) fn pressed_below(line: &[Pixel], ceiling: f64) -> Vec<Pixel> {
    with_crossings(line, ceiling)
        .into_iter()
        .map(|point| Pixel {
            x: point.x,
            y: point.y.max(ceiling),
        })
        .collect()
}

/// The parts of the line that run at or below `ceiling`.
pub(crate) fn parts_below(line: &[Pixel], ceiling: f64) -> Vec<Vec<Pixel>> {
    let points = with_crossings(line, ceiling);
    let parts = points.split(|point| point.y < ceiling);
    parts
        .filter(|part| part.len() > 1)
        .map(<[Pixel]>::to_vec)
        .collect()
}

/// From where to where (in x) the line runs above `ceiling`.
pub(crate) fn spans_above(line: &[Pixel], ceiling: f64) -> Vec<(f64, f64)> {
    let points = with_crossings(line, ceiling);
    let mut spans: Vec<(f64, f64)> = Vec::new();
    for (from, to) in points.iter().zip(points.iter().skip(1)) {
        if from.y.min(to.y) >= ceiling {
            continue;
        }
        match spans.last_mut() {
            Some((_, end)) if *end >= from.x => *end = to.x,
            _ => spans.push((from.x, to.x)),
        }
    }
    spans
}

/// The line with a point added wherever it crosses `ceiling`.
fn with_crossings(line: &[Pixel], ceiling: f64) -> Vec<Pixel> {
    let mut points: Vec<Pixel> = line.first().copied().into_iter().collect();
    for (from, to) in line.iter().zip(line.iter().skip(1)) {
        if (from.y < ceiling) != (to.y < ceiling) && from.y.total_cmp(&ceiling).is_ne() {
            let crossing = from.towards(*to, (ceiling - from.y) / (to.y - from.y));
            points.push(Pixel {
                x: crossing.x,
                y: ceiling,
            });
        }
        points.push(*to);
    }
    points
}

/// Rising diagonals, `apart` pixels from each other, inside a shape. They lie
/// on one grid for the whole page, so that neighbouring shapes match.
pub(crate) fn hatching(corners: &[Pixel], apart: f64) -> Vec<[Pixel; 2]> {
    let sums = || corners.iter().map(|corner| corner.x + corner.y);
    let (least, most) = (
        sums().fold(f64::MAX, f64::min),
        sums().fold(f64::MIN, f64::max),
    );
    if corners.len() < 3 || most - least < apart {
        return Vec::new();
    }
    let mut lines = Vec::new();
    // Half a step off the grid, because corners like to lie on whole numbers.
    let mut sum = ((least / apart).floor() + 0.5) * apart;
    while sum < most {
        lines.extend(diagonal(corners, sum));
        sum += apart;
    }
    lines
}

/// The parts of the diagonal `x + y = sum` inside a shape: its crossings with
/// the edges, in order, are in turn where it enters and where it leaves.
fn diagonal(corners: &[Pixel], sum: f64) -> Vec<[Pixel; 2]> {
    let mut crossings: Vec<Pixel> = corners
        .iter()
        .zip(corners.iter().cycle().skip(1))
        .filter_map(|(from, to)| {
            let (before, after) = (from.x + from.y - sum, to.x + to.y - sum);
            ((before < 0.0) != (after < 0.0)).then(|| from.towards(*to, before / (before - after)))
        })
        .collect();
    crossings.sort_by(|a, b| a.x.total_cmp(&b.x));
    let mut lines = Vec::new();
    let mut ends = crossings.into_iter();
    while let (Some(enter), Some(leave)) = (ends.next(), ends.next()) {
        lines.push([enter, leave]);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{Pixel, Rectangle, hatching, parts_below, pressed_below, spans_above};

    fn line(points: &[(f64, f64)]) -> Vec<Pixel> {
        points.iter().map(|&(x, y)| Pixel { x, y }).collect()
    }

    #[test]
    fn a_line_that_leaves_at_the_top_is_cut_where_it_crosses() {
        let peak = line(&[(0.0, 10.0), (10.0, -10.0), (20.0, 10.0)]);
        let pressed = [
            (0.0, 10.0),
            (5.0, 0.0),
            (10.0, 0.0),
            (15.0, 0.0),
            (20.0, 10.0),
        ];
        assert_eq!(pressed_below(&peak, 0.0), line(&pressed));
        let parts = vec![
            line(&[(0.0, 10.0), (5.0, 0.0)]),
            line(&[(15.0, 0.0), (20.0, 10.0)]),
        ];
        assert_eq!(parts_below(&peak, 0.0), parts);
        assert_eq!(spans_above(&peak, 0.0), [(5.0, 15.0)]);
    }

    #[test]
    fn a_line_along_the_top_is_not_above_it() {
        let flat = line(&[(0.0, 0.0), (10.0, 0.0)]);
        assert_eq!(pressed_below(&flat, 0.0), flat);
        assert_eq!(parts_below(&flat, 0.0), std::slice::from_ref(&flat));
        assert!(spans_above(&flat, 0.0).is_empty());
    }

    #[test]
    fn hatching_stays_inside_the_shape() {
        let area = Rectangle {
            left: 3.0,
            top: 5.0,
            right: 43.0,
            bottom: 25.0,
        };
        let lines = hatching(&area.corners(), 8.0);
        assert!(lines.len() >= 6);
        for end in lines.iter().flatten() {
            assert!(
                area.grown(1e-9).holds(Rectangle::around(*end, 0.0, 0.0)),
                "{end:?}"
            );
        }
    }

    #[test]
    fn a_line_through_a_box_crosses_it_and_one_past_it_does_not() {
        let area = Rectangle {
            left: 0.0,
            top: 0.0,
            right: 10.0,
            bottom: 10.0,
        };
        let at = |x, y| Pixel { x, y };
        assert!(area.is_crossed_by(at(-5.0, 5.0), at(15.0, 5.0)));
        assert!(area.is_crossed_by(at(2.0, 2.0), at(3.0, 3.0)));
        assert!(!area.is_crossed_by(at(-5.0, 5.0), at(-1.0, 5.0)));
        assert!(!area.is_crossed_by(at(-5.0, 8.0), at(5.0, 18.0)));
    }
}
