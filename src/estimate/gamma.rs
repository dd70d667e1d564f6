//! The gamma distribution with scale 1: both tails and their inverses, for real shapes from
//! 1e-3 to 1e9.
//!
//! Limits of weighted error counts are quantiles of it. It must not know about weights.
//!
//! A tail is the saddle-point prefactor (Loader 2000) times a power series below the mean
//! (DLMF 8.11.4), a continued fraction above it (DLMF 8.9.2), or, for large shapes, a quadrature
//! of the log-concave tail whose cost does not grow with the shape.

use crate::estimate::deviance::{
    HALF_LOG_TWO_PI, deviance, log_gamma_one_plus, log1p_minus, stirling_error,
};
use crate::estimate::normal;
use crate::estimate::tail::{Descent, LogTails, Side, TailPoint, invert, tail_length};

/// Shapes from here on use quadrature instead of series and fraction.
const LARGE_SHAPE: f64 = 60.0;
/// Beyond this a square may overflow.
const LARGEST_SHAPE: f64 = 1e100;
const MOST_TERMS: u32 = 20_000;
/// Stands for a zero denominator in the modified Lentz algorithm.
const TINY: f64 = 1e-300;
/// Below this argument only the leading power of the distribution is left.
const POWER_LAW: f64 = 1e-18;

/// Probability that a gamma variable with this shape and scale 1 is at most `x`: the regularised
/// lower incomplete gamma function, in 0..=1.
///
/// `x` <= 0 gives 0 and infinity gives 1. NaN, or a shape outside (0, 1e100], gives
/// NaN. Relative accuracy about 1e-12 for shapes of 1e-3 to 1e9, given `x`.
/// Source: DLMF 8.11.4 and 8.9.2, Loader (2000).
#[must_use]
pub fn cdf(x: f64, shape: f64) -> f64 {
    probability(x, shape, Side::Lower)
}

/// Probability that a gamma variable with this shape exceeds `x`; as [`cdf`], with full relative
/// accuracy where the result is small.
#[must_use]
pub fn sf(x: f64, shape: f64) -> f64 {
    probability(x, shape, Side::Upper)
}

/// The value that a gamma variable with this shape and scale 1 stays below with probability `p`.
///
/// `p` = 0 gives 0 and 1 gives infinity; outside 0..=1, NaN, or a shape outside (0, 1e100]
/// gives NaN. Relative accuracy about 1e-12; a result below the smallest double is 0.
/// Source: Halley's iteration on [`cdf`], from the start of Wilson and Hilferty (1931).
#[must_use]
pub fn quantile(p: f64, shape: f64) -> f64 {
    tail_quantile(p, shape, Side::Lower)
}

/// The value that a gamma variable with this shape exceeds with probability `q`; as [`quantile`]
/// of 1 - `q`, without forming the difference.
#[must_use]
pub fn quantile_upper(q: f64, shape: f64) -> f64 {
    tail_quantile(q, shape, Side::Upper)
}

fn valid_shape(shape: f64) -> bool {
    shape > 0.0 && shape <= LARGEST_SHAPE
}

fn probability(x: f64, shape: f64, side: Side) -> f64 {
    if x.is_nan() || !valid_shape(shape) {
        return f64::NAN;
    }
    if x <= 0.0 || x.is_infinite() {
        return match side {
            Side::Lower => f64::from(u8::from(x > 0.0)),
            Side::Upper => f64::from(u8::from(x <= 0.0)),
        };
    }
    Gamma::new(shape).log_tails(x).0.on(side).exp()
}

fn tail_quantile(tail: f64, shape: f64, side: Side) -> f64 {
    if !(0.0..=1.0).contains(&tail) || !valid_shape(shape) {
        return f64::NAN;
    }
    if tail <= 0.0 || tail >= 1.0 {
        let at_end = match side {
            Side::Lower => tail >= 1.0,
            Side::Upper => tail <= 0.0,
        };
        return if at_end { f64::INFINITY } else { 0.0 };
    }
    if shape.total_cmp(&1.0).is_eq() {
        return match side {
            Side::Lower => -(-tail).ln_1p(),
            Side::Upper => -tail.ln(),
        };
    }
    if tail > 0.5 {
        // Exact: halving or more never rounds the difference.
        return Gamma::new(shape).quantile(1.0 - tail, side.opposite());
    }
    Gamma::new(shape).quantile(tail, side)
}

