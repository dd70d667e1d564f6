//! The log's cases with what the audit found, as CSV that `sweep`, `replay` and `tune` read: every
//! case of the population has the probability that it was to be drawn with, every drawn one a label.

use std::collections::BTreeMap;

use super::super::AuditError;
use super::super::reading::{self, Opening};
use super::{EvaluateArgs, Evaluation};
use crate::audit::draw::Chance;
use crate::audit::frame::Unit;
use crate::audit::manifest::Manifest;
use crate::audit::worksheet::Verdict;
use crate::command::Context;
use crate::config::Role;
use crate::error::Failure;
use crate::log::{Batch, Formula, Interner, Label, Log, Needs, Route, Sink};
use crate::report::ReportError;

/// The columns that are always there, named by the roles that they play.
const COLUMNS: [&str; 4] = ["id", "error", "label_probability", "verdict"];
/// Roles that are copied from the log where it has them.
const COPIED: [Role; 5] = [
    Role::Time,
    Role::Score,
    Role::Escalated,
    Role::Pinned,
    Role::Value,
];

/// What the audit says of a case.
struct Found {
    probability: f64,
    verdict: Option<Verdict>,
}

/// The CSV.
pub(super) fn labels(
    args: &EvaluateArgs,
    context: &Context,
    evaluation: &Evaluation,
) -> Result<String, Failure> {
    let [audit] = evaluation.audits.as_slice() else {
        let what = "--labels-out writes the labels of one manifest at a time";
        return Err(AuditError::Option(what.to_owned()).into());
    };
    let manifest = &audit.manifest;
    if !manifest.earlier.is_empty() {
        let what = "--labels-out: cases of earlier audits are not in the population; write the labels \
                    of an audit of the whole population";
        return Err(AuditError::Option(what.to_owned()).into());
    }
    let opening = Opening {
        logs: &args.log,
        threads: args.threads,
        context,
    };
    let reading = reading::read(&opening, &manifest.source, &[])?;
    if reading.found.population.frame_digest != manifest.population.frame_digest {
        return Err(AuditError::Hinted {
            what: "the log is not the one that was drawn from".to_owned(),
            hint: "`gonogo audit verify` says what differs".to_owned(),
        }
        .into());
    }
    let frame = &reading.found.frame;
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    let mut units: BTreeMap<String, Unit> = BTreeMap::new();
    for unit in frame.units() {
        let unit = unit?;
        units.insert(unit.key.clone(), unit);
    }
    for case in frame.cases() {
        let case = case?;
        let unit = units.get(case.key());
        let probability = unit
            .and_then(|unit| probability(manifest, unit))
            .unwrap_or(0.0);
        found.insert(
            case.id,
            Found {
                probability,
                verdict: None,
            },
        );
    }
    for (case, verdict) in audit.settled.random(manifest) {
        if let Some(found) = found.get_mut(case.case_id.as_str()) {
            found.verdict = Some(verdict.verdict);
        }
    }
    write(&opening, manifest, &found)
}

/// The probability by the line of the unit's stratum.
fn probability(manifest: &Manifest, unit: &Unit) -> Option<f64> {
    use crate::audit::draw::Method;
    let name = match (manifest.design.method, unit.size) {
        (Method::Stratified, _) => unit.stratum.as_str(),
        (Method::Pps | Method::MusInterval, None) => "missing",
        (Method::Pps | Method::MusInterval, Some(0)) => "zero",
        (Method::Pps | Method::MusInterval, Some(..0)) => "negative",
        (Method::Pps | Method::MusInterval, Some(_))
        | (Method::Srs | Method::Systematic | Method::Poisson, _) => "",
    };
    let stratum = manifest.strata.iter().find(|stratum| stratum.name == name);
    stratum.map(|stratum| match stratum.chance {
        Chance::Equal(probability) => probability,
        chance @ Chance::BySize { .. } => chance.of(unit),
    })
}

