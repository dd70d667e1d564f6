//! A plan in words: what an auditor may quote.

use super::{Answer, Sample};
use crate::audit::claim::{Claim, Model};
use crate::audit::plan::{Design, Kind, Plan};
use crate::audit::size::Expected;
use crate::rate::{Fraction, Micros};
use crate::report::{count, money, percent};

/// A plan that fails more often than this although the rate is the one thought true deserves a
/// warning.
const LARGE_PRODUCER_RISK: f64 = 0.25;

pub(super) fn title(answer: &Answer) -> String {
    let cases = count(answer.cases());
    let what = match &answer.sample {
        Sample::Margin { .. } => format!("look at {cases} cases"),
        Sample::Claim { plan, .. } => match &plan.design {
            Design::Single(_) if plan.census => format!("look at all {cases} cases"),
            Design::Single(_) if is_by_value(answer) => {
                format!("look at {cases} cases drawn by value")
            }
            Design::Single(_) if answer.divided.is_some() => {
                format!("look at {cases} cases from their strata")
            }
            Design::Single(size) => format!("look at {cases} cases, {}", allowed(size.allowed)),
            Design::TwoStage(stages) => {
                let each = count(stages.cases);
                let errors = match stages.continue_up_to {
                    1 => "1 error".to_owned(),
                    most => format!("1 to {most} errors"),
                };
                format!("look at {each} cases, and at {each} more after {errors}")
            }
            Design::Sequential(stops) => {
                let first = stops.cases.first().copied().unwrap_or(0);
                format!("look case by case, at {} at least", count(first))
            }
        },
    };
    format!("Audit plan: {what}")
}

fn allowed(errors: u64) -> String {
    match errors {
        0 => "no error allowed".to_owned(),
        1 => "1 error allowed".to_owned(),
        _ => format!("{} errors allowed", count(errors)),
    }
}

pub(super) fn preface(answer: &Answer) -> Vec<String> {
    let mut lines = Vec::new();
    lines.push(match (answer.population.cases, &answer.population.log) {
        (Some(cases), Some(log)) => format!(
            "population: {} cases that {} auto-approved, of {}",
            count(cases),
            log.name,
            count(log.summary.rows_used)
        ),
        (Some(cases), None) => format!("population: {} auto-approved cases", count(cases)),
        (None, _) if is_by_value(answer) => {
            "population: every unit of value, drawn in proportion".to_owned()
        }
        (None, _) => "population: unknown, as of an endless process".to_owned(),
    });
    match &answer.sample {
        Sample::Margin {
            margin, expected, ..
        } => lines.push(format!(
            "purpose: estimate an error rate near {expected} to within {} either way, with {} \
             confidence (two-sided, normal approximation)",
            points(*margin),
            answer.confidence
        )),
        Sample::Claim { plan, money, .. } => {
            lines.push(claim_line(answer, plan));
            lines.push(family(plan));
            if let Some(amounts) = money {
                let units = |micros: Micros| micros.get() as f64 / Micros::PER_UNIT;
                lines.push(format!(
                    "value: {} in all, {} tolerable, {} expected; one in {} is drawn",
                    self::money(amounts.total as f64 / Micros::PER_UNIT),
                    self::money(units(amounts.tolerable)),
                    self::money(units(amounts.expected)),
                    self::money(interval(answer, amounts.total))
                ));
            } else {
                lines.push(expected_line(plan));
            }
        }
    }
    lines
}

fn is_by_value(answer: &Answer) -> bool {
    matches!(answer.sample, Sample::Claim { money: Some(_), .. })
}

/// The units of value that each drawn case stands for.
pub(super) fn interval(answer: &Answer, total: u64) -> f64 {
    total as f64 / Micros::PER_UNIT / answer.cases().max(1) as f64
}

/// A margin in percentage points.
fn points(margin: Fraction) -> String {
    let percent = margin.to_string();
    format!("{} percentage points", percent.trim_end_matches(" %"))
}

/// So many errors, in words.
fn errors(number: u64) -> String {
    match number {
        1 => "1 error".to_owned(),
        _ => format!("{} errors", count(number)),
    }
}

fn claim_line(answer: &Answer, plan: &Plan) -> String {
    let claim = plan.question.claim;
    format!(
        "claim: {}, with {} confidence (one-sided)",
        claim_text(answer.population.cases, claim),
        claim.confidence()
    )
}

/// The claim as a clause.
pub(super) fn claim_text(population: Option<u64>, claim: Claim) -> String {
    let tolerable = claim.tolerable();
    match population {
        Some(population) if tolerable.ceil_of(population) == 1 => {
            format!(
                "none of {} cases is wrong (below {tolerable})",
                count(population)
            )
        }
        Some(population) => format!(
            "fewer than {} of {} cases are wrong (below {tolerable})",
            count(tolerable.ceil_of(population)),
            count(population)
        ),
        None => format!("the error rate is below {tolerable}"),
    }
}

