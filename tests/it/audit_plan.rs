//! Sample sizes, allocations and the running bound against published tables and other programs:
//! the rows of `tests/golden/audit.md`, named by their ids. Rows that describe another program's
//! fault are guards: that answer must not be ours.

use gonogo::audit::allocation::{LastAudit, Rule, Stratum, allocate};
use gonogo::audit::claim::{Claim, Model};
use gonogo::audit::operating;
use gonogo::audit::sequential::{Sequence, course};
use gonogo::audit::size::{self, Expected, Size, SizeError, attribute, two_stage};
use gonogo::estimate::binomial;
use gonogo::rate::Fraction;

fn rate(text: &str) -> Fraction {
    text.parse().unwrap()
}

fn claim(confidence: &str, tolerable: &str) -> Claim {
    Claim::new(rate(tolerable), rate(confidence)).unwrap()
}

fn of(population: u64) -> Model {
    Model::Hypergeometric { population }
}

/// Size and allowed errors with a number of errors expected.
fn with_errors(model: Model, claim: Claim, errors: u64) -> u64 {
    let size = attribute(model, claim, Expected::Errors(errors)).unwrap();
    assert_eq!(size.allowed, errors);
    size.cases
}

/// Size and allowed errors with a rate expected.
fn with_rate(model: Model, claim: Claim, expected: &str) -> (u64, u64) {
    let size = attribute(model, claim, Expected::Rate(rate(expected))).unwrap();
    (size.cases, size.allowed)
}

#[test]
fn binomial_sizes_for_whole_errors_are_those_of_aicpa_a1() {
    let sizes = |tolerable: &str| {
        [0, 1, 2, 3].map(|k| with_errors(Model::Binomial, claim("95%", tolerable), k))
    };
    assert_eq!(sizes("5%"), [59, 93, 124, 153], "A1 to A4");
    assert_eq!(sizes("2%")[0], 149, "A5");
    assert_eq!(sizes("1%"), [299, 473, 628, 773], "A6");
}

#[test]
fn binomial_sizes_for_expected_rates_are_those_of_aicpa() {
    let rows = [
        ("A7", "95%", "10%", "1%", (46, 1)),
        ("A8", "95%", "9%", "2%", (68, 2)),
        ("A9", "95%", "5%", "2%", (181, 4)),
        ("A10", "95%", "6%", "3%", (195, 6)),
        ("A11", "90%", "5%", "0", (45, 0)),
        ("A11", "90%", "5%", "1%", (77, 1)),
        ("A18", "95%", "6%", "1%", (78, 1)),
    ];
    for (id, confidence, tolerable, expected, want) in rows {
        let got = with_rate(Model::Binomial, claim(confidence, tolerable), expected);
        assert_eq!(got, want, "{id}");
    }
}

#[test]
fn expected_errors_are_exact_where_doubles_ask_for_one_more() {
    // With ceil(0.035 * 400) = 15 in doubles the answers were 423 and 1313.
    assert_eq!(
        with_rate(Model::Binomial, claim("90%", "5%"), "3.5%"),
        (400, 14),
        "A12"
    );
    assert_eq!(
        with_rate(Model::Binomial, claim("90%", "8%"), "7%"),
        (1300, 91),
        "A21"
    );
}

#[test]
fn the_error_of_the_printed_table_is_not_repeated() {
    assert_eq!(
        with_rate(Model::Binomial, claim("90%", "7%"), "3.5%"),
        (113, 4),
        "A22"
    );
    let at_112 = binomial::cdf(4, 112, 0.07);
    assert!((at_112 - 0.100_712).abs() < 5e-7, "A22: {at_112}");
}

#[test]
fn poisson_sizes_are_those_of_aicpa_c1() {
    let five = claim("95%", "5%");
    assert_eq!(
        [0, 1].map(|k| with_errors(Model::Poisson, five, k)),
        [60, 95],
        "A13"
    );
    let two = claim("95%", "2%");
    let sizes = ["0", "0.4%", "1%"].map(|e| with_rate(Model::Poisson, two, e).0);
    assert_eq!(sizes, [150, 232, 577], "A14 and D7");
    assert_eq!(
        with_rate(Model::Poisson, claim("95%", "3%"), "1.5%").0,
        385,
        "A15"
    );
}

#[test]
fn hypergeometric_sizes_are_those_of_jfa_and_touw_and_hoogduin() {
    let five = claim("95%", "5%");
    let sizes = [1000, 500, 200, 100].map(|n| with_errors(of(n), five, 0));
    assert_eq!(sizes, [57, 56, 51, 45], "A16");
    let sizes = [0, 2].map(|k| with_errors(of(1200), claim("90%", "5%"), k));
    assert_eq!(sizes, [45, 102], "A17");
    let sizes = [500, 5000].map(|n| with_rate(of(n), claim("95%", "6%"), "1%").0);
    assert_eq!(sizes, [73, 77], "A18");
}