/// The shape, with what does not depend on x.
#[derive(Clone, Copy, Debug)]
struct Gamma {
    shape: f64,
    /// Logarithm of x^shape exp(-x) / Γ(shape) at the mean, where its deviance vanishes.
    log_peak: f64,
}

impl Gamma {
    fn new(shape: f64) -> Self {
        let log_peak = 0.5 * shape.ln() - HALF_LOG_TWO_PI - stirling_error(shape);
        Self { shape, log_peak }
    }

    /// Both tails at x, and the logarithm of x^shape exp(-x) / Γ(shape).
    fn log_tails(self, x: f64) -> (LogTails, f64) {
        let log_weight = self.log_peak - deviance(self.shape, x, x - self.shape);
        let (side, over_weight) = if self.shape >= LARGE_SHAPE {
            let side = if x < self.shape {
                Side::Lower
            } else {
                Side::Upper
            };
            (side, self.by_quadrature(x, side))
        } else if x < self.shape + 1.0 {
            (Side::Lower, self.series(x))
        } else {
            (Side::Upper, self.fraction(x).recip())
        };
        let log_known = log_weight + over_weight.ln();
        (LogTails::from_side(side, log_known), log_weight)
    }

    /// DLMF 8.11.4: the lower tail divided by x^shape exp(-x) / Γ(shape).
    fn series(self, x: f64) -> f64 {
        let mut term = 1.0 / self.shape;
        let mut sum = term;
        for step in 1..MOST_TERMS {
            term *= x / (self.shape + f64::from(step));
            sum += term;
            if term <= 0.5 * f64::EPSILON * sum {
                break;
            }
        }
        sum
    }

    /// The denominator of the even part of DLMF 8.9.2, for the upper tail divided by
    /// x^shape exp(-x) / Γ(shape); modified Lentz algorithm.
    fn fraction(self, x: f64) -> f64 {
        let mut denominator = (x - self.shape) + 1.0;
        let mut value = nonzero(denominator);
        let mut c = value;
        let mut d = 0.0;
        for step in 1..MOST_TERMS {
            let m = f64::from(step);
            let numerator = m * (self.shape - m);
            denominator += 2.0;
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

    /// A tail as an integral outwards from x, divided by x^shape exp(-x) / Γ(shape).
    fn by_quadrature(self, x: f64, side: Side) -> f64 {
        let less = self.shape - 1.0;
        let (outwards, room) = match side {
            Side::Lower => (-1.0, x),
            Side::Upper => (1.0, f64::INFINITY),
        };
        let slope = outwards * ((x - self.shape) + 1.0) / x;
        let descent = Descent {
            slope,
            curvature: less / (x * x),
            room,
        };
        let length = tail_length(descent, |d| {
            less * log1p_minus(outwards * d / x) - slope * d
        });
        length / x
    }

    /// The point with probability `tail`, at most a half, on `side`.
    fn quantile(self, tail: f64, side: Side) -> f64 {
        let log_lower = match side {
            Side::Lower => tail.ln(),
            Side::Upper => (-tail).ln_1p(),
        };
        let power_law = ((log_lower + log_gamma_one_plus(self.shape)) / self.shape).exp();
        if power_law < POWER_LAW {
            return power_law;
        }
        let start = self.start(tail, side, power_law);
        let start = start.clamp(f64::MIN_POSITIVE, f64::MAX);
        invert(side, tail.ln(), (start, f64::INFINITY), |x| {
            let (tails, log_weight) = self.log_tails(x);
            TailPoint {
                log_tail: tails.on(side),
                log_mass: log_weight,
                bend: self.shape - x,
            }
        })
    }

    /// Wilson and Hilferty (1931); for small shapes or far down the lower tail, the power law.
    fn start(self, tail: f64, side: Side, power_law: f64) -> f64 {
        let shape = self.shape;
        if shape < 1.0 {
            // The exponential part of the upper tail holds about this much.
            let exponential = shape * (0.253 + 0.12 * shape);
            return if side == Side::Upper && tail < exponential {
                1.0 - (tail / exponential).ln()
            } else {
                power_law
            };
        }
        let deviate = match side {
            Side::Lower => normal::quantile(tail),
            Side::Upper => -normal::quantile(tail),
        };
        let root = 1.0 - 1.0 / (9.0 * shape) + deviate / (3.0 * shape.sqrt());
        if root > 0.3 {
            shape * root * root * root
        } else {
            power_law
        }
    }
}

fn nonzero(value: f64) -> f64 {
    if value.abs() < TINY { TINY } else { value }
}
