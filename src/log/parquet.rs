//! Parquet: the wanted columns of one row group at a time. Repeated texts are read as
//! dictionaries, so that a text is looked at once per page and not once per row.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field as ArrowField, Fields, Schema, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};

use super::column::{Column, Field, Kind};
use super::error::LogError;
use super::instant;
use super::plan::Input;
use super::raw::Raw;
use super::sample::{NativeType, SAMPLE_ROWS, SampledColumn};

/// Rows that are decoded at a time.
const BATCH_ROWS: usize = 16_384;

/// The schema of a Parquet file and the rows of its row groups.
#[derive(Clone)]
pub(super) struct ParquetFile {
    name: String,
    metadata: ArrowReaderMetadata,
    pub(super) group_rows: Vec<u64>,
    pub(super) group_bytes: Vec<u64>,
}

impl std::fmt::Debug for ParquetFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("ParquetFile")
            .field(&self.name)
            .finish()
    }
}

impl ParquetFile {
    /// Reads the footer of a file.
    pub(super) fn open(name: &str, path: &Path) -> Result<Self, LogError> {
        let file = open(name, path)?;
        let metadata = guarded(name, || {
            ArrowReaderMetadata::load(
                &file,
                ArrowReaderOptions::new().with_skip_arrow_metadata(false),
            )
        })?;
        let groups = metadata.metadata().row_groups();
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        Ok(Self {
            name: name.to_owned(),
            group_rows: groups.iter().map(|group| count(group.num_rows())).collect(),
            group_bytes: groups
                .iter()
                .map(|group| count(group.compressed_size()))
                .collect(),
            metadata,
        })
    }

    /// All paths to single values, and others by their type's name.
    fn columns(&self) -> Vec<(String, NativeType)> {
        let mut columns = Vec::new();
        leaves("", self.metadata.schema().fields(), &mut columns);
        columns
    }

    /// The columns without values.
    pub(super) fn names_only(&self) -> Vec<SampledColumn> {
        let columns = self.columns().into_iter();
        columns
            .map(|(name, native)| SampledColumn::new(name, native, Vec::new()))
            .collect()
    }

    /// The first rows of every column as text.
    pub(super) fn sample(&self, path: &Path) -> Result<Vec<SampledColumn>, LogError> {
        let columns = self.columns();
        let readable: Vec<&str> = columns
            .iter()
            .filter(|(_, native)| !matches!(native, NativeType::Nested(_)))
            .map(|(name, _)| name.as_str())
            .collect();
        let mut values = vec![Vec::new(); columns.len()];
        let groups: Vec<usize> = (0..self.group_rows.len().min(1)).collect();
        let reader = |file| {
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_projection(self.mask(&readable))
                .with_row_groups(groups)
                .with_limit(SAMPLE_ROWS)
                .build()
        };
        let file = open(&self.name, path)?;
        let batches: Vec<RecordBatch> = guarded(&self.name, || {
            let collected: Result<Vec<_>, _> = reader(file)?.collect();
            Ok::<_, parquet::errors::ParquetError>(collected?)
        })?;
        for batch in &batches {
            for (values, (name, native)) in values.iter_mut().zip(&columns) {
                match find(batch, name) {
                    Some(array) if !matches!(native, NativeType::Nested(_)) => {
                        each(&array, |field| values.push(text(field)));
                    }
                    _ => {}
                }
            }
        }
        let pairs = columns.into_iter().zip(values);
        Ok(pairs
            .map(|((name, native), values)| SampledColumn::new(name, native, values))
            .collect())
    }

    fn mask(&self, names: &[&str]) -> ProjectionMask {
        // By leaf and whole path: a name may hold a dot without being a path.
        let schema = self.metadata.parquet_schema();
        let leaves = schema.columns().iter().enumerate();
        let wanted = leaves.filter(|(_, leaf)| names.contains(&leaf.path().string().as_str()));
        ProjectionMask::leaves(schema, wanted.map(|(place, _)| place))
    }

