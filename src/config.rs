//! `gonogo.toml`: which column plays which role, the segments and the types of columns, costs and
//! reviewers. Knows the file's shape only; whether a column exists is for the log to say.

mod costs;
mod gates;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::error::{ExitCode, Explain};

pub use costs::{Costs, Reviewers, Source};
pub use gates::{Demand, Gate, Margin, Metric, Severity};

/// The name of the file that is looked for in the working directory and its parents.
pub const FILE_NAME: &str = "gonogo.toml";

/// The roles that columns of a log can play.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Id,
    Time,
    Score,
    Error,
    Escalated,
    Pinned,
    LabelProbability,
    Value,
    Reviewer,
    ReviewSeconds,
    ReviewedAt,
}

impl Role {
    /// All roles in the order in which people read them.
    pub const ALL: [Self; 11] = [
        Self::Id,
        Self::Time,
        Self::Score,
        Self::Error,
        Self::Escalated,
        Self::Pinned,
        Self::LabelProbability,
        Self::Value,
        Self::Reviewer,
        Self::ReviewSeconds,
        Self::ReviewedAt,
    ];

    /// The key under `[columns]`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Time => "time",
            Self::Score => "score",
            Self::Error => "error",
            Self::Escalated => "escalated",
            Self::Pinned => "pinned",
            Self::LabelProbability => "label_probability",
            Self::Value => "value",
            Self::Reviewer => "reviewer",
            Self::ReviewSeconds => "review_seconds",
            Self::ReviewedAt => "reviewed_at",
        }
    }

    /// What the role says about a case.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Id => "the case's identifier, always text",
            Self::Time => "when the AI decided",
            Self::Score => "how safe the case is to auto-approve, 0 to 1, higher is safer",
            Self::Error => "whether the AI's decision was wrong; NULL where nobody has looked",
            Self::Escalated => "whether a human decided first",
            Self::Pinned => "stays escalated at every threshold",
            Self::LabelProbability => "the chance that the case was to be labelled",
            Self::Value => "money at stake",
            Self::Reviewer => "who reviewed the case",
            Self::ReviewSeconds => "how long the review took, in seconds",
            Self::ReviewedAt => "when the review ended",
        }
    }

    /// A line for `[columns]` that a person could start from.
    pub fn example(self) -> &'static str {
        match self {
            Self::Id => "id = \"case_id\"",
            Self::Time => "time = \"decided_at\"",
            Self::Score => "score = \"confidence\"",
            Self::Error => "error = \"model_label <> review_label\"",
            Self::Escalated => "escalated = \"route = 'human'\"",
            Self::Pinned => "pinned = \"escalation_reason = 'regulation'\"",
            Self::LabelProbability => "label_probability = \"audit_p\"",
            Self::Value => "value = \"amount_usd\"",
            Self::Reviewer => "reviewer = \"agent\"",
            Self::ReviewSeconds => "review_seconds = \"handle_s\"",
            Self::ReviewedAt => "reviewed_at = \"closed_at\"",
        }
    }

    /// The role with this key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }
}

/// How the text of a column is to be read; what `[types]` may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    Text,
    Number,
    Integer,
    Boolean,
    /// RFC 3339 or an ISO date; without an offset it is read as UTC.
    Timestamp,
    /// Seconds since 1970-01-01T00:00:00Z.
    EpochS,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    EpochMs,
}

impl ColumnType {
    /// The word that `[types]` uses.
    pub fn key(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
            Self::EpochS => "epoch_s",
            Self::EpochMs => "epoch_ms",
        }
    }
}

/// The mapping of a log: roles, segments and types. Each role and segment is the name of a
/// column or a SQL expression over columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    pub roles: BTreeMap<Role, String>,
    pub segments: BTreeMap<String, String>,
    pub types: BTreeMap<String, ColumnType>,
}

/// Everything that `gonogo.toml` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    pub mapping: Mapping,
    pub costs: Costs,
    pub reviewers: Option<Reviewers>,
    pub gates: Vec<Gate>,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    columns: BTreeMap<String, String>,
    #[serde(default)]
    segments: BTreeMap<String, String>,
    #[serde(default)]
    types: BTreeMap<String, ColumnType>,
    #[serde(default)]
    cost: Costs,
    reviewers: Option<Reviewers>,
    #[serde(default)]
    gate: Vec<toml::Spanned<gates::Written>>,
}

