//! Sums to an answer: what each policy comes to, as a whole, by rule, by pattern and by segment,
//! and which cases it moves.

use std::num::NonZeroU32;

use super::question::Question;
use super::reading::{Found, Seen};
use super::swap::Swap;
use super::waiting::{self, Team, Waiting};
use crate::command::outcome::Shown;
use crate::config::Role;
use crate::error::Failure;
use crate::estimate::cost::{Fate, Prices};
use crate::estimate::curve::{Outcome, Reckoning};
use crate::estimate::money::{Class, ErrorSums, Unit};
use crate::estimate::rates;
use crate::estimate::split::{GroupCells, JoinedCells, Side, Splits};
use crate::log::Plan;
use crate::policy::{Pattern, Policy, Treatment};
use crate::rate::{Duration, Level};
use crate::tally::{Course, Design, GroupKey, Ledgers};

/// Seconds in an hour.
const HOUR: f64 = 3600.0;
/// The pattern with reviews after the action.
const POST_ACTION: &str = "post-action";

/// The answer, before it is put into words.
pub(in crate::command) struct Replay {
    pub(in crate::command) level: Level,
    pub(in crate::command) top: usize,
    pub(in crate::command) shown: Shown,
    pub(in crate::command) design: Design,
    pub(in crate::command) cases: u64,
    pub(in crate::command) labelled: u64,
    pub(in crate::command) actual: Option<Standing>,
    pub(in crate::command) policies: Vec<Answer>,
    /// The policy that the others are compared with; `None` for what really happened.
    pub(in crate::command) against: Option<String>,
    pub(in crate::command) groupings: Vec<Vec<String>>,
    /// What was taken for granted.
    pub(in crate::command) assumptions: Vec<String>,
    pub(in crate::command) doubts: Vec<String>,
    /// Whether the policies are one in three patterns.
    pub(in crate::command) compares_patterns: bool,
    pub(in crate::command) deadline: Option<Duration>,
    pub(in crate::command) reviewers: Option<u32>,
}

/// What a routing comes to.
pub(in crate::command) struct Standing {
    pub(in crate::command) outcome: Outcome,
    /// Hours of review work, where times are known.
    pub(in crate::command) review_hours: Option<f64>,
    pub(in crate::command) waiting: Option<Waiting>,
}

/// What a policy comes to.
pub(in crate::command) struct Answer {
    pub(in crate::command) policy: Policy,
    pub(in crate::command) standing: Standing,
    pub(in crate::command) rules: Vec<RuleAnswer>,
    pub(in crate::command) patterns: Vec<PatternAnswer>,
    /// By grouping, the largest segments first.
    pub(in crate::command) segments: Vec<Vec<SegmentAnswer>>,
    pub(in crate::command) swap: Option<Swap>,
}

pub(in crate::command) struct RuleAnswer {
    pub(in crate::command) name: String,
    pub(in crate::command) when: Option<String>,
    pub(in crate::command) treatment: Treatment,
    pub(in crate::command) outcome: Outcome,
    pub(in crate::command) swap: Option<Swap>,
}

pub(in crate::command) struct SegmentAnswer {
    pub(in crate::command) values: GroupKey,
    pub(in crate::command) outcome: Outcome,
    /// What really happened to the same cases.
    pub(in crate::command) actual: Option<Outcome>,
    pub(in crate::command) swap: Option<Swap>,
}

/// The cases of all rules of one pattern.
pub(in crate::command) struct PatternAnswer {
    pub(in crate::command) pattern: &'static str,
    pub(in crate::command) outcome: Outcome,
    pub(in crate::command) afterwards: Option<AfterwardsAnswer>,
}

/// What reviews after the action come to. Numbers of cases, estimated.
pub(in crate::command) struct AfterwardsAnswer {
    /// Auto-approved cases that are looked at.
    pub(in crate::command) reviewed: f64,
    /// The share of these reviews that ends within the window; `None` without any.
    pub(in crate::command) in_window: Option<f64>,
    pub(in crate::command) corrected: Option<[f64; 3]>,
    /// Errors that do harm: estimate, low, high.
    pub(in crate::command) harmful: Option<[f64; 3]>,
}

/// Turns sums into an answer.
pub(in crate::command) struct Reckoner<'a> {
    pub(in crate::command) question: &'a Question,
    pub(in crate::command) has_route: bool,
    pub(in crate::command) has_value: bool,
}

