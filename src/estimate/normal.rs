//! The standard normal distribution: distribution function and quantile.
//!
//! Written out because every limit of the program rests on it and the tails must keep their
//! relative accuracy down to 1e-300. It must not know any statistic that uses it.

/// Ratio P/Q of Cody's first range, |x| <= 0.674 489 75, in powers of x².
const CENTRE_NUMERATOR: [f64; 5] = [
    0.065_682_337_918_207_45,
    2.235_252_035_460_684,
    161.028_231_068_555_88,
    1_067.689_485_460_371,
    18_154.981_253_343_56,
];
const CENTRE_DENOMINATOR: [f64; 5] = [
    1.0,
    47.202_581_904_688_24,
    976.098_551_737_776_7,
    10_260.932_208_618_979,
    45_507.789_335_026_73,
];
/// Cody's second range, up to the square root of 32, in powers of |x|.
const SHOULDER_NUMERATOR: [f64; 9] = [
    1.076_557_677_372_019_2e-8,
    0.398_941_512_088_134_66,
    8.883_149_794_388_377,
    93.506_656_132_177_85,
    597.270_276_394_800_2,
    2_494.537_585_290_372_6,
    6_848.190_450_536_283,
    11_602.651_437_647_35,
    9_842.714_838_383_978,
];
const SHOULDER_DENOMINATOR: [f64; 9] = [
    1.0,
    22.266_688_044_328_117,
    235.387_901_782_625,
    1_519.377_599_407_554_7,
    6_485.558_298_266_761,
    18_615.571_640_885_097,
    34_900.952_721_145_98,
    38_912.003_286_093_27,
    19_685.429_676_859_992,
];
/// Cody's third range, beyond the square root of 32, in powers of 1/x².
const TAIL_NUMERATOR: [f64; 6] = [
    0.023_073_441_764_940_174,
    0.215_898_534_057_957,
    0.127_401_161_160_247_36,
    0.022_235_277_870_649_807,
    0.001_421_619_193_227_893_4,
    2.911_287_495_116_879_3e-5,
];
const TAIL_DENOMINATOR: [f64; 6] = [
    1.0,
    1.284_260_096_144_911,
    0.468_238_212_480_865_1,
    0.065_988_137_868_928_56,
    0.003_782_396_332_027_582_4,
    7.297_515_550_839_662e-5,
];

/// Wichura's three rational approximations, highest power first.
const CENTRAL_NUMERATOR: [f64; 8] = [
    2_509.080_928_730_122_7,
    33_430.575_583_588_13,
    67_265.770_927_008_7,
    45_921.953_931_549_87,
    13_731.693_765_509_46,
    1_971.590_950_306_551_3,
    133.141_667_891_784_38,
    3.387_132_872_796_366_5,
];
const CENTRAL_DENOMINATOR: [f64; 8] = [
    5_226.495_278_852_854,
    28_729.085_735_721_943,
    39_307.895_800_092_71,
    21_213.794_301_586_597,
    5_394.196_021_424_751,
    687.187_007_492_057_9,
    42.313_330_701_600_91,
    1.0,
];
const NEAR_NUMERATOR: [f64; 8] = [
    7.745_450_142_783_414e-4,
    0.022_723_844_989_269_184,
    0.241_780_725_177_450_6,
    1.270_458_252_452_368_4,
    3.647_848_324_763_204_5,
    5.769_497_221_460_691,
    4.630_337_846_156_546,
    1.423_437_110_749_683_5,
];
const NEAR_DENOMINATOR: [f64; 8] = [
    1.050_750_071_644_416_9e-9,
    5.475_938_084_995_345e-4,
    0.015_198_666_563_616_457,
    0.148_103_976_427_480_08,
    0.689_767_334_985_1,
    1.676_384_830_183_803_8,
    2.053_191_626_637_759,
    1.0,
];
const FAR_NUMERATOR: [f64; 8] = [
    2.010_334_399_292_288_1e-7,
    2.711_555_568_743_487_6e-5,
    0.001_242_660_947_388_078_4,
    0.026_532_189_526_576_124,
    0.296_560_571_828_504_87,
    1.784_826_539_917_291_3,
    5.463_784_911_164_114,
    6.657_904_643_501_103,
];
const FAR_DENOMINATOR: [f64; 8] = [
    2.044_263_103_389_939_8e-15,
    1.421_511_758_316_446e-7,
    1.846_318_317_510_054_8e-5,
    7.868_691_311_456_133e-4,
    0.014_875_361_290_850_615,
    0.136_929_880_922_735_8,
    0.599_832_206_555_888,
    1.0,
];

