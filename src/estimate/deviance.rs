//! The two parts of Loader's saddle-point form of a density: Stirling's error and the deviance.
//!
//! Densities of large shapes lose their digits when they are put together from logarithms of
//! gamma functions; Loader (2000, "Fast and accurate computation of binomial probabilities")
//! writes them with terms that are small where the density is not. Nothing here must know which
//! distribution it serves.

/// Half the logarithm of 2π.
pub(crate) const HALF_LOG_TWO_PI: f64 = 0.918_938_533_204_672_8;

/// Shapes from here on use the asymptotic series of Stirling's error.
const SERIES_FROM: f64 = 15.0;

/// Coefficients of Stirling's series (DLMF 5.11.1), highest power of 1/z² first.
const STIRLING: [f64; 8] = [
    -3_617.0 / 122_400.0,
    1.0 / 156.0,
    -691.0 / 360_360.0,
    1.0 / 1_188.0,
    -1.0 / 1_680.0,
    1.0 / 1_260.0,
    -1.0 / 360.0,
    1.0 / 12.0,
];

/// ln Γ(z) less Stirling's formula (z - 1/2) ln z - z + ln(2π)/2, for z > 0.
///
/// Absolute accuracy about 1e-15; infinite at 0. Source: DLMF 5.11.1 for large z, carried down
/// to small z by the recurrence of the gamma function.
pub(crate) fn stirling_error(z: f64) -> f64 {
    let mut shifted = z;
    let mut carried = 0.0;
    while shifted < SERIES_FROM {
        carried += (shifted + 0.5) * (1.0 / shifted).ln_1p() - 1.0;
        shifted += 1.0;
    }
    let square = 1.0 / (shifted * shifted);
    let series = STIRLING.iter().fold(0.0, |sum, term| sum * square + term);
    carried + series / shifted
}

/// ln Γ(1 + z) for z >= 0, with absolute accuracy about 1e-15 for z below ten.
pub(crate) fn log_gamma_one_plus(z: f64) -> f64 {
    let shifted = 1.0 + z;
    (z + 0.5) * z.ln_1p() - shifted + HALF_LOG_TWO_PI + stirling_error(shifted)
}

/// ln(1 + u) - u for u > -1, without cancellation near zero; minus infinity at -1.
///
/// With r = u/(2+u), ln(1+u) = 2(r + r³/3 + r⁵/5 + ...) (DLMF 4.6.4) and 2r - u = -ru.
pub(crate) fn log1p_minus(u: f64) -> f64 {
    if !(-0.4..=0.5).contains(&u) {
        return u.ln_1p() - u;
    }
    let r = u / (2.0 + u);
    let square = r * r;
    let mut power = square;
    let mut sum = 1.0 / 3.0;
    let mut odd = 5.0;
    while power > 1e-18 {
        sum += power / odd;
        power *= square;
        odd += 2.0;
    }
    r * (2.0 * square * sum - u)
}

/// Loader's deviance: observed·ln(observed/expected) + expected - observed, never negative.
///
/// `excess` is expected - observed, which the caller knows more exactly than the difference of
/// the two. Both must be positive; `expected` = 0 gives infinity.
pub(crate) fn deviance(observed: f64, expected: f64, excess: f64) -> f64 {
    let relative = excess / observed;
    if (-0.5..=0.5).contains(&relative) {
        -observed * log1p_minus(relative)
    } else {
        excess - observed * (expected / observed).ln()
    }
}

/// ln n! less n ln n - n: half the logarithm of 2πn with Stirling's error, and 0 for none.
pub(crate) fn factorial_excess(n: f64) -> f64 {
    if n > 0.0 {
        HALF_LOG_TWO_PI + 0.5 * n.ln() + stirling_error(n)
    } else {
        0.0
    }
}

/// [`deviance`] of a count, which may be 0: then all of what was expected.
pub(crate) fn count_deviance(observed: f64, expected: f64, excess: f64) -> f64 {
    if observed > 0.0 {
        deviance(observed, expected, excess)
    } else {
        expected
    }
}
