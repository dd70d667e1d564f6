//! The charts of a report as files of a folder, each as SVG and as PNG.

use std::path::PathBuf;

use super::ReportArgs;
use super::figures::Picture;
use crate::chart::Chart;
use crate::command::CommandError;
use crate::error::Failure;

/// The charts with the places that they are to be written to. The folder is made where it is
/// missing: without it nothing could be staged there.
///
/// # Errors
/// When the folder cannot be made.
pub(super) fn charts(
    args: &ReportArgs,
    pictures: &[Picture],
) -> Result<Vec<(PathBuf, Chart)>, Failure> {
    let Some(folder) = &args.charts else {
        return Ok(Vec::new());
    };
    std::fs::create_dir_all(folder).map_err(|reason| CommandError::Folder {
        folder: folder.clone(),
        reason,
    })?;
    // As on the page, a chart that cannot be drawn is left out.
    let drawn = pictures
        .iter()
        .filter(|picture| picture.chart.svg().is_ok());
    let files = drawn.flat_map(|picture| {
        ["svg", "png"].map(|ending| {
            let name = format!("{}.{ending}", picture.name);
            (folder.join(name), picture.chart.clone())
        })
    });
    Ok(files.collect())
}
