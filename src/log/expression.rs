//! The one place that names polars: a SQL expression over a log's columns, parsed, checked row by
//! row and evaluated on a batch. An expression over a few repeating texts is evaluated once per
//! distinct combination of them and looked up for every further row.

use hashbrown::HashMap;
use polars::lazy::dsl::Expr;
use polars::prelude::{
    AnyValue, Column as FrameColumn, DataFrame, DataType, IntoLazy, NamedFrom, PolarsResult,
    Series, TimeUnit as FrameUnit,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::tokenizer::{Token, Tokenizer};

use super::column::{Column, Field, Kind};
use super::interner::MISSING;

/// Distinct combinations of inputs that are remembered.
const MOST_REMEMBERED: usize = 65_536;
/// The name of the result in a frame; no column of a log can be called so.
const RESULT: &str = "\u{1}result";

/// An expression as it was parsed: its inputs are names of columns.
#[derive(Clone, Debug)]
pub(super) struct Parsed {
    expression: Expr,
    pub(super) inputs: Vec<String>,
}

/// What a result may be turned into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResultKind {
    Boolean,
    Number,
    Text,
    Instant,
    Other,
}

/// Parses an expression. `columns` are the log's columns: a dotted path among them is taken as
/// one name, as nested fields are written.
pub(super) fn parse(text: &str, columns: &[String]) -> Result<Parsed, String> {
    let quoted = quote_paths(text, columns)?;
    let expression = polars::sql::sql_expr(&quoted).map_err(|error| plain(&error.to_string()))?;
    let mut inputs = Vec::new();
    for node in &expression {
        match node {
            Expr::Column(name) => inputs.push(name.to_string()),
            Expr::Alias(..)
            | Expr::Literal(_)
            | Expr::BinaryExpr { .. }
            | Expr::Cast { .. }
            | Expr::Ternary { .. }
            | Expr::Function { .. }
            | Expr::KeepName(_) => {}
            _ => {
                return Err(
                    "it must give one value for each row from that row alone: no sums, counts, \
                     windows or subqueries"
                        .to_owned(),
                );
            }
        }
    }
    inputs.sort();
    inputs.dedup();
    Ok(Parsed { expression, inputs })
}

/// Puts double quotes around every dotted name that is a column, such as `review.label`.
fn quote_paths(text: &str, columns: &[String]) -> Result<String, String> {
    let tokens = Tokenizer::new(&GenericDialect {}, text)
        .tokenize()
        .map_err(|error| plain(&error.to_string()))?;
    let mut quoted = String::new();
    let mut rest = tokens.as_slice();
    while let [first, after @ ..] = rest {
        match path(rest, columns) {
            Some((name, length)) => {
                quoted.push_str(&format!("\"{}\"", name.replace('"', "\"\"")));
                rest = rest.get(length..).unwrap_or_default();
            }
            None => {
                quoted.push_str(&first.to_string());
                rest = after;
            }
        }
    }
    Ok(quoted)
}

/// The longest dotted name at the head of the tokens that is a column, and its length in tokens.
fn path(tokens: &[Token], columns: &[String]) -> Option<(String, usize)> {
    let mut name = String::new();
    let mut found = None;
    for (index, token) in tokens.iter().enumerate() {
        match (index % 2, token) {
            (0, Token::Word(word)) => name.push_str(&word.value),
            (1, Token::Period) => name.push('.'),
            _ => break,
        }
        if index > 0 && index % 2 == 0 && columns.contains(&name) {
            found = Some((name.clone(), index + 1));
        }
    }
    found
}

/// A message of the SQL engine without its own prefixes.
fn plain(message: &str) -> String {
    message
        .lines()
        .next()
        .unwrap_or_default()
        .trim_start_matches("sql parser error: ")
        .to_owned()
}

impl Parsed {
    /// The kind of the result, found by evaluating no rows.
    pub(super) fn result_kind(&self, kinds: &[Kind]) -> Result<ResultKind, String> {
        let empty: Vec<Column> = kinds.iter().map(|kind| Column::new(*kind)).collect();
        let inputs: Vec<&Column> = empty.iter().collect();
        let series = self
            .evaluate(&inputs, 0)
            .map_err(|error| plain(&error.to_string()))?;
        Ok(match series.dtype() {
            DataType::Boolean | DataType::Null => ResultKind::Boolean,
            DataType::String => ResultKind::Text,
            DataType::Date | DataType::Datetime(..) => ResultKind::Instant,
            kind if kind.is_primitive_numeric() => ResultKind::Number,
            _ => ResultKind::Other,
        })
    }

    fn evaluate(&self, inputs: &[&Column], rows: usize) -> PolarsResult<Series> {
        let columns = self
            .inputs
            .iter()
            .zip(inputs)
            .map(|(name, column)| series(name, column).into())
            .collect();
        self.evaluate_frame(DataFrame::new(rows, columns)?)
    }

