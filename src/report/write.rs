//! Files that are written whole or not at all: everything is rendered first, each file goes to a
//! temporary neighbour, and only when all of these stand are they given their names.

use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{Cell, Column, Document, Format, ReportError, Row, Table, Terminal};
use crate::chart;

/// A file to write, with the format that its ending tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    path: PathBuf,
    extension: Extension,
}

/// Formats of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extension {
    Json,
    Csv,
    Markdown,
    Svg,
    Png,
}

impl OutputFile {
    /// Takes the format from the ending of a path.
    ///
    /// # Errors
    /// When the ending tells no format.
    pub fn new(path: &Path) -> Result<Self, ReportError> {
        let ending = path
            .extension()
            .and_then(|ending| ending.to_str())
            .unwrap_or_default();
        let extension = match ending.to_ascii_lowercase().as_str() {
            "json" => Extension::Json,
            "csv" => Extension::Csv,
            "md" => Extension::Markdown,
            "svg" => Extension::Svg,
            "png" => Extension::Png,
            _ => {
                return Err(ReportError::UnknownExtension {
                    path: path.display().to_string(),
                });
            }
        };
        Ok(Self {
            path: path.to_owned(),
            extension,
        })
    }

    pub fn extension(&self) -> Extension {
        self.extension
    }

    /// Checks that the folder exists and can be written to, so that a long run does not end in
    /// a refusal.
    ///
    /// # Errors
    /// When no file can be made there.
    pub fn check(&self) -> Result<(), ReportError> {
        NamedTempFile::new_in(self.folder())
            .map(drop)
            .map_err(|reason| self.failed(reason))
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    fn failed(&self, reason: std::io::Error) -> ReportError {
        ReportError::Write {
            path: self.path.display().to_string(),
            reason,
        }
    }

    fn render(&self, document: &Document) -> Result<Vec<u8>, ReportError> {
        // A file's width is nobody's terminal: nothing is left out.
        let whole = Terminal {
            width: usize::MAX,
            color: false,
        };
        let format = match self.extension {
            Extension::Json => Format::Json,
            Extension::Csv => Format::Csv,
            Extension::Markdown => Format::Md,
            Extension::Svg | Extension::Png => return self.render_chart(document),
        };
        document.render(format, &whole).map(String::into_bytes)
    }

    fn render_chart(&self, document: &Document) -> Result<Vec<u8>, ReportError> {
        let Some(data) = &document.chart else {
            return Err(ReportError::NoChart {
                path: self.path.display().to_string(),
            });
        };
        let failed = |error: chart::ChartError| ReportError::Render {
            format: "chart",
            reason: error.to_string(),
        };
        let svg = chart::svg(data).map_err(failed)?;
        match self.extension {
            Extension::Png => chart::png(&svg).map_err(failed),
            _ => Ok(svg.into_bytes()),
        }
    }

    fn stage(&self, bytes: &[u8]) -> Result<NamedTempFile, ReportError> {
        let staged = || {
            let mut file = NamedTempFile::new_in(self.folder())?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            Ok(file)
        };
        let file = staged().map_err(|reason| self.failed(reason))?;
        allow_reading(&file);
        Ok(file)
    }
}

/// Temporary files are for their owner only; an answer gets the rights of an ordinary file.
#[cfg(unix)]
fn allow_reading(file: &NamedTempFile) {
    use std::os::unix::fs::PermissionsExt;
    // A file system without such rights keeps its own.
    let _ = file
        .as_file()
        .set_permissions(std::fs::Permissions::from_mode(0o644));
}

#[cfg(not(unix))]
fn allow_reading(_file: &NamedTempFile) {}

/// Writes a document to all files, or to none.
///
/// # Errors
/// When a format cannot be rendered or a file cannot be written.
pub fn write_all(document: &Document, files: &[OutputFile]) -> Result<(), ReportError> {
    let rendered = files
        .iter()
        .map(|file| file.render(document))
        .collect::<Result<Vec<_>, _>>()?;
    write_bytes(files, &rendered)
}

fn write_bytes(files: &[OutputFile], rendered: &[Vec<u8>]) -> Result<(), ReportError> {
    let staged = files
        .iter()
        .zip(rendered)
        .map(|(file, bytes)| file.stage(bytes))
        .collect::<Result<Vec<_>, _>>()?;
    for (file, staged) in files.iter().zip(staged) {
        staged
            .persist(&file.path)
            .map_err(|error| file.failed(error.error))?;
    }
    Ok(())
}

/// Writes rows of text as a CSV file, whole or not at all.
///
/// # Errors
/// When the file cannot be written.
pub fn write_rows(
    path: &Path,
    titles: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<(), ReportError> {
    let table = Table {
        title: String::new(),
        columns: titles.iter().map(|title| Column::left(title, 0)).collect(),
        rows: rows
            .map(|cells| Row {
                cells: cells.into_iter().map(Cell::Text).collect(),
                marked: false,
            })
            .collect(),
    };
    write_text(path, &super::csv::render(&table)?)
}

/// Writes a text file, whole or not at all.
///
/// # Errors
/// When the file cannot be written.
pub fn write_text(path: &Path, text: &str) -> Result<(), ReportError> {
    // The format of the text is the caller's matter here.
    let file = OutputFile {
        path: path.to_owned(),
        extension: Extension::Csv,
    };
    write_bytes(&[file], &[text.as_bytes().to_vec()])
}
