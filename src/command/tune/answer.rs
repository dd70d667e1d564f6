//! The answer: which threshold, for all cases or for each segment, what is promised of it and what
//! it costs reviewers.

use super::capacity::{Capacity, Daily, Load};
use super::expense::{self, Expense};
use super::hearing::{Court, Hearing};
use super::question::{Question, Weights};
use super::read::Reading;
use crate::command::outcome::group_name;
use crate::estimate::cost::Cost;
use crate::estimate::{certificate, stratified};
use crate::rate::Threshold;
use crate::tally::{Cells, Days, GroupKey, counts_of};

/// Decimals up to which all thresholds are written alike.
const MOST_ALIGNED: usize = 3;

/// Which threshold, and what stands behind it.
pub(super) struct Answer {
    pub(super) thresholds: Vec<Threshold>,
    pub(super) cases: u64,
    pub(super) labelled: u64,
    /// All cases together.
    pub(super) pooled: Hearing,
    /// The threshold of all cases together.
    pub(super) choice: Choice,
    /// The largest first.
    pub(super) groups: Vec<Group>,
    /// What the answer escalates: by segment where there are segments.
    pub(super) load: Load,
    pub(super) capacity: Option<Capacity>,
    /// Where the least cost is asked for.
    pub(super) expense: Option<Expense>,
}

/// A threshold, and what it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Its error rate is promised.
    Certified(usize),
    /// It meets what was asked; no error rate is promised.
    Uncertified(usize),
    /// The pooled threshold, without a promise for this segment.
    Inherited(usize),
    /// Everything is escalated.
    None,
}

impl Choice {
    pub(super) fn candidate(self) -> Option<usize> {
        match self {
            Self::Certified(candidate)
            | Self::Uncertified(candidate)
            | Self::Inherited(candidate) => Some(candidate),
            Self::None => None,
        }
    }
}

/// One segment's part of the answer.
pub(super) struct Group {
    pub(super) values: GroupKey,
    /// Its part of the doubt.
    pub(super) weight: f64,
    pub(super) hearing: Hearing,
    pub(super) choice: Choice,
}

/// A segment at the pooled threshold.
pub(super) struct Worst<'a> {
    pub(super) group: &'a Group,
    pub(super) estimate: f64,
    /// At the segment's part of the doubt.
    pub(super) upper: f64,
}

impl Group {
    /// The group's values as one text.
    pub(super) fn name(&self) -> String {
        group_name(&self.values)
    }

    /// Error rate and upper bound, at this segment's part of the doubt, at any candidate.
    pub(super) fn at(&self, candidate: usize) -> Option<(f64, f64)> {
        let strata = self.hearing.grounds.get(candidate)?.as_ref().ok()?;
        let doubt = self.hearing.promise?.doubt();
        Some((stratified::rate(strata)?, certificate::bound(strata, doubt)))
    }
}

impl Answer {
    /// The text of a candidate threshold as a person would write it.
    pub(super) fn text(&self, candidate: usize) -> String {
        let threshold = self.thresholds.get(candidate).map(Threshold::trimmed);
        threshold.map_or_else(String::new, |threshold| threshold.text().to_owned())
    }

    /// The text of a candidate threshold in a column of them.
    pub(super) fn aligned(&self, candidate: usize) -> &str {
        self.thresholds.get(candidate).map_or("", Threshold::text)
    }

    pub(super) fn value(&self, candidate: usize) -> Option<f64> {
        self.thresholds.get(candidate).map(Threshold::value)
    }

    /// The expected cost of a candidate for all cases.
    pub(super) fn cost(&self, candidate: usize) -> Option<&Cost> {
        self.pooled.points.get(candidate)?.cost.as_ref()
    }

    /// The segment with the largest bound at the pooled threshold, its error rate and its bound;
    /// and how many segments have no bound there.
    pub(super) fn worst(&self) -> Option<(Option<Worst<'_>>, usize)> {
        let candidate = self.choice.candidate()?;
        // A segment without auto-approved cases has nothing that could be bad.
        let judged: Vec<&Group> = self
            .groups
            .iter()
            .filter(|group| {
                let point = group.hearing.points.get(candidate);
                point.is_some_and(|point| point.auto_approved() > 0)
            })
            .collect();
        let bounded = judged.iter().filter_map(|group| {
            let (estimate, upper) = group.at(candidate)?;
            Some(Worst {
                group,
                estimate,
                upper,
            })
        });
        let bounded: Vec<Worst<'_>> = bounded.collect();
        let without = judged.len() - bounded.len();
        let worst = bounded
            .into_iter()
            .max_by(|a, b| a.upper.total_cmp(&b.upper));
        (worst.is_some() || without > 0).then_some((worst, without))
    }
}

/// Works the answer out.
pub(super) fn find(question: &Question, log: &Reading, older: Option<&Reading>) -> Answer {
    let grid = question.grid.thresholds();
    // Bin b holds the scores that meet b thresholds.
    let cuts: Vec<u64> = (1..=grid.len() as u64).collect();
    let court = Court {
        question,
        design: &log.design,
        cuts: &cuts,
        prices: log.prices.as_ref(),
    };
    let older_all = older.map(|older| (older.overall.group(), &older.design));
    let older_all = older_all.as_ref().map(|(group, design)| (group, *design));
    let pooled = court.hear(&log.overall.group(), older_all, 1.0);
    let counts = log.tally.counts();
    let mut answer = Answer {
        thresholds: aligned(grid),
        cases: counts.cases(),
        labelled: counts.labelled(),
        choice: Choice::None,
        load: Load::new(counts.cases(), counts.cases(), None),
        groups: Vec::new(),
        capacity: None,
        expense: question
            .min_cost
            .then(|| Expense::of(&pooled, question, log)),
        pooled,
    };
    if question.limits.any() {
        let days = log.days.as_ref().map(Days::pooled);
        let load = |candidate: usize| {
            let loads = days.as_ref().map(|days| days.escalated(|_| bin(candidate)));
            let daily = loads.and_then(|loads| Daily::of(loads, question.limits.peak));
            Load::new(
                escalated(&answer.pooled, Some(candidate)),
                answer.cases,
                daily,
            )
        };
        answer.capacity = Some(Capacity {
            limits: question.limits,
            cases: answer.cases,
            loads: (0..cuts.len()).map(load).collect(),
        });
    }
    answer.choice = answer.choose(question);
    if !question.by.is_empty() {
        answer.groups = groups(&court, log, older, answer.choice);
    }
    answer.load = answer.load(question, log);
    answer
}

