//! The command line of a plan as a question that can be answered.

use std::str::FromStr;

use super::{FamilyArg, Money, PlanArgs, PlanError, Population};
use crate::audit::allocation::{LastAudit, Stratum};
use crate::audit::claim::{Claim, Model};
use crate::audit::plan::{Kind, Question};
use crate::audit::size::{Expected, Size};
use crate::rate::{Fraction, Micros};

/// A stratum as the command line gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StratumArg(pub(super) Stratum);

impl FromStr for StratumArg {
    type Err = String;

    /// Reads `refunds=3000`, `refunds=3000:2/50`, `refunds=3000@60` or `refunds=3000:2/50@60`.
    fn from_str(text: &str) -> Result<Self, String> {
        let refused =
            || format!("`{text}` is not a stratum: write NAME=CASES, such as refunds=3000:2/50@60");
        let number = |text: &str| text.trim().parse::<u64>().map_err(|_| refused());
        let (name, rest) = text.rsplit_once('=').ok_or_else(refused)?;
        let (rest, fixed) = match rest.split_once('@') {
            Some((rest, size)) => (rest, Some(number(size)?)),
            None => (rest, None),
        };
        let (cases, last) = match rest.split_once(':') {
            Some((cases, last)) => {
                let (errors, audited) = last.split_once('/').ok_or_else(refused)?;
                let last = LastAudit {
                    errors: number(errors)?,
                    cases: number(audited)?,
                };
                if last.errors > last.cases {
                    return Err(refused());
                }
                (cases, Some(last))
            }
            None => (rest, None),
        };
        Ok(Self(Stratum {
            name: name.trim().to_owned(),
            population: number(cases)?,
            last,
            fixed,
        }))
    }
}

/// Minutes above 0.
pub(super) fn minutes(text: &str) -> Result<f64, String> {
    let minutes = text
        .parse()
        .ok()
        .filter(|minutes| *minutes > 0.0 && *minutes <= 1e6);
    minutes.ok_or_else(|| format!("`{text}` is not a number of minutes above 0"))
}

/// An amount of money of at least a millionth.
pub(super) fn amount(text: &str) -> Result<Micros, String> {
    let units = text.parse().ok().and_then(Micros::from_units);
    units.ok_or_else(|| format!("`{text}` is not an amount of money from 0 to a trillion"))
}

/// What is asked, checked.
pub(super) enum Asked {
    Claim {
        question: Question,
        money: Option<Money>,
    },
    Margin {
        margin: Fraction,
        expected: Fraction,
    },
}

pub(super) fn asked(args: &PlanArgs, population: &Population) -> Result<Asked, PlanError> {
    if let Some(margin) = args.margin {
        // Half is where a rate is hardest to estimate.
        let half = Fraction::new(1, 2).unwrap_or(Fraction::ONE);
        return Ok(Asked::Margin {
            margin,
            expected: args.expected.unwrap_or(half),
        });
    }
    if let Some(tolerable) = args.tolerable_value {
        return by_value(args, population, tolerable);
    }
    let tolerable = args.tolerable.unwrap_or(Fraction::ZERO);
    let claim = Claim::new(tolerable, args.confidence)?;
    let question = Question {
        model: model(args, population)?,
        claim,
        expected: expected(args),
        true_rate: args.true_rate,
        kind: kind(args, population, claim)?,
    };
    Ok(Asked::Claim {
        question,
        money: None,
    })
}

fn expected(args: &PlanArgs) -> Expected {
    match (args.expected, args.expected_errors) {
        (Some(rate), _) => Expected::Rate(rate),
        (None, Some(errors)) => Expected::Errors(errors),
        (None, None) => Expected::NONE,
    }
}

fn model(args: &PlanArgs, population: &Population) -> Result<Model, PlanError> {
    match (args.family, population.cases) {
        (Some(FamilyArg::Hypergeometric) | None, Some(population)) => {
            Ok(Model::Hypergeometric { population })
        }
        (Some(FamilyArg::Hypergeometric), None) => Err(PlanError::NoPopulation {
            option: "--family hypergeometric",
        }),
        (Some(FamilyArg::Binomial), _) | (None, None) => Ok(Model::Binomial),
        (Some(FamilyArg::Poisson), _) => Ok(Model::Poisson),
    }
}

fn kind(args: &PlanArgs, population: &Population, claim: Claim) -> Result<Kind, PlanError> {
    if let (Some(allowed), Some(cases)) = (args.accept, args.size) {
        if allowed >= cases {
            return Err(PlanError::AcceptsAll { allowed, cases });
        }
        return match population.cases {
            Some(population) if cases > population => {
                Err(PlanError::SizeBeyond { cases, population })
            }
            Some(_) | None => Ok(Kind::Given(Size { cases, allowed })),
        };
    }
    match (args.two_stage, args.expected_errors) {
        // Without an error to go on after there is no second stage.
        (true, Some(0)) => return Ok(Kind::Single),
        (true, expected) => {
            let continue_up_to = expected.unwrap_or(1);
            return Ok(Kind::TwoStage { continue_up_to });
        }
        (false, _) if !args.sequential => return Ok(Kind::Single),
        (false, _) => {}
    }
    if population.cases.is_none() {
        return Err(PlanError::NoPopulation {
            option: "--sequential",
        });
    }
    let fifth = Fraction::new(1, 5).and_then(|fifth| claim.tolerable().part(fifth));
    Ok(Kind::Sequential {
        prior_rate: args.prior_rate.or(args.true_rate).or(fifth),
    })
}

/// Sampling by value: each unit of money is a case, and errors may be partial.
fn by_value(
    args: &PlanArgs,
    population: &Population,
    tolerable: Micros,
) -> Result<Asked, PlanError> {
    let total = args.value.map(Micros::get).or(population.value);
    let total = total.filter(|total| *total > 0).ok_or(PlanError::NoValue)?;
    let expected = args.expected_value.unwrap_or_default();
    let share = |amount: Micros, option| {
        Fraction::new(amount.get(), total).ok_or(PlanError::BeyondValue { option })
    };
    let claim = Claim::new(share(tolerable, "--tolerable-value")?, args.confidence)?;
    let expected_rate = share(expected, "--expected-value")?;
    Ok(Asked::Claim {
        question: Question {
            model: Model::Poisson,
            claim,
            expected: Expected::Rate(expected_rate),
            true_rate: args.true_rate,
            kind: Kind::Single,
        },
        money: Some(Money {
            total,
            tolerable,
            expected,
        }),
    })
}
