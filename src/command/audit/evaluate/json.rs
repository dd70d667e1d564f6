//! The evaluation as JSON: what scripts read, and what `audit verify` computes again.

use serde::Serialize;

use super::Evaluation;
use super::answer::{Deciders, Options};
use super::words;
use crate::audit::agreement::Agreement;
use crate::audit::conclude::{Bounds, MoneyConclusion, Next, StratumConclusion};
use crate::audit::evaluation::{Disputed, SecondLooks, Tally, Unconfirmed};
use crate::audit::systematic::Finding;
use crate::audit::weighted::Expansion;
use crate::audit::worksheet::Verdict;
use crate::command::input::{Schema, Tool};

/// Findings that are listed.
const MOST_FINDINGS: usize = 20;

#[derive(Serialize)]
pub(in super::super) struct Answer<'a> {
    schema: Schema,
    tool: Tool,
    manifests: Vec<String>,
    options: &'a Options,
    verdict: &'static str,
    sentence: String,
    method: &'static str,
    /// What the rates are shares of.
    of: &'a str,
    tolerable: f64,
    confidence: f64,
    side: &'static str,
    fixed_beforehand: bool,
    population: Option<u64>,
    drawn: u64,
    judged: u64,
    correct: u64,
    errors: u64,
    cannot_determine: u64,
    missing: u64,
    not_applicable: u64,
    replaced: u64,
    coverage: Option<f64>,
    estimate: Option<f64>,
    lower: f64,
    upper: f64,
    standard_error: Option<f64>,
    most_errors: Option<u64>,
    best_case: Limits,
    next: NextStep,
    strata: Vec<Stratum<'a>>,
    weighted: Option<Weighted>,
    money: Option<Money>,
    targeted: Counts,
    agreement: Option<Agreed>,
    disputed: Vec<Dispute<'a>>,
    /// Cases that one reviewer alone found wrong or could not determine.
    second_review_wanted: Vec<Wanted<'a>>,
    /// Those that somebody else looked at; no part of the agreement.
    second_looks: Looks,
    /// Cases whose reviewer had decided them; null where no log was given that tells it.
    reviewed_by_deciders: Option<&'a [String]>,
    systematic: Vec<Place<'a>>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Limits {
    estimate: Option<f64>,
    lower: f64,
    upper: f64,
}

impl From<Bounds> for Limits {
    fn from(bounds: Bounds) -> Self {
        Self {
            estimate: bounds.estimate,
            lower: bounds.lower,
            upper: bounds.upper,
        }
    }
}

#[derive(Serialize)]
struct NextStep {
    step: &'static str,
    cases: Option<u64>,
}

impl From<Next> for NextStep {
    fn from(next: Next) -> Self {
        let (step, cases) = match next {
            Next::Report => ("report", None),
            Next::FindCauses => ("find_causes", None),
            Next::FinishReview { missing } => ("finish_review", Some(missing)),
            Next::SettleUnable { cases } => ("settle_unable", Some(cases)),
            Next::DrawMore { cases } => ("draw_more", Some(cases)),
            Next::DrawMany => ("draw_many", None),
            Next::DrawAnew => ("draw_anew", None),
            Next::GoOn { cases } => ("go_on", Some(cases)),
        };
        Self { step, cases }
    }
}

#[derive(Serialize)]
struct Stratum<'a> {
    name: &'a str,
    population: u64,
    drawn: u64,
    errors: u64,
    cannot_determine: u64,
    missing: u64,
    not_applicable: u64,
    estimate: Option<f64>,
    lower: f64,
    upper: f64,
}

impl<'a> From<&'a StratumConclusion> for Stratum<'a> {
    fn from(stratum: &'a StratumConclusion) -> Self {
        Self {
            name: &stratum.name,
            population: stratum.population,
            drawn: stratum.counts.drawn,
            errors: stratum.counts.errors,
            cannot_determine: stratum.counts.cannot_determine,
            missing: stratum.counts.missing,
            not_applicable: stratum.counts.not_applicable,
            estimate: stratum.bounds.estimate,
            lower: stratum.bounds.lower,
            upper: stratum.bounds.upper,
        }
    }
}

/// What the drawn cases stand for by their probabilities.
#[derive(Serialize)]
struct Weighted {
    /// Horvitz-Thompson: cases in error, or the value in error.
    total: f64,
    total_standard_error: Option<f64>,
    /// Hajek; null for values.
    mean: Option<f64>,
    mean_standard_error: Option<f64>,
}

impl From<Expansion> for Weighted {
    fn from(expansion: Expansion) -> Self {
        Self {
            total: unsigned_zero(expansion.total),
            total_standard_error: expansion.total_error,
            mean: expansion.mean.map(unsigned_zero),
            mean_standard_error: expansion.mean_error,
        }
    }
}

#[derive(Serialize)]
struct Money {
    total: f64,
    certain_errors: f64,
    projected: f64,
    upper: f64,
    understatement: f64,
    understatement_upper: f64,
}

impl From<MoneyConclusion> for Money {
    fn from(money: MoneyConclusion) -> Self {
        Self {
            total: money.total,
            certain_errors: unsigned_zero(money.certain_errors),
            projected: unsigned_zero(money.projected),
            upper: money.upper,
            understatement: unsigned_zero(money.understatement),
            understatement_upper: unsigned_zero(money.understatement_upper),
        }
    }
}

/// A sum of nothing may be -0, which nobody means.
pub(super) fn unsigned_zero(amount: f64) -> f64 {
    amount + 0.0
}

