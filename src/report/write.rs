//! Files that are written whole or not at all: everything is rendered first, each file goes to a
//! temporary neighbour, and only when all of these stand are they given their names.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{Cell, Column, Document, Format, ReportError, Row, Table, Terminal, checks, markdown};
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
    /// A policy.
    Toml,
    /// The self-contained page.
    Html,
    /// JUnit.
    Xml,
    Sarif,
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
            "toml" => Extension::Toml,
            "html" | "htm" => Extension::Html,
            "xml" => Extension::Xml,
            "sarif" => Extension::Sarif,
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

    /// Checks that a file can be made there, so that a long run does not end in a refusal.
    ///
    /// # Errors
    /// When the place is a folder or lies in one that takes no file.
    pub fn check(&self) -> Result<(), ReportError> {
        check_place(&self.path)
    }

    fn render(&self, document: &Document) -> Result<Vec<u8>, ReportError> {
        // A file's width is nobody's terminal: nothing is left out.
        let whole = Terminal {
            width: usize::MAX,
            color: false,
            plots: false,
        };
        let format = match self.extension {
            Extension::Json => Format::Json,
            Extension::Csv => Format::Csv,
            Extension::Markdown => {
                return Ok(markdown::render(document, folder(&self.path)).into_bytes());
            }
            Extension::Svg | Extension::Png => {
                let chart = document
                    .chart
                    .as_ref()
                    .ok_or_else(|| ReportError::NoChart {
                        path: self.path.display().to_string(),
                    })?;
                return self.render_chart(chart);
            }
            Extension::Html => {
                let page = document.page.as_ref().ok_or_else(|| ReportError::NoPage {
                    path: self.path.display().to_string(),
                })?;
                return page.html().map(String::into_bytes);
            }
            Extension::Toml => {
                let text = document.policy.clone().map(String::into_bytes);
                return text.ok_or_else(|| ReportError::NoPolicy {
                    path: self.path.display().to_string(),
                });
            }
            Extension::Xml => {
                return checks::junit(&document.title, document.checks("JUnit files")?);
            }
            Extension::Sarif => return checks::sarif(document.checks("SARIF files")?),
        };
        document.render(format, &whole).map(String::into_bytes)
    }

    fn render_chart(&self, data: &chart::Chart) -> Result<Vec<u8>, ReportError> {
        let failed = |error: chart::ChartError| ReportError::Render {
            format: "chart",
            reason: error.to_string(),
        };
        let svg = data.svg().map_err(failed)?;
        match self.extension {
            Extension::Png => chart::png(&svg).map_err(failed),
            _ => Ok(svg.into_bytes()),
        }
    }
}

/// Checks that a file can be made at a place.
///
/// # Errors
/// When the place is a folder or lies in one that takes no file.
pub fn check_place(path: &Path) -> Result<(), ReportError> {
    if path.is_dir() {
        return Err(failed(path, std::io::ErrorKind::IsADirectory.into()));
    }
    let probe = NamedTempFile::new_in(folder(path));
    probe.map(drop).map_err(|reason| failed(path, reason))
}

/// Writes a document to all files, with those that go with it, or to none.
///
/// # Errors
/// When a format cannot be rendered or a file cannot be written.
pub fn write_all(document: &Document, files: &[OutputFile]) -> Result<(), ReportError> {
    let mut rendered = Vec::new();
    for file in files {
        rendered.push((file.path.as_path(), file.render(document)?));
    }
    for (path, chart) in &document.charts {
        let file = OutputFile::new(path)?;
        rendered.push((path.as_path(), file.render_chart(chart)?));
    }
    for (path, bytes) in &document.files {
        rendered.push((path, bytes.clone()));
    }
    let staged = rendered
        .iter()
        .map(|(path, bytes)| Ok((*path, stage(path, bytes)?)))
        .collect::<Result<Vec<_>, _>>()?;
    for (path, staged) in staged {
        staged
            .persist(path)
            .map_err(|error| failed(path, error.error))?;
    }
    Ok(())
}

/// Puts the summary of the verdicts at the end of the file that others write to as well. Done when
/// everything else stands, for that file is not ours.
///
/// # Errors
/// When the file cannot be written.
pub fn add_summary(document: &Document) -> Result<(), ReportError> {
    let verdicts = document.checks.as_ref();
    let Some((path, text)) = verdicts.and_then(|verdicts| verdicts.summary.as_ref()) else {
        return Ok(());
    };
    let add = || {
        // Whatever other steps have put there stays, and our title begins a line.
        let is_open = last_byte(path).is_some_and(|last| last != b'\n');
        let mut file = File::options().append(true).create(true).open(path)?;
        let text = if is_open {
            format!("\n{text}")
        } else {
            text.clone()
        };
        file.write_all(text.as_bytes())
    };
    add().map_err(|reason| failed(path, reason))
}

/// The last byte of a file; `None` for an empty one, and for what is no file and may have no end.
fn last_byte(path: &Path) -> Option<u8> {
    if !std::fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut file = File::open(path).ok()?;
    file.seek(SeekFrom::End(-1)).ok()?;
    let mut last = [0];
    file.read_exact(&mut last).ok()?;
    let [last] = last;
    Some(last)
}

/// Writes a text file, whole or not at all.
///
/// # Errors
/// When the file cannot be written.
pub fn write_text(path: &Path, text: &str) -> Result<(), ReportError> {
    let staged = stage(path, text.as_bytes())?;
    staged
        .persist(path)
        .map(drop)
        .map_err(|error| failed(path, error.error))
}

/// Rows of text as CSV.
///
/// # Errors
/// When they cannot be rendered.
pub fn rows_as_csv(
    titles: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<String, ReportError> {
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
    super::csv::render(&table)
}

fn failed(path: &Path, reason: std::io::Error) -> ReportError {
    ReportError::Write {
        path: path.display().to_string(),
        reason,
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A temporary file beside the place that it is to take.
fn stage(path: &Path, bytes: &[u8]) -> Result<NamedTempFile, ReportError> {
    let staged = || {
        let mut file = NamedTempFile::new_in(folder(path))?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    let file = staged().map_err(|reason| failed(path, reason))?;
    allow_reading(&file);
    Ok(file)
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
