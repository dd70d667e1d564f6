//! What is to be audited: the cases that a log's history auto-approved, or what the command line
//! says of them.

use std::collections::BTreeMap;

use super::{PlanArgs, PlanError};
use crate::audit::allocation::{LastAudit, Stratum};
use crate::command::Context;
use crate::config::Role;
use crate::error::Failure;
use crate::log::{Batch, Interner, Label, MISSING, Needs, Plan, Route, Sink, Summary};

/// The cases that can be drawn.
pub(super) struct Population {
    /// `None` for an endless process.
    pub(super) cases: Option<u64>,
    /// Value of all cases in millionths, where it is known and fits.
    pub(super) value: Option<u64>,
    /// Empty where there is none.
    pub(super) strata: Vec<Stratum>,
    pub(super) log: Option<ReadLog>,
}

/// The log that the cases were counted in.
pub(super) struct ReadLog {
    pub(super) name: String,
    pub(super) plan: Plan,
    pub(super) summary: Summary,
}

pub(super) fn of(args: &PlanArgs, context: &Context) -> Result<Population, Failure> {
    if !args.log.logs.is_empty() {
        return from_log(args, context);
    }
    let strata: Vec<Stratum> = args.stratum.iter().map(|given| given.0.clone()).collect();
    for (place, stratum) in strata.iter().enumerate() {
        let mut before = strata.iter().take(place);
        if before.any(|other| other.name == stratum.name) {
            let name = stratum.name.clone();
            return Err(PlanError::StratumTwice { name }.into());
        }
    }
    let all = strata
        .iter()
        .fold(0_u64, |sum, stratum| sum.saturating_add(stratum.population));
    Ok(Population {
        cases: args.population.or((!strata.is_empty()).then_some(all)),
        value: None,
        strata,
        log: None,
    })
}

fn from_log(args: &PlanArgs, context: &Context) -> Result<Population, Failure> {
    let mapping = args.log.mapping(context)?;
    let options = args.log.options(context, &args.output)?;
    let log = args.log.open(&options, &args.output)?;
    let mut optional = vec![Role::Time, Role::Error];
    // Ids are read for nothing but to find repeats.
    if !args.log.allow_duplicates {
        optional.push(Role::Id);
    }
    let mut required = vec![Role::Escalated];
    if args.tolerable_value.is_some() && args.value.is_none() {
        required.push(Role::Value);
    }
    let segments = args.by.iter().flat_map(|by| by.split(','));
    let needs = Needs {
        required,
        optional,
        segments: segments.map(|name| name.trim().to_owned()).collect(),
        ..Needs::default()
    };
    let plan = log.plan(&mapping, &needs)?;
    let (parts, summary) = log.read(&plan, &options, Counter::default)?;
    let mut counted: BTreeMap<Vec<String>, Counted> = BTreeMap::new();
    for (name, more) in parts.into_iter().flatten() {
        counted.entry(name).or_default().add(more);
    }
    let mut all = Counted::default();
    counted.values().for_each(|part| all.add(*part));
    if all.cases == 0 {
        let error = PlanError::NoneApproved {
            log: log.name(),
            cases: summary.rows_used,
        };
        return Err(error.into());
    }
    let strata = counted.into_iter().filter(|_| args.by.is_some());
    Ok(Population {
        cases: Some(all.cases),
        value: plan
            .has(Role::Value)
            .then(|| u64::try_from(all.value).ok())
            .flatten(),
        strata: strata.map(|(name, part)| part.stratum(&name)).collect(),
        log: Some(ReadLog {
            name: log.name(),
            plan,
            summary,
        }),
    })
}

/// Auto-approved cases of one stratum.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    cases: u64,
    wrong: u64,
    labelled: u64,
    /// In millionths.
    value: u128,
}

impl Counted {
    fn add(&mut self, more: Self) {
        self.cases += more.cases;
        self.wrong += more.wrong;
        self.labelled += more.labelled;
        self.value += more.value;
    }

    fn stratum(self, name: &[String]) -> Stratum {
        Stratum {
            name: name.join(","),
            population: self.cases,
            last: Some(LastAudit {
                errors: self.wrong,
                cases: self.labelled,
            }),
            fixed: None,
        }
    }
}

/// Counts the auto-approved cases of one thread, by the codes of their segments.
#[derive(Debug, Default)]
struct Counter {
    counted: BTreeMap<Vec<u32>, Counted>,
}

impl Sink for Counter {
    type Output = Vec<(Vec<String>, Counted)>;

    fn take(&mut self, batch: &Batch) {
        for (row, route) in batch.route().iter().enumerate() {
            if *route != Route::Auto {
                continue;
            }
            let codes = batch.segments().iter();
            let codes = codes.map(|column| column.get(row).copied().unwrap_or(MISSING));
            let label = batch.label().get(row).copied().unwrap_or(Label::Unknown);
            let value = batch.value().get(row).map_or(0, |value| value.get());
            self.counted
                .entry(codes.collect())
                .or_default()
                .add(Counted {
                    cases: 1,
                    wrong: u64::from(label == Label::Wrong),
                    labelled: u64::from(label != Label::Unknown),
                    value: u128::from(value),
                });
        }
    }

    fn finish(&mut self, segments: &[&Interner]) -> Self::Output {
        let counted = std::mem::take(&mut self.counted).into_iter();
        let name = |codes: Vec<u32>| {
            let texts = codes.iter().zip(segments).map(|(code, interner)| {
                if *code == MISSING {
                    "(missing)".to_owned()
                } else {
                    interner.text(*code).to_owned()
                }
            });
            texts.collect()
        };
        counted.map(|(codes, part)| (name(codes), part)).collect()
    }
}
