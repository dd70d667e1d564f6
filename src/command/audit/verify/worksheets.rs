//! V11: the worksheets went out as the manifest says, and came back whole.

use std::collections::{BTreeMap, BTreeSet};

use super::super::files;
use super::super::reading::{self, Opening};
use super::{VerifyArgs, fault_of};
use crate::audit::manifest::{Manifest, Sheet};
use crate::audit::verify::{Check, CheckId};
use crate::audit::worksheet::{
    Layout, Place, Returned, Table, Words, check, known_rows, layouts, not_returned, read, recorded,
};
use crate::command::Context;
use crate::error::Failure;

const ID: CheckId = CheckId::Worksheets;

/// The values of the shown columns, by case.
type Values = BTreeMap<String, Vec<String>>;

/// Holds the sheets that the manifest records against the blank ones that it gives, and those that
/// came back against both.
pub(super) fn verify(
    args: &VerifyArgs,
    context: &Context,
    manifest: &Manifest,
    earlier: &[Manifest],
) -> Result<Check, Failure> {
    let values = match values(args, context, manifest) {
        Ok(values) => values,
        Err(failure) => {
            return Ok(Check::fail(ID, "the shown columns", &fault_of(failure)?));
        }
    };
    if let Some(check) = went_out(manifest, values.as_ref())? {
        return Ok(check);
    }
    if args.worksheet.is_empty() {
        return Ok(Check::skipped(ID, "--worksheet FILE"));
    }
    let words = Words::new(&args.map)?;
    let mut tables = Vec::new();
    for path in &args.worksheet {
        match read(&files::bytes(path)?, path) {
            // The sheets of the other days of a period come along for V13.
            Ok(table) => {
                if !belongs_to_another(&table, manifest, earlier)? {
                    tables.push(table);
                }
            }
            Err(error) => return Ok(Check::fail(ID, "a worksheet", &error.to_string())),
        }
    }
    if tables.is_empty() {
        return Ok(Check::skipped(ID, "--worksheet FILE: one of this audit"));
    }
    let returned = match check(&tables, manifest, &words) {
        Ok(returned) => returned,
        Err(failure) => {
            let expected = "frozen columns as they went out";
            return Ok(Check::fail(ID, expected, &fault_of(failure)?));
        }
    };
    let edited = values
        .as_ref()
        .and_then(|values| edited(&returned, manifest, values));
    if let Some(edited) = edited {
        let expected = "shown cells with the values of the log";
        return Ok(Check::fail(ID, expected, &edited));
    }
    if !returned.notes.is_empty() {
        let expected = "no row missing, added or repeated";
        return Ok(Check::fail(ID, expected, &returned.notes.join("; ")));
    }
    let absent = not_returned(manifest, &returned);
    if !absent.is_empty() {
        let names: Vec<String> = absent.iter().map(named).collect();
        return Ok(Check::skipped(
            ID,
            &format!("--worksheet FILE: the sheet of {}", names.join(", of ")),
        ));
    }
    let rows = returned.rows.len();
    let found = format!("{rows} rows of all sheets, none missing, added or edited");
    let check = Check::pass(ID, &found);
    Ok(match values {
        Some(_) => check,
        None => check.resting_on(
            "the short checks beside the shown cells, which who knows how could compute anew: \
             --log LOG compares the cells themselves"
                .to_owned(),
        ),
    })
}

/// The values that reviewers were to see; `None` where only the log could tell.
fn values(
    args: &VerifyArgs,
    context: &Context,
    manifest: &Manifest,
) -> Result<Option<Values>, Failure> {
    let show = &manifest.review.show;
    if show.is_empty() {
        return Ok(Some(Values::new()));
    }
    let nothing_to_hold = manifest.worksheets.is_empty() && args.worksheet.is_empty();
    if args.log.is_empty() || nothing_to_hold {
        return Ok(None);
    }
    let layouts = layouts(manifest);
    let ids: BTreeSet<&str> = layouts
        .iter()
        .flat_map(|layout| &layout.case_ids)
        .map(String::as_str)
        .collect();
    let opening = Opening {
        logs: &args.log,
        threads: args.threads,
        context,
    };
    reading::values(&opening, &manifest.source, show, &ids).map(Some)
}

/// The first shown cell that is not what the log has. Line ends may differ, and a mark may stand
/// before what a spreadsheet would take for a formula.
fn edited(returned: &Returned, manifest: &Manifest, values: &Values) -> Option<String> {
    let plain = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
    let differs = |found: &str, value: &str| {
        let (found, value) = (plain(found), plain(value));
        found != value && found.strip_prefix('\'') != Some(&value)
    };
    returned.rows.iter().find_map(|row| {
        let id = match row.place {
            Place::Selected(place) => manifest.selected.get(place).map(|case| &case.case_id),
            Place::Reserve(place) => manifest.reserve.get(place).map(|case| &case.case_id),
        };
        let values = id.and_then(|id| values.get(id)).map(Vec::as_slice);
        let cells = row.shown.iter().zip(values.unwrap_or_default());
        let mut cells = cells.zip(&manifest.review.show);
        let ((found, value), column) = cells.find(|((found, value), _)| differs(found, value))?;
        let (file, number) = &row.origin;
        Some(format!(
            "{file}, row {number}, column `{column}`: `{found}`, where the log has `{value}`"
        ))
    })
}

fn named(layout: &Layout) -> String {
    let name = match layout.name.as_str() {
        "" => "the reviewer",
        name => name,
    };
    let (round, rows) = (layout.round, layout.case_ids.len());
    format!("{name}, round {round} ({rows} rows)")
}

/// Fails where the sheets that the manifest records are not those that it gives. Values that
/// reviewers are shown are in the log alone.
fn went_out(manifest: &Manifest, values: Option<&Values>) -> Result<Option<Check>, Failure> {
    let Some(values) = values.filter(|_| !manifest.worksheets.is_empty()) else {
        return Ok(None);
    };
    let again = recorded(manifest, values)?;
    if again == manifest.worksheets {
        return Ok(None);
    }
    let differs = |sheet: &&Sheet| !again.contains(sheet);
    let first = manifest.worksheets.iter().find(differs);
    let expected = first.map_or_else(String::new, |sheet| {
        let (name, round, sha256) = (&sheet.name, sheet.round, sheet.sha256);
        format!("the sheet `{name}` of round {round} as {sha256} when blank")
    });
    Ok(Some(Check::fail(
        ID,
        &expected,
        "another sheet, made again",
    )))
}

/// Whether one of the earlier manifests knows more rows of a sheet than this one.
fn belongs_to_another(
    sheet: &Table,
    manifest: &Manifest,
    earlier: &[Manifest],
) -> Result<bool, Failure> {
    let own = known_rows(sheet, manifest)?;
    for one in earlier {
        if known_rows(sheet, one)? > own {
            return Ok(true);
        }
    }
    Ok(false)
}
