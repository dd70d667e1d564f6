//! Bounds, estimates and agreement of audits against published examples and other programs: the
//! rows of `tests/golden/audit.md`, named by their ids, and the verdicts that follow.

use gonogo::audit::agreement::{Agreement, Distance, Pairs, alpha};
use gonogo::audit::conclude::{
    ConcludeError, Conclusion, Factors, Method, MissingVerdicts, MoneyCase, MoneySample, Next,
    Note, Outcome, PoissonSample, Rule, Sample, SequentialSample, Side, SimpleSample,
    StratifiedSample, StratumSample, Taint, UnequalCase, UnequalSample, Unsampled, Verdict,
    conclude,
};
use gonogo::audit::sequential::Sequence;
use gonogo::audit::stringer;
use gonogo::audit::systematic::{self, Place, Whole};
use gonogo::audit::weighted::{self, Expansion, Scheme, Weighted};
use gonogo::audit::wendell_schmee::{self, Observed};
use gonogo::command::audit::conclusion as words;
use gonogo::estimate::hypergeometric::Found;
use gonogo::estimate::{beta, binomial, gamma};
use gonogo::rate::{Fraction, Micros};

const WRONG: Outcome = Outcome::Incorrect(Taint::WHOLE);

#[track_caller]
fn near(got: f64, want: f64, id: &str) {
    let digits = format!("{want}")
        .split_once('.')
        .map_or(0, |(_, part)| part.len());
    let half = 0.5 * 10.0_f64.powi(-(digits as i32));
    assert!(
        (got - want).abs() <= half * 1.000_001,
        "{id}: {got} is not {want}"
    );
}

fn rate(text: &str) -> Fraction {
    text.parse().unwrap()
}

/// "Below 5 %", at 95 % confidence, one-sided.
fn rule() -> Rule {
    Rule {
        tolerable: rate("5%"),
        confidence: rate("95%"),
        side: Side::OneSided,
        missing: MissingVerdicts::Incomplete,
    }
}

/// So many wrong cases and the rest right.
fn outcomes(wrong: usize, drawn: usize) -> Vec<Outcome> {
    let mut outcomes = vec![WRONG; wrong];
    outcomes.resize(drawn, Outcome::Correct);
    outcomes
}

fn simple(population: Option<u64>, outcomes: Vec<Outcome>, rule: &Rule) -> Conclusion {
    let sample = Sample::Simple(SimpleSample {
        population,
        outcomes,
    });
    conclude(&sample, rule).unwrap()
}

fn stratified(strata: &[(u64, usize, usize)]) -> Conclusion {
    let strata = strata
        .iter()
        .map(|(population, drawn, wrong)| StratumSample {
            name: format!("of {population}"),
            population: *population,
            outcomes: outcomes(*wrong, *drawn),
        });
    let sample = Sample::Stratified(StratifiedSample {
        strata: strata.collect(),
        unsampled: Unsampled::Refuse,
    });
    conclude(&sample, &rule()).unwrap()
}

#[test]
fn clopper_pearson_limits_are_those_of_jfa_and_aicpa() {
    let upper = |k, n| binomial::upper(k, n, 0.05);
    near(upper(0, 59), 0.0495076, "B1");
    near(upper(1, 93), 0.0499940, "B2");
    near(upper(3, 200), 0.0383097, "B3");
    near(upper(0, 145), 0.02044826, "B7");
    near(upper(1, 145), 0.03229696, "B7");
    let tables = [
        ("B3", 0.05, 3, 200, 3.9),
        ("B4", 0.05, 0, 20, 14.0),
        ("B4", 0.05, 1, 25, 17.7),
        ("B4", 0.05, 2, 50, 12.1),
        ("B4", 0.05, 10, 100, 16.4),
        ("B5", 0.10, 0, 60, 3.8),
        ("B5", 0.10, 3, 100, 6.6),
    ];
    for (id, risk, k, n, percent) in tables {
        let rounded_up = (binomial::upper(k, n, risk) * 1000.0).ceil() / 10.0;
        assert!(
            (rounded_up - percent).abs() < 1e-9,
            "{id}: {rounded_up} is not {percent}"
        );
    }
    let two_sided = simple(
        None,
        outcomes(3, 200),
        &Rule {
            side: Side::TwoSided,
            ..rule()
        },
    );
    near(two_sided.bounds.lower, 0.0031041, "B6");
    near(two_sided.bounds.upper, 0.0432083, "B6");
}

#[test]
fn hypergeometric_limits_are_those_of_jfa_and_touw_and_hoogduin() {
    let most = |k, n, population, risk| Found::new(k, n, population).unwrap().most_errors(risk);
    assert_eq!(most(3, 200, 1000, 0.05), 35, "B8");
    assert_eq!(
        [0, 1, 2, 3].map(|k| most(k, 102, 1200, 0.10)),
        [25, 43, 59, 75],
        "B9"
    );
    let found = Found::new(3, 200, 1000).unwrap();
    // jfa takes P(X <= k) for the lower one and prints 6.
    assert_eq!(
        (found.fewest_errors(0.025), found.most_errors(0.025)),
        (4, 40),
        "B10"
    );
}

