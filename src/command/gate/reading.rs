//! A log to the facts of its groups: one pass, by the historical routes or by policies.

use std::collections::BTreeMap;

use super::question::{Question, Routes};
use crate::command::CommandError;
use crate::config::Mapping;
use crate::error::Failure;
use crate::estimate::metric::Facts;
use crate::estimate::split::{self, GroupCells, JoinedCells, Side, Splits};
use crate::estimate::swap::{Pair, Parts};
use crate::log::{Batch, Interner, Log, Plan, ReadOptions, Sink, Summary};
use crate::policy::{Routed, Router};
use crate::tally::{Apart, Course, Design, GroupKey, Ledgers, ReplayTallier, ReplayTally};

/// What a log says about one set of cases.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Measured {
    pub(super) facts: Facts,
    /// Present where two routings are compared on the same cases.
    pub(super) other: Option<(Facts, Pair)>,
}

/// A set of cases: the names of its segments, empty for all cases, and their values.
pub(super) type Place = (Vec<String>, GroupKey);

/// What a log says about every set of cases that is asked for.
#[derive(Debug)]
pub(super) struct Survey {
    pub(super) sets: BTreeMap<Place, Measured>,
    pub(super) cases: u64,
    pub(super) labelled: u64,
    pub(super) design: Design,
    pub(super) plan: Plan,
    pub(super) summary: Summary,
}

/// Reads a log.
///
/// # Errors
/// When the log is bad.
pub(super) fn survey(
    log: &Log,
    mapping: &Mapping,
    options: &ReadOptions,
    question: &Question,
) -> Result<Survey, Failure> {
    let plan = log.plan(mapping, &question.needs(mapping, options.allow_duplicates))?;
    let segments = plan.segments();
    let place = |name: &String| segments.iter().position(|known| known == name);
    let groupings: Vec<Vec<usize>> = question
        .groupings
        .iter()
        .map(|names| names.iter().filter_map(place).collect())
        .collect();
    let rules: Vec<usize> = question.routers.iter().map(Router::rules).collect();
    let apart = Apart {
        against: question.compared_with(),
        irreversible: None,
    };
    let sink = || Reading {
        routers: &question.routers,
        tallier: ReplayTallier::new(&rules, &groupings, &question.accounts(), apart),
        routed: Vec::new(),
    };
    let (parts, summary) = log.read(&plan, options, sink)?;
    let mut tally = ReplayTally::new(rules.len(), groupings.len());
    parts.into_iter().for_each(|part| tally += part);
    tally.fold_probabilities();
    let empty = Ledgers::new(0);
    let ledgers = tally.policies().first().unwrap_or(&empty);
    let counts = ledgers.cases().counts();
    if counts.cases() == 0 {
        return Err(CommandError::NoCases { log: log.name() }.into());
    }
    let surveyor = Surveyor {
        question,
        ledgers,
        design: Design::of(&ledgers.cases().overall()),
    };
    Ok(Survey {
        sets: surveyor.sets(),
        cases: counts.cases(),
        labelled: counts.labelled(),
        design: surveyor.design,
        plan,
        summary,
    })
}

/// Reads the batches of one thread.
struct Reading<'a> {
    routers: &'a [Router],
    tallier: ReplayTallier,
    /// Reused for each batch.
    routed: Vec<Vec<Routed>>,
}

impl Sink for Reading<'_> {
    type Output = ReplayTally;

    fn take(&mut self, batch: &Batch) {
        self.routed.resize(self.routers.len(), Vec::new());
        for (router, routed) in self.routers.iter().zip(&mut self.routed) {
            router.route(batch, routed);
        }
        self.tallier.take(batch, &self.routed);
    }

    fn finish(&mut self, segments: &[&Interner]) -> ReplayTally {
        self.tallier.finish(segments)
    }
}

/// Turns sums into facts.
struct Surveyor<'a> {
    question: &'a Question,
    ledgers: &'a Ledgers,
    design: Design,
}

impl Surveyor<'_> {
    fn sets(&self) -> BTreeMap<Place, Measured> {
        let mut sets = BTreeMap::new();
        let overall = JoinedCells::overall(self.ledgers);
        sets.insert((Vec::new(), Vec::new()), self.measured(&overall.group()));
        for (place, names) in self.question.groupings.iter().enumerate() {
            for (key, _) in self.ledgers.cases().groups(place) {
                let group = GroupCells::of(self.ledgers, place, key);
                sets.insert((names.clone(), key.clone()), self.measured(&group));
            }
        }
        sets
    }

    fn measured(&self, group: &GroupCells<'_>) -> Measured {
        let new = self.question.routes;
        let facts = self.facts(group, new);
        let other = self.question.against.map(|base| {
            let pair = Pair {
                auto: self.parts(group, (new, base), Side::Auto),
                escalated: self.parts(group, (new, base), Side::Escalated),
            };
            (self.facts(group, base), pair)
        });
        Measured { facts, other }
    }

    fn facts(&self, group: &GroupCells<'_>, routes: Routes) -> Facts {
        let splits = group.split(&self.design, |key, bin| match routes {
            Routes::Historical => split::history(key),
            Routes::New => Some(side(Course::of_bin(bin).auto)),
            Routes::Base => Some(side(Course::of_bin(bin).auto_before)),
        });
        let pricing = self.question.pricing.as_ref();
        Facts {
            splits,
            prices: pricing.map(|pricing| pricing.prices(self.ledgers)),
        }
    }

    /// The cases of one side by which of two routings puts them there.
    fn parts(&self, group: &GroupCells<'_>, (new, base): (Routes, Routes), wanted: Side) -> Parts {
        let part = |in_new: bool, in_base: bool| {
            let splits: Splits = group.split(&self.design, |key, bin| {
                let of = |routes| match routes {
                    Routes::Historical => split::history(key),
                    Routes::New => Some(side(Course::of_bin(bin).auto)),
                    Routes::Base => Some(side(Course::of_bin(bin).auto_before)),
                };
                let fits = (of(new)? == wanted) == in_new && (of(base)? == wanted) == in_base;
                fits.then_some(Side::Auto)
            });
            splits
        };
        Parts {
            common: part(true, true),
            only_new: part(true, false),
            only_base: part(false, true),
        }
    }
}

fn side(auto: bool) -> Side {
    if auto { Side::Auto } else { Side::Escalated }
}
