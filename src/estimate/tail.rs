//! Two numerical tools that the beta and the gamma distribution share: the integral of a
//! log-concave tail, and the inversion of a tail probability.
//!
//! They work on logarithms of probabilities, so that nothing underflows. They must not know
//! which distribution they serve.

/// Positive nodes and weights of the 16-point Gauss-Legendre rule (DLMF 3.5.15).
const GAUSS_LEGENDRE: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_6),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_8, 0.149_595_988_816_576_74),
    (0.755_404_408_355_003, 0.124_628_971_255_533_88),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_89),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
];

/// Width of a panel, in lengths over which the tail falls by a factor e.
const PANEL_LENGTHS: f64 = 3.0;
/// Beyond this many panels a log-concave tail has fallen by exp(-48) at least.
const MOST_PANELS: u32 = 16;
/// A panel smaller than this part of the sum ends the integral.
const NEGLIGIBLE: f64 = 1e-18;

/// Most iterations of the inversion; bisection alone would need fewer.
const MOST_STEPS: u32 = 200;
/// Distance in the log probability from which one Halley step ends beyond double accuracy.
const LAST_STEP: f64 = 1e-5;
/// Largest step in ln x that is taken on trust.
const LONGEST_STEP: f64 = 700.0;

/// Which tail of a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Lower,
    Upper,
}

impl Side {
    pub(crate) fn opposite(self) -> Self {
        match self {
            Self::Lower => Self::Upper,
            Self::Upper => Self::Lower,
        }
    }
}

/// Both tail probabilities at a point, as logarithms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogTails {
    pub(crate) lower: f64,
    pub(crate) upper: f64,
}

impl LogTails {
    /// The pair from the logarithm of one side; the other is its complement.
    pub(crate) fn from_side(side: Side, log_probability: f64) -> Self {
        let known = log_probability.min(0.0);
        let other = log_complement(known);
        match side {
            Side::Lower => Self {
                lower: known,
                upper: other,
            },
            Side::Upper => Self {
                lower: other,
                upper: known,
            },
        }
    }

    pub(crate) fn on(self, side: Side) -> f64 {
        match side {
            Side::Lower => self.lower,
            Side::Upper => self.upper,
        }
    }
}

/// ln(1 - exp(x)) for x <= 0, accurate at both ends (Mächler 2012, "Accurately computing
/// log(1 - exp(-|a|))").
pub(crate) fn log_complement(x: f64) -> f64 {
    if x > -std::f64::consts::LN_2 {
        (-x.exp_m1()).ln()
    } else {
        (-x.exp()).ln_1p()
    }
}

/// How a density falls as one walks outwards from the point where its tail begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Descent {
    /// Rate at which the log density falls at the start, per unit; about zero at the mode.
    pub(crate) slope: f64,
    /// Minus the second derivative of the log density at the start, not negative.
    pub(crate) curvature: f64,
    /// Distance to the end of the support; may be infinite.
    pub(crate) room: f64,
}

/// The integral of `exp(log_ratio(d))` for d from 0 to the end of the support, where `log_ratio`
/// is the concave log density less its value at 0. The result is a length.
///
/// Composite Gauss-Legendre: the panels are a few decay lengths wide, and a log-concave
/// density that has fallen by e in one length has fallen by e^k in k, so the number of panels
/// does not grow with the shape. Relative accuracy about 1e-13.
pub(crate) fn tail_length(descent: Descent, log_ratio: impl Fn(f64) -> f64) -> f64 {
    let Descent {
        slope,
        curvature,
        room,
    } = descent;
    // The root of slope·d + curvature·d²/2 = 1.
    let length = 2.0 / (slope + (slope * slope + 2.0 * curvature).sqrt());
    let mut sum = 0.0;
    let mut start = 0.0;
    for _ in 0..MOST_PANELS {
        let end = (start + PANEL_LENGTHS * length).min(room);
        let half = 0.5 * (end - start);
        let middle = start + half;
        let panel: f64 = GAUSS_LEGENDRE
            .iter()
            .map(|(node, weight)| {
                let offset = half * node;
                weight * (log_ratio(middle - offset).exp() + log_ratio(middle + offset).exp())
            })
            .sum();
        sum += panel * half;
        if panel * half <= NEGLIGIBLE * sum || end >= room {
            break;
        }
        start = end;
    }
    sum
}

/// What the inversion needs to know at one point x.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TailPoint {
    /// Logarithm of the tail probability that is to be matched.
    pub(crate) log_tail: f64,
    /// Logarithm of x times the density at x.
    pub(crate) log_mass: f64,
    /// Derivative of `log_mass` with respect to ln x.
    pub(crate) bend: f64,
}

/// The x in (0, `end`) whose tail on `side` has the logarithm `log_target`.
///
/// Halley's iteration on the logarithm of the tail as a function of ln x, in which both tails
/// are nearly straight or concave, inside a bracket that every evaluation narrows; a step that
/// leaves the bracket is replaced by bisection. `start` must be positive and finite.
pub(crate) fn invert(
    side: Side,
    log_target: f64,
    (start, end): (f64, f64),
    point_at: impl Fn(f64) -> TailPoint,
) -> f64 {
    let direction = match side {
        Side::Lower => 1.0,
        Side::Upper => -1.0,
    };
    let mut bracket = (0.0, end);
    let mut x = start;
    for _ in 0..MOST_STEPS {
        let point = point_at(x);
        let gap = point.log_tail - log_target;
        if gap * direction > 0.0 {
            bracket.1 = x;
        } else {
            bracket.0 = x;
        }
        let hazard = direction * (point.log_mass - point.log_tail).exp();
        let newton = gap / hazard;
        let correction = 1.0 - 0.5 * newton * (point.bend - hazard);
        let step = -newton / correction.clamp(0.5, 2.0);
        let next = x * step.clamp(-LONGEST_STEP, LONGEST_STEP).exp();
        let trusted = next > bracket.0 && next < bracket.1;
        let negligible = step.abs() <= f64::EPSILON;
        if negligible || (trusted && gap.abs() < LAST_STEP) {
            return if trusted { next } else { x };
        }
        x = if trusted { next } else { middle(x, bracket) };
        if bracket.1 - bracket.0 <= f64::EPSILON * bracket.0 {
            break;
        }
    }
    x
}

/// Bisection in ln x; an open side is approached by factors of four.
fn middle(x: f64, (low, high): (f64, f64)) -> f64 {
    if low <= 0.0 {
        x / 4.0
    } else if high.is_infinite() {
        x * 4.0
    } else {
        low.sqrt() * high.sqrt()
    }
}
