//! What was drawn, with its outcomes, as the sample that a conclusion is drawn from.

use std::collections::BTreeMap;

use super::refuse;
use super::settle::{CaseVerdict, Settled};
use crate::audit::DrawError;
use crate::audit::draw::{Chance, Method, Stratum};
use crate::audit::frame::Size;
use crate::audit::manifest::Manifest;
use crate::audit::reviewed::{
    Factors, MoneyCase, MoneySample, Outcome, PoissonSample, Sample, SequentialSample,
    SimpleSample, StratifiedSample, StratumSample, Taint, UnequalCase, UnequalSample, Unsampled,
};
use crate::audit::ticket::Ticket;
use crate::audit::worksheet::Verdict;
use crate::rate::{Fraction, Micros};

/// How a sample is put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub unsampled: Unsampled,
    pub factors: Factors,
}

/// A unit that was drawn at random, with its outcome.
struct UnitOutcome<'a> {
    stratum: &'a str,
    ticket: Ticket,
    size: Option<Size>,
    probability: f64,
    times: u64,
    outcome: Outcome,
}

impl UnitOutcome<'_> {
    fn is_certain(&self) -> bool {
        self.probability >= 1.0
    }

    fn of_cases(&self) -> UnequalCase {
        UnequalCase {
            probability: self.probability,
            outcome: self.outcome,
        }
    }

    /// As often as it was hit.
    fn of_value(&self) -> impl Iterator<Item = MoneyCase> + use<> {
        let micros = self.size.map_or(0, Size::micros);
        let case = MoneyCase {
            value: Micros::from_micros(micros.unsigned_abs()),
            probability: self.probability,
            outcome: self.outcome,
        };
        let times = if self.is_certain() { 1 } else { self.times };
        std::iter::repeat_n(case, usize::try_from(times).unwrap_or(1))
    }
}

/// The sample of one manifest, or of the manifests of several periods as strata.
///
/// # Errors
/// When a correct value is no number, or periods were drawn in ways that do not go together.
pub fn sample(
    audits: &[(&str, &Manifest, &Settled)],
    options: Options,
) -> Result<Sample, DrawError> {
    if let [(_, manifest, settled)] = audits {
        return of_one(manifest, settled, options);
    }
    let mut strata = Vec::new();
    for (name, manifest, settled) in audits {
        match manifest.design.method {
            Method::Srs | Method::Stratified | Method::Systematic | Method::Poisson => {}
            Method::Pps | Method::MusInterval => {
                let what =
                    format!("{name} was drawn by value, which cannot be a stratum of a period");
                return Err(refuse(what, "evaluate it by itself"));
            }
        }
        let units = units(manifest, settled)?;
        strata.extend(manifest.strata.iter().map(|stratum| {
            let label = match stratum.name.as_str() {
                "" => (*name).to_owned(),
                stratum => format!("{name}, {stratum}"),
            };
            of_stratum(stratum, &units, label)
        }));
    }
    Ok(Sample::Stratified(StratifiedSample {
        strata,
        unsampled: options.unsampled,
    }))
}

fn of_one(manifest: &Manifest, settled: &Settled, options: Options) -> Result<Sample, DrawError> {
    let mut units = units(manifest, settled)?;
    let rule = manifest.rule.as_ref();
    let sequential = rule.is_some_and(|rule| rule.sequential);
    match manifest.design.method {
        Method::Srs if sequential => {
            units.sort_by_key(|unit| unit.ticket);
            let expected = rule.and_then(|rule| rule.expected.as_deref());
            let prior_rate: Option<Fraction> = expected.and_then(|text| text.parse().ok());
            Ok(Sample::Sequential(SequentialSample {
                population: manifest.population.units,
                prior_rate,
                outcomes: units.iter().map(|unit| unit.outcome).collect(),
            }))
        }
        Method::Srs | Method::Systematic => Ok(Sample::Simple(SimpleSample {
            population: Some(manifest.population.units),
            outcomes: units.iter().map(|unit| unit.outcome).collect(),
        })),
        Method::Poisson => Ok(Sample::Poisson(PoissonSample {
            population: manifest.population.units,
            rate: manifest.design.rates.last().copied().unwrap_or(0.0),
            outcomes: units.iter().map(|unit| unit.outcome).collect(),
        })),
        Method::Stratified => {
            let strata = manifest.strata.iter();
            let strata = strata.map(|stratum| of_stratum(stratum, &units, stratum.name.clone()));
            Ok(Sample::Stratified(StratifiedSample {
                strata: strata.collect(),
                unsampled: options.unsampled,
            }))
        }
        Method::Pps | Method::MusInterval => by_size(manifest, &units, options.factors),
    }
}

