//! The answer as tables: the segments, what was tested, and everything in full precision.

use super::Told;
use super::answer::{Choice, Group};
use super::hearing::{Hearing, Point};
use crate::command::outcome;
use crate::estimate::certificate::{Obstacle, Promise};
use crate::estimate::sequence::Trial;
use crate::estimate::stratified;
use crate::report::{Cell, Column, Row, Table, count};

/// Tests that a table shows of a longer list.
const MOST_TRIALS: usize = 14;
/// Costs that a table shows beside those that matter.
const MOST_COSTS: usize = 8;

/// The tables for people.
pub(super) fn people(told: &Told<'_>) -> Vec<Table> {
    let mut tables = Vec::new();
    if !told.answer.groups.is_empty() {
        tables.push(segments(told));
    }
    if !told.answer.pooled.trials.is_empty() {
        tables.push(trials(told));
    }
    if told.answer.expense.is_some() {
        tables.push(costs(told));
    } else if told.question.promise.is_none() {
        tables.push(loads(told));
    }
    tables
}

fn segments(told: &Told<'_>) -> Table {
    let (question, answer) = (told.question, told.answer);
    let groups = answer.groups.iter().take(question.top);
    let rows = groups.map(|group| Row {
        cells: segment_cells(told, group),
        marked: false,
    });
    let hidden = answer.groups.len().saturating_sub(question.top);
    let mut title = format!("by {}", question.by.join(" x "));
    if hidden > 0 {
        title.push_str(&format!(
            ": the {} largest of {} (all are in JSON, CSV and the policy)",
            question.top,
            count(answer.groups.len() as u64)
        ));
    }
    Table {
        title,
        columns: vec![
            Column::left(&question.by.join(" x "), 0),
            Column::right("cases", 3),
            Column::left("verdict", 0),
            Column::left("threshold", 0),
            Column::right("escalation rate", 1),
            Column::right("auto-approved error rate", 4),
            Column::right("labels", 2),
            Column::right("bound", 0),
            Column::right("error probability", 5),
        ],
        rows: rows.collect(),
    }
}

fn segment_cells(told: &Told<'_>, group: &Group) -> Vec<Cell> {
    let answer = told.answer;
    let hearing = &group.hearing;
    let candidate = group.choice.candidate();
    let point = candidate.and_then(|candidate| hearing.points.get(candidate));
    let rate = point.map(|point| point.rate(told.question.confidence));
    let escalated = point.map_or(hearing.cases, |point| point.escalated);
    let bound = candidate.and_then(|candidate| {
        let trial = hearing.trial(candidate).map(|trial| trial.upper);
        trial.or_else(|| hearing.bound(candidate))
    });
    vec![
        Cell::Text(group.name()),
        Cell::Count(hearing.cases),
        Cell::Text(verdict(group.choice).to_owned()),
        candidate.map_or(Cell::Missing, |c| Cell::Text(answer.aligned(c).to_owned())),
        Cell::Share(escalated as f64 / hearing.cases.max(1) as f64),
        rate.as_ref().map_or(Cell::Missing, outcome::rate),
        rate.as_ref().map_or(Cell::Missing, outcome::labels),
        bound.map_or(Cell::Missing, Cell::Share),
        hearing
            .promise
            .map_or(Cell::Missing, |p| Cell::Share(p.doubt())),
    ]
}

pub(super) fn verdict(choice: Choice) -> &'static str {
    match choice {
        Choice::Certified(_) => "certified",
        Choice::Uncertified(_) => "no promise",
        Choice::Inherited(_) => "inherited, no promise",
        Choice::None => "escalated",
    }
}

