//! One pass over the log for all policies: sums, the cases that a policy moves, and those that
//! reach a reviewer.

use crate::log::{Batch, Interner, Route, Sink};
use crate::policy::{Pattern, Routed, Router};
use crate::tally::{Apart, ReplayTallier, ReplayTally};

/// Where the plan holds what the queue needs: places among its numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::command) struct QueuePlaces {
    pub(in crate::command) seconds: Option<usize>,
    pub(in crate::command) priority: Option<usize>,
}

/// A case that a human looks at under a policy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::command) struct Seen {
    /// Microseconds since the epoch.
    pub(in crate::command) time: i64,
    /// What the review took; NaN where nobody knows.
    pub(in crate::command) seconds: f64,
    /// NaN where there is none.
    pub(in crate::command) priority: f64,
    pub(in crate::command) rule: u32,
    /// Whether the AI has acted already: only a share of these is looked at.
    pub(in crate::command) afterwards: bool,
}

/// A case whose route a policy changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::command) struct Moved {
    pub(in crate::command) policy: usize,
    pub(in crate::command) id: String,
    pub(in crate::command) to_auto: bool,
    pub(in crate::command) rule: u32,
}

/// What a pass finds.
#[derive(Debug)]
pub(in crate::command) struct Found {
    pub(in crate::command) tally: ReplayTally,
    pub(in crate::command) moved: Vec<Moved>,
    /// By history, then by policy; empty where no queue is asked for.
    pub(in crate::command) seen: Vec<Vec<Seen>>,
}

/// Reads the batches of one thread.
pub(in crate::command) struct Reading<'a> {
    pub(in crate::command) routers: &'a [Router],
    pub(in crate::command) tallier: ReplayTallier,
    pub(in crate::command) apart: Apart,
    /// Present where moved cases are wanted: ids are the plan's first text.
    pub(in crate::command) wants_moved: bool,
    pub(in crate::command) queue: Option<QueuePlaces>,
    pub(in crate::command) moved: Vec<Moved>,
    pub(in crate::command) seen: Vec<Vec<Seen>>,
    /// Reused for each batch: what each policy does with each case.
    pub(in crate::command) routed: Vec<Vec<Routed>>,
}

impl Sink for Reading<'_> {
    type Output = Found;

    fn take(&mut self, batch: &Batch) {
        self.routed.resize(self.routers.len(), Vec::new());
        for (router, routed) in self.routers.iter().zip(&mut self.routed) {
            router.route(batch, routed);
        }
        self.tallier.take(batch, &self.routed);
        if self.wants_moved {
            self.note_moved(batch);
        }
        if let Some(places) = self.queue {
            self.note_seen(batch, places);
        }
    }

    fn finish(&mut self, segments: &[&Interner]) -> Found {
        Found {
            tally: self.tallier.finish(segments),
            moved: std::mem::take(&mut self.moved),
            seen: std::mem::take(&mut self.seen),
        }
    }
}

impl Reading<'_> {
    fn note_moved(&mut self, batch: &Batch) {
        let against = self.apart.against;
        let before = against.and_then(|place| self.routed.get(place));
        for (policy, routed) in self.routed.iter().enumerate() {
            for (row, routed) in routed.iter().enumerate() {
                let was_auto = match (before, batch.route().get(row)) {
                    (Some(before), _) => before.get(row).map(|routed| routed.auto),
                    (None, Some(Route::Auto)) => Some(true),
                    (None, Some(Route::Escalated)) => Some(false),
                    (None, Some(Route::Unknown) | None) => None,
                };
                if was_auto.is_none_or(|was_auto| was_auto == routed.auto) {
                    continue;
                }
                let id = batch.texts().first().and_then(|ids| ids.get(row));
                self.moved.push(Moved {
                    policy,
                    id: id.unwrap_or_default().to_owned(),
                    to_auto: routed.auto,
                    rule: routed.rule,
                });
            }
        }
    }

    fn note_seen(&mut self, batch: &Batch, places: QueuePlaces) {
        self.seen.resize(self.routers.len() + 1, Vec::new());
        let number = |place: Option<usize>, row: usize| {
            let numbers = place.and_then(|place| batch.numbers().get(place));
            numbers
                .and_then(|n| n.get(row))
                .copied()
                .unwrap_or(f64::NAN)
        };
        let case = |row: usize, time: i64| Seen {
            time,
            seconds: number(places.seconds, row),
            priority: number(places.priority, row),
            rule: 0,
            afterwards: false,
        };
        let Some((history, policies)) = self.seen.split_first_mut() else {
            return;
        };
        for (row, time) in batch.time().iter().enumerate() {
            if batch.route().get(row) == Some(&Route::Escalated) {
                history.push(case(row, *time));
            }
        }
        let routes = self.routers.iter().zip(&self.routed);
        for (seen, (router, routed)) in policies.iter_mut().zip(routes) {
            for ((row, time), routed) in batch.time().iter().enumerate().zip(routed) {
                let afterwards = routed.auto
                    && router.treatment(routed.rule).is_some_and(|treatment| {
                        matches!(treatment.pattern, Pattern::PostAction(_))
                    });
                if !routed.auto || afterwards {
                    seen.push(Seen {
                        rule: routed.rule,
                        afterwards,
                        ..case(row, *time)
                    });
                }
            }
        }
    }
}
