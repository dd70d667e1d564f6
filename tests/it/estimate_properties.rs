//! Properties that hold for every input: order, containment, inverses, and that nonsense in gives
//! the documented answer and never a panic or a hang.

use gonogo::estimate::fay_feuer::WeightedErrors;
use gonogo::estimate::hajek::WeightSums;
use gonogo::estimate::manski::{self, IdentifiedSet};
use gonogo::estimate::stratified::{self, Stratum};
use gonogo::estimate::{beta, binomial, gamma, normal};
use proptest::prelude::*;

/// Doubles that break careless arithmetic.
const EXTREMES: [f64; 19] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    1e-320,
    f64::MIN_POSITIVE,
    1e-300,
    1e-17,
    1.0 - f64::EPSILON / 2.0,
    1e9,
    1e18,
    1e99,
    1e-60,
    f64::MAX,
    f64::MIN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

/// Slack for the rounding of two answers that should be equal or ordered.
const SLACK: f64 = 1e-11;

fn magnitude(low: f64, high: f64) -> impl Strategy<Value = f64> {
    (low..high).prop_map(|exponent| 10.0_f64.powf(exponent))
}

/// Labels up to a billion, evenly over their magnitude, with some part of them errors.
fn counts() -> impl Strategy<Value = (u64, u64)> {
    (0.0..9.0_f64, 0.0..1.0_f64, 0.0..3.0_f64).prop_map(|(size, part, rarity)| {
        let labelled = 10.0_f64.powf(size);
        let errors = labelled * part * 10.0_f64.powf(-rarity);
        (errors as u64, labelled as u64)
    })
}

