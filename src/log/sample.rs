//! The columns of a log and the first rows of it as text: what types are told from, and what
//! `gonogo init` guesses roles from.

/// Rows that the sample holds at most.
pub(super) const SAMPLE_ROWS: usize = 2000;
/// Integers beyond this are not exact as doubles; a column of them is kept as text.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// What a format or the sample says of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NativeType {
    Text,
    Number,
    Integer,
    Boolean,
    Instant,
    /// Lists, maps and the like, by the name that a message gives them.
    Nested(&'static str),
}

/// The columns of a log with what is known of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// The file that they are read from, for messages.
    pub(super) file: String,
    pub(super) list: Vec<SampledColumn>,
    /// Whether rows may hold fields that the sample does not: then a name below a field that
    /// was always null in the sample is taken on trust.
    pub(super) open: bool,
}

/// One column and the first values of it; `None` where a value is missing.
#[derive(Clone, Debug)]
pub struct SampledColumn {
    name: String,
    native: NativeType,
    values: Vec<Option<String>>,
}

impl SampledColumn {
    pub(super) fn new(name: String, native: NativeType, values: Vec<Option<String>>) -> Self {
        Self {
            name,
            native,
            values,
        }
    }

    /// A column of a text file, typed from its values.
    pub(super) fn from_text(name: String, values: Vec<Option<String>>) -> Self {
        let native = text_type(&values);
        Self::new(name, native, values)
    }

    /// The name, or the dotted path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first values as text.
    pub fn values(&self) -> &[Option<String>] {
        &self.values
    }

    /// Whether all present values are numbers.
    pub fn is_numeric(&self) -> bool {
        matches!(self.native, NativeType::Number | NativeType::Integer)
    }

    /// Whether the format itself says that these are times.
    pub fn is_instant(&self) -> bool {
        self.native == NativeType::Instant
    }
}

impl Columns {
    pub(super) fn names(&self) -> Vec<String> {
        self.list.iter().map(|column| column.name.clone()).collect()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some() || (self.open && self.is_below_null(name))
    }

    pub(super) fn find(&self, name: &str) -> Option<&SampledColumn> {
        self.list.iter().find(|column| column.name == name)
    }

    /// Whether a dotted path leads through a field that was always null in the sample.
    fn is_below_null(&self, name: &str) -> bool {
        let is_null = |column: &SampledColumn| column.values.iter().all(Option::is_none);
        name.match_indices('.').any(|(at, _)| {
            let parent = name.get(..at).unwrap_or_default();
            self.find(parent).is_some_and(is_null)
        })
    }

    /// Whether the format itself says that a column holds times.
    pub(super) fn is_instant(&self, name: &str) -> bool {
        self.native(name) == NativeType::Instant
    }

    pub(super) fn native(&self, name: &str) -> NativeType {
        self.find(name)
            .map_or(NativeType::Text, |column| column.native)
    }
}

/// The type that every present value of a text column fits. Numbers with leading zeros are codes
/// and stay text, as do integers that a double cannot hold.
fn text_type(values: &[Option<String>]) -> NativeType {
    let mut present = values.iter().flatten().map(|value| value.trim()).peekable();
    if present.peek().is_none() {
        return NativeType::Text;
    }
    let values: Vec<&str> = present.collect();
    let is_word =
        |value: &&str| value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false");
    if values.iter().all(is_word) {
        NativeType::Boolean
    } else if values.iter().all(|value| is_plain_number(value)) {
        NativeType::Number
    } else {
        NativeType::Text
    }
}

fn is_plain_number(value: &str) -> bool {
    let digits = value.trim_start_matches(['-', '+']);
    let coded = digits.len() > 1
        && digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    let parsed: Result<f64, _> = value.parse();
    !coded && parsed.is_ok_and(|number| number.is_finite() && number.abs() <= LARGEST_EXACT)
}
