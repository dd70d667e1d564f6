//! The findings on a policy: of the file alone, of its conditions against the columns of a log, and
//! of its rules against the cases.

use serde::Serialize;

use super::sight::{Seen, Sight};
use crate::command::{Context, LogArgs, OutputArgs, policies};
use crate::config::{Mapping, Role, closest};
use crate::error::{Explain, Failure};
use crate::log::{Formula, Log, Needs, References, check_sql};
use crate::policy::{Conditions, Finding, Policy, Routing, Rule};
use crate::report::count;

/// Decimals of thresholds and scores beyond which nobody means a difference.
const MOST_DECIMALS: usize = 9;

/// What a check finds.
pub(super) struct Lint {
    /// By place.
    pub(super) findings: Vec<Finding>,
    pub(super) rules: Option<Vec<RuleCount>>,
    pub(super) preface: Vec<String>,
}

/// What a rule does with the cases of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct RuleCount {
    pub(super) name: String,
    /// Cases that meet its condition; `None` for all other cases.
    pub(super) meet: Option<u64>,
    /// Cases that it takes, for no rule before it does.
    pub(super) takes: u64,
    /// Those of them that would be treated otherwise without it.
    pub(super) changes: Option<u64>,
}

/// Checks a policy file, and with a log its rules.
pub(super) fn run(
    file: &str,
    log_args: &LogArgs,
    output: &OutputArgs,
    context: &Context,
) -> Result<Lint, Failure> {
    let text = policies::read(file)?;
    let policy = match Policy::parse(&text, file) {
        Ok(policy) => policy,
        Err(error) => {
            return Ok(Lint {
                findings: error.findings,
                rules: None,
                preface: Vec::new(),
            });
        }
    };
    let mut findings = policy.findings();
    let broken = policy.rules.iter().filter_map(|rule| {
        let reason = check_sql(&rule.when).err()?;
        Some(Finding::error(
            rule.when_place,
            format!("the condition is no SQL: {reason}"),
        ))
    });
    let broken: Vec<Finding> = broken.collect();
    let mut lint = Lint {
        findings: Vec::new(),
        rules: None,
        preface: Vec::new(),
    };
    if !broken.is_empty() || log_args.logs.is_empty() {
        findings.extend(broken);
    } else {
        findings.extend(against_log(
            &policy,
            log_args,
            (output, context),
            &mut lint,
        )?);
    }
    findings.sort_by_key(|finding| finding.place);
    lint.findings = findings;
    Ok(lint)
}

fn against_log(
    policy: &Policy,
    log_args: &LogArgs,
    (output, context): (&OutputArgs, &Context),
    lint: &mut Lint,
) -> Result<Vec<Finding>, Failure> {
    let mapping = log_args.mapping(context)?;
    let options = log_args.options(context, output)?;
    let log = log_args.open(&options, output)?;
    let unfit: Vec<Finding> = policy
        .rules
        .iter()
        .filter_map(|rule| unfit(&log, &mapping, rule))
        .collect();
    if !unfit.is_empty() {
        return Ok(unfit);
    }
    let mut findings = Vec::new();
    let mut references = Vec::new();
    for rule in &policy.rules {
        let formula = Formula::new(&rule.name, &rule.when);
        let named = log.references(&formula)?;
        findings.extend(ambiguous(&log, &mapping, rule, &named));
        for late in policies::known_late(&log, &mapping, &formula)? {
            findings.push(Finding::warning(rule.when_place, late.text()));
        }
        references.push(named);
    }
    let mut conditions = Conditions::default();
    let router = conditions.router(policy);
    let sight = Sight::new(router, &references);
    let mut required = Vec::new();
    if policy.has_threshold() {
        required.push(Role::Score);
    }
    let needs = Needs {
        required,
        optional: vec![Role::Pinned],
        conditions: conditions.formulas().to_vec(),
        texts: sight.texts(),
        ..Needs::default()
    };
    let plan = log.plan(&mapping, &needs)?;
    let (parts, summary) = log.read(&plan, &options, || sight.clone())?;
    let mut seen = Seen::default();
    parts.into_iter().for_each(|part| seen += part);
    lint.preface = vec![format!(
        "{}: {} cases",
        log.name(),
        count(summary.rows_used)
    )];
    lint.rules = Some(counts(policy, &seen));
    for (place, (rule, named)) in policy.rules.iter().zip(&references).enumerate() {
        findings.extend(before_cases(rule, place, &seen, named));
    }
    findings.extend(between_scores(policy, &seen));
    Ok(findings)
}

