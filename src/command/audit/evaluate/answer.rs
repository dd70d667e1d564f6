//! From manifests and worksheets to a conclusion.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde::{Deserialize, Serialize};

use super::super::AuditError;
use crate::audit::agreement::{Agreement, Pairs};
use crate::audit::conclude::{Conclusion, MissingVerdicts, Rule, Side, conclude};
use crate::audit::evaluation::{
    self, Disputed, SecondLooks, Settled, Tally, Unconfirmed, places, sample, settle,
};
use crate::audit::manifest::{self, Manifest};
use crate::audit::reviewed::{Factors, Unsampled};
use crate::audit::systematic::{Finding, Whole, findings};
use crate::audit::worksheet::{
    Place, Returned, SheetError, Table, Verdict, Words, check, known_rows,
};
use crate::error::Failure;
use crate::rate::{Fraction, FractionError};

/// Digits of a digest that name a manifest.
const NAME_DIGITS: usize = 8;

/// What a user decides about an evaluation; the result records it.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Tolerable error rate, where the manifest fixes none
    #[arg(long, value_name = "RATE")]
    pub tolerable: Option<String>,
    /// Confidence, where the manifest fixes none [default: 95%]
    #[arg(long, value_name = "LEVEL", requires = "tolerable")]
    pub confidence: Option<String>,
    /// Translate a word of the worksheets, such as ok=correct (repeatable)
    #[arg(long, value_name = "WORD=VERDICT")]
    pub map: Vec<String>,
    /// Decide a case on which two reviewers differ (repeatable)
    #[arg(long, value_name = "CASE=VERDICT")]
    pub settle: Vec<String>,
    /// Conclude although verdicts are missing: they count against the system
    #[arg(long)]
    pub allow_incomplete: bool,
    /// Conclude although a stratum has no drawn case: it counts as nothing but errors
    #[arg(long)]
    pub allow_unsampled: bool,
    /// Poisson confidence factors for values, as in the tables of AICPA, instead of binomial ones
    #[arg(long)]
    pub poisson_factors: bool,
}

/// What is evaluated.
pub(in super::super) struct Inputs {
    /// With the names of their files.
    pub(in super::super) manifests: Vec<(String, Manifest)>,
    pub(in super::super) tables: Vec<Table>,
    pub(in super::super) options: Options,
}

/// One manifest with what came back of it.
pub(in super::super) struct Audit {
    /// The day, or the digest.
    pub(in super::super) name: String,
    pub(in super::super) manifest: Manifest,
    pub(in super::super) returned: Returned,
    pub(in super::super) settled: Settled,
}

/// Whether reviewers had decided the cases themselves.
pub(in super::super) enum Deciders {
    /// No log was given.
    NotAsked,
    /// The log does not name who decided.
    Unnamed,
    /// The cases whose reviewer had decided them.
    Compared(Vec<String>),
}

/// The answer before it is put into words.
pub(in super::super) struct Evaluation {
    pub(in super::super) audits: Vec<Audit>,
    pub(in super::super) options: Options,
    pub(in super::super) conclusion: Conclusion,
    /// What the rate is a share of.
    pub(in super::super) of: String,
    /// Whether the tolerable rate was fixed before the verdicts.
    pub(in super::super) is_fixed: bool,
    pub(in super::super) targeted: Tally,
    /// `None` where no case was called right or wrong by two reviewers.
    pub(in super::super) agreement: Option<Agreement>,
    pub(in super::super) findings: Vec<Finding>,
    pub(in super::super) deciders: Deciders,
}

impl Audit {
    /// The case that stands at a place of the manifest.
    pub(in super::super) fn case_id(&self, place: Place) -> Option<&str> {
        match place {
            Place::Selected(place) => {
                let case = self.manifest.selected.get(place)?;
                Some(&case.case_id)
            }
            Place::Reserve(place) => {
                let case = self.manifest.reserve.get(place)?;
                Some(&case.case_id)
            }
        }
    }
}

impl Evaluation {
    /// Cases on which reviewers differ.
    pub(in super::super) fn disputed(&self) -> impl Iterator<Item = &Disputed> {
        self.audits.iter().flat_map(|audit| &audit.settled.disputed)
    }

