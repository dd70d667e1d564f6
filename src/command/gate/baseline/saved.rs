//! Facts as JSON and back: the counts of every design cell, so that a later run can compare at any
//! confidence. Sums that may exceed 2^53 are texts.

use std::collections::BTreeMap;

use ethnum::U256;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Basis;
use crate::command::gate::reading::Place;
use crate::estimate::cost::Prices;
use crate::estimate::metric::Facts;
use crate::estimate::rates::{Cell, Labelling};
use crate::estimate::split::{Split, Splits};
use crate::tally::{Account, Counts, Money, Sums, Weights};

/// More cases than any log holds. Sums of counts below it cannot overflow.
const MOST_CASES: u64 = 1 << 40;

/// One set of cases.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::command::gate) struct SavedSet {
    /// The names of its segments; empty for all cases.
    segments: Vec<String>,
    values: Vec<Option<String>>,
    accounts: BTreeMap<String, SavedSplit>,
    prices: Option<SavedPrices>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct SavedSplit {
    auto: Vec<SavedCell>,
    escalated: Vec<SavedCell>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct SavedPrices {
    reviewer_error: f64,
    per_minute: Option<f64>,
    seconds: Option<f64>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SavedLabelling {
    Certain,
    Constant,
    Varying,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct SavedCell {
    labelling: SavedLabelling,
    right: u64,
    wrong: u64,
    unknown: u64,
    money: Option<[String; 5]>,
    weights: Option<[String; 8]>,
}

impl SavedSet {
    pub(in crate::command::gate) fn new((segments, values): &Place, facts: &Facts) -> Self {
        let accounts = facts.splits.all().map(|(account, split)| {
            let saved = SavedSplit {
                auto: cells(&split.auto),
                escalated: cells(&split.escalated),
            };
            (account.key().to_owned(), saved)
        });
        Self {
            segments: segments.clone(),
            values: values.clone(),
            accounts: accounts.collect(),
            prices: facts.prices.map(|prices| SavedPrices {
                reviewer_error: prices.reviewer_error,
                per_minute: prices.per_minute,
                seconds: prices.seconds,
            }),
        }
    }

    fn read(self) -> Result<(Place, Facts), String> {
        let mut splits = Vec::new();
        for (key, saved) in self.accounts {
            let account = Account::ALL
                .into_iter()
                .find(|account| account.key() == key);
            let account = account.ok_or_else(|| format!("there is no account \"{key}\""))?;
            let split = Split {
                auto: read_cells(saved.auto)?,
                escalated: read_cells(saved.escalated)?,
            };
            splits.push((account, split));
        }
        for (_, split) in &splits {
            check_counts(split.auto.iter().chain(&split.escalated))?;
        }
        let facts = Facts {
            splits: splits.into_iter().collect(),
            prices: self.prices.map(|prices| Prices {
                reviewer_error: prices.reviewer_error,
                per_minute: prices.per_minute,
                seconds: prices.seconds,
            }),
        };
        Ok(((self.segments, self.values), facts))
    }
}

/// Refuses counts that no log can have led to.
fn check_counts<'a>(cells: impl Iterator<Item = &'a Cell>) -> Result<(), String> {
    let mut cases: u64 = 0;
    for cell in cells {
        let Counts {
            right,
            wrong,
            unknown,
        } = cell.sums.counts;
        for count in [right, wrong, unknown] {
            cases = cases.saturating_add(count);
        }
    }
    if cases > MOST_CASES {
        return Err(format!("a set of {cases} cases or more is no log's"));
    }
    Ok(())
}

fn cells(cells: &[Cell]) -> Vec<SavedCell> {
    let cells = cells.iter().filter(|cell| cell.sums.counts.cases() > 0);
    cells.map(saved).collect()
}

fn saved(cell: &Cell) -> SavedCell {
    let Sums {
        counts,
        money,
        weights,
    } = &cell.sums;
    SavedCell {
        labelling: match cell.labelling {
            Labelling::Certain => SavedLabelling::Certain,
            Labelling::Constant => SavedLabelling::Constant,
            Labelling::Varying => SavedLabelling::Varying,
        },
        right: counts.right,
        wrong: counts.wrong,
        unknown: counts.unknown,
        money: money.as_deref().map(|money| {
            [
                money.at_stake.to_string(),
                money.squares.to_string(),
                money.wrong.to_string(),
                money.wrong_squares.to_string(),
                money.largest.to_string(),
            ]
        }),
        weights: weights.as_deref().map(|weights| {
            [
                weights.sum.to_string(),
                weights.wrong.to_string(),
                weights.squares.to_string(),
                weights.wrong_squares.to_string(),
                weights.largest.to_string(),
                weights.money_wrong.to_string(),
                weights.money_wrong_squares.to_string(),
                weights.largest_money.to_string(),
            ]
        }),
    }
}

fn read_cells(cells: Vec<SavedCell>) -> Result<Vec<Cell>, String> {
    cells.into_iter().map(read_cell).collect()
}

/// A whole number in a text.
fn whole<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("\"{text}\" is no whole number"))
}

