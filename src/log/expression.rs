//! The one place that names polars: a SQL expression over a log's columns, parsed, checked row by
//! row and evaluated on a batch.

mod frame;

use std::collections::BTreeMap;

use polars::lazy::dsl::{AggExpr, Expr};
use polars::prelude::{
    Column as FrameColumn, DataFrame, DataType, IntoLazy, LiteralValue, PolarsResult, Series,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::tokenizer::{Token, Tokenizer};

use self::frame::{push_all, rows_of, series};
use super::column::{Column, Field, Kind};
use super::reject::Why;

/// The name of the result in a frame; no column of a log can be called so.
const RESULT: &str = "\u{1}result";

/// Failing rows of one batch that are singled out; with more the expression itself is refused.
const MOST_FAILED: usize = 2000;

/// A row for which an expression has no result that its role can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) row: usize,
    /// The result, or why there is none.
    pub(super) found: String,
    pub(super) why: Why,
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
/// one name, as nested fields are written. A name that is no column but one of `aliases` stands
/// for what that says.
pub(super) fn parse(
    text: &str,
    columns: &[String],
    aliases: &BTreeMap<String, String>,
) -> Result<Parsed, String> {
    // What polars has to say beside its results is for those who ask for messages.
    polars::error::set_warning_function(|message, _| log::info!("SQL: {message}"));
    let expression = resolved(sql(text, columns)?, columns, aliases)?;
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

fn sql(text: &str, columns: &[String]) -> Result<Expr, String> {
    let quoted = quote_paths(text, columns)?;
    let expression = polars::sql::sql_expr(&quoted).map_err(|error| plain(&error.to_string()))?;
    match &expression {
        Expr::Alias(_, name) => Err(format!("`{name}` follows an expression that is complete")),
        _ => Ok(expression),
    }
}

/// What an expression names: columns, roles or segments, and the texts that it compares them with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// Sorted, each once.
    pub names: Vec<String>,
    /// Names with the texts that they are compared with for being equal.
    pub compared: Vec<(String, String)>,
}

/// What an expression names, whether or not there is such a thing.
pub(super) fn references(text: &str, columns: &[String]) -> Result<References, String> {
    let mut found = References::default();
    for node in &sql(text, columns)? {
        match node {
            Expr::Column(name) => found.names.push(name.to_string()),
            Expr::BinaryExpr { left, right, .. } => {
                found.compared.extend(compared(left, right));
                found.compared.extend(compared(right, left));
            }
            Expr::Function { input, function } if function.to_string() == "is_in" => {
                if let [column, list] = input.as_slice() {
                    found.compared.extend(compared(column, list));
                }
            }
            _ => {}
        }
    }
    found.names.sort();
    found.names.dedup();
    Ok(found)
}

/// The texts that a column is compared with.
fn compared(column: &Expr, texts: &Expr) -> Vec<(String, String)> {
    let Expr::Column(name) = column else {
        return Vec::new();
    };
    let texts = match texts {
        Expr::Agg(AggExpr::Implode { input, .. }) => literals(input),
        other => literals(other),
    };
    texts
        .into_iter()
        .map(|text| (name.to_string(), text))
        .collect()
}

fn literals(expression: &Expr) -> Vec<String> {
    match expression {
        Expr::Literal(LiteralValue::Series(series)) => {
            let texts = series.iter();
            texts
                .filter_map(|value| value.get_str().map(str::to_owned))
                .collect()
        }
        Expr::Literal(literal) => literal
            .extract_str()
            .map(str::to_owned)
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// The expression with aliases replaced by what they stand for: a column, or an expression over
/// columns.
fn resolved(
    expression: Expr,
    columns: &[String],
    aliases: &BTreeMap<String, String>,
) -> Result<Expr, String> {
    let mut meanings: BTreeMap<&str, Expr> = BTreeMap::new();
    for node in &expression {
        if let Expr::Column(name) = node
            && !columns.iter().any(|column| column == name.as_str())
            && let Some((alias, source)) = aliases.get_key_value(name.as_str())
        {
            let meaning = if columns.contains(source) {
                Expr::Column(source.as_str().into())
            } else {
                sql(source, columns)?
            };
            meanings.insert(alias, meaning);
        }
    }
    Ok(expression.map_expr(|node| match &node {
        Expr::Column(name) => meanings.get(name.as_str()).cloned().unwrap_or(node),
        _ => node,
    }))
}

/// The text of an expression whose result has no more decimals than a score means.
pub(super) fn rounded(source: &str) -> String {
    format!("ROUND({source}, 12)")
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

    /// Evaluates all rows of a batch.
    pub(super) fn evaluate_all(
        &self,
        inputs: &[&Column],
        rows: usize,
        output: &mut Column,
    ) -> Result<Vec<Failed>, String> {
        let frame = DataFrame::new(rows, self.frame_columns(inputs));
        let frame = frame.map_err(|error| plain(&error.to_string()))?;
        let mut failed = Vec::new();
        self.evaluate_rows(frame, 0, output, &mut failed)?;
        Ok(failed)
    }

    /// Evaluates some rows of text and boolean columns, as rows `first` and on of the output.
    pub(super) fn evaluate_some(
        &self,
        inputs: &[&Column],
        rows: &[usize],
        first: usize,
        output: &mut Column,
    ) -> Result<Vec<Failed>, String> {
        let frame = rows_of(&self.inputs, inputs, rows);
        let frame = frame.map_err(|error| plain(&error.to_string()))?;
        let mut failed = Vec::new();
        self.evaluate_rows(frame, first, output, &mut failed)?;
        Ok(failed)
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
                push_all(&result, first, output, failed);
                return Ok(());
            }
            Err(error) => plain(&error.to_string()),
        };
        if failed.len() >= MOST_FAILED || rows == 0 {
            return Err(reason);
        }
        if rows == 1 {
            // A missing value fits every column but that of ids, where the row goes all the same.
            let _ = output.push(Field::Missing);
            failed.push(Failed {
                row: first,
                found: reason,
                why: Why::NotComputable,
            });
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