    /// Reads the wanted columns of a row group, batch by batch.
    pub(super) fn read(
        &self,
        path: &Path,
        group: usize,
        inputs: &[Input],
        raw: &mut Raw,
        mut ready: impl FnMut(&mut Raw) -> Result<(), LogError>,
    ) -> Result<(), LogError> {
        let file = open(&self.name, path)?;
        let names: Vec<&str> = inputs.iter().map(|input| input.column.as_str()).collect();
        let mut reader = guarded(&self.name, || {
            let options = ArrowReaderOptions::new().with_schema(self.schema_for(inputs));
            let metadata =
                ArrowReaderMetadata::try_new(Arc::clone(self.metadata.metadata()), options)
                    .unwrap_or_else(|_| self.metadata.clone());
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
                .with_projection(self.mask(&names))
                .with_row_groups(vec![group])
                .with_batch_size(BATCH_ROWS)
                .build()
        })?;
        let mut row = 0;
        loop {
            let next = guarded(&self.name, || reader.next().transpose())?;
            let Some(batch) = next else {
                return Ok(());
            };
            raw.clear();
            let lines = row..row + batch.num_rows() as u32;
            for (index, input) in inputs.iter().enumerate() {
                match find(&batch, &input.column) {
                    Some(array) => fill(raw, index, &array, row),
                    None => {
                        return Err(LogError::Damaged {
                            file: self.name.clone(),
                            reason: format!("the column `{}` cannot be found", input.column),
                        });
                    }
                }
            }
            row = lines.end;
            lines.for_each(|line| raw.end_row(line));
            ready(raw)?;
        }
    }

    /// The schema with repeated texts as dictionaries and ids as views.
    fn schema_for(&self, inputs: &[Input]) -> Arc<Schema> {
        let schema = self.metadata.schema();
        let fields = schema.fields().iter().map(|field| {
            let kinds = inputs.iter().filter(|input| input.column == *field.name());
            let is_text = matches!(
                field.data_type(),
                DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
            );
            match kinds.map(|input| input.kind).next() {
                Some(Kind::Identity) if is_text => retyped(field, DataType::Utf8View),
                Some(_) if is_text => retyped(
                    field,
                    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
                ),
                _ => Arc::clone(field),
            }
        });
        Arc::new(Schema::new_with_metadata(
            fields.collect::<Fields>(),
            schema.metadata().clone(),
        ))
    }
}

fn retyped(field: &ArrowField, kind: DataType) -> Arc<ArrowField> {
    Arc::new(field.clone().with_data_type(kind))
}

fn open(name: &str, path: &Path) -> Result<File, LogError> {
    File::open(path).map_err(|reason| LogError::Unreadable {
        file: name.to_owned(),
        reason,
    })
}

/// Runs a step of the Parquet reader. Damaged files can make it panic: that, too, is bad input.
fn guarded<T, E: std::fmt::Display>(
    name: &str,
    step: impl FnOnce() -> Result<T, E>,
) -> Result<T, LogError> {
    let damaged = |reason: String| LogError::Damaged {
        file: name.to_owned(),
        reason,
    };
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(result) => result.map_err(|error| damaged(error.to_string())),
        Err(_) => Err(damaged(
            "the Parquet data does not fit its own description".to_owned(),
        )),
    }
}

fn leaves(prefix: &str, fields: &Fields, into: &mut Vec<(String, NativeType)>) {
    for field in fields {
        let path = format!("{prefix}{}", field.name());
        match field.data_type() {
            DataType::Struct(below) => leaves(&format!("{path}."), below, into),
            kind => into.push((path, native(kind))),
        }
    }
}

fn native(kind: &DataType) -> NativeType {
    match kind {
        DataType::Boolean => NativeType::Boolean,
        kind if kind.is_integer() => NativeType::Integer,
        kind if kind.is_floating() => NativeType::Number,
        DataType::Decimal128(..) => NativeType::Number,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => {
            NativeType::Text
        }
        DataType::Dictionary(_, values) => native(values),
        DataType::Timestamp(..) | DataType::Date32 => NativeType::Instant,
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => {
            NativeType::Nested("lists")
        }
        DataType::Map(..) => NativeType::Nested("maps"),
        DataType::Binary | DataType::LargeBinary | DataType::FixedSizeBinary(_) => {
            NativeType::Nested("binary data")
        }
        _ => NativeType::Nested("values of a type that gonogo does not read"),
    }
}

