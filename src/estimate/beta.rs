//! The beta distribution: both tails and their inverses, for real shapes up to 1e9 and beyond.
//!
//! Every exact limit of a proportion is a quantile of it. It must not know about counts, and it
//! must not give a small tail as 1 less the other.
//!
//! A tail is the saddle-point prefactor (Loader 2000) times one of three factors: a power
//! series (DLMF 8.17.7) for small arguments, the even part of the continued fraction
//! DLMF 8.17.22 (Algorithm 708 of TOMS, 1992) by the modified Lentz algorithm, or, where both shapes
//! are large and the fraction would need about the root of the shapes in steps, a quadrature of
//! the log-concave tail whose cost is constant.

use crate::estimate::deviance::{HALF_LOG_TWO_PI, deviance, log1p_minus, stirling_error};
use crate::estimate::normal;
use crate::estimate::tail::{
    Descent, LogTails, Side, TailPoint, invert, log_complement, tail_length,
};

/// Both shapes from here on: quadrature instead of the continued fraction.
const LARGE_SHAPE: f64 = 60.0;
/// Beyond this a square may overflow.
const LARGEST_SHAPE: f64 = 1e100;
const MOST_TERMS: u32 = 20_000;
/// Stands for a zero denominator in the modified Lentz algorithm.
const TINY: f64 = 1e-300;
/// An argument this small against 1/b leaves only the leading power of the distribution.
const POWER_LAW: f64 = 1e-18;

/// Probability that a beta variable with shapes `a` and `b` is at most `x`: the regularised
/// incomplete beta function, in 0..=1.
///
/// `x` <= 0 gives 0 and `x` >= 1 gives 1. NaN, or a shape outside (0, 1e100], gives
/// NaN. Relative accuracy about 1e-12 for shapes of 1e-3 to 1e9, given `x`.
/// Source: DLMF 8.17.22, Loader (2000).
#[must_use]
pub fn cdf(x: f64, a: f64, b: f64) -> f64 {
    probability(x, a, b, Side::Lower)
}

/// Probability that a beta variable with shapes `a` and `b` exceeds `x`; as [`cdf`], with full
/// relative accuracy where the result is small.
#[must_use]
pub fn sf(x: f64, a: f64, b: f64) -> f64 {
    probability(x, a, b, Side::Upper)
}

/// The value that a beta variable with shapes `a` and `b` stays below with probability `p`.
///
/// `p` = 0 gives 0 and 1 gives 1; outside 0..=1, NaN, or a shape outside (0, 1e100]
/// gives NaN. Relative accuracy about 1e-12; a result below the smallest double is 0.
/// Source: Halley's iteration on [`cdf`], from the start of Abramowitz and Stegun 26.5.22.
#[must_use]
pub fn quantile(p: f64, a: f64, b: f64) -> f64 {
    tail_quantile(p, a, b, Side::Lower)
}

/// The value that a beta variable with shapes `a` and `b` exceeds with probability `q`; as
/// [`quantile`] of 1 - `q`, without forming the difference.
#[must_use]
pub fn quantile_upper(q: f64, a: f64, b: f64) -> f64 {
    tail_quantile(q, a, b, Side::Upper)
}

/// ln of the lower tail at `x` divided by x^a (1-x)^b / B(a, b), for `x` in (0, 1) and valid
/// shapes; NaN otherwise. Neither overflows nor vanishes where tail and weight do.
pub(super) fn log_lower_over_weight(x: f64, a: f64, b: f64) -> f64 {
    log_over_weight(x, a, b, Side::Lower)
}

/// As [`log_lower_over_weight`], of the upper tail.
pub(super) fn log_upper_over_weight(x: f64, a: f64, b: f64) -> f64 {
    log_over_weight(x, a, b, Side::Upper)
}

fn log_over_weight(x: f64, a: f64, b: f64, side: Side) -> f64 {
    if !(x > 0.0 && x < 1.0 && valid_shape(a) && valid_shape(b)) {
        return f64::NAN;
    }
    let (tails, log_weight) = Beta::new(a, b).log_tails(x);
    tails.on(side) - log_weight
}

fn valid_shape(shape: f64) -> bool {
    shape > 0.0 && shape <= LARGEST_SHAPE
}

fn is_one(shape: f64) -> bool {
    shape.total_cmp(&1.0).is_eq()
}

fn probability(x: f64, a: f64, b: f64, side: Side) -> f64 {
    if x.is_nan() || !valid_shape(a) || !valid_shape(b) {
        return f64::NAN;
    }
    if x <= 0.0 || x >= 1.0 {
        return match side {
            Side::Lower => f64::from(u8::from(x >= 1.0)),
            Side::Upper => f64::from(u8::from(x <= 0.0)),
        };
    }
    Beta::new(a, b).log_tails(x).0.on(side).exp()
}

