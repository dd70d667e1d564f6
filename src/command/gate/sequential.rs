//! The state of a gate that looks at a growing log again and again: what has been seen, so that an
//! alarm stays one and a log that has shrunk is noticed.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::baseline::{Basis, Changed, Used};
use crate::command::CommandError;
use crate::config::{Demand, Gate};
use crate::error::Failure;
use crate::estimate::eprocess::{self, Claim};
use crate::estimate::needed;
use crate::estimate::verdict::Verdict;
use crate::report::{ReportError, json_text};
use crate::tally::GroupKey;

/// The schema of the file.
const SCHEMA: &str = "gonogo/gate-state";

/// The file, and what it says.
#[derive(Debug)]
pub(super) struct Looks {
    file: PathBuf,
    state: StateFile,
    /// Parts that hold fewer labels than before.
    pub(super) shrunk: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StateFile {
    schema: SchemaName,
    /// What was looked at; `null` before the first look.
    basis: Option<Basis>,
    seen: Vec<Seen>,
}

#[derive(Debug, Serialize, Deserialize)]
struct SchemaName {
    name: String,
    version: u32,
}

/// What was seen of one part of a check.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Seen {
    check: String,
    metric: String,
    /// `max` or `min`.
    demand: String,
    /// The names of the segments of the check.
    by: Vec<String>,
    values: GroupKey,
    limit: f64,
    found: u64,
    known: u64,
    /// Natural logarithms of the highest evidence of any look.
    good: f64,
    bad: f64,
    /// Whether any look has failed: more parts later do not take that back.
    #[serde(default)]
    failed: bool,
}

impl Seen {
    /// Whether this was seen of such a check. One whose metric, limit or segments have changed
    /// begins anew.
    fn is_of(&self, gate: &Gate) -> bool {
        let (demand, limit) = demanded(gate);
        self.check == gate.name
            && self.metric == gate.metric.key()
            && self.demand == demand
            && self.by == gate.by
            && self.limit.total_cmp(&limit).is_eq()
    }
}

/// What is demanded, with its limit.
fn demanded(gate: &Gate) -> (&'static str, f64) {
    match gate.demand {
        Demand::AtMost(most) => ("max", most),
        Demand::AtLeast(least) => ("min", least),
        Demand::NotWorseBy(_) => ("worse_than_baseline_by", f64::NAN),
    }
}

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight {
    /// Known cases that count, and known cases.
    pub(super) counts: (u64, u64),
    /// Labels that these rest on: fewer than the known cases where it is known of some without a
    /// label that they do not count.
    pub(super) labels: u64,
    /// Parts that are looked at together.
    pub(super) family: usize,
}

/// What a look says.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) verdict: Verdict,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) reason: Option<String>,
    /// More labels that would decide.
    pub(super) needed: Option<u64>,
}

