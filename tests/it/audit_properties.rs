//! What must hold of every audit: order and containment of bounds, exact sums of allocations, and
//! by seeded simulation at the boundary that a claim that does not hold is made no more often than
//! the confidence allows, also by somebody who looks after every case.

use gonogo::audit::allocation::{LastAudit, Rule, Stratum, allocate};
use gonogo::audit::claim::{Claim, Model};
use gonogo::audit::conclude::Factors;
use gonogo::audit::sequential::Sequence;
use gonogo::audit::size::{Expected, attribute, two_stage};
use gonogo::audit::stringer;
use gonogo::audit::wendell_schmee::{self, Observed};
use gonogo::estimate::binomial;
use gonogo::estimate::hypergeometric::{Draw, Found};
use gonogo::estimate::stratified;
use gonogo::rate::Fraction;
use proptest::prelude::*;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const RUNS: u32 = 2000;
const RISK: f64 = 0.05;

fn found(errors: u64, drawn: u64, population: u64) -> Found {
    Found::new(errors, drawn, population).unwrap()
}

/// Errors, cases drawn and the population that they were drawn from.
fn samples() -> impl Strategy<Value = (u64, u64, u64)> {
    (1..3000_u64)
        .prop_flat_map(|population| (Just(population), 1..=population))
        .prop_flat_map(|(population, drawn)| (0..=drawn, Just(drawn), Just(population)))
}

fn strata() -> impl Strategy<Value = Vec<Stratum>> {
    let one = (0..5000_u64, 0..20_u64, 0..200_u64);
    prop::collection::vec(one, 1..8).prop_map(|strata| {
        let named = strata.into_iter().enumerate();
        named
            .map(|(place, (population, errors, right))| Stratum {
                name: format!("{place}"),
                population,
                last: Some(LastAudit {
                    errors,
                    cases: errors + right,
                }),
                fixed: None,
            })
            .collect()
    })
}

fn rules() -> impl Strategy<Value = Rule> {
    prop::sample::select(vec![Rule::Proportional, Rule::Equal, Rule::Neyman])
}