fn tail_quantile(tail: f64, a: f64, b: f64, side: Side) -> f64 {
    if !(0.0..=1.0).contains(&tail) || !valid_shape(a) || !valid_shape(b) {
        return f64::NAN;
    }
    if tail <= 0.0 || tail >= 1.0 {
        let at_end = match side {
            Side::Lower => tail >= 1.0,
            Side::Upper => tail <= 0.0,
        };
        return f64::from(u8::from(at_end));
    }
    if is_one(b) {
        return (log_of_side(tail, side, Side::Lower) / a).exp();
    }
    if is_one(a) {
        return -(log_of_side(tail, side, Side::Upper) / b).exp_m1();
    }
    if tail > 0.5 {
        // Exact: halving or more never rounds the difference.
        return Beta::new(a, b).quantile(1.0 - tail, side.opposite());
    }
    Beta::new(a, b).quantile(tail, side)
}

/// Logarithm of the probability on the side `wanted`, when `tail` is that on `given`.
fn log_of_side(tail: f64, given: Side, wanted: Side) -> f64 {
    if given == wanted {
        tail.ln()
    } else {
        (-tail).ln_1p()
    }
}

/// The two shapes, with what does not depend on x.
#[derive(Clone, Copy, Debug)]
struct Beta {
    a: f64,
    b: f64,
    /// Logarithm of x^a (1-x)^b / B(a, b) at the mean, where its deviances vanish.
    log_peak: f64,
}

/// A point of the unit interval with its distance to the mean.
#[derive(Clone, Copy, Debug)]
struct Place {
    x: f64,
    y: f64,
    /// a·y - b·x, positive below the mean.
    below: f64,
}

impl Place {
    /// The same place seen from the other end of the interval.
    fn mirrored(self) -> Self {
        Self {
            x: self.y,
            y: self.x,
            below: -self.below,
        }
    }
}

impl Beta {
    fn new(a: f64, b: f64) -> Self {
        let total = a + b;
        let log_peak = 0.5 * (a * (b / total)).ln() - HALF_LOG_TWO_PI + stirling_error(total)
            - stirling_error(a)
            - stirling_error(b);
        Self { a, b, log_peak }
    }

    fn mirrored(self) -> Self {
        Self {
            a: self.b,
            b: self.a,
            log_peak: self.log_peak,
        }
    }

    /// The place of x, with a·y - b·x correctly rounded although y = 1 - x is not.
    fn place(self, x: f64) -> Place {
        let y = 1.0 - x;
        let total = self.a + self.b;
        // Knuth's two-sum: what the rounding of a + b has lost.
        let part = total - self.a;
        let lost = (self.a - (total - part)) + (self.b - part);
        let below = if x <= 0.5 {
            (-total).mul_add(x, self.a) - lost * x
        } else {
            total.mul_add(y, -self.b) + lost * y
        };
        Place { x, y, below }
    }

    /// Logarithm of x^a (1-x)^b / B(a, b).
    fn log_weight(self, place: Place) -> f64 {
        let total = self.a + self.b;
        self.log_peak
            - deviance(self.a, total * place.x, -place.below)
            - deviance(self.b, total * place.y, place.below)
    }

    /// Both tails at x, and the logarithm of x^a (1-x)^b / B(a, b).
    fn log_tails(self, x: f64) -> (LogTails, f64) {
        let place = self.place(x);
        let log_weight = self.log_weight(place);
        // The tail on the near side of the mean is the small one: compute that.
        let (side, near, seen) = if place.below > 0.0 {
            (Side::Lower, self, place)
        } else {
            (Side::Upper, self.mirrored(), place.mirrored())
        };
        let log_near = if is_one(near.b) {
            near.a * seen.x.ln()
        } else if is_one(near.a) {
            log_complement(near.b * log_of_rest(seen))
        } else {
            log_weight + near.lower_over_weight(seen).ln()
        };
        (LogTails::from_side(side, log_near), log_weight)
    }

    /// The lower tail divided by x^a (1-x)^b / B(a, b), for x below the mean.
    fn lower_over_weight(self, place: Place) -> f64 {
        if self.a >= LARGE_SHAPE && self.b >= LARGE_SHAPE {
            self.by_quadrature(place)
        } else if self.b * place.x <= 0.7 && place.x <= 0.7 {
            self.by_series(place) / (self.b * log_of_rest(place)).exp()
        } else {
            1.0 / self.fraction(place)
        }
    }

    /// DLMF 8.17.7: the lower tail divided by x^a / B(a, b).
    fn by_series(self, place: Place) -> f64 {
        let mut term = 1.0;
        let mut sum = 1.0 / self.a;
        for step in 1..MOST_TERMS {
            let n = f64::from(step);
            term *= (n - self.b) / n * place.x;
            let added = term / (self.a + n);
            sum += added;
            if added.abs() <= 0.5 * f64::EPSILON * sum {
                break;
            }
        }
        sum
    }

