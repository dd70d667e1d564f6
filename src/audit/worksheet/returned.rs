//! Rows that came back, joined to the cases of the manifest by check and id. Every change of what
//! was frozen and every word outside the vocabulary becomes a fault with its place.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::{Fault, SheetError};
use super::table::Table;
use super::{Checks, FROZEN, OPEN, RESERVE, SECOND, further_rows, layouts, plain};
use crate::audit::error::DrawError;
use crate::audit::manifest::Manifest;
use crate::error::Failure;

/// What a reviewer found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    Correct,
    Incorrect,
    /// The reviewer looked and could not tell.
    CannotDetermine,
    /// The case is none of those that the claim is about.
    NotApplicable,
    /// Nothing was filled in.
    Blank,
}

impl Verdict {
    /// The verdicts that a reviewer can give.
    pub const GIVEN: [Self; 4] = [
        Self::Correct,
        Self::Incorrect,
        Self::CannotDetermine,
        Self::NotApplicable,
    ];

    /// The word in worksheets.
    pub fn key(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Incorrect => "incorrect",
            Self::CannotDetermine => "cannot_determine",
            Self::NotApplicable => "not_applicable",
            Self::Blank => "",
        }
    }
}

/// A word in small letters with underscores.
fn folded(word: &str) -> String {
    word.trim().to_lowercase().replace([' ', '-'], "_")
}

/// The closed vocabulary of verdicts, with translations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    translations: BTreeMap<String, Verdict>,
}

impl Words {
    /// Takes translations such as `ok=correct`.
    ///
    /// # Errors
    /// When one is no translation, or leads to a word that is no verdict.
    pub fn new(translations: &[String]) -> Result<Self, DrawError> {
        let mut words = Self::default();
        for text in translations {
            let parts = text.split_once('=');
            let verdict = parts.and_then(|(_, word)| given(&folded(word)));
            let (Some((word, _)), Some(verdict)) = (parts, verdict) else {
                return Err(DrawError::Design {
                    what: format!("`{text}` does not translate a word into a verdict"),
                    hint: Some(format!(
                        "for example --map ok=correct; the verdicts are {}",
                        list()
                    )),
                });
            };
            words.translations.insert(folded(word), verdict);
        }
        Ok(words)
    }

    /// The verdict that a cell holds; `None` for a word that nobody defined.
    pub fn verdict(&self, cell: &str) -> Option<Verdict> {
        let word = folded(cell);
        if word.is_empty() {
            return Some(Verdict::Blank);
        }
        self.translations
            .get(&word)
            .copied()
            .or_else(|| given(&word))
    }
}

fn given(word: &str) -> Option<Verdict> {
    Verdict::GIVEN
        .into_iter()
        .find(|verdict| verdict.key() == word)
}

fn list() -> String {
    Verdict::GIVEN.map(Verdict::key).join(", ")
}

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
    id: String,
    /// `None` where an earlier round had another one.
    number: Option<u64>,
    check: String,
}

/// Whether a table is a worksheet of a manifest: at least one of its rows was handed out with it.
///
/// # Errors
/// When a number of the manifest is beyond what JSON can hold.
pub fn belongs(table: &Table, manifest: &Manifest) -> Result<bool, DrawError> {
    let handed = handed(manifest, &Checks::new(manifest)?);
    let checks: BTreeSet<&str> = handed.iter().map(|row| row.check.as_str()).collect();
    let is_known = |(_, cells): &(u64, Vec<String>)| {
        let check = cell(table, cells, "row_check");
        checks.contains(check.split('-').next().unwrap_or_default())
    };
    Ok(table.rows.iter().any(is_known))
}

/// Joins tables to a manifest. Rows of none of its sheets are faults.
///
/// # Errors
/// When anything frozen was changed, a row was added, a word is no verdict or a case has two.
pub fn check(tables: &[Table], manifest: &Manifest, words: &Words) -> Result<Returned, Failure> {
    let checks = Checks::new(manifest)?;
    let handed = handed(manifest, &checks);
    let matcher = Matcher {
        by_check: handed.iter().map(|row| (row.check.as_str(), row)).collect(),
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
                id: id.clone(),
                number: is_first.then_some(number),
            });
        }
    }
    rows.extend(further_rows(manifest).map(|(place, id, sheet)| Handed {
        place,
        check: checks.row(sheet, id),
        sheet: sheet.to_owned(),
        id: id.to_owned(),
        number: None,
    }));
    rows
}

struct Matcher<'a> {
    by_check: BTreeMap<&'a str, &'a Handed>,
    handed: &'a [Handed],
    checks: Checks,
    manifest: &'a Manifest,
    words: &'a Words,
}

impl Matcher<'_> {
    fn is_known(&self, table: &Table, cells: &[String]) -> bool {
        let check = cell(table, cells, "row_check");
        let key = check.split('-').next().unwrap_or_default();
        self.by_check.contains_key(key)
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
        let Some(handed) = self.by_check.get(key).copied() else {
            return fault_of_unknown(self.handed, &text("case_id"), &check, fault);
        };
        if !same(&text("case_id"), &handed.id) {
            fault("case_id", changed(&text("case_id"), &handed.id));
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
    let sheets: BTreeSet<&str> = rows.iter().map(|row| row.sheet.as_str()).collect();
    let back: BTreeSet<(Place, &str)> = rows
        .iter()
        .map(|row| (row.place, row.sheet.as_str()))
        .collect();
    let is_gone = |row: &&Handed| {
        let sheet = row.sheet.as_str();
        ![RESERVE, SECOND].contains(&sheet)
            && sheets.contains(sheet)
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