fn write(
    opening: &Opening<'_>,
    manifest: &Manifest,
    found: &BTreeMap<String, Found>,
) -> Result<String, Failure> {
    let source = &manifest.source;
    let options = opening.options(source)?;
    let log = Log::open(opening.logs, &options)?;
    let mapping = reading::mapping(source)?;
    let segments: Vec<(&String, &String)> = mapping
        .segments
        .iter()
        .filter(|(name, _)| !is_taken(name))
        .collect();
    let copied: Vec<Role> = COPIED
        .into_iter()
        .filter(|role| mapping.roles.contains_key(role))
        .collect();
    let id = mapping.roles.get(&Role::Id).cloned().unwrap_or_default();
    let mut needs = Needs {
        optional: vec![Role::Error, Role::LabelProbability, Role::Escalated],
        ..Needs::default()
    };
    needs.texts.push(Formula::new("id", &id));
    for role in &copied {
        let text = mapping.roles.get(role).cloned().unwrap_or_default();
        needs.texts.push(Formula::new(role.key(), &text));
    }
    needs
        .texts
        .extend(segments.iter().map(|(name, text)| Formula::new(name, text)));
    let plan = log.plan(&mapping, &needs)?;
    let (parts, _) = log.read(&plan, &options, || Labelling {
        found,
        rows: Vec::new(),
    })?;
    let mut rows: Vec<Vec<String>> = parts.into_iter().flatten().collect();
    rows.sort();
    if source.dedup {
        keep_one_of_copies(&mut rows);
    }
    let titles = COLUMNS
        .iter()
        .copied()
        .chain(copied.iter().map(|role| role.key()));
    let titles: Vec<&str> = titles
        .chain(segments.iter().map(|(name, _)| name.as_str()))
        .collect();
    let lines = std::iter::once(titles.into_iter().map(str::to_owned).collect()).chain(rows);
    csv(lines)
}

/// Copies of a row are one case here too. Of those that differ in what the draw does not see, the last
/// is kept: a known label before none, and an error before none.
fn keep_one_of_copies(rows: &mut Vec<Vec<String>>) {
    rows.reverse();
    rows.dedup_by(|one, kept| one.first() == kept.first());
    rows.reverse();
}

/// CSV as the log reads it back: unlike in a report, nothing is defused or escaped.
fn csv(rows: impl Iterator<Item = Vec<String>>) -> Result<String, Failure> {
    let failed = |reason: String| ReportError::Render {
        format: "CSV",
        reason,
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row)
            .map_err(|error| failed(error.to_string()))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| failed(error.to_string()))?;
    Ok(String::from_utf8(bytes).map_err(|error| failed(error.to_string()))?)
}

/// Whether a segment has the name of a column that is written anyway.
fn is_taken(name: &str) -> bool {
    COLUMNS.contains(&name) || COPIED.iter().any(|role| role.key() == name)
}

/// Labels the cases of one thread.
struct Labelling<'a> {
    found: &'a BTreeMap<String, Found>,
    rows: Vec<Vec<String>>,
}

impl Labelling<'_> {
    /// Error, label probability and verdict of a row.
    fn label(&self, batch: &Batch, row: usize, id: &str) -> [String; 3] {
        let text = |wrong: bool| wrong.to_string();
        match self.found.get(id) {
            Some(Found {
                probability,
                verdict,
            }) => {
                let error = match verdict {
                    Some(Verdict::Correct) => text(false),
                    // What could not be judged counts against the system here too.
                    Some(Verdict::Incorrect | Verdict::CannotDetermine | Verdict::Blank) => {
                        text(true)
                    }
                    Some(Verdict::NotApplicable) | None => String::new(),
                };
                let verdict = verdict.map_or("", |verdict| match verdict {
                    Verdict::Blank => "missing",
                    Verdict::Correct
                    | Verdict::Incorrect
                    | Verdict::CannotDetermine
                    | Verdict::NotApplicable => verdict.key(),
                });
                let probability = Some(*probability).filter(|probability| *probability > 0.0);
                let probability = probability.map_or(String::new(), |p| p.to_string());
                [error, probability, verdict.to_owned()]
            }
            None => {
                let error = match batch.label().get(row) {
                    Some(Label::Wrong) => text(true),
                    Some(Label::Right) => text(false),
                    Some(Label::Unknown) | None => String::new(),
                };
                let stated = batch.probability().get(row).filter(|p| !p.is_nan());
                let escalated = batch.route().get(row) == Some(&Route::Escalated);
                let probability = match stated {
                    Some(probability) => probability.to_string(),
                    None if escalated => "1".to_owned(),
                    None => String::new(),
                };
                [error, probability, String::new()]
            }
        }
    }
}

impl Sink for Labelling<'_> {
    type Output = Vec<Vec<String>>;

    fn take(&mut self, batch: &Batch) {
        let Some((ids, texts)) = batch.texts().split_first() else {
            return;
        };
        for row in 0..batch.rows() {
            let id = ids.get(row).unwrap_or_default();
            let mut cells = vec![id.to_owned()];
            cells.extend(self.label(batch, row, id));
            cells.extend(
                texts
                    .iter()
                    .map(|texts| texts.get(row).unwrap_or_default().to_owned()),
            );
            self.rows.push(cells);
        }
    }

    fn finish(&mut self, _segments: &[&Interner]) -> Self::Output {
        std::mem::take(&mut self.rows)
    }
}