fn of_stratum(stratum: &Stratum, units: &[UnitOutcome<'_>], name: String) -> StratumSample {
    let own = units.iter().filter(|unit| unit.stratum == stratum.name);
    StratumSample {
        name,
        population: stratum.units,
        outcomes: own.map(|unit| unit.outcome).collect(),
    }
}

/// Cases of positive value; those without one are no part of the claim, be it on value or on cases.
fn by_size(
    manifest: &Manifest,
    units: &[UnitOutcome<'_>],
    factors: Factors,
) -> Result<Sample, DrawError> {
    let stratum = manifest
        .strata
        .iter()
        .find(|stratum| stratum.name.is_empty());
    let Some((stratum, Chance::BySize { draws, total, .. })) =
        stratum.map(|stratum| (stratum, stratum.chance))
    else {
        return Err(refuse(
            "the manifest tells no total value".to_owned(),
            "draw again",
        ));
    };
    let drawn = units.iter().filter(|unit| unit.stratum.is_empty());
    let drawn: Vec<&UnitOutcome<'_>> = drawn.collect();
    // An interval draw lays all values end to end, the certain ones too.
    let certain: i128 = match manifest.design.method {
        Method::MusInterval => {
            let certain = drawn.iter().filter(|unit| unit.is_certain());
            certain
                .map(|unit| i128::from(unit.size.map_or(0, Size::micros)))
                .sum()
        }
        Method::Pps | Method::Srs | Method::Stratified | Method::Systematic | Method::Poisson => 0,
    };
    let sampled_total = (total - certain).unsigned_abs();
    let rule = manifest.rule.as_ref();
    if rule.is_some_and(|rule| rule.of == "cases") {
        return Ok(Sample::Unequal(UnequalSample {
            population: stratum.units,
            smallest_probability: stratum.chance.smallest(),
            expected_drawn: if total > 0 {
                draws as f64 * (sampled_total as f64 / total as f64)
            } else {
                0.0
            },
            cases: drawn.iter().map(|unit| unit.of_cases()).collect(),
        }));
    }
    Ok(Sample::Money(MoneySample {
        sampled_total,
        factors,
        cases: drawn.iter().flat_map(|unit| unit.of_value()).collect(),
    }))
}

/// The units of a draw: cases, or clusters with their cases together.
fn units<'a>(
    manifest: &'a Manifest,
    settled: &'a Settled,
) -> Result<Vec<UnitOutcome<'a>>, DrawError> {
    let by_value = manifest.design.method.is_by_size();
    let mut units: Vec<(Option<&str>, UnitOutcome<'a>)> = Vec::new();
    for (case, verdict) in settled.random(manifest) {
        let Some(probability) = case.pi else {
            let what = format!("the manifest tells no probability of {}", case.case_id);
            return Err(refuse(what, "draw again"));
        };
        let unit = UnitOutcome {
            stratum: &case.stratum,
            ticket: case.ticket,
            size: case.size,
            probability,
            times: case.times,
            outcome: outcome(verdict, case.size.filter(|_| by_value))?,
        };
        units.push((case.cluster.as_deref(), unit));
    }
    for (place, verdict) in &settled.replacements {
        let Some(case) = manifest.reserve.get(*place) else {
            continue;
        };
        let unit = UnitOutcome {
            stratum: &case.stratum,
            ticket: case.ticket,
            size: case.size,
            // The reserve replaces cases of the same probability, which no estimate asks for.
            probability: 1.0,
            times: 1,
            outcome: outcome(verdict, None)?,
        };
        units.push((case.cluster.as_deref(), unit));
    }
    Ok(together(units))
}

/// Puts the cases of a cluster together: one error makes a cluster wrong.
fn together<'a>(cases: Vec<(Option<&'a str>, UnitOutcome<'a>)>) -> Vec<UnitOutcome<'a>> {
    let mut units: Vec<UnitOutcome<'a>> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (cluster, case) in cases {
        let Some(cluster) = cluster else {
            units.push(case);
            continue;
        };
        let place = *places.entry(cluster).or_insert(units.len());
        match units.get_mut(place) {
            Some(unit) => unit.outcome = worse(unit.outcome, case.outcome),
            None => units.push(case),
        }
    }
    units
}

