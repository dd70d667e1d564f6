//! The guesses: for each role the column that fits best, with the reason in words. A role for which
//! nothing fits stays open. Order matters: a column that has a role is not guessed again.

use std::collections::BTreeSet;

use super::evidence::{identifier, lanes, pair_points, segment_name, shared};
use super::facts::Facts;
use crate::config::{ColumnType, Mapping, Role};

/// Segments that are proposed at most.
const MOST_SEGMENTS: usize = 6;

/// One guessed role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Guess {
    pub(super) role: Role,
    pub(super) source: String,
    pub(super) reason: String,
}

/// All guesses for a log.
#[derive(Clone, Debug, Default)]
pub(super) struct Guesses {
    pub(super) roles: Vec<Guess>,
    /// Names and columns.
    pub(super) segments: Vec<(String, String)>,
    pub(super) types: Vec<(String, ColumnType, String)>,
}

impl Guesses {
    /// The guesses as a mapping.
    pub(super) fn mapping(&self) -> Mapping {
        Mapping {
            roles: self
                .roles
                .iter()
                .map(|guess| (guess.role, guess.source.clone()))
                .collect(),
            segments: self.segments.iter().cloned().collect(),
            types: self
                .types
                .iter()
                .map(|(name, kind, _)| (name.clone(), *kind))
                .collect(),
        }
    }
}

/// Guesses the roles from the facts of the columns.
pub(super) fn guess(columns: &[Facts]) -> Guesses {
    let mut guesser = Guesser {
        columns,
        taken: BTreeSet::new(),
        guesses: Guesses::default(),
    };
    guesser.id();
    guesser.times();
    guesser.label_probability();
    guesser.score();
    guesser.escalated();
    guesser.error();
    guesser.review();
    guesser.value();
    guesser.segments();
    guesser.guesses.roles.sort_by_key(|guess| guess.role);
    guesser.guesses
}

struct Guesser<'a> {
    columns: &'a [Facts],
    taken: BTreeSet<&'a str>,
    guesses: Guesses,
}

impl<'a> Guesser<'a> {
    fn free(&self) -> impl Iterator<Item = &'a Facts> + '_ {
        self.columns
            .iter()
            .filter(|column| !self.taken.contains(column.name.as_str()))
    }

    fn take(&mut self, role: Role, column: &'a Facts, source: String, reason: String) {
        self.taken.insert(&column.name);
        self.guesses.roles.push(Guess {
            role,
            source,
            reason,
        });
    }

    fn id(&mut self) {
        let fits = |column: &&Facts| column.all_distinct && column.missing == 0 && column.rows > 1;
        let named = |column: &&Facts| column.says(&["id", "uuid", "key", "no", "number", "ref"]);
        let candidates: Vec<&Facts> = self.free().filter(fits).collect();
        let by_name = candidates.iter().find(|column| named(column).is_some());
        let by_place = self.columns.first().filter(|first| {
            candidates.iter().any(|c| c.name == first.name)
                && first.range.is_none()
                && !first.is_time
        });
        if let Some(column) = by_name {
            let word = named(column).unwrap_or_default();
            self.take(
                Role::Id,
                column,
                column.name.clone(),
                format!("a different value in every row, and the name says \"{word}\""),
            );
        } else if let Some(column) = by_place {
            self.take(
                Role::Id,
                column,
                column.name.clone(),
                "the first column, a different value in every row".to_owned(),
            );
        }
    }

    fn times(&mut self) {
        let late = ["review", "closed", "resolved", "completed", "finished"];
        let times: Vec<&Facts> = self.free().filter(|column| column.is_time).collect();
        let decided = times.iter().find(|column| column.says(&late).is_none());
        if let Some(column) = decided {
            let reason = "all values are times".to_owned();
            self.take(Role::Time, column, column.name.clone(), reason);
        }
        if let Some(column) = times.iter().find(|column| column.says(&late).is_some()) {
            let reason = "all values are times, and the name tells of a review".to_owned();
            self.take(Role::ReviewedAt, column, column.name.clone(), reason);
        }
        if decided.is_none() {
            self.epoch();
        }
    }

