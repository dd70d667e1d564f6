//! Facts to states: every part of every check against its limit, its baseline, or at every look.

use std::collections::BTreeMap;

use super::answer::{Judged, Part, State};
use super::question::Question;
use super::reading::{Measured, Place, Survey};
use super::sequential::{Looks, Sight};
use crate::command::outcome::group_name;
use crate::config::{Demand, Gate, Margin};
use crate::estimate::compare::Limits;
use crate::estimate::metric::Facts;
use crate::estimate::needed;
use crate::estimate::verdict::{self, Finding, Verdict};
use crate::rate::Method;
use crate::report::count;
use crate::tally::GroupKey;

/// What new facts are compared with.
pub(super) enum Base {
    /// There is none, for this reason.
    Nothing(String),
    /// The facts of another log.
    Facts(BTreeMap<Place, Facts>),
    /// Another routing of the same cases.
    SameCases,
}

impl Base {
    /// The checks that are to be compared with it and of which it tells nothing.
    pub(super) fn lacks(&self, question: &Question, survey: &Survey) -> Vec<String> {
        let Self::Facts(base) = self else {
            return Vec::new();
        };
        let is_told = |gate: &Gate| {
            let mut places = survey.sets.keys().filter(|(names, _)| *names == gate.by);
            let limits = |facts: &Facts| facts.limits(gate.metric, question.tail);
            places.any(|place| base.get(place).and_then(limits).is_some())
        };
        let compared = question.compared();
        let missing = compared.filter(|gate| !is_told(gate));
        missing.map(|gate| gate.name.clone()).collect()
    }
}

/// Judges every check; `looks` is there where the log is looked at again and again.
pub(super) fn judge(
    question: &Question,
    survey: &Survey,
    base: &Base,
    mut looks: Option<&mut Looks>,
) -> Vec<Judged> {
    let gates = question.gates.iter();
    gates
        .map(|gate| {
            let sets: Vec<(&Place, &Measured)> = survey
                .sets
                .iter()
                .filter(|((names, _), _)| *names == gate.by)
                .collect();
            let judge = Judge {
                gate,
                base,
                tail: question.tail,
            };
            let parts = match looks.as_deref_mut() {
                Some(looks) => judge.at_every_look(&sets, looks),
                None => judge.at_one_look(&sets),
            };
            Judged {
                gate: gate.clone(),
                parts,
            }
        })
        .collect()
}

struct Judge<'a> {
    gate: &'a Gate,
    base: &'a Base,
    tail: f64,
}