/// What can be wrong with the configuration.
#[derive(Debug, Error)]
pub enum ConfigError {
    #[error("{}: {reason}", file.display())]
    Unreadable {
        file: PathBuf,
        reason: std::io::Error,
    },
    #[error("{}: {reason}", file.display())]
    Malformed { file: PathBuf, reason: String },
    #[error("{origin}: there is no role `{key}`")]
    UnknownRole {
        origin: String,
        key: String,
        closest: Option<&'static str>,
    },
    #[error("`{text}` does not say which {what} it sets: write NAME=COLUMN or NAME=EXPRESSION")]
    NotAnAssignment { text: String, what: &'static str },
}

impl Explain for ConfigError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { .. } => {
                Some("`gonogo init LOG` writes a gonogo.toml for a log".to_owned())
            }
            Self::Malformed { .. } | Self::NotAnAssignment { .. } => None,
            Self::UnknownRole { closest, .. } => {
                let all = Role::ALL.map(Role::key).join(", ");
                let guess = closest.map_or(String::new(), |key| format!("did you mean `{key}`? "));
                Some(format!("{guess}the roles are {all}"))
            }
        }
    }

    fn exit_code(&self) -> ExitCode {
        ExitCode::Input
    }
}

impl Config {
    /// Reads the text of a configuration file; `file` is for messages only.
    ///
    /// # Errors
    /// When the text is not TOML, holds a key that does not exist, or a cost that cannot be.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        let malformed = |reason: String| ConfigError::Malformed {
            file: file.to_owned(),
            reason,
        };
        let parsed: File = toml::from_str(text)
            .map_err(|error| malformed(error.to_string().trim_end().to_owned()))?;
        let mut mapping = Mapping {
            segments: parsed.segments,
            types: parsed.types,
            ..Mapping::default()
        };
        for (key, source) in parsed.columns {
            mapping.set_role(&key, source, &file.display().to_string())?;
        }
        parsed.cost.check().map_err(malformed)?;
        if let Some(reviewers) = &parsed.reviewers {
            reviewers.check().map_err(malformed)?;
        }
        Ok(Self {
            mapping,
            costs: parsed.cost,
            reviewers: parsed.reviewers,
            gates: gates::read(parsed.gate, text).map_err(malformed)?,
        })
    }
}

impl Mapping {
    /// Reads the mapping of a configuration file; see `Config::parse`.
    ///
    /// # Errors
    /// When the text is malformed.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        Config::parse(text, file).map(|config| config.mapping)
    }

    /// Sets one role; `origin` says in messages where the setting comes from.
    ///
    /// # Errors
    /// When there is no such role.
    pub fn set_role(&mut self, key: &str, source: String, origin: &str) -> Result<(), ConfigError> {
        let role = Role::from_key(key).ok_or_else(|| ConfigError::UnknownRole {
            origin: origin.to_owned(),
            key: key.to_owned(),
            closest: closest(key, Role::ALL.map(Role::key)),
        })?;
        self.roles.insert(role, source);
        Ok(())
    }

    /// Lays `NAME=SOURCE` texts of the command line over the mapping.
    ///
    /// # Errors
    /// When a text has no `=` or names a role that does not exist.
    pub fn overlay(&mut self, roles: &[String], segments: &[String]) -> Result<(), ConfigError> {
        for text in roles {
            let (key, source) = assignment(text, "role")?;
            self.set_role(key, source.to_owned(), "--role")?;
        }
        for text in segments {
            let (name, source) = assignment(text, "segment")?;
            self.segments.insert(name.to_owned(), source.to_owned());
        }
        Ok(())
    }
}

fn assignment<'a>(text: &'a str, what: &'static str) -> Result<(&'a str, &'a str), ConfigError> {
    text.split_once('=')
        .map(|(name, source)| (name.trim(), source.trim()))
        .filter(|(name, source)| !name.is_empty() && !source.is_empty())
        .ok_or_else(|| ConfigError::NotAnAssignment {
            text: text.to_owned(),
            what,
        })
}

/// The candidate most like `word`, where one is like it at all.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            let similarity = strsim::jaro_winkler(&lower, &candidate.to_lowercase());
            (similarity, candidate)
        })
        .filter(|(similarity, _)| *similarity >= 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// The configuration file to use: the given one, or the one in `start` or its nearest parent.
pub fn find(given: Option<&Path>, start: &Path) -> Option<PathBuf> {
    given.map(Path::to_owned).or_else(|| {
        start
            .ancestors()
            .map(|folder| folder.join(FILE_NAME))
            .find(|file| file.is_file())
    })
}

/// Reads and parses a configuration file.
///
/// # Errors
/// When it cannot be read or parsed.
pub fn load(file: &Path) -> Result<Config, ConfigError> {
    let text = std::fs::read_to_string(file).map_err(|reason| ConfigError::Unreadable {
        file: file.to_owned(),
        reason,
    })?;
    Config::parse(&text, file)
}