    /// The denominator of DLMF 8.17.22 after contraction to its even part, in which nothing
    /// cancels (Algorithm 708, TOMS 18 (1992), function BFRAC).
    fn fraction(self, place: Place) -> f64 {
        let Self { a, b, .. } = self;
        let Place { x, below, .. } = place;
        let mut value = a * (below + 1.0) / (a + 1.0);
        if value.abs() < TINY {
            value = TINY;
        }
        let mut c = value;
        let mut d = 0.0;
        for step in 1..MOST_TERMS {
            let m = f64::from(step);
            let odd = a + 2.0 * m - 1.0;
            let shared = m * (b - m) * x / odd;
            let numerator = shared * x * ((a + m - 1.0) / odd) * (a + b + m - 1.0);
            let denominator = m + shared + (a + m) / (odd + 2.0) * (below + 1.0 + m * (2.0 - x));
            d = nonzero(denominator + numerator * d).recip();
            c = nonzero(denominator + numerator / c);
            let factor = c * d;
            value *= factor;
            if (factor - 1.0).abs() <= f64::EPSILON {
                break;
            }
        }
        value
    }

    /// The lower tail as an integral outwards from x, for large shapes.
    fn by_quadrature(self, place: Place) -> f64 {
        let Place { x, y, below } = place;
        let (a_less, b_less) = (self.a - 1.0, self.b - 1.0);
        let slope = (below + (x - y)) / (x * y);
        let descent = Descent {
            slope,
            curvature: a_less / (x * x) + b_less / (y * y),
            room: x,
        };
        let length = tail_length(descent, |d| {
            a_less * log1p_minus(-d / x) + b_less * log1p_minus(d / y) - slope * d
        });
        length / (x * y)
    }

    /// The point with probability `tail`, at most a half, on `side`.
    fn quantile(self, tail: f64, side: Side) -> f64 {
        let log_power = self.log_power_law(log_of_side(tail, side, Side::Lower));
        if log_power.exp() * (self.b + 1.0) < POWER_LAW {
            return log_power.exp();
        }
        let mirror = self.mirrored();
        let log_mirror = mirror.log_power_law(log_of_side(tail, side, Side::Upper));
        if log_mirror.exp() * (self.a + 1.0) < POWER_LAW {
            return 1.0 - log_mirror.exp();
        }
        let (x, y) = if self.a > 1.0 && self.b > 1.0 {
            self.normal_start(tail, side)
        } else {
            small_shape_start(log_power.exp(), log_mirror.exp())
        };
        // Solve for whichever of x and 1 - x is small, so that neither loses digits.
        if x <= y {
            self.solve(x, tail, side)
        } else {
            1.0 - mirror.solve(y, tail, side.opposite())
        }
    }

    fn solve(self, start: f64, tail: f64, side: Side) -> f64 {
        let start = start.clamp(f64::MIN_POSITIVE, 0.5);
        invert(side, tail.ln(), (start, 1.0), |x| {
            let (tails, log_weight) = self.log_tails(x);
            let y = 1.0 - x;
            TailPoint {
                log_tail: tails.on(side),
                log_mass: log_weight - (-x).ln_1p(),
                bend: self.a - (self.b - 1.0) * (x / y),
            }
        })
    }

    /// ln x when the lower tail x^a / (a B(a, b)) has the logarithm `log_lower`.
    fn log_power_law(self, log_lower: f64) -> f64 {
        // ln(1 / B), from the peak back to x^a (1-x)^b = 1.
        let log_scale =
            self.log_peak + self.a * (self.b / self.a).ln_1p() + self.b * (self.a / self.b).ln_1p();
        (log_lower + self.a.ln() - log_scale) / self.a
    }

    /// Abramowitz and Stegun 26.5.22, for both shapes above 1: x and 1 - x.
    fn normal_start(self, tail: f64, side: Side) -> (f64, f64) {
        let deviate = match side {
            Side::Lower => -normal::quantile(tail),
            Side::Upper => normal::quantile(tail),
        };
        let (a, b) = (1.0 / (2.0 * self.a - 1.0), 1.0 / (2.0 * self.b - 1.0));
        let lambda = (deviate * deviate - 3.0) / 6.0;
        let h = 2.0 / (a + b);
        let w = deviate * (h + lambda).max(0.0).sqrt() / h
            - (b - a) * (lambda + 5.0 / 6.0 - 2.0 / (3.0 * h));
        let ratio = self.b / self.a * (2.0 * w).exp();
        (1.0 / (1.0 + ratio), 1.0 / (1.0 + 1.0 / ratio))
    }
}

/// A start from the power law of whichever end is nearer: x and 1 - x.
fn small_shape_start(from_zero: f64, from_one: f64) -> (f64, f64) {
    if from_zero <= from_one {
        let x = from_zero.min(0.5);
        (x, 1.0 - x)
    } else {
        let y = from_one.min(0.5);
        (1.0 - y, y)
    }
}

/// ln(1 - x), from whichever of x and 1 - x is exact.
fn log_of_rest(place: Place) -> f64 {
    if place.x <= 0.5 {
        (-place.x).ln_1p()
    } else {
        place.y.ln()
    }
}

fn nonzero(value: f64) -> f64 {
    if value.abs() < TINY { TINY } else { value }
}