    /// Cases that one reviewer alone found wrong or could not determine.
    pub(in super::super) fn unconfirmed(&self) -> impl Iterator<Item = &Unconfirmed> {
        let audits = self.audits.iter();
        audits.flat_map(|audit| &audit.settled.unconfirmed)
    }

    /// What became of those that somebody else looked at.
    pub(in super::super) fn second_looks(&self) -> SecondLooks {
        let looks = self.audits.iter().map(|audit| audit.settled.second_looks);
        looks.fold(SecondLooks::default(), |all, one| SecondLooks {
            cases: all.cases + one.cases,
            confirmed: all.confirmed + one.confirmed,
            reversed: all.reversed + one.reversed,
        })
    }

    /// Cases that replaced others.
    pub(in super::super) fn replaced(&self) -> u64 {
        let used = self
            .audits
            .iter()
            .map(|audit| audit.settled.replacements.len() as u64);
        used.sum()
    }
}

/// Joins, settles and concludes.
///
/// # Errors
/// When worksheets were changed, decisions do not fit, or nothing can be concluded.
pub(in super::super) fn evaluate(inputs: &Inputs) -> Result<Evaluation, Failure> {
    let options = &inputs.options;
    let words = Words::new(&options.map)?;
    let mut decisions = decisions(&options.settle, &words)?;
    check_apart(&inputs.manifests)?;
    check_populations(&inputs.manifests)?;
    let tables = allot(inputs)?;
    let mut audits = Vec::new();
    for ((_, manifest), tables) in inputs.manifests.iter().zip(tables) {
        let returned = check(&tables, manifest, &words)?;
        let own = decisions_on(&mut decisions, manifest);
        let settled = settle(manifest, &returned, &own)?;
        audits.push(Audit {
            name: name(manifest),
            manifest: manifest.clone(),
            returned,
            settled,
        });
    }
    if let Some(id) = decisions.keys().next() {
        let what = format!("--settle: {id} was not drawn");
        return Err(AuditError::Option(what).into());
    }
    let (rule, of, is_fixed) = rule(&inputs.manifests, options)?;
    let parts: Vec<(&str, &Manifest, &Settled)> = audits
        .iter()
        .map(|audit| (audit.name.as_str(), &audit.manifest, &audit.settled))
        .collect();
    let how = evaluation::Options {
        unsampled: if options.allow_unsampled {
            Unsampled::AllErrors
        } else {
            Unsampled::Refuse
        },
        factors: if options.poisson_factors {
            Factors::Poisson
        } else {
            Factors::Binomial
        },
    };
    let conclusion = conclude(&sample(&parts, how)?, &rule).map_err(|error| {
        AuditError::Hinted {
        what: error.to_string(),
        hint: "every stratum needs drawn cases (--allow-unsampled takes those without as errors), \
               and every claim a case that it is about"
            .to_owned(),
    }
    })?;
    let conclusion = match enlarged(&inputs.manifests) {
        true => conclusion.of_enlarged(),
        false => conclusion,
    };
    Ok(Evaluation {
        targeted: targeted(&audits),
        agreement: agreement(&audits),
        findings: crowds(&audits),
        options: options.clone(),
        deciders: Deciders::NotAsked,
        audits,
        conclusion,
        of,
        is_fixed,
    })
}

/// Whether a draw was topped up, or could be, by a plan that the bound does not allow for: that of
/// several draws together is always one of fixed sizes.
fn enlarged(manifests: &[(String, Manifest)]) -> bool {
    manifests.iter().any(|(_, manifest)| {
        let planned = manifest.rule.as_ref().is_some_and(|rule| rule.sequential);
        let topped_up = manifest.design.round() > 1;
        match manifests.len() {
            1 => topped_up && !planned,
            _ => topped_up || planned,
        }
    })
}

/// The day, or what stays the same wherever the file lies.
fn name(manifest: &Manifest) -> String {
    let digest = || format!("draw {}", manifest.self_sha256.short(NAME_DIGITS));
    manifest.source.day.clone().unwrap_or_else(digest)
}

