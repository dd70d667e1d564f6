//! The cases of a log that an audit is about, read as a manifest says, and not as the present
//! configuration does: so a draw and its proof see the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::AuditError;
use crate::audit::frame::{Case, Frame, Size, decimal};
use crate::audit::manifest::{Found, Input, Manifest, Mode, Negatives, Population, Source};
use crate::command::Context;
use crate::config::{ColumnType, Mapping, Role};
use crate::error::Failure;
use crate::log::{Batch, Formula, Interner, Log, Needs, Plan, ReadOptions, Route, Sink, Summary};
use crate::policy::{Conditions, Policy, Router};
use crate::rate::Grid;

/// What a case's stratum is called where its text is missing.
const MISSING: &str = "(missing)";
/// Microseconds in a day.
const DAY: i64 = 86_400_000_000;

/// A log as it was read for an audit.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) found: Found,
    pub(super) summary: Summary,
}

/// How a log is opened, whatever is then read of it.
pub(super) struct Opening<'a> {
    pub(super) logs: &'a [String],
    pub(super) threads: Option<u16>,
    pub(super) context: &'a Context,
}

impl Opening<'_> {
    pub(super) fn options(&self, source: &Source) -> Result<ReadOptions, Failure> {
        let mut options = ReadOptions {
            delimiter: source
                .delimiter
                .as_deref()
                .map(crate::command::open::delimiter)
                .transpose()?,
            skip_bad_rows: source.skip_bad_rows,
            fingerprint: true,
            progress: Arc::clone(&self.context.progress),
            ..ReadOptions::default()
        };
        if let Some(threads) = self.threads {
            options.threads = usize::from(threads);
        }
        Ok(options)
    }
}

/// The mapping that a manifest recorded.
pub(super) fn mapping(source: &Source) -> Result<Mapping, Failure> {
    let mut mapping = Mapping {
        segments: source.segments.clone(),
        ..Mapping::default()
    };
    for (key, text) in &source.roles {
        mapping.set_role(key, text.clone(), "the manifest")?;
    }
    for (column, key) in &source.types {
        let kind = serde_json::from_value::<ColumnType>(key.as_str().into());
        let kind = kind.map_err(|error| AuditError::Option(format!("the manifest: {error}")))?;
        mapping.types.insert(column.clone(), kind);
    }
    Ok(mapping)
}

/// Reads the frame of a log.
pub(super) fn read(
    opening: &Opening<'_>,
    source: &Source,
    earlier: &[(Manifest, Mode)],
) -> Result<Reading, Failure> {
    let options = opening.options(source)?;
    let log = Log::open(opening.logs, &options)?;
    let question = Question::new(source, earlier)?;
    let plan = log.plan(&mapping(source)?, &question.needs)?;
    let (parts, summary) = log.read(&plan, &options, || Gathering::new(&question))?;
    let mut cases = Vec::new();
    let mut excluded: BTreeMap<String, u64> = BTreeMap::new();
    for part in parts {
        cases.extend(part.cases);
        for (reason, count) in part.excluded {
            *excluded.entry(reason).or_default() += count;
        }
    }
    refuse_negatives(source, &cases)?;
    let frame = Frame::new(cases)?;
    Ok(Reading {
        found: Found {
            inputs: inputs(&summary),
            population: Population {
                rows: summary.rows_used,
                excluded,
                cases: frame.cases().len() as u64,
                units: frame.units().len() as u64,
                value: frame.value().map(decimal),
                frame_digest: frame.digest(),
            },
            frame,
        },
        summary,
    })
}

fn inputs(summary: &Summary) -> Vec<Input> {
    let files = summary.files.iter().map(|file| Input {
        name: file.name.clone(),
        bytes: file.bytes,
        sha256: file.sha256.clone(),
        rows: file.rows,
    });
    files.collect()
}

fn refuse_negatives(source: &Source, cases: &[Case]) -> Result<(), AuditError> {
    if source.negatives != Some(Negatives::Refuse) {
        return Ok(());
    }
    let negative = |case: &&Case| case.size.is_some_and(|size| size.micros() < 0);
    let count = cases.iter().filter(negative).count() as u64;
    match cases.iter().filter(negative).map(|case| &case.id).min() {
        Some(first) => Err(AuditError::Negative {
            count,
            first: first.clone(),
        }),
        None => Ok(()),
    }
}

/// What is asked of each row, resolved.
struct Question<'a> {
    source: &'a Source,
    needs: Needs,
    router: Option<Router>,
    /// Scores at which bands begin, with their texts.
    bands: Vec<(f64, &'a str)>,
    /// The day in microseconds.
    day: Option<(i64, i64)>,
    /// Ids of earlier audits that leave the population.
    gone: BTreeSet<&'a str>,
}