    /// Numbers can be times only if name and size both say so; the unit is written out to be
    /// checked.
    fn epoch(&mut self) {
        let named = |column: &&Facts| {
            column
                .says(&[
                    "time", "date", "ts", "created", "decided", "received", "epoch",
                ])
                .is_some()
        };
        let unit = |column: &Facts| {
            let (low, high) = column.range?;
            let within = |from: f64, to: f64| low >= from && high < to;
            if within(5e8, 5e9) {
                Some((ColumnType::EpochS, "seconds"))
            } else if within(5e11, 5e12) {
                Some((ColumnType::EpochMs, "milliseconds"))
            } else {
                None
            }
        };
        let found = self
            .free()
            .filter(named)
            .find_map(|column| Some((column, unit(column)?)));
        if let Some((column, (kind, words))) = found {
            let reason = format!(
                "the numbers are the size of {words} since 1970: check the unit under [types]"
            );
            self.guesses
                .types
                .push((column.name.clone(), kind, words.to_owned()));
            self.take(Role::Time, column, column.name.clone(), reason);
        }
    }

    fn label_probability(&mut self) {
        let fits = |column: &&Facts| {
            column
                .range
                .is_some_and(|(low, high)| low > 0.0 && high <= 1.0)
                && column.distinct().is_some_and(|distinct| distinct <= 50)
        };
        let named = |column: &&Facts| {
            let drawn = column
                .says(&["incl", "sampl", "audit", "label", "draw", "select"])
                .is_some();
            let chance = column
                .says(&["prob", "p", "pi", "rate", "chance"])
                .is_some();
            drawn && chance || column.words == ["pi"]
        };
        let found = self.free().filter(fits).find(named);
        if let Some(column) = found {
            let distinct = column.distinct().unwrap_or(0);
            let reason = format!(
                "{distinct} distinct values above 0 and up to 1, and the name tells of sampling"
            );
            self.take(Role::LabelProbability, column, column.name.clone(), reason);
        }
    }

    fn score(&mut self) {
        let named = |column: &Facts| {
            column.says(&["confidence", "score", "prob", "p", "certainty", "conf"])
        };
        let within = |column: &Facts, most: f64| {
            column
                .range
                .is_some_and(|(low, high)| low >= 0.0 && high <= most)
                && column.missing == 0
        };
        let in_unit: Vec<&Facts> = self.free().filter(|column| within(column, 1.0)).collect();
        let by_name = in_unit
            .iter()
            .find_map(|column| Some((*column, named(column)?)));
        let alone = in_unit
            .iter()
            .find(|column| column.distinct().is_none_or(|d| d > 20));
        let percent = self
            .free()
            .filter(|column| within(column, 100.0))
            .find_map(|column| Some((column, named(column)?)));
        if let Some((column, word)) = by_name {
            let reason =
                format!("numbers from 0 to 1, and the name says \"{word}\"; higher must be safer");
            self.take(Role::Score, column, column.name.clone(), reason);
        } else if let Some((column, word)) = percent {
            let reason =
                format!("numbers up to 100, and the name says \"{word}\": taken as percent");
            self.take(
                Role::Score,
                column,
                format!("{} / 100", identifier(&column.name)),
                reason,
            );
        } else if let Some(column) = alone {
            let reason = "many different numbers from 0 to 1; higher must be safer".to_owned();
            self.take(Role::Score, column, column.name.clone(), reason);
        }
    }

    fn escalated(&mut self) {
        let flag = |column: &&Facts| {
            (column.is_boolean || column.range == Some((0.0, 1.0)) && column.distinct() == Some(2))
                && column
                    .says(&["escal", "referred", "needs", "manual"])
                    .is_some()
        };
        let found = self.free().find(flag);
        if let Some(column) = found {
            let reason = "true and false, and the name tells of escalation".to_owned();
            self.take(Role::Escalated, column, column.name.clone(), reason);
            return;
        }
        let found = self
            .free()
            .filter(|c| c.missing == 0)
            .find_map(|c| Some((c, lanes(c)?)));
        if let Some((column, (source, reason))) = found {
            self.take(Role::Escalated, column, source, reason);
        }
    }

