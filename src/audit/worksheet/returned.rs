//! Rows that came back, joined to the cases of the manifest by check and id. Every change of what
//! was frozen and every word outside the vocabulary becomes a fault with its place.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::{Fault, SheetError};
use super::table::Table;
use super::verdict::{Verdict, Words, list};
use super::{Checks, FROZEN, OPEN, RESERVE, SECOND, further_rows, layouts, plain};
use crate::audit::error::DrawError;
use crate::audit::manifest::Manifest;
use crate::error::Failure;

/// Where a case stands in the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Among the selected, from 0.
    Selected(usize),
    /// In the reserve, from 0.
    Reserve(usize),
}

/// A row with a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewed {
    pub place: Place,
    /// The sheet: a reviewer, or `reserve`.
    pub sheet: String,
    /// The round that the sheet was handed out in.
    pub round: u64,
    pub verdict: Verdict,
    pub severity: String,
    pub error_type: String,
    pub correct_value: String,
    pub notes: String,
    pub reviewer: String,
    /// The values of the columns that are shown.
    pub shown: Vec<String>,
    /// The file and the row in it.
    pub origin: (String, u64),
}

/// All rows of the worksheets of one manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    pub rows: Vec<Reviewed>,
    /// What a reader should know: rows that were removed or repeated, columns that were added.
    pub notes: Vec<String>,
}

/// A row that was handed out.
struct Handed {
    place: Place,
    sheet: String,
    round: u64,
    id: String,
    /// `None` where an earlier round had another one.
    number: Option<u64>,
    check: String,
}

/// How many rows of a table have a check that was handed out with a manifest. A check has few digits, so
/// among thousands of rows of another manifest one may be the same by chance.
///
/// # Errors
/// When a number of the manifest is beyond what JSON can hold.
pub fn known_rows(table: &Table, manifest: &Manifest) -> Result<usize, DrawError> {
    let handed = handed(manifest, &Checks::new(manifest)?);
    let checks: BTreeSet<&str> = handed.iter().map(|row| row.check.as_str()).collect();
    let known = table.rows.iter().filter(|(_, cells)| {
        let check = cell(table, cells, "row_check");
        checks.contains(check.split('-').next().unwrap_or_default())
    });
    Ok(known.count())
}

/// Joins tables to a manifest. Rows of none of its sheets are faults.
///
/// # Errors
/// When anything frozen was changed, a row was added, a word is no verdict or a case has two.
pub fn check(tables: &[Table], manifest: &Manifest, words: &Words) -> Result<Returned, Failure> {
    let checks = Checks::new(manifest)?;
    let handed = handed(manifest, &checks);
    let rows = handed.iter();
    let matcher = Matcher {
        by_check: rows
            .map(|row| ((row.check.as_str(), row.id.as_str()), row))
            .collect(),
        handed: &handed,
        checks,
        manifest,
        words,
    };
    let mut returned = Returned::default();
    let mut faults = Vec::new();
    for table in tables {
        let known = |row: &(u64, Vec<String>)| matcher.is_known(table, &row.1);
        if !table.rows.is_empty() && !table.rows.iter().any(known) {
            let file = table.file.clone();
            return Err(SheetError::OtherAudit { file }.into());
        }
        returned.notes.extend(added_columns(table, manifest));
        for row in &table.rows {
            matcher.row(table, row, &mut returned.rows, &mut faults);
        }
    }
    settle_repeats(&mut returned, &mut faults);
    if faults.is_empty() {
        returned.notes.extend(removed(&handed, &returned.rows));
        Ok(returned)
    } else {
        Err(SheetError::Faults(faults).into())
    }
}

fn handed(manifest: &Manifest, checks: &Checks) -> Vec<Handed> {
    let selected = manifest.selected.iter().enumerate();
    let selected = selected.map(|(place, case)| (case.case_id.as_str(), Place::Selected(place)));
    let selected: BTreeMap<&str, Place> = selected.collect();
    let reserve = manifest.reserve.iter().enumerate();
    let reserve = reserve.map(|(place, case)| (case.case_id.as_str(), Place::Reserve(place)));
    let reserve: BTreeMap<&str, Place> = reserve.collect();
    let mut rows = Vec::new();
    for layout in layouts(manifest) {
        let places = if layout.name == RESERVE {
            &reserve
        } else {
            &selected
        };
        for (id, number) in layout.case_ids.iter().zip(1..) {
            let Some(place) = places.get(id.as_str()) else {
                continue;
            };
            let is_first = layout.name != RESERVE || manifest.anchor.is_none();
            rows.push(Handed {
                place: *place,
                check: checks.row(&layout.name, id),
                sheet: layout.name.clone(),
                round: layout.round,
                id: id.clone(),
                number: is_first.then_some(number),
            });
        }
    }
    rows.extend(further_rows(manifest).map(|(place, id, sheet)| Handed {
        place,
        check: checks.row(sheet, id),
        sheet: sheet.to_owned(),
        round: manifest.design.round(),
        id: id.to_owned(),
        number: None,
    }));
    rows
}