#[derive(Serialize)]
struct Counts {
    correct: u64,
    errors: u64,
    cannot_determine: u64,
    not_applicable: u64,
    missing: u64,
}

impl From<Tally> for Counts {
    fn from(tally: Tally) -> Self {
        Self {
            correct: tally.correct,
            errors: tally.incorrect,
            cannot_determine: tally.cannot_determine,
            not_applicable: tally.not_applicable,
            missing: tally.missing,
        }
    }
}

#[derive(Serialize)]
struct Agreed {
    cases: u64,
    observed: Option<f64>,
    on_wrong: Option<f64>,
    on_right: Option<f64>,
    kappa: Option<f64>,
    alpha: Option<f64>,
}

impl From<Agreement> for Agreed {
    fn from(agreement: Agreement) -> Self {
        Self {
            cases: agreement.cases,
            observed: agreement.observed,
            on_wrong: agreement.on_wrong,
            on_right: agreement.on_right,
            kappa: agreement.kappa,
            alpha: agreement.alpha,
        }
    }
}

#[derive(Serialize)]
struct Dispute<'a> {
    case_id: &'a str,
    verdicts: Vec<&'static str>,
    settled: Option<&'static str>,
}

impl<'a> From<&'a Disputed> for Dispute<'a> {
    fn from(disputed: &'a Disputed) -> Self {
        Self {
            case_id: &disputed.case_id,
            verdicts: disputed
                .verdicts
                .iter()
                .map(|verdict| verdict.key())
                .collect(),
            settled: disputed.settled.map(Verdict::key),
        }
    }
}

#[derive(Serialize)]
struct Looks {
    cases: u64,
    confirmed: u64,
    reversed: u64,
}

impl From<SecondLooks> for Looks {
    fn from(looks: SecondLooks) -> Self {
        Self {
            cases: looks.cases,
            confirmed: looks.confirmed,
            reversed: looks.reversed,
        }
    }
}

#[derive(Serialize)]
struct Wanted<'a> {
    case_id: &'a str,
    verdict: &'static str,
    /// The reviewer, or `reserve`.
    sheet: &'a str,
    row: u64,
}

impl<'a> From<&'a Unconfirmed> for Wanted<'a> {
    fn from(case: &'a Unconfirmed) -> Self {
        Self {
            case_id: &case.case_id,
            verdict: case.verdict.key(),
            sheet: &case.sheet,
            row: case.row,
        }
    }
}

#[derive(Serialize)]
struct Place<'a> {
    place: &'a str,
    error_type: Option<&'a str>,
    cases: u64,
    errors: u64,
    rate: Option<f64>,
    elsewhere: Option<f64>,
    p_value: f64,
    adjusted: f64,
}

impl<'a> From<&'a Finding> for Place<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            place: &finding.place.name,
            error_type: finding.place.error_type.as_deref(),
            cases: finding.place.cases,
            errors: finding.place.errors,
            rate: finding.rate,
            elsewhere: finding.elsewhere,
            p_value: finding.p_value,
            adjusted: finding.adjusted,
        }
    }
}

/// The whole answer.
pub(in super::super) fn json(evaluation: &Evaluation) -> Answer<'_> {
    let conclusion = &evaluation.conclusion;
    let counts = conclusion.counts;
    let audits = evaluation.audits.iter();
    Answer {
        schema: Schema::new("gonogo/audit-evaluate"),
        tool: Tool::this(),
        manifests: audits
            .map(|audit| audit.manifest.self_sha256.to_string())
            .collect(),
        options: &evaluation.options,
        verdict: conclusion.verdict.key(),
        sentence: words::sentence(evaluation),
        method: words::method_key(conclusion.method),
        of: &evaluation.of,
        tolerable: conclusion.rule.tolerable.value(),
        confidence: conclusion.rule.confidence.value(),
        side: words::side(conclusion.rule.side),
        fixed_beforehand: evaluation.is_fixed,
        population: conclusion.population,
        drawn: counts.drawn,
        judged: counts.judged(),
        correct: counts.correct,
        errors: counts.errors,
        cannot_determine: counts.cannot_determine,
        missing: counts.missing,
        not_applicable: counts.not_applicable,
        replaced: evaluation.replaced(),
        coverage: counts.coverage(),
        estimate: conclusion.bounds.estimate,
        lower: conclusion.bounds.lower,
        upper: conclusion.bounds.upper,
        standard_error: conclusion.standard_error,
        most_errors: conclusion.most_errors,
        best_case: conclusion.best_case.into(),
        next: conclusion.next.into(),
        strata: conclusion.strata.iter().map(Stratum::from).collect(),
        weighted: conclusion.weighted.map(Weighted::from),
        money: conclusion.money.map(Money::from),
        targeted: evaluation.targeted.into(),
        agreement: evaluation.agreement.map(Agreed::from),
        disputed: evaluation.disputed().map(Dispute::from).collect(),
        second_looks: evaluation.second_looks().into(),
        reviewed_by_deciders: match &evaluation.deciders {
            Deciders::NotAsked | Deciders::Unnamed => None,
            Deciders::Compared(cases) => Some(cases),
        },
        second_review_wanted: evaluation.unconfirmed().map(Wanted::from).collect(),
        systematic: evaluation
            .findings
            .iter()
            .take(MOST_FINDINGS)
            .map(Place::from)
            .collect(),
        notes: words::notes(evaluation),
    }
}
