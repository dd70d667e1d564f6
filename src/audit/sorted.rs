//! Records in the order of their keys, in bounded memory: what does not fit goes, sorted, to unnamed
//! temporary files, which the system removes whatever happens. Must not know what a record means.

use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that a run is written by, and at most read by.
const BLOCK: usize = 1 << 15;
/// Bytes that a run is read by at least.
const SMALLEST_BLOCK: usize = 1 << 10;
/// Bytes that all runs together are read by, as long as their blocks are not the smallest: many
/// threads leave many runs.
const BLOCKS: usize = 16 << 20;

/// Takes records in any order.
#[derive(Debug)]
pub struct Sorter {
    held: Held,
    /// Bytes that may be held in memory.
    most: usize,
    runs: Vec<Run>,
    file: Option<Arc<Mutex<File>>>,
}

/// Records in memory.
#[derive(Debug, Default)]
struct Held {
    bytes: Vec<u8>,
    records: Vec<Place>,
}

/// Where a record lies: its key, and behind it its content.
#[derive(Clone, Copy, Debug)]
struct Place {
    start: usize,
    key: u32,
    content: u32,
}

/// Sorted records.
#[derive(Debug)]
enum Run {
    Memory(Held),
    File(Span),
}

/// A part of a temporary file that is shared by its runs.
#[derive(Clone, Debug)]
struct Span {
    file: Arc<Mutex<File>>,
    at: u64,
    end: u64,
}

impl Held {
    fn size(&self) -> usize {
        self.bytes.len() + self.records.len() * size_of::<Place>()
    }

    fn record(&self, place: Place) -> (&[u8], &[u8]) {
        let middle = place.start + place.key as usize;
        let part = |from, to| self.bytes.get(from..to).unwrap_or_default();
        (
            part(place.start, middle),
            part(middle, middle + place.content as usize),
        )
    }

    fn sort(&mut self) {
        let mut records = std::mem::take(&mut self.records);
        records.sort_unstable_by(|one, other| self.record(*one).cmp(&self.record(*other)));
        self.records = records;
    }
}

impl Sorter {
    /// Holds at most so many bytes in memory, and a few records more.
    pub fn new(most: usize) -> Self {
        Self {
            held: Held::default(),
            most,
            runs: Vec::new(),
            file: None,
        }
    }

    /// Takes a record.
    ///
    /// # Errors
    /// When a temporary file cannot be written.
    pub fn add(&mut self, key: &[u8], content: &[u8]) -> io::Result<()> {
        self.held.records.push(Place {
            start: self.held.bytes.len(),
            key: length(key)?,
            content: length(content)?,
        });
        self.held.bytes.extend_from_slice(key);
        self.held.bytes.extend_from_slice(content);
        if self.held.size() > self.most {
            self.spill()?;
        }
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        self.held.sort();
        let shared = match &self.file {
            Some(file) => Arc::clone(file),
            None => Arc::clone(
                self.file
                    .insert(Arc::new(Mutex::new(tempfile::tempfile()?))),
            ),
        };
        let mut file = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let at = file.seek(SeekFrom::End(0))?;
        let mut writer = BufWriter::with_capacity(BLOCK, &mut *file);
        for place in &self.held.records {
            let (key, content) = self.held.record(*place);
            writer.write_all(&place.key.to_le_bytes())?;
            writer.write_all(&place.content.to_le_bytes())?;
            writer.write_all(key)?;
            writer.write_all(content)?;
        }
        writer.flush()?;
        drop(writer);
        let end = file.stream_position()?;
        drop(file);
        self.runs.push(Run::File(Span {
            file: shared,
            at,
            end,
        }));
        self.held.bytes.clear();
        self.held.records.clear();
        Ok(())
    }
}

/// Bytes that each of so many runs is read by.
fn block(runs: usize) -> usize {
    (BLOCKS / runs.max(1)).clamp(SMALLEST_BLOCK, BLOCK)
}

fn length(bytes: &[u8]) -> io::Result<u32> {
    let length = u32::try_from(bytes.len());
    length.map_err(|_| io::Error::other("a text of more than 4 gigabytes"))
}

/// Records that can be gone through in order, as often as wanted.
#[derive(Debug, Default)]
pub struct Sorted {
    runs: Vec<Run>,
}

impl Sorted {
    /// What several sorters took.
    pub fn of(sorters: impl IntoIterator<Item = Sorter>) -> Self {
        let mut runs = Vec::new();
        for mut sorter in sorters {
            sorter.held.sort();
            runs.append(&mut sorter.runs);
            runs.push(Run::Memory(sorter.held));
        }
        Self { runs }
    }

    /// Begins with the lowest key.
    ///
    /// # Errors
    /// When a temporary file cannot be read.
    pub fn walk(&self) -> io::Result<Walk<'_>> {
        let mut heads = BinaryHeap::new();
        let block = block(self.runs.len());
        for (place, run) in self.runs.iter().enumerate() {
            let mut head = Head {
                key: Vec::new(),
                content: Vec::new(),
                place,
                cursor: run.cursor(block),
            };
            if head.advance()? {
                heads.push(head);
            }
        }
        Ok(Walk {
            heads,
            is_used: false,
        })
    }
}