impl Looks {
    /// Opens the state; a file that is not there yet is an empty one.
    ///
    /// # Errors
    /// When the file cannot be read or is no state.
    pub(super) fn open(file: &Path) -> Result<Self, CommandError> {
        let refused = |reason: String| CommandError::State {
            file: file.to_owned(),
            reason,
        };
        let empty = StateFile {
            schema: SchemaName {
                name: SCHEMA.to_owned(),
                version: 1,
            },
            basis: None,
            seen: Vec::new(),
        };
        let state = match std::fs::read_to_string(file) {
            Ok(text) => serde_json::from_str::<StateFile>(&text).map_err(|error| {
                refused(format!("it is not one that this version reads: {error}"))
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => empty,
            Err(error) => return Err(refused(error.to_string())),
        };
        if state.schema.name != SCHEMA || state.schema.version != 1 {
            return Err(refused(format!("it is not a {SCHEMA} of version 1")));
        }
        Ok(Self {
            file: file.to_owned(),
            state,
            shrunk: Vec::new(),
        })
    }

    /// Notes what is looked at now, and gives what has changed since the earlier looks, where that
    /// is accepted.
    ///
    /// # Errors
    /// When something has changed, and that is not accepted.
    pub(super) fn set_basis(
        &mut self,
        (now, used): (&Basis, &Used),
        changed: Changed,
    ) -> Result<Vec<String>, CommandError> {
        let Some(before) = self.state.basis.take() else {
            self.state.basis = Some(now.clone());
            return Ok(Vec::new());
        };
        let changes = changed.settle(&self.file, before.changes(now, used))?;
        self.state.basis = Some(now.clone().with_rest_of(before));
        Ok(changes)
    }

    /// Whether an earlier look at a part of a check has failed.
    pub(super) fn has_failed(&self, gate: &Gate, values: &GroupKey) -> bool {
        let seen = self.state.seen.iter();
        seen.filter(|seen| seen.is_of(gate) && seen.values == *values)
            .any(|seen| seen.failed)
    }

    /// Parts of a check of which an earlier look has failed, other than these.
    pub(super) fn failed_beside(&self, gate: &Gate, present: &[&GroupKey]) -> Vec<GroupKey> {
        let seen = self.state.seen.iter().filter(|seen| seen.is_of(gate));
        let gone = seen.filter(|seen| seen.failed && !present.contains(&&seen.values));
        gone.map(|seen| seen.values.clone()).collect()
    }

    /// One look at a part of a check. A pass rests on the evidence of now; a failure stays one at
    /// all later looks, for evidence that came once does not go away.
    pub(super) fn look(&mut self, gate: &Gate, values: &GroupKey, at: Sight, tail: f64) -> Look {
        let Sight {
            counts: (found, known),
            labels,
            family,
        } = at;
        let (demand, limit) = demanded(gate);
        let (good_claim, bad_claim) = match gate.demand {
            Demand::AtMost(_) | Demand::NotWorseBy(_) => (Claim::Below, Claim::Above),
            Demand::AtLeast(_) => (Claim::Above, Claim::Below),
        };
        let evidence = |claim| eprocess::log_evidence(claim, found, known, limit).unwrap_or(0.0);
        let (good, bad) = (evidence(good_claim), evidence(bad_claim));
        let mut seen = self.state.seen.iter();
        let earlier = seen.position(|seen| seen.is_of(gate) && seen.values == *values);
        let earlier = earlier.map(|place| self.state.seen.swap_remove(place));
        let mut now = Seen {
            check: gate.name.clone(),
            metric: gate.metric.key().to_owned(),
            demand: demand.to_owned(),
            by: gate.by.clone(),
            values: values.clone(),
            limit,
            found,
            known,
            good,
            bad,
            failed: false,
        };
        let worst = earlier.as_ref().map_or(bad, |seen| seen.bad.max(bad));
        if let Some(earlier) = &earlier {
            if earlier.known > known || earlier.found > found {
                self.shrunk.push(gate.name.clone());
            }
            now.good = earlier.good.max(good);
            now.bad = worst;
        }
        let (low, high) = eprocess::limits(found, known, tail);
        // Any part that fails fails the check: the error probability is shared out.
        let alarm = -(tail / family.max(1) as f64).ln();
        now.failed = worst >= alarm || earlier.is_some_and(|seen| seen.failed);
        let has_failed = now.failed;
        self.state.seen.push(now);
        let (verdict, reason) = if has_failed {
            let earlier = (bad < alarm).then(|| "an earlier look showed a breach".to_owned());
            (Verdict::Fail, earlier)
        } else if good >= -tail.ln() {
            (Verdict::Pass, None)
        } else {
            (Verdict::Inconclusive, None)
        };
        let forecast = |claim, enough: f64| {
            let counts = ((found, known), labels);
            needed::at_every_look(claim, counts, (limit, enough))
        };
        let needed = (verdict == Verdict::Inconclusive)
            .then(|| forecast(good_claim, -tail.ln()).or_else(|| forecast(bad_claim, alarm)))
            .flatten();
        Look {
            needed,
            verdict,
            low,
            high,
            reason,
        }
    }

    /// The file to write.
    ///
    /// # Errors
    /// When it cannot be rendered.
    pub(super) fn file(mut self) -> Result<(PathBuf, Vec<u8>), Failure> {
        let order = |seen: &Seen| (seen.check.clone(), seen.by.clone(), seen.values.clone());
        self.state.seen.sort_by(|a, b| {
            let limits = a.limit.total_cmp(&b.limit);
            let metrics = (&a.metric, &a.demand).cmp(&(&b.metric, &b.demand));
            order(a).cmp(&order(b)).then(metrics).then(limits)
        });
        let text: Result<String, ReportError> = json_text(&self.state);
        Ok((self.file, text?.into_bytes()))
    }
}
