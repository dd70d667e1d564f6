//! JSON Lines: the wanted fields of each line, nested ones by dotted path. Parsing is serde_json's
//! work; fields that nobody asked for are skipped, not built.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::column::Field;
use super::plan::Input;
use super::raw::Raw;
use super::reject::Why;
use super::sample::{NativeType, SAMPLE_ROWS, SampledColumn};

/// What the visitor says when a wanted key comes twice; told apart by this text.
const TWICE: &str = "the same key twice";

/// The wanted paths as a tree: the inputs that end at a node, and the keys below it.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths {
    inputs: Vec<usize>,
    below: BTreeMap<String, Paths>,
}

impl Paths {
    pub(super) fn new(inputs: &[Input]) -> Self {
        let mut root = Self::default();
        for (index, input) in inputs.iter().enumerate() {
            let mut node = &mut root;
            for key in input.column.split('.') {
                node = node.below.entry(key.to_owned()).or_default();
            }
            node.inputs.push(index);
            // A key may hold dots itself.
            if input.column.contains('.') {
                let whole = root.below.entry(input.column.clone()).or_default();
                whole.inputs.push(index);
            }
        }
        root
    }

    /// All inputs at and below a node.
    fn all(&self, into: &mut Vec<usize>) {
        into.extend(&self.inputs);
        for below in self.below.values() {
            below.all(into);
        }
    }
}

/// Reads the wanted fields of whole lines. Returns the lines of the chunk.
pub(super) fn read(chunk: &[u8], paths: &Paths, raw: &mut Raw) -> u64 {
    let mut lines = 0;
    let mut filled = Vec::new();
    for (index, line) in chunk.split_inclusive(|byte| *byte == b'\n').enumerate() {
        lines += 1;
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        filled.clear();
        filled.resize(raw.columns.len(), false);
        read_line(text, index as u32, paths, raw, &mut filled);
    }
    lines
}

fn read_line(text: &[u8], line: u32, paths: &Paths, raw: &mut Raw, filled: &mut [bool]) {
    let faults = raw.faults.len();
    if !text.starts_with(b"{") {
        raw.refuse_line(line, None, Why::NotJson);
        return;
    }
    let mut parser = serde_json::Deserializer::from_slice(text);
    let row = Row { line, raw, filled };
    let read = Node { paths, row }
        .deserialize(&mut parser)
        .and_then(|()| parser.end());
    match read {
        Ok(()) => {
            for (input, filled) in filled.iter().enumerate() {
                if !filled {
                    raw.push(input, line, Field::Missing);
                }
            }
            raw.end_row(line);
        }
        Err(error) => {
            // Each line is parsed on its own: the parser's own line number means nothing.
            let reason = error
                .to_string()
                .replace(" at line 1 column ", ", character ");
            let why = if reason.contains(TWICE) {
                Why::DuplicateKey
            } else {
                Why::NotJson
            };
            raw.faults.truncate(faults);
            raw.refuse_line(line, Some(&reason), why);
        }
    }
}

/// The row that is being read.
struct Row<'a> {
    line: u32,
    raw: &'a mut Raw,
    filled: &'a mut [bool],
}

impl Row<'_> {
    fn fill<E: serde::de::Error>(&mut self, inputs: &[usize], field: Field<'_>) -> Result<(), E> {
        for input in inputs {
            match self.filled.get_mut(*input) {
                Some(filled) if !*filled => *filled = true,
                _ => return Err(E::custom(TWICE)),
            }
            self.raw.push(*input, self.line, field);
        }
        Ok(())
    }
}