#[test]
fn poisson_limits_and_factors_are_those_of_aicpa() {
    near(gamma::quantile_upper(0.05, 1.0) / 60.0, 0.0499289, "B12");
    let factors = [
        (0, 3.00),
        (1, 4.75),
        (2, 6.30),
        (3, 7.76),
        (4, 9.16),
        (10, 16.97),
    ];
    // AICPA rounds some factors up.
    for (errors, want) in factors {
        let factor = gamma::quantile_upper(0.05, f64::from(errors) + 1.0);
        assert!(
            want - factor < 0.01 && factor - want < 0.005,
            "B13: {factor} for {want}"
        );
    }
    for (errors, want) in [(0, 2.31), (1, 3.89), (2, 5.33), (3, 6.69)] {
        let factor = gamma::quantile_upper(0.10, f64::from(errors) + 1.0);
        assert!(
            want - factor < 0.01 && factor - want < 0.005,
            "B14: {factor} for {want}"
        );
    }
    near(beta::quantile_upper(0.05, 1.0, 60.0), 0.0487029, "B15");
}

#[test]
fn stratified_estimates_are_those_of_the_survey_package() {
    let schools = stratified(&[(4421, 100, 73), (755, 50, 16), (1018, 50, 24)]);
    near(schools.bounds.estimate.unwrap(), 0.6389361, "C1");
    near(schools.standard_error.unwrap(), 0.034405918, "C1");
    let few = stratified(&[(6000, 60, 1), (3000, 40, 2), (1000, 50, 6)]);
    near(few.bounds.estimate.unwrap(), 0.037, "C3");
    near(few.standard_error.unwrap(), 0.01508732, "C3");
    near(few.bounds.estimate.unwrap() * 10_000.0, 370.0, "C3");
    // The pooled rate of an over-sampled stratum is another number: 9 / 150.
    assert!(
        (few.bounds.estimate.unwrap() - 0.06).abs() > 0.02,
        "C3 pooled"
    );
}

#[test]
fn stratified_bounds_after_no_error_and_after_few() {
    let none = stratified(&[(6000, 60, 0), (3000, 40, 0), (1000, 50, 0)]);
    assert_eq!(none.method, Method::StratifiedZeroErrors);
    // The table has 0.0292218, which is 0.02922175 rounded once more; in 30 digits it is
    // 0.0292217479860585.
    near(none.bounds.upper, 0.029_221_75, "C7");
    // Not the upper bound of 0, nor NaN, that a variance of 0 gives.
    assert_eq!(none.standard_error, None, "C7");
    assert!(none.notes.contains(&Note::NoVariance));
    let proportional = stratified(&[(6000, 60, 0), (3000, 30, 0), (1000, 10, 0)]);
    near(proportional.bounds.upper, 0.0295130, "C8");
    near(binomial::upper(0, 100, 0.05), 0.0295130, "C8");
    let few = stratified(&[(6000, 60, 1), (3000, 40, 2), (1000, 50, 6)]);
    assert_eq!(few.method, Method::WendellSchmee);
    near(few.bounds.upper, 0.07718, "C10");
}

#[test]
fn too_many_errors_for_the_exact_bound_leave_bonferroni() {
    let observed = [(6000, 60, 1), (3000, 40, 2), (1000, 50, 6)];
    let limit = |(population, drawn, errors): (u64, u64, u64)| {
        population as f64 / 10_000.0 * binomial::upper(errors, drawn, 0.05 / 3.0)
    };
    near(observed.map(limit).iter().sum(), 0.137505, "C11");
    let many = [
        (5000, 900, 400),
        (3000, 900, 300),
        (2000, 901, 500),
        (1000, 600, 300),
    ];
    let conclusion = stratified(&many);
    assert_eq!(conclusion.method, Method::Bonferroni);
    assert!(conclusion.notes.contains(&Note::ExactBoundTooLong));
    let by_hand: f64 = many
        .iter()
        .map(|&(population, drawn, errors)| {
            population as f64 / 11_000.0 * binomial::upper(errors as u64, drawn as u64, 0.05 / 4.0)
        })
        .sum();
    assert!((conclusion.bounds.upper - by_hand).abs() < 1e-12);
}