impl Judge<'_> {
    fn at_one_look(&self, sets: &[(&Place, &Measured)]) -> Vec<Part> {
        let tried: Vec<(Part, Option<Finding>)> = sets
            .iter()
            .map(|(place, measured)| self.tried(place, measured))
            .collect();
        let findings: Vec<Finding> = tried.iter().filter_map(|(_, f)| f.clone()).collect();
        let family = findings.len();
        let mut verdicts = verdict::settle(&findings, self.tail).into_iter();
        let parts = tried.into_iter().zip(sets);
        parts
            .map(|((part, finding), (place, measured))| match finding {
                None => part,
                Some(finding) => {
                    let verdict = verdicts.next().unwrap_or(Verdict::Inconclusive);
                    self.settled(part, (&finding, verdict, family), (place, measured))
                }
            })
            .collect()
    }

    /// A part with what is known of it, and its finding where it can be judged.
    fn tried(&self, place: &Place, measured: &Measured) -> (Part, Option<Finding>) {
        let mut part = self.part(place, measured);
        let Measured { facts, .. } = measured;
        if part.ground.cases == 0 {
            part.reason = Some("there is no case to judge".to_owned());
            return (part, None);
        }
        let lacks_baseline = matches!(
            (self.gate.demand, self.base),
            (Demand::NotWorseBy(_), Base::Nothing(_))
        );
        if part.ground.known < self.gate.min_labels && !lacks_baseline {
            self.tell_too_few(&mut part);
            return (part, None);
        }
        let metric = self.gate.metric;
        let Demand::NotWorseBy(margin) = self.gate.demand else {
            let finding = verdict::against_limit(facts, metric, self.gate.demand, self.tail);
            part.needed = needed::for_limit(facts, metric, self.gate.demand, self.tail);
            return (part, Some(finding));
        };
        match (self.base, &measured.other) {
            (Base::Nothing(why), _) => {
                part.reason = Some(why.clone());
                (part, None)
            }
            (Base::SameCases, Some((base, pair))) => {
                part.before = base.limits(metric, self.tail);
                part.method = "swap-set";
                let finding = pair.finding(metric, margin, (facts, base), self.tail);
                part.difference = finding.limits;
                part.needed = finding.limits.and_then(|difference| {
                    let sides = (difference, part.before);
                    needed::for_pair(part.ground.known, sides, metric, margin)
                });
                (part, Some(finding))
            }
            (Base::SameCases, None) => (part, None),
            (Base::Facts(sets), _) => self.compared(part, sets.get(place), (facts, margin)),
        }
    }

    /// Notes that there are fewer labels than the check wants.
    fn tell_too_few(&self, part: &mut Part) {
        let (known, least) = (part.ground.known, self.gate.min_labels);
        part.state = State::Inconclusive;
        part.needed = Some(least.saturating_sub(known));
        part.reason = Some(format!(
            "{} labels are fewer than min_labels = {}",
            count(known),
            count(least)
        ));
    }

    fn compared(
        &self,
        mut part: Part,
        base: Option<&Facts>,
        (facts, margin): (&Facts, Margin),
    ) -> (Part, Option<Finding>) {
        let metric = self.gate.metric;
        let Some(base) = base else {
            part.reason = Some("the baseline does not hold these cases".to_owned());
            return (part, None);
        };
        let known = base.ground(metric).known;
        part.before = base.limits(metric, self.tail);
        if known < self.gate.min_labels {
            part.state = State::Inconclusive;
            part.reason = Some(format!("the baseline has {} labels only", count(known)));
            return (part, None);
        }
        let samples = facts.sample(metric).is_some() && base.sample(metric).is_some();
        part.method = if samples {
            "miettinen-nurminen"
        } else {
            "mover"
        };
        let finding = verdict::against_baseline((facts, base), metric, margin, self.tail);
        part.difference = finding.limits;
        part.needed = needed::for_baseline((facts, base), metric, margin, self.tail);
        (part, Some(finding))
    }

    /// The part with its verdict, and why where the numbers do not say it.
    fn settled(
        &self,
        mut part: Part,
        (finding, verdict, family): (&Finding, Verdict, usize),
        (place, _): (&Place, &Measured),
    ) -> Part {
        part.state = match verdict {
            Verdict::Pass => State::Pass,
            Verdict::Fail => State::Fail,
            Verdict::Inconclusive => State::Inconclusive,
        };
        if part.state != State::Inconclusive {
            part.needed = None;
            return part;
        }
        if finding.limits.is_none() {
            let whole = part.ground.known == 0;
            part.reason = Some(if whole {
                "unsupported: none of the cases carries a label".to_owned()
            } else if part.now.is_some() && part.before.is_none() {
                "unsupported: the baseline does not tell this metric, or lacks labels for it"
                    .to_owned()
            } else {
                "unsupported: a part of the cases has no labels at all".to_owned()
            });
            part.needed = part.needed.filter(|_| whole);
        } else if finding.p <= self.tail {
            part.needed = None;
            part.reason = Some(format!(
                "{} alone would have failed, but not among {} that are looked at together (Holm)",
                group_name(&place.1),
                count(family as u64)
            ));
        } else if self.is_shown_worse(part.difference) {
            part.needed = None;
            part.reason = Some(
                "its limits alone would have failed, but not the exact test: the errors are too few"
                    .to_owned(),
            );
        }
        part
    }

    /// Whether the limits of a difference leave only worse ones.
    fn is_shown_worse(&self, difference: Option<Limits>) -> bool {
        difference.is_some_and(|difference| {
            if self.gate.metric.is_better_high() {
                difference.high < 0.0
            } else {
                difference.low > 0.0
            }
        })
    }

    fn part(&self, (_, values): &Place, measured: &Measured) -> Part {
        let metric = self.gate.metric;
        let ground = measured.facts.ground(metric);
        Part {
            values: values.clone(),
            state: State::NotJudged,
            reason: None,
            now: measured.facts.limits(metric, self.tail),
            before: None,
            difference: None,
            needed: None,
            method: match ground.method {
                Some(Method::ClopperPearson) => "clopper-pearson",
                Some(Method::FayFeuer | Method::Bonferroni) => "fay-feuer",
                Some(Method::Manski) | None => "none",
            },
            ground,
        }
    }

    fn at_every_look(&self, sets: &[(&Place, &Measured)], looks: &mut Looks) -> Vec<Part> {
        let present: Vec<&GroupKey> = sets.iter().map(|((_, values), _)| values).collect();
        let gone = looks.failed_beside(self.gate, &present);
        let looked = sets.iter().map(|(place, measured)| {
            let failed = looks.has_failed(self.gate, &place.1);
            let mut part = self.part(place, measured);
            if let Some((state, reason)) = self.unseen(&part, measured) {
                part.state = state;
                part.reason = Some(reason);
            } else if part.ground.known < self.gate.min_labels {
                // What is not judged is not looked at: the state neither warns nor remembers.
                self.tell_too_few(&mut part);
            } else {
                self.look(&mut part, (measured, sets.len()), looks);
            }
            keep_failure(&mut part, failed);
            part
        });
        let mut parts: Vec<Part> = looked.collect();
        parts.extend(gone.into_iter().map(|values| {
            let mut part = self.part(&(self.gate.by.clone(), values), &Measured::default());
            part.reason = Some("there is no such case any more".to_owned());
            keep_failure(&mut part, true);
            part
        }));
        parts
    }

    /// Why a part cannot be looked at again and again, where it cannot.
    fn unseen(&self, part: &Part, measured: &Measured) -> Option<(State, String)> {
        let (state, reason) = if part.ground.cases == 0 {
            (State::NotJudged, "there is no case to judge")
        } else if matches!(self.gate.demand, Demand::NotWorseBy(_)) {
            (
                State::NotJudged,
                "--sequential judges limits, not comparisons",
            )
        } else if measured.facts.sample(self.gate.metric).is_some() {
            return None;
        } else if part.ground.known == 0 {
            (State::Inconclusive, "none of the cases carries a label")
        } else {
            let reason = "its labels are no plain sample, so there is no evidence for every look";
            (State::Inconclusive, reason)
        };
        Some((state, reason.to_owned()))
    }

    /// One look at a part whose labels are a plain sample.
    fn look(&self, part: &mut Part, (measured, family): (&Measured, usize), looks: &mut Looks) {
        let Some(sample) = measured.facts.sample(self.gate.metric) else {
            return;
        };
        let at = Sight {
            counts: sample,
            labels: part.ground.known,
            family,
        };
        let seen = looks.look(self.gate, &part.values, at, self.tail);
        part.method = "e-process";
        part.now = part.now.map(|now| Limits {
            low: seen.low,
            high: seen.high,
            ..now
        });
        part.state = match seen.verdict {
            Verdict::Pass => State::Pass,
            Verdict::Fail => State::Fail,
            Verdict::Inconclusive => State::Inconclusive,
        };
        part.reason = seen.reason;
        part.needed = seen.needed;
    }
}

/// A failure that an earlier look has shown stays one, whatever can be told now.
fn keep_failure(part: &mut Part, failed: bool) {
    if !failed || part.state == State::Fail {
        return;
    }
    part.state = State::Fail;
    part.needed = None;
    let shown = "an earlier look showed a breach";
    part.reason = Some(match &part.reason {
        Some(now) => format!("{shown}; now {now}"),
        None => shown.to_owned(),
    });
}