/// What is known of one policy while it is reckoned.
struct Current<'a> {
    reckoning: Reckoning<'a>,
    prices: Option<Prices>,
    treatments: Vec<Treatment>,
    /// For each rule, the share of its reviews after the action that end within the window.
    in_window: Vec<Option<f64>>,
}

impl<'a> Reckoner<'a> {
    pub(in crate::command) fn new(question: &'a Question, plan: &Plan) -> Self {
        Self {
            question,
            has_route: plan.has(Role::Escalated),
            has_value: plan.has(Role::Value),
        }
    }

    pub(in crate::command) fn replay(&self, found: Found) -> Result<Replay, Failure> {
        let empty = Ledgers::new(0);
        let ledgers = found.tally.policies();
        let first = ledgers.first().unwrap_or(&empty);
        let counts = first.cases().counts();
        let design = Design::of(&first.cases().overall());
        let prices = self.question.pricing.as_ref();
        let prices = prices.map(|pricing| pricing.prices(first));
        let reckoning = Reckoning {
            design: &design,
            level: self.question.level,
            has_value: self.has_value,
            prices: prices.as_ref().filter(|_| self.question.has_costs),
        };
        let team = self.team(prices.as_ref());
        let dated = waiting::are_dates(&found.seen);
        let mut seen = found.seen.into_iter();
        let history = seen.next().unwrap_or_default();
        let actual = self.actual(first, (&reckoning, prices), (&team, history))?;
        let mut policies = Vec::new();
        for (policy, ledgers) in self.question.policies.iter().zip(ledgers) {
            let waiting = match &team {
                Ok(team) => team.waiting(seen.next().unwrap_or_default(), Some(policy))?,
                Err(_) => None,
            };
            policies.push(self.answer(policy, ledgers, (reckoning, prices), waiting));
        }
        let mut assumptions = self.assumptions(&team);
        if team.is_ok() && dated {
            assumptions.push(
                "the log's times are days without hours: every case arrives at midnight UTC, so \
                 waiting times are only rough"
                    .to_owned(),
            );
        }
        let reviewers = self.question.reviewers.as_ref();
        Ok(Replay {
            level: self.question.level,
            top: self.question.top,
            shown: Shown {
                value: self.has_value,
                cost: self.question.has_costs,
            },
            cases: counts.cases(),
            labelled: counts.labelled(),
            actual,
            policies,
            against: self
                .question
                .apart
                .against
                .and_then(|place| self.question.policies.get(place))
                .map(|policy| policy.name.clone()),
            groupings: self.question.groupings.clone(),
            assumptions,
            doubts: Vec::new(),
            compares_patterns: self.question.compares_patterns,
            deadline: reviewers.and_then(|(reviewers, _)| reviewers.deadline()),
            reviewers: team
                .is_ok()
                .then(|| reviewers.map(|(r, _)| r.count))
                .flatten(),
            design,
        })
    }

    /// The reviewers, or why there is no queue.
    fn team(&self, prices: Option<&Prices>) -> Result<Team<'a>, &'static str> {
        let Some((reviewers, hours)) = &self.question.reviewers else {
            return Err("no [reviewers] are stated in gonogo.toml");
        };
        if self.question.queue_places.is_none() {
            return Err("the role `time` is not mapped");
        }
        let seconds = prices.and_then(|prices| prices.seconds);
        let seconds = seconds.ok_or(
            "neither the log nor [reviewers] `minutes_per_case` says how long a review takes",
        )?;
        Ok(Team {
            reviewers,
            hours: hours.clone(),
            count: NonZeroU32::new(reviewers.count).unwrap_or(NonZeroU32::MIN),
            seconds,
        })
    }

    fn assumptions(&self, team: &Result<Team<'a>, &'static str>) -> Vec<String> {
        let treatments = || self.question.policies.iter().flat_map(Policy::treatments);
        let after = treatments().any(|t| matches!(t.pattern, Pattern::PostAction(_)));
        let mut assumptions = Vec::new();
        match team {
            Err(why) if self.question.reviewers.is_some() => {
                assumptions.push(format!("no queue is simulated: {why}"));
            }
            Ok(_) | Err(_) => {}
        }
        if let (true, Err(why)) = (after, team) {
            assumptions.push(format!(
                "assumption: every review after the action ends within its window ({why})"
            ));
        }
        assumptions
    }

