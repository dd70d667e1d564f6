//! Roles and segments resolved against the columns of a log: which columns to read, as what, and
//! which expressions to evaluate. Everything that a mapping can get wrong is found here, before
//! the run.

use std::collections::BTreeMap;

use super::column::{Kind, boolean_text};
use super::error::{LogError, types_line};
use super::expression::{self, Parsed, ResultKind};
use super::instant::TimeUnit;
use super::sample::{Columns, NativeType};
use crate::config::{self, ColumnType, Mapping, Role};

/// What a command reads of a log.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// Roles without which the command has no answer.
    pub required: Vec<Role>,
    /// Roles that are read where they are mapped.
    pub optional: Vec<Role>,
    /// Names of segments or columns.
    pub segments: Vec<String>,
    /// SQL conditions; one that is NULL does not hold.
    pub conditions: Vec<Formula>,
    /// Amounts of money from 0 to a trillion, given for every case.
    pub money: Vec<Formula>,
    /// Numbers that a case may lack.
    pub numbers: Vec<Formula>,
    /// Texts that a case may lack.
    pub texts: Vec<Formula>,
}

/// A column or a SQL expression that is no role: over columns, and over the names of roles and
/// segments where no column has the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    /// What messages call it, such as `rule "large refunds"`.
    pub name: String,
    pub source: String,
}

impl Formula {
    pub fn new(name: &str, source: &str) -> Self {
        Self {
            name: name.to_owned(),
            source: source.to_owned(),
        }
    }
}

/// A column to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Input {
    pub(super) column: String,
    pub(super) kind: Kind,
}

/// An expression to evaluate.
#[derive(Clone, Debug)]
pub(super) struct Computed {
    /// The role or segment, as messages name it.
    pub(super) place: String,
    pub(super) text: String,
    pub(super) parsed: Parsed,
    pub(super) inputs: Vec<usize>,
    pub(super) kind: Kind,
}

/// Where the values of a role or segment come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Input(usize),
    Computed(usize),
}

/// What to read and how.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub(super) inputs: Vec<Input>,
    pub(super) computed: Vec<Computed>,
    pub(super) roles: BTreeMap<Role, Place>,
    pub(super) segments: Vec<(String, Place)>,
    pub(super) conditions: Vec<Place>,
    /// With the names that messages give them.
    pub(super) money: Vec<(String, Place)>,
    pub(super) numbers: Vec<(String, Place)>,
    pub(super) texts: Vec<Place>,
    /// The roles in use, as they are mapped.
    pub(super) sources: BTreeMap<Role, String>,
}

impl Plan {
    /// The roles in use and the columns or expressions that play them.
    pub fn sources(&self) -> &BTreeMap<Role, String> {
        &self.sources
    }

    /// Whether a role is read.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains_key(&role)
    }

    /// The names of the segments that are read, in the order asked for.
    pub fn segments(&self) -> Vec<String> {
        self.segments.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The places among the segments that are read of those with these names.
    pub fn places(&self, names: &[String]) -> Vec<usize> {
        let place = |name: &String| self.segments.iter().position(|(known, _)| known == name);
        names.iter().filter_map(place).collect()
    }

    /// The place among the expressions of a role that is one.
    pub(super) fn computed_place(&self, role: Role) -> Option<usize> {
        match self.roles.get(&role) {
            Some(Place::Computed(place)) => Some(*place),
            _ => None,
        }
    }

    /// The columns that a role's expression reads.
    pub(super) fn inputs_of(&self, role: Role) -> Option<Vec<String>> {
        let computed = self.computed.get(self.computed_place(role)?)?;
        Some(computed.parsed.inputs.clone())
    }

    /// The name that a message gives a role: its column, or the role where it is an expression.
    pub(super) fn blame(&self, role: Role) -> String {
        match self.roles.get(&role) {
            Some(Place::Input(input)) => self
                .inputs
                .get(*input)
                .map_or_else(|| role.key().to_owned(), |input| input.column.clone()),
            _ => role.key().to_owned(),
        }
    }
}

/// Resolves what a command needs.
pub(super) fn resolve(
    columns: &Columns,
    mapping: &Mapping,
    needs: &Needs,
) -> Result<Plan, LogError> {
    let mut resolver = Resolver::new(columns, mapping);
    for column in mapping.types.keys() {
        if !columns.has(column) {
            return Err(no_column(columns, "[types]".to_owned(), column));
        }
    }
    for role in needs.required.iter().chain(&needs.optional) {
        match mapping.roles.get(role) {
            Some(source) => resolver.role(*role, source)?,
            None if needs.required.contains(role) => {
                return Err(LogError::RoleMissing {
                    role: *role,
                    columns: columns.names(),
                });
            }
            None => {}
        }
    }
    for name in &needs.segments {
        resolver.segment(name, &mapping.segments)?;
    }
    resolver.aliases = aliases(mapping, columns);
    for formula in &needs.conditions {
        resolver.check_condition(formula)?;
        let place = resolver.formula(formula, Kind::Boolean)?;
        resolver.plan.conditions.push(place);
    }
    for formula in &needs.money {
        let place = resolver.formula(formula, Kind::Number)?;
        resolver.plan.money.push((formula.name.clone(), place));
    }
    for formula in &needs.numbers {
        let place = resolver.formula(formula, Kind::Number)?;
        resolver.plan.numbers.push((formula.name.clone(), place));
    }
    for formula in &needs.texts {
        let place = resolver.formula(formula, Kind::Text)?;
        resolver.plan.texts.push(place);
    }
    Ok(resolver.plan)
}