fn claims() -> impl Strategy<Value = Claim> {
    let tolerable = (1..300_u64).prop_map(|thousandths| Fraction::new(thousandths, 1000).unwrap());
    let confidence = prop::sample::select(vec![80_u64, 90, 95, 99]);
    (tolerable, confidence).prop_map(|(tolerable, percent)| {
        Claim::new(tolerable, Fraction::new(percent, 100).unwrap()).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn limits_of_a_finite_population_contain_what_was_seen((k, n, all) in samples()) {
        let (low, high) = (found(k, n, all).fewest_errors(RISK), found(k, n, all).most_errors(RISK));
        prop_assert!(k <= low && low <= high && high <= all - n + k);
        // Compared as integers: low / all <= k / n <= high / all, up to the next whole error.
        prop_assert!(low * n < k * all + n && k * all <= high * n + n, "{low} {high}");
    }

    #[test]
    fn one_more_error_raises_the_limit_and_one_more_right_case_does_not((k, n, all) in samples()) {
        prop_assume!(k < n && n < all);
        let most = found(k, n, all).most_errors(RISK);
        prop_assert!(found(k + 1, n, all).most_errors(RISK) > most);
        prop_assert!(found(k, n + 1, all).most_errors(RISK) <= most);
    }

    #[test]
    fn a_census_leaves_no_doubt(all in 1..5000_u64, part in 0.0..=1.0_f64) {
        let errors = (all as f64 * part) as u64;
        prop_assert_eq!(found(errors, all, all).most_errors(RISK), errors);
        prop_assert_eq!(found(errors, all, all).fewest_errors(RISK), errors);
    }

    #[test]
    fn a_finite_population_is_bounded_no_worse_than_an_endless_one((k, n, all) in samples()) {
        let endless = (binomial::upper(k, n, RISK) * all as f64).ceil();
        prop_assert!(found(k, n, all).most_errors(RISK) as f64 <= endless + 1e-6);
    }

    #[test]
    fn tails_of_a_draw_are_one_less_each_other((errors, drawn, all) in samples(), part in 0.0..1.0_f64) {
        let draw = Draw::new(all, errors, drawn).unwrap();
        let k = (errors.min(drawn) as f64 * part) as u64;
        prop_assert!((draw.cdf(k) + draw.sf(k) - 1.0).abs() < 1e-12);
        let step = draw.cdf(k) - k.checked_sub(1).map_or(0.0, |fewer| draw.cdf(fewer));
        prop_assert!((step - draw.mass(k)).abs() < 1e-12);
        // Who is drawn and who is wrong can change places.
        let mirrored = Draw::new(all, drawn, errors).unwrap();
        prop_assert!((draw.mass(k) - mirrored.mass(k)).abs() < 1e-12);
    }

    #[test]
    fn an_allocation_is_the_sample_and_stays_inside_the_strata(
        strata in strata(), rule in rules(), sample in 0..20_000_u64,
    ) {
        let sizes = allocate(&strata, sample, rule);
        let all: u64 = strata.iter().map(|stratum| stratum.population).sum();
        prop_assert_eq!(sizes.len(), strata.len());
        prop_assert_eq!(sizes.iter().sum::<u64>(), sample.min(all));
        let floor: u64 = strata.iter().map(|stratum| stratum.population.min(2)).sum();
        for (size, stratum) in sizes.iter().zip(&strata) {
            prop_assert!(*size <= stratum.population);
            prop_assert!(sample < floor || *size >= stratum.population.min(2));
        }
    }

    #[test]
    fn proportional_shares_are_within_one_case_where_no_limit_binds(
        populations in prop::collection::vec(100..5000_u64, 2..6), sample in 500..1000_u64,
    ) {
        let strata: Vec<Stratum> = populations.iter().map(|population| Stratum {
            name: population.to_string(), population: *population, last: None, fixed: None,
        }).collect();
        let all: u64 = populations.iter().sum();
        prop_assume!(sample < all && populations.iter().all(|n| n * sample / all >= 2));
        for (size, population) in allocate(&strata, sample, Rule::Proportional).iter().zip(&populations) {
            prop_assert!((*size as f64 - (population * sample) as f64 / all as f64).abs() < 1.0);
        }
    }

    #[test]
    fn a_planned_size_shows_the_claim_and_one_case_less_does_not(
        claim in claims(), allowed in 0..6_u64, population in prop::option::of(50..100_000_u64),
    ) {
        let model = population.map_or(Model::Binomial, |population| Model::Hypergeometric { population });
        if let Ok(size) = attribute(model, claim, Expected::Errors(allowed))
            && population != Some(size.cases)
        {
            prop_assert!(model.shows(claim, allowed, size.cases));
            prop_assert!(!model.shows(claim, allowed, size.cases - 1));
            prop_assert!(!model.shows(claim, allowed + 1, size.cases));
            let upper = model.upper(allowed, size.cases, claim.risk());
            prop_assert!(upper < claim.tolerable().value() + 1e-9, "{upper}");
        }
    }

    #[test]
    fn an_expected_rate_is_allowed_for_exactly(
        claim in claims(), thousandths in 0..150_u64, population in prop::option::of(50..20_000_u64),
    ) {
        let expected = Fraction::new(thousandths, 1000).unwrap();
        prop_assume!(expected.value() < 0.8 * claim.tolerable().value());
        let model = population.map_or(Model::Binomial, |population| Model::Hypergeometric { population });
        let size = attribute(model, claim, Expected::Rate(expected)).unwrap();
        prop_assert!(model.shows(claim, size.allowed, size.cases));
        if population.is_none_or(|population| size.cases < population) {
            prop_assert_eq!(expected.ceil_of(size.cases), size.allowed);
            // No smaller sample would do with the errors expected in it.
            let smaller = (1..size.cases).rev().take(40);
            for cases in smaller {
                prop_assert!(!model.shows(claim, expected.ceil_of(cases), cases), "{cases}");
            }
        }
    }

    #[test]
    fn a_running_bound_that_takes_more_cases_for_those_it_is_about_is_no_narrower(
        (k, n, about) in samples(), others in 0..3000_u64, prior in prop::option::of(1..40_u64),
    ) {
        let prior = prior.and_then(|rate| Fraction::new(rate, 100));
        let all = about + others;
        let (low, high) = Sequence::at_most(all, prior).errors(k, n, RISK);
        let (least, most) = Sequence::new(about, prior).errors(k, n, RISK);
        prop_assert!(high * about >= most * all, "{high} of {all}, {most} of {about}");
        prop_assert!(low * about <= least * all, "{low} of {all}, {least} of {about}");
    }

    #[test]
    fn a_poisson_plan_is_never_smaller_than_a_binomial_one(claim in claims(), allowed in 0..6_u64) {
        let size = |model| attribute(model, claim, Expected::Errors(allowed)).unwrap().cases;
        prop_assert!(size(Model::Poisson) >= size(Model::Binomial));
    }

    #[test]
    fn the_running_bound_is_wider_than_that_of_a_fixed_size((k, n, all) in samples()) {
        let (low, high) = Sequence::new(all, None).errors(k, n, RISK);
        prop_assert!(low <= found(k, n, all).fewest_errors(RISK));
        prop_assert!(high >= found(k, n, all).most_errors(RISK));
    }

    #[test]
    fn a_proportional_sample_without_errors_is_as_good_as_a_simple_one(
        sizes in prop::collection::vec(1..200_u64, 1..6),
    ) {
        let all: u64 = sizes.iter().sum();
        let strata: Vec<stratified::Stratum> = sizes.iter().map(|size| stratified::Stratum {
            share: *size as f64 / all as f64, labelled: *size, errors: 0,
        }).collect();
        let upper = stratified::zero_error_upper(&strata, RISK).unwrap();
        prop_assert!((upper - binomial::upper(0, all, RISK)).abs() < 1e-12);
    }

    #[test]
    fn stringers_bound_is_clopper_pearson_for_whole_errors_and_below_it_for_parts(
        taints in prop::collection::vec(0.0..1.0_f64, 0..8), more in 1..300_u64,
    ) {
        let drawn = taints.len() as u64 + more;
        let whole = vec![1.0; taints.len()];
        let limit = binomial::upper(taints.len() as u64, drawn, RISK);
        let bound = |taints: &[f64]| stringer::upper(taints, drawn, RISK, Factors::Binomial);
        prop_assert!((bound(&whole) - limit).abs() < 1e-12);
        prop_assert!(bound(&taints) <= limit + 1e-12);
        prop_assert!(bound(&taints) >= bound(&[]));
        let reversed: Vec<f64> = taints.iter().rev().copied().collect();
        prop_assert_eq!(bound(&taints), bound(&reversed));
    }
}

/// ChaCha with 12 rounds: the same on every machine.
struct Dice(ChaCha12Rng);

impl Dice {
    fn seeded(seed: u64) -> Self {
        Self(ChaCha12Rng::seed_from_u64(seed))
    }

    /// A number in [0, 1).
    fn uniform(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / 4_294_967_296.0
    }

    /// Errors among the first cases of a random order of a population, one after another.
    fn order(&mut self, population: u64, errors: u64, drawn: u64) -> Vec<bool> {
        let mut left = errors;
        (0..drawn)
            .map(|case| {
                let is_wrong = self.uniform() * ((population - case) as f64) < left as f64;
                left -= u64::from(is_wrong);
                is_wrong
            })
            .collect()
    }

    fn errors(&mut self, population: u64, errors: u64, drawn: u64) -> u64 {
        let order = self.order(population, errors, drawn);
        order.into_iter().filter(|is_wrong| *is_wrong).count() as u64
    }
}

/// The risk and three standard errors of the simulation.
fn most_misses() -> f64 {
    (RISK + 3.0 * (RISK * (1.0 - RISK) / f64::from(RUNS)).sqrt()) * f64::from(RUNS)
}

#[test]
fn claims_at_the_boundary_are_made_no_more_often_than_the_risk() {
    // Exactly the tolerable number of errors: every pass is a false one.
    let claim = Claim::new(
        Fraction::new(1, 20).unwrap(),
        Fraction::new(19, 20).unwrap(),
    )
    .unwrap();
    for (seed, population, allowed) in [(1, 400, 0), (2, 400, 2), (3, 5000, 1)] {
        let model = Model::Hypergeometric { population };
        let size = attribute(model, claim, Expected::Errors(allowed)).unwrap();
        let mut dice = Dice::seeded(seed);
        let passes = (0..RUNS)
            .filter(|_| {
                let errors = dice.errors(population, population / 20, size.cases);
                model.shows(claim, errors, size.cases)
            })
            .count() as f64;
        assert!(passes <= most_misses(), "{population}: {passes} of {RUNS}");
        // The sample is no larger than it must be: with one case less the risk is above 5 %.
        assert!(
            passes >= 0.5 * RISK * f64::from(RUNS),
            "{population}: {passes} of {RUNS}"
        );
    }
}

#[test]
fn two_stages_pass_at_the_boundary_no_more_often_than_the_risk() {
    let claim = Claim::new(
        Fraction::new(1, 20).unwrap(),
        Fraction::new(19, 20).unwrap(),
    )
    .unwrap();
    let plan = two_stage(Model::Hypergeometric { population: 600 }, claim, 2).unwrap();
    let mut dice = Dice::seeded(4);
    let passes = (0..RUNS)
        .filter(|_| {
            let order = dice.order(600, 30, 2 * plan.cases);
            let (first, second) = order.split_at(plan.cases as usize);
            let wrong = |part: &[bool]| part.iter().filter(|is_wrong| **is_wrong).count();
            wrong(first) == 0 || (wrong(first) <= 2 && wrong(second) == 0)
        })
        .count() as f64;
    assert!(
        passes <= most_misses() && passes >= 0.5 * RISK * f64::from(RUNS),
        "{passes}"
    );
}

#[test]
fn limits_of_a_finite_population_cover_it() {
    for (seed, population, errors, drawn) in [(5, 300, 15, 60), (6, 1000, 7, 200), (7, 90, 9, 45)] {
        let mut dice = Dice::seeded(seed);
        let (mut below, mut above) = (0.0, 0.0);
        for _ in 0..RUNS {
            let found = found(dice.errors(population, errors, drawn), drawn, population);
            below += f64::from(u8::from(found.most_errors(RISK) < errors));
            above += f64::from(u8::from(found.fewest_errors(RISK) > errors));
        }
        assert!(
            below <= most_misses() && above <= most_misses(),
            "{below} {above}"
        );
    }
}

#[test]
fn stratified_bounds_cover_the_truth_where_textbook_ones_do_not() {
    // Errors sit where few cases are drawn: the hardest place for every stratified bound.
    let strata = [(600, 30, 30), (300, 3, 30), (100, 0, 40)];
    let truth = 33.0 / 1000.0;
    let mut dice = Dice::seeded(8);
    let (mut misses, mut textbook) = (0.0, 0.0);
    let mut known = std::collections::BTreeMap::new();
    for _ in 0..RUNS {
        let observed = strata.map(|(population, errors, drawn)| Observed {
            population,
            drawn,
            errors: dice.errors(population, errors, drawn),
        });
        let counts = observed.map(|stratum| stratum.errors);
        let upper = *known
            .entry(counts)
            .or_insert_with(|| wendell_schmee::upper(&observed, RISK).unwrap());
        misses += f64::from(u8::from(upper < truth));
        let (mut rate, mut variance) = (0.0, 0.0);
        for stratum in observed {
            let share = stratum.population as f64 / 1000.0;
            let p = stratum.errors as f64 / stratum.drawn as f64;
            rate += share * p;
            variance += share * share * p * (1.0 - p) / (stratum.drawn as f64 - 1.0);
        }
        textbook += f64::from(u8::from(rate + 1.644_854 * variance.sqrt() < truth));
    }
    assert!(misses <= most_misses(), "{misses} of {RUNS}");
    assert!(textbook > 2.0 * most_misses(), "{textbook} of {RUNS}");
}

#[test]
fn whoever_looks_after_every_case_is_misled_no_more_often_than_the_risk() {
    // G10: 400 cases, 20 wrong, looked at after each of the 5th to the 200th.
    let (population, errors) = (400, 20);
    let uniform = Sequence::new(population, None);
    let expecting = Sequence::new(population, Fraction::new(1, 50));
    let mut dice = Dice::seeded(10);
    let mut misled = [0.0; 3];
    let mut known = std::collections::BTreeMap::new();
    for _ in 0..RUNS {
        let order = dice.order(population, errors, 200);
        let mut excluded = [false; 3];
        let mut wrong = 0;
        for (drawn, is_wrong) in (1..).zip(order) {
            wrong += u64::from(is_wrong);
            if drawn < 5 {
                continue;
            }
            let verdicts = *known.entry((drawn, wrong)).or_insert_with(|| {
                let outside = |(low, high): (u64, u64)| errors < low || errors > high;
                [
                    outside(uniform.errors(wrong, drawn, RISK)),
                    outside(expecting.errors(wrong, drawn, RISK)),
                    binomial::upper(wrong, drawn, RISK) < errors as f64 / population as f64,
                ]
            });
            for (seen, now) in excluded.iter_mut().zip(verdicts) {
                *seen |= now;
            }
        }
        for (count, excluded) in misled.iter_mut().zip(excluded) {
            *count += f64::from(u8::from(excluded));
        }
    }
    assert!(misled[0] <= RISK * f64::from(RUNS), "uniform: {misled:?}");
    assert!(
        misled[1] <= RISK * f64::from(RUNS),
        "expecting 2 %: {misled:?}"
    );
    // The bound of a fixed size, looked at again and again, does not keep its level.
    assert!(misled[2] > most_misses(), "fixed size: {misled:?}");
}

#[test]
fn stringers_bound_covers_partial_errors() {
    let mut dice = Dice::seeded(11);
    // 6 % of the units carry an error, of taints 1, 0.5 and 0.1: the mean is 0.032.
    let taints = [1.0, 0.5, 0.1];
    let mut misses = 0.0;
    for _ in 0..RUNS {
        let found: Vec<f64> = (0..120)
            .filter_map(|_| taints.get((dice.uniform() * 50.0) as usize).copied())
            .collect();
        misses += f64::from(u8::from(
            stringer::upper(&found, 120, RISK, Factors::Binomial) < 0.032,
        ));
    }
    assert!(misses <= most_misses(), "{misses} of {RUNS}");
}