#[test]
fn hypergeometric_discovery_sizes_are_those_of_ez_quant() {
    let rows = [
        ("90%", [27, 36, 54, 102]),
        ("95%", [35, 47, 69, 129]),
        ("99%", [53, 70, 101, 183]),
    ];
    for (confidence, want) in rows {
        let sizes = ["8%", "6%", "4%", "2%"]
            .map(|tolerable| with_errors(of(500), claim(confidence, tolerable), 0));
        assert_eq!(sizes, want, "A24 at {confidence}");
    }
}

#[test]
fn margins_are_those_of_electronic_discovery() {
    let half = rate("50%");
    let cases = |margin: &str, population| {
        size::margin(rate(margin), half, rate("95%"), population).unwrap()
    };
    assert_eq!(cases("5%", None), 385, "A19");
    assert_eq!(cases("5%", Some(10_000)), 370, "A19");
    assert_eq!(cases("2%", None), 2401, "A19");
}

#[test]
fn two_stages_of_49_replace_one_of_77() {
    let claim = claim("90%", "5%");
    let plan = two_stage(Model::Binomial, claim, 1).unwrap();
    assert_eq!(plan.cases, 49, "A20");
    assert!(plan.passes(Model::Binomial, claim.tolerable()) < 0.1);
}

#[test]
fn two_stages_of_a_finite_population_need_no_more_than_of_an_endless_one() {
    let claim = claim("90%", "5%");
    let plan = two_stage(of(1000), claim, 1).unwrap();
    assert!(plan.cases <= 49, "{plan:?}");
    let chance = plan.passes(of(1000), claim.tolerable());
    let one_less = size::TwoStage {
        cases: plan.cases - 1,
        ..plan
    };
    assert!(chance < 0.1 && one_less.passes(of(1000), claim.tolerable()) >= 0.1);
    let wide = two_stage(of(1_000_000_000), claim, 1).unwrap();
    assert_eq!(wide.cases, 49);
}

#[test]
fn an_accept_on_five_plan_behaves_as_the_binomial_says() {
    let plan = Size {
        cases: 200,
        allowed: 5,
    };
    let passes = |p: &str| size::passes(Model::Binomial, plan, rate(p));
    assert!((passes("1%") - 0.983_977).abs() < 5e-7, "I1");
    assert!((passes("5%") - 0.062_342).abs() < 5e-7, "I2");
    assert!(
        (operating::limiting_quality(plan, 0.1) - 0.045_879).abs() < 5e-7,
        "I3"
    );
    assert!(
        (Model::Binomial.upper(5, 200, 0.05) - 0.051_843).abs() < 5e-7,
        "I3"
    );
}

#[test]
fn the_outgoing_limit_is_the_largest_of_a_fine_grid() {
    let plan = Size {
        cases: 200,
        allowed: 5,
    };
    let (at, limit) = operating::outgoing_limit(plan);
    let outgoing = |p: f64| p * binomial::cdf(5, 200, p);
    let grid = (1..10_000)
        .map(|step| outgoing(f64::from(step) / 1e4))
        .fold(0.0, f64::max);
    assert!((limit - outgoing(at)).abs() < 1e-15 && limit >= grid && limit - grid < 1e-7);
}

#[test]
fn a_claim_that_cannot_be_shown_is_refused_or_needs_a_census() {
    let five = claim("95%", "5%");
    let refused = attribute(Model::Binomial, five, Expected::Rate(rate("5%"))).unwrap_err();
    assert!(matches!(refused, SizeError::ExpectedTooHigh { .. }));
    assert!(
        refused.to_string().starts_with("no sample size can pass"),
        "{refused}"
    );
    assert!(attribute(of(100), five, Expected::Errors(5)).is_err());
    assert_eq!(
        attribute(of(0), five, Expected::NONE),
        Err(SizeError::NoCases)
    );
    // Less than one case in all is tolerable: every case must be looked at.
    let census = attribute(of(19), five, Expected::NONE).unwrap();
    assert_eq!((census.cases, census.allowed), (19, 0));
    // An expected rate just below the tolerable one leaves a census too, not an endless search.
    let census = attribute(of(100), five, Expected::Rate(rate("4.9%"))).unwrap();
    assert_eq!((census.cases, census.allowed), (100, 4));
}