fn worse(one: Outcome, other: Outcome) -> Outcome {
    let rank = |outcome: Outcome| match outcome {
        Outcome::Incorrect(_) => 4,
        Outcome::Missing => 3,
        Outcome::CannotDetermine => 2,
        Outcome::Correct => 1,
        Outcome::NotApplicable => 0,
    };
    if rank(other) > rank(one) { other } else { one }
}

/// What a verdict means; `size` where the claim is on value.
fn outcome(verdict: &CaseVerdict, size: Option<Size>) -> Result<Outcome, DrawError> {
    Ok(match verdict.verdict {
        Verdict::Correct => {
            refuse_contradiction(verdict, size)?;
            Outcome::Correct
        }
        Verdict::Incorrect => Outcome::Incorrect(taint(verdict, size)?),
        Verdict::CannotDetermine => Outcome::CannotDetermine,
        Verdict::NotApplicable => Outcome::NotApplicable,
        Verdict::Blank => Outcome::Missing,
    })
}

/// Refuses `correct` beside a correct value that is another one than the approved.
fn refuse_contradiction(verdict: &CaseVerdict, size: Option<Size>) -> Result<(), DrawError> {
    let stated = verdict
        .row
        .as_ref()
        .filter(|row| row.verdict == Verdict::Correct && !row.correct_value.trim().is_empty());
    let Some((size, row)) = size.filter(|size| size.micros() != 0).zip(stated) else {
        return Ok(());
    };
    if taint(verdict, Some(size))?.get().abs() > 0.0 {
        let (file, number) = &row.origin;
        return Err(refuse(
            format!(
                "{file}, row {number}: the verdict is `correct`, but `correct_value` is {} instead of \
                 {size}",
                row.correct_value.trim()
            ),
            "write `incorrect`, or clear the correct value",
        ));
    }
    Ok(())
}

/// (approved - correct) / approved; the whole where nobody wrote the correct value down.
fn taint(verdict: &CaseVerdict, size: Option<Size>) -> Result<Taint, DrawError> {
    let Some((size, row)) = size
        .filter(|size| size.micros() != 0)
        .zip(verdict.row.as_ref())
    else {
        return Ok(Taint::WHOLE);
    };
    let text = row.correct_value.trim();
    if text.is_empty() {
        return Ok(Taint::WHOLE);
    }
    let correct = text.parse().ok().and_then(Size::from_units);
    let taint = correct.and_then(|correct| {
        Taint::new((size.micros() - correct.micros()) as f64 / size.micros() as f64)
    });
    taint.ok_or_else(|| {
        let (file, number) = &row.origin;
        refuse(
            format!("{file}, row {number}, column `correct_value`: `{text}` is not an amount"),
            "write a plain number with a decimal point, such as 120.50",
        )
    })
}
