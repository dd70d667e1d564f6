//! Plain columns of one batch, and how one field of a log becomes a value in them.
//! Knows neither formats nor roles. A missing value is missing, never a default.

use xxhash_rust::xxh3::xxh3_64;

use super::instant::{self, TimeUnit};
use super::interner::{Interner, MISSING};
use super::reject::Why;

/// Distinct texts that a column of an expression keeps interned; beyond that its texts are held
/// for one batch only, so that an expression over ids does not grow with the log.
const MOST_INTERNED: usize = 65_536;

/// What a column is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A 64-bit hash of the text: enough to find repeated ids.
    Identity,
    Number,
    Integer,
    Boolean,
    Instant(TimeUnit),
    /// Text that makes groups: every distinct value is kept.
    Group,
    /// Text that an expression reads.
    Text,
}

impl Kind {
    /// The kind as a message names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Identity | Self::Group | Self::Text => "text",
            Self::Number => "a number",
            Self::Integer => "an integer",
            Self::Boolean => "a boolean",
            Self::Instant(_) => "a time",
        }
    }
}

/// One field as a format hands it over.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field<'a> {
    Missing,
    /// Text of a delimited file, not yet known to be UTF-8.
    Bytes(&'a [u8]),
    Text(&'a str),
    Number(f64),
    Integer(i64),
    Boolean(bool),
    /// A time that the format itself knows, in microseconds since the epoch.
    Instant(i64),
    /// A list or an object where a single value is wanted.
    Nested,
}

impl Field<'_> {
    /// The field as a message shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Missing => String::new(),
            Self::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Self::Text(text) => (*text).to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Boolean(value) => value.to_string(),
            Self::Instant(micros) => instant::display(*micros),
            Self::Nested => "a list or an object".to_owned(),
        }
    }
}

/// The values of one column in one batch.
#[derive(Debug)]
pub(super) enum Column {
    Identity(Vec<u64>),
    /// NaN stands for a missing value: a NaN of the log itself is refused when it is read.
    Number(Vec<f64>),
    Integer(Vec<Option<i64>>),
    Boolean(Vec<Option<bool>>),
    Instant(Vec<Option<i64>>, TimeUnit),
    Text(TextColumn),
}

impl Column {
    /// An empty column of a kind.
    pub(super) fn new(kind: Kind) -> Self {
        match kind {
            Kind::Identity => Self::Identity(Vec::new()),
            Kind::Number => Self::Number(Vec::new()),
            Kind::Integer => Self::Integer(Vec::new()),
            Kind::Boolean => Self::Boolean(Vec::new()),
            Kind::Instant(unit) => Self::Instant(Vec::new(), unit),
            Kind::Group => Self::Text(TextColumn::new(usize::MAX)),
            Kind::Text => Self::Text(TextColumn::new(MOST_INTERNED)),
        }
    }

    /// Forgets the values, not the interned texts.
    pub(super) fn clear(&mut self) {
        match self {
            Self::Identity(values) => values.clear(),
            Self::Number(values) => values.clear(),
            Self::Integer(values) => values.clear(),
            Self::Boolean(values) => values.clear(),
            Self::Instant(values, _) => values.clear(),
            Self::Text(text) => text.clear(),
        }
    }

    /// Forgets all rows from `rows` on.
    pub(super) fn truncate(&mut self, rows: usize) {
        match self {
            Self::Identity(values) => values.truncate(rows),
            Self::Number(values) => values.truncate(rows),
            Self::Integer(values) => values.truncate(rows),
            Self::Boolean(values) => values.truncate(rows),
            Self::Instant(values, _) => values.truncate(rows),
            Self::Text(text) => text.truncate(rows),
        }
    }

    /// Adds one field. A field that does not fit adds a missing value, so that columns stay in
    /// step, and says why.
    pub(super) fn push(&mut self, field: Field<'_>) -> Result<(), Why> {
        match self {
            Self::Identity(values) => keep(values, 0, identity(field)),
            Self::Number(values) => keep(values, f64::NAN, number(field)),
            Self::Integer(values) => keep(values, None, integer(field)),
            Self::Boolean(values) => keep(values, None, boolean(field)),
            Self::Instant(values, unit) => keep(values, None, instant_of(field, *unit)),
            Self::Text(column) => match column.push_field(field) {
                Ok(()) => Ok(()),
                Err(why) => {
                    column.push(None);
                    Err(why)
                }
            },
        }
    }