    fn evaluate_frame(&self, frame: DataFrame) -> PolarsResult<Series> {
        let result = frame
            .lazy()
            .with_columns([self.expression.clone().alias(RESULT)])
            .collect()?;
        result
            .column(RESULT)
            .map(FrameColumn::as_materialized_series)
            .cloned()
    }
}

/// A column of a batch as polars sees it.
fn series(name: &str, column: &Column) -> Series {
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

/// The combinations of the inputs' codes that were met, each with the rows that had it; the place
/// of a combination here is that of its result in `Evaluator::distinct`.
#[derive(Debug, Default)]
struct Memory {
    places: HashMap<u64, usize>,
    combinations: Vec<(u64, u64)>,
    /// Places (plus one) by the low bits of small keys, asked first.
    near: Vec<u32>,
    /// Reused from batch to batch: the keys of its rows, and the places of their results.
    keys: Vec<u64>,
    results: Vec<usize>,
}

impl Memory {
    /// The place of a combination, and whether it is a new one.
    fn place(&mut self, key: u64) -> (usize, bool) {
        if self.near.is_empty() {
            self.near.resize(1 << 12, 0);
        }
        // Two inputs of up to 64 values each, as most expressions have.
        let near = (key & 0x3f | (key >> 16 & 0x3f) << 6) as usize;
        let guess = self.near.get(near).copied().unwrap_or(0) as usize;
        if let Some(place) = guess.checked_sub(1)
            && let Some((known, rows)) = self.combinations.get_mut(place)
            && *known == key
        {
            *rows += 1;
            return (place, false);
        }
        let next = self.combinations.len();
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            self.combinations.push((key, 0));
        }
        if let Some((_, rows)) = self.combinations.get_mut(place) {
            *rows += 1;
        }
        if let Some(guess) = self.near.get_mut(near) {
            *guess = place as u32 + 1;
        }
        (place, place == next)
    }
}

impl Memory {
    /// Finds the result of every key of the batch; gives the rows whose combination is new.
    fn find_results(&mut self) -> Vec<usize> {
        let keys = std::mem::take(&mut self.keys);
        let mut results = std::mem::take(&mut self.results);
        let mut fresh = Vec::new();
        results.clear();
        for (row, key) in keys.iter().enumerate() {
            let (place, is_new) = self.place(*key);
            if is_new {
                fresh.push(row);
            }
            results.push(place);
        }
        (self.keys, self.results) = (keys, results);
        fresh
    }
}

/// One distinct combination of text inputs, for checks on the vocabulary.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Combination {
    pub(super) inputs: Vec<Option<String>>,
    pub(super) is_true: bool,
    pub(super) rows: u64,
}

/// Evaluates one expression for one thread, batch after batch.
#[derive(Debug)]
pub(super) struct Evaluator {
    parsed: Parsed,
    /// Places of the inputs among the batch's columns.
    inputs: Vec<usize>,
    memory: Option<Memory>,
    /// Results of the remembered combinations, one a row.
    distinct: Column,
    kind: Kind,
}

impl Evaluator {
    /// An evaluator that gives a column of `kind`.
    pub(super) fn new(parsed: Parsed, inputs: Vec<usize>, kind: Kind) -> Self {
        Self {
            // Four inputs of 16 bits make one key.
            memory: (!inputs.is_empty() && inputs.len() <= 4).then(Memory::default),
            parsed,
            inputs,
            distinct: Column::new(kind),
            kind,
        }
    }

    /// Evaluates the expression on the rows of a batch and adds the results to `output`, which
    /// must be a column of the evaluator's kind. Gives the first row whose result did not fit.
    pub(super) fn run(
        &mut self,
        columns: &[Column],
        rows: usize,
        output: &mut Column,
    ) -> Result<(), String> {
        let inputs: Vec<&Column> = self.inputs.iter().filter_map(|i| columns.get(*i)).collect();
        if let Some(mut memory) = self.memory.take()
            && fill_keys(&inputs, rows, &mut memory.keys).is_some()
        {
            return self.look_up(&inputs, memory, output);
        }
        let result = self.parsed.evaluate(&inputs, rows);
        let result = result.map_err(|error| plain(&error.to_string()))?;
        push_all(&result, output);
        Ok(())
    }

    fn look_up(
        &mut self,
        inputs: &[&Column],
        mut memory: Memory,
        output: &mut Column,
    ) -> Result<(), String> {
        let fresh = memory.find_results();
        if !fresh.is_empty() {
            let frame = rows_of(&self.parsed.inputs, inputs, &fresh);
            let series = frame.and_then(|frame| self.parsed.evaluate_frame(frame));
            let series = series.map_err(|error| plain(&error.to_string()))?;
            push_all(&series, &mut self.distinct);
        }
        copy_rows(&self.distinct, &memory.results, output);
        if memory.combinations.len() <= MOST_REMEMBERED {
            self.memory = Some(memory);
        } else {
            self.distinct = Column::new(self.kind);
        }
        Ok(())
    }

