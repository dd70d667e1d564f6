//! `gonogo init`: guess which column plays which role, say why, and write `gonogo.toml`.

mod evidence;
mod facts;
mod guess;
mod text;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use self::guess::Guesses;
use super::{CommandError, Context, open};
use crate::config::{FILE_NAME, Role};
use crate::error::Failure;
use crate::log::{Log, Needs, ReadOptions};
use crate::report::{plain_text, write_text};

const EXAMPLES: &str = "\
Examples:
  gonogo init log.csv
  gonogo init log.jsonl -o audits/gonogo.toml
  gonogo init 'logs/*.parquet' --force";

/// Guess the roles of a log's columns and write gonogo.toml
///
/// Looks at the names of the columns and at the first rows, prints each guess with its reason, and
/// writes a commented file to correct. An existing file is kept unless --force is given.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct InitArgs {
    /// Files, folders or globs of one log, or - for standard input
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<String>,
    /// The file to write
    #[arg(short, long, value_name = "FILE", default_value = FILE_NAME)]
    output: PathBuf,
    /// Write over an existing file
    #[arg(long)]
    force: bool,
    /// Delimiter of text files, one character or `tab` [default: told from the content]
    #[arg(long, value_name = "CHAR")]
    delimiter: Option<String>,
}

/// Guesses, writes the file, and gives the text to print.
///
/// # Errors
/// When the log cannot be read, or the file exists or cannot be written.
pub fn run(args: &InitArgs, context: &Context) -> Result<String, Failure> {
    let file = context.folder.join(&args.output);
    if file.exists() && !args.force {
        return Err(CommandError::Exists(args.output.clone()).into());
    }
    let options = ReadOptions {
        delimiter: args.delimiter.as_deref().map(open::delimiter).transpose()?,
        progress: Arc::clone(&context.progress),
        ..ReadOptions::default()
    };
    let log = Log::open(&args.logs, &options)?;
    open::keep_apart(log.paths(), &[&file])?;
    let columns = facts::of(log.columns());
    let mut guesses = guess::guess(&columns);
    drop_unusable(&log, &mut guesses);
    write_text(&file, &text::file(&guesses, &columns))?;
    let logs = args.logs.join(" ");
    Ok(plain_lines(&text::report(&guesses, &args.output, &logs)))
}

/// Takes out guesses that the log itself refuses, so that the file always loads.
fn drop_unusable(log: &Log, guesses: &mut Guesses) {
    let fits = |guesses: &Guesses, needs: &Needs| log.plan(&guesses.mapping(), needs).is_ok();
    for role in Role::ALL {
        let needs = Needs {
            optional: vec![role],
            ..Needs::default()
        };
        if !fits(guesses, &needs) {
            guesses.roles.retain(|guess| guess.role != role);
        }
    }
}

fn plain_lines(text: &str) -> String {
    let mut plain: String = text.lines().map(plain_text).collect::<Vec<_>>().join("\n");
    plain.push('\n');
    plain
}