#[test]
fn a_rate_next_to_the_tolerable_one_is_found_in_no_time() {
    let size = attribute(
        Model::Binomial,
        claim("95%", "5%"),
        Expected::Rate(rate("4.99%")),
    );
    let Size { cases, allowed } = size.unwrap();
    assert!(cases > 10_000_000, "{cases}");
    assert!(rate("4.99%").ceil_of(cases) == allowed);
    assert!(binomial::cdf(allowed, cases, 0.05) < 0.05);
}

fn strata(populations: &[u64]) -> Vec<Stratum> {
    let named = populations.iter().enumerate();
    named
        .map(|(place, population)| Stratum {
            name: format!("s{place}"),
            population: *population,
            last: None,
            fixed: None,
        })
        .collect()
}

#[test]
fn shares_are_rounded_by_largest_remainder_so_that_the_sum_is_the_sample() {
    // Rounding each share up gives 103.
    let sizes = allocate(&strata(&[5000, 3000, 2000]), 101, Rule::Proportional);
    assert_eq!(sizes, [51, 30, 20], "C12 and C13");
}

#[test]
fn neyman_looks_where_errors_vary_most() {
    let mut strata = strata(&[5000, 3000, 2000]);
    // (errors + 1) / (cases + 2) is 0.01, 0.05 and 0.20.
    for (stratum, (errors, cases)) in strata.iter_mut().zip([(0, 98), (4, 98), (19, 98)]) {
        stratum.last = Some(LastAudit { errors, cases });
    }
    assert_eq!(allocate(&strata, 100, Rule::Neyman), [25, 34, 41], "C14");
    // A stratum without a single error last time still gets cases.
    strata[2].last = Some(LastAudit {
        errors: 0,
        cases: 1000,
    });
    assert!(allocate(&strata, 100, Rule::Neyman)[2] > 2);
}

#[test]
fn small_strata_are_taken_whole_and_each_gives_two() {
    assert_eq!(
        allocate(&strata(&[5000, 3000, 12]), 100, Rule::Equal),
        [44, 44, 12],
        "C15"
    );
    let sizes = allocate(&strata(&[9000, 990, 10, 0]), 30, Rule::Proportional);
    assert_eq!(sizes, [25, 3, 2, 0], "C16");
    // Too few for two from each: one from each; too few for that: the largest.
    assert_eq!(
        allocate(&strata(&[90, 5, 5]), 4, Rule::Proportional),
        [2, 1, 1]
    );
    assert_eq!(
        allocate(&strata(&[90, 5, 5]), 2, Rule::Proportional),
        [2, 0, 0]
    );
}

#[test]
fn the_running_bound_has_the_values_of_its_closed_form() {
    let most = |prior: Option<&str>| {
        let sequence = Sequence::new(1000, prior.map(rate));
        sequence.errors(1, 100, 0.05).1
    };
    assert_eq!(most(None), 90, "G1");
    assert_eq!(most(Some("1%")), 58, "G2");
    let fixed = gonogo::estimate::hypergeometric::Found::new(1, 100, 1000).unwrap();
    assert_eq!(fixed.most_errors(0.05), 44, "G3");
    let stop =
        |prior: Option<&str>| Sequence::new(10_000, prior.map(rate)).stop(claim("95%", "5%"), 0);
    assert_eq!(stop(None), Some(156), "G4");
    assert_eq!(stop(Some("1%")), Some(69), "G4");
    assert_eq!(with_errors(of(10_000), claim("95%", "5%"), 0), 59, "G4");
}

#[test]
fn the_stop_is_the_first_size_at_which_the_claim_is_shown() {
    for (population, prior, found) in [(300, None, 0), (300, Some("1%"), 2), (1000, Some("2%"), 1)]
    {
        let sequence = Sequence::new(population, prior.map(rate));
        let claim = claim("95%", "5%");
        let first = (found..=population).find(|drawn| sequence.shows(claim, found, *drawn));
        assert_eq!(sequence.stop(claim, found), first);
    }
}

#[test]
fn the_course_of_an_audit_agrees_with_a_direct_count() {
    // 4 cases, 1 wrong; stops after 2 without an error and after 3 with one.
    let mended = course(4, 1, &[2, 3]);
    // No error in the first two: 1/2, then it stops at 2; else it goes on to 3.
    assert!((mended.cases - 2.5).abs() < 1e-12, "{mended:?}");
    assert!((mended.shown - 1.0).abs() < 1e-12);
    let wrong = course(4, 4, &[2]);
    assert!(wrong.shown.abs() < 1e-12 && (wrong.cases - 2.0).abs() < 1e-12);
}