fn read_cell(saved: SavedCell) -> Result<Cell, String> {
    let money = match &saved.money {
        None => None,
        Some([at_stake, squares, wrong, wrong_squares, largest]) => Some(Box::new(Money {
            at_stake: whole(at_stake)?,
            squares: whole::<U256>(squares)?,
            wrong: whole(wrong)?,
            wrong_squares: whole::<U256>(wrong_squares)?,
            largest: whole(largest)?,
        })),
    };
    let weights = match &saved.weights {
        None => None,
        Some(
            [
                sum,
                wrong,
                squares,
                wrong_squares,
                largest,
                money,
                money_squares,
                most,
            ],
        ) => Some(Box::new(Weights {
            sum: whole(sum)?,
            wrong: whole(wrong)?,
            squares: whole::<U256>(squares)?,
            wrong_squares: whole::<U256>(wrong_squares)?,
            largest: whole(largest)?,
            money_wrong: whole::<U256>(money)?,
            money_wrong_squares: whole::<U256>(money_squares)?,
            largest_money: whole(most)?,
        })),
    };
    Ok(Cell {
        labelling: match saved.labelling {
            SavedLabelling::Certain => Labelling::Certain,
            SavedLabelling::Constant => Labelling::Constant,
            SavedLabelling::Varying => Labelling::Varying,
        },
        sums: Sums {
            counts: Counts {
                right: saved.right,
                wrong: saved.wrong,
                unknown: saved.unknown,
            },
            money,
            weights,
        },
    })
}

type Sets = BTreeMap<Place, Facts>;

/// The sets of an earlier gate.
pub(super) fn of_gate(json: &Value) -> Result<(Basis, Sets), String> {
    #[derive(Deserialize)]
    struct Document {
        basis: Basis,
        measured: Vec<SavedSet>,
    }
    let unread = |error| format!("it is not one that this version reads: {error}");
    let document = Document::deserialize(json).map_err(unread)?;
    let sets = document.measured.into_iter().map(SavedSet::read);
    Ok((document.basis, sets.collect::<Result<Sets, _>>()?))
}

/// What a sweep tells of the historical routes: counts, and so only of rates whose labels are a
/// plain sample. Others are left out, and a check on them has no baseline.
pub(super) fn of_sweep(json: &Value) -> Result<(Basis, Sets), String> {
    let roles = json.pointer("/input/roles").cloned().unwrap_or_default();
    let mut roles = BTreeMap::<String, String>::deserialize(&roles)
        .map_err(|error| format!("input.roles: {error}"))?;
    for key in ["id", "time", "score"] {
        roles.remove(key);
    }
    let mut sets = Sets::new();
    let overall = json.get("actual").map(of_outcome).transpose()?.flatten();
    sets.extend(overall.map(|facts| ((Vec::new(), Vec::new()), facts)));
    let segments = json.get("segments").and_then(Value::as_array);
    for segment in segments.into_iter().flatten() {
        let names = segment.get("segment").and_then(Value::as_str);
        let names = names.unwrap_or_default().split(',').map(str::to_owned);
        let values = segment.get("values").cloned().unwrap_or_default();
        let values = Vec::<Option<String>>::deserialize(&values)
            .map_err(|error| format!("values of a segment: {error}"))?;
        let facts = segment.get("actual").map(of_outcome).transpose()?.flatten();
        sets.extend(facts.map(|facts| ((names.collect(), values), facts)));
    }
    if sets.is_empty() {
        return Err(
            "this sweep holds no rate of the historical routes whose labels are a plain sample"
                .to_owned(),
        );
    }
    let basis = Basis {
        roles,
        ..Basis::default()
    };
    Ok((basis, sets))
}

fn of_outcome(outcome: &Value) -> Result<Option<Facts>, String> {
    let Some(split) = plain_split(outcome) else {
        return Ok(None);
    };
    check_counts(split.auto.iter().chain(&split.escalated))?;
    Ok(Some(Facts {
        splits: Splits::of_cases(split),
        prices: None,
    }))
}

fn plain_split(outcome: &Value) -> Option<Split> {
    let cell = |key: &str, counts_wrong: bool| {
        let rate = outcome.get(key)?;
        let number = |name: &str| rate.get(name).and_then(Value::as_u64);
        let (cases, labelled) = (number("cases")?, number("labelled")?);
        let found = number("errors_found")?;
        let rest = labelled.checked_sub(found)?;
        let (right, wrong) = if counts_wrong {
            (rest, found)
        } else {
            (found, rest)
        };
        let is_plain = rate.get("method")?.as_str() == Some("clopper-pearson") || cases == 0;
        is_plain.then(|| {
            vec![Cell {
                labelling: Labelling::Constant,
                sums: Sums {
                    counts: Counts {
                        right,
                        wrong,
                        unknown: cases.saturating_sub(labelled),
                    },
                    ..Sums::default()
                },
            }]
        })
    };
    Some(Split {
        auto: cell("auto_error", true)?,
        escalated: cell("needless_escalations", false)?,
    })
}