    fn error(&mut self) {
        let flags: Vec<&Facts> = self.free().filter(|c| c.is_boolean).collect();
        let wrong = flags.iter().find(|c| {
            c.says(&["error", "wrong", "incorrect", "mistake"])
                .is_some()
        });
        if let Some(column) = wrong {
            let reason = "true and false, and the name tells of errors".to_owned();
            self.take(Role::Error, column, column.name.clone(), reason);
            return;
        }
        if let Some(column) = flags
            .iter()
            .find(|c| c.says(&["correct", "agree", "right"]).is_some())
        {
            let source = format!("NOT {}", identifier(&column.name));
            let reason = "true and false, and the name tells of being right".to_owned();
            self.take(Role::Error, column, source, reason);
            return;
        }
        if let Some((decision, label)) = self.decision_and_label() {
            let source = format!(
                "{} <> {}",
                identifier(&decision.name),
                identifier(&label.name)
            );
            let reason = format!(
                "both hold the same kind of values ({}), and `{}` is missing in {} of {} rows",
                shared(decision, label)
                    .into_iter()
                    .take(3)
                    .collect::<Vec<_>>()
                    .join(", "),
                label.name,
                label.missing,
                label.rows
            );
            self.taken.insert(&decision.name);
            self.take(Role::Error, label, source, reason);
        }
    }

    /// The pair of columns that share their values; the label is the one that may be missing.
    fn decision_and_label(&self) -> Option<(&'a Facts, &'a Facts)> {
        let columns: Vec<&Facts> = self
            .free()
            .filter(|c| c.range.is_none() && !c.is_time && c.values.is_some())
            .collect();
        let mut best: Option<(usize, &Facts, &Facts)> = None;
        for decision in columns.iter().filter(|column| column.missing == 0) {
            for label in columns.iter().filter(|label| label.name != decision.name) {
                let points = pair_points(decision, label);
                if points > best.map_or(0, |(points, _, _)| points) {
                    best = Some((points, decision, label));
                }
            }
        }
        best.map(|(_, decision, label)| (decision, label))
    }

    fn review(&mut self) {
        let reviewer = |column: &&Facts| {
            column.range.is_none()
                && !column.is_time
                && !column.is_boolean
                && !column.all_distinct
                && column
                    .says(&["reviewer", "agent", "analyst", "assignee", "handler"])
                    .is_some()
        };
        let found = self.free().find(reviewer);
        if let Some(column) = found {
            let reason = "repeated texts, and the name tells of a person".to_owned();
            self.take(Role::Reviewer, column, column.name.clone(), reason);
        }
        let seconds = |column: &&Facts| {
            column.range.is_some_and(|(low, _)| low >= 0.0)
                && column
                    .says(&["handle", "handling", "review", "duration"])
                    .is_some()
                && column
                    .says(&["s", "sec", "seconds", "time", "duration"])
                    .is_some()
        };
        let found = self.free().find(seconds);
        if let Some(column) = found {
            let reason =
                "numbers, and the name tells of a duration: check that it is seconds".to_owned();
            self.take(Role::ReviewSeconds, column, column.name.clone(), reason);
        }
    }

    fn value(&mut self) {
        let named = |column: &Facts| {
            column.says(&[
                "amount", "value", "usd", "eur", "gbp", "price", "total", "cost", "loan",
            ])
        };
        let fits = |column: &&Facts| {
            column.missing == 0
                && column
                    .range
                    .is_some_and(|(low, high)| low >= 0.0 && high > 1.0)
        };
        let found = self.free().filter(fits).find_map(|c| Some((c, named(c)?)));
        if let Some((column, word)) = found {
            let reason = format!("numbers that are never negative, and the name says \"{word}\"");
            self.take(Role::Value, column, column.name.clone(), reason);
        }
    }

    fn segments(&mut self) {
        let about_the_audit = [
            "sample",
            "sampled",
            "audit",
            "qa",
            "threshold",
            "version",
            "kind",
        ];
        let fits = |column: &&Facts| {
            column.is_category()
                && (column.says(&about_the_audit).is_none() || column.words.len() == 1)
                && column.missing * 2 <= column.rows
        };
        let found: Vec<&Facts> = self.free().filter(fits).take(MOST_SEGMENTS).collect();
        for column in found {
            let name = segment_name(column);
            self.guesses.segments.push((name, column.name.clone()));
        }
    }
}
