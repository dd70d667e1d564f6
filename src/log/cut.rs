//! Files cut into chunks of whole records. A quote that never closes and a record without end are
//! found here, within a bound on memory.

use std::io::Read;
use std::sync::mpsc::SyncSender;
use std::sync::{Mutex, PoisonError};

use super::delimited::{self, End};
use super::error::LogError;
use super::format::Format;
use super::scan::{At, FirstFailure, LONGEST_RECORD, Task};
use super::{Log, LogFile, ReadOptions, source};

/// Why a file could not be cut into records.
pub(super) enum Cut {
    /// The line is counted from the chunk's beginning.
    OpenQuote {
        line: u64,
    },
    LongRecord,
    Other(LogError),
}

impl Cut {
    pub(super) fn into_error(self, file: &LogFile, line_of: impl Fn(u64) -> u64) -> LogError {
        let name = file.source.name.clone();
        match self {
            Self::OpenQuote { line } => LogError::OpenQuote {
                file: name,
                line: line_of(line),
            },
            Self::LongRecord => LogError::LongRecord {
                file: name,
                line: line_of(0),
                limit: LONGEST_RECORD,
            },
            Self::Other(error) => error,
        }
    }
}

/// Cuts all files into tasks, in order.
pub(super) fn cut(
    log: &Log,
    options: &ReadOptions,
    sender: &SyncSender<Task>,
    pool: &Mutex<Vec<Vec<u8>>>,
    failed: &FirstFailure,
) -> Result<(), (At, Cut)> {
    for (index, file) in log.files.iter().enumerate() {
        let start = At {
            file: index,
            chunk: 0,
        };
        match &file.format {
            Format::Parquet(parquet) => {
                for chunk in 0..parquet.group_rows.len() {
                    if failed.is_set() || options.progress.is_stopped() {
                        return Ok(());
                    }
                    let at = At { file: index, chunk };
                    let _ = sender.send(Task::Rows { at });
                }
                log.fingerprint(index)
                    .map_err(|error| (start, Cut::Other(error)))?;
            }
            Format::Delimited(_) | Format::JsonLines { .. } => {
                let opened = log
                    .reader(index, options)
                    .map_err(|e| (start, Cut::Other(e)))?;
                let mut cutter = Cutter {
                    file: index,
                    format: &file.format,
                    options,
                    sender,
                    pool,
                    failed,
                    chunk: 0,
                };
                cutter.run(opened, file)?;
            }
        }
    }
    Ok(())
}

/// Cuts one text file.
struct Cutter<'a> {
    file: usize,
    format: &'a Format,
    options: &'a ReadOptions,
    sender: &'a SyncSender<Task>,
    pool: &'a Mutex<Vec<Vec<u8>>>,
    failed: &'a FirstFailure,
    chunk: usize,
}

impl Cutter<'_> {
    fn run(&mut self, opened: source::Opened, file: &LogFile) -> Result<(), (At, Cut)> {
        let compression = opened.compression;
        let mut reader = opened.into_reader();
        self.skip_header(&mut reader)
            .map_err(|reason| self.unreadable(file, compression, reason))?;
        let mut carry: Vec<u8> = Vec::new();
        loop {
            if self.failed.is_set() || self.options.progress.is_stopped() {
                return Ok(());
            }
            let mut block = self
                .pool
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop()
                .unwrap_or_default();
            block.clear();
            block.extend_from_slice(&carry);
            let wanted = self.options.chunk_bytes.max(1);
            let read = (&mut reader).take(wanted as u64).read_to_end(&mut block);
            let read = read.map_err(|reason| self.unreadable(file, compression, reason))?;
            let last = read < wanted;
            let end = self.end(&block, last)?;
            carry.clear();
            carry.extend_from_slice(block.get(end..).unwrap_or_default());
            if carry.len() > LONGEST_RECORD {
                return Err((
                    self.at(),
                    self.open_quote(&carry).unwrap_or(Cut::LongRecord),
                ));
            }
            block.truncate(end);
            if !block.is_empty() {
                let at = self.at();
                self.chunk += 1;
                let _ = self.sender.send(Task::Text { at, bytes: block });
            }
            if last {
                return Ok(());
            }
        }
    }

    fn at(&self) -> At {
        At {
            file: self.file,
            chunk: self.chunk,
        }
    }

    fn unreadable(
        &self,
        file: &LogFile,
        compression: source::Compression,
        reason: std::io::Error,
    ) -> (At, Cut) {
        let name = file.source.name.clone();
        let error = match compression {
            source::Compression::None => LogError::Unreadable { file: name, reason },
            source::Compression::Gzip | source::Compression::Zstd => LogError::Damaged {
                file: name,
                reason: reason.to_string(),
            },
        };
        (self.at(), Cut::Other(error))
    }

    fn skip_header(&self, reader: &mut impl Read) -> std::io::Result<()> {
        let header = self.format.header_bytes() as u64;
        std::io::copy(&mut reader.take(header), &mut std::io::sink())?;
        Ok(())
    }

    /// Where the whole records of a block end; the last block ends where the file does.
    fn end(&self, block: &[u8], last: bool) -> Result<usize, (At, Cut)> {
        let Format::Delimited(dialect) = self.format else {
            let end = memchr::memrchr(b'\n', block).map_or(0, |at| at + 1);
            return Ok(if last { block.len() } else { end });
        };
        match delimited::records_end(block, dialect.delimiter) {
            End::At(_) if last => Ok(block.len()),
            End::OpenQuote { quote, .. } if last && !ends_quoted(block, quote) => {
                Err((self.at(), open_quote_at(block, quote)))
            }
            End::OpenQuote { .. } if last => Ok(block.len()),
            End::At(end) | End::OpenQuote { end, .. } => Ok(end),
        }
    }

    fn open_quote(&self, block: &[u8]) -> Option<Cut> {
        let Format::Delimited(dialect) = self.format else {
            return None;
        };
        match delimited::records_end(block, dialect.delimiter) {
            End::OpenQuote { quote, .. } => Some(open_quote_at(block, quote)),
            End::At(_) => None,
        }
    }
}

/// Whether the quoted field that begins at `quote` is closed by the very last byte of the file.
fn ends_quoted(block: &[u8], quote: usize) -> bool {
    let field = block.get(quote + 1..).unwrap_or_default();
    field.iter().filter(|byte| **byte == b'"').count() % 2 == 1 && field.ends_with(b"\"")
}

fn open_quote_at(block: &[u8], quote: usize) -> Cut {
    let before = block.get(..quote).unwrap_or_default();
    Cut::OpenQuote {
        line: memchr::memchr_iter(b'\n', before).count() as u64,
    }
}
