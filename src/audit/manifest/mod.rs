//! The manifest: everything that decides a draw and everything that was drawn, so that anyone who
//! has the log can draw again. Written as canonical JSON (RFC 8785) with a digest of itself. Must
//! not know how a log is read.

mod fill;
mod select;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::draw::{Design, Purpose, Stratum};
use super::error::DrawError;
use super::frame::Size;
use super::ticket::{Digest, SCHEME, Seed, Stream, Ticket};

pub use self::fill::{Found, fill};
pub use self::select::{Selection, select};

/// The name of the schema.
const SCHEMA: &str = "gonogo/audit-manifest";
/// The version of the schema.
const VERSION: u32 = 1;
/// What the digest of the time of writing begins with.
const CREATED: &str = "gonogo-created/1";

/// What kind of document this is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    pub name: String,
    pub version: u32,
}

/// What wrote the manifest, and how its tickets are made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    pub name: String,
    pub version: String,
    pub scheme: String,
}

/// A file of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub name: String,
    pub bytes: Option<u64>,
    pub sha256: Option<String>,
    pub rows: u64,
}

/// What is done with amounts below zero where probabilities follow the amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Negatives {
    /// They are an error
    Refuse,
    /// They are a stratum of their own, drawn by count
    Separate,
    /// Their sign is ignored
    Abs,
    /// They leave the population, counted
    Drop,
}

/// How the cases were found in the log: enough to find them again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Roles and the columns or expressions that play them.
    pub roles: BTreeMap<String, String>,
    pub segments: BTreeMap<String, String>,
    /// Columns and the types that were stated for them.
    pub types: BTreeMap<String, String>,
    pub delimiter: Option<String>,
    pub skip_bad_rows: bool,
    /// The policy that auto-approved the cases, as its file was written; the log's history
    /// where there is none.
    pub policy: Option<String>,
    /// SQL conditions that every case meets.
    pub filters: Vec<String>,
    /// SQL that names the stratum, or the sort key of a systematic draw.
    pub strata: Option<String>,
    /// Scores at which bands begin, ascending; the bands are the strata.
    pub bands: Vec<String>,
    /// SQL that gives the value that probabilities follow.
    pub value: Option<String>,
    pub negatives: Option<Negatives>,
    /// SQL that names the cluster.
    pub cluster: Option<String>,
    /// SQL that gives the risk that the targeted part goes by.
    pub risk: Option<String>,
    /// The day (UTC) whose cases are drawn from.
    pub day: Option<String>,
}

/// The cases that could be drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// Rows of the log that could be used.
    pub rows: u64,
    /// Rows that are not in the frame, by the first reason that applies.
    pub excluded: BTreeMap<String, u64>,
    pub cases: u64,
    /// What is drawn: cases, or clusters.
    pub units: u64,
    /// The sum of the values as decimal text.
    pub value: Option<String>,
    pub frame_digest: Digest,
}

/// An earlier audit that had a say in this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earlier {
    pub sha256: Digest,
    /// Cases that it drew.
    pub cases: u64,
    pub mode: Mode,
}

/// What becomes of the cases of an earlier audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// They leave the population, which becomes what was not audited yet.
    Excluded,
    /// They stay; those that are drawn again are marked.
    Reused,
}

/// What the audit is to show, fixed before the first verdict. Rates are decimal text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub tolerable: String,
    pub confidence: String,
    /// `one-sided` or `two-sided`.
    pub side: String,
    /// What the rate is a share of: `cases`, `clusters` (with any error) or `value`.
    pub of: String,
    /// The error rate that was expected, which shapes a sequential bound.
    pub expected: Option<String>,
    /// Whether the audit may be evaluated after every case.
    pub sequential: bool,
}

/// Who reviews what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Names, at least one; a single reviewer may be the empty name.
    pub reviewers: Vec<String>,
    /// The share of the random part that a second reviewer sees as well, as it was written.
    pub second: String,
    /// Columns of the log that reviewers see.
    pub show: Vec<String>,
    /// Those of them that are not blind.
    pub unblind: Vec<String>,
}

/// The seed, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedRecord {
    pub value: Seed,
    /// `dice`, `drand:ROUND`, `quicknet:ROUND`, `nist:PULSE`, `text`, `os-random` or `daily:DAY`.
    pub source: String,
    /// SHA-256 of the secret that a daily seed is made of.
    pub committed: Option<Digest>,
}

/// An earlier manifest that this one goes on from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    pub sha256: Digest,
    pub created_at: String,
}

/// A case that was drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selected {
    /// Place in the draw, from 1.
    pub seq: u64,
    pub case_id: String,
    pub stratum: String,
    pub cluster: Option<String>,
    pub size: Option<Size>,
    pub purpose: Purpose,
    pub round: u64,
    pub ticket: Ticket,
    /// The probability of being drawn; null for a targeted case.
    pub pi: Option<f64>,
    /// 1 / pi.
    pub weight: Option<f64>,
    pub times: u64,
    pub certainty: bool,
    /// Who sees the case, the first reviewer first.
    pub reviewers: Vec<String>,
    /// Whether an earlier audit drew the case too.
    pub reused: bool,
}

/// A case that may replace one that is not applicable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reserved {
    pub case_id: String,
    pub stratum: String,
    pub cluster: Option<String>,
    pub size: Option<Size>,
    pub ticket: Ticket,
}

/// A worksheet as it went out, still blank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// The reviewer, or `reserve`.
    pub name: String,
    pub round: u64,
    pub rows: u64,
    /// SHA-256 of the CSV.
    pub sha256: Digest,
}