fn family(plan: &Plan) -> String {
    let claim = plan.question.claim;
    let risk = claim.confidence().complement();
    if matches!(plan.question.kind, Kind::Sequential { .. }) {
        return "bound: prior-posterior ratio over draws without replacement, valid after every case"
            .to_owned();
    }
    match plan.question.model {
        Model::Hypergeometric { population } => format!(
            "family: hypergeometric, exact for {} cases drawn without replacement; excluded \
             is what would look as good as this with a probability of at most {risk}, here {}",
            count(population),
            errors(claim.tolerable().ceil_of(population))
        ),
        Model::Binomial => format!(
            "family: binomial, compatible with AICPA tables A-1 and A-2; {} is excluded if it would \
             look as good as this with a probability below {risk}",
            claim.tolerable()
        ),
        Model::Poisson => format!(
            "family: Poisson, compatible with AICPA table C-1; {} is excluded if it would look as \
             good as this with a probability below {risk}",
            claim.tolerable()
        ),
    }
}

fn expected_line(plan: &Plan) -> String {
    match (plan.question.kind, plan.question.expected) {
        (Kind::Given(size), _) => format!(
            "plan given: accept with up to {} errors in {} cases",
            count(size.allowed),
            count(size.cases)
        ),
        (Kind::Sequential { prior_rate }, _) => match prior_rate {
            Some(rate) => {
                format!("expected: a rate of {rate}, which shapes the bound but not its validity")
            }
            None => "expected: nothing, every rate is as likely".to_owned(),
        },
        (Kind::TwoStage { continue_up_to }, _) => {
            let after = match continue_up_to {
                1 => "1 error".to_owned(),
                most => format!("1 to {most} errors"),
            };
            format!("stages: a second sample after {after} in the first, with none allowed in it")
        }
        (Kind::Single, Expected::Errors(0)) => "expected: no error (a discovery plan)".to_owned(),
        (Kind::Single, Expected::Errors(number)) => format!("expected: {}", errors(number)),
        (Kind::Single, Expected::Rate(rate)) => format!("expected: an error rate of {rate}"),
    }
}

pub(super) fn sentences(answer: &Answer) -> Vec<String> {
    let mut sentences = match &answer.sample {
        Sample::Margin { margin, cases, .. } => vec![format!(
            "Draw {} cases at random. The rate among them is then within {} of the true one with {} \
             confidence, if the true one is not near 0 or 1.",
            count(*cases),
            points(*margin),
            answer.confidence
        )],
        Sample::Claim { plan, .. } => claim_sentences(answer, plan),
    };
    if let (Some(hours), Some(minutes)) = (answer.hours(), answer.minutes_per_case) {
        sentences.push(format!(
            "At {minutes} minutes a case the review takes {hours:.1} hours{}.",
            match &answer.sample {
                Sample::Claim { plan, .. } => match &plan.design {
                    Design::TwoStage(_) | Design::Sequential(_) => " at most",
                    Design::Single(_) => "",
                },
                Sample::Margin { .. } => "",
            }
        ));
    }
    sentences
}

fn claim_sentences(answer: &Answer, plan: &Plan) -> Vec<String> {
    let question = plan.question;
    let claim = question.claim;
    let shown = claim_text(answer.population.cases, claim);
    let confidence = claim.confidence();
    let mut sentences = Vec::new();
    sentences.push(match &plan.design {
        Design::Single(_) if plan.census => format!(
            "Less than one case of {} is tolerable, so only a look at every case can show it.",
            count(answer.cases())
        ),
        Design::Single(size) if is_by_value(answer) => by_value(answer, plan, size.cases),
        Design::Single(size) if answer.divided.is_some() && size.allowed > 0 => format!(
            "Draw {} cases {}. What the errors found among them show depends on their strata.",
            count(answer.cases()),
            drawn(answer)
        ),
        Design::Single(size) if !question.model.shows(claim, size.allowed, size.cases) => format!(
            "{} in {} cases drawn at random do not show that {shown}.",
            errors(size.allowed),
            count(size.cases)
        ),
        Design::Single(size) => format!(
            "Draw {} cases {}. If {} wrong, then with {confidence} confidence {shown}.",
            count(answer.cases()),
            drawn(answer),
            match size.allowed {
                0 => "none is".to_owned(),
                1 => "at most 1 is".to_owned(),
                allowed => format!("at most {} are", count(allowed)),
            }
        ),
        Design::TwoStage(stages) => format!(
            "Draw {each} cases {}. If none is wrong, or {most} and none of {each} further cases, \
             then with {confidence} confidence {shown}; with more errors the audit fails.",
            drawn(answer),
            each = count(stages.cases),
            most = match stages.continue_up_to {
                1 => "1".to_owned(),
                most => format!("1 to {most}"),
            }
        ),
        Design::Sequential(_) => format!(
            "Look at cases in the order of their tickets and stop whenever you like. As soon as a \
             stop is reached, with {confidence} confidence {shown}."
        ),
    });
    if let Some((_, _, divided)) = &answer.divided
        && divided.shows
    {
        sentences.push(format!(
            "Without an error in any stratum the upper bound is {}.",
            percent(divided.upper)
        ));
    }
    if !is_by_value(answer) && answer.divided.is_none() {
        sentences.extend(producer(plan));
    }
    sentences
}