fn strata() -> impl Strategy<Value = Vec<Stratum>> {
    let one = (0.01..1.0_f64, 1..5000_u64, 0.0..0.3_f64);
    prop::collection::vec(one, 1..5).prop_map(|cells| {
        let total: f64 = cells.iter().map(|(size, _, _)| size).sum();
        let stratum = |&(size, labelled, part): &(f64, u64, f64)| Stratum {
            share: size / total,
            labelled,
            errors: (labelled as f64 * part) as u64,
        };
        cells.iter().map(stratum).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn clopper_pearson_contains_the_observed_rate((k, n) in counts(), tail in magnitude(-10.0, -0.31)) {
        let rate = k as f64 / n as f64;
        prop_assert!(binomial::lower(k, n, tail) <= rate);
        prop_assert!(rate <= binomial::upper(k, n, tail));
    }

    #[test]
    fn one_more_error_never_lowers_a_limit((k, n) in counts(), tail in magnitude(-10.0, -0.31)) {
        prop_assume!(k < n);
        prop_assert!(binomial::upper(k, n, tail) < binomial::upper(k + 1, n, tail) || k + 1 == n);
        prop_assert!(binomial::lower(k, n, tail) < binomial::lower(k + 1, n, tail));
        prop_assert!(binomial::jeffreys_upper(k, n, tail) < binomial::jeffreys_upper(k + 1, n, tail));
        prop_assert!(binomial::wilson_upper(k, n, tail) <= binomial::wilson_upper(k + 1, n, tail));
    }

    #[test]
    fn a_smaller_tail_never_narrows_a_limit(
        (k, n) in counts(),
        tail in magnitude(-10.0, -0.31),
        factor in 0.0001..0.9999_f64,
    ) {
        prop_assert!(binomial::upper(k, n, tail) <= binomial::upper(k, n, tail * factor));
        prop_assert!(binomial::lower(k, n, tail) >= binomial::lower(k, n, tail * factor));
        prop_assert!(binomial::wilson_upper(k, n, tail) <= binomial::wilson_upper(k, n, tail * factor));
    }

    #[test]
    fn errors_seen_from_the_other_side_mirror_the_limits((k, n) in counts(), tail in magnitude(-6.0, -0.31)) {
        let mirrored = 1.0 - binomial::lower(n - k, n, tail);
        prop_assert!((binomial::upper(k, n, tail) - mirrored).abs() <= 1e-13);
    }

    #[test]
    fn the_p_value_at_the_upper_limit_is_the_tail((k, n) in counts(), tail in magnitude(-10.0, -0.31)) {
        let upper = binomial::upper(k, n, tail);
        // Nearer to 1 a double cannot hold the limit well enough.
        let p = binomial::cdf(k, n, upper);
        prop_assert!(upper > 0.75 || (p / tail - 1.0).abs() < 1e-9, "{p} for {tail}");
    }

    #[test]
    fn beta_tails_undo_beta_quantiles(a in magnitude(-1.0, 9.0), b in magnitude(-1.0, 9.0), p in magnitude(-10.0, -0.31)) {
        // Where the quantile is near 1 a double cannot hold it well enough: look from below.
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        let x = beta::quantile(p, a, b);
        prop_assert!((beta::cdf(x, a, b) / p - 1.0).abs() < 1e-9);
        let x = beta::quantile_upper(p, a, b);
        prop_assume!(x < 0.75);
        prop_assert!((beta::sf(x, a, b) / p - 1.0).abs() < 1e-8);
    }

    #[test]
    fn gamma_tails_undo_gamma_quantiles(shape in magnitude(-1.0, 9.0), p in magnitude(-10.0, -0.31)) {
        let low = gamma::cdf(gamma::quantile(p, shape), shape);
        prop_assert!((low / p - 1.0).abs() < 1e-9, "{low}");
        let high = gamma::sf(gamma::quantile_upper(p, shape), shape);
        prop_assert!((high / p - 1.0).abs() < 1e-9, "{high}");
    }

    #[test]
    fn normal_probabilities_undo_normal_quantiles(p in magnitude(-300.0, -0.31)) {
        prop_assert!((normal::cdf(normal::quantile(p)) / p - 1.0).abs() < 1e-12);
    }

    #[test]
    fn both_tails_sum_to_one_and_lie_in_the_unit_interval(
        a in magnitude(-3.0, 9.0),
        b in magnitude(-3.0, 9.0),
        x in 0.0..1.0_f64,
    ) {
        for (low, high) in [
            (beta::cdf(x, a, b), beta::sf(x, a, b)),
            (gamma::cdf(2.0 * x * a, a), gamma::sf(2.0 * x * a, a)),
        ] {
            prop_assert!((0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high));
            prop_assert!((low + high - 1.0).abs() < SLACK);
        }
    }

    #[test]
    fn weighted_limits_contain_the_estimate_and_widen(strata in strata(), tail in magnitude(-8.0, -0.7)) {
        let sums = WeightedErrors::from_strata(&strata).expect("all labelled");
        prop_assert!(sums.lower(tail) <= sums.estimate && sums.estimate <= sums.upper(tail));
        prop_assert!(sums.lower(tail / 2.0) <= sums.lower(tail));
        prop_assert!(sums.upper(tail / 2.0) >= sums.upper(tail));
    }

    #[test]
    fn scaling_all_weights_scales_the_weighted_limits(strata in strata(), scale in magnitude(-6.0, 6.0)) {
        let sums = WeightedErrors::from_strata(&strata).expect("all labelled");
        let scaled = WeightedErrors {
            estimate: sums.estimate * scale,
            variance: sums.variance * scale * scale,
            largest_weight: sums.largest_weight * scale,
        };
        prop_assert!((scaled.upper(0.05) / (scale * sums.upper(0.05)) - 1.0).abs() < SLACK);
        prop_assert!((scaled.lower(0.05) - scale * sums.lower(0.05)).abs() <= SLACK * scale);
    }

    #[test]
    fn the_sidak_sum_contains_the_rate_and_grows_with_errors(strata in strata(), tail in magnitude(-6.0, -0.31)) {
        let bound = stratified::sidak_upper(&strata, tail);
        prop_assert!(stratified::rate(&strata).expect("all labelled") <= bound && bound <= 1.0);
        let mut worse = strata.clone();
        worse[0].errors = (worse[0].errors + 1).min(worse[0].labelled);
        prop_assert!(stratified::sidak_upper(&worse, tail) >= bound);
    }

    #[test]
    fn the_zero_error_bound_never_exceeds_the_sidak_sum(strata in strata(), tail in magnitude(-6.0, -0.31)) {
        let clean: Vec<Stratum> = strata.iter().map(|s| Stratum { errors: 0, ..*s }).collect();
        let bound = stratified::zero_error_upper(&clean, tail).expect("no errors");
        prop_assert!(bound <= stratified::sidak_upper(&clean, tail) * (1.0 + SLACK));
        let worst_alone = clean.iter().map(|s| s.share * binomial::upper(0, s.labelled, tail));
        prop_assert!(worst_alone.fold(0.0, f64::max) <= bound * (1.0 + SLACK));
    }

    #[test]
    fn the_critical_value_falls_with_the_width(ratio in 0.0..5.0_f64, more in 0.001..5.0_f64, level in 0.5..0.9999_f64) {
        let narrow = manski::critical_value(ratio, level).expect("a level");
        let wide = manski::critical_value(ratio + more, level).expect("a level");
        prop_assert!(wide <= narrow + SLACK);
        prop_assert!((normal::cdf(narrow + ratio) - normal::cdf(-narrow) - level).abs() < 1e-14);
    }

    #[test]
    fn weight_sums_do_not_depend_on_where_the_log_was_split(
        weights in prop::collection::vec((1..1000_u32, any::<bool>()), 0..20),
        cut in 0..20_usize,
    ) {
        let sums = |cases: &[(u32, bool)]| {
            let mut sums = WeightSums::default();
            for &(w, error) in cases {
                let (w, e) = (f64::from(w), f64::from(u8::from(error)));
                sums += WeightSums { sum_w: w, sum_w_error: w * e, sum_w2: w * w, sum_w2_error: w * w * e, max_w: w };
            }
            sums
        };
        let cut = cut.min(weights.len());
        let mut parts = sums(&weights[cut..]);
        parts += sums(&weights[..cut]);
        prop_assert_eq!(parts, sums(&weights));
    }
}

#[test]
fn proportional_allocation_without_errors_is_one_simple_sample() {
    for size in [10, 1000, 1_000_000] {
        let strata = [(0.25, size), (0.75, 3 * size)].map(|(share, labelled)| Stratum {
            share,
            labelled,
            errors: 0,
        });
        let bound = stratified::zero_error_upper(&strata, 0.05).expect("no errors");
        let simple = binomial::upper(0, 4 * size, 0.05);
        assert!((bound / simple - 1.0).abs() < 1e-12, "{bound} {simple}");
    }
}

#[test]
fn a_stratum_without_labels_counts_as_all_errors_or_leaves_the_rate_undefined() {
    let strata = [(0.9, 1000), (0.1, 0)].map(|(share, labelled)| Stratum {
        share,
        labelled,
        errors: 0,
    });
    let labelled_part = 0.9 * binomial::upper(0, 1000, 0.05);
    let sidak = stratified::sidak_upper(&strata, 0.05);
    assert!((sidak - 0.1 - labelled_part).abs() < 1e-15);
    let exact = stratified::zero_error_upper(&strata, 0.05).expect("no errors");
    assert!((exact - 0.1 - labelled_part).abs() < 1e-15);
    assert_eq!(stratified::rate(&strata), None);
    assert_eq!(WeightedErrors::from_strata(&strata), None);
}

#[test]
fn without_labels_nothing_is_claimed() {
    assert_eq!(binomial::upper(0, 0, 0.05), 1.0);
    assert_eq!(binomial::lower(0, 0, 0.05), 0.0);
    assert_eq!(binomial::wilson_upper(0, 0, 0.05), 1.0);
    assert_eq!(binomial::jeffreys_upper(0, 0, 0.05), 1.0);
    assert_eq!(binomial::cdf(0, 0, 0.05), 1.0);
    assert_eq!(stratified::sidak_upper(&[], 0.05), 1.0);
    assert_eq!(stratified::zero_error_upper(&[], 0.05), Some(1.0));
    assert_eq!(WeightSums::default().mean(), None);
    assert_eq!(WeightSums::default().effective_size(), None);
}

#[test]
fn a_tail_that_is_no_probability_gives_the_limit_that_claims_nothing() {
    for tail in EXTREMES.into_iter().filter(|t| !(*t > 0.0 && *t < 1.0)) {
        assert_eq!(binomial::upper(3, 400, tail), 1.0, "{tail}");
        assert_eq!(binomial::lower(3, 400, tail), 0.0, "{tail}");
        let sums = WeightedErrors {
            estimate: 0.1,
            variance: 0.01,
            largest_weight: 0.2,
        };
        assert_eq!(sums.upper(tail), f64::INFINITY, "{tail}");
        assert_eq!(sums.lower(tail), 0.0, "{tail}");
    }
}

#[test]
fn a_rate_that_is_no_probability_never_rejects() {
    for rate in EXTREMES.into_iter().filter(|r| !(0.0..=1.0).contains(r)) {
        assert_eq!(binomial::cdf(0, 300, rate), 1.0, "{rate}");
    }
    assert_eq!(binomial::cdf(3, 300, 0.0), 1.0);
    assert_eq!(binomial::cdf(3, 300, 1.0), 0.0);
}

#[test]
fn extreme_arguments_give_a_probability_or_the_documented_nan() {
    for x in EXTREMES {
        for a in EXTREMES {
            let sound = a > 0.0 && a <= 1e100 && !x.is_nan();
            for answer in [gamma::cdf(x, a), gamma::sf(x, a)] {
                assert_eq!(
                    (0.0..=1.0).contains(&answer),
                    sound,
                    "gamma {x} {a}: {answer}"
                );
            }
            for b in EXTREMES {
                let sound = sound && b > 0.0 && b <= 1e100;
                for answer in [beta::cdf(x, a, b), beta::sf(x, a, b)] {
                    assert_eq!(
                        (0.0..=1.0).contains(&answer),
                        sound,
                        "beta {x} {a} {b}: {answer}"
                    );
                }
            }
        }
        assert_eq!(normal::cdf(x).is_nan(), x.is_nan());
    }
}

#[test]
fn extreme_probabilities_give_a_quantile_in_range_or_the_documented_nan() {
    for p in EXTREMES {
        let probable = (0.0..=1.0).contains(&p);
        assert_eq!(normal::quantile(p).is_nan(), !probable);
        for a in EXTREMES {
            let sound = probable && a > 0.0 && a <= 1e100;
            for answer in [gamma::quantile(p, a), gamma::quantile_upper(p, a)] {
                assert_eq!(answer >= 0.0, sound, "gamma {p} {a}: {answer}");
            }
            for b in EXTREMES {
                let sound = sound && b > 0.0 && b <= 1e100;
                for answer in [beta::quantile(p, a, b), beta::quantile_upper(p, a, b)] {
                    assert_eq!(
                        (0.0..=1.0).contains(&answer),
                        sound,
                        "beta {p} {a} {b}: {answer}"
                    );
                }
            }
        }
    }
}

#[test]
fn extreme_sums_never_give_nan_or_a_limit_below_zero() {
    for estimate in EXTREMES {
        for variance in EXTREMES {
            for largest_weight in EXTREMES {
                let sums = WeightedErrors {
                    estimate,
                    variance,
                    largest_weight,
                };
                assert!(sums.lower(0.05) >= 0.0, "{sums:?}");
                assert!(sums.upper(0.05) >= 0.0, "{sums:?}");
            }
        }
        let set = IdentifiedSet::new(estimate, 0.3);
        assert!(0.0 <= set.lowest && set.lowest <= set.highest && set.highest <= 1.0);
        let (low, high) = set.confidence((estimate, 0.1), 0.95);
        assert!(0.0 <= low && low <= high && high <= 1.0);
        assert!(manski::critical_value(1.0, estimate).is_none_or(f64::is_finite));
        let shares = [0.5, estimate].map(|share| Stratum {
            share,
            labelled: 100,
            errors: 0,
        });
        assert!((0.0..=1.0).contains(&stratified::sidak_upper(&shares, 0.05)));
        let exact = stratified::zero_error_upper(&shares, 0.05).expect("no errors");
        assert!((0.0..=1.0).contains(&exact));
    }
}

#[test]
fn a_count_of_errors_above_the_labels_claims_nothing() {
    for (k, n) in [(5, 4), (u64::MAX, 0), (u64::MAX, u64::MAX - 1)] {
        assert_eq!(binomial::upper(k, n, 0.05), 1.0);
        assert_eq!(binomial::lower(k, n, 0.05), 0.0);
        assert_eq!(binomial::wilson_lower(k, n, 0.05), 0.0);
    }
}

#[test]
fn counts_that_no_log_reaches_still_give_an_ordered_interval() {
    for n in [1 << 40, 1 << 53, u64::MAX] {
        for k in [0, 1, n / 1000, n / 2, n - 1, n] {
            let (low, high) = (binomial::lower(k, n, 0.05), binomial::upper(k, n, 0.05));
            assert!(
                0.0 <= low && low <= high && high <= 1.0,
                "{k} {n}: {low} {high}"
            );
        }
    }
}
