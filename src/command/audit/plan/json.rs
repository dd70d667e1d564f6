//! A plan as JSON, in structs of its own.

use serde::Serialize;

use super::words;
use super::{Answer, Sample};
use crate::audit::plan::{Design, Kind, Plan};
use crate::audit::sequential::Course;
use crate::audit::size::Expected;
use crate::command::input::{Input, Schema, Tool};
use crate::rate::{Fraction, Micros};

#[derive(Serialize)]
pub(super) struct PlanDocument<'a> {
    schema: Schema,
    tool: Tool,
    /// `null` without a log.
    input: Option<Input<'a>>,
    /// `single`, `two_stage`, `sequential`, `given` or `margin`.
    kind: &'static str,
    family: Option<&'static str>,
    population: Option<u64>,
    tolerable: Option<f64>,
    /// The expected error rate, where a rate was given.
    expected: Option<f64>,
    expected_errors: Option<u64>,
    confidence: f64,
    margin: Option<f64>,
    /// Cases to have at hand: of all stages, or up to the last stop.
    sample_size: u64,
    allowed_errors: Option<u64>,
    claim: Option<String>,
    census: bool,
    stages: Option<Stages>,
    sequence: Option<Sequence>,
    achieved: Vec<Achieved>,
    operating_curve: Vec<CurvePoint>,
    producer_risk: Option<f64>,
    quality: Option<Quality>,
    allocation: Option<Allocation<'a>>,
    value: Option<Value>,
    minutes_per_case: Option<f64>,
    hours: Option<f64>,
    grid: Vec<GridCell>,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct Stages {
    cases_each: u64,
    continue_up_to: u64,
}

#[derive(Serialize)]
struct Sequence {
    prior_rate: Option<f64>,
    stops: Vec<Stop>,
    at_true_rate: Option<CourseDocument>,
    at_tolerable: CourseDocument,
}

#[derive(Serialize)]
struct Stop {
    errors: u64,
    cases: u64,
}

#[derive(Serialize)]
struct CourseDocument {
    shown: f64,
    mean_cases: f64,
}

impl CourseDocument {
    fn new(course: Course) -> Self {
        Self {
            shown: course.shown,
            mean_cases: course.cases,
        }
    }
}

#[derive(Serialize)]
struct Achieved {
    errors: u64,
    upper: f64,
    shows_claim: bool,
}

#[derive(Serialize)]
struct CurvePoint {
    rate: f64,
    pass: Option<f64>,
    find_an_error: f64,
}

#[derive(Serialize)]
struct Quality {
    limiting: f64,
    outgoing_limit: f64,
    outgoing_limit_at: f64,
}

#[derive(Serialize)]
struct Allocation<'a> {
    rule: &'static str,
    /// The upper bound if no error is found in any stratum.
    upper_without_errors: f64,
    strata: Vec<StratumDocument<'a>>,
}

#[derive(Serialize)]
struct StratumDocument<'a> {
    stratum: &'a str,
    population: u64,
    sample_size: u64,
}

#[derive(Serialize)]
struct Value {
    total: f64,
    tolerable: f64,
    expected: f64,
    /// Units of value that each drawn case stands for.
    interval: f64,
}

#[derive(Serialize)]
struct GridCell {
    tolerable: f64,
    confidence: f64,
    sample_size: Option<u64>,
    allowed_errors: Option<u64>,
}

pub(super) fn document<'a>(answer: &'a Answer, warnings: &'a [String]) -> PlanDocument<'a> {
    let log = answer.population.log.as_ref();
    let mut document = PlanDocument {
        schema: Schema::new("gonogo/audit-plan"),
        tool: Tool::this(),
        input: log.map(|log| Input::new(&log.plan, &log.summary)),
        kind: "margin",
        family: None,
        population: answer.population.cases,
        tolerable: None,
        expected: None,
        expected_errors: None,
        confidence: answer.confidence.value(),
        margin: None,
        sample_size: answer.cases(),
        allowed_errors: None,
        claim: None,
        census: false,
        stages: None,
        sequence: None,
        achieved: Vec::new(),
        operating_curve: Vec::new(),
        producer_risk: None,
        quality: None,
        allocation: allocation(answer),
        value: None,
        minutes_per_case: answer.minutes_per_case,
        hours: answer.hours(),
        grid: Vec::new(),
        warnings,
    };
    match &answer.sample {
        Sample::Margin {
            margin, expected, ..
        } => {
            document.margin = Some(margin.value());
            document.expected = Some(expected.value());
        }
        Sample::Claim { plan, .. } => {
            document.claim = Some(words::claim_text(
                answer.population.cases,
                plan.question.claim,
            ));
            add_plan(&mut document, plan);
            add_numbers(&mut document, answer);
        }
    }
    document
}

