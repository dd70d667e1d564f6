//! From the words on the command line to open files: globs, folders, standard input, compression
//! and the format by content. The only place that opens a log.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::ReadOptions;
use super::error::LogError;
use super::progress::Progress;
use super::scan::LONGEST_RECORD;

/// The path that stands for standard input.
const STDIN: &str = "-";
/// Endings (before a compression ending) that a folder's files are taken by.
const ENDINGS: [&str; 7] = ["csv", "tsv", "txt", "jsonl", "ndjson", "json", "parquet"];
/// Bytes that are looked at to tell a format: enough for several hundred rows.
const SAMPLE_BYTES: usize = 1 << 18;

/// One file of a log, or standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// As messages name it.
    pub(super) name: String,
    /// `None` for standard input.
    pub(super) path: Option<PathBuf>,
    pub(super) bytes: Option<u64>,
    /// Whether it can be read only once: standard input, a pipe.
    pub(super) once: bool,
}

/// How the bytes of a file are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

/// Finds the files that the words mean, each word's files in the order of their names.
pub(super) fn find(words: &[String]) -> Result<Vec<Source>, LogError> {
    let mut sources = Vec::new();
    for word in words {
        if word == STDIN {
            sources.push(Source {
                name: "standard input".to_owned(),
                path: None,
                bytes: None,
                once: true,
            });
            continue;
        }
        let path = Path::new(word);
        if path.is_dir() {
            sources.extend(folder(path, word)?);
        } else if path.exists() {
            sources.push(source(path)?);
        } else {
            sources.extend(matches(word)?);
        }
    }
    let stdins = sources
        .iter()
        .filter(|source| source.path.is_none())
        .count();
    if stdins > 1 {
        return Err(LogError::NoFiles {
            path: STDIN.to_owned(),
            what: "standard input can be read only once",
        });
    }
    if sources.is_empty() {
        return Err(LogError::NoSource);
    }
    each_once(&sources)?;
    Ok(sources)
}

/// A file that is named twice, perhaps by its folder and by itself, would be counted twice.
fn each_once(sources: &[Source]) -> Result<(), LogError> {
    let mut seen = BTreeSet::new();
    for source in sources.iter().filter(|source| !source.once) {
        let place = source
            .path
            .as_ref()
            .and_then(|path| path.canonicalize().ok());
        if place.is_some_and(|place| !seen.insert(place)) {
            return Err(LogError::NoFiles {
                path: source.name.clone(),
                what: "the file is given twice",
            });
        }
    }
    Ok(())
}

fn source(path: &Path) -> Result<Source, LogError> {
    let name = path.display().to_string();
    let meta = std::fs::metadata(path).map_err(|reason| LogError::Unreadable {
        file: name.clone(),
        reason,
    })?;
    Ok(Source {
        name,
        path: Some(path.to_owned()),
        bytes: meta.is_file().then_some(meta.len()),
        once: !meta.is_file(),
    })
}

fn matches(word: &str) -> Result<Vec<Source>, LogError> {
    if !word.contains(['*', '?', '[']) {
        return Err(LogError::NotFound {
            path: word.to_owned(),
        });
    }
    let paths = glob::glob(word).map_err(|_| LogError::NoFiles {
        path: word.to_owned(),
        what: "this is not a pattern that a glob can be",
    })?;
    let mut found: Vec<PathBuf> = paths
        .filter_map(Result::ok)
        .filter(|p| p.is_file())
        .collect();
    found.sort();
    if found.is_empty() {
        return Err(LogError::NoFiles {
            path: word.to_owned(),
            what: "no file matches",
        });
    }
    found.iter().map(|path| source(path)).collect()
}

/// The log files of a folder and its subfolders. Hidden files and those with a leading
/// underscore (markers that writers leave) are not part of a log.
fn folder(path: &Path, word: &str) -> Result<Vec<Source>, LogError> {
    let mut files = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|reason| LogError::Unreadable {
            file: folder.display().to_string(),
            reason,
        })?;
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(['.', '_']) {
                continue;
            }
            // A link to a folder is not followed: it could lead back here.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(_) if has_log_ending(&name) => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(LogError::NoFiles {
            path: word.to_owned(),
            what: "the folder holds no CSV, TSV, JSON Lines or Parquet file",
        });
    }
    files.iter().map(|file| source(file)).collect()
}

