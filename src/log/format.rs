//! How a file is written, told by its content, and whether files are parts of one log.

use std::collections::BTreeMap;

use super::delimited::{self, Dialect};
use super::error::LogError;
use super::json;
use super::parquet::ParquetFile;
use super::sample::{Columns, SampledColumn};
use super::source::{self, BYTE_ORDER_MARK, Opened, Source};

/// How one file is written.
#[derive(Clone, Debug)]
pub(super) enum Format {
    Delimited(Dialect),
    /// `mark` is the length of a byte order mark.
    JsonLines {
        mark: usize,
    },
    Parquet(Box<ParquetFile>),
}

impl Format {
    pub(super) fn unit(&self) -> &'static str {
        match self {
            Self::Delimited(_) | Self::JsonLines { .. } => "line",
            Self::Parquet(_) => "row",
        }
    }

    /// The line of the first record, from 1.
    pub(super) fn first_line(&self) -> u64 {
        match self {
            Self::Delimited(dialect) => dialect.header_lines + 1,
            Self::JsonLines { .. } | Self::Parquet(_) => 1,
        }
    }

    /// Bytes up to the first record of a text file.
    pub(super) fn header_bytes(&self) -> usize {
        match self {
            Self::Delimited(dialect) => dialect.header_bytes,
            Self::JsonLines { mark } => *mark,
            Self::Parquet(_) => 0,
        }
    }

    /// What a reader of the file's name would not expect.
    pub(super) fn surprise(&self, name: &str) -> Option<&'static str> {
        let name = name.to_lowercase();
        let named = |ending: &str| name.contains(ending);
        match self {
            Self::Delimited(d) if d.delimiter == b'\t' && named(".csv") => {
                Some("named .csv, but delimited by tabs: read as such")
            }
            Self::Delimited(d) if d.delimiter != b'\t' && named(".tsv") => {
                Some("named .tsv, but not delimited by tabs: read as it is")
            }
            Self::JsonLines { .. } if named(".csv") => {
                Some("named .csv, but JSON Lines: read as such")
            }
            Self::Parquet(_) if named(".csv") => Some("named .csv, but Parquet: read as such"),
            Self::Delimited(_) | Self::JsonLines { .. } | Self::Parquet(_) => None,
        }
    }

    pub(super) fn describe(&self) -> String {
        match self {
            Self::Delimited(dialect) => {
                let delimiter = char::from(dialect.delimiter);
                format!("delimited text, delimiter {delimiter:?}")
            }
            Self::JsonLines { .. } => "JSON Lines".to_owned(),
            Self::Parquet(_) => "Parquet".to_owned(),
        }
    }
}

/// Tells the format of an opened file and its columns. The first file of a log is looked at more
/// closely: what is said of its columns holds for all.
pub(super) fn inspect(
    source: &Source,
    opened: &Opened,
    delimiter: Option<u8>,
    is_first: bool,
) -> Result<(Format, Columns), LogError> {
    let (format, list) = match (source::tell(source, &opened.sample)?, &source.path) {
        (source::Told::Parquet, Some(path)) if !source.once => {
            let parquet = ParquetFile::open(&source.name, path)?;
            let list = if is_first {
                parquet.sample(path)?
            } else {
                parquet.names_only()
            };
            (Format::Parquet(Box::new(parquet)), list)
        }
        (source::Told::Parquet, _) => {
            return Err(LogError::WrongFormat {
                file: source.name.clone(),
                what: "Parquet cannot be read from a pipe".to_owned(),
                hint: Some("save it as a file: its index stands at its end".to_owned()),
            });
        }
        (source::Told::JsonLines, _) => {
            let marked = opened.sample.starts_with(BYTE_ORDER_MARK);
            let mark = if marked { BYTE_ORDER_MARK.len() } else { 0 };
            let sample = opened.sample.get(mark..).unwrap_or_default();
            let list = json::sample_columns(sample, opened.whole);
            if list.is_empty() {
                return Err(LogError::WrongFormat {
                    file: source.name.clone(),
                    what: "none of its first lines is a JSON object with fields".to_owned(),
                    hint: Some("JSON Lines hold one object a line".to_owned()),
                });
            }
            (Format::JsonLines { mark }, list)
        }
        (source::Told::Text, _) => {
            let dialect = delimited::detect(&source.name, &opened.sample, delimiter)?;
            no_duplicates(&source.name, &dialect.header)?;
            let values = delimited::sample_rows(&opened.sample, opened.whole, &dialect);
            let named = dialect.header.iter().cloned().zip(values);
            let list = named.map(|(n, v)| SampledColumn::from_text(n, v)).collect();
            (Format::Delimited(dialect), list)
        }
    };
    let columns = Columns {
        file: source.name.clone(),
        open: matches!(format, Format::JsonLines { .. }),
        list,
    };
    Ok((format, columns))
}

fn no_duplicates(file: &str, header: &[String]) -> Result<(), LogError> {
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    for name in header {
        *counts.entry(name).or_default() += 1;
    }
    match counts
        .into_iter()
        .find(|(name, count)| *count > 1 && !name.is_empty())
    {
        Some((column, count)) => Err(LogError::DuplicateColumn {
            file: file.to_owned(),
            column: column.clone(),
            count,
        }),
        None => Ok(()),
    }
}

/// Files given together must have the same columns, in any order. JSON Lines have no header; a
/// field that one file's sample lacks may only be rare.
pub(super) fn same_columns(first: &Columns, other: &Columns) -> Result<(), LogError> {
    if first.open && other.open {
        return Ok(());
    }
    let (known, found) = (first.names(), other.names());
    let lacks: Vec<&String> = known
        .iter()
        .filter(|column| !found.contains(column))
        .collect();
    let more: Vec<&String> = found
        .iter()
        .filter(|column| !known.contains(column))
        .collect();
    if lacks.is_empty() && more.is_empty() {
        return Ok(());
    }
    let list = |names: &[&String]| {
        let quoted: Vec<String> = names
            .iter()
            .take(10)
            .map(|name| format!("`{name}`"))
            .collect();
        quoted.join(", ")
    };
    let difference = match (lacks.is_empty(), more.is_empty()) {
        (false, true) => format!("it lacks {}", list(&lacks)),
        (true, _) => format!("it also has {}", list(&more)),
        (false, false) => format!("it lacks {} and has {} instead", list(&lacks), list(&more)),
    };
    Err(LogError::OtherColumns {
        file: other.file.clone(),
        first: first.file.clone(),
        difference,
    })
}