    /// Adds many text fields, as `push` would one by one; `bad` gets those that do not fit. One
    /// loop for each kind keeps what is done for every field of a log together.
    pub(super) fn push_all<'a>(
        &mut self,
        fields: impl Iterator<Item = &'a [u8]>,
        mut bad: impl FnMut(usize, Why),
    ) {
        let fields = fields.enumerate();
        match self {
            Self::Number(values) => {
                for (row, bytes) in fields {
                    if let Err(why) = keep(values, f64::NAN, number(Field::Bytes(bytes))) {
                        bad(row, why);
                    }
                }
            }
            Self::Identity(values) => {
                for (row, bytes) in fields {
                    if let Err(why) = keep(values, 0, identity(Field::Bytes(bytes))) {
                        bad(row, why);
                    }
                }
            }
            Self::Text(column) => {
                for (row, bytes) in fields {
                    if let Err(why) = column.push_field(Field::Bytes(bytes)) {
                        column.push(None);
                        bad(row, why);
                    }
                }
            }
            Self::Integer(_) | Self::Boolean(_) | Self::Instant(..) => {
                for (row, bytes) in fields {
                    if let Err(why) = self.push(Field::Bytes(bytes)) {
                        bad(row, why);
                    }
                }
            }
        }
    }

    /// Keeps the rows that are marked true.
    pub(super) fn retain(&mut self, keep: &[bool]) {
        match self {
            Self::Identity(values) => retain(values, keep),
            Self::Number(values) => retain(values, keep),
            Self::Integer(values) => retain(values, keep),
            Self::Boolean(values) => retain(values, keep),
            Self::Instant(values, _) => retain(values, keep),
            Self::Text(text) => text.retain(keep),
        }
    }
}

/// Keeps the values that are marked true.
pub(super) fn retain<T>(values: &mut Vec<T>, keep: &[bool]) {
    let mut marks = keep.iter();
    values.retain(|_| marks.next().copied().unwrap_or(true));
}

fn keep<T>(values: &mut Vec<T>, missing: T, value: Result<T, Why>) -> Result<(), Why> {
    match value {
        Ok(value) => {
            values.push(value);
            Ok(())
        }
        Err(why) => {
            values.push(missing);
            Err(why)
        }
    }
}

/// Calls `with` with the text of a field, or with `None` where it is missing.
fn text<T>(field: Field<'_>, with: impl FnOnce(Option<&str>) -> T) -> Result<T, Why> {
    match field {
        Field::Missing | Field::Bytes([]) => Ok(with(None)),
        Field::Bytes(bytes) => std::str::from_utf8(bytes)
            .map(|text| with(Some(text)))
            .map_err(|_| Why::NotUtf8),
        Field::Text(text) => Ok(with((!text.is_empty()).then_some(text))),
        Field::Number(number) => Ok(with(Some(&number.to_string()))),
        Field::Integer(number) => Ok(with(Some(&number.to_string()))),
        Field::Boolean(value) => Ok(with(Some(if value { "true" } else { "false" }))),
        Field::Instant(micros) => Ok(with(Some(&instant::display(micros)))),
        Field::Nested => Err(Why::NotText),
    }
}

/// The hash that stands for an id.
pub(super) fn hash_identity(id: &str) -> u64 {
    xxh3_64(id.as_bytes())
}

fn identity(field: Field<'_>) -> Result<u64, Why> {
    text(field, |text| text.map(hash_identity).ok_or(Why::Missing))?
}

fn number(field: Field<'_>) -> Result<f64, Why> {
    let bytes = match field {
        Field::Missing => return Ok(f64::NAN),
        Field::Bytes(bytes) => bytes,
        Field::Text(text) => text.as_bytes(),
        Field::Number(number) => return finite(number),
        Field::Integer(number) => return Ok(number as f64),
        Field::Boolean(_) | Field::Instant(_) => return Err(Why::NotANumber),
        Field::Nested => return Err(Why::NotText),
    };
    match bytes.trim_ascii() {
        [] => Ok(f64::NAN),
        trimmed => fast_float2::parse(trimmed)
            .map_err(|_| Why::NotANumber)
            .and_then(finite),
    }
}

fn finite(number: f64) -> Result<f64, Why> {
    if number.is_finite() {
        Ok(number)
    } else {
        Err(Why::NotFinite)
    }
}

fn integer(field: Field<'_>) -> Result<Option<i64>, Why> {
    match field {
        Field::Missing => Ok(None),
        Field::Integer(number) => Ok(Some(number)),
        Field::Number(_) | Field::Boolean(_) | Field::Instant(_) => Err(Why::NotAnInteger),
        Field::Bytes(_) | Field::Text(_) | Field::Nested => text(field, |text| {
            text.map(|text| text.trim().parse().map_err(|_| Why::NotAnInteger))
                .transpose()
        })?,
    }
}

fn boolean(field: Field<'_>) -> Result<Option<bool>, Why> {
    match field {
        Field::Missing => Ok(None),
        Field::Boolean(value) => Ok(Some(value)),
        Field::Integer(0) => Ok(Some(false)),
        Field::Integer(1) => Ok(Some(true)),
        // A column of flags with gaps is often written in floating point.
        Field::Number(number) if number.abs() < f64::MIN_POSITIVE => Ok(Some(false)),
        Field::Number(number) if (number - 1.0).abs() < f64::MIN_POSITIVE => Ok(Some(true)),
        Field::Integer(_) | Field::Number(_) | Field::Instant(_) => Err(Why::NotABoolean),
        Field::Bytes(_) | Field::Text(_) | Field::Nested => {
            text(field, |text| text.map(boolean_text).transpose())?
        }
    }
}

