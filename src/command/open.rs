//! The arguments that every command on a log shares, and what follows from them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::{CommandError, Context};
use crate::config::{self, Config, Mapping, Role};
use crate::error::Failure;
use crate::log::{Log, Needs, ReadOptions, Reject};
use crate::report::{Extension, Format, OutputFile, check_place, rows_as_csv};

/// Which log, and how its columns are to be understood.
#[derive(Args, Clone, Debug)]
pub struct LogArgs {
    /// Files, folders or globs of one log, or - for standard input
    #[arg(required = true, value_name = "LOG")]
    pub logs: Vec<String>,
    /// Configuration file [default: gonogo.toml here or in the nearest parent folder]
    #[arg(
        long,
        value_name = "FILE",
        env = "GONOGO_CONFIG",
        hide_env_values = true
    )]
    pub config: Option<PathBuf>,
    /// Map a role to a column or SQL expression, over the configuration (repeatable)
    #[arg(long = "role", value_name = "ROLE=COLUMN")]
    pub roles: Vec<String>,
    /// Define a segment by a column or SQL expression (repeatable)
    #[arg(long = "segment", value_name = "NAME=COLUMN")]
    pub segments: Vec<String>,
    /// Delimiter of text files, one character or `tab` [default: told from the content]
    #[arg(long, value_name = "CHAR")]
    pub delimiter: Option<String>,
    /// Go on without rows that cannot be used, and count them
    #[arg(long)]
    pub skip_bad_rows: bool,
    /// Write the rows that are skipped, with their reasons, to a CSV file
    #[arg(long, value_name = "FILE", requires = "skip_bad_rows")]
    pub rejects: Option<PathBuf>,
    /// Do not look for repeated ids: every row is a case
    #[arg(long)]
    pub allow_duplicates: bool,
    /// Reading threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// Where the answer goes.
#[derive(Args, Clone, Debug)]
pub struct OutputArgs {
    /// Format of standard output
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Also write FILE; its ending picks the format: .json .csv .md .svg .png, .toml for the
    /// policy of `tune`, .xml and .sarif for the verdicts of `gate` (repeatable)
    #[arg(short, long = "output", value_name = "FILE")]
    pub output: Vec<PathBuf>,
}

impl OutputArgs {
    /// The files to write, each in a folder that can be written to.
    ///
    /// # Errors
    /// When an ending tells no format or a folder takes no file.
    pub fn files(&self) -> Result<Vec<OutputFile>, Failure> {
        let files = self.output.iter().map(|path| OutputFile::new(path));
        let files = files.collect::<Result<Vec<_>, _>>()?;
        for file in &files {
            file.check()?;
        }
        Ok(files)
    }

    /// Whether any output is of a format.
    pub(super) fn wants(&self, format: Format) -> bool {
        let extension = match format {
            Format::Table | Format::Github => None,
            Format::Json => Some(Extension::Json),
            Format::Csv => Some(Extension::Csv),
            Format::Md => Some(Extension::Markdown),
        };
        let files = self
            .output
            .iter()
            .filter_map(|path| OutputFile::new(path).ok());
        self.format == format
            || files
                .map(|file| file.extension())
                .any(|e| Some(e) == extension)
    }
}

impl LogArgs {
    /// The mapping of the configuration file with the flags laid over it.
    ///
    /// # Errors
    /// When the file or a flag is malformed.
    pub fn mapping(&self, context: &Context) -> Result<Mapping, Failure> {
        self.config(context).map(|config| config.mapping)
    }

    /// The configuration file to use, where there is one.
    pub(super) fn config_file(&self, context: &Context) -> Option<PathBuf> {
        config::find(self.config.as_deref(), &context.folder)
    }

    /// The configuration with the flags laid over its mapping.
    ///
    /// # Errors
    /// When the file or a flag is malformed.
    pub fn config(&self, context: &Context) -> Result<Config, Failure> {
        let file = self.config_file(context);
        let mut config = match &file {
            Some(file) => {
                log::info!("configuration: {}", file.display());
                config::load(file)?
            }
            None => Config::default(),
        };
        config.mapping.overlay(&self.roles, &self.segments)?;
        Ok(config)
    }

