//! The statistics against `tests/golden/statistics.json`, whose rows SciPy, R, statsmodels and
//! mpmath gave. Methods that the program does not ship are put together here from its quantiles,
//! and the rows of unsound methods are guards: ours must not give them.

use gonogo::estimate::fay_feuer::WeightedErrors;
use gonogo::estimate::hajek::WeightSums;
use gonogo::estimate::manski::{self, IdentifiedSet};
use gonogo::estimate::stratified::{self, Stratum};
use gonogo::estimate::{beta, binomial, normal};
use serde_json::Value;

const TOLERANCE: f64 = 1e-8;

/// The numbers of one row of the reference.
pub(crate) fn reference(id: &str) -> Vec<f64> {
    let text = include_str!("../golden/statistics.json");
    let rows: Vec<Value> = serde_json::from_str(text).expect("the reference is a JSON array");
    let row = rows.iter().find(|row| row["id"] == id);
    let output = &row.unwrap_or_else(|| panic!("no row {id}"))["output"];
    match output {
        Value::Array(values) => values.iter().filter_map(Value::as_f64).collect(),
        single => vec![single.as_f64().expect("a number")],
    }
}

fn relative_difference(ours: f64, theirs: f64) -> f64 {
    (ours - theirs).abs() / theirs.abs().max(f64::MIN_POSITIVE)
}

pub(crate) fn check(id: &str, ours: &[f64]) {
    check_within(id, ours, TOLERANCE);
}

pub(super) fn check_within(id: &str, ours: &[f64], tolerance: f64) {
    let theirs = reference(id);
    assert_eq!(ours.len(), theirs.len(), "{id}");
    for (ours, theirs) in ours.iter().zip(&theirs) {
        let difference = relative_difference(*ours, *theirs);
        assert!(
            difference <= tolerance,
            "{id}: {ours} instead of {theirs}, off by {difference:e}"
        );
    }
}

/// Two strata: everything labelled in a fifth of the cases, one in twenty of the rest (B1).
fn band_and_audit() -> [Stratum; 2] {
    [
        Stratum {
            share: 0.2,
            labelled: 2000,
            errors: 100,
        },
        Stratum {
            share: 0.8,
            labelled: 400,
            errors: 2,
        },
    ]
}

fn without_errors(cells: &[(f64, u64)]) -> Vec<Stratum> {
    let stratum = |&(share, labelled)| Stratum {
        share,
        labelled,
        errors: 0,
    };
    cells.iter().map(stratum).collect()
}

fn weight_sums(strata: &[Stratum]) -> WeightSums {
    let mut sums = WeightSums::default();
    for stratum in strata {
        let w = stratum.case_weight().expect("labelled");
        let (n, k) = (stratum.labelled as f64, stratum.errors as f64);
        sums += WeightSums {
            sum_w: w * n,
            sum_w_error: w * k,
            sum_w2: w * w * n,
            sum_w2_error: w * w * k,
            max_w: w,
        };
    }
    sums
}

#[test]
fn clopper_pearson_limits_are_those_of_scipy() {
    let rows = [
        ("A1.1", 0, 59, 0.05),
        ("A1.2", 0, 299, 0.05),
        ("A1.3", 0, 60, 0.05),
        ("A1.4", 3, 400, 0.05),
        ("A1.5", 12, 1000, 0.05),
        ("A1.6", 1, 10, 0.05),
        ("A1.7", 10, 10, 0.05),
        ("A1.8", 7, 250, 0.1),
        ("A1.9", 50_000, 1_000_000, 0.05),
        ("A1.10", 0, 1_000_000, 0.05),
        ("A1.11", 3, 400, 0.005),
    ];
    for (id, errors, labelled, tail) in rows {
        check(id, &[binomial::upper(errors, labelled, tail)]);
    }
    let both = [
        binomial::lower(7, 250, 0.025),
        binomial::upper(7, 250, 0.025),
    ];
    check("A2.1", &both);
}

#[test]
fn binomial_p_values_are_those_of_scipy() {
    let rows = [
        ("A3.1", 3, 400, 0.02),
        ("A3.2", 0, 299, 0.01),
        ("A3.3", 0, 298, 0.01),
        ("A3.4", 12, 1000, 0.02),
        ("A3.5", 450, 100_000, 0.005),
        ("A3.6", 29, 1000, 0.05),
        ("A4.3", 7, 25, 0.4),
        ("A9.4b", 3, 200, 0.05),
    ];
    for (id, errors, labelled, rate) in rows {
        check(id, &[binomial::cdf(errors, labelled, rate)]);
    }
}