/// What was tested of all cases, in the order of the tests.
fn trials(told: &Told<'_>) -> Table {
    let answer = told.answer;
    let hearing = &answer.pooled;
    let shown = shown(hearing, answer.choice);
    let rows = shown.iter().map(|(_, trial)| Row {
        cells: trial_cells(told, trial),
        marked: answer.choice.candidate() == Some(trial.candidate),
    });
    let mut title = if answer.groups.is_empty() {
        "tests, in their order".to_owned()
    } else {
        "tests of all cases together, in their order".to_owned()
    };
    if shown.len() < hearing.trials.len() {
        title.push_str(&format!(
            ": {} of {} (all are in JSON and CSV)",
            shown.len(),
            count(hearing.trials.len() as u64)
        ));
    }
    Table {
        title,
        columns: vec![
            Column::left("threshold", 0),
            Column::right("escalation rate", 2),
            Column::right("labels", 1),
            Column::right("wrong", 1),
            Column::right("estimate", 0),
            Column::right("bound", 0),
            Column::right("error probability", 3),
            Column::left("test", 0),
        ],
        rows: rows.collect(),
    }
}

/// The trials that tell the story: the starts, the chosen one, and wherever the outcome turns;
/// of what is still too much every so many.
fn shown(hearing: &Hearing, choice: Choice) -> Vec<(usize, Trial)> {
    let trials = &hearing.trials;
    if trials.len() <= MOST_TRIALS {
        return trials.iter().copied().enumerate().collect();
    }
    let turns = |place: usize| {
        let passed = |place: usize| trials.get(place).map(|trial| trial.passed);
        let after = place + 1 < trials.len() && passed(place) != passed(place + 1);
        let before = place > 0 && passed(place) != passed(place - 1);
        after || before || place == 0 || place + 1 == trials.len()
    };
    let is_start = |candidate: usize| {
        let steps = hearing.steps.iter();
        let mut starts = steps.filter(|step| step.weight > 0.0);
        starts.any(|step| step.candidate == candidate)
    };
    let all = trials.iter().copied().enumerate();
    let kept: Vec<(usize, Trial)> = all
        .filter(|(place, trial)| {
            let chosen = choice.candidate() == Some(trial.candidate);
            turns(*place) || chosen || is_start(trial.candidate)
        })
        .collect();
    let step = kept.len().div_ceil(2 * MOST_TRIALS).max(1);
    kept.into_iter()
        .enumerate()
        .filter(|(place, (_, trial))| {
            place.is_multiple_of(step) || choice.candidate() == Some(trial.candidate)
        })
        .map(|(_, kept)| kept)
        .collect()
}

fn trial_cells(told: &Told<'_>, trial: &Trial) -> Vec<Cell> {
    let (answer, hearing) = (told.answer, &told.answer.pooled);
    let (labelled, errors) = hearing.labels(trial.candidate);
    let point = hearing.points.get(trial.candidate);
    let escalated = point.map_or(0, |point| point.escalated);
    vec![
        Cell::Text(answer.aligned(trial.candidate).to_owned()),
        Cell::Share(escalated as f64 / answer.cases.max(1) as f64),
        Cell::Count(labelled),
        Cell::Count(errors),
        hearing
            .estimate(trial.candidate)
            .map_or(Cell::Missing, Cell::Share),
        Cell::Share(trial.upper),
        Cell::Share(trial.level),
        Cell::Text(if trial.passed { "passed" } else { "failed" }.to_owned()),
    ]
}