/// The words that a log writes for true and false.
pub(super) fn boolean_text(text: &str) -> Result<bool, Why> {
    let text = text.trim();
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["true", "1", "1.0", "yes", "t", "y"]) {
        Ok(true)
    } else if is(&["false", "0", "0.0", "no", "f", "n"]) {
        Ok(false)
    } else {
        Err(Why::NotABoolean)
    }
}

fn instant_of(field: Field<'_>, unit: TimeUnit) -> Result<Option<i64>, Why> {
    match field {
        Field::Missing => Ok(None),
        Field::Instant(micros) => Ok(Some(micros)),
        Field::Integer(number) => instant::from_epoch(number as f64, unit).map(Some),
        Field::Number(number) => instant::from_epoch(number, unit).map(Some),
        Field::Boolean(_) => Err(Why::NotAnInstant),
        Field::Bytes(_) | Field::Text(_) | Field::Nested => text(field, |text| {
            text.map(|text| instant::parse(text.trim(), unit))
                .transpose()
        })?,
    }
}

/// Text, interned as long as its distinct values are few.
#[derive(Debug)]
pub(super) struct TextColumn {
    interner: Interner,
    codes: Vec<u32>,
    /// The texts themselves, once the distinct values have become too many to intern.
    plain: Option<Vec<Option<Box<str>>>>,
    most_interned: usize,
}

impl TextColumn {
    fn new(most_interned: usize) -> Self {
        Self {
            interner: Interner::default(),
            codes: Vec::new(),
            plain: None,
            most_interned,
        }
    }

    fn clear(&mut self) {
        self.codes.clear();
        if let Some(plain) = &mut self.plain {
            plain.clear();
        }
    }

    /// Adds a field. The bytes of a text that was seen before need no further look.
    fn push_field(&mut self, field: Field<'_>) -> Result<(), Why> {
        match field {
            Field::Bytes(bytes) if !bytes.is_empty() && self.plain.is_none() => {
                let code = self
                    .interner
                    .code_of_bytes(bytes)
                    .map_err(|_| Why::NotUtf8)?;
                self.codes.push(code);
                self.keep_bound();
                Ok(())
            }
            _ => text(field, |text| self.push(text)),
        }
    }

    pub(super) fn push(&mut self, text: Option<&str>) {
        if let Some(plain) = &mut self.plain {
            plain.push(text.map(Into::into));
            return;
        }
        let code = text.map_or(MISSING, |text| self.interner.code(text));
        self.codes.push(code);
        self.keep_bound();
    }

    /// Gives up interning when the distinct texts are too many.
    fn keep_bound(&mut self) {
        if self.interner.len() > self.most_interned {
            let plain = (0..self.codes.len())
                .map(|row| self.get(row).map(Into::into))
                .collect();
            self.plain = Some(plain);
            self.interner = Interner::default();
            self.codes.clear();
        }
    }

    /// Adds many rows by the codes of their texts in `texts`.
    pub(super) fn push_keys(
        &mut self,
        keys: impl Iterator<Item = Option<usize>>,
        texts: &[Option<&str>],
    ) {
        if self.plain.is_some() || texts.len() > self.most_interned {
            for key in keys {
                self.push(key.and_then(|key| texts.get(key).copied().flatten()));
            }
            return;
        }
        let codes: Vec<u32> = texts
            .iter()
            .map(|text| match text {
                Some(text) if !text.is_empty() => self.interner.code(text),
                _ => MISSING,
            })
            .collect();
        self.codes.extend(keys.map(|key| {
            key.and_then(|key| codes.get(key).copied())
                .unwrap_or(MISSING)
        }));
        self.keep_bound();
    }

    fn truncate(&mut self, rows: usize) {
        match &mut self.plain {
            Some(plain) => plain.truncate(rows),
            None => self.codes.truncate(rows),
        }
    }

    fn retain(&mut self, keep: &[bool]) {
        match &mut self.plain {
            Some(plain) => retain(plain, keep),
            None => retain(&mut self.codes, keep),
        }
    }

    /// The codes of the rows, as long as the column is interned.
    pub(super) fn codes(&self) -> Option<&[u32]> {
        self.plain.is_none().then_some(&self.codes)
    }

    pub(super) fn interner(&self) -> &Interner {
        &self.interner
    }

    pub(super) fn len(&self) -> usize {
        self.plain.as_ref().map_or(self.codes.len(), Vec::len)
    }

    /// The text of a row of this batch.
    pub(super) fn get(&self, row: usize) -> Option<&str> {
        match &self.plain {
            Some(plain) => plain.get(row)?.as_deref(),
            None => match *self.codes.get(row)? {
                MISSING => None,
                code => Some(self.interner.text(code)),
            },
        }
    }
}