/// Reads the value at a node of the wanted paths.
struct Node<'a> {
    paths: &'a Paths,
    row: Row<'a>,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Node<'_> {
    /// A single value: it fills the inputs that end here, and nothing below can exist.
    fn single<E: serde::de::Error>(mut self, field: Field<'_>) -> Result<(), E> {
        self.row.fill(&self.paths.inputs, field)?;
        for below in self.paths.below.values() {
            let mut inputs = Vec::new();
            below.all(&mut inputs);
            self.row.fill(&inputs, Field::Missing)?;
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.single(Field::Boolean(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.single(Field::Integer(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        match i64::try_from(value) {
            Ok(value) => self.single(Field::Integer(value)),
            Err(_) => self.single(Field::Text(&value.to_string())),
        }
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        self.single(Field::Number(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        self.single(Field::Text(value))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.single(Field::Missing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        self.single(Field::Nested)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        self.row.fill(&self.paths.inputs, Field::Nested)?;
        let mut seen: Vec<&Paths> = Vec::new();
        while let Some(key) = map.next_key::<KeyText<'de>>()? {
            match self.paths.below.get(key.0.as_ref()) {
                Some(below) => {
                    if seen.iter().any(|known| std::ptr::eq(*known, below)) {
                        return Err(A::Error::custom(TWICE));
                    }
                    seen.push(below);
                    map.next_value_seed(Node {
                        paths: below,
                        row: Row {
                            line: self.row.line,
                            raw: self.row.raw,
                            filled: self.row.filled,
                        },
                    })?;
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// A key, borrowed where it holds no escapes.
#[derive(serde::Deserialize)]
struct KeyText<'a>(#[serde(borrow)] std::borrow::Cow<'a, str>);

/// The columns of the first lines: every path to a single value, in order of appearance.
pub(super) fn sample_columns(sample: &[u8], whole: bool) -> Vec<SampledColumn> {
    let end = if whole {
        sample.len()
    } else {
        memchr::memrchr(b'\n', sample).map_or(0, |at| at + 1)
    };
    let text = sample.get(..end).unwrap_or_default();
    let mut paths = SampledPaths::default();
    for line in text.split(|byte| *byte == b'\n').take(SAMPLE_ROWS) {
        if let Ok(serde_json::Value::Object(object)) = serde_json::from_slice(line) {
            paths.add("", &object);
            paths.rows += 1;
        }
    }
    paths.into_columns()
}

#[derive(Default)]
struct SampledPaths {
    names: Vec<String>,
    values: BTreeMap<String, (Vec<Option<String>>, Option<NativeType>)>,
    rows: usize,
}

impl SampledPaths {
    fn add(&mut self, prefix: &str, object: &serde_json::Map<String, serde_json::Value>) {
        use serde_json::Value;
        for (key, value) in object {
            let path = format!("{prefix}{key}");
            let (text, native) = match value {
                Value::Object(below) => {
                    self.add(&format!("{path}."), below);
                    continue;
                }
                Value::Null => (None, None),
                Value::Bool(value) => (Some(value.to_string()), Some(NativeType::Boolean)),
                Value::Number(number) => (Some(number.to_string()), Some(NativeType::Number)),
                Value::String(text) => (Some(text.clone()), Some(NativeType::Text)),
                Value::Array(_) => (None, Some(NativeType::Nested("lists"))),
            };
            self.put(path, text, native);
        }
    }

    fn put(&mut self, path: String, text: Option<String>, native: Option<NativeType>) {
        let rows = self.rows;
        let entry = self.values.entry(path.clone()).or_insert_with(|| {
            self.names.push(path);
            (Vec::new(), None)
        });
        entry.0.resize(rows, None);
        entry.0.push(text);
        entry.1 = match (entry.1, native) {
            (None, found) | (found, None) => found,
            (Some(known), Some(found)) if known == found => Some(known),
            (Some(NativeType::Nested(what)), _) | (_, Some(NativeType::Nested(what))) => {
                Some(NativeType::Nested(what))
            }
            (Some(_), Some(_)) => Some(NativeType::Text),
        };
    }

    /// A path that is a parent of others was null in some rows: it is no column.
    fn into_columns(mut self) -> Vec<SampledColumn> {
        let names = std::mem::take(&mut self.names);
        let is_parent = |name: &str| {
            let below = format!("{name}.");
            names.iter().any(|other| other.starts_with(&below))
        };
        names
            .iter()
            .filter(|name| !is_parent(name))
            .map(|name| {
                let (mut values, native) = self.values.remove(name).unwrap_or_default();
                values.resize(self.rows, None);
                SampledColumn::new(name.clone(), native.unwrap_or(NativeType::Text), values)
            })
            .collect()
    }
}
