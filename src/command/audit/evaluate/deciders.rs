//! Whether somebody reviewed a case that they had decided themselves, as far as the log tells who
//! did. Must not read what reviewers are not shown for anything else.

use std::collections::BTreeMap;

use super::EvaluateArgs;
use super::answer::Audit;
use crate::audit::worksheet::{Reviewed, Verdict};
use crate::command::Context;
use crate::command::audit::reading::{self, Opening};
use crate::config::Role;
use crate::error::Failure;
use crate::log::{Batch, Formula, Interner, Log, Needs, Sink};

/// Cases whose reviewer of the audit is the one that the log names (role `reviewer`), by id. None
/// where the log names nobody.
pub(super) fn reviewed_by_deciders(
    args: &EvaluateArgs,
    context: &Context,
    audit: &Audit,
) -> Result<Vec<String>, Failure> {
    let source = &audit.manifest.source;
    let mapping = reading::mapping(source)?;
    let texts = [Role::Id, Role::Reviewer].map(|role| {
        let text = mapping.roles.get(&role)?;
        Some(Formula::new(role.key(), text))
    });
    let [Some(id), Some(decider)] = texts else {
        return Ok(Vec::new());
    };
    let opening = Opening {
        logs: &args.log,
        threads: args.threads,
        context,
    };
    let options = opening.options(source)?;
    let log = Log::open(opening.logs, &options)?;
    let needs = Needs {
        texts: vec![id, decider],
        ..Needs::default()
    };
    let plan = log.plan(&mapping, &needs)?;
    let reviewers = reviewers(audit);
    let (parts, _) = log.read(&plan, &options, || Deciders {
        reviewers: &reviewers,
        own: Vec::new(),
    })?;
    let mut own: Vec<String> = parts.into_iter().flatten().collect();
    own.sort();
    own.dedup();
    Ok(own)
}

/// Who reviewed each case, by the names of the sheets and by what the rows say.
fn reviewers(audit: &Audit) -> BTreeMap<&str, Vec<String>> {
    let mut reviewers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let judged = |row: &&Reviewed| row.verdict != Verdict::Blank;
    for row in audit.returned.rows.iter().filter(judged) {
        if let Some(id) = audit.case_id(row.place) {
            let names = [&row.sheet, &row.reviewer].map(|name| folded(name));
            reviewers.entry(id).or_default().extend(names);
        }
    }
    reviewers
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Finds the cases of one thread.
struct Deciders<'a> {
    reviewers: &'a BTreeMap<&'a str, Vec<String>>,
    own: Vec<String>,
}

impl Sink for Deciders<'_> {
    type Output = Vec<String>;

    fn take(&mut self, batch: &Batch) {
        let [ids, deciders] = batch.texts() else {
            return;
        };
        for row in 0..batch.rows() {
            let id = ids.get(row).unwrap_or_default();
            let decider = folded(deciders.get(row).unwrap_or_default());
            let names = self.reviewers.get(id);
            if !decider.is_empty() && names.is_some_and(|names| names.contains(&decider)) {
                self.own.push(id.to_owned());
            }
        }
    }

    fn finish(&mut self, _segments: &[&Interner]) -> Self::Output {
        std::mem::take(&mut self.own)
    }
}
