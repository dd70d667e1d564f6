//! Columns of a batch as polars sees them, and its results as columns of a batch.

use polars::prelude::{
    AnyValue, DataFrame, DataType, NamedFrom, PolarsResult, Series, TimeUnit as FrameUnit,
};

use super::Failed;
use crate::log::column::{Column, Field};
use crate::log::instant;

/// A column of a batch as polars sees it.
pub(super) fn series(name: &str, column: &Column) -> Series {
    match column {
        Column::Identity(_) => Series::new_empty(name.into(), &DataType::String),
        Column::Number(values) => {
            let values: Vec<Option<f64>> = values
                .iter()
                .map(|value| (!value.is_nan()).then_some(*value))
                .collect();
            Series::new(name.into(), values)
        }
        Column::Integer(values) => Series::new(name.into(), values),
        Column::Boolean(values) => Series::new(name.into(), values),
        Column::Instant(values, _) => {
            let micros = Series::new(name.into(), values);
            let kind = DataType::Datetime(FrameUnit::Microseconds, None);
            micros.cast(&kind).unwrap_or(micros)
        }
        Column::Text(text) => {
            let values: Vec<Option<&str>> = (0..text.len()).map(|row| text.get(row)).collect();
            Series::new(name.into(), values)
        }
    }
}

/// Adds every value of a result, the first of which is of row `first`. A number that is not finite
/// (a division by zero) is added as infinity, so that the role refuses it; what does not fit
/// otherwise becomes missing and is reported.
pub(super) fn push_all(
    result: &Series,
    first: usize,
    output: &mut Column,
    failed: &mut Vec<Failed>,
) {
    for (row, value) in result.iter().enumerate() {
        if let Column::Number(numbers) = output
            && !value.is_null()
        {
            let number: Option<f64> = value.extract();
            numbers.push(number.filter(|n| n.is_finite()).unwrap_or(f64::INFINITY));
        } else if let Err(why) = output.push(field(&value)) {
            failed.push(Failed {
                row: first + row,
                found: field(&value).shown(),
                why,
            });
        }
    }
}

fn field<'a>(value: &'a AnyValue<'_>) -> Field<'a> {
    match value {
        AnyValue::Null => Field::Missing,
        AnyValue::Boolean(value) => Field::Boolean(*value),
        AnyValue::String(text) => Field::Text(text),
        AnyValue::StringOwned(text) => Field::Text(text.as_str()),
        AnyValue::Date(days) => match instant::from_days(i64::from(*days)) {
            Some(micros) => Field::Instant(micros),
            None => Field::Missing,
        },
        AnyValue::Datetime(number, unit, _) => Field::Instant(match unit {
            FrameUnit::Nanoseconds => number.div_euclid(1000),
            FrameUnit::Microseconds => *number,
            FrameUnit::Milliseconds => number.saturating_mul(1000),
        }),
        other => number(other),
    }
}

fn number<'a>(value: &AnyValue<'_>) -> Field<'a> {
    if value.is_integer()
        && let Some(number) = value.extract::<i64>()
    {
        return Field::Integer(number);
    }
    match value.extract::<f64>() {
        Some(number) if number.is_finite() => Field::Number(number),
        _ => Field::Missing,
    }
}

/// A frame of some rows of text and boolean columns.
pub(super) fn rows_of(
    names: &[String],
    inputs: &[&Column],
    rows: &[usize],
) -> PolarsResult<DataFrame> {
    let columns = names
        .iter()
        .zip(inputs)
        .map(|(name, input)| {
            let series = match input {
                Column::Boolean(values) => {
                    let values: Vec<Option<bool>> = rows
                        .iter()
                        .map(|row| values.get(*row).copied().flatten())
                        .collect();
                    Series::new(name.as_str().into(), values)
                }
                Column::Text(text) => {
                    let values: Vec<Option<&str>> = rows.iter().map(|row| text.get(*row)).collect();
                    Series::new(name.as_str().into(), values)
                }
                other => series(name, other),
            };
            series.into()
        })
        .collect();
    DataFrame::new(rows.len(), columns)
}
