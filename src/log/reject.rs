//! Rows that cannot be used, each with its place and its reason. Nothing is repaired here.

use std::fmt;

/// The most bad rows that a run keeps with their reasons: the stated memory bound of
/// `--skip-bad-rows`.
pub(super) const MOST_REJECTS: usize = 1_000_000;
/// Longest part of a value that a message shows.
const SHOWN_CHARACTERS: usize = 60;

/// Why a row cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    NotANumber,
    NotFinite,
    NotAnInteger,
    NotABoolean,
    NotAnInstant,
    NoUnit,
    NotText,
    NotComputable,
    ScoreOutOfRange,
    ProbabilityOutOfRange,
    ValueOutOfRange,
    LengthOutOfRange,
    Missing,
    NulByte,
    NotUtf8,
    FieldCount,
    NotJson,
    DuplicateKey,
}

impl Why {
    /// The reason as a person reads it.
    pub fn text(self) -> &'static str {
        match self {
            Self::NotANumber => "is not a number",
            Self::NotFinite => "is not a finite number",
            Self::NotAnInteger => "is not an integer",
            Self::NotABoolean => "is not a boolean",
            Self::NotAnInstant => "is not a time",
            Self::NoUnit => "is a number without a unit of time",
            Self::NotText => "is not a single value",
            Self::NotComputable => "cannot be computed",
            Self::ScoreOutOfRange => "is not a score from 0 to 1",
            Self::ProbabilityOutOfRange => "is not a probability above 0 and up to 1",
            Self::ValueOutOfRange => "is not an amount from 0 to a trillion",
            Self::LengthOutOfRange => "is not a length from 0 to a trillion seconds",
            Self::Missing => "is missing",
            Self::NulByte => "the row holds a NUL byte",
            Self::NotUtf8 => "is not UTF-8 text",
            Self::FieldCount => "the row has another number of fields than the header",
            Self::NotJson => "the line is not a JSON object",
            Self::DuplicateKey => "the line gives the same key twice",
        }
    }

    /// The key under which reports count the rows.
    pub fn key(self) -> &'static str {
        match self {
            Self::NotANumber => "not_a_number",
            Self::NotFinite => "not_finite",
            Self::NotAnInteger => "not_an_integer",
            Self::NotABoolean => "not_a_boolean",
            Self::NotAnInstant => "not_an_instant",
            Self::NoUnit => "no_unit",
            Self::NotText => "not_a_single_value",
            Self::NotComputable => "not_computable",
            Self::ScoreOutOfRange => "score_out_of_range",
            Self::ProbabilityOutOfRange => "probability_out_of_range",
            Self::ValueOutOfRange => "value_out_of_range",
            Self::LengthOutOfRange => "length_out_of_range",
            Self::Missing => "missing",
            Self::NulByte => "nul_byte",
            Self::NotUtf8 => "not_utf8",
            Self::FieldCount => "field_count",
            Self::NotJson => "not_json",
            Self::DuplicateKey => "duplicate_key",
        }
    }

    /// The mend, where there is one that a mapping can make.
    pub fn hint(self) -> Option<&'static str> {
        match self {
            Self::ScoreOutOfRange => Some(
                "if the scores are percentages, map them as such: score = \"score_column / 100\"",
            ),
            Self::NotABoolean => {
                Some("write what counts as true, for example error = \"verdict = 'wrong'\"")
            }
            Self::NoUnit => {
                Some("state the unit under [types] of gonogo.toml, \"epoch_s\" or \"epoch_ms\"")
            }
            Self::ValueOutOfRange => Some("map an amount that is never negative, or none"),
            _ => None,
        }
    }
}

/// A fault of one row, by its line within the chunk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fault {
    /// Line (or row) within the chunk, from 0.
    pub(super) line: u32,
    pub(super) column: Option<String>,
    pub(super) value: Option<String>,
    pub(super) why: Why,
}

/// One row that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    pub file: String,
    /// What the number counts: lines of a text file or rows of a Parquet file, both from 1.
    pub unit: &'static str,
    pub line: u64,
    /// The column or role, where one value is to blame.
    pub column: Option<String>,
    /// What was found, cut to a readable length.
    pub value: Option<String>,
    pub why: Why,
}

impl fmt::Display for Reject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}, {} {}", self.file, self.unit, self.line)?;
        if let Some(column) = &self.column {
            write!(formatter, ", column `{column}`")?;
        }
        write!(formatter, ": ")?;
        match (&self.value, &self.column) {
            (Some(value), Some(_)) => write!(formatter, "{value:?} {}", self.why.text()),
            (Some(detail), None) => write!(formatter, "{} ({detail})", self.why.text()),
            (None, _) => formatter.write_str(self.why.text()),
        }
    }
}

/// A value cut to what a message can show; control characters are for the printer to escape.
pub(super) fn shown(value: &str) -> String {
    let mut text: String = value.chars().take(SHOWN_CHARACTERS).collect();
    if text.len() < value.len() {
        text.push('…');
    }
    text
}