/// The rows of the fewest labels that can certify: a limit, and the error probability.
pub(crate) const FEWEST_LABELS: [(&str, f64, f64); 7] = [
    ("A5.1", 0.05, 0.05),
    ("A5.2", 0.02, 0.05),
    ("A5.3", 0.01, 0.05),
    ("A5.4", 0.005, 0.05),
    ("A5.5", 0.001, 0.05),
    ("A5.6", 0.01, 0.1),
    ("A5.7", 0.01, 0.0125),
];

#[test]
fn the_smallest_sample_that_can_certify_is_found_from_both_sides() {
    for (id, rate, tail) in FEWEST_LABELS {
        let labelled = reference(id)[0] as u64;
        assert!(binomial::upper(0, labelled, tail) <= rate, "{id}");
        assert!(binomial::upper(0, labelled - 1, tail) > rate, "{id}");
    }
}

#[test]
fn wilson_and_jeffreys_limits_are_those_of_statsmodels_and_scipy() {
    check("A6.1", &[binomial::wilson_upper(3, 400, 0.05)]);
    check("A6.2", &[binomial::jeffreys_upper(0, 150, 0.05)]);
}

#[test]
fn the_post_stratified_rate_is_not_the_rate_of_the_labelled_rows() {
    let strata = band_and_audit();
    let rate = stratified::rate(&strata).expect("both strata are labelled");
    check("B1.1", &[rate]);
    assert!(relative_difference(rate, reference("B1.2")[0]) > 0.5);
    let gamma = WeightedErrors::from_strata(&strata).expect("both strata are labelled");
    check("B1.1", &[gamma.estimate]);
}

#[test]
fn kish_size_and_the_beta_limit_at_it_are_those_of_scipy() {
    let sums = weight_sums(&band_and_audit());
    let size = sums.effective_size().expect("there is weight");
    check("B1.4", &[size]);
    let errors = sums.mean().expect("there is weight") * size;
    check(
        "B1.5",
        &[beta::quantile_upper(0.05, errors + 1.0, size - errors)],
    );
}

#[test]
fn fay_feuer_limits_are_those_of_scipy() {
    let upper =
        |strata: &[Stratum]| WeightedErrors::from_strata(strata).map(|sums| sums.upper(0.05));
    check("B1.6", &[upper(&band_and_audit()).expect("labelled")]);
    let one = [Stratum {
        share: 1.0,
        labelled: 400,
        errors: 3,
    }];
    check("B1.6b", &[upper(&one).expect("labelled")]);
    check(
        "B1.6c",
        &[upper(&without_errors(&[(0.2, 2000), (0.8, 400)])).expect("labelled")],
    );
}

#[test]
fn the_sidak_sum_is_that_of_scipy() {
    check("B1.7", &[stratified::sidak_upper(&band_and_audit(), 0.05)]);
}

#[test]
fn mover_from_our_limits_is_that_of_scipy_and_statsmodels() {
    let mover = |limit: fn(u64, u64, f64) -> f64| {
        let squares: f64 = band_and_audit()
            .iter()
            .map(|s| {
                let reach = limit(s.errors, s.labelled, 0.05) - s.rate().expect("labelled");
                (s.share * reach).powi(2)
            })
            .sum();
        0.014 + squares.sqrt()
    };
    check("B1.8", &[mover(binomial::upper)]);
    check("B1.9", &[mover(binomial::wilson_upper)]);
}

#[test]
fn limits_that_undercover_are_not_given_by_any_of_our_methods() {
    let strata = band_and_audit();
    let variance: f64 = strata
        .iter()
        .map(|s| {
            let rate = s.rate().expect("labelled");
            s.share.powi(2) * rate * (1.0 - rate) / (s.labelled as f64 - 1.0)
        })
        .sum();
    check("B1.3", &[variance.sqrt()]);
    let wald = 0.014 + normal::quantile(0.95) * variance.sqrt();
    check("B1.10", &[wald]);
    let size = 0.014 * 0.986 / variance;
    let korn_graubard = beta::quantile_upper(0.05, 0.014 * size + 1.0, 0.986 * size);
    check("B1.11", &[size, korn_graubard]);

    let gamma = WeightedErrors::from_strata(&strata).expect("labelled");
    for ours in [gamma.upper(0.05), stratified::sidak_upper(&strata, 0.05)] {
        assert!(ours > 1.1 * wald && ours > 1.1 * korn_graubard);
    }
}

#[test]
fn the_zero_error_bound_solves_the_programme_that_slsqp_solves() {
    let rows = [
        ("B3.1", without_errors(&[(0.2, 300), (0.8, 150)])),
        ("B3.2", without_errors(&[(0.5, 100), (0.5, 100)])),
        ("B3.3", without_errors(&[(0.1, 500), (0.3, 60), (0.6, 200)])),
    ];
    for (id, strata) in rows {
        let bound = stratified::zero_error_upper(&strata, 0.05).expect("no errors");
        check(id, &[bound]);
    }
}

