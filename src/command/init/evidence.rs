//! What speaks for a guess: words in names and values, and values that two columns share. Also names
//! and texts as SQL writes them.

use super::facts::Facts;

const HUMAN: [&str; 10] = [
    "human", "review", "refer", "escal", "manual", "agent", "queue", "person", "hitl", "analyst",
];
const MACHINE: [&str; 8] = [
    "auto", "stp", "straight", "bot", "model", "direct", "machine", "ai",
];
const LABEL: [&str; 11] = [
    "review", "label", "outcome", "human", "truth", "true", "actual", "final", "gold", "verdict",
    "audit",
];
const DECISION: [&str; 7] = [
    "predict",
    "model",
    "ai",
    "decision",
    "recommend",
    "answer",
    "proposed",
];

/// A short name for a segment: the words of its column, the last part of a path.
pub(super) fn segment_name(column: &Facts) -> String {
    let last = column.name.rsplit('.').next().unwrap_or(&column.name);
    let name: String = last
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    name.trim_matches('_').to_owned()
}

/// How a column of few values tells human lanes from automatic ones, in SQL, and why.
pub(super) fn lanes(column: &Facts) -> Option<(String, String)> {
    let values = column
        .values
        .as_ref()
        .filter(|values| (2..=6).contains(&values.len()))?;
    let tells = |value: &str, words: &[&str]| {
        let value = value.to_lowercase();
        value.split(|c: char| !c.is_alphanumeric()).any(|part| {
            words
                .iter()
                .any(|word| part == *word || word.len() > 2 && part.starts_with(word))
        })
    };
    let human: Vec<&String> = values.keys().filter(|value| tells(value, &HUMAN)).collect();
    let machine: Vec<&String> = values
        .keys()
        .filter(|value| tells(value, &MACHINE) && !tells(value, &HUMAN))
        .collect();
    if human.is_empty() || machine.is_empty() {
        return None;
    }
    let name = identifier(&column.name);
    let quoted = |values: &[&String]| {
        let texts: Vec<String> = values.iter().map(|value| literal(value)).collect();
        texts.join(", ")
    };
    let source = match human.as_slice() {
        [one] => format!("{name} = {}", literal(one)),
        _ => format!("{name} IN ({})", quoted(&human)),
    };
    let reason = format!(
        "{} tells of a human, {} of a machine",
        quoted(&human),
        quoted(&machine)
    );
    Some((source, reason))
}

pub(super) fn shared<'a>(decision: &'a Facts, label: &Facts) -> Vec<&'a str> {
    let (Some(decisions), Some(labels)) = (&decision.values, &label.values) else {
        return Vec::new();
    };
    decisions
        .keys()
        .filter(|value| labels.contains_key(*value))
        .map(String::as_str)
        .collect()
}

/// How much two columns look like a decision and its label; 0 for not at all.
pub(super) fn pair_points(decision: &Facts, label: &Facts) -> usize {
    let (Some(decisions), Some(labels)) = (decision.distinct(), label.distinct()) else {
        return 0;
    };
    let common = shared(decision, label).len();
    // Most values of the one must be values of the other.
    if common == 0 || common * 2 < decisions.min(labels) || decisions > 50 || labels > 50 {
        return 0;
    }
    let mut points = 1;
    points += usize::from(common == labels || common == decisions);
    points += 3 * usize::from(label.missing > 0);
    points += 2 * usize::from(label.says(&LABEL).is_some());
    points += 2 * usize::from(decision.says(&DECISION).is_some());
    points -= usize::from(decision.says(&LABEL).is_some());
    // Two flags have the same values without having anything to do with each other.
    if decision.is_boolean && (label.says(&LABEL).is_none() || decision.says(&DECISION).is_none()) {
        return 0;
    }
    points
}

/// A column's name as SQL writes it.
pub(super) fn identifier(name: &str) -> String {
    let plain = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if name.split('.').all(plain) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