/// What a log's columns have against a condition.
fn unfit(log: &Log, mapping: &Mapping, rule: &Rule) -> Option<Finding> {
    let needs = Needs {
        conditions: vec![Formula::new("when", &rule.when)],
        ..Needs::default()
    };
    let error = log.plan(mapping, &needs).err()?;
    let finding = Finding::error(rule.when_place, error.to_string());
    Some(match error.hint() {
        Some(hint) => finding.with_hint(hint),
        None => finding,
    })
}

/// Names that are a column and, with another meaning, a segment or a role.
fn ambiguous(log: &Log, mapping: &Mapping, rule: &Rule, named: &References) -> Vec<Finding> {
    let is_column = |name: &String| log.columns().iter().any(|column| column.name() == name);
    let meaning = |name: &String| {
        let role = Role::from_key(name).and_then(|role| mapping.roles.get(&role));
        mapping.segments.get(name).or(role)
    };
    let names = named.names.iter().filter(|name| is_column(name));
    names
        .filter_map(|name| {
            let source = meaning(name).filter(|source| *source != name)?;
            let message = format!(
                "`{name}` is taken as the log's column of that name, not as {source} which \
                 gonogo.toml calls so too"
            );
            let hint = "give the segment another name, or write out what is meant";
            Some(Finding::warning(rule.when_place, message).with_hint(hint))
        })
        .collect()
}

fn counts(policy: &Policy, seen: &Seen) -> Vec<RuleCount> {
    let rest = policy.rules.len();
    let number = |list: &[u64], place: usize| list.get(place).copied().unwrap_or(0);
    let names = policy.rule_names().enumerate();
    names
        .map(|(place, name)| RuleCount {
            name: name.to_owned(),
            meet: (place < rest).then(|| number(&seen.meet, place)),
            takes: number(&seen.takes, place),
            changes: (place < rest).then(|| number(&seen.changes, place)),
        })
        .collect()
}

/// What the cases have against a rule.
fn before_cases(rule: &Rule, place: usize, seen: &Seen, named: &References) -> Vec<Finding> {
    let number = |list: &[u64]| list.get(place).copied().unwrap_or(0);
    let (meet, takes, changes) = (
        number(&seen.meet),
        number(&seen.takes),
        number(&seen.changes),
    );
    let name = &rule.name;
    let mut findings: Vec<Finding> = named
        .compared
        .iter()
        .filter_map(|(column, text)| never_seen(rule, seen, column, text))
        .collect();
    let message = if meet == 0 {
        format!("rule \"{name}\": no case of the log meets the condition")
    } else if takes == 0 {
        format!(
            "rule \"{name}\" takes no case: all {} that meet it are taken by rules before it",
            count(meet)
        )
    } else if changes == 0 {
        format!(
            "rule \"{name}\" changes nothing on this log: the {} cases that it takes would be \
             treated alike without it",
            count(takes)
        )
    } else {
        return findings;
    };
    if meet > 0 || findings.is_empty() {
        findings.push(Finding::warning(rule.place, message));
    }
    findings
}

fn never_seen(rule: &Rule, seen: &Seen, column: &str, text: &str) -> Option<Finding> {
    let values = seen.values.get(column)?;
    if values.found.contains(text) {
        return None;
    }
    let message = format!("`{column}` is never '{text}' in the log");
    let finding = Finding::warning(rule.when_place, message);
    let known = values.some.iter().map(String::as_str);
    Some(match closest(text, known) {
        Some(value) => finding.with_hint(format!("did you mean '{value}'?")),
        None if values.some.len() <= 12 => {
            let all: Vec<&str> = values.some.iter().map(String::as_str).collect();
            finding.with_hint(format!("its values are {}", all.join(", ")))
        }
        None => finding,
    })
}

/// Thresholds with more decimals than any score has.
fn between_scores(policy: &Policy, seen: &Seen) -> Vec<Finding> {
    let Some(decimals) = seen.decimals.filter(|decimals| *decimals < MOST_DECIMALS) else {
        return Vec::new();
    };
    policy
        .treatments()
        .filter_map(|treatment| {
            let Routing::Threshold(threshold) = &treatment.routing else {
                return None;
            };
            if threshold.trimmed().decimals() <= decimals {
                return None;
            }
            let unit = 10_f64.powi(decimals as i32);
            let acts = (threshold.value() * unit).ceil() / unit;
            let message = format!(
                "the threshold {} lies between two scores: the log's scores have at most \
                 {decimals} decimals, so it acts as {acts:.decimals$}",
                threshold.text()
            );
            Some(Finding::warning(treatment.place, message))
        })
        .collect()
}