/// The loads around the capacity, where nothing is promised.
fn loads(told: &Told<'_>) -> Table {
    let answer = told.answer;
    let loads = answer.capacity.as_ref().map(|capacity| &capacity.loads);
    let differing = differing(&answer.pooled);
    let chosen = answer.choice.candidate().unwrap_or(0);
    // The strictest of the thresholds that approve the same cases stands for all.
    let place = differing.partition_point(|candidate| *candidate < chosen);
    let near = differing.into_iter().skip(place.saturating_sub(3)).take(7);
    let has_days = answer.load.daily.is_some();
    let mut columns = vec![
        Column::left("threshold", 0),
        Column::right("escalated", 1),
        Column::right("escalation rate", 0),
    ];
    if has_days {
        columns.push(Column::right("a day, mean", 1));
        columns.push(Column::right("a day, peak", 0));
    }
    columns.push(Column::right("auto-approved error rate", 2));
    let row = |candidate: usize| {
        let load = loads?.get(candidate)?;
        let mut cells = vec![
            Cell::Text(answer.aligned(candidate).to_owned()),
            Cell::Count(load.escalated),
            Cell::Share(load.rate),
        ];
        if has_days {
            let mean = load.daily.map(|daily| daily.mean.round() as u64);
            cells.push(mean.map_or(Cell::Missing, Cell::Count));
            let peak = load.daily.map(|daily| daily.peak);
            cells.push(peak.map_or(Cell::Missing, Cell::Count));
        }
        let point = answer.pooled.points.get(candidate)?;
        cells.push(outcome::rate(&point.rate(told.question.confidence)));
        Some(Row {
            cells,
            marked: answer.choice.candidate() == Some(candidate),
        })
    };
    Table {
        title: "thresholds around the capacity".to_owned(),
        columns,
        rows: near.filter_map(row).collect(),
    }
}

/// The thresholds that approve other cases than the next stricter one.
fn differing(hearing: &Hearing) -> Vec<usize> {
    let auto = |candidate: usize| hearing.points.get(candidate).map(Point::auto_approved);
    (0..hearing.points.len())
        .filter(|candidate| auto(*candidate) != auto(candidate + 1))
        .collect()
}

/// Costs by threshold: those that matter, and some between.
fn costs(told: &Told<'_>) -> Table {
    let answer = told.answer;
    let hearing = &answer.pooled;
    let expense = answer.expense.as_ref();
    let plateau = expense.and_then(|expense| expense.plateau);
    let mut shown: Vec<usize> = [
        answer.choice.candidate(),
        expense.and_then(|expense| expense.cheapest),
        plateau.map(|(first, _)| first),
        plateau.map(|(_, last)| last),
    ]
    .into_iter()
    .flatten()
    .collect();
    let differing = differing(hearing);
    let step = differing.len().div_ceil(MOST_COSTS).max(1);
    shown.extend(differing.into_iter().step_by(step));
    shown.sort_unstable();
    shown.dedup();
    let row = |candidate: usize| {
        let point = hearing.points.get(candidate)?;
        let cost = point.cost.as_ref();
        let part = |part: Option<f64>| part.map_or(Cell::Missing, Cell::Money);
        Some(Row {
            cells: vec![
                Cell::Text(answer.aligned(candidate).to_owned()),
                Cell::Share(point.escalated as f64 / answer.cases.max(1) as f64),
                outcome::cost(cost),
                part(cost.and_then(|cost| cost.errors)),
                part(cost.and_then(|cost| cost.reviews)),
                outcome::rate(&point.rate(told.question.confidence)),
            ],
            marked: answer.choice.candidate() == Some(candidate),
        })
    };
    Table {
        title: "cost by threshold (all are in JSON and CSV)".to_owned(),
        columns: vec![
            Column::left("threshold", 0),
            Column::right("escalation rate", 1),
            Column::right("cost", 0),
            Column::right("of errors", 2),
            Column::right("of reviews", 2),
            Column::right("auto-approved error rate", 1),
        ],
        rows: shown.into_iter().filter_map(row).collect(),
    }
}

const DATA_TITLES: [&str; 20] = [
    "segment",
    "value",
    "threshold",
    "chosen",
    "test",
    "cases",
    "escalated",
    "auto_approved",
    "labelled",
    "errors_found",
    "estimate",
    "bound",
    "level",
    "upper",
    "limit",
    "obstacle",
    "peak_per_day",
    "cost",
    "cost_low",
    "cost_high",
];

/// Every candidate of every segment in full precision.
pub(super) fn data(told: &Told<'_>) -> Table {
    let answer = told.answer;
    let mut rows = Vec::new();
    add_data(&mut rows, told, None, (&answer.pooled, answer.choice));
    for group in &answer.groups {
        add_data(&mut rows, told, Some(group), (&group.hearing, group.choice));
    }
    Table {
        title: String::new(),
        columns: DATA_TITLES
            .iter()
            .map(|title| Column::left(title, 0))
            .collect(),
        rows,
    }
}