/// Where Cody's first range ends: the upper quartile.
const QUARTILE: f64 = 0.674_489_75;
const SQRT_32: f64 = 5.656_854_249_492_381;
const ONE_OVER_SQRT_TWO_PI: f64 = 0.398_942_280_401_432_7;

/// Probability that a standard normal value is at most `x`, in 0..=1.
///
/// Relative accuracy is near machine precision, in the lower tail down to 1e-300.
/// Minus infinity gives 0, plus infinity 1, NaN gives NaN.
/// Source: W. J. Cody, "Rational Chebyshev approximations for the error function" (1969), in the
/// form of his Algorithm 715 (1993) that takes x itself.
#[must_use]
pub fn cdf(x: f64) -> f64 {
    if x.is_nan() {
        return f64::NAN;
    }
    let size = x.abs();
    if size <= QUARTILE {
        let square = x * x;
        let ratio = polynomial(square, &CENTRE_NUMERATOR) / polynomial(square, &CENTRE_DENOMINATOR);
        return 0.5 + x * ratio;
    }
    let tail = upper_tail(size);
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// The value below which a standard normal falls with probability `probability`.
///
/// 0 gives minus infinity and 1 plus infinity; outside 0..=1, or NaN, gives NaN. Relative
/// accuracy about 1e-15 for every probability that a double can hold.
/// Source: M. J. Wichura, "Algorithm AS 241", Applied Statistics 37 (1988), routine PPND16.
#[must_use]
pub fn quantile(probability: f64) -> f64 {
    if !(0.0..=1.0).contains(&probability) {
        return f64::NAN;
    }
    let centred = probability - 0.5;
    if centred.abs() <= 0.425 {
        let r = 0.180_625 - centred * centred;
        return centred * polynomial(r, &CENTRAL_NUMERATOR) / polynomial(r, &CENTRAL_DENOMINATOR);
    }
    let tail = if centred < 0.0 {
        probability
    } else {
        1.0 - probability
    };
    if tail <= 0.0 {
        return f64::INFINITY.copysign(centred);
    }
    let root = (-tail.ln()).sqrt();
    let size = if root <= 5.0 {
        let r = root - 1.6;
        polynomial(r, &NEAR_NUMERATOR) / polynomial(r, &NEAR_DENOMINATOR)
    } else {
        let r = root - 5.0;
        polynomial(r, &FAR_NUMERATOR) / polynomial(r, &FAR_DENOMINATOR)
    };
    size.copysign(centred)
}

/// Probability of exceeding `size`, which is above the quartile.
fn upper_tail(size: f64) -> f64 {
    if size > 39.0 {
        // Below the smallest double.
        return 0.0;
    }
    // exp(-x²/2) loses accuracy if x² is rounded: split x at sixteenths (Cody 1969).
    let coarse = (size * 16.0).trunc() / 16.0;
    let rest = (size - coarse) * (size + coarse);
    let density = (-0.5 * coarse * coarse).exp() * (-0.5 * rest).exp();
    if size <= SQRT_32 {
        return density * polynomial(size, &SHOULDER_NUMERATOR)
            / polynomial(size, &SHOULDER_DENOMINATOR);
    }
    let inverse = 1.0 / (size * size);
    let correction =
        inverse * polynomial(inverse, &TAIL_NUMERATOR) / polynomial(inverse, &TAIL_DENOMINATOR);
    density * (ONE_OVER_SQRT_TWO_PI - correction) / size
}

/// Horner's rule, highest power first.
fn polynomial(x: f64, coefficients: &[f64]) -> f64 {
    coefficients
        .iter()
        .fold(0.0, |sum, coefficient| sum * x + coefficient)
}
