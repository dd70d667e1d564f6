//! Delimited text (CSV, TSV and kin): the delimiter, the header, where records end, and the fields
//! of a chunk of whole records. Splitting fields is the csv crate's work.

use std::collections::BTreeMap;
use std::ops::Range;

use csv::{ByteRecord, ReaderBuilder};
use memchr::{memchr, memchr_iter, memchr2, memrchr};

use super::column::Field;
use super::error::LogError;
use super::raw::Raw;
use super::reject::Why;
use super::sample::SAMPLE_ROWS;
use super::source::BYTE_ORDER_MARK;

const QUOTE: u8 = b'"';
/// Delimiters that are tried, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Rows that a delimiter is judged by.
const JUDGED_ROWS: usize = 50;

/// How a delimited file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) header: Vec<String>,
    /// Bytes and lines up to the first record.
    pub(super) header_bytes: usize,
    pub(super) header_lines: u64,
}

fn reader(bytes: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes)
}

/// Tells delimiter and header from the beginning of a file.
pub(super) fn detect(
    file: &str,
    sample: &[u8],
    delimiter: Option<u8>,
) -> Result<Dialect, LogError> {
    let mark = if sample.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    };
    let text = sample.get(mark..).unwrap_or_default();
    let delimiter = delimiter.unwrap_or_else(|| likeliest(text));
    let mut reader = reader(text, delimiter);
    let mut record = ByteRecord::new();
    let found = reader.read_byte_record(&mut record).unwrap_or(false);
    if !found {
        return Err(LogError::Empty {
            file: file.to_owned(),
        });
    }
    let header = record
        .iter()
        .map(|name| {
            std::str::from_utf8(name)
                .map(|name| name.trim().to_owned())
                .map_err(|_| LogError::WrongFormat {
                    file: file.to_owned(),
                    what: "the header is not UTF-8 text".to_owned(),
                    hint: Some("save the file as UTF-8".to_owned()),
                })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let position = reader.position();
    Ok(Dialect {
        delimiter,
        header,
        header_bytes: mark + position.byte() as usize,
        header_lines: position.line().saturating_sub(1),
    })
}

/// The delimiter by which the first rows have the most fields, and all of them equally many.
fn likeliest(text: &[u8]) -> u8 {
    let fields = |delimiter: u8| {
        let mut lengths = reader(text, delimiter)
            .into_byte_records()
            .take(JUDGED_ROWS)
            .filter_map(Result::ok)
            .map(|record| record.len())
            .collect::<Vec<_>>();
        // The last record of the sample may be cut.
        if lengths.len() > 1 {
            lengths.pop();
        }
        let first = lengths.first().copied().unwrap_or(0);
        let alike = lengths.iter().filter(|length| **length == first).count();
        // A few ragged rows are for the row check to report, not a reason to misread the file.
        if alike * 10 >= lengths.len() * 9 {
            first
        } else {
            1
        }
    };
    let mut best = (1, b',');
    for delimiter in DELIMITERS {
        let count = fields(delimiter);
        if count > best.0 {
            best = (count, delimiter);
        }
    }
    best.1
}

/// The first rows after the header as text, column by column; a cut last record is left out.
pub(super) fn sample_rows(
    sample: &[u8],
    whole: bool,
    dialect: &Dialect,
) -> Vec<Vec<Option<String>>> {
    let body = sample.get(dialect.header_bytes..).unwrap_or_default();
    let end = match (whole, records_end(body, dialect.delimiter)) {
        (true, _) => body.len(),
        (false, End::At(end) | End::OpenQuote { end, .. }) => end,
    };
    let body = body.get(..end).unwrap_or_default();
    let mut columns = vec![Vec::new(); dialect.header.len()];
    let records = reader(body, dialect.delimiter).into_byte_records();
    for record in records.take(SAMPLE_ROWS).filter_map(Result::ok) {
        for (column, field) in columns.iter_mut().zip(record.iter()) {
            let text = String::from_utf8_lossy(field).into_owned();
            column.push((!text.is_empty()).then_some(text));
        }
    }
    columns
}

/// Where the last whole record of a block ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Bytes up to and with the last line end outside quotes; 0 when there is none.
    At(usize),
    /// As `At`, and a quote that opened at this byte is still open.
    OpenQuote { end: usize, quote: usize },
}

