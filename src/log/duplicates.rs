//! From a suspicion to a fact: reads the log a second time for the ids whose hashes repeat, and
//! names them with their places. Runs only where there is something to report.

use std::collections::{BTreeMap, BTreeSet};

use super::batch::Places;
use super::column::{Column, Kind, hash_identity};
use super::error::{DuplicateId, LogError};
use super::plan::{Place, Plan};
use super::reject::Fault;
use super::scan::{self, At, Columns, Handler};
use super::{Log, ReadOptions};
use crate::config::Role;

/// Ids that a message shows.
const SHOWN_IDS: usize = 5;
/// Suspicions that the second reading follows up.
const MOST_SUSPECTS: usize = 1000;
/// Places that are kept for one id.
const MOST_PLACES: usize = 3;

/// Fails if an id comes twice; `repeated` are the hashes that did.
pub(super) fn check(
    log: &Log,
    plan: &Plan,
    options: &ReadOptions,
    repeated: &[u64],
) -> Result<(), LogError> {
    if repeated.is_empty() {
        return Ok(());
    }
    if log.files.iter().any(|file| file.source.once) {
        // A pipe cannot be read again; the chance that two of ten million different ids
        // share a hash is one in 370,000.
        return Err(LogError::DuplicateIds {
            shown: Vec::new(),
            count: repeated.len() as u64,
        });
    }
    let suspects: BTreeSet<u64> = repeated.iter().copied().take(MOST_SUSPECTS).collect();
    let plan = plan.only_ids_as_text();
    let options = ReadOptions {
        // A bad row has no part in this question.
        skip_bad_rows: true,
        fingerprint: false,
        ..options.clone()
    };
    let finder = |_| Finder {
        place: plan.roles.get(&Role::Id).copied(),
        suspects: &suspects,
        found: BTreeMap::new(),
    };
    let finders = (0..options.threads.max(1)).map(finder).collect();
    let pass = scan::run(log, &plan, &options, finders)?;
    let mut found: BTreeMap<String, Vec<(At, u32)>> = BTreeMap::new();
    for finder in pass.handlers {
        for (id, places) in finder.found {
            found.entry(id).or_default().extend(places);
        }
    }
    found.retain(|_, places| places.len() > 1);
    if found.is_empty() {
        return Ok(());
    }
    let more = repeated.len().saturating_sub(suspects.len());
    let count = (found.len() + more) as u64;
    Err(LogError::DuplicateIds {
        shown: shown(log, &pass.lines, found),
        count,
    })
}

/// The ids that come first in the log, with their places.
fn shown(
    log: &Log,
    lines: &scan::Lines,
    found: BTreeMap<String, Vec<(At, u32)>>,
) -> Vec<DuplicateId> {
    let mut found: Vec<_> = found.into_iter().collect();
    for (_, places) in &mut found {
        places.sort_unstable();
        places.truncate(MOST_PLACES);
    }
    found.sort_by(|a, b| a.1.cmp(&b.1));
    let place = |(at, line): &(At, u32)| {
        let file = log.files.get(at.file)?;
        let line_of_file = lines.line(file, *at, u64::from(*line));
        Some(format!(
            "{}, {} {line_of_file}",
            file.source.name,
            file.format.unit()
        ))
    };
    found
        .iter()
        .take(SHOWN_IDS)
        .map(|(id, places)| DuplicateId {
            id: Some(super::reject::shown(id)),
            places: places.iter().filter_map(place).collect(),
        })
        .collect()
}

/// Looks for the suspects in one thread's batches.
struct Finder<'a> {
    place: Option<Place>,
    suspects: &'a BTreeSet<u64>,
    found: BTreeMap<String, Vec<(At, u32)>>,
}

impl Handler for Finder<'_> {
    fn batch(&mut self, places: &Places<'_>, at: At) -> Result<Vec<Fault>, LogError> {
        let Some(Column::Text(ids)) = self.place.and_then(|place| places.get(place)) else {
            return Ok(Vec::new());
        };
        for (row, line) in places.raw.lines.iter().enumerate() {
            let Some(id) = ids.get(row) else { continue };
            if self.suspects.contains(&hash_identity(id)) {
                let places = self.found.entry(id.to_owned()).or_default();
                places.push((at, *line));
                if places.len() > 2 * MOST_PLACES {
                    places.sort_unstable();
                    places.truncate(MOST_PLACES);
                }
            }
        }
        Ok(Vec::new())
    }

    fn end(&mut self, _columns: &Columns<'_>) -> Result<(), LogError> {
        Ok(())
    }
}

impl Plan {
    /// The same log read for nothing but its ids, as text.
    fn only_ids_as_text(&self) -> Self {
        let mut plan = Self {
            inputs: self.inputs.clone(),
            computed: self.computed.clone(),
            roles: self.roles.clone(),
            ..Self::default()
        };
        plan.roles.retain(|role, _| *role == Role::Id);
        match plan.roles.get(&Role::Id).copied() {
            Some(Place::Input(input)) => {
                plan.computed.clear();
                plan.inputs = plan.inputs.get(input).cloned().into_iter().collect();
                plan.inputs
                    .iter_mut()
                    .for_each(|input| input.kind = Kind::Text);
                plan.roles.insert(Role::Id, Place::Input(0));
            }
            Some(Place::Computed(computed)) => {
                plan.computed = plan.computed.get(computed).cloned().into_iter().collect();
                plan.computed
                    .iter_mut()
                    .for_each(|computed| computed.kind = Kind::Text);
                plan.roles.insert(Role::Id, Place::Computed(0));
            }
            None => {}
        }
        plan
    }
}
