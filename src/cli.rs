//! The command line as a whole: global options, the commands, and what the terminal gets to see.
//! The only module that prints.

mod progress;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Parser, Subcommand, ValueEnum};

use crate::command::audit::AuditCommand;
use crate::command::check::{self, CheckArgs};
use crate::command::gate::{self, GateArgs};
use crate::command::init::{self, InitArgs};
use crate::command::policy::{self, PolicyArgs, Verb};
use crate::command::replay::{self, ReplayArgs};
use crate::command::report::{self, ReportArgs};
use crate::command::sweep::{self, SweepArgs};
use crate::command::tune::{self, TuneArgs};
use crate::command::{Context, OutputArgs};
use crate::error::{ExitCode, Failure};
use crate::log::Progress;
use crate::report::{Document, Format, Terminal, add_summary, plain_text, write_all};

/// How long an interrupted reading may take to stop by itself.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(500);
/// Width of text that does not go to a terminal.
const DEFAULT_WIDTH: usize = 100;

/// Tune and audit the line between what an AI decides alone and what a human sees first
///
/// gonogo reads the decisions that a system has already made, replays them against candidate
/// thresholds, and tells which escalation rate goes with which error rate among the auto-approved
/// cases, how sure that is, and what it rests on.
#[derive(Debug, Parser)]
#[command(
    name = "gonogo",
    version,
    after_help = "\
Examples:
  gonogo init log.csv                 guess the roles of the columns, write gonogo.toml
  gonogo check log.csv                what the log can and cannot answer
  gonogo sweep log.csv                thresholds, escalation rates, error rates
  gonogo tune log.csv --max-error 1%  a threshold that keeps the promise, or why there is none
  gonogo replay log.csv policy.toml   whole policies beside what really happened
  gonogo audit plan --tolerable 5%    how many auto-approved cases to look at
  gonogo gate log.csv                 the checks of gonogo.toml as an exit code

Exit codes: 0 done, 1 breached or failed, 2 bad usage or input, 3 too little evidence,
4 nothing to judge, 70 internal error, 74 output not written, 130 interrupted"
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// When to use colours
    #[arg(long, value_enum, global = true, default_value_t = Color::Auto)]
    color: Color,
    /// No progress, no messages but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say what is being done
    #[arg(short, long, global = true)]
    verbose: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(InitArgs),
    Check(CheckArgs),
    Sweep(SweepArgs),
    Tune(TuneArgs),
    Replay(ReplayArgs),
    Gate(Box<GateArgs>),
    Policy(PolicyArgs),
    Report(ReportArgs),
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    /// When standard output is a terminal and NO_COLOR is not set
    Auto,
    Always,
    Never,
}

impl Color {
    fn choice(self) -> anstream::ColorChoice {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
    }
}

/// Parses the command line, runs the command, and prints; gives the exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    cli.color.choice().write_global();
    start_messages(cli.verbose, cli.quiet);
    let progress = Arc::new(Progress::default());
    stop_on_interrupt(&progress);
    let context = Context {
        folder: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
        progress,
    };
    match cli.run(&context) {
        Ok(code) => code,
        Err(failure) => {
            report_failure(&failure);
            failure.exit_code()
        }
    }
}

impl Cli {
    fn run(&self, context: &Context) -> Result<ExitCode, Failure> {
        match &self.command {
            Command::Init(args) => {
                let text = init::run(args, context)?;
                Ok(print(&text))
            }
            Command::Check(args) => {
                self.answer(context, &args.output, || check::run(args, context))
            }
            Command::Sweep(args) => {
                self.answer(context, &args.output, || sweep::run(args, context))
            }
            Command::Tune(args) => self.answer(context, &args.output, || tune::run(args, context)),
            Command::Replay(args) => {
                self.answer(context, &args.output, || replay::run(args, context))
            }
            Command::Report(args) => {
                self.answer(context, &args.output, || report::run(args, context))
            }
            Command::Gate(args) => match &args.verb {
                Some(gate::Verb::Selftest(args)) => {
                    self.answer(context, &args.output, || gate::run_selftest(args, context))
                }
                None => self.answer(context, &args.output, || gate::run(args, context)),
            },
            Command::Policy(args) => match &args.verb {
                Verb::Lint(args) => {
                    self.answer(context, &args.output, || policy::run(args, context))
                }
                Verb::Schema => Ok(print_to(std::io::stdout().lock(), policy::schema())),
            },
            Command::Audit(command) => {
                self.answer(context, command.output(), || command.run(context))
            }
        }
    }