impl Run {
    fn cursor(&self, block: usize) -> Cursor<'_> {
        match self {
            Self::Memory(held) => Cursor::Memory(held, held.records.iter()),
            Self::File(span) => Cursor::File(BufReader::with_capacity(block, span.clone())),
        }
    }
}

impl Read for Span {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let wanted = left.min(buffer.len());
        let buffer = buffer.get_mut(..wanted).unwrap_or_default();
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let read = file.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// How far a run has been read.
#[derive(Debug)]
enum Cursor<'a> {
    Memory(&'a Held, std::slice::Iter<'a, Place>),
    File(BufReader<Span>),
}

/// The next record of a run.
#[derive(Debug)]
struct Head<'a> {
    key: Vec<u8>,
    content: Vec<u8>,
    /// The number of the run.
    place: usize,
    cursor: Cursor<'a>,
}

impl Head<'_> {
    /// Whether there was another record.
    fn advance(&mut self) -> io::Result<bool> {
        self.key.clear();
        self.content.clear();
        match &mut self.cursor {
            Cursor::Memory(held, places) => {
                let Some(place) = places.next() else {
                    return Ok(false);
                };
                let (key, content) = held.record(*place);
                self.key.extend_from_slice(key);
                self.content.extend_from_slice(content);
            }
            Cursor::File(reader) => {
                let left = reader.get_ref().end - reader.get_ref().at;
                if left == 0 && reader.buffer().is_empty() {
                    return Ok(false);
                }
                let mut lengths = [[0; 4]; 2];
                for length in &mut lengths {
                    reader.read_exact(length)?;
                }
                for (part, length) in [&mut self.key, &mut self.content].into_iter().zip(lengths) {
                    part.resize(u32::from_le_bytes(length) as usize, 0);
                    reader.read_exact(part)?;
                }
            }
        }
        Ok(true)
    }

    fn order(&self) -> (&[u8], &[u8], usize) {
        (&self.key, &self.content, self.place)
    }
}

impl PartialEq for Head<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Head<'_> {}

impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Head<'_> {
    /// The lowest record is the greatest head: a heap has its greatest on top.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.order().cmp(&self.order())
    }
}

/// A walk through the records.
#[derive(Debug)]
pub struct Walk<'a> {
    heads: BinaryHeap<Head<'a>>,
    /// Whether the record on top was handed out.
    is_used: bool,
}

impl Walk<'_> {
    /// The next record, key and content; those of equal keys go by their content.
    ///
    /// # Errors
    /// When a temporary file cannot be read.
    pub fn step(&mut self) -> io::Result<Option<(&[u8], &[u8])>> {
        if self.is_used
            && let Some(mut head) = self.heads.peek_mut()
            && !head.advance()?
        {
            PeekMut::pop(head);
        }
        self.is_used = true;
        let head = self.heads.peek();
        Ok(head.map(|head| (head.key.as_slice(), head.content.as_slice())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out of two sorters that hold so many bytes in memory.
    fn sorted(records: &[(String, String)], most: usize) -> Vec<(String, String)> {
        let mut sorters = [Sorter::new(most), Sorter::new(most)];
        for (place, (key, content)) in records.iter().enumerate() {
            let sorter = &mut sorters[place % 2];
            sorter.add(key.as_bytes(), content.as_bytes()).unwrap();
        }
        let sorted = Sorted::of(sorters);
        let mut found = Vec::new();
        let mut walk = sorted.walk().unwrap();
        while let Some((key, content)) = walk.step().unwrap() {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            found.push((text(key), text(content)));
        }
        found
    }

    #[test]
    fn records_come_in_the_order_of_their_keys_whatever_memory_holds() {
        let mut records: Vec<(String, String)> = (0..2000_u32)
            .map(|n| {
                let n = n.wrapping_mul(2_654_435_761) % 997;
                (format!("{n:o}"), "x".repeat(n as usize % 7))
            })
            .collect();
        let all = sorted(&records, usize::MAX);
        let runs = sorted(&records, 1000);
        records.sort();
        assert_eq!(all, records);
        assert_eq!(runs, records);
    }

    #[test]
    fn the_blocks_of_many_runs_together_do_not_grow() {
        assert_eq!(block(0), BLOCK);
        assert_eq!(block(30), BLOCK);
        for runs in [1000, 5000, 16_000] {
            assert!(runs * block(runs) <= BLOCKS, "{runs} runs");
        }
    }

    #[test]
    fn more_runs_than_blocks_of_full_length_are_merged_in_order() {
        // Every record is a run of its own, and longer than the block that it is read by.
        let records: Vec<(String, String)> = (0..2000_u32)
            .map(|n| {
                let key = format!("{:05}", n.wrapping_mul(7919) % 2000);
                let content = format!("{key}{}", "x".repeat(9000));
                (key, content)
            })
            .collect();
        let mut expected = records.clone();
        expected.sort();
        assert_eq!(sorted(&records, 0), expected);
    }

    #[test]
    fn nothing_gives_nothing_and_empty_keys_are_keys() {
        assert_eq!(sorted(&[], 10), []);
        let empty = [(String::new(), String::new())];
        assert_eq!(sorted(&empty, 0), empty);
    }
}
