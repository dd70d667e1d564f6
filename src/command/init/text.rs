//! The guesses as a commented `gonogo.toml` and as lines for the terminal.

use std::fmt::Write as _;
use std::path::Path;

use super::facts::Facts;
use super::guess::Guesses;
use crate::config::Role;

/// The text of the configuration file.
pub(super) fn file(guesses: &Guesses, columns: &[Facts]) -> String {
    let mut text = String::from(
        "# Roles of the log's columns, guessed by `gonogo init`: check each line.\n\
         # A role is the name of a column or a SQL expression over columns.\n",
    );
    let names: Vec<String> = columns.iter().map(|column| comment(&column.name)).collect();
    let _ = writeln!(text, "# Columns: {}\n", names.join(", "));
    text.push_str("[columns]\n");
    for role in Role::ALL {
        match guesses.roles.iter().find(|guess| guess.role == role) {
            Some(guess) => {
                let _ = writeln!(text, "# {}: {}", role.meaning(), comment(&guess.reason));
                let _ = writeln!(text, "{} = {}", role.key(), string(&guess.source));
            }
            None => {
                let _ = writeln!(text, "# {}: nothing fits; for example", role.meaning());
                let _ = writeln!(text, "# {}", role.example());
            }
        }
    }
    text.push_str("\n# Segments for --by: name = column or expression.\n[segments]\n");
    for (name, column) in &guesses.segments {
        let _ = writeln!(text, "{} = {}", key(name), string(column));
    }
    text.push_str(
        "\n# How text columns are to be read, where the first rows mislead: text, number, integer,\n\
         # boolean, timestamp, epoch_s or epoch_ms.\n[types]\n",
    );
    for (column, kind, _) in &guesses.types {
        let _ = writeln!(text, "{} = {}", key(column), string(kind.key()));
    }
    text
}

/// The lines for the terminal.
pub(super) fn report(guesses: &Guesses, file: &Path, logs: &str) -> String {
    let mut text = String::new();
    for role in Role::ALL {
        match guesses.roles.iter().find(|guess| guess.role == role) {
            Some(guess) => {
                let _ = writeln!(text, "{:<18} {}", role.key(), guess.source);
                let _ = writeln!(text, "{:<18}   {}", "", guess.reason);
            }
            None => {
                let _ = writeln!(text, "{:<18} ? ({})", role.key(), role.meaning());
            }
        }
    }
    let segments: Vec<&str> = guesses
        .segments
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let listed = if segments.is_empty() {
        "?".to_owned()
    } else {
        segments.join(", ")
    };
    let _ = writeln!(text, "{:<18} {listed}", "segments");
    let _ = writeln!(
        text,
        "\nThese are guesses: check {}, then run",
        file.display()
    );
    let _ = writeln!(text, "  gonogo check {logs}");
    text
}

/// Text in a comment: one line without control characters.
fn comment(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// A TOML string, in single quotes where that reads better.
fn string(text: &str) -> String {
    let value = toml::Value::String(text.to_owned()).to_string();
    let is_plain = !text.contains(['\'', '\n']) && !text.chars().any(char::is_control);
    if text.contains('"') && is_plain {
        format!("'{text}'")
    } else {
        value
    }
}

fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) {
        name.to_owned()
    } else {
        toml::Value::String(name.to_owned()).to_string()
    }
}