/// The names of roles and segments with what they stand for; a segment hides a role.
fn aliases(mapping: &Mapping, columns: &Columns) -> BTreeMap<String, String> {
    let roles = mapping.roles.iter().map(|(role, source)| {
        let source = match role {
            // The score that a condition sees is the score that meets thresholds.
            Role::Score if !columns.has(source) => expression::rounded(source),
            _ => source.clone(),
        };
        (role.key().to_owned(), source)
    });
    roles.chain(mapping.segments.clone()).collect()
}

pub(super) struct Resolver<'a> {
    columns: &'a Columns,
    types: &'a BTreeMap<String, ColumnType>,
    /// Names that expressions may use beside columns.
    aliases: BTreeMap<String, String>,
    plan: Plan,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(columns: &'a Columns, mapping: &'a Mapping) -> Self {
        Self {
            columns,
            types: &mapping.types,
            aliases: BTreeMap::new(),
            plan: Plan::default(),
        }
    }

    fn role(&mut self, role: Role, source: &str) -> Result<(), LogError> {
        let unit = self.time_unit(source);
        let kind = match role {
            Role::Id => Kind::Identity,
            Role::Time | Role::ReviewedAt => Kind::Instant(unit),
            Role::Score | Role::LabelProbability | Role::Value | Role::ReviewSeconds => {
                Kind::Number
            }
            Role::Error | Role::Escalated | Role::Pinned => Kind::Boolean,
            Role::Reviewer => Kind::Group,
        };
        let place = self.place(role.key(), source, kind)?;
        self.plan.roles.insert(role, place);
        self.plan.sources.insert(role, source.to_owned());
        Ok(())
    }

    fn segment(&mut self, name: &str, segments: &BTreeMap<String, String>) -> Result<(), LogError> {
        if self.plan.segments.iter().any(|(known, _)| known == name) {
            return Ok(());
        }
        let source = match segments.get(name) {
            Some(source) => source.as_str(),
            None if self.columns.has(name) => name,
            None => {
                let names = self.columns.names();
                let known = segments.keys().chain(&names).map(String::as_str);
                return Err(LogError::NoSegment {
                    name: name.to_owned(),
                    closest: config::closest(name, known).map(str::to_owned),
                    segments: segments.keys().cloned().collect(),
                    columns: names,
                });
            }
        };
        let place = self.place(name, source, Kind::Group)?;
        self.plan.segments.push((name.to_owned(), place));
        Ok(())
    }

    fn formula(&mut self, formula: &Formula, kind: Kind) -> Result<Place, LogError> {
        let source = &formula.source;
        let alias = self.aliases.get(source).cloned();
        match alias {
            Some(source) if !self.columns.has(&formula.source) => {
                self.place(&formula.name, &source, kind)
            }
            _ => self.place(&formula.name, source, kind),
        }
    }

    /// Refuses a column as a condition whose first values are all neither true nor false: that is
    /// a slip in the condition, and no fault of every row.
    fn check_condition(&self, condition: &Formula) -> Result<(), LogError> {
        let column = self.columns.find(&condition.source);
        let mut present = column.iter().flat_map(|column| column.values()).flatten();
        let first = present.clone().next();
        match first {
            Some(first) if !present.any(|value| boolean_text(value).is_ok()) => {
                Err(LogError::BadExpression {
                    place: condition.name.clone(),
                    text: condition.source.clone(),
                    reason: format!("the column holds {first:?}, but a condition is wanted"),
                })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// A name of a column is that column, whatever signs it holds; all else is SQL.
    fn place(&mut self, name: &str, source: &str, kind: Kind) -> Result<Place, LogError> {
        if self.columns.has(source) {
            self.check_type(name, source, kind)?;
            return Ok(Place::Input(self.input(source, kind)));
        }
        let bad = |reason| LogError::BadExpression {
            place: name.to_owned(),
            text: source.to_owned(),
            reason,
        };
        let parsed =
            expression::parse(source, &self.columns.names(), &self.aliases).map_err(bad)?;
        let mut inputs = Vec::new();
        let mut kinds = Vec::new();
        for column in &parsed.inputs {
            self.require(name, source, column)?;
            let kind = self.expression_kind(name, column)?;
            kinds.push(kind);
            inputs.push(self.input(column, kind));
        }
        let result = parsed.result_kind(&kinds).map_err(bad)?;
        if !fits(result, kind) {
            return Err(bad(format!(
                "it gives {}, but {} is wanted",
                result_name(result),
                kind.name()
            )));
        }
        self.plan.computed.push(Computed {
            place: name.to_owned(),
            text: source.to_owned(),
            parsed,
            inputs,
            kind,
        });
        Ok(Place::Computed(self.plan.computed.len() - 1))
    }

    /// Refuses a column that the log does not have. A field of JSON Lines that the first rows lack
    /// may come later (labels are rare), unless it looks like a slip of the pen.
    fn require(&self, name: &str, source: &str, column: &str) -> Result<(), LogError> {
        if self.columns.has(column) {
            return Ok(());
        }
        let names = self.columns.names();
        let slip = config::closest(column, names.iter().map(String::as_str));
        if self.columns.open && slip.is_none() {
            log::warn!(
                "{}: no field `{column}` in the first rows; where it is missing, so is `{name}`",
                self.columns.file
            );
            return Ok(());
        }
        Err(no_column(
            self.columns,
            format!("{name} = \"{source}\""),
            column,
        ))
    }

    /// The place of a column among the inputs; it is read once for each kind.
    fn input(&mut self, column: &str, kind: Kind) -> usize {
        let wanted = Input {
            column: column.to_owned(),
            kind,
        };
        let known = self.plan.inputs.iter().position(|input| *input == wanted);
        known.unwrap_or_else(|| {
            self.plan.inputs.push(wanted);
            self.plan.inputs.len() - 1
        })
    }

    fn time_unit(&self, column: &str) -> TimeUnit {
        match self.types.get(column) {
            Some(ColumnType::EpochS) => TimeUnit::EpochSeconds,
            Some(ColumnType::EpochMs) => TimeUnit::EpochMilliseconds,
            _ => TimeUnit::Text,
        }
    }

    /// What an expression sees a column as.
    pub(super) fn expression_kind(&self, place: &str, column: &str) -> Result<Kind, LogError> {
        if let Some(stated) = self.types.get(column) {
            return Ok(match stated {
                ColumnType::Text => Kind::Text,
                ColumnType::Number => Kind::Number,
                ColumnType::Integer => Kind::Integer,
                ColumnType::Boolean => Kind::Boolean,
                ColumnType::Timestamp => Kind::Instant(TimeUnit::Text),
                ColumnType::EpochS => Kind::Instant(TimeUnit::EpochSeconds),
                ColumnType::EpochMs => Kind::Instant(TimeUnit::EpochMilliseconds),
            });
        }
        match self.columns.native(column) {
            NativeType::Text => Ok(Kind::Text),
            NativeType::Number => Ok(Kind::Number),
            NativeType::Integer => Ok(Kind::Integer),
            NativeType::Boolean => Ok(Kind::Boolean),
            NativeType::Instant => Ok(Kind::Instant(TimeUnit::Text)),
            NativeType::Nested(found) => Err(nested(self.columns, place, column, found)),
        }
    }

    fn check_type(&self, place: &str, column: &str, kind: Kind) -> Result<(), LogError> {
        let native = self.columns.native(column);
        if let NativeType::Nested(found) = native {
            return Err(nested(self.columns, place, column, found));
        }
        let epoch = matches!(native, NativeType::Integer | NativeType::Number);
        if kind == Kind::Instant(TimeUnit::Text) && epoch {
            return Err(LogError::WrongType {
                place: place.to_owned(),
                column: column.to_owned(),
                found: "numbers without a unit of time".to_owned(),
                file: self.columns.file.clone(),
                wanted: kind.name(),
                hint: Some(format!(
                    "state the unit {}, or \"epoch_ms\"",
                    types_line(column, ColumnType::EpochS)
                )),
            });
        }
        Ok(())
    }
}

fn fits(result: ResultKind, kind: Kind) -> bool {
    match (kind, result) {
        (_, ResultKind::Other) => false,
        (Kind::Number, result) => result == ResultKind::Number,
        // A number is taken row by row: 1 and 0 are true and false, any other is refused.
        (Kind::Boolean, result) => matches!(result, ResultKind::Boolean | ResultKind::Number),
        (Kind::Instant(_), result) => matches!(result, ResultKind::Instant | ResultKind::Text),
        (Kind::Identity | Kind::Integer | Kind::Group | Kind::Text, _) => true,
    }
}

fn result_name(result: ResultKind) -> &'static str {
    match result {
        ResultKind::Boolean => "a boolean",
        ResultKind::Number => "a number",
        ResultKind::Text => "text",
        ResultKind::Instant => "a time",
        ResultKind::Other => "a list or a duration",
    }
}

fn nested(columns: &Columns, place: &str, column: &str, found: &str) -> LogError {
    LogError::WrongType {
        file: columns.file.clone(),
        place: place.to_owned(),
        column: column.to_owned(),
        found: found.to_owned(),
        wanted: "a single value",
        hint: Some("name a field inside it by a dotted path, such as model.confidence".to_owned()),
    }
}

fn no_column(columns: &Columns, place: String, name: &str) -> LogError {
    let names = columns.names();
    LogError::NoColumn {
        place,
        name: name.to_owned(),
        closest: config::closest(name, names.iter().map(String::as_str)).map(str::to_owned),
        columns: names,
    }
}
