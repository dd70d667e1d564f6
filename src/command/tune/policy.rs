//! The answer as the text of a policy file, with the evidence in comments. Whether the text is a
//! policy is for the policy parser to say; here values of a log are put into it without harm.

use std::fmt::Write as _;

use super::Told;
use super::answer::{Choice, Group};
use super::hearing::Hearing;
use super::{reasons, words};
use crate::config::Mapping;
use crate::estimate::certificate::Promise;
use crate::log::{Formula, Log, Needs};
use crate::report::{count, percent};

/// A segment as the conditions of a policy name it and compare it.
pub(super) struct Operand {
    sql: String,
    /// Whether its values are numbers in SQL, which no text is equal to.
    is_number: bool,
}

impl Operand {
    pub(super) fn new(name: &str, mapping: &Mapping, log: &Log) -> Self {
        let sql = identifier(name, mapping, log);
        let compares = |literal: &str| {
            let condition = Formula::new(name, &format!("{sql} = {literal}"));
            let needs = Needs {
                conditions: vec![condition],
                ..Needs::default()
            };
            log.plan(mapping, &needs).is_ok()
        };
        Self {
            is_number: !compares("''") && compares("0"),
            sql,
        }
    }

    /// The condition that the segment has a value.
    fn is(&self, value: Option<&String>) -> String {
        let sql = &self.sql;
        let Some(value) = value else {
            return format!("{sql} IS NULL");
        };
        match numeral(value).filter(|_| self.is_number) {
            Some(number) => format!("{sql} = {number}"),
            None => format!("{sql} = '{}'", value.replace('\'', "''")),
        }
    }
}

/// A value of a log as a number in SQL, where it is one.
fn numeral(value: &str) -> Option<String> {
    let value = value.trim();
    // An integer of 64 bits is more than a float can tell apart.
    let whole = value.parse::<i64>().map(|number| number.to_string());
    whole.ok().or_else(|| {
        let number = value.parse::<f64>().ok()?;
        number.is_finite().then(|| number.to_string())
    })
}

/// A segment as SQL: its name, unless a column of another meaning has that name.
fn identifier(name: &str, mapping: &Mapping, log: &Log) -> String {
    let is_column = |text: &str| log.columns().iter().any(|column| column.name() == text);
    match mapping.segments.get(name) {
        Some(source) if is_column(name) && is_column(source) => quoted_name(source),
        Some(source) if is_column(name) => format!("({source})"),
        Some(_) | None => quoted_name(name),
    }
}

/// A name as SQL: as it stands where nobody can take it for anything else, else in double quotes.
fn quoted_name(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    let keyword = sqlparser::keywords::ALL_KEYWORDS.contains(&name.to_uppercase().as_str());
    if starts && name.chars().all(plain) && !keyword {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// The condition that a case belongs to a group.
fn condition(operands: &[Operand], group: &Group) -> String {
    let parts = operands.iter().zip(&group.values);
    let parts = parts.map(|(operand, value)| operand.is(value.as_ref()));
    parts.collect::<Vec<_>>().join(" AND ")
}

/// The text of the policy.
pub(super) fn text(told: &Told<'_>) -> String {
    let (question, answer) = (told.question, told.answer);
    let mut text = String::from("# Written by `gonogo tune`.\n");
    for line in words::preface(told).iter().chain(&words::sentences(told)) {
        add_comment(&mut text, line);
    }
    for warning in words::warnings(told) {
        add_comment(&mut text, &format!("warning: {warning}"));
    }
    text.push('\n');
    let _ = writeln!(text, "name = {}", string(&words::policy_name(told)));
    if answer.groups.is_empty() {
        match answer.choice.candidate() {
            Some(candidate) => {
                let _ = writeln!(text, "threshold = {}", number(&answer.text(candidate)));
            }
            None => text.push_str("route = \"escalate\"\n"),
        }
        return text;
    }
    text.push_str("# Cases of no value below: nothing is known of them.\nroute = \"escalate\"\n");
    // Rules that escalate come first: at the end they would do nothing that is not done anyway.
    let (escalated, approved): (Vec<&Group>, Vec<&Group>) = answer
        .groups
        .iter()
        .partition(|group| group.choice == Choice::None);
    let by = question.by.join(", ");
    let mut names: Vec<String> = Vec::new();
    for group in escalated.into_iter().chain(approved) {
        let mut name = format!("{by}: {}", group.name());
        while names.contains(&name) {
            name.push('\'');
        }
        text.push('\n');
        add_evidence(&mut text, told, group);
        text.push_str("[[rules]]\n");
        let _ = writeln!(text, "name = {}", string(&name));
        let when = condition(&told.log.operands, group);
        let _ = writeln!(text, "when = {}", string(&when));
        match group.choice.candidate() {
            Some(candidate) => {
                let _ = writeln!(text, "threshold = {}", number(&answer.text(candidate)));
            }
            None => text.push_str("route = \"escalate\"\n"),
        }
        names.push(name);
    }
    text
}

fn add_evidence(text: &mut String, told: &Told<'_>, group: &Group) {
    let answer = told.answer;
    let doubt = group.hearing.promise.map_or(0.0, Promise::doubt);
    let line = match group.choice {
        Choice::Certified(candidate) => {
            let trial = group.hearing.trial(candidate);
            let upper = trial.map_or(1.0, |trial| trial.upper);
            format!(
                "certified with {} of the error probability: bound {}, {}",
                percent(doubt),
                percent(upper),
                labels(&group.hearing, candidate)
            )
        }
        Choice::Inherited(_) => {
            format!(
                "not certified, threshold of all cases, no promise: {}",
                reasons::reason(told, &group.hearing).unwrap_or_default()
            )
        }
        Choice::Uncertified(_) => "no promise".to_owned(),
        Choice::None => format!(
            "not certified, escalated: {}",
            reasons::reason(told, &group.hearing).unwrap_or_default()
        ),
    };
    let cases = count(group.hearing.cases);
    add_comment(
        text,
        &format!("{cases} of {} cases; {line}", count(answer.cases)),
    );
}

fn labels(hearing: &Hearing, candidate: usize) -> String {
    let (labelled, errors) = hearing.labels(candidate);
    format!("{} wrong of {} labelled", count(errors), count(labelled))
}

/// A comment of one line, whatever the text holds.
fn add_comment(text: &mut String, line: &str) {
    let line: String = line
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let _ = writeln!(text, "# {line}");
}

/// A TOML string.
fn string(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A threshold as a TOML number, which begins with a digit and does not end with a point.
fn number(threshold: &str) -> String {
    let lead = if threshold.starts_with('.') { "0" } else { "" };
    let threshold = threshold.trim_end_matches('.');
    let whole = if threshold.contains('.') { "" } else { ".0" };
    format!("{lead}{threshold}{whole}")
}