impl Answer {
    /// What may be promised, of that what reviewers can bear, of that the cheapest; where no cost
    /// counts the loosest certified threshold, or without a promise the strictest that reviewers
    /// can bear. If nothing certified is bearable the certificate is kept and the capacity is not.
    fn choose(&self, question: &Question) -> Choice {
        let fits = |candidate: &usize| {
            let capacity = self.capacity.as_ref();
            capacity.is_none_or(|capacity| {
                let load = capacity.loads.get(*candidate);
                load.is_some_and(|load| capacity.fits(load))
            })
        };
        if question.promise.is_some() {
            let certified = self.pooled.all_certified();
            let bearable: Vec<usize> = certified.iter().copied().filter(fits).collect();
            let pool = if bearable.is_empty() {
                &certified
            } else {
                &bearable
            };
            return best(&self.pooled, pool, question).map_or(Choice::None, Choice::Certified);
        }
        let bearable: Vec<usize> = (0..self.thresholds.len()).filter(fits).collect();
        let chosen = if question.min_cost {
            expense::cheapest(&self.pooled, &bearable)
        } else {
            bearable.last().copied()
        };
        chosen.map_or(Choice::None, Choice::Uncertified)
    }

    /// The candidate that a group's cases meet.
    fn candidate_of(&self, values: &GroupKey) -> Option<usize> {
        let group = self.groups.iter().find(|group| group.values == *values);
        group.map_or(self.choice, |group| group.choice).candidate()
    }

    /// What the answer escalates.
    fn load(&self, question: &Question, log: &Reading) -> Load {
        let escalated = if self.groups.is_empty() {
            escalated(&self.pooled, self.choice.candidate())
        } else {
            let groups = self.groups.iter();
            let of_group = |group: &Group| escalated(&group.hearing, group.choice.candidate());
            groups.map(of_group).sum()
        };
        let daily = log.days.as_ref().and_then(|days| {
            let loads = days.escalated(|values| bin(self.candidate_of(values)?));
            Daily::of(loads, question.limits.peak)
        });
        Load::new(escalated, self.cases, daily)
    }
}

/// The lowest bin that a candidate auto-approves: bin b holds the scores that meet b thresholds.
fn bin(candidate: usize) -> Option<u64> {
    Some(candidate as u64 + 1)
}

/// The thresholds, all written with as many decimals as the one that needs most.
fn aligned(grid: &[Threshold]) -> Vec<Threshold> {
    let trimmed: Vec<Threshold> = grid.iter().map(Threshold::trimmed).collect();
    let decimals = trimmed.iter().map(Threshold::decimals).max().unwrap_or(0);
    let pad = |threshold: &Threshold| threshold.padded(decimals.min(MOST_ALIGNED));
    trimmed.iter().map(pad).collect()
}

fn escalated(hearing: &Hearing, candidate: Option<usize>) -> u64 {
    let point = candidate.and_then(|candidate| hearing.points.get(candidate));
    point.map_or(hearing.cases, |point| point.escalated)
}

/// Hears every segment with its part of the doubt.
fn groups(court: &Court<'_>, log: &Reading, older: Option<&Reading>, pooled: Choice) -> Vec<Group> {
    let question = court.question;
    let total = log.tally.counts().cases() as f64;
    let number = log.groups().count() as f64;
    let hear = |(values, cells): (&GroupKey, &Cells)| {
        let weight = match question.weights {
            Weights::Equal => 1.0 / number,
            Weights::Volume => counts_of(cells).cases() as f64 / total,
        };
        let older = older.map(|older| (older.group(values), &older.design));
        let older = older.as_ref().map(|(group, design)| (group, *design));
        let hearing = court.hear(&log.group(values), older, weight);
        let certified = best(&hearing, &hearing.all_certified(), question);
        let choice = match (certified, pooled.candidate()) {
            (Some(candidate), _) => Choice::Certified(candidate),
            (None, Some(candidate)) if question.inherit => Choice::Inherited(candidate),
            (None, _) => Choice::None,
        };
        Group {
            values: values.clone(),
            weight,
            hearing,
            choice,
        }
    };
    let mut groups: Vec<Group> = log.groups().map(hear).collect();
    groups.sort_by(|a, b| {
        let by_size = b.hearing.cases.cmp(&a.hearing.cases);
        by_size.then_with(|| a.values.cmp(&b.values))
    });
    groups
}

/// The best of certified candidates: the cheapest where cost counts, else the loosest.
fn best(hearing: &Hearing, certified: &[usize], question: &Question) -> Option<usize> {
    if question.min_cost {
        return expense::cheapest(hearing, certified);
    }
    let loosest = hearing.certified()?.candidate;
    certified
        .contains(&loosest)
        .then_some(loosest)
        .or_else(|| certified.first().copied())
}