    /// The combinations of inputs met so far, where they are few and all text.
    pub(super) fn combinations(&self, columns: &[Column]) -> Option<Vec<Combination>> {
        let Column::Boolean(results) = &self.distinct else {
            return None;
        };
        let texts: Vec<_> = self
            .inputs
            .iter()
            .map(|input| match columns.get(*input) {
                Some(Column::Text(text)) => Some(text.interner()),
                _ => None,
            })
            .collect::<Option<_>>()?;
        let memory = self.memory.as_ref()?;
        let combination = |(place, (key, rows)): (usize, &(u64, u64))| Combination {
            inputs: texts
                .iter()
                .enumerate()
                .map(|(input, texts)| {
                    let code = (key >> (16 * input)) as u16;
                    (code != u16::MAX).then(|| texts.text(u32::from(code)).to_owned())
                })
                .collect(),
            is_true: results.get(place).copied().flatten() == Some(true),
            rows: *rows,
        };
        Some(
            memory
                .combinations
                .iter()
                .enumerate()
                .map(combination)
                .collect(),
        )
    }
}

/// One key a row out of the codes of its inputs; `None` unless all inputs repeat.
fn fill_keys(inputs: &[&Column], rows: usize, keys: &mut Vec<u64>) -> Option<()> {
    keys.clear();
    keys.resize(rows, 0);
    for (place, input) in inputs.iter().enumerate() {
        let shift = 16 * place;
        match input {
            Column::Boolean(values) => {
                for (key, value) in keys.iter_mut().zip(values) {
                    *key |= value.map_or(u64::from(u16::MAX), u64::from) << shift;
                }
            }
            Column::Text(text) => {
                if text.interner().len() >= usize::from(u16::MAX) {
                    return None;
                }
                for (key, code) in keys.iter_mut().zip(text.codes()?) {
                    let code = if *code == MISSING {
                        u64::from(u16::MAX)
                    } else {
                        u64::from(*code)
                    };
                    *key |= code << shift;
                }
            }
            Column::Identity(_) | Column::Number(_) | Column::Integer(_) | Column::Instant(..) => {
                return None;
            }
        }
    }
    Some(())
}

/// A frame of some rows of text and boolean columns.
fn rows_of(names: &[String], inputs: &[&Column], rows: &[usize]) -> PolarsResult<DataFrame> {
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

/// Adds every value of a result. A number that is not finite (a division by zero) is added as
/// infinity, so that the role refuses it; anything else that does not fit becomes missing.
fn push_all(result: &Series, output: &mut Column) {
    for value in result.iter() {
        if let Column::Number(numbers) = output
            && !value.is_null()
        {
            let number: Option<f64> = value.extract();
            numbers.push(number.filter(|n| n.is_finite()).unwrap_or(f64::INFINITY));
            continue;
        }
        let field = match &value {
            AnyValue::Null => Field::Missing,
            AnyValue::Boolean(value) => Field::Boolean(*value),
            AnyValue::String(text) => Field::Text(text),
            AnyValue::StringOwned(text) => Field::Text(text.as_str()),
            AnyValue::Date(days) => match super::instant::from_days(i64::from(*days)) {
                Some(micros) => Field::Instant(micros),
                None => Field::Missing,
            },
            AnyValue::Datetime(number, unit, _) => Field::Instant(match unit {
                FrameUnit::Nanoseconds => number.div_euclid(1000),
                FrameUnit::Microseconds => *number,
                FrameUnit::Milliseconds => number.saturating_mul(1000),
            }),
            other => number(other),
        };
        let _ = output.push(field);
    }
}

fn number<'a>(value: &AnyValue<'_>) -> Field<'a> {
    if value.is_integer() {
        if let Some(number) = value.extract::<i64>() {
            return Field::Integer(number);
        }
    }
    match value.extract::<f64>() {
        Some(number) if number.is_finite() => Field::Number(number),
        _ => Field::Missing,
    }
}

/// Adds the remembered results at the given places.
fn copy_rows(from: &Column, places: &[usize], to: &mut Column) {
    match (from, to) {
        (Column::Number(from), Column::Number(to)) => {
            to.extend(
                places
                    .iter()
                    .map(|p| from.get(*p).copied().unwrap_or(f64::NAN)),
            );
        }
        (Column::Integer(from), Column::Integer(to)) => {
            to.extend(places.iter().map(|p| from.get(*p).copied().flatten()));
        }
        (Column::Boolean(from), Column::Boolean(to)) => {
            to.extend(places.iter().map(|p| from.get(*p).copied().flatten()));
        }
        (Column::Identity(from), Column::Identity(to)) => {
            to.extend(places.iter().map(|p| from.get(*p).copied().unwrap_or(0)));
        }
        (Column::Instant(from, _), Column::Instant(to, _)) => {
            to.extend(places.iter().map(|p| from.get(*p).copied().flatten()));
        }
        (Column::Text(from), Column::Text(to)) => {
            let texts: Vec<Option<&str>> = (0..from.len()).map(|row| from.get(row)).collect();
            to.push_keys(places.iter().map(|place| Some(*place)), &texts);
        }
        // An evaluator's results and its output are of one kind by construction.
        _ => {}
    }
}
