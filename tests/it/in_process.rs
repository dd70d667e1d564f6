//! `gonogo sweep` and `gonogo replay` run inside the test process: the words of a command line in,
//! the JSON document out. Must not print or read what it returns.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Parser;
use gonogo::command::Context;
use gonogo::command::replay::{self, ReplayArgs};
use gonogo::command::sweep::{self, SweepArgs};
use gonogo::report::Document;
use serde_json::Value;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: SweepArgs,
}

#[derive(Parser)]
struct ReplayLine {
    #[command(flatten)]
    args: ReplayArgs,
}

/// A file of `sample-data/`.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("sample-data")
        .join(name)
}

/// The JSON text of a sweep of `logs` with the roles of `config`, or what it failed with.
pub(crate) fn try_text(logs: &[PathBuf], config: &Path, words: &[&str]) -> Result<String, String> {
    let logs = logs.iter().map(|log| log.display().to_string());
    let config = ["--config".to_owned(), config.display().to_string()];
    let words = words.iter().map(|word| (*word).to_owned());
    let asked = ["sweep", "--format", "json"].map(str::to_owned);
    let all = asked.into_iter().chain(logs).chain(config).chain(words);
    let line = Line::try_parse_from(all).map_err(|error| error.to_string())?;
    let context = Context {
        folder: std::env::temp_dir(),
        progress: Arc::default(),
    };
    let document = sweep::run(&line.args, &context).map_err(|failure| failure.to_string())?;
    Ok(document.json.unwrap_or_default())
}

/// The JSON text of a sweep that must succeed.
pub(crate) fn text(logs: &[PathBuf], config: &Path, words: &[&str]) -> String {
    try_text(logs, config, words).unwrap_or_else(|failure| panic!("{words:?}: {failure}"))
}

/// The JSON document of a sweep of one log that must succeed.
pub(crate) fn document(log: &Path, config: &Path, words: &[&str]) -> Value {
    let text = text(&[log.to_owned()], config, words);
    serde_json::from_str(&text).expect("the document is JSON")
}

/// All of the JSON text but what it says of the files: from the level to the warnings.
pub(crate) fn answer(text: &str) -> &str {
    let (_, answer) = text
        .split_once("\n  \"level\":")
        .expect("a document has a level");
    answer
}

/// The answer of `gonogo replay` to these words, or what it failed with and the hint.
pub(crate) fn try_replay(words: &[String]) -> Result<Document, String> {
    let all = ["replay", "--format", "json"].map(str::to_owned);
    let all = all.into_iter().chain(words.iter().cloned());
    let line = ReplayLine::try_parse_from(all).map_err(|error| error.to_string())?;
    let context = Context {
        folder: std::env::temp_dir(),
        progress: Arc::default(),
    };
    replay::run(&line.args, &context)
        .map_err(|failure| format!("{failure}\n{}", failure.hint().unwrap_or_default()))
}

/// The answer of a replay that must succeed.
pub(crate) fn replay(words: &[String]) -> Document {
    try_replay(words).unwrap_or_else(|failure| panic!("{words:?}: {failure}"))
}

/// The JSON of an answer.
pub(crate) fn json(document: &Document) -> Value {
    let text = document.json.as_deref().expect("JSON was asked for");
    serde_json::from_str(text).expect("the document is JSON")
}
