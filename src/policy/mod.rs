//! Policies: ordered rules that say which cases a human sees first. Parsed, checked and explained
//! here; whether a condition holds for a case is for the log to say. Must not read files.

mod findings;
mod parse;
mod router;

use crate::rate::{Duration, Threshold};

pub use self::findings::{Finding, Place, PolicyError, Severity};
pub use self::router::{Conditions, Routed, Router};

/// The JSON Schema of policy files.
pub const SCHEMA: &str = include_str!("schema.json");

/// The name of what takes the cases that no rule takes.
pub const REST: &str = "all other cases";

/// Ordered rules; the first whose condition holds takes the case.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    pub name: String,
    pub rules: Vec<Rule>,
    /// Takes the cases that no rule takes.
    pub rest: Treatment,
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub name: String,
    /// A condition in SQL over columns, roles and segments.
    pub when: String,
    pub treatment: Treatment,
    /// Where the rule begins, and where its condition stands.
    pub place: Place,
    pub when_place: Place,
}

/// What happens to the cases of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Treatment {
    pub routing: Routing,
    pub pattern: Pattern,
    /// Where the threshold or the route stands.
    pub place: Place,
}

/// Which of a rule's cases are auto-approved.
#[derive(Clone, Debug, PartialEq)]
pub enum Routing {
    /// Those whose score meets the threshold.
    Threshold(Threshold),
    /// None.
    Escalate,
    /// All, but for pinned ones.
    Auto,
}

/// When a human comes in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pattern {
    /// Before anything happens, for every case.
    PreAction,
    /// After the AI has acted, for a share of the auto-approved cases.
    PostAction(Afterwards),
    /// Before anything happens, for the escalated cases only.
    ExceptionOnly,
}

/// Reviews after the action.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Afterwards {
    /// How long an error can be corrected.
    pub window: Duration,
    /// The share of auto-approved cases that is looked at, in [0, 1].
    pub share: f64,
}

impl Policy {
    /// Reads a policy file; `file` is for messages only, and names a policy without a name.
    ///
    /// # Errors
    /// When the text is not a policy: all that is wrong with it, each with its place.
    pub fn parse(text: &str, file: &str) -> Result<Self, PolicyError> {
        parse::parse(text, file)
    }

    /// The policy that is one threshold.
    pub fn of_threshold(threshold: Threshold) -> Self {
        Self {
            name: format!("threshold {}", threshold.text()),
            rules: Vec::new(),
            rest: Treatment {
                routing: Routing::Threshold(threshold),
                pattern: Pattern::ExceptionOnly,
                place: Place::default(),
            },
        }
    }

    /// What is done with the cases of each rule in order, and last with all others.
    pub fn treatments(&self) -> impl Iterator<Item = &Treatment> {
        self.rules
            .iter()
            .map(|rule| &rule.treatment)
            .chain(std::iter::once(&self.rest))
    }

    /// The names of the rules in order, and last that of all other cases.
    pub fn rule_names(&self) -> impl Iterator<Item = &str> {
        self.rules
            .iter()
            .map(|rule| rule.name.as_str())
            .chain(std::iter::once(REST))
    }

    /// Whether any case is routed by its score.
    pub fn has_threshold(&self) -> bool {
        self.treatments()
            .any(|treatment| matches!(treatment.routing, Routing::Threshold(_)))
    }

    /// What is doubtful without a look at a log: rules that can take no case, and rules at the end
    /// that do what would be done without them.
    pub fn findings(&self) -> Vec<Finding> {
        findings::of_policy(self)
    }
}

impl Treatment {
    /// Whether an unpinned case of this score is auto-approved.
    pub fn approves(&self, score: f64) -> bool {
        match (&self.routing, self.pattern) {
            (_, Pattern::PreAction) | (Routing::Escalate, _) => false,
            (Routing::Auto, _) => true,
            (Routing::Threshold(threshold), _) => score >= threshold.value(),
        }
    }

    /// Whether both treat every case alike.
    pub fn is_same(&self, other: &Self) -> bool {
        self.pattern == other.pattern
            && match (&self.routing, &other.routing) {
                (Routing::Threshold(one), Routing::Threshold(other)) => {
                    one.value().total_cmp(&other.value()).is_eq()
                }
                (one, other) => one == other,
            }
    }
}

impl Routing {
    /// The routing as people read it.
    pub fn text(&self) -> String {
        match self {
            Self::Threshold(threshold) => format!("threshold {}", threshold.text()),
            Self::Escalate => "escalate".to_owned(),
            Self::Auto => "auto".to_owned(),
        }
    }
}

impl Pattern {
    /// The word that policy files use.
    pub fn key(self) -> &'static str {
        match self {
            Self::PreAction => "pre-action",
            Self::PostAction(_) => "post-action",
            Self::ExceptionOnly => "exception-only",
        }
    }
}