/// Finds the end of the last whole record of a block that begins with a record. As in the csv
/// crate, a quote opens a quoted field only at its beginning.
pub(super) fn records_end(block: &[u8], delimiter: u8) -> End {
    if memchr(QUOTE, block).is_none() {
        return End::At(memrchr(b'\n', block).map_or(0, |at| at + 1));
    }
    let mut at = 0;
    let mut end = 0;
    while let Some(found) = block.get(at..).and_then(|rest| memchr2(QUOTE, b'\n', rest)) {
        let place = at + found;
        let before = place.checked_sub(1).and_then(|before| block.get(before));
        if block.get(place) == Some(&b'\n') {
            end = place + 1;
            at = end;
        } else if before.is_none_or(|byte| *byte == delimiter || *byte == b'\n' || *byte == b'\r') {
            match closing_quote(block, place + 1) {
                Some(close) => at = close + 1,
                None => return End::OpenQuote { end, quote: place },
            }
        } else {
            at = place + 1;
        }
    }
    End::At(end)
}

/// The quote that closes a field whose text begins at `from`; a doubled quote does not.
fn closing_quote(block: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let quote = from + memchr(QUOTE, block.get(from..)?)?;
        match block.get(quote + 1) {
            Some(&QUOTE) => from = quote + 2,
            Some(_) => return Some(quote),
            // The next block may begin with the second half of a doubled quote.
            None => return None,
        }
    }
}

/// Places of the wanted fields within a chunk, column by column; kept from chunk to chunk so that
/// their memory is.
#[derive(Debug, Default)]
pub(super) struct Spans {
    columns: Vec<Vec<Range<u32>>>,
    /// Where the fields of the row that is being read end.
    ends: Vec<usize>,
}

/// Reads the fields of a chunk of whole records. `fields` gives, for each input, its place in the
/// header. Returns the lines of the chunk.
pub(super) fn read(
    chunk: &[u8],
    dialect: &Dialect,
    fields: &[usize],
    (spans, raw): (&mut Spans, &mut Raw),
) -> u64 {
    let mut rows = Rows {
        has_nul: memchr(0, chunk).is_some(),
        width: dialect.header.len(),
        fields,
        spans,
        raw,
    };
    if is_plain(chunk) {
        rows.read_plain(chunk, dialect.delimiter)
    } else {
        rows.read_quoted(chunk, dialect.delimiter)
    }
}

/// Whether fields are just what stands between delimiters and line ends: no quote, and no carriage
/// return that ends a line by itself.
fn is_plain(chunk: &[u8]) -> bool {
    let ends_line = |at: usize| chunk.get(at + 1).is_none_or(|next| *next == b'\n');
    memchr(QUOTE, chunk).is_none() && memchr_iter(b'\r', chunk).all(ends_line)
}

impl Spans {
    /// Notes the wanted fields of a row that begins at `start`.
    fn add_row(&mut self, start: usize, fields: &[usize]) {
        for (column, field) in self.columns.iter_mut().zip(fields) {
            let before = field
                .checked_sub(1)
                .and_then(|before| self.ends.get(before));
            let from = start + before.map_or(0, |end| end + 1);
            let to = start + self.ends.get(*field).copied().unwrap_or(0);
            // A chunk and a record's remainder are far shorter than 4 GB.
            column.push(from as u32..to as u32);
        }
    }
}

struct Rows<'a> {
    has_nul: bool,
    /// Fields of the header.
    width: usize,
    fields: &'a [usize],
    spans: &'a mut Spans,
    raw: &'a mut Raw,
}