struct Matcher<'a> {
    /// By check and id: checks alone have too few digits to tell the rows of a large draw apart.
    by_check: BTreeMap<(&'a str, &'a str), &'a Handed>,
    handed: &'a [Handed],
    checks: Checks,
    manifest: &'a Manifest,
    words: &'a Words,
}

impl Matcher<'_> {
    fn is_known(&self, table: &Table, cells: &[String]) -> bool {
        let check = cell(table, cells, "row_check");
        let key = check.split('-').next().unwrap_or_default();
        self.with_check(key).is_some()
    }

    /// Some row with a check.
    fn with_check(&self, key: &str) -> Option<&Handed> {
        let (found, row) = self.by_check.range((key, "")..).next()?;
        (found.0 == key).then_some(*row)
    }

    /// The row with a check and id; one with the check alone says what the id was before it was changed.
    fn handed(&self, key: &str, id: &str) -> Option<&Handed> {
        let bare = id.strip_prefix('\'');
        let mut ids = std::iter::once(id).chain(bare);
        let exact = ids.find_map(|id| self.by_check.get(&(key, id)).copied());
        exact.or_else(|| self.with_check(key))
    }

    /// Checks a row; it is used only if nothing of it is at fault.
    fn row(
        &self,
        table: &Table,
        (number, cells): &(u64, Vec<String>),
        rows: &mut Vec<Reviewed>,
        faults: &mut Vec<Fault>,
    ) {
        let before = faults.len();
        let mut fault = |column: &str, what: String| {
            faults.push(Fault {
                file: table.file.clone(),
                row: *number,
                column: column.to_owned(),
                what,
            });
        };
        let text = |column: &str| cell(table, cells, column).to_owned();
        if cells
            .iter()
            .skip(table.titles.len())
            .any(|cell| !cell.is_empty())
        {
            fault(
                "",
                format!(
                    "the row has {} cells, the header {}",
                    cells.len(),
                    table.titles.len()
                ),
            );
        }
        let check = text("row_check");
        let mut parts = check.split('-');
        let key = parts.next().unwrap_or_default();
        let id = text("case_id");
        let Some(handed) = self.handed(key, &id) else {
            return fault_of_unknown(self.handed, &id, &check, fault);
        };
        if !same(&id, &handed.id) {
            fault("case_id", changed(&id, &handed.id));
        }
        let stated = text("row_no");
        let expected = handed.number.filter(|_| table.column("row_no").is_some());
        if let Some(expected) = expected.filter(|number| stated.trim() != number.to_string()) {
            fault("row_no", changed(&stated, &expected.to_string()));
        }
        let mut shown = Vec::new();
        for column in &self.manifest.review.show {
            let expected = parts.next().unwrap_or_default();
            let Some(place) = table.column(&column.trim().to_lowercase()) else {
                fault(column, "the column was removed".to_owned());
                continue;
            };
            let found = cells.get(place).map_or("", String::as_str);
            shown.push(found.to_owned());
            if !self.fits(key, column, found, expected) {
                let what = format!("`{found}` is not what was handed out{}", mangling(found));
                fault(column, what);
            }
        }
        if let Some(rest) = parts.next() {
            fault(
                "row_check",
                format!("`{rest}` checks a column that is not shown"),
            );
        }
        let word = text("verdict");
        let Some(verdict) = self.words.verdict(&word) else {
            return fault(
                "verdict",
                format!("`{word}` is no verdict: they are {}", list()),
            );
        };
        if faults.len() == before {
            rows.push(Reviewed {
                place: handed.place,
                sheet: handed.sheet.clone(),
                round: handed.round,
                verdict,
                severity: text("severity"),
                error_type: text("error_type"),
                correct_value: text("correct_value"),
                notes: text("notes"),
                reviewer: text("reviewer"),
                shown,
                origin: (table.file.clone(), *number),
            });
        }
    }

    fn fits(&self, key: &str, column: &str, found: &str, expected: &str) -> bool {
        let found = plain(found);
        let bare = found.strip_prefix('\'');
        let candidates = std::iter::once(found.as_str()).chain(bare);
        let mut checks = candidates.map(|value| self.checks.cell(key, column, value));
        checks.any(|check| check == expected)
    }
}

fn cell<'a>(table: &Table, cells: &'a [String], column: &str) -> &'a str {
    let place = table.column(column);
    place
        .and_then(|place| cells.get(place))
        .map_or("", String::as_str)
}

