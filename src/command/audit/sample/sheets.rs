//! The worksheets of a draw: one a reviewer, and one of the cases in reserve.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::super::AuditError;
use super::super::reading::{self, Opening};
use super::SampleArgs;
use crate::audit::manifest::Manifest;
use crate::audit::worksheet::{Blank, Checks, Layout, layouts};
use crate::error::Failure;

/// The blank worksheets of the round that was just drawn.
pub(super) fn blanks(
    manifest: &Manifest,
    opening: &Opening<'_>,
    args: &SampleArgs,
) -> Result<Vec<Blank>, Failure> {
    if args.review.worksheet.is_empty() || manifest.seed.is_none() {
        return Ok(Vec::new());
    }
    let round = manifest.design.round();
    let layouts: Vec<Layout> = layouts(manifest)
        .into_iter()
        .filter(|layout| layout.round == round)
        .collect();
    let ids: BTreeSet<&str> = layouts
        .iter()
        .flat_map(|layout| &layout.case_ids)
        .map(String::as_str)
        .collect();
    let show = &manifest.review.show;
    let values = reading::values(opening, &manifest.source, show, &ids)?;
    let checks = Checks::new(manifest)?;
    let mut blanks = Vec::new();
    for layout in &layouts {
        blanks.push(Blank::new(layout, &checks, show, &values)?);
    }
    Ok(blanks)
}

/// The files of the worksheets, in each format that was asked for.
pub(super) fn files(
    blanks: &[Blank],
    args: &SampleArgs,
) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
    let mut files = Vec::new();
    for path in &args.review.worksheet {
        let ending = path.extension().and_then(|ending| ending.to_str());
        for blank in blanks {
            let bytes = match ending {
                Some("csv") => blank.csv()?.into_bytes(),
                Some("xlsx") => blank.xlsx()?,
                _ => {
                    let what = format!(
                        "--worksheet: `{}` ends neither in .csv nor in .xlsx",
                        path.display()
                    );
                    return Err(AuditError::Option(what).into());
                }
            };
            files.push((named(path, blank.name()), bytes));
        }
    }
    Ok(files)
}

/// sheet.csv for one reviewer without a name, sheet_anna.csv for one of several.
fn named(path: &Path, name: &str) -> PathBuf {
    if name.is_empty() {
        return path.to_owned();
    }
    let mut file = OsString::from(path.file_stem().unwrap_or_default());
    file.push("_");
    file.push(name);
    file.push(".");
    file.push(path.extension().unwrap_or_default());
    path.with_file_name(file)
}
