//! The binary as its users run it: a folder of its own, arguments, and what came back. Every run
//! must end in an orderly way; what it should have said is for the tests to judge.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// Longer than any run may take, even on a machine that builds something beside it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The path of the binary under test.
pub(crate) const GONOGO: &str = env!("CARGO_BIN_EXE_gonogo");

/// A path below the root of the repository, as a command line takes it.
pub(crate) fn in_repository(path: &str) -> String {
    format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))
}

/// An empty folder to work in, and another one for temporary files.
pub(crate) struct Desk {
    folder: TempDir,
    temporary: TempDir,
}

/// What came back from one run.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            temporary: TempDir::new().unwrap(),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a file on the desk, in a folder that is made if it must be.
    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The files on the desk, sorted, those of folders by their paths.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.folder.path()).unwrap();
                    names.push(name.display().to_string());
                }
            }
        }
        names.sort();
        names
    }

    /// A program that works on this desk, without settings of whoever runs the tests.
    pub(crate) fn command(&self, program: &str) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::new(program);
        command
            .current_dir(self.folder())
            .env("TMPDIR", self.temporary.path())
            .timeout(PATIENCE);
        for variable in [
            "GONOGO_CONFIG",
            "GITHUB_STEP_SUMMARY",
            "GITHUB_WORKSPACE",
            "NO_COLOR",
            "CLICOLOR",
            "CLICOLOR_FORCE",
            "RUST_BACKTRACE",
        ] {
            command.env_remove(variable);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Answer {
        self.run_with(arguments, b"")
    }

    /// Runs gonogo with this on its standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &[u8]) -> Answer {
        let mut command = self.command(GONOGO);
        self.finish(command.args(arguments).write_stdin(stdin), arguments)
    }

    /// Runs a line of a shell in which `$GONOGO` is the binary.
    pub(crate) fn shell(&self, line: &str) -> Answer {
        let mut command = self.command("bash");
        self.finish(command.args(["-c", line]).env("GONOGO", GONOGO), &[line])
    }

    fn finish(&self, command: &mut assert_cmd::Command, arguments: &[&str]) -> Answer {
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let answer = Answer {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        };
        answer.must_be_orderly(arguments);
        let left: Vec<_> = std::fs::read_dir(self.temporary.path()).unwrap().collect();
        assert!(
            left.is_empty(),
            "{arguments:?} left temporary files: {left:?}"
        );
        answer
    }
}

impl Answer {
    /// No hang, no signal, no panic, whatever was asked.
    fn must_be_orderly(&self, arguments: &[&str]) {
        assert!(
            [0, 1, 2, 3, 4, 74, 130].contains(&self.code),
            "{arguments:?} ended with {}: {}",
            self.code,
            self.stderr
        );
        for text in [&self.stdout, &self.stderr] {
            for word in [
                "panicked",
                "RUST_BACKTRACE",
                "unwrap()",
                "an internal error",
            ] {
                assert!(!text.contains(word), "{arguments:?} says {word:?}: {text}");
            }
        }
    }

    /// Asserts that all went well.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.stderr);
        self
    }

    /// Asserts that this was refused, with nothing on standard output and these words in the
    /// message, of which nothing may command a terminal.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, words: &[&str]) {
        assert_eq!(
            self.code, code,
            "stdout {}\nstderr {}",
            self.stdout, self.stderr
        );
        assert_eq!(self.stdout, "");
        assert!(self.stderr.starts_with("error: "), "{}", self.stderr);
        let mut missing = String::new();
        for word in words.iter().filter(|word| !self.stderr.contains(**word)) {
            let _ = write!(missing, "{word:?} ");
        }
        assert!(
            missing.is_empty(),
            "the message lacks {missing}: {}",
            self.stderr
        );
        assert_eq!(commands_in(&self.stderr), "", "{}", self.stderr);
    }

    /// The whole of standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.stderr);
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

/// The characters of a text by which it could command a terminal.
pub(crate) fn commands_in(text: &str) -> String {
    text.chars()
        .filter(|character| character.is_control() && *character != '\n')
        .collect()
}