/// Errors in value may be partial: what counts is the sum of their parts.
fn by_value(answer: &Answer, plan: &Plan, cases: u64) -> String {
    let Sample::Claim {
        money: Some(amounts),
        ..
    } = &answer.sample
    else {
        return String::new();
    };
    let expected = amounts.expected.get() as f64 / amounts.total as f64 * cases as f64;
    let units = |micros: u64| money(micros as f64 / Micros::PER_UNIT);
    format!(
        "Draw {} cases at random in proportion to their value. If the wrong parts of their values \
         add up to no more than {expected:.2} cases, then with {} confidence less than {} of {} is \
         in error.",
        count(cases),
        plan.question.claim.confidence(),
        units(amounts.tolerable.get()),
        units(amounts.total)
    )
}

fn drawn(answer: &Answer) -> &'static str {
    match answer.divided {
        Some(_) => "at random from their strata",
        None => "at random",
    }
}

/// How often the plan fails although all is as it was thought to be.
fn producer(plan: &Plan) -> Option<String> {
    let rate = plan.question.true_rate.or(match plan.question.expected {
        Expected::Rate(rate) => Some(rate),
        Expected::Errors(_) => None,
    })?;
    match &plan.design {
        Design::Sequential(stops) => stops.expected.map(|course| {
            format!(
                "At a true error rate of {rate} the claim is shown by the last stop {} of the time, \
                 after {:.0} cases on the average.",
                percent(course.shown),
                course.cases
            )
        }),
        Design::Single(_) | Design::TwoStage(_) => plan.producer_risk.map(|risk| {
            format!(
                "At a true error rate of {rate} the claim is made {} of the time.",
                percent(1.0 - risk)
            )
        }),
    }
}

pub(super) fn warnings(answer: &Answer) -> Vec<String> {
    let mut warnings = Vec::new();
    match &answer.sample {
        Sample::Margin { .. } => warnings.push(
            "a margin says nothing of rates near 0, where errors of an AI should be: to exclude a \
             rate give --tolerable"
                .to_owned(),
        ),
        Sample::Claim { plan, .. } => warnings.extend(claim_warnings(answer, plan)),
    }
    warnings
}

fn claim_warnings(answer: &Answer, plan: &Plan) -> Vec<String> {
    let mut warnings = Vec::new();
    let question = plan.question;
    if let Some(risk) = plan.producer_risk
        && risk > LARGE_PRODUCER_RISK
        && matches!(question.kind, Kind::Single | Kind::TwoStage { .. })
        && !is_by_value(answer)
        && answer.divided.is_none()
    {
        warnings.push(format!(
            "even if the true rate is as thought, this plan fails {} of the time: allow for more \
             errors with --expected or --expected-errors",
            percent(risk)
        ));
    }
    if let Kind::Given(size) = question.kind
        && !question
            .model
            .shows(question.claim, size.allowed, size.cases)
    {
        warnings.push(format!(
            "{} errors in {} cases do not show the claim",
            count(size.allowed),
            count(size.cases)
        ));
    }
    if let Some(population) = answer.population.cases
        && plan.design.most_cases() > population
    {
        warnings.push(format!(
            "the plan asks for {} cases of {}: look at every case instead, which is exact",
            count(plan.design.most_cases()),
            count(population)
        ));
    }
    if let Some((_, _, divided)) = &answer.divided {
        let single = plan.design.most_cases();
        if plan.design.allowed() > 0 {
            warnings.push(
                "what a stratified sample shows depends on the strata in which the errors turn up: \
                 the plan for one stratum is a guide, the evaluation decides"
                    .to_owned(),
            );
        } else if !divided.shows {
            warnings.push(format!(
                "without any error the bound over the strata would be {}, which does not show the claim",
                percent(divided.upper)
            ));
        } else if answer.cases() > single {
            warnings.push(format!(
                "the strata need {} cases instead of {}: their joint bound takes each as endless",
                count(answer.cases()),
                count(single)
            ));
        }
    }
    warnings
}