impl<'a> Question<'a> {
    fn new(source: &'a Source, earlier: &'a [(Manifest, Mode)]) -> Result<Self, Failure> {
        let policy = source.policy.as_deref().map(policy).transpose()?;
        let mut conditions = Conditions::default();
        let router = policy.as_ref().map(|policy| conditions.router(policy));
        let mut required = vec![Role::Id];
        let mut optional = Vec::new();
        match &policy {
            Some(policy) => {
                optional.push(Role::Pinned);
                if policy.has_threshold() {
                    required.push(Role::Score);
                }
            }
            None => required.push(Role::Escalated),
        }
        if !source.bands.is_empty() && !required.contains(&Role::Score) {
            required.push(Role::Score);
        }
        if source.day.is_some() {
            required.push(Role::Time);
        }
        let mut needs = Needs {
            required,
            optional,
            conditions: conditions.formulas().to_vec(),
            ..Needs::default()
        };
        let filters = source
            .filters
            .iter()
            .map(|text| Formula::new("--where", text));
        needs.conditions.extend(filters);
        let id = source
            .roles
            .get(Role::Id.key())
            .cloned()
            .unwrap_or_default();
        needs.texts.push(Formula::new("id", &id));
        let strata = source
            .strata
            .iter()
            .map(|text| Formula::new("--strata", text));
        let cluster = source
            .cluster
            .iter()
            .map(|text| Formula::new("--cluster-by", text));
        needs.texts.extend(strata.chain(cluster));
        let value = source
            .value
            .iter()
            .map(|text| Formula::new("--value", text));
        let risk = source.risk.iter().map(|text| Formula::new("--risk", text));
        needs.numbers.extend(value.chain(risk));
        let gone = earlier.iter().filter(|(_, mode)| *mode == Mode::Excluded);
        let gone = gone.flat_map(|(manifest, _)| &manifest.selected);
        Ok(Self {
            source,
            needs,
            router,
            bands: bands(&source.bands)?,
            day: source.day.as_deref().map(day).transpose()?,
            gone: gone.map(|case| case.case_id.as_str()).collect(),
        })
    }
}

/// The policy of a text: a threshold, or a policy file.
fn policy(text: &str) -> Result<Policy, Failure> {
    let grid: Option<Grid> = text.parse().ok();
    match grid.as_ref().map(Grid::thresholds) {
        Some([threshold]) => Ok(Policy::of_threshold(threshold.clone())),
        _ => Ok(Policy::parse(text, "the policy")?),
    }
}

fn bands(texts: &[String]) -> Result<Vec<(f64, &str)>, AuditError> {
    let bands: Option<Vec<(f64, &str)>> = texts
        .iter()
        .map(|text| Some((text.parse().ok()?, text.as_str())))
        .collect();
    let bands = bands.filter(|bands| {
        let inside = bands.iter().all(|(score, _)| *score > 0.0 && *score <= 1.0);
        inside && bands.is_sorted_by(|one, next| one.0 < next.0)
    });
    bands.ok_or_else(|| {
        AuditError::Option(
            "--bands: give ascending scores above 0, such as 0.8,0.9,0.95".to_owned(),
        )
    })
}

/// The first and last microsecond of a day in UTC, the last not included.
fn day(text: &str) -> Result<(i64, i64), AuditError> {
    let midnight: Option<jiff::Timestamp> = (text.len() == "2026-09-23".len())
        .then(|| format!("{text}T00:00:00Z").parse().ok())
        .flatten();
    let start = midnight.map(jiff::Timestamp::as_microsecond);
    start.map(|start| (start, start + DAY)).ok_or_else(|| {
        AuditError::Option(format!("--day: `{text}` is not a day; write 2026-09-23"))
    })
}

/// Gathers the cases of one thread.
struct Gathering<'a> {
    question: &'a Question<'a>,
    cases: Vec<Case>,
    excluded: BTreeMap<String, u64>,
}

struct Part {
    cases: Vec<Case>,
    excluded: BTreeMap<String, u64>,
}

impl<'a> Gathering<'a> {
    fn new(question: &'a Question<'a>) -> Self {
        Self {
            question,
            cases: Vec::new(),
            excluded: BTreeMap::new(),
        }
    }

    /// Why a row is not in the frame, by the first reason that applies.
    fn reason(&self, batch: &Batch, row: usize, id: &str) -> Option<String> {
        let question = self.question;
        match &question.router {
            Some(router) => {
                let rule = router.rule(batch, row, 0);
                if !router.approves(batch, row, rule) {
                    return Some("escalated by the policy".to_owned());
                }
            }
            None => {
                if batch.route().get(row) != Some(&Route::Auto) {
                    return Some("escalated".to_owned());
                }
            }
        }
        if let Some((start, end)) = question.day
            && !batch
                .time()
                .get(row)
                .is_some_and(|time| start <= *time && *time < end)
        {
            return Some("of another day".to_owned());
        }
        let conditions = batch.conditions();
        let filters = &question.source.filters;
        let first = conditions.len().saturating_sub(filters.len());
        let holds = |place: usize| {
            let rows = conditions.get(first + place);
            rows.and_then(|rows| rows.get(row)).copied() == Some(true)
        };
        for (place, filter) in filters.iter().enumerate() {
            if !holds(place) {
                return Some(format!("not {filter}"));
            }
        }
        question
            .gone
            .contains(id)
            .then(|| "audited earlier".to_owned())
    }