fn has_log_ending(name: &str) -> bool {
    let lower = name.to_lowercase();
    let plain = lower
        .strip_suffix(".gz")
        .or_else(|| lower.strip_suffix(".zst"))
        .unwrap_or(&lower);
    plain
        .rsplit_once('.')
        .is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

/// What a format is told to be from the first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Text,
    JsonLines,
    Parquet,
}

/// Tells the format of a file from its unpacked beginning; its name decides nothing.
pub(super) fn tell(source: &Source, sample: &[u8]) -> Result<Told, LogError> {
    let refused = |what: &str, hint: &str| LogError::WrongFormat {
        file: source.name.clone(),
        what: what.to_owned(),
        hint: Some(hint.to_owned()),
    };
    let text = sample.strip_prefix(BYTE_ORDER_MARK).unwrap_or(sample);
    let first = text.trim_ascii_start().first();
    match sample {
        [] => Err(LogError::Empty {
            file: source.name.clone(),
        }),
        [b'P', b'A', b'R', b'1', ..] => Ok(Told::Parquet),
        b"P" | b"PA" | b"PAR" => Err(refused("this is the beginning of a Parquet file", FORMATS)),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Err(refused(
            "this is a zip archive, not a log",
            "unpack it first; a spreadsheet is to be saved as CSV",
        )),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(refused(
            "this is UTF-16 text, not UTF-8",
            "save the file as UTF-8",
        )),
        [b'O', b'b', b'j', 1, ..] => Err(refused("this is an Avro file", FORMATS)),
        [b'O', b'R', b'C', ..] => Err(refused("this is an ORC file", FORMATS)),
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] | [b'B', b'Z', b'h', ..] => Err(refused(
            "this is compressed in a way that gonogo does not unpack",
            "gonogo unpacks one layer of gzip or zstd",
        )),
        _ if first == Some(&b'[') => Err(refused(
            "this is one JSON array, not JSON Lines",
            "write one object a line, for example by `jq -c '.[]'`",
        )),
        _ if first == Some(&b'{') => Ok(Told::JsonLines),
        _ if is_binary(sample) => Err(refused("this is binary data, not a log", FORMATS)),
        _ => Ok(Told::Text),
    }
}

/// What some programs write before UTF-8 text.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const FORMATS: &str = "gonogo reads CSV, TSV, JSON Lines (all also as gzip or zstd) and Parquet";

/// Whether a beginning cannot be text: a tenth of it are control characters.
fn is_binary(sample: &[u8]) -> bool {
    let control = |byte: &&u8| **byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x1b);
    sample.iter().filter(control).count() * 10 > sample.len()
}

/// Watches the bytes of one file as they are read: how many, and their SHA-256 if it is wanted.
#[derive(Debug, Default)]
pub(super) struct Tap {
    bytes: AtomicU64,
    digest: Option<Mutex<Sha256>>,
}

impl Tap {
    pub(super) fn new(options: &ReadOptions) -> Arc<Self> {
        Arc::new(Self {
            bytes: AtomicU64::new(0),
            digest: options.fingerprint.then(Mutex::default),
        })
    }

    /// Forgets what was seen when the format was told.
    pub(super) fn restart(&self) {
        self.bytes.store(0, Ordering::Relaxed);
        if let Some(digest) = &self.digest {
            *digest.lock().unwrap_or_else(PoisonError::into_inner) = Sha256::new();
        }
    }

    fn see(&self, bytes: &[u8]) {
        self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        if let Some(digest) = &self.digest {
            digest
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .update(bytes);
        }
    }

    pub(super) fn bytes(&self) -> Option<u64> {
        Some(self.bytes.load(Ordering::Relaxed)).filter(|bytes| *bytes > 0)
    }

