//! The one place that names polars: a SQL expression over a log's columns, parsed, checked row by
//! row and evaluated on a batch. An expression over a few repeating texts is evaluated once per
//! distinct combination of them and looked up for every further row.

use hashbrown::HashMap;
use polars::lazy::dsl::{AggExpr, Expr};
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

/// Failing rows of one batch that are singled out; with more the expression itself is refused.
const MOST_FAILED: usize = 100;

/// A row for which an expression has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) row: usize,
    pub(super) reason: String,
}

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
    // What polars has to say beside its results is for those who ask for messages.
    polars::error::set_warning_function(|message, _| log::info!("SQL: {message}"));
    let quoted = quote_paths(text, columns)?;
    let expression = polars::sql::sql_expr(&quoted).map_err(|error| plain(&error.to_string()))?;
    if let Expr::Alias(_, name) = &expression {
        return Err(format!("`{name}` follows an expression that is complete"));
    }
    let mut inputs = Vec::new();
    for node in &expression {
        if let Expr::Column(name) = node {
            inputs.push(name.to_string());
        } else if !is_row_by_row(node) {
            return Err(
                "it must give one value for each row from that row alone: no sums, counts, \
                 windows or subqueries"
                    .to_owned(),
            );
        }
    }
    inputs.sort();
    inputs.dedup();
    Ok(Parsed { expression, inputs })
}

/// Functions that look at one row at a time, by their names in polars; and those of text and time.
const ROW_FUNCTIONS: [&str; 30] = [
    "abs",
    "arccos",
    "arcsin",
    "arctan",
    "arctan2",
    "cbrt",
    "ceil",
    "coalesce",
    "cos",
    "cot",
    "degrees",
    "exp",
    "floor",
    "is_finite",
    "is_in",
    "is_infinite",
    "is_nan",
    "is_not_nan",
    "is_not_null",
    "is_null",
    "log",
    "max_horizontal",
    "min_horizontal",
    "not",
    "pow",
    "radians",
    "round",
    "sign",
    "sin",
    "sqrt",
];
const ROW_FAMILIES: [&str; 2] = ["str.", "dt."];
/// A text function that joins the rows of a column.
const JOINING: &str = "str.join";

/// Whether a node of an expression looks at no other row.
fn is_row_by_row(node: &Expr) -> bool {
    match node {
        Expr::Literal(_)
        | Expr::BinaryExpr { .. }
        | Expr::Cast { .. }
        | Expr::Ternary { .. }
        | Expr::KeepName(_) => true,
        Expr::Function { function, .. } => {
            let name = function.to_string();
            let family = ROW_FAMILIES.iter().any(|family| name.starts_with(family));
            ROW_FUNCTIONS.contains(&name.as_str()) || family && name != JOINING
        }
        // The list of an IN is gathered into one value; a column must not be.
        Expr::Agg(AggExpr::Implode { input, .. }) => input
            .into_iter()
            .all(|node| !matches!(node, Expr::Column(_))),
        _ => false,
    }
}

/// Puts double quotes around every dotted name that is a column, such as `review.label`.
fn quote_paths(text: &str, columns: &[String]) -> Result<String, String> {
    let tokens = Tokenizer::new(&GenericDialect {}, text)
        .with_unescape(false)
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
        self.evaluate_frame(DataFrame::new(rows, self.frame_columns(inputs))?)
    }

    /// Evaluates the rows of a frame, the first of which is row `first`. Rows that make the
    /// evaluation fail (a text that is cast to a number, say) are found by halving; they get a
    /// missing value and are reported. When most rows fail, the expression is to blame.
    fn evaluate_rows(
        &self,
        frame: DataFrame,
        first: usize,
        output: &mut Column,
        failed: &mut Vec<Failed>,
    ) -> Result<(), String> {
        let rows = frame.height();
        let reason = match self.evaluate_frame(frame.clone()) {
            Ok(result) => {
                push_all(&result, output);
                return Ok(());
            }
            Err(error) => plain(&error.to_string()),
        };
        if failed.len() >= MOST_FAILED || rows == 0 {
            return Err(reason);
        }
        if rows == 1 {
            let _ = output.push(Field::Missing);
            failed.push(Failed { row: first, reason });
            return Ok(());
        }
        let half = rows / 2;
        self.evaluate_rows(frame.slice(0, half), first, output, failed)?;
        self.evaluate_rows(
            frame.slice(half as i64, rows - half),
            first + half,
            output,
            failed,
        )
    }

    fn frame_columns(&self, inputs: &[&Column]) -> Vec<FrameColumn> {
        let pairs = self.inputs.iter().zip(inputs);
        pairs
            .map(|(name, column)| series(name, column).into())
            .collect()
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
    /// Combinations that have no result, by their places.
    failed: HashMap<usize, String>,
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

impl Memory {
    /// The rows of the batch whose combination has no result.
    fn failed_rows(&self) -> Vec<Failed> {
        if self.failed.is_empty() {
            return Vec::new();
        }
        let rows = self.results.iter().enumerate();
        rows.filter_map(|(row, place)| {
            let reason = self.failed.get(place)?.clone();
            Some(Failed { row, reason })
        })
        .collect()
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
    /// must be a column of the evaluator's kind. Gives the rows that have no result, with the
    /// reason.
    pub(super) fn run(
        &mut self,
        columns: &[Column],
        rows: usize,
        output: &mut Column,
    ) -> Result<Vec<Failed>, String> {
        let inputs: Vec<&Column> = self.inputs.iter().filter_map(|i| columns.get(*i)).collect();
        if let Some(mut memory) = self.memory.take()
            && fill_keys(&inputs, rows, &mut memory.keys).is_some()
        {
            return self.look_up(&inputs, memory, output);
        }
        let columns = self.parsed.frame_columns(&inputs);
        let frame = DataFrame::new(rows, columns).map_err(|error| plain(&error.to_string()))?;
        let mut failed = Vec::new();
        self.parsed.evaluate_rows(frame, 0, output, &mut failed)?;
        Ok(failed)
    }

    fn look_up(
        &mut self,
        inputs: &[&Column],
        mut memory: Memory,
        output: &mut Column,
    ) -> Result<Vec<Failed>, String> {
        let known = memory.combinations.len();
        let fresh = memory.find_results();
        if !fresh.is_empty() {
            let frame = rows_of(&self.parsed.inputs, inputs, &fresh);
            let frame = frame.map_err(|error| plain(&error.to_string()))?;
            let mut failed = Vec::new();
            self.parsed
                .evaluate_rows(frame, known, &mut self.distinct, &mut failed)?;
            memory
                .failed
                .extend(failed.into_iter().map(|failed| (failed.row, failed.reason)));
        }
        copy_rows(&self.distinct, &memory.results, output);
        let failed = memory.failed_rows();
        if memory.combinations.len() <= MOST_REMEMBERED {
            self.memory = Some(memory);
        } else {
            self.distinct = Column::new(self.kind);
        }
        Ok(failed)
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