/// Buehler's upper bound for two strata by enumeration: the largest share-weighted rate under
/// which a weighted error sum of at most the observed one has a probability of at least `tail`.
/// `units` are the whole-numbered weights of one error in each stratum, the first being 1.
fn buehler(strata: &[Stratum; 2], units: u64, tail: f64) -> f64 {
    let [first, second] = strata;
    let observed = first.errors + units * second.errors;
    let probability = |p: f64, q: f64| -> f64 {
        let mut below = 0.0;
        let mut sum = 0.0;
        for k in 0..=(observed / units).min(second.labelled) {
            let up_to = binomial::cdf(k, second.labelled, q);
            sum += (up_to - below) * binomial::cdf(observed - units * k, first.labelled, p);
            below = up_to;
        }
        sum
    };
    let largest_second = |p: f64| bisect(|q| probability(p, q) >= tail);
    let objective = |p: f64| first.share * p + second.share * largest_second(p);
    let highest = bisect(|p| probability(p, 0.0) >= tail);
    golden_section(objective, highest)
}

/// The last point of 0..1 at which a condition holds that then fails for good.
fn bisect(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..45 {
        let middle = 0.5 * (low + high);
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// The maximum over 0..=end of a function with one peak.
fn golden_section(value: impl Fn(f64) -> f64, end: f64) -> f64 {
    let ratio = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = (0.0, end);
    for _ in 0..40 {
        let left = high - ratio * (high - low);
        let right = low + ratio * (high - low);
        if value(left) < value(right) {
            low = left;
        } else {
            high = right;
        }
    }
    value(0.5 * (low + high)).max(value(0.0)).max(value(end))
}

#[test]
fn the_sidak_sum_is_never_below_buehlers_bound() {
    let sparse = [
        Stratum {
            share: 0.2,
            labelled: 2000,
            errors: 100,
        },
        Stratum {
            share: 0.8,
            labelled: 80,
            errors: 0,
        },
    ];
    let rows = [("B3.4", band_and_audit(), 20), ("B3.5", sparse, 100)];
    for (id, strata, units) in rows {
        let exact = buehler(&strata, units, 0.05);
        check(id, &[exact]);
        assert!(stratified::sidak_upper(&strata, 0.05) >= exact, "{id}");
    }
}

#[test]
fn the_zero_error_bound_is_buehlers_bound() {
    for cells in [[(0.2, 300), (0.8, 150)], [(0.6, 500), (0.4, 90)]] {
        let strata = without_errors(&cells);
        let pair = [strata[0], strata[1]];
        let ours = stratified::zero_error_upper(&strata, 0.05).expect("no errors");
        assert!(relative_difference(ours, buehler(&pair, 1, 0.05)) < TOLERANCE);
        assert!(stratified::sidak_upper(&strata, 0.05) >= ours);
    }
}

#[test]
fn hajek_sums_give_the_figures_of_numpy_and_r() {
    let cases = [
        (1.0, 1.0),
        (1.0, 0.0),
        (1.0, 0.0),
        (1.0, 1.0),
        (4.0, 0.0),
        (4.0, 0.0),
        (4.0, 0.0),
        (10.0, 0.0),
        (10.0, 0.0),
        (10.0, 1.0),
    ];
    let mut sums = WeightSums::default();
    for (w, error) in cases {
        sums += WeightSums {
            sum_w: w,
            sum_w_error: w * error,
            sum_w2: w * w,
            sum_w2_error: w * w * error,
            max_w: w,
        };
    }
    check("B4.1", &[sums.horvitz_thompson(51).expect("cases")]);
    check("B4.2", &[sums.mean().expect("weight")]);
    check("B4.3", &[sums.poisson_standard_error().expect("weight")]);
    check("B4.4", &[sums.standard_error(10).expect("weight")]);
    check("B4.5", &[sums.effective_size().expect("weight")]);
    let largest = sums.largest_share().expect("weight");
    assert!(relative_difference(largest, 10.0 / 46.0) < 1e-14);
}

#[test]
fn manski_bounds_and_the_critical_value_are_those_published() {
    let set = IdentifiedSet::new(0.7, 0.01);
    check("B5.1", &[set.lowest, set.highest]);
    let wide = manski::critical_value(0.3 / 0.006, 0.95).expect("a level");
    check("B5.2", &[wide]);
    let point = manski::critical_value(0.0, 0.95).expect("a level");
    check("B5.3", &[point]);
    let (low, high) = set.confidence((0.004, 0.006), 0.95);
    assert!(relative_difference(low, 0.007 - wide * 0.004) < 1e-12);
    assert!(relative_difference(high, 0.307 + wide * 0.006) < 1e-12);
}