/// Refuses manifests that share a case: it would count twice.
fn check_apart(manifests: &[(String, Manifest)]) -> Result<(), AuditError> {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (file, manifest) in manifests {
        for case in &manifest.selected {
            if let Some(other) = seen.insert(&case.case_id, file) {
                return Err(AuditError::Hinted {
                    what: format!("{} is drawn in {other} and in {file}", case.case_id),
                    hint: "manifests are put together as periods without a case in common; of a \
                           topped-up draw only the last manifest counts"
                        .to_owned(),
                });
            }
        }
    }
    Ok(())
}

/// Refuses several looks at one population: as strata they would count it twice, by a bound that does
/// not know that the later one was drawn after the earlier was seen.
fn check_populations(manifests: &[(String, Manifest)]) -> Result<(), AuditError> {
    for (place, (file, manifest)) in manifests.iter().enumerate() {
        let is_again = |other: &Manifest| {
            let same = manifest.population.frame_digest == other.population.frame_digest;
            let mut earlier = manifest.earlier.iter();
            let follows = earlier.any(|one| one.sha256 == other.self_sha256);
            same || (follows && manifest.source.day == other.source.day)
        };
        let mut others = manifests.iter().enumerate();
        let again = others.find(|(at, (_, other))| *at != place && is_again(other));
        if let Some((_, (other, _))) = again {
            return Err(AuditError::Hinted {
                what: format!("{other} and {file} are draws from one population"),
                hint: "only separate populations, such as days, are put together; a draw of one \
                       population is evaluated by itself"
                    .to_owned(),
            });
        }
    }
    Ok(())
}

/// The tables of each manifest: of that which knows most of their rows.
fn allot(inputs: &Inputs) -> Result<Vec<Vec<Table>>, Failure> {
    let mut allotted = vec![Vec::new(); inputs.manifests.len()];
    for table in &inputs.tables {
        let mut owner = None;
        let mut most = 0;
        for (place, (_, manifest)) in inputs.manifests.iter().enumerate() {
            let known = known_rows(table, manifest)?;
            if known > most {
                (owner, most) = (Some(place), known);
            }
        }
        match owner.and_then(|place| allotted.get_mut(place)) {
            Some(tables) => tables.push(table.clone()),
            None => {
                let file = table.file.clone();
                return Err(SheetError::OtherAudit { file }.into());
            }
        }
    }
    Ok(allotted)
}

fn decisions(texts: &[String], words: &Words) -> Result<BTreeMap<String, Verdict>, AuditError> {
    let mut decisions = BTreeMap::new();
    for text in texts {
        let parts = text.rsplit_once('=');
        let verdict = parts.and_then(|(_, word)| words.verdict(word));
        let (Some((id, _)), Some(verdict)) = (parts, verdict) else {
            return Err(AuditError::Option(format!(
                "--settle: `{text}` is not a case and a verdict, such as case-0123=incorrect"
            )));
        };
        decisions.insert(id.to_owned(), verdict);
    }
    Ok(decisions)
}

/// Takes the decisions on cases of a manifest out of all of them.
fn decisions_on(
    decisions: &mut BTreeMap<String, Verdict>,
    manifest: &Manifest,
) -> BTreeMap<String, Verdict> {
    let drawn = manifest.selected.iter().map(|case| case.case_id.as_str());
    let reserve = manifest.reserve.iter().map(|case| case.case_id.as_str());
    let ids: BTreeSet<&str> = drawn.chain(reserve).collect();
    let all = std::mem::take(decisions);
    let (own, others) = all
        .into_iter()
        .partition(|(id, _)| ids.contains(id.as_str()));
    *decisions = others;
    own
}

fn fraction(text: &str) -> Result<Fraction, AuditError> {
    text.parse()
        .map_err(|error: FractionError| AuditError::Option(error.to_string()))
}