fn add_data(
    rows: &mut Vec<Row>,
    told: &Told<'_>,
    group: Option<&Group>,
    (hearing, choice): (&Hearing, Choice),
) {
    let number = |value: Option<f64>| value.map_or(Cell::Missing, Cell::Number);
    for (candidate, point) in hearing.points.iter().enumerate() {
        let trial = hearing.trial(candidate);
        let (labelled, errors) = hearing.labels(candidate);
        let capacity = told.answer.capacity.as_ref().filter(|_| group.is_none());
        let load = capacity.and_then(|capacity| capacity.loads.get(candidate));
        let peak = load.and_then(|load| load.daily).map(|daily| daily.peak);
        rows.push(Row {
            marked: false,
            cells: vec![
                Cell::Text(group.map_or_else(String::new, |_| told.question.by.join(","))),
                group.map_or(Cell::Missing, |group| Cell::Text(group.name())),
                number(told.answer.value(candidate)),
                Cell::Text((choice.candidate() == Some(candidate)).to_string()),
                Cell::Text(test_key(trial).to_owned()),
                Cell::Count(hearing.cases),
                Cell::Count(point.escalated),
                Cell::Count(point.auto_approved()),
                Cell::Count(labelled),
                Cell::Count(errors),
                number(hearing.estimate(candidate)),
                number(hearing.bound(candidate)),
                number(trial.map(|trial| trial.level)),
                number(trial.map(|trial| trial.upper)),
                number(hearing.promise.map(Promise::limit)),
                hearing
                    .obstacle_at(candidate)
                    .map_or(Cell::Missing, |obstacle| {
                        Cell::Text(obstacle_key(obstacle).to_owned())
                    }),
                peak.map_or(Cell::Missing, Cell::Count),
                number(point.cost.as_ref().and_then(|cost| cost.expected)),
                number(point.cost.as_ref().and_then(|cost| cost.low)),
                number(point.cost.as_ref().and_then(|cost| cost.high)),
            ],
        });
    }
}

fn test_key(trial: Option<&Trial>) -> &'static str {
    match trial {
        Some(trial) if trial.passed => "passed",
        Some(_) => "failed",
        None => "not_tested",
    }
}

pub(super) fn obstacle_key(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Empty => "nothing_auto_approved",
        Obstacle::Unsupported { .. } => "no_labels",
        Obstacle::Varying => "varying_probabilities",
        Obstacle::Heavy { .. } => "heavy_label",
    }
}

impl Hearing {
    /// The labels of a candidate and the errors among them, as the certificate counts them; as
    /// they were found where there is none.
    pub(super) fn labels(&self, candidate: usize) -> (u64, u64) {
        if let Some(Ok(strata)) = self.grounds.get(candidate) {
            let labelled = strata.iter().map(|stratum| stratum.labelled).sum();
            let errors = strata.iter().map(|stratum| stratum.errors).sum();
            return (labelled, errors);
        }
        let cells = self
            .points
            .get(candidate)
            .map_or(&[][..], |point| &point.cells);
        let counts = || cells.iter().map(|cell| cell.sums.counts);
        let labelled = counts().map(|counts| counts.labelled()).sum();
        (labelled, counts().map(|counts| counts.wrong).sum())
    }

    /// The post-stratified error rate of a candidate that can be tested.
    pub(super) fn estimate(&self, candidate: usize) -> Option<f64> {
        stratified::rate(self.grounds.get(candidate)?.as_ref().ok()?)
    }

    pub(super) fn obstacle_at(&self, candidate: usize) -> Option<Obstacle> {
        self.grounds.get(candidate)?.as_ref().err().copied()
    }
}

pub(super) fn verdict_key(choice: Choice) -> &'static str {
    match choice {
        Choice::Certified(_) => "certified",
        Choice::Uncertified(_) => "chosen",
        Choice::Inherited(_) => "inherited",
        Choice::None => "none",
    }
}
