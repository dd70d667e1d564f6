//! V11: the worksheets went out as the manifest says, and came back whole.

use std::collections::{BTreeMap, BTreeSet};

use super::super::files;
use super::super::reading::{self, Opening};
use super::VerifyArgs;
use crate::audit::manifest::{Manifest, Sheet};
use crate::audit::verify::{Check, CheckId};
use crate::audit::worksheet::{
    Layout, Table, Words, check, known_rows, layouts, not_returned, read, recorded,
};
use crate::command::Context;
use crate::error::Failure;

const ID: CheckId = CheckId::Worksheets;

/// Holds the sheets that the manifest records against the blank ones that it gives, and those that
/// came back against both.
pub(super) fn verify(
    args: &VerifyArgs,
    context: &Context,
    manifest: &Manifest,
    earlier: &[Manifest],
) -> Result<Check, Failure> {
    if let Some(check) = went_out(args, context, manifest)? {
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
            return Ok(Check::fail(ID, expected, &failure.to_string()));
        }
    };
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
    Ok(Check::pass(ID, &found))
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
fn went_out(
    args: &VerifyArgs,
    context: &Context,
    manifest: &Manifest,
) -> Result<Option<Check>, Failure> {
    let show = &manifest.review.show;
    if manifest.worksheets.is_empty() || (args.log.is_empty() && !show.is_empty()) {
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
    let values = if show.is_empty() {
        BTreeMap::new()
    } else {
        match reading::values(&opening, &manifest.source, show, &ids) {
            Ok(values) => values,
            Err(failure) => {
                return Ok(Some(Check::fail(
                    ID,
                    "the shown columns",
                    &failure.to_string(),
                )));
            }
        }
    };
    let again = recorded(manifest, &values)?;
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
