//! Which sets of cases have a slider of their own, and the condition by which a policy picks each.

use super::Answer;
use crate::command::sweep::Group;
use crate::estimate::split::{GroupCells, JoinedCells};
use crate::tally::GroupKey;

/// Longest value of a segment that has a slider: a rule must be able to name it.
const LONGEST_VALUE: usize = 200;

/// A set of cases that one slider moves.
pub(super) struct Slider<'a> {
    pub(super) name: String,
    pub(super) when: Option<String>,
    pub(super) group: GroupCells<'a>,
}

/// Whether a group has a slider of its own, given its place by size.
fn has_slider(most: usize, (place, group): (usize, &Group)) -> bool {
    let length = |value: &Option<String>| value.as_ref().map_or(0, String::len);
    place < most && group.values.iter().map(length).sum::<usize>() <= LONGEST_VALUE
}

/// The cells of all groups without a slider, where at most so many have one.
pub(super) fn rest(answer: &Answer<'_>, most: usize) -> Option<JoinedCells> {
    let segments = answer.sweep.segments.first()?;
    let mut rest = JoinedCells::default();
    let others = segments.groups.iter().enumerate();
    let others: Vec<_> = others.filter(|group| !has_slider(most, *group)).collect();
    for (_, group) in &others {
        rest.add(&GroupCells::of(answer.tally.ledgers(), 0, &group.values));
    }
    (!others.is_empty()).then_some(rest)
}

/// The sliders: one for each of the largest groups, and one for the rest of them; or one for all
/// cases where there are no segments.
pub(super) fn all<'a>(
    answer: &'a Answer<'_>,
    most: usize,
    (whole, rest): (&'a JoinedCells, Option<&'a JoinedCells>),
) -> Vec<Slider<'a>> {
    let Some(segments) = answer.sweep.segments.first() else {
        return vec![Slider {
            name: "all cases".to_owned(),
            when: None,
            group: whole.group(),
        }];
    };
    let groups = segments.groups.iter().enumerate();
    let mut sliders: Vec<Slider<'a>> = groups
        .filter(|group| has_slider(most, *group))
        .map(|(_, group)| Slider {
            name: group.name(),
            when: Some(condition(answer, &segments.names, &group.values)),
            group: GroupCells::of(answer.tally.ledgers(), 0, &group.values),
        })
        .collect();
    if let Some(rest) = rest {
        let others = segments.groups.len() - sliders.len();
        sliders.push(Slider {
            name: format!("other ({others})"),
            when: None,
            group: rest.group(),
        });
    }
    sliders
}

/// The condition of a rule that takes the cases of a group.
fn condition(answer: &Answer<'_>, names: &[String], values: &GroupKey) -> String {
    let pairs = names.iter().zip(values);
    let tests = pairs.map(|(name, value)| {
        let subject = subject(answer, name);
        match value {
            Some(value) => format!("{subject} = '{}'", value.replace('\'', "''")),
            None => format!("{subject} IS NULL"),
        }
    });
    tests.collect::<Vec<_>>().join(" AND ")
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