    fn case(&self, batch: &Batch, row: usize, id: &str) -> Option<Case> {
        let source = self.question.source;
        let mut texts = batch.texts().iter().skip(1);
        let mut text = |wanted: bool| {
            let texts = if wanted { texts.next() } else { None };
            texts
                .and_then(|texts| texts.get(row))
                .filter(|text| !text.is_empty())
        };
        let stratum = text(source.strata.is_some());
        let cluster = text(source.cluster.is_some()).map(str::to_owned);
        let mut numbers = batch.numbers().iter();
        let mut number = |wanted: bool| {
            let numbers = if wanted { numbers.next() } else { None };
            Size::from_units(*numbers?.get(row)?)
        };
        let mut size = number(source.value.is_some());
        let risk = number(source.risk.is_some());
        match source.negatives {
            Some(Negatives::Abs) => size = size.map(Size::abs),
            Some(Negatives::Drop) if size.is_some_and(|size| size.micros() < 0) => return None,
            Some(Negatives::Drop | Negatives::Refuse | Negatives::Separate) | None => {}
        }
        let stratum = if source.strata.is_some() {
            stratum.unwrap_or(MISSING).to_owned()
        } else if let Some(score) = batch.score().get(row).filter(|_| !source.bands.is_empty()) {
            self.band(*score)
        } else {
            String::new()
        };
        Some(Case {
            id: id.to_owned(),
            stratum,
            size,
            cluster,
            risk,
        })
    }

    /// The name of the band of a score.
    fn band(&self, score: f64) -> String {
        let bands = &self.question.bands;
        let reached = bands.iter().take_while(|(from, _)| score >= *from).count();
        let text = |place: usize| bands.get(place).map(|(_, text)| *text);
        match (reached.checked_sub(1).and_then(text), text(reached)) {
            (None, Some(to)) => format!("below {to}"),
            (Some(from), Some(to)) => format!("{from} to below {to}"),
            (Some(from), None) => format!("{from} and above"),
            (None, None) => String::new(),
        }
    }
}

impl Sink for Gathering<'_> {
    type Output = Part;

    fn take(&mut self, batch: &Batch) {
        for row in 0..batch.rows() {
            let id = batch
                .texts()
                .first()
                .and_then(|ids| ids.get(row))
                .unwrap_or_default();
            let reason = self.reason(batch, row, id);
            let reason = match reason {
                Some(reason) => reason,
                None => match self.case(batch, row, id) {
                    Some(case) => {
                        self.cases.push(case);
                        continue;
                    }
                    None => "of negative value".to_owned(),
                },
            };
            *self.excluded.entry(reason).or_default() += 1;
        }
    }

    fn finish(&mut self, _segments: &[&Interner]) -> Part {
        Part {
            cases: std::mem::take(&mut self.cases),
            excluded: std::mem::take(&mut self.excluded),
        }
    }
}

/// The values of some columns of some cases, by id.
pub(super) fn values(
    opening: &Opening<'_>,
    source: &Source,
    show: &[String],
    ids: &BTreeSet<&str>,
) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    if show.is_empty() {
        return Ok(BTreeMap::new());
    }
    let options = opening.options(source)?;
    let log = Log::open(opening.logs, &options)?;
    let mut needs = Needs::default();
    let id = source
        .roles
        .get(Role::Id.key())
        .cloned()
        .unwrap_or_default();
    needs.texts.push(Formula::new("id", &id));
    needs
        .texts
        .extend(show.iter().map(|column| Formula::new("--show", column)));
    let plan: Plan = log.plan(&mapping(source)?, &needs)?;
    let sink = || Showing {
        ids,
        values: BTreeMap::new(),
    };
    let (parts, _) = log.read(&plan, &options, sink)?;
    Ok(parts.into_iter().flatten().collect())
}

/// Keeps the shown values of one thread.
struct Showing<'a> {
    ids: &'a BTreeSet<&'a str>,
    values: BTreeMap<String, Vec<String>>,
}

impl Sink for Showing<'_> {
    type Output = BTreeMap<String, Vec<String>>;

    fn take(&mut self, batch: &Batch) {
        let Some((ids, shown)) = batch.texts().split_first() else {
            return;
        };
        for row in 0..batch.rows() {
            let Some(id) = ids.get(row).filter(|id| self.ids.contains(id)) else {
                continue;
            };
            let texts = shown
                .iter()
                .map(|texts| texts.get(row).unwrap_or_default().to_owned());
            self.values.insert(id.to_owned(), texts.collect());
        }
    }

    fn finish(&mut self, _segments: &[&Interner]) -> Self::Output {
        std::mem::take(&mut self.values)
    }
}