/// Whether a cell holds a text, perhaps behind the mark that keeps it from being a formula.
fn same(found: &str, text: &str) -> bool {
    found == text || found.strip_prefix('\'').is_some_and(|found| found == text)
}

fn changed(found: &str, expected: &str) -> String {
    format!("`{found}` instead of `{expected}`{}", mangling(found))
}

/// What a spreadsheet is likely to have done.
fn mangling(found: &str) -> &'static str {
    let number = found.trim().replace(',', ".");
    let is_number = number.parse::<f64>().is_ok();
    if is_number && number.contains(['E', 'e']) {
        " (a spreadsheet took it for a number)"
    } else if is_number {
        " (has a spreadsheet taken zeros or digits off?)"
    } else if number.contains(['/', '.'])
        && number.chars().filter(char::is_ascii_digit).count() >= 4
    {
        " (has a spreadsheet written a date its own way?)"
    } else {
        ""
    }
}

/// A row whose check is none that was handed out.
fn fault_of_unknown(handed: &[Handed], id: &str, check: &str, mut fault: impl FnMut(&str, String)) {
    let known = handed.iter().find(|row| same(id, &row.id));
    match known {
        Some(row) => fault("row_check", changed(check, &row.check)),
        None => fault(
            "case_id",
            format!("`{id}` was not handed out: the row was added"),
        ),
    }
}

/// Rows of one sheet that name the same case: equal verdicts are kept once, others are faults. A
/// case that is in reserve round after round is judged in one of its rows.
fn settle_repeats(returned: &mut Returned, faults: &mut Vec<Fault>) {
    let mut first: BTreeMap<(Place, String), Reviewed> = BTreeMap::new();
    let mut kept = Vec::new();
    let mut unused = Vec::new();
    for row in std::mem::take(&mut returned.rows) {
        let key = (row.place, row.sheet.clone());
        if row.sheet == RESERVE && row.verdict == Verdict::Blank {
            unused.push(row);
            continue;
        }
        let Some(earlier) = first.get(&key) else {
            first.insert(key, row.clone());
            kept.push(row);
            continue;
        };
        let (file, number) = &row.origin;
        let (other, at) = &earlier.origin;
        if earlier.verdict == row.verdict {
            let note = format!("{file}, row {number} repeats {other}, row {at}");
            returned.notes.push(note);
        } else {
            let [one, two] = [row.verdict, earlier.verdict].map(Verdict::key);
            faults.push(Fault {
                file: file.clone(),
                row: *number,
                column: "verdict".to_owned(),
                what: format!("`{one}`, but {other}, row {at} says `{two}` of the same case"),
            });
        }
    }
    unused.retain(|row| {
        let key = (row.place, row.sheet.clone());
        first.insert(key, row.clone()).is_none()
    });
    kept.extend(unused);
    returned.rows = kept;
}

fn added_columns(table: &Table, manifest: &Manifest) -> Option<String> {
    let shown: Vec<String> = manifest
        .review
        .show
        .iter()
        .map(|name| name.trim().to_lowercase())
        .collect();
    let is_own = |title: &String| {
        let own = FROZEN.iter().chain(&OPEN).any(|own| own == title);
        own || shown.contains(title) || title.is_empty()
    };
    let added: Vec<&str> = table
        .titles
        .iter()
        .filter(|title| !is_own(title))
        .map(String::as_str)
        .collect();
    let text = || {
        format!(
            "{}: columns that were added are not read: {}",
            table.file,
            added.join(", ")
        )
    };
    (!added.is_empty()).then(text)
}

/// Rows of sheets that came back which are not in them any more.
fn removed(handed: &[Handed], rows: &[Reviewed]) -> Option<String> {
    let sheets: BTreeSet<(&str, u64)> = rows
        .iter()
        .map(|row| (row.sheet.as_str(), row.round))
        .collect();
    let back: BTreeSet<(Place, &str)> = rows
        .iter()
        .map(|row| (row.place, row.sheet.as_str()))
        .collect();
    let is_gone = |row: &&Handed| {
        let sheet = row.sheet.as_str();
        ![RESERVE, SECOND].contains(&sheet)
            && sheets.contains(&(sheet, row.round))
            && !back.contains(&(row.place, sheet))
    };
    let gone: Vec<&str> = handed
        .iter()
        .filter(is_gone)
        .map(|row| row.id.as_str())
        .collect();
    let shown: Vec<&str> = gone.iter().take(5).copied().collect();
    let text = || {
        format!(
            "{} rows did not come back, such as {}",
            gone.len(),
            shown.join(", ")
        )
    };
    (!gone.is_empty()).then(text)
}
