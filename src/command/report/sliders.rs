//! Which sets of cases have a slider of their own, and the condition by which a policy picks each.

use super::Answer;
use crate::estimate::split::{GroupCells, JoinedCells};
use crate::tally::GroupKey;

/// Longest value of a segment that has a slider: a rule must be able to name it.
const LONGEST_VALUE: usize = 200;

/// A set of cases that one slider moves.
pub(super) struct Slider {
    pub(super) name: String,
    pub(super) when: Option<String>,
    cells: JoinedCells,
}

impl Slider {
    pub(super) fn group(&self) -> GroupCells<'_> {
        self.cells.group()
    }
}

/// The sliders: one for each of the largest groups that a condition picks exactly, and one for the
/// rest of them; or one for all cases where there are no segments. Groups whose values mean the
/// same (1 and 1.0) share a slider, for a condition takes all of them.
pub(super) fn all(answer: &Answer<'_>, most: usize) -> Vec<Slider> {
    let ledgers = answer.tally.ledgers();
    let Some(segments) = answer.sweep.segments.first() else {
        return vec![Slider {
            name: "all cases".to_owned(),
            when: None,
            cells: JoinedCells::overall(ledgers),
        }];
    };
    let mut sliders: Vec<Slider> = Vec::new();
    let (mut rest, mut others) = (JoinedCells::default(), 0);
    for group in &segments.groups {
        let cells = GroupCells::of(ledgers, 0, &group.values);
        let when = condition(answer, &segments.names, &group.values);
        let has_room = sliders.len() < most;
        let known = sliders.iter_mut().find(|slider| slider.when == when);
        match (when, known) {
            (Some(_), Some(slider)) => slider.cells.add(&cells),
            (Some(when), None) if has_room => {
                let mut own = JoinedCells::default();
                own.add(&cells);
                sliders.push(Slider {
                    name: group.name(),
                    when: Some(when),
                    cells: own,
                });
            }
            (_, _) => {
                rest.add(&cells);
                others += 1;
            }
        }
    }
    if others > 0 {
        sliders.push(Slider {
            name: format!("other ({others})"),
            when: None,
            cells: rest,
        });
    }
    sliders
}

/// The condition of a rule that takes the cases of a group, where there is an exact one.
fn condition(answer: &Answer<'_>, names: &[String], values: &GroupKey) -> Option<String> {
    let length = |value: &Option<String>| value.as_ref().map_or(0, String::len);
    if values.iter().map(length).sum::<usize>() > LONGEST_VALUE {
        return None;
    }
    let pairs = names.iter().zip(values);
    let tests = pairs.map(|(name, value)| {
        let equality = answer.equalities.get(name)?;
        equality.condition(&subject(answer, name), value.as_deref())
    });
    Some(tests.collect::<Option<Vec<_>>>()?.join(" AND "))
}

/// How a condition names a segment: by its name, unless a column of that name would hide it.
fn subject(answer: &Answer<'_>, name: &str) -> String {
    let quoted = format!("\"{}\"", name.replace('"', "\"\""));
    let source = answer.config.mapping.segments.get(name);
    match source {
        Some(source) if answer.columns.iter().any(|column| column == name) && source != name => {
            format!("({source})")
        }
        _ => quoted,
    }
}