    fn actual(
        &self,
        ledgers: &Ledgers,
        (reckoning, prices): (&Reckoning<'_>, Option<Prices>),
        (team, seen): (&Result<Team<'_>, &'static str>, Vec<Seen>),
    ) -> Result<Option<Standing>, Failure> {
        if !self.has_route {
            return Ok(None);
        }
        let overall = JoinedCells::overall(ledgers);
        let Some(splits) = overall.group().by_history(reckoning.design) else {
            return Ok(None);
        };
        let seconds = prices.and_then(|prices| prices.review_seconds(&splits, &[]));
        Ok(Some(Standing {
            outcome: reckoning.outcome(&splits),
            review_hours: seconds.map(|seconds| seconds / HOUR),
            waiting: match team {
                Ok(team) => team.waiting(seen, None)?,
                Err(_) => None,
            },
        }))
    }

    fn answer(
        &self,
        policy: &Policy,
        ledgers: &Ledgers,
        (reckoning, prices): (Reckoning<'_>, Option<Prices>),
        waiting: Option<Waiting>,
    ) -> Answer {
        let in_window = waiting.as_ref().map(|waiting| waiting.in_window.clone());
        let current = Current {
            reckoning,
            prices,
            treatments: policy.treatments().cloned().collect(),
            in_window: in_window.unwrap_or_default(),
        };
        let overall = JoinedCells::overall(ledgers);
        let group = overall.group();
        let (outcome, seconds) = self.outcome(&current, &group, |_| true);
        let whens = policy.rules.iter().map(|rule| Some(rule.when.clone()));
        let names = policy.rule_names().zip(whens.chain([None]));
        let rules = names.zip(&current.treatments).enumerate();
        let rules = rules.map(|(place, ((name, when), treatment))| {
            let is_own = |course: &Course| course.rule as usize == place;
            RuleAnswer {
                name: name.to_owned(),
                when,
                treatment: treatment.clone(),
                outcome: self.outcome(&current, &group, is_own).0,
                swap: self.swap(current.reckoning.design, &group, is_own),
            }
        });
        Answer {
            policy: policy.clone(),
            rules: rules.collect(),
            patterns: self.patterns(&current, &group),
            segments: (0..self.question.groupings.len())
                .map(|place| self.segments(&current, ledgers, place))
                .collect(),
            swap: self.swap(current.reckoning.design, &group, |_| true),
            standing: Standing {
                outcome,
                review_hours: seconds.map(|seconds| seconds / HOUR),
                waiting,
            },
        }
    }

    /// The outcome of the cases of some courses, and the seconds of review work that they take.
    fn outcome(
        &self,
        current: &Current<'_>,
        group: &GroupCells<'_>,
        is_own: impl Fn(&Course) -> bool,
    ) -> (Outcome, Option<f64>) {
        let splits = routed(current, group, &is_own);
        let fates = self.fates(current, group, &is_own);
        // The cost depends on what happens after the action, so it is reckoned here alone.
        let uncosted = Reckoning {
            prices: None,
            ..current.reckoning
        };
        let costed = current.reckoning.prices;
        let outcome = Outcome {
            cost: costed.map(|prices| prices.cost_of(&splits, &fates, self.question.level)),
            ..uncosted.outcome(&splits)
        };
        let prices = current.prices;
        let seconds = prices.and_then(|prices| prices.review_seconds(&splits, &fates));
        (outcome, seconds)
    }

    /// The auto-approved cases in parts of a common fate.
    fn fates(
        &self,
        current: &Current<'_>,
        group: &GroupCells<'_>,
        is_own: &impl Fn(&Course) -> bool,
    ) -> Vec<Fate> {
        let is_after = |course: &Course| current.afterwards(course.rule as usize).is_some();
        let mut fates = vec![Fate {
            reviewed: 0.0,
            corrected: 0.0,
            splits: routed(current, group, &|course: &Course| {
                is_own(course) && !is_after(course)
            }),
        }];
        for rule in 0..current.treatments.len() {
            let Some((share, in_window)) = current.afterwards(rule) else {
                continue;
            };
            for (irreversible, corrected) in [(false, share * in_window), (true, 0.0)] {
                fates.push(Fate {
                    reviewed: share,
                    corrected,
                    splits: routed(current, group, &|course: &Course| {
                        is_own(course)
                            && course.rule as usize == rule
                            && course.irreversible == irreversible
                    }),
                });
            }
        }
        fates
    }

    fn patterns(&self, current: &Current<'_>, group: &GroupCells<'_>) -> Vec<PatternAnswer> {
        let mut keys: Vec<&'static str> = Vec::new();
        for treatment in &current.treatments {
            if !keys.contains(&treatment.pattern.key()) {
                keys.push(treatment.pattern.key());
            }
        }
        let answer = |pattern: &'static str| {
            let is_own = |course: &Course| {
                let treatment = current.treatments.get(course.rule as usize);
                treatment.is_some_and(|treatment| treatment.pattern.key() == pattern)
            };
            let fates = self.fates(current, group, &is_own);
            PatternAnswer {
                pattern,
                outcome: self.outcome(current, group, is_own).0,
                afterwards: (pattern == POST_ACTION)
                    .then(|| self.afterwards(current, group, &fates)),
            }
        };
        keys.into_iter().map(answer).collect()
    }

    /// What the reviews after the action come to.
    fn afterwards(
        &self,
        current: &Current<'_>,
        group: &GroupCells<'_>,
        fates: &[Fate],
    ) -> AfterwardsAnswer {
        let rules = (0..current.treatments.len()).filter_map(|rule| {
            let (share, in_window) = current.afterwards(rule)?;
            let own = routed(current, group, &|course: &Course| {
                course.rule as usize == rule
            });
            let cases = rates::cases(&own.cases().auto);
            Some((share * cases as f64, in_window))
        });
        let (reviewed, in_time) = rules.fold((0.0, 0.0), |(reviewed, in_time), (cases, share)| {
            (reviewed + cases, in_time + cases * share)
        });
        let count = |factor: fn(&Fate) -> f64| {
            let classes = fates.iter().map(|fate| Class {
                factor: factor(fate),
                cells: fate.splits.cases().auto,
            });
            let sums = ErrorSums::of(&classes.collect::<Vec<_>>(), Unit::Cases);
            let limits = sums.limits(self.question.level.tail());
            limits.map(|(estimate, low, high)| [estimate, low, high])
        };
        AfterwardsAnswer {
            reviewed,
            in_window: (reviewed > 0.0).then(|| in_time / reviewed),
            corrected: count(|fate| fate.corrected),
            harmful: count(Fate::harmful),
        }
    }

    fn segments(
        &self,
        current: &Current<'_>,
        ledgers: &Ledgers,
        place: usize,
    ) -> Vec<SegmentAnswer> {
        let groups = ledgers.cases().groups(place);
        let mut answers: Vec<SegmentAnswer> = groups
            .map(|(key, _)| {
                let group = GroupCells::of(ledgers, place, key);
                SegmentAnswer {
                    values: key.clone(),
                    outcome: self.outcome(current, &group, |_| true).0,
                    actual: current.reckoning.actual(&group).filter(|_| self.has_route),
                    swap: self.swap(current.reckoning.design, &group, |_| true),
                }
            })
            .collect();
        answers.sort_by(|a, b| {
            let cases = |answer: &SegmentAnswer| answer.outcome.cases;
            cases(b)
                .cmp(&cases(a))
                .then_with(|| a.values.cmp(&b.values))
        });
        answers
    }
}

impl Current<'_> {
    /// The share reviewed after the action and the share of these reviews that is in time, for a
    /// rule of that pattern.
    fn afterwards(&self, rule: usize) -> Option<(f64, f64)> {
        match self.treatments.get(rule)?.pattern {
            Pattern::PostAction(after) => {
                let in_window = self.in_window.get(rule).copied().flatten();
                Some((after.share, in_window.unwrap_or(1.0)))
            }
            Pattern::PreAction | Pattern::ExceptionOnly => None,
        }
    }
}

pub(in crate::command) fn side(auto: bool) -> Side {
    if auto { Side::Auto } else { Side::Escalated }
}

/// The cases of some courses as the policy splits them.
fn routed(
    current: &Current<'_>,
    group: &GroupCells<'_>,
    is_own: &impl Fn(&Course) -> bool,
) -> Splits {
    group.split(current.reckoning.design, |_, bin| {
        let course = Course::of_bin(bin);
        is_own(&course).then(|| side(course.auto))
    })
}
