//! The answer as the text of a policy file, with the evidence in comments. Whether the text is a
//! policy is for the policy parser to say; here values of a log are put into it without harm.

use std::fmt::Write as _;

use super::Told;
use super::answer::{Choice, Group};
use super::hearing::Hearing;
use super::{reasons, words};
use crate::config::Mapping;
use crate::log::Log;
use crate::report::{count, percent};

/// A segment as SQL: its name, unless a column of another meaning has that name.
pub(super) fn identifier(name: &str, mapping: &Mapping, log: &Log) -> String {
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
fn condition(identifiers: &[String], group: &Group) -> String {
    let parts = identifiers.iter().zip(&group.values);
    let part = |(name, value): (&String, &Option<String>)| match value {
        Some(value) => format!("{name} = '{}'", value.replace('\'', "''")),
        None => format!("{name} IS NULL"),
    };
    parts.map(part).collect::<Vec<_>>().join(" AND ")
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
        let when = condition(&told.log.identifiers, group);
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
    let doubt = group.hearing.promise.map_or(0.0, |promise| promise.doubt());
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