/// The rule, what its rate is a share of, and whether it was fixed beforehand.
fn rule(
    manifests: &[(String, Manifest)],
    options: &Options,
) -> Result<(Rule, String, bool), AuditError> {
    let first = manifests
        .first()
        .and_then(|(_, manifest)| manifest.rule.as_ref());
    if manifests
        .iter()
        .any(|(_, manifest)| manifest.rule.as_ref() != first)
    {
        let what = "the manifests fix different claims, which one conclusion cannot be about";
        return Err(AuditError::Option(what.to_owned()));
    }
    let missing = match options.allow_incomplete {
        true => MissingVerdicts::AsUnable,
        false => MissingVerdicts::Incomplete,
    };
    let rule = |tolerable: &str, confidence: &str, side| -> Result<Rule, AuditError> {
        Ok(Rule {
            tolerable: fraction(tolerable)?,
            confidence: fraction(confidence)?,
            side,
            missing,
        })
    };
    match (first, &options.tolerable) {
        (Some(manifest::Rule { tolerable, .. }), Some(_)) => Err(AuditError::Hinted {
            what: format!("the manifest fixes the tolerable rate at {tolerable}"),
            hint: "a claim that is changed after the verdicts proves nothing".to_owned(),
        }),
        (Some(fixed), None) => {
            let side = match fixed.side.as_str() {
                "two-sided" => Side::TwoSided,
                _ => Side::OneSided,
            };
            Ok((
                rule(&fixed.tolerable, &fixed.confidence, side)?,
                fixed.of.clone(),
                true,
            ))
        }
        (None, Some(tolerable)) => {
            let confidence = options.confidence.as_deref().unwrap_or("95%");
            Ok((
                rule(tolerable, confidence, Side::OneSided)?,
                of(manifests),
                false,
            ))
        }
        (None, None) => Err(AuditError::Hinted {
            what: "what error rate is tolerable?".to_owned(),
            hint: "--tolerable 5%; better, fix it when the sample is drawn".to_owned(),
        }),
    }
}

fn of(manifests: &[(String, Manifest)]) -> String {
    let first = manifests.first().map(|(_, manifest)| manifest);
    let of = match first {
        Some(manifest) if manifest.design.method.is_by_size() => "value",
        Some(manifest) if manifest.source.cluster.is_some() => "clusters",
        Some(_) | None => "cases",
    };
    of.to_owned()
}

fn targeted(audits: &[Audit]) -> Tally {
    let tallies = audits
        .iter()
        .map(|audit| audit.settled.targeted(&audit.manifest));
    tallies.fold(Tally::default(), |all, one| Tally {
        correct: all.correct + one.correct,
        incorrect: all.incorrect + one.incorrect,
        cannot_determine: all.cannot_determine + one.cannot_determine,
        not_applicable: all.not_applicable + one.not_applicable,
        missing: all.missing + one.missing,
    })
}

fn agreement(audits: &[Audit]) -> Option<Agreement> {
    let mut pairs = Pairs::default();
    let ratings: Vec<Vec<i32>> = audits
        .iter()
        .flat_map(|audit| audit.settled.ratings.iter().cloned())
        .collect();
    for audit in audits {
        let own = &audit.settled.pairs;
        pairs.both_wrong += own.both_wrong;
        pairs.first_only += own.first_only;
        pairs.second_only += own.second_only;
        pairs.both_right += own.both_right;
    }
    (pairs.cases() > 0).then(|| Agreement::of(&pairs, &ratings))
}

/// Where errors crowd, the most surprising place first.
fn crowds(audits: &[Audit]) -> Vec<Finding> {
    let [audit] = audits else {
        return Vec::new();
    };
    let judged = |verdict: Verdict| matches!(verdict, Verdict::Correct | Verdict::Incorrect);
    let cases: Vec<_> = audit.settled.random(&audit.manifest).collect();
    let cases = cases.iter().filter(|(_, verdict)| judged(verdict.verdict));
    let whole = |kind: Option<&str>| {
        let is_hit = |verdict: &&evaluation::CaseVerdict| {
            let found = verdict
                .row
                .as_ref()
                .map(|row| row.error_type.trim().to_lowercase());
            let fits = kind.is_none() || found.as_deref() == kind;
            verdict.verdict == Verdict::Incorrect && fits
        };
        Whole {
            cases: cases.clone().count() as u64,
            errors: cases
                .clone()
                .map(|(_, verdict)| *verdict)
                .filter(is_hit)
                .count() as u64,
        }
    };
    findings(&places(&audit.manifest, &audit.settled), whole)
}
