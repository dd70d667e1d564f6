//! A log of cases for benchmarks: the same rows in every format, from a fixed sequence of numbers.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use gonogo::config::{Mapping, Role};
use gonogo::log::{Log, Needs, Plan, ReadOptions};
use tempfile::NamedTempFile;

/// The roles that a sweep reads when it neither sums money nor looks for repeated ids.
pub const ROLES: [Role; 4] = [
    Role::Score,
    Role::Error,
    Role::Escalated,
    Role::LabelProbability,
];
/// Rows of the log.
pub const ROWS: usize = 200_000;

const MAPPING: &str = r#"
[columns]
id = "case_id"
score = "score"
error = "decision <> human"
escalated = "route = 'human'"
label_probability = "audit_p"
[segments]
kind = "kind"
region = "region"
channel = "channel"
"#;

const KINDS: [&str; 5] = ["refund", "claim", "signup", "limit", "address"];
const REGIONS: [&str; 8] = [
    "north", "south", "east", "west", "centre", "isles", "abroad", "online",
];
const CHANNELS: [&str; 4] = ["web", "app", "mail", "phone"];

/// A log in a temporary file that goes when this does.
pub struct Written {
    file: NamedTempFile,
    bytes: usize,
}

impl Written {
    pub fn csv() -> Self {
        let mut text =
            "case_id,score,decision,human,route,audit_p,kind,region,channel\n".to_owned();
        for case in cases() {
            let Case {
                id,
                score,
                decision,
                human,
                route,
                audit_p,
                kind,
                region,
                channel,
            } = case;
            let human = human.unwrap_or_default();
            let _ = writeln!(
                text,
                "c-{id:010},{score:.6},{decision},{human},{route},{audit_p},{kind},{region},{channel}"
            );
        }
        Self::new(&text)
    }

    #[allow(
        dead_code,
        reason = "each benchmark is a crate of its own and needs some formats only"
    )]
    pub fn json_lines() -> Self {
        let mut text = String::new();
        for case in cases() {
            let Case {
                id,
                score,
                decision,
                human,
                route,
                audit_p,
                kind,
                region,
                channel,
            } = case;
            let human = human.map_or("null".to_owned(), |human| format!("\"{human}\""));
            let _ = writeln!(
                text,
                "{{\"case_id\":\"c-{id:010}\",\"score\":{score:.6},\"decision\":\"{decision}\",\
                 \"human\":{human},\"route\":\"{route}\",\"audit_p\":{audit_p},\"kind\":\"{kind}\",\
                 \"region\":\"{region}\",\"channel\":\"{channel}\"}}"
            );
        }
        Self::new(&text)
    }

    fn new(text: &str) -> Self {
        let mut file = NamedTempFile::new().expect("there is room for temporary files");
        file.write_all(text.as_bytes())
            .expect("there is room for temporary files");
        Self {
            file,
            bytes: text.len(),
        }
    }

    pub fn path(&self) -> String {
        self.file.path().display().to_string()
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn mapping(&self) -> Mapping {
        Mapping::parse(MAPPING, Path::new("benchmark")).expect("the mapping is a constant")
    }

    /// The log opened for some roles and segments; ids are looked at only where they are asked for.
    pub fn opened(&self, roles: &[Role], segments: &[&str]) -> (Log, Plan, ReadOptions) {
        let options = ReadOptions {
            allow_duplicates: !roles.contains(&Role::Id),
            ..ReadOptions::default()
        };
        let needs = Needs {
            required: roles.to_vec(),
            optional: Vec::new(),
            segments: segments.iter().map(|name| (*name).to_owned()).collect(),
            ..Needs::default()
        };
        let log = Log::open(&[self.path()], &options).expect("the log was just written");
        let plan = log
            .plan(&self.mapping(), &needs)
            .expect("the mapping fits the log");
        (log, plan, options)
    }
}

struct Case {
    id: usize,
    score: f64,
    decision: &'static str,
    human: Option<&'static str>,
    route: &'static str,
    audit_p: f64,
    kind: &'static str,
    region: &'static str,
    channel: &'static str,
}

/// One of some words by a number in [0, 1).
fn pick(draw: f64, words: &[&'static str]) -> &'static str {
    let place = (draw * words.len() as f64) as usize;
    words.get(place).copied().unwrap_or_default()
}

/// Scores crowd towards 1; cases below 0.85 are escalated; 2 % of the others are audited.
fn cases() -> impl Iterator<Item = Case> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut draw = move || {
        // SplitMix64 (Steele, Lea and Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..ROWS).map(move |id| {
        let score = 1.0 - draw() * draw();
        let escalated = score < 0.85;
        let labelled = draw() < if escalated { 1.0 } else { 0.02 };
        let wrong = draw() < 0.3 * (1.0 - score) + 0.005;
        Case {
            id,
            score,
            decision: if draw() < 0.7 { "approve" } else { "deny" },
            human: labelled.then_some(if wrong { "other" } else { "approve" }),
            route: if escalated { "human" } else { "auto" },
            audit_p: if escalated { 1.0 } else { 0.02 },
            kind: pick(draw(), &KINDS),
            region: pick(draw(), &REGIONS),
            channel: pick(draw(), &CHANNELS),
        }
    })
}
