//! What a gate is asked: the checks of a profile, the routes that they judge, and what must be
//! read for them.

use super::GateArgs;
use crate::command::pricing::Pricing;
use crate::command::{CommandError, policies};
use crate::config::{Config, Demand, Gate, Mapping, Metric, Role, Severity};
use crate::error::Failure;
use crate::log::{Formula, Needs};
use crate::policy::Policy;
use crate::policy::Router;
use crate::rate::Grid;
use crate::tally::Accounts;

/// The word for what really happened.
const ACTUAL: &str = "actual";

/// Which routes of a case count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Routes {
    Historical,
    /// Of the policy that is judged.
    New,
    /// Of the policy that it is compared with.
    Base,
}

/// What is asked, checked.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) gates: Vec<Gate>,
    pub(super) routes: Routes,
    /// Present where another routing of the same cases is the baseline.
    pub(super) against: Option<Routes>,
    /// The policy that is judged, then the one that it is compared with; one at least, for the
    /// tally is made by policies.
    policies: Vec<Policy>,
    /// The text of the judged policy; `None` for the historical routes.
    pub(super) policy_text: Option<(String, String)>,
    pub(super) routers: Vec<Router>,
    conditions: Vec<Formula>,
    pub(super) groupings: Vec<Vec<String>>,
    pub(super) pricing: Option<Pricing>,
    pub(super) tail: f64,
}

impl Question {
    pub(super) fn resolve(args: &GateArgs, config: &Config) -> Result<Self, Failure> {
        let gates = chosen(&config.gates, args.profile.as_deref())?;
        if !(0.5..1.0).contains(&args.confidence) || args.confidence <= 0.5 {
            return Err(CommandError::Confidence(args.confidence).into());
        }
        let mut policies = Vec::new();
        let mut policy_text = None;
        if let Some(word) = &args.policy {
            let policy = policies::load(word)?;
            let text = policies::read(word).unwrap_or_else(|_| word.clone());
            policy_text = Some((policy.name.clone(), text));
            policies.push(policy);
        }
        let against = match args.against.as_deref() {
            None => None,
            Some(ACTUAL) => Some(Routes::Historical),
            Some(word) => {
                let base = policies::load(word)?;
                if policies.is_empty() {
                    policies.push(base.clone());
                }
                policies.push(base);
                Some(Routes::Base)
            }
        };
        if policies.is_empty() {
            policies.extend(everything_auto());
        }
        let (routers, conditions) = policies::routers(&policies);
        let mut groupings: Vec<Vec<String>> = Vec::new();
        for gate in &gates {
            if !gate.by.is_empty() && !groupings.contains(&gate.by) {
                groupings.push(gate.by.clone());
            }
        }
        let has_cost = gates.iter().any(|gate| gate.metric == Metric::Cost);
        let pricing = Pricing::of(config).filter(|_| config.costs.is_stated() && has_cost);
        if has_cost && pricing.is_none() {
            return Err(CommandError::NoCosts.into());
        }
        Ok(Self {
            routes: if args.policy.is_some() {
                Routes::New
            } else {
                Routes::Historical
            },
            against,
            conditions: conditions.formulas().to_vec(),
            routers,
            policies,
            policy_text,
            groupings,
            pricing,
            tail: 1.0 - args.confidence,
            gates,
        })
    }

    /// The place of the policy that the judged one is compared with.
    pub(super) fn compared_with(&self) -> Option<usize> {
        (self.against == Some(Routes::Base)).then_some(1)
    }

    pub(super) fn accounts(&self) -> Accounts {
        let pricing = self.pricing.as_ref();
        pricing.map(|pricing| pricing.accounts).unwrap_or_default()
    }

    /// The checks that compare with a baseline.
    pub(super) fn compared(&self) -> impl Iterator<Item = &Gate> {
        let gates = self.gates.iter();
        gates.filter(|gate| matches!(gate.demand, Demand::NotWorseBy(_)))
    }

    /// Whether any check that can fail the job needs labels.
    pub(super) fn needs_labels(&self) -> bool {
        let mut counted = self
            .gates
            .iter()
            .filter(|gate| gate.level == Severity::Error);
        counted.any(|gate| gate.metric.needs_labels())
    }

    /// What is to be read of a log.
    pub(super) fn needs(&self, mapping: &Mapping, allow_duplicates: bool) -> Needs {
        let metrics = || self.gates.iter().map(|gate| gate.metric);
        let mut required = Vec::new();
        let mut optional = vec![Role::Time, Role::Pinned, Role::LabelProbability];
        let takes = |metric: Metric| metric.needs_labels() || metric == Metric::LabelCoverage;
        if metrics().any(takes) || mapping.roles.contains_key(&Role::Error) {
            required.push(Role::Error);
        }
        let historical = [Some(self.routes), self.against].contains(&Some(Routes::Historical));
        if historical {
            required.push(Role::Escalated);
        } else {
            optional.push(Role::Escalated);
        }
        if self.policy_text.is_some() || self.compared_with().is_some() {
            let scored = self.policies.iter().any(Policy::has_threshold);
            required.extend(scored.then_some(Role::Score));
        }
        if metrics().any(|metric| metric == Metric::ErrorValueRate) {
            required.push(Role::Value);
        } else {
            optional.push(Role::Value);
        }
        if !allow_duplicates {
            optional.push(Role::Id);
        }
        let mut segments = self.groupings.concat();
        segments.sort();
        segments.dedup();
        let mut needs = Needs {
            required,
            optional,
            segments,
            conditions: self.conditions.clone(),
            ..Needs::default()
        };
        if let Some(pricing) = &self.pricing {
            pricing.add_to(&mut needs);
        }
        needs
    }
}

/// The policy that stands in where the historical routes are judged: its routes are not looked at.
fn everything_auto() -> Option<Policy> {
    let grid: Grid = "0".parse().ok()?;
    let threshold = grid.thresholds().first()?;
    Some(Policy::of_threshold(threshold.clone()))
}

/// The checks of a profile, with those that belong to none.
fn chosen(gates: &[Gate], profile: Option<&str>) -> Result<Vec<Gate>, CommandError> {
    let named = |gate: &&Gate| gate.profile.as_deref() == profile;
    if let Some(name) = profile
        && !gates.iter().any(|gate| named(&gate))
    {
        let mut names: Vec<String> = gates
            .iter()
            .filter_map(|gate| gate.profile.clone())
            .collect();
        names.sort();
        names.dedup();
        return Err(CommandError::NoSuchProfile {
            name: name.to_owned(),
            names,
        });
    }
    let is_wanted = |gate: &&Gate| gate.profile.is_none() || named(gate);
    let chosen: Vec<Gate> = gates.iter().filter(is_wanted).cloned().collect();
    if chosen.is_empty() {
        return Err(CommandError::NoGates);
    }
    Ok(chosen)
}