/// A column of a batch by its dotted path. A field is missing where its parent is.
fn find(batch: &RecordBatch, path: &str) -> Option<ArrayRef> {
    if let Some(array) = batch.column_by_name(path) {
        return Some(Arc::clone(array));
    }
    let (mut first, mut rest) = path.split_once('.')?;
    let mut array = Arc::clone(batch.column_by_name(first)?);
    loop {
        let parent: &StructArray = array.as_struct_opt()?;
        let nulls = parent.nulls().cloned();
        (first, rest) = rest.split_once('.').unwrap_or((rest, ""));
        let child = Arc::clone(parent.column_by_name(first)?);
        let own = child.to_data();
        let nulls = NullBuffer::union(nulls.as_ref(), own.nulls());
        let builder = own.into_builder().nulls(nulls);
        array = arrow_array::make_array(builder.build().ok()?);
        if rest.is_empty() {
            return Some(array);
        }
    }
}

/// Adds an array to a column of the batch; the common kinds without a look at each value's type.
fn fill(raw: &mut Raw, input: usize, array: &ArrayRef, first_line: u32) {
    if let (Some(Column::Number(values)), DataType::Float64) =
        (raw.columns.get_mut(input), array.data_type())
    {
        let floats = array.as_primitive::<Float64Type>();
        if floats.null_count() == 0 && floats.values().iter().all(|value| value.is_finite()) {
            values.extend_from_slice(floats.values());
            return;
        }
    }
    if let (Some(Column::Text(column)), DataType::Dictionary(key, values)) =
        (raw.columns.get_mut(input), array.data_type())
        && **key == DataType::Int32
        && **values == DataType::Utf8
    {
        let dictionary = array.as_dictionary::<Int32Type>();
        let texts: Vec<Option<&str>> = dictionary.values().as_string::<i32>().iter().collect();
        let keys = dictionary.keys().iter();
        column.push_keys(
            keys.map(|key| key.and_then(|key| usize::try_from(key).ok())),
            &texts,
        );
        return;
    }
    let mut line = first_line;
    each(array, |field| {
        // The rows of this batch are not ended yet, so a fault must name its own row.
        raw.push_at(input, line - first_line, line, field);
        line += 1;
    });
}

fn text(field: Field<'_>) -> Option<String> {
    match field {
        Field::Missing => None,
        field => Some(field.shown()),
    }
}