fn add_plan(document: &mut PlanDocument<'_>, plan: &Plan) {
    let question = plan.question;
    document.kind = match question.kind {
        Kind::Single => "single",
        Kind::TwoStage { .. } => "two_stage",
        Kind::Sequential { .. } => "sequential",
        Kind::Given(_) => "given",
    };
    document.family = Some(question.model.key());
    document.tolerable = Some(question.claim.tolerable().value());
    match question.expected {
        Expected::Rate(rate) => document.expected = Some(rate.value()),
        Expected::Errors(errors) => document.expected_errors = Some(errors),
    }
    document.allowed_errors = Some(plan.design.allowed());
    document.census = plan.census;
    match (&plan.design, question.kind) {
        (Design::Single(_), _) => {}
        (Design::TwoStage(stages), _) => {
            document.stages = Some(Stages {
                cases_each: stages.cases,
                continue_up_to: stages.continue_up_to,
            });
        }
        (Design::Sequential(stops), kind) => {
            let numbered = (0..).zip(&stops.cases);
            document.sequence = Some(Sequence {
                prior_rate: match kind {
                    Kind::Sequential { prior_rate } => prior_rate.map(Fraction::value),
                    Kind::Single | Kind::TwoStage { .. } | Kind::Given(_) => None,
                },
                stops: numbered
                    .map(|(errors, cases)| Stop {
                        errors,
                        cases: *cases,
                    })
                    .collect(),
                at_true_rate: stops.expected.map(CourseDocument::new),
                at_tolerable: CourseDocument::new(stops.tolerable),
            });
        }
    }
}

fn add_numbers(document: &mut PlanDocument<'_>, answer: &Answer) {
    let Sample::Claim { plan, grid, money } = &answer.sample else {
        return;
    };
    if money.is_none() && answer.divided.is_none() {
        add_behaviour(document, plan);
    }
    let units = |micros: u64| micros as f64 / Micros::PER_UNIT;
    document.value = money.map(|money| Value {
        total: units(money.total),
        tolerable: units(money.tolerable.get()),
        expected: units(money.expected.get()),
        interval: words::interval(answer, money.total),
    });
    let cells = grid.iter().map(|cell| GridCell {
        tolerable: cell.claim.tolerable().value(),
        confidence: cell.claim.confidence().value(),
        sample_size: cell.size.map(|size| size.cases),
        allowed_errors: cell.size.map(|size| size.allowed),
    });
    document.grid = cells.collect();
}

/// What whole errors in a simple sample would show; beside the point for samples by value or from
/// strata.
fn add_behaviour(document: &mut PlanDocument<'_>, plan: &Plan) {
    document.producer_risk = plan.producer_risk;
    let achieved = plan.achieved.iter().map(|achieved| Achieved {
        errors: achieved.errors,
        upper: achieved.upper,
        shows_claim: achieved.shows,
    });
    document.achieved = achieved.collect();
    let curve = plan.curve.iter().map(|point| CurvePoint {
        rate: point.rate.value(),
        pass: point.passes,
        find_an_error: point.finds,
    });
    document.operating_curve = curve.collect();
    document.quality = plan.quality.map(|quality| Quality {
        limiting: quality.limiting,
        outgoing_limit: quality.outgoing,
        outgoing_limit_at: quality.outgoing_at,
    });
}

fn allocation(answer: &Answer) -> Option<Allocation<'_>> {
    let (allocation, strata, divided) = answer.divided.as_ref()?;
    let strata = strata.iter().zip(&divided.sizes);
    Some(Allocation {
        rule: allocation.key(),
        upper_without_errors: divided.upper,
        strata: strata
            .map(|(stratum, size)| StratumDocument {
                stratum: &stratum.name,
                population: stratum.population,
                sample_size: *size,
            })
            .collect(),
    })
}