    /// The SHA-256 of all bytes seen, in hexadecimal.
    pub(super) fn sha256(&self) -> Option<String> {
        let digest = self.digest.as_ref()?;
        let digest = digest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Some(
            digest
                .finalize()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }

    /// Sees a whole file that is not read from beginning to end otherwise.
    pub(super) fn whole_file(&self, source: &Source) -> Result<(), LogError> {
        let (Some(path), true) = (&source.path, self.digest.is_some()) else {
            return Ok(());
        };
        self.restart();
        let unreadable = |reason| LogError::Unreadable {
            file: source.name.clone(),
            reason,
        };
        let mut file = File::open(path).map_err(unreadable)?;
        let mut block = vec![0; 1 << 20];
        loop {
            let read = file.read(&mut block).map_err(unreadable)?;
            match block.get(..read) {
                Some(bytes) if !bytes.is_empty() => self.see(bytes),
                _ => return Ok(()),
            }
        }
    }
}

/// A reader that counts the bytes it has read of the file.
struct Counting<R> {
    inner: R,
    progress: Arc<Progress>,
    tap: Arc<Tap>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.progress.add_bytes(read as u64);
        self.tap.see(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Opened")
            .field("whole", &self.whole)
            .finish_non_exhaustive()
    }
}

/// An open text file: the unpacked bytes, a part of which has been looked at already.
pub(super) struct Opened {
    pub(super) sample: Vec<u8>,
    /// Whether the sample is the whole file.
    pub(super) whole: bool,
    pub(super) compression: Compression,
    rest: Box<dyn Read + Send>,
}

impl Opened {
    /// Reads the whole from its beginning.
    pub(super) fn into_reader(self) -> impl Read + Send {
        io::Cursor::new(self.sample).chain(self.rest)
    }
}

/// Opens a file or standard input and unpacks the beginning of it.
pub(super) fn open(
    source: &Source,
    progress: &Arc<Progress>,
    tap: &Arc<Tap>,
) -> Result<Opened, LogError> {
    let unreadable = |reason| LogError::Unreadable {
        file: source.name.clone(),
        reason,
    };
    let raw: Box<dyn Read + Send> = match &source.path {
        Some(path) => Box::new(File::open(path).map_err(unreadable)?),
        None => Box::new(io::stdin()),
    };
    let mut raw = Counting {
        inner: raw,
        progress: Arc::clone(progress),
        tap: Arc::clone(tap),
    };
    let head = read_up_to(&mut raw, 4).map_err(unreadable)?;
    let compression = match head.as_slice() {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd] => Compression::Zstd,
        _ => Compression::None,
    };
    let whole_file = io::Cursor::new(head).chain(raw);
    let mut rest: Box<dyn Read + Send> = match compression {
        Compression::None => Box::new(whole_file),
        // A gzip file may hold several members one after another; all of them are the log.
        Compression::Gzip => Box::new(MultiGzDecoder::new(io::BufReader::new(whole_file))),
        Compression::Zstd => Box::new(zstd::Decoder::new(whole_file).map_err(unreadable)?),
    };
    let sample = read_sample(&mut rest).map_err(|reason| match compression {
        Compression::None => unreadable(reason),
        Compression::Gzip | Compression::Zstd => LogError::Damaged {
            file: source.name.clone(),
            reason: reason.to_string(),
        },
    })?;
    let (sample, whole) = sample;
    Ok(Opened {
        whole,
        sample,
        compression,
        rest,
    })
}

/// The beginning of a file, and whether it is the whole of it; never less than the first line.
fn read_sample(reader: &mut impl Read) -> io::Result<(Vec<u8>, bool)> {
    let mut sample = Vec::new();
    loop {
        let more = read_up_to(reader, SAMPLE_BYTES)?;
        let is_last = more.len() < SAMPLE_BYTES;
        sample.extend(more);
        if is_last || sample.contains(&b'\n') || sample.len() > LONGEST_RECORD {
            return Ok((sample, is_last));
        }
    }
}

fn read_up_to(reader: &mut impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(most);
    reader.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