    /// What a command reads of the log: its roles, and ids to find repeats by.
    pub(super) fn needs(&self, required: Vec<Role>, mut optional: Vec<Role>) -> Needs {
        // Ids are read for nothing but to find repeats.
        if !self.allow_duplicates {
            optional.push(Role::Id);
        }
        Needs {
            required,
            optional,
            ..Needs::default()
        }
    }

    /// How the log is to be read.
    ///
    /// # Errors
    /// When the delimiter is none.
    pub fn options(&self, context: &Context, output: &OutputArgs) -> Result<ReadOptions, Failure> {
        let mut options = ReadOptions {
            delimiter: self.delimiter.as_deref().map(delimiter).transpose()?,
            skip_bad_rows: self.skip_bad_rows,
            allow_duplicates: self.allow_duplicates,
            // JSON names each file by its SHA-256; nothing else does.
            fingerprint: output.wants(Format::Json),
            progress: Arc::clone(&context.progress),
            ..ReadOptions::default()
        };
        if let Some(threads) = self.threads {
            options.threads = usize::from(threads);
        }
        Ok(options)
    }

    /// Opens the log, and makes sure that no output is written over it.
    ///
    /// # Errors
    /// When it is none, see `Log::open`, or when an output is one of its files.
    pub fn open(&self, options: &ReadOptions, output: &OutputArgs) -> Result<Log, Failure> {
        let log = Log::open(&self.logs, options)?;
        log::info!("{} columns, {}", log.columns().len(), log.describe());
        let written: Vec<&Path> = output
            .output
            .iter()
            .chain(&self.rejects)
            .map(PathBuf::as_path)
            .collect();
        keep_apart(log.paths(), &written)?;
        if let Some(rejects) = &self.rejects {
            check_place(rejects)?;
        }
        Ok(log)
    }

    /// The rows that were skipped as a file to write, if that is wanted.
    ///
    /// # Errors
    /// When the rows cannot be rendered.
    pub fn rejected(&self, rejects: &[Reject]) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
        let Some(path) = &self.rejects else {
            return Ok(Vec::new());
        };
        let rows = rejects.iter().map(|reject| {
            vec![
                reject.file.clone(),
                reject.line.to_string(),
                reject.column.clone().unwrap_or_default(),
                reject.value.clone().unwrap_or_default(),
                reject.why.key().to_owned(),
                reject.why.text().to_owned(),
            ]
        });
        let titles = ["file", "line", "column", "value", "reason", "text"];
        let text = rows_as_csv(&titles, rows)?;
        Ok(vec![(path.clone(), text.into_bytes())])
    }
}

/// Refuses to write over a file that is read, or twice to one file.
///
/// # Errors
/// When a file to write is one that is read, or another file to write.
pub(super) fn keep_apart<'a>(
    read: impl Iterator<Item = &'a Path>,
    written: &[&Path],
) -> Result<(), CommandError> {
    let mut taken: Vec<PathBuf> = read.filter_map(resolved).collect();
    for path in written {
        let Some(place) = resolved(path) else {
            continue;
        };
        if taken.contains(&place) {
            return Err(CommandError::WouldOverwrite((*path).to_owned()));
        }
        taken.push(place);
    }
    Ok(())
}

/// The one true name of a file that exists, or could be made in a folder that exists.
pub(super) fn resolved(path: &Path) -> Option<PathBuf> {
    if let Ok(place) = path.canonicalize() {
        return Some(place);
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Some(folder.canonicalize().ok()?.join(path.file_name()?))
}

pub(super) fn delimiter(text: &str) -> Result<u8, CommandError> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(*byte),
        b"tab" | b"\\t" => Ok(b'\t'),
        _ => Err(CommandError::Delimiter(text.to_owned())),
    }
}