/// The manifest of an audit. One without a seed is frozen: population and design are fixed, and
/// nothing is drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub schema: Schema,
    pub tool: Tool,
    pub purpose: Option<String>,
    pub inputs: Vec<Input>,
    pub source: Source,
    pub population: Population,
    pub earlier: Vec<Earlier>,
    pub design: Design,
    pub pi_formula: String,
    pub rule: Option<Rule>,
    pub review: Review,
    pub seed: Option<SeedRecord>,
    pub stream: String,
    /// The frozen manifest that was published before the seed was known.
    pub frozen: Option<Link>,
    /// The manifest that this one tops up.
    pub parent: Option<Link>,
    /// What the checks of worksheets are made of; null in the first round, where it is the
    /// manifest itself.
    pub anchor: Option<Digest>,
    pub strata: Vec<Stratum>,
    pub selected: Vec<Selected>,
    pub reserve: Vec<Reserved>,
    pub worksheets: Vec<Sheet>,
    /// RFC 3339.
    pub created_at: String,
    /// SHA-256 over `self_sha256` and `created_at`, so that the time cannot be changed alone.
    pub created_sha256: Digest,
    /// SHA-256 of the canonical JSON of all but this, `created_at` and `created_sha256`.
    pub self_sha256: Digest,
}

impl Schema {
    /// The schema of this version.
    pub fn this() -> Self {
        Self {
            name: SCHEMA.to_owned(),
            version: VERSION,
        }
    }
}

impl Tool {
    /// This version of gonogo.
    pub fn this() -> Self {
        Self {
            name: "gonogo".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            scheme: SCHEME.to_owned(),
        }
    }
}

/// The stream that a draw is made with.
pub fn stream() -> String {
    Stream::Select.to_string()
}

fn unwritable(error: &dyn std::fmt::Display) -> DrawError {
    DrawError::Manifest {
        file: "manifest".to_owned(),
        what: error.to_string(),
    }
}

impl Manifest {
    /// The content that digests are made of.
    fn content(&self, leave_out: &[&str]) -> Result<Digest, DrawError> {
        let mut value = serde_json::to_value(self).map_err(|error| unwritable(&error))?;
        if let Some(object) = value.as_object_mut() {
            for key in ["created_at", "created_sha256", "self_sha256"]
                .iter()
                .chain(leave_out)
            {
                object.remove(*key);
            }
        }
        let text =
            serde_json_canonicalizer::to_string(&value).map_err(|error| unwritable(&error))?;
        Ok(Digest::of(text.as_bytes()))
    }

    /// The digest that `self_sha256` must be.
    ///
    /// # Errors
    /// When a number is beyond what JSON can hold.
    pub fn digest(&self) -> Result<Digest, DrawError> {
        self.content(&[])
    }

    /// What the checks of worksheet rows are made of: the first round's manifest without its
    /// worksheets, which hold the checks.
    ///
    /// # Errors
    /// When a number is beyond what JSON can hold.
    pub fn row_anchor(&self) -> Result<Digest, DrawError> {
        match self.anchor {
            Some(anchor) => Ok(anchor),
            None => self.content(&["worksheets"]),
        }
    }

    /// The digest that `created_sha256` must be.
    pub fn created_digest(&self) -> Digest {
        let text = format!("{CREATED}\n{}\n{}", self.self_sha256, self.created_at);
        Digest::of(text.as_bytes())
    }

    /// Writes the digests into the manifest; the last thing to do with one.
    ///
    /// # Errors
    /// When a number is beyond what JSON can hold.
    pub fn seal(mut self) -> Result<Self, DrawError> {
        self.self_sha256 = self.digest()?;
        self.created_sha256 = self.created_digest();
        Ok(self)
    }

    /// The manifest before anything was drawn: what was frozen.
    #[must_use]
    pub fn undrawn(&self) -> Self {
        Self {
            seed: None,
            frozen: None,
            strata: Vec::new(),
            selected: Vec::new(),
            reserve: Vec::new(),
            worksheets: Vec::new(),
            ..self.clone()
        }
    }

    /// Canonical JSON, without a line end.
    ///
    /// # Errors
    /// When a number is beyond what JSON can hold.
    pub fn text(&self) -> Result<String, DrawError> {
        serde_json_canonicalizer::to_string(self).map_err(|error| unwritable(&error))
    }

    /// Reads a manifest. `file` is for messages only.
    ///
    /// # Errors
    /// When the text is no manifest of this version, was changed in any byte, or its digests do
    /// not fit.
    pub fn parse(text: &str, file: &str) -> Result<Self, DrawError> {
        let bad = |what: String| DrawError::Manifest {
            file: file.to_owned(),
            what,
        };
        let manifest: Self = serde_json::from_str(text).map_err(|error| bad(error.to_string()))?;
        let schema = &manifest.schema;
        if *schema != Schema::this() || manifest.tool.scheme != SCHEME {
            return Err(bad(format!(
                "it is {} version {} with the tickets of {}, not {SCHEMA} version {VERSION} with {SCHEME}",
                schema.name, schema.version, manifest.tool.scheme
            )));
        }
        if manifest.text()? != text {
            return Err(bad("it is not written as canonical JSON".to_owned()));
        }
        let digest = manifest.digest()?;
        if digest != manifest.self_sha256 {
            let stated = manifest.self_sha256;
            return Err(bad(format!("its digest is {digest}, but it says {stated}")));
        }
        if manifest.created_digest() != manifest.created_sha256 {
            return Err(bad("the time of writing was changed".to_owned()));
        }
        Ok(manifest)
    }

    /// The reviewers' names.
    pub fn reviewers(&self) -> &[String] {
        &self.review.reviewers
    }
}
