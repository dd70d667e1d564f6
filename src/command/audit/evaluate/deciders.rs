//! Whether somebody reviewed a case that they had decided themselves, as far as the log tells who
//! did. Must not read what reviewers are not shown for anything else.

use std::collections::BTreeMap;

use super::EvaluateArgs;
use super::Evaluation;
use super::answer::{Audit, Deciders};
use crate::audit::worksheet::{Reviewed, Verdict};
use crate::command::Context;
use crate::command::audit::AuditError;
use crate::command::audit::reading::{self, Opening};
use crate::config::Role;
use crate::error::Failure;
use crate::log::{Batch, Formula, Interner, Log, Needs, Sink};

/// Cases whose reviewer of the audit is the one that the log names (role `reviewer`).
///
/// # Errors
/// When the log cannot be read or lacks a case that was drawn.
pub(super) fn compared(
    args: &EvaluateArgs,
    context: &Context,
    evaluation: &Evaluation,
) -> Result<Deciders, Failure> {
    let mut own = Vec::new();
    for audit in &evaluation.audits {
        match reviewed_by_deciders(args, context, audit)? {
            Some(cases) => own.extend(cases),
            None => return Ok(Deciders::Unnamed),
        }
    }
    Ok(Deciders::Compared(own))
}

/// Those of one audit, by id; `None` where the log names nobody.
fn reviewed_by_deciders(
    args: &EvaluateArgs,
    context: &Context,
    audit: &Audit,
) -> Result<Option<Vec<String>>, Failure> {
    let source = &audit.manifest.source;
    let mapping = reading::mapping(source)?;
    let texts = [Role::Id, Role::Reviewer].map(|role| {
        let text = mapping.roles.get(&role)?;
        Some(Formula::new(role.key(), text))
    });
    let [Some(id), Some(decider)] = texts else {
        return Ok(None);
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
    let (parts, _) = log.read(&plan, &options, || Rows {
        reviewers: &reviewers,
        found: BTreeMap::new(),
    })?;
    let mut found: BTreeMap<String, bool> = BTreeMap::new();
    for (id, is_own) in parts.into_iter().flatten() {
        *found.entry(id).or_default() |= is_own;
    }
    if let Some(id) = reviewers.keys().find(|id| !found.contains_key(**id)) {
        return Err(AuditError::Hinted {
            what: format!("the log does not hold {id}, which was drawn"),
            hint: "give the log that the sample was drawn from".to_owned(),
        }
        .into());
    }
    let own = found.into_iter().filter(|(_, is_own)| *is_own);
    Ok(Some(own.map(|(id, _)| id).collect()))
}

/// Who reviewed each drawn case, by the names of the sheets and by what the rows say.
fn reviewers(audit: &Audit) -> BTreeMap<&str, Vec<String>> {
    let drawn = audit.manifest.selected.iter();
    let mut reviewers: BTreeMap<&str, Vec<String>> = drawn
        .map(|case| (case.case_id.as_str(), Vec::new()))
        .collect();
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

/// Finds the drawn cases of one thread, and whether their reviewer decided them.
struct Rows<'a> {
    reviewers: &'a BTreeMap<&'a str, Vec<String>>,
    found: BTreeMap<String, bool>,
}

impl Sink for Rows<'_> {
    type Output = BTreeMap<String, bool>;

    fn take(&mut self, batch: &Batch) {
        let [ids, deciders] = batch.texts() else {
            return;
        };
        for row in 0..batch.rows() {
            let id = ids.get(row).unwrap_or_default();
            let decider = folded(deciders.get(row).unwrap_or_default());
            if let Some(names) = self.reviewers.get(id) {
                let is_own = !decider.is_empty() && names.contains(&decider);
                *self.found.entry(id.to_owned()).or_default() |= is_own;
            }
        }
    }

    fn finish(&mut self, _segments: &[&Interner]) -> Self::Output {
        std::mem::take(&mut self.found)
    }
}