/// Calls `with` for every value of an array.
fn each(array: &ArrayRef, with: impl FnMut(Field<'_>)) {
    let mut with = with;
    macro_rules! numbers {
        ($kind:ty, $field:expr) => {
            for value in array.as_primitive::<$kind>() {
                with(value.map_or(Field::Missing, $field));
            }
        };
    }
    let integer = |value: i64| Field::Integer(value);
    match array.data_type() {
        DataType::Boolean => {
            for value in array.as_boolean() {
                with(value.map_or(Field::Missing, Field::Boolean));
            }
        }
        DataType::Int8 => numbers!(Int8Type, |v| integer(v.into())),
        DataType::Int16 => numbers!(Int16Type, |v| integer(v.into())),
        DataType::Int32 => numbers!(Int32Type, |v| integer(v.into())),
        DataType::Int64 => numbers!(Int64Type, integer),
        DataType::UInt8 => numbers!(UInt8Type, |v| integer(v.into())),
        DataType::UInt16 => numbers!(UInt16Type, |v| integer(v.into())),
        DataType::UInt32 => numbers!(UInt32Type, |v| integer(v.into())),
        DataType::UInt64 => {
            for value in array.as_primitive::<UInt64Type>() {
                match value.map(i64::try_from) {
                    None => with(Field::Missing),
                    Some(Ok(value)) => with(Field::Integer(value)),
                    // Too large for a signed integer: its digits are all there is to keep.
                    Some(Err(_)) => with(Field::Text(&value.unwrap_or_default().to_string())),
                }
            }
        }
        DataType::Float32 => numbers!(Float32Type, |v| Field::Number(shortest(v))),
        DataType::Float64 => numbers!(Float64Type, Field::Number),
        DataType::Decimal128(_, scale) => {
            for value in array.as_primitive::<Decimal128Type>() {
                match value {
                    Some(value) => with(Field::Text(&decimal(value, *scale))),
                    None => with(Field::Missing),
                }
            }
        }
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => {
                numbers!(TimestampSecondType, |v| Field::Instant(
                    v.saturating_mul(1_000_000)
                ));
            }
            TimeUnit::Millisecond => {
                numbers!(TimestampMillisecondType, |v| Field::Instant(
                    v.saturating_mul(1000)
                ));
            }
            TimeUnit::Microsecond => numbers!(TimestampMicrosecondType, Field::Instant),
            TimeUnit::Nanosecond => {
                numbers!(TimestampNanosecondType, |v| Field::Instant(
                    v.div_euclid(1000)
                ));
            }
        },
        DataType::Date32 => numbers!(Date32Type, |v| instant::from_days(v.into())
            .map_or(Field::Missing, Field::Instant)),
        DataType::Utf8 => strings(array.as_string::<i32>().iter(), with),
        DataType::LargeUtf8 => strings(array.as_string::<i64>().iter(), with),
        DataType::Utf8View => strings(array.as_string_view().iter(), with),
        DataType::Dictionary(key, _) => match **key {
            DataType::Int8 => dictionary::<Int8Type>(array, with),
            DataType::Int16 => dictionary::<Int16Type>(array, with),
            DataType::Int32 => dictionary::<Int32Type>(array, with),
            DataType::Int64 => dictionary::<Int64Type>(array, with),
            DataType::UInt8 => dictionary::<UInt8Type>(array, with),
            DataType::UInt16 => dictionary::<UInt16Type>(array, with),
            DataType::UInt32 => dictionary::<UInt32Type>(array, with),
            _ => (0..array.len()).for_each(|_| with(Field::Nested)),
        },
        DataType::Null => (0..array.len()).for_each(|_| with(Field::Missing)),
        _ => (0..array.len()).for_each(|_| with(Field::Nested)),
    }
}

fn strings<'a>(values: impl Iterator<Item = Option<&'a str>>, mut with: impl FnMut(Field<'_>)) {
    for value in values {
        with(value.map_or(Field::Missing, Field::Text));
    }
}

/// The values of a dictionary's rows, each looked up in the dictionary's own values.
fn dictionary<K: ArrowDictionaryKeyType>(array: &ArrayRef, mut with: impl FnMut(Field<'_>)) {
    let rows = array.as_dictionary::<K>();
    let mut values = Vec::new();
    // Through a dyn reference: a dictionary of dictionaries would otherwise never end compiling.
    let push: &mut dyn FnMut(Field<'_>) = &mut |field| values.push(text(field));
    each(rows.values(), push);
    for row in 0..rows.len() {
        let value = rows.key(row).and_then(|key| values.get(key));
        match value.and_then(Option::as_deref) {
            Some(text) => with(Field::Text(text)),
            None => with(Field::Missing),
        }
    }
}

/// A single-precision number as the decimal that a person would write for it: 0.9 read from four
/// bytes must meet the threshold 0.9.
fn shortest(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

/// A decimal as it is written: ids keep every digit, and numbers are read from the text.
fn decimal(value: i128, scale: i8) -> String {
    let Ok(decimals) = usize::try_from(scale) else {
        return format!("{value}e{}", -i32::from(scale));
    };
    let digits = format!("{:0width$}", value.unsigned_abs(), width = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    let sign = if value < 0 { "-" } else { "" };
    let point = if part.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{part}")
}