impl Rows<'_> {
    /// Reads column by column: first the places of the wanted fields of all rows, then each
    /// column's fields in one go.
    fn read_plain(&mut self, chunk: &[u8], delimiter: u8) -> u64 {
        let mut spans = std::mem::take(self.spans);
        spans.columns.resize(self.fields.len(), Vec::new());
        spans.columns.iter_mut().for_each(Vec::clear);
        let mut lines = 0;
        let mut start = 0;
        while let Some(rest) = chunk.get(start..).filter(|rest| !rest.is_empty()) {
            let length = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..length).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if !line.is_empty() {
                spans.ends.clear();
                spans.ends.extend(memchr_iter(delimiter, line));
                spans.ends.push(line.len());
                if self.accepts(lines, line, spans.ends.len()) {
                    spans.add_row(start, self.fields);
                    self.raw.end_row(lines);
                }
            }
            start += length + 1;
            lines += 1;
        }
        for (input, column) in spans.columns.iter().enumerate() {
            self.raw.push_column(input, chunk, column);
        }
        *self.spans = spans;
        u64::from(lines)
    }

    fn read_quoted(&mut self, chunk: &[u8], delimiter: u8) -> u64 {
        let mut reader = reader(chunk, delimiter);
        let mut record = ByteRecord::new();
        let mut lines = LineCounter::default();
        // The reader can fail only on input and output, and a slice does neither.
        while let Ok(true) = reader.read_byte_record(&mut record) {
            let line = lines.line(chunk, &record);
            if self.accepts(line, record.as_slice(), record.len()) {
                for (input, field) in self.fields.iter().enumerate() {
                    let bytes = record.get(*field).unwrap_or_default();
                    self.raw.push(input, line, Field::Bytes(bytes));
                }
                self.raw.end_row(line);
            }
        }
        line_ends(chunk)
    }

    /// Whether a row can be looked at; if not, it is refused.
    fn accepts(&mut self, line: u32, bytes: &[u8], width: usize) -> bool {
        if self.has_nul && memchr(0, bytes).is_some() {
            self.raw.refuse_line(line, None, Why::NulByte);
            false
        } else if width != self.width {
            let counts = format!("{width} instead of {}", self.width);
            self.raw.refuse_line(line, Some(&counts), Why::FieldCount);
            false
        } else {
            true
        }
    }
}

/// Counts lines along the records of a chunk. The reader's own count is of no use for messages: it
/// stands before the line ends that it has yet to skip.
#[derive(Default)]
struct LineCounter {
    /// Bytes looked at so far, and the line ends in them.
    bytes: usize,
    lines: u64,
}

impl LineCounter {
    /// The line, from 0, on which a record begins; records in their order.
    fn line(&mut self, chunk: &[u8], record: &ByteRecord) -> u32 {
        let reported = record
            .position()
            .map_or(0, |position| position.byte() as usize);
        let rest = chunk.get(reported..).unwrap_or_default();
        let skipped = rest
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        let start = reported + skipped;
        self.lines += line_ends(chunk.get(self.bytes..start).unwrap_or_default());
        self.bytes = start;
        self.lines as u32
    }
}

/// Line ends in a text: line feeds, and carriage returns that none follows.
fn line_ends(text: &[u8]) -> u64 {
    let alone = |at: &usize| text.get(at + 1) != Some(&b'\n');
    let feeds = memchr_iter(b'\n', text).count();
    (feeds + memchr_iter(b'\r', text).filter(alone).count()) as u64
}

/// Fields as they are written, by line within the chunk and place in the header; `wanted` in the
/// order of the lines.
pub(super) fn written(
    chunk: &[u8],
    dialect: &Dialect,
    wanted: &[(u32, usize)],
) -> BTreeMap<(u32, usize), String> {
    let mut texts = BTreeMap::new();
    let mut reader = reader(chunk, dialect.delimiter);
    let mut record = ByteRecord::new();
    let mut lines = LineCounter::default();
    let mut wanted = wanted.iter().peekable();
    while wanted.peek().is_some() && reader.read_byte_record(&mut record).unwrap_or(false) {
        let line = lines.line(chunk, &record);
        while let Some((line, field)) = wanted.next_if(|(wanted, _)| *wanted <= line) {
            let bytes = record.get(*field).unwrap_or_default();
            texts.insert((*line, *field), String::from_utf8_lossy(bytes).into_owned());
        }
    }
    texts
}
