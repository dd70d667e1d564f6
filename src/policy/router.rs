//! Policies at work: which rule takes a case, and what happens to it.

use super::{Policy, Treatment};
use crate::log::{Batch, Formula};

/// What a policy does with a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Routed {
    /// The place of the rule that takes the case; the number of rules where none does.
    pub rule: u32,
    pub auto: bool,
}

/// The conditions of several policies, each asked of the log once.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    formulas: Vec<Formula>,
}

impl Conditions {
    /// The router of a policy, whose conditions are asked for from now on.
    pub fn router(&mut self, policy: &Policy) -> Router {
        let conditions = policy.rules.iter().map(|rule| {
            let known = self.formulas.iter().position(|f| f.source == rule.when);
            known.unwrap_or_else(|| {
                let name = format!("policy \"{}\", rule \"{}\"", policy.name, rule.name);
                self.formulas.push(Formula::new(&name, &rule.when));
                self.formulas.len() - 1
            })
        });
        Router {
            conditions: conditions.collect(),
            treatments: policy.treatments().cloned().collect(),
        }
    }

    /// What to ask of the log, in the order that the routers count on.
    pub fn formulas(&self) -> &[Formula] {
        &self.formulas
    }
}

/// Routes the cases of a log by one policy.
#[derive(Clone, Debug)]
pub struct Router {
    /// The place of each rule's condition among those of the plan.
    conditions: Vec<usize>,
    /// One a rule, and that of all other cases.
    treatments: Vec<Treatment>,
}

impl Router {
    /// Rules, all other cases counted as one.
    pub fn rules(&self) -> usize {
        self.treatments.len()
    }

    /// What is done with the cases of a rule.
    pub fn treatment(&self, rule: u32) -> Option<&Treatment> {
        self.treatments.get(rule as usize)
    }

    /// Routes every case of a batch. A pinned case stays escalated, whatever its rule says.
    pub fn route(&self, batch: &Batch, routed: &mut Vec<Routed>) {
        routed.clear();
        routed.extend((0..batch.rows()).map(|row| self.case(batch, row)));
    }

    fn case(&self, batch: &Batch, row: usize) -> Routed {
        let rule = self.rule(batch, row, 0);
        Routed {
            rule: rule as u32,
            auto: self.approves(batch, row, rule),
        }
    }

    /// The first rule from `first` on that takes a case of a batch.
    pub fn rule(&self, batch: &Batch, row: usize, first: usize) -> usize {
        let holds = |place: &usize| {
            let condition = batch.conditions().get(*place);
            condition.and_then(|rows| rows.get(row)).copied() == Some(true)
        };
        let later = self.conditions.get(first..).unwrap_or_default();
        let found = later.iter().position(holds);
        found.map_or(self.conditions.len(), |place| first + place)
    }

    /// Whether a rule would auto-approve a case.
    pub fn approves(&self, batch: &Batch, row: usize, rule: usize) -> bool {
        let pinned = batch.pinned().get(row).copied().unwrap_or(false);
        // A policy without thresholds needs no scores.
        let score = batch.score().get(row).copied().unwrap_or(0.0);
        let treatment = self.treatments.get(rule);
        !pinned && treatment.is_some_and(|treatment| treatment.approves(score))
    }
}