#[test]
fn the_exact_stratified_bound_is_the_maximum_of_a_fine_scan() {
    // Two strata: for each rate of the first, the largest of the second.
    for (a, b) in [
        ((9000, 50, 1), (1000, 50, 5)),
        ((100, 10, 1), (9900, 90, 0)),
        ((8000, 15, 1), (2000, 100, 9)),
    ] {
        let observed = [a, b].map(|(population, drawn, errors)| Observed {
            population,
            drawn,
            errors,
        });
        let share = a.0 as f64 / (a.0 + b.0) as f64;
        let limit = a.0 * a.2 * b.1 + b.0 * b.2 * a.1;
        let chance = |first: f64, second: f64| -> f64 {
            let term = |x: u64| {
                let left = limit.checked_sub(a.0 * x * b.1)?;
                let most = (left / (b.0 * a.1)).min(b.1);
                Some(binomial::mass(x, a.1, first) * binomial::cdf(most, b.1, second))
            };
            (0..=a.1).map_while(term).sum()
        };
        let mut best = 0.0_f64;
        for step in 0..500 {
            let first = f64::from(step) / 500.0;
            if chance(first, 0.0) < 0.05 {
                break;
            }
            let (mut low, mut high) = (0.0, 1.0);
            for _ in 0..40 {
                let middle = f64::midpoint(low, high);
                if chance(first, middle) >= 0.05 {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            best = best.max(share * first + (1.0 - share) * low);
        }
        let ours = wendell_schmee::upper(&observed, 0.05).unwrap();
        assert!(ours >= best && ours - best < 1e-4, "{ours} and {best}");
    }
}

#[test]
fn stringers_bounds_are_those_of_touw_and_hoogduin_and_jfa() {
    let bound = |taints: &[f64], drawn, factors| stringer::upper(taints, drawn, 0.05, factors);
    let taints = [0.200_000_72, 1.0, 0.039_999_31];
    near(bound(&taints, 145, Factors::Binomial), 0.0347866, "D1");
    near(bound(&taints, 145, Factors::Poisson), 0.0352591, "D2");
    near(
        bound(&[0.5, 0.4, 0.19887], 145, Factors::Binomial),
        0.0325194,
        "D3",
    );
    near(
        bound(&[0.5, 0.2, 0.05], 100, Factors::Binomial),
        0.0417529,
        "D4",
    );
    near(
        bound(&[0.5, 0.2, 0.05], 100, Factors::Poisson),
        0.0425308,
        "D4",
    );
}

fn money(taints: &[f64], drawn: usize, total: u64) -> MoneySample {
    let value = Micros::from_units(100.0).unwrap();
    let mut cases: Vec<MoneyCase> = taints
        .iter()
        .map(|taint| MoneyCase {
            value,
            probability: 0.02,
            outcome: Outcome::Incorrect(Taint::new(*taint).unwrap()),
        })
        .collect();
    let right = MoneyCase {
        value,
        probability: 0.02,
        outcome: Outcome::Correct,
    };
    cases.resize(drawn, right);
    MoneySample {
        sampled_total: u128::from(total) * 1_000_000,
        factors: Factors::Poisson,
        cases,
    }
}

#[test]
fn the_upper_error_limit_in_money_is_not_rounded() {
    let sample = money(&[0.5, 0.2, 0.05], 100, 500_000);
    let conclusion = conclude(&Sample::Money(sample), &rule()).unwrap();
    let money = conclusion.money.unwrap();
    near(money.upper, 21_265.39, "D5");
    // With factors rounded to two decimals it would be 21,290.
    assert!((money.upper - 21_290.0).abs() > 20.0, "D5");
    near(money.projected, 3750.0, "mean taint times the total");
    assert_eq!(conclusion.verdict, Verdict::Pass);
}

#[test]
fn certain_cases_count_in_full_and_understatements_are_not_netted() {
    let mut sample = money(&[0.5, -0.8], 100, 500_000);
    sample.cases.push(MoneyCase {
        value: Micros::from_units(100_000.0).unwrap(),
        probability: 1.0,
        outcome: Outcome::Incorrect(Taint::new(0.1).unwrap()),
    });
    let conclusion = conclude(&Sample::Money(sample.clone()), &rule()).unwrap();
    let money = conclusion.money.unwrap();
    near(money.total, 600_000.0, "total");
    near(money.certain_errors, 10_000.0, "certain");
    near(money.projected, 12_500.0, "certain and projected");
    near(money.understatement, 4000.0, "understatement");
    assert!(conclusion.notes.contains(&Note::Understatements));
    let bound = 500_000.0 * stringer::upper(&[0.5], 100, 0.05, Factors::Poisson) + 10_000.0;
    assert!((money.upper - bound).abs() < 1e-6);
    // Without the understatement the bound is the same.
    sample.cases[1].outcome = Outcome::Correct;
    let without = conclude(&Sample::Money(sample), &rule()).unwrap();
    assert_eq!(without.bounds, conclusion.bounds);
}

#[test]
fn totals_of_unequal_probabilities_are_those_of_the_survey_package() {
    let cases = [
        (0.1, 10.0),
        (0.2, 0.0),
        (0.25, 8.0),
        (0.5, 20.0),
        (1.0, 100.0),
    ]
    .map(|(probability, amount)| Weighted {
        probability,
        amount,
    });
    near(weighted::total(&cases), 272.0, "E1");
    near(weighted::poisson_variance(&cases), 10_568.0, "E3");
    near(
        weighted::fixed_size_variance(&cases).unwrap(),
        5974.960,
        "E6",
    );
    // Neither that of draws with replacement nor the form of the sps package.
    for (other, id) in [(9784.0, "E4"), (5998.067, "E5")] {
        let ours = weighted::fixed_size_variance(&cases).unwrap();
        assert!((ours - other).abs() > 20.0, "{id}: {ours}");
    }
    assert_eq!(weighted::fixed_size_variance(&cases[3..]), None);
    let drawn = cases.map(|case| (case.probability, Some(case.amount)));
    let expansion = Expansion::of(&drawn, Scheme::Poisson);
    near(expansion.total, 272.0, "E1");
    near(expansion.total_error.unwrap(), 102.80078, "E3, its root");
    near(expansion.mean.unwrap(), 12.3636, "E2");
    // Around the mean: the root of sum (1 - p) (y - 12.36364)² / p², over 22.
    near(expansion.mean_error.unwrap(), 2.8404996, "E2, its error");
    let fixed = Expansion::of(&drawn, Scheme::FixedSize);
    near(fixed.total_error.unwrap(), 77.29787, "E6, its root");
    assert_eq!(Expansion::of(&[], Scheme::Poisson).mean, None);
}

#[test]
fn cases_that_a_rate_is_not_about_add_to_its_error_and_not_to_its_mean() {
    let drawn = [(0.5, Some(1.0)), (0.5, Some(0.0)), (0.25, None)];
    let expansion = Expansion::of(&drawn, Scheme::FixedSize);
    assert_eq!((expansion.total, expansion.mean), (2.0, Some(0.5)));
    // Residuals over probability: 1, -1 and 0, with the weights 1/2, 1/2, 3/4 and their mean 0:
    // 3/2 (1/2 + 1/2), over 4 cases squared.
    near(expansion.mean_error.unwrap(), 0.306186, "domain");
}

#[test]
fn a_draw_at_one_rate_is_bounded_as_a_simple_one_and_expanded_as_it_was_drawn() {
    let sample = PoissonSample {
        population: 1000,
        rate: 0.06,
        outcomes: outcomes(2, 57),
    };
    let conclusion = conclude(&Sample::Poisson(sample.clone()), &rule()).unwrap();
    let given = simple(Some(1000), outcomes(2, 57), &rule());
    assert_eq!(
        (conclusion.bounds, conclusion.method),
        (given.bounds, given.method)
    );
    let expansion = conclusion.weighted.unwrap();
    near(expansion.total, 33.333, "2 / 0.06");
    // The root of 2 x 0.94 / 0.0036.
    near(expansion.total_error.unwrap(), 22.852182, "Poisson");
    near(expansion.mean.unwrap(), 0.0350877, "2 / 57");
    // The root of 0.94 (2 (55/57)^2 + 55 (2/57)^2), over 57.
    near(expansion.mean_error.unwrap(), 0.0236291, "Hajek");
    assert_eq!(conclusion.standard_error, expansion.mean_error);
    let none = PoissonSample {
        outcomes: outcomes(0, 57),
        ..sample.clone()
    };
    let none = conclude(&Sample::Poisson(none), &rule()).unwrap();
    assert_eq!((none.standard_error, none.verdict), (None, Verdict::Pass));
    assert!(none.notes.contains(&Note::NoVariance));
    let rate = PoissonSample {
        rate: 0.0,
        ..sample
    };
    assert!(matches!(
        conclude(&Sample::Poisson(rate), &rule()),
        Err(ConcludeError::Probability { .. })
    ));
}

fn unequal(wrong: &[f64], right: &[f64]) -> UnequalSample {
    let case = |outcome| {
        move |probability: &f64| UnequalCase {
            probability: *probability,
            outcome,
        }
    };
    let cases = wrong
        .iter()
        .map(case(WRONG))
        .chain(right.iter().map(case(Outcome::Correct)));
    UnequalSample {
        population: 1000,
        smallest_probability: 0.05,
        expected_drawn: 100.0,
        cases: cases.collect(),
    }
}

#[test]
fn a_variance_of_zero_makes_no_bound_of_unequal_probabilities() {
    let sample = Sample::Unequal(unequal(&[], &[0.1; 100]));
    let conclusion = conclude(&sample, &rule()).unwrap();
    assert_eq!(conclusion.standard_error, None);
    // Twice the bound of equal probabilities, for the smallest is half of the mean.
    near(conclusion.bounds.upper, 0.059026, "2 CP(0, 100)");
    assert_eq!(conclusion.verdict, Verdict::Inconclusive);
    assert!(conclusion.notes.contains(&Note::NoVariance));
}

#[test]
fn with_equal_probabilities_the_weighted_bound_is_clopper_pearson() {
    let mut sample = unequal(&[0.1; 3], &[0.1; 97]);
    sample.smallest_probability = 0.1;
    let conclusion = conclude(&Sample::Unequal(sample), &rule()).unwrap();
    assert!((conclusion.bounds.upper - binomial::upper(3, 100, 0.05)).abs() < 1e-12);
    near(conclusion.bounds.estimate.unwrap(), 0.03, "mean");
    assert!(conclusion.standard_error.unwrap() > 0.01);
}

#[test]
fn errors_of_likelier_cases_weigh_less() {
    let bound = |probability: f64| {
        let sample = unequal(&[probability], &[0.1; 99]);
        conclude(&Sample::Unequal(sample), &rule()).unwrap().bounds
    };
    assert!(bound(0.5).upper < bound(0.05).upper);
    assert!(bound(0.5).estimate < bound(0.05).estimate);
    let bad = Sample::Unequal(unequal(&[0.01], &[0.1]));
    assert!(matches!(
        conclude(&bad, &rule()),
        Err(ConcludeError::Probability { .. })
    ));
}

#[test]
fn what_was_not_judged_counts_against_the_system() {
    let mut verdicts = outcomes(3, 194);
    verdicts.extend([Outcome::CannotDetermine; 4]);
    verdicts.extend([Outcome::Missing; 2]);
    let rule = Rule {
        missing: MissingVerdicts::AsUnable,
        ..rule()
    };
    let conclusion = simple(None, verdicts.clone(), &rule);
    near(conclusion.bounds.upper, 0.0772110, "J1");
    near(conclusion.best_case.upper, 0.0383097, "J2");
    // Dropping them would have shown the claim.
    near(binomial::upper(3, 194, 0.05), 0.0394800, "J3");
    assert_eq!(conclusion.verdict, Verdict::Inconclusive);
    assert_eq!(conclusion.next, Next::SettleUnable { cases: 6 });
    assert_eq!(conclusion.counts.coverage(), Some(0.97));
    let incomplete = simple(
        None,
        verdicts,
        &Rule {
            missing: MissingVerdicts::Incomplete,
            ..rule
        },
    );
    assert_eq!(incomplete.verdict, Verdict::Incomplete);
    assert_eq!(incomplete.next, Next::FinishReview { missing: 2 });
}

#[test]
fn unable_reviewers_alone_prove_neither_way() {
    let verdicts = vec![Outcome::CannotDetermine; 100];
    let conclusion = simple(Some(1000), verdicts.clone(), &rule());
    assert_eq!(conclusion.bounds.estimate, Some(1.0));
    assert_eq!(conclusion.best_case.estimate, Some(0.0));
    assert_eq!(conclusion.verdict, Verdict::Inconclusive);
    assert!(conclusion.notes.contains(&Note::OnlyUnableFail));
}

#[test]
fn a_planned_sample_passes_fails_or_tells_how_many_more() {
    let passed = simple(Some(1000), outcomes(0, 57), &rule());
    assert_eq!((passed.verdict, passed.next), (Verdict::Pass, Next::Report));
    assert_eq!(passed.most_errors, Some(49));
    assert_eq!(
        simple(Some(1000), outcomes(0, 56), &rule()).verdict,
        Verdict::Inconclusive
    );
    let failed = simple(Some(1000), outcomes(9, 57), &rule());
    assert_eq!(
        (failed.verdict, failed.next),
        (Verdict::Fail, Next::FindCauses)
    );
    let open = simple(Some(1000), outcomes(1, 57), &rule());
    assert_eq!(open.verdict, Verdict::Inconclusive);
    let Next::DrawMore { cases } = open.next else {
        panic!("{:?}", open.next)
    };
    let more = 57 + usize::try_from(cases).unwrap();
    assert_eq!(
        simple(Some(1000), outcomes(1, more), &rule()).verdict,
        Verdict::Pass
    );
    assert_eq!(
        simple(Some(1000), outcomes(1, more - 1), &rule()).verdict,
        Verdict::Inconclusive
    );
}

#[test]
fn a_census_is_exact() {
    let census = simple(Some(100), outcomes(4, 100), &rule());
    assert_eq!((census.bounds.lower, census.bounds.upper), (0.04, 0.04));
    assert_eq!(
        (census.method, census.verdict),
        (Method::Census, Verdict::Pass)
    );
    let census = simple(Some(100), outcomes(5, 100), &rule());
    assert_eq!(census.verdict, Verdict::Fail);
}

#[test]
fn cases_that_the_claim_is_not_about_leave_the_sample_but_not_the_frame() {
    let mut verdicts = outcomes(1, 90);
    verdicts.extend([Outcome::NotApplicable; 10]);
    let conclusion = simple(Some(1000), verdicts, &rule());
    near(conclusion.bounds.estimate.unwrap(), 0.0111111, "1 / 90");
    assert!((conclusion.bounds.upper - binomial::upper(1, 90, 0.05)).abs() < 1e-15);
    assert_eq!(conclusion.method, Method::ClopperPearson);
    assert!(conclusion.notes.contains(&Note::EndlessPopulation));
    assert_eq!(conclusion.most_errors, Some(44), "over the frame, as in G3");
    let nothing = SimpleSample {
        population: Some(9),
        outcomes: vec![Outcome::NotApplicable],
    };
    assert_eq!(
        conclude(&Sample::Simple(nothing), &rule()),
        Err(ConcludeError::NothingDrawn)
    );
}

#[test]
fn strata_without_draws_are_refused_or_taken_as_wrong() {
    let strata = vec![
        StratumSample {
            name: "seen".to_owned(),
            population: 900,
            outcomes: outcomes(0, 90),
        },
        StratumSample {
            name: "unseen".to_owned(),
            population: 100,
            outcomes: Vec::new(),
        },
        StratumSample {
            name: "empty".to_owned(),
            population: 0,
            outcomes: Vec::new(),
        },
    ];
    let sample = |unsampled| {
        Sample::Stratified(StratifiedSample {
            strata: strata.clone(),
            unsampled,
        })
    };
    let refused = conclude(&sample(Unsampled::Refuse), &rule()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "stratum `unseen`: of its 100 cases none that the claim is about was drawn"
    );
    let wide = conclude(&sample(Unsampled::AllErrors), &rule()).unwrap();
    assert!(wide.bounds.upper > 0.1 && wide.bounds.estimate.is_none());
    assert!(wide.notes.contains(&Note::UnsampledAsErrors));
}

#[test]
fn strata_that_were_looked_at_whole_add_what_they_hold() {
    let conclusion = stratified(&[(100, 100, 50), (9900, 300, 0)]);
    let rest = Found::new(0, 300, 9900).unwrap().most_errors(0.05) as f64;
    assert!((conclusion.bounds.upper - (50.0 + rest) / 10_000.0).abs() < 1e-12);
    assert!((conclusion.bounds.lower - 0.005).abs() < 1e-12);
}

#[test]
fn an_inconclusive_stratified_audit_tells_how_many_more() {
    let open = stratified(&[(6000, 30, 0), (3000, 15, 0), (1000, 5, 0)]);
    let Next::DrawMore { cases } = open.next else {
        panic!("{:?}", open.next)
    };
    assert!((8..=14).contains(&cases), "{cases}");
}

fn sequential(outcomes: Vec<Outcome>, missing: MissingVerdicts) -> Conclusion {
    let sample = Sample::Sequential(SequentialSample {
        population: 10_000,
        prior_rate: Some(rate("1%")),
        outcomes,
    });
    conclude(&sample, &Rule { missing, ..rule() }).unwrap()
}

#[test]
fn an_audit_that_is_looked_at_as_it_goes_stops_when_the_claim_is_shown() {
    let complete = MissingVerdicts::Incomplete;
    assert_eq!(
        sequential(outcomes(0, 69), complete).verdict,
        Verdict::Pass,
        "G4"
    );
    let early = sequential(outcomes(0, 60), complete);
    assert_eq!(
        (early.verdict, early.next),
        (Verdict::Inconclusive, Next::GoOn { cases: 9 })
    );
    // What was shown stays shown, whatever comes after.
    let mut later = outcomes(0, 69);
    later.extend([WRONG; 3]);
    assert_eq!(sequential(later, complete).verdict, Verdict::Pass);
}

#[test]
fn a_gap_ends_the_sequence_or_counts_as_an_error() {
    let mut gap = outcomes(0, 60);
    gap.push(Outcome::Missing);
    gap.extend(outcomes(0, 100));
    let stopped = sequential(gap.clone(), MissingVerdicts::Incomplete);
    assert_eq!(stopped.verdict, Verdict::Incomplete);
    assert!(stopped.notes.contains(&Note::StoppedAtGap));
    let counted = sequential(gap, MissingVerdicts::AsUnable);
    assert_eq!(
        (counted.verdict, counted.counts.missing),
        (Verdict::Pass, 1)
    );
}

fn sequence_of(population: u64, outcomes: Vec<Outcome>) -> Conclusion {
    let sample = Sample::Sequential(SequentialSample {
        population,
        prior_rate: Some(rate("1%")),
        outcomes,
    });
    conclude(&sample, &rule()).unwrap()
}

#[test]
fn a_running_bound_takes_all_that_were_not_drawn_for_cases_that_it_is_about() {
    let mut verdicts = outcomes(0, 69);
    verdicts.extend([Outcome::NotApplicable; 5]);
    let conclusion = sequential(verdicts, MissingVerdicts::Incomplete);
    let most = Sequence::new(9995, Some(rate("1%"))).errors(0, 69, 0.05).1;
    assert_eq!(conclusion.bounds.upper, (most + 1) as f64 / 9995.0);
    assert_eq!(conclusion.notes, [Note::WholePopulation]);
    // All but one of 200 cases are looked at, one of them is none that the claim is about and one is
    // wrong: the rate is 1 / 198 at least, be the last case what it may.
    let mut verdicts = outcomes(1, 198);
    verdicts.push(Outcome::NotApplicable);
    let sample = SequentialSample {
        population: 200,
        prior_rate: Some(rate("1%")),
        outcomes: verdicts,
    };
    let half = Rule {
        tolerable: rate("0.504%"),
        ..rule()
    };
    let conclusion = conclude(&Sample::Sequential(sample), &half).unwrap();
    assert_eq!(conclusion.verdict, Verdict::Inconclusive);
    assert!(conclusion.bounds.upper >= 2.0 / 199.0 && conclusion.bounds.lower <= 1.0 / 199.0);
}

#[test]
fn an_audit_that_went_on_to_the_last_case_is_exact() {
    for (wrong, right, others) in [(0, 15, 5), (3, 12, 5), (2, 18, 0)] {
        let mut verdicts = vec![Outcome::NotApplicable; others];
        verdicts.extend(outcomes(wrong, wrong + right));
        let conclusion = sequence_of(20, verdicts);
        let rate = wrong as f64 / (wrong + right) as f64;
        assert_eq!(conclusion.method, Method::Census);
        assert_eq!(
            (conclusion.bounds.lower, conclusion.bounds.upper),
            (rate, rate)
        );
        let verdict = if wrong == 0 {
            Verdict::Pass
        } else {
            Verdict::Fail
        };
        assert_eq!(conclusion.verdict, verdict);
    }
    // One error in 199 cases is more than 0.5 %.
    let mut verdicts = outcomes(1, 199);
    verdicts.push(Outcome::NotApplicable);
    assert_eq!(sequence_of(200, verdicts).bounds.upper, 1.0 / 199.0);
}

#[test]
fn a_pass_of_a_draw_that_was_enlarged_does_not_stand_unless_counts_show_it() {
    let passed = simple(Some(1000), outcomes(0, 57), &rule()).of_enlarged();
    assert_eq!(
        (passed.verdict, passed.next),
        (Verdict::Inconclusive, Next::DrawAnew)
    );
    assert!(passed.notes.contains(&Note::Enlarged));
    let text = words::sentence(&passed);
    assert!(text.contains("so no confidence can be stated"), "{text}");
    assert!(
        !text.contains("95 %") && !text.contains("at most"),
        "{text}"
    );
    let missing = simple(Some(1000), vec![Outcome::Missing; 57], &rule()).of_enlarged();
    assert_eq!(missing.verdict, Verdict::Incomplete);
    let census = simple(Some(100), outcomes(4, 100), &rule());
    assert_eq!(census.clone().of_enlarged(), census);
    // Were the last three cases wrong as well, the rate would be 4 %; of five, 6 %.
    let nearly = simple(Some(100), outcomes(1, 97), &rule());
    assert_eq!(nearly.verdict, Verdict::Pass);
    assert_eq!(nearly.clone().of_enlarged(), nearly);
    let open = simple(Some(100), outcomes(1, 95), &rule());
    assert_eq!(open.verdict, Verdict::Pass);
    assert_eq!(open.of_enlarged().verdict, Verdict::Inconclusive);
}

#[test]
fn a_failure_of_a_draw_that_was_enlarged_stands() {
    for (population, wrong, drawn) in [(1000, 9, 58), (100, 20, 90)] {
        let failed = simple(Some(population), outcomes(wrong, drawn), &rule()).of_enlarged();
        assert_eq!(
            (failed.verdict, failed.next),
            (Verdict::Fail, Next::FindCauses)
        );
        let text = words::sentence(&failed);
        assert!(
            text.contains("it is at least") && !text.contains("at most"),
            "{text}"
        );
        assert!(text.ends_with("FAIL."), "{text}");
    }
}

#[test]
fn a_total_of_certain_cases_is_exact() {
    let outcomes = outcomes(2, 10);
    let sample = |rate| PoissonSample {
        population: 10,
        rate,
        outcomes: outcomes.clone(),
    };
    let all = conclude(&Sample::Poisson(sample(1.0)), &rule()).unwrap();
    let weighted = all.weighted.unwrap();
    assert_eq!((weighted.total, weighted.total_error), (2.0, Some(0.0)));
    assert_eq!(weighted.mean_error, Some(0.0));
}

#[test]
fn what_is_projected_over_cases_of_no_concern_is_told_apart_from_the_total() {
    let mut sample = money(&[0.5], 10, 50_000);
    let concluded =
        |sample: &MoneySample| conclude(&Sample::Money(sample.clone()), &rule()).unwrap();
    let all = concluded(&sample);
    assert!(!all.notes.contains(&Note::WholeValue));
    near(
        all.money.unwrap().projected,
        all.weighted.unwrap().total,
        "one estimate",
    );
    let last = sample.cases.len() - 1;
    sample.cases[last].outcome = Outcome::NotApplicable;
    let conclusion = concluded(&sample);
    assert!(conclusion.notes.contains(&Note::WholeValue));
    let (projected, total) = (
        conclusion.money.unwrap().projected,
        conclusion.weighted.unwrap().total,
    );
    assert!(projected > total, "{projected} {total}");
}

#[test]
fn kappa_and_specific_agreement_are_those_of_the_textbooks() {
    let pairs = |both_wrong, first_only, second_only, both_right| {
        let pairs = Pairs {
            both_wrong,
            first_only,
            second_only,
            both_right,
        };
        Agreement::of(&pairs, &[])
    };
    near(pairs(20, 5, 10, 15).kappa.unwrap(), 0.4, "H1");
    let rare = pairs(118, 5, 2, 0);
    near(rare.kappa.unwrap(), -0.023392, "H2");
    near(rare.observed.unwrap(), 0.944, "H2");
    near(rare.on_wrong.unwrap(), 0.971193, "H2: 236 / 243");
    assert_eq!(rare.on_right, Some(0.0));
    let unanimous = pairs(0, 0, 0, 30);
    assert_eq!((unanimous.kappa, unanimous.on_wrong), (None, None));
    assert_eq!(pairs(0, 0, 0, 0).observed, None);
}

/// Units from the rows of the reviewers; 0 is a gap.
fn units(rows: &[&[i32]]) -> Vec<Vec<i32>> {
    let unit = |place: usize| {
        let values = rows.iter().filter_map(|row| row.get(place));
        values.copied().filter(|value| *value > 0).collect()
    };
    (0..rows[0].len()).map(unit).collect()
}

#[test]
fn krippendorffs_alpha_is_that_of_his_examples() {
    let three = units(&[
        &[0, 0, 0, 0, 0, 3, 4, 1, 2, 1, 1, 3, 3, 0, 3],
        &[1, 0, 2, 1, 3, 3, 4, 3, 0, 0, 0, 0, 0, 0, 0],
        &[0, 0, 2, 1, 3, 4, 4, 0, 2, 1, 1, 3, 3, 0, 4],
    ]);
    near(alpha(&three, Distance::Nominal).unwrap(), 0.691, "H4");
    near(alpha(&three, Distance::Interval).unwrap(), 0.811, "H4");
    let four = units(&[
        &[1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        &[1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
        &[0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
        &[1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ]);
    near(alpha(&four, Distance::Nominal).unwrap(), 0.743, "H5");
    assert_eq!(alpha(&[vec![1, 1], vec![1]], Distance::Nominal), None);
    assert_eq!(alpha(&[], Distance::Nominal), None);
}

#[test]
fn errors_that_crowd_in_one_segment_are_found_and_searching_many_is_paid_for() {
    let place = |name: &str, cases, errors| Place {
        name: name.to_owned(),
        error_type: None,
        cases,
        errors,
    };
    let whole = |_: Option<&str>| Whole {
        cases: 100,
        errors: 5,
    };
    let places = [
        place("kind = refund", 10, 5),
        place("kind = claim", 90, 0),
        place("day = 1", 50, 3),
    ];
    let found = systematic::findings(&places, whole);
    assert_eq!(found[0].place.name, "kind = refund");
    // All five errors in the ten cases: C(10, 5) / C(100, 5).
    let chance = 252.0 / 75_287_520.0;
    assert!((found[0].p_value / chance - 1.0).abs() < 1e-9);
    assert!((found[0].adjusted / chance - 3.0).abs() < 1e-9);
    assert_eq!((found[0].rate, found[0].elsewhere), (Some(0.5), Some(0.0)));
    assert!(found[1].adjusted > 0.5 && found[2].adjusted >= found[1].adjusted);
    assert_eq!(found[2].p_value, 1.0);
}

#[test]
fn the_sentence_for_the_working_paper_stands_alone() {
    let passed = simple(Some(1000), outcomes(0, 57), &rule());
    assert_eq!(
        words::sentence(&passed),
        "57 of 1,000 cases were drawn; 57 were judged and 0 found wrong. The error rate is \
         estimated at 0 %; with 95 % confidence (one-sided, hypergeometric) it is at most 4.9 % and \
         at least 0 %. This shows that it is below 5 %: PASS."
    );
    let mut verdicts = outcomes(3, 196);
    verdicts.extend([Outcome::CannotDetermine; 4]);
    let open = simple(None, verdicts, &rule());
    assert_eq!(
        words::sentence(&open),
        "200 cases were drawn; 196 were judged and 3 found wrong, 4 could not be determined. What \
         was not judged counts as wrong in the bounds, but alone proves no failure. The error rate \
         is estimated at 3.5 %; with 95 % confidence (one-sided, Clopper-Pearson) it is at most \
         6.47 % and at least 1.65 %. This does not show whether it is below 5 %: INCONCLUSIVE."
    );
    assert_eq!(
        words::next(open.next),
        "settle the 4 cases that were not judged: if all are right, the claim holds"
    );
}