    /// Runs a command behind a progress bar and hands its document to all outputs.
    fn answer(
        &self,
        context: &Context,
        output: &OutputArgs,
        run: impl FnOnce() -> Result<Document, Failure>,
    ) -> Result<ExitCode, Failure> {
        let files = output.files()?;
        let bar = progress::Bar::start(&context.progress, self.quiet);
        let document = run();
        bar.stop();
        let document = document?;
        let text = document.render(output.format, &terminal())?;
        context.progress.start_writing();
        write_all(&document, &files)?;
        let printed = match output.format {
            Format::Table => print(&text),
            // Data is printed as it stands: the same bytes as in a file.
            Format::Json | Format::Csv | Format::Md | Format::Github => {
                print_to(std::io::stdout().lock(), &text)
            }
        };
        add_summary(&document)?;
        match printed {
            ExitCode::Done => Ok(document.exit_code),
            other => Ok(other),
        }
    }
}

/// Prints text for people to standard output.
fn print(text: &str) -> ExitCode {
    print_to(anstream::stdout().lock(), text)
}

/// Prints to standard output. A reader who has seen enough (a broken pipe) is no failure.
fn print_to(mut stdout: impl Write, text: &str) -> ExitCode {
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Ok(()) => ExitCode::Done,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::Done,
        Err(error) => {
            let _ = writeln!(anstream::stderr(), "error: standard output: {error}");
            ExitCode::Output
        }
    }
}

fn report_failure(failure: &Failure) {
    let mut stderr = anstream::stderr().lock();
    let red = anstyle::AnsiColor::Red.on_default().bold();
    // If standard error is gone there is nobody left to tell.
    let _ = writeln!(stderr, "{red}error:{red:#} {}", lines(&failure.to_string()));
    if let Some(hint) = failure.hint() {
        let _ = writeln!(stderr, "\nhint: {}", lines(&hint));
    }
}

/// Text in which only our own line ends command the terminal.
fn lines(text: &str) -> String {
    text.lines().map(plain_text).collect::<Vec<_>>().join("\n")
}

fn terminal() -> Terminal {
    let stdout = std::io::stdout();
    let width = if stdout.is_terminal() {
        console::Term::stdout()
            .size_checked()
            .map(|(_, columns)| usize::from(columns))
    } else {
        None
    };
    Terminal {
        width: width.unwrap_or(DEFAULT_WIDTH).max(40),
        // anstream takes the colours out again where they are not wanted.
        color: true,
        plots: stdout.is_terminal(),
    }
}

fn start_messages(verbose: bool, quiet: bool) {
    let level = match (verbose, quiet) {
        (true, _) => log::LevelFilter::Info,
        (_, true) => log::LevelFilter::Off,
        (false, false) => log::LevelFilter::Warn,
    };
    env_logger::Builder::new()
        .filter_level(log::LevelFilter::Off)
        .filter_module("gonogo", level)
        .format(|out, record| writeln!(out, "gonogo: {}", plain_text(&record.args().to_string())))
        .init();
    // What goes wrong inside a library on damaged input is caught and told as such; its own words
    // are for those who ask for them.
    std::panic::set_hook(Box::new(move |panic| log::info!("{panic}")));
}

/// An interrupt asks the reading to stop; if it cannot (it may be waiting for a pipe), the process
/// ends a moment later all the same. Files are whole in either case: they get their names only when
/// they are, and while they are being written nothing is cut short.
fn stop_on_interrupt(progress: &Arc<Progress>) {
    let progress = Arc::clone(progress);
    let handler = move || {
        progress.stop();
        std::thread::sleep(PATIENCE);
        if !progress.is_writing() {
            let _ = writeln!(anstream::stderr(), "error: interrupted");
            #[expect(
                clippy::exit,
                reason = "the main thread is waiting for input that may never come"
            )]
            std::process::exit(i32::from(ExitCode::Interrupted.number()));
        }
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        log::info!("interrupts end the process at once: {error}");
    }
}
