//! Worksheets: what reviewers get and what comes back. A sheet that comes back has been through
//! people and spreadsheets, so every row carries checks by which a change of anything that was
//! frozen is found, told with its place, and never repaired. Must not conclude anything.

mod blank;
mod fault;
mod returned;
mod table;
mod verdict;
mod xlsx;

use std::collections::BTreeMap;

use super::error::DrawError;
use super::manifest::{Manifest, Sheet};
use super::ticket::{Digest, Stream, Tickets};
use crate::error::Failure;

pub use self::blank::Blank;
pub use self::fault::{Fault, SheetError};
pub use self::returned::{Place, Returned, Reviewed, check, known_rows};
pub use self::table::{Table, read};
pub use self::verdict::{Verdict, Words};

/// The columns before those that are shown.
pub const FROZEN: [&str; 3] = ["row_no", "case_id", "row_check"];
/// The columns that a reviewer fills in.
pub const OPEN: [&str; 7] = [
    "verdict",
    "severity",
    "error_type",
    "correct_value",
    "notes",
    "reviewer",
    "reviewed_at",
];
/// The sheet of the cases in reserve.
pub const RESERVE: &str = "reserve";
/// The sheet of the cases that somebody else looks at because of what was found; no reviewer can be
/// called so.
pub const SECOND: &str = "second look";
/// What the checks of rows and cells begin with.
const ROW: &str = "gonogo-row/1";
const CELL: &str = "gonogo-cell/1";
/// Hexadecimal digits of the check of a row, and of a cell.
const ROW_DIGITS: usize = 8;
const CELL_DIGITS: usize = 4;

/// The sheet of one reviewer and round: cases in the order in which the reviewer sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The reviewer, or `reserve`.
    pub name: String,
    pub round: u64,
    pub case_ids: Vec<String>,
}

/// The sheets of all rounds of a manifest.
pub fn layouts(manifest: &Manifest) -> Vec<Layout> {
    let mut sheets: BTreeMap<(u64, &str), Vec<String>> = BTreeMap::new();
    for case in &manifest.selected {
        for reviewer in &case.reviewers {
            let sheet = sheets.entry((case.round, reviewer)).or_default();
            sheet.push(case.case_id.clone());
        }
    }
    let mut layouts: Vec<Layout> = sheets
        .into_iter()
        .map(|((round, name), mut case_ids)| {
            if let Some(seed) = &manifest.seed {
                let order = Tickets::new(&seed.value, Stream::Order(name));
                case_ids.sort_by_cached_key(|id| order.of(id));
            }
            Layout {
                name: name.to_owned(),
                round,
                case_ids,
            }
        })
        .collect();
    if !manifest.reserve.is_empty() {
        // The reserve is used in the order of the draw, so it is listed in that order.
        let reserve = manifest.reserve.iter().map(|case| case.case_id.clone());
        layouts.push(Layout {
            name: RESERVE.to_owned(),
            round: manifest.design.round(),
            case_ids: reserve.collect(),
        });
    }
    layouts
}

/// Rows that are on no sheet of the draw, with their sheets: any case may get a second look, and
/// what was in reserve in an earlier round and is drawn by now keeps its row.
fn further_rows(manifest: &Manifest) -> impl Iterator<Item = (Place, &str, &'static str)> {
    let drawn = manifest.selected.iter().enumerate();
    let drawn = drawn.flat_map(|(place, case)| {
        let reserve = (case.round > 1).then_some(RESERVE);
        let sheets = std::iter::once(SECOND).chain(reserve);
        sheets.map(move |sheet| (Place::Selected(place), case.case_id.as_str(), sheet))
    });
    let reserve = manifest.reserve.iter().enumerate();
    let reserve = reserve.map(|(place, case)| (Place::Reserve(place), &*case.case_id, SECOND));
    drawn.chain(reserve)
}

/// The sheets of reviewers of which no row came back. The reserve may never be looked at.
pub fn not_returned(manifest: &Manifest, returned: &Returned) -> Vec<Layout> {
    let is_back = |layout: &Layout| {
        let mut rows = returned.rows.iter();
        rows.any(|row| row.sheet == layout.name && row.round == layout.round)
    };
    let mut layouts = layouts(manifest);
    layouts.retain(|layout| layout.name != RESERVE && !is_back(layout));
    layouts
}

/// The sheets that a manifest records, made again: blank, with the values of the shown columns.
/// The reserve of an earlier round is taken as recorded.
///
/// # Errors
/// When a number of the manifest is beyond what JSON can hold, or a sheet cannot be written.
pub fn recorded(
    manifest: &Manifest,
    values: &BTreeMap<String, Vec<String>>,
) -> Result<Vec<Sheet>, Failure> {
    let checks = Checks::new(manifest)?;
    let layouts = layouts(manifest);
    let mut sheets = Vec::new();
    for stated in &manifest.worksheets {
        let layout = layouts
            .iter()
            .find(|layout| layout.name == stated.name && layout.round == stated.round);
        match layout {
            Some(layout) => {
                let blank = Blank::new(layout, &checks, &manifest.review.show, values)?;
                sheets.push(blank.record()?);
            }
            // What was in reserve then is told by the earlier manifest, which the chain is held to.
            None if stated.name == RESERVE && stated.round < manifest.design.round() => {
                sheets.push(stated.clone());
            }
            None => {}
        }
    }
    Ok(sheets)
}

/// What the checks of an audit's rows are made of.
#[derive(Clone, Copy, Debug)]
pub struct Checks {
    anchor: Digest,
}

impl Checks {
    /// The checks of a manifest.
    ///
    /// # Errors
    /// When a number of the manifest is beyond what JSON can hold.
    pub fn new(manifest: &Manifest) -> Result<Self, DrawError> {
        Ok(Self {
            anchor: manifest.row_anchor()?,
        })
    }

    /// The check of a row: a letter, so that no spreadsheet takes it for a number, and 8 digits
    /// over the manifest, the sheet and the id.
    pub fn row(&self, sheet: &str, id: &str) -> String {
        let text = format!("{ROW}\n{}\n{sheet}\n{id}", self.anchor);
        format!("r{}", Digest::of(text.as_bytes()).short(ROW_DIGITS))
    }

    /// The check of a shown cell.
    pub fn cell(&self, row: &str, column: &str, value: &str) -> String {
        let text = format!("{CELL}\n{}\n{row}\n{column}\n{value}", self.anchor);
        Digest::of(text.as_bytes()).short(CELL_DIGITS)
    }
}

/// Text that no spreadsheet runs as a formula.
fn defused(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Text as a spreadsheet keeps it: line ends of one kind.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
