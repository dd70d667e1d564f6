//! However a log is laid out (order of rows, threads, chunks, split into files), a replay says the
//! same to the byte: JSON, CSV, the file of moved cases, and the queue.

use std::path::PathBuf;

use gonogo::config::{Mapping, Role};
use gonogo::log::{Batch, Formula, Interner, Log, Needs, ReadOptions, Sink};
use gonogo::policy::{Conditions, Policy, Routed, Router};
use gonogo::report::{Format, Terminal};
use gonogo::tally::{Accounts, Apart, ReplayTallier, ReplayTally};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::in_process::{answer, replay};

const HEADER: [&str; 11] = [
    "case",
    "at",
    "score",
    "wrong",
    "escalated",
    "pinned",
    "p",
    "amount",
    "kind",
    "secs",
    "urgent",
];

const CONFIG: &str = "
[columns]
id = 'case'
time = 'at'
score = 'score'
error = 'wrong'
escalated = 'escalated'
pinned = 'pinned'
label_probability = 'p'
value = 'amount'
review_seconds = 'secs'
[types]
urgent = 'number'
[cost]
error = '0.3 * amount + 1'
review_per_minute = 0.7
reviewer_error = 0.03
irreversible = \"kind = 'plain'\"
[reviewers]
count = 2
hours = 'Mon-Fri 09:00-17:00 Europe/London'
minutes_per_case = 9.5
deadline = '3h'
";

const RULES: &str = "
name = 'rules, and more'
threshold = 0.7
pattern = 'post-action'
window = '2h'
review_share = 0.3
[[rules]]
name = 'a,b'
when = \"kind = 'a,b' AND amount > 2000\"
threshold = 0.4
[[rules]]
name = 'urgent'
when = 'urgent >= 2'
route = 'auto'
pattern = 'post-action'
window = '30m'
[[rules]]
name = 'plain'
when = \"kind = 'plain'\"
pattern = 'pre-action'
";

const KINDS: [&str; 5] = ["plain", "a,b", "say \"x\"", "two\nlines", ""];

type Fields = Vec<String>;

/// A row whose moment many others share, so that the queue must decide between them.
fn row() -> impl Strategy<Value = Fields> {
    let label = prop_oneof![3 => Just(""), 3 => Just("false"), 2 => Just("true")];
    let flags = (any::<bool>(), prop::bool::weighted(0.1));
    let numbers = (0..=20_u32, 0..600_000_u32, 1..999_u32);
    let seconds = prop_oneof![
        Just(String::new()),
        (1..4000_u32).prop_map(|s| format!("{}.{:02}", s / 4, s % 4 * 25))
    ];
    (
        label,
        flags,
        numbers,
        0..KINDS.len(),
        0..40_u32,
        seconds,
        0..4_u32,
    )
        .prop_map(
            |(label, (escalated, pinned), (score, cents, p), kind, moment, seconds, urgent)| {
                let urgent = if urgent == 3 {
                    String::new()
                } else {
                    urgent.to_string()
                };
                let at = format!(
                    "2026-03-{:02}T{:02}:30:00Z",
                    2 + moment / 10,
                    8 + moment % 10
                );
                vec![
                    String::new(),
                    at,
                    format!("0.{:02}", score * 5 % 100),
                    label.to_owned(),
                    escalated.to_string(),
                    pinned.to_string(),
                    // Probabilities are certain, one of two, or as many as there are rows.
                    match p % 4 {
                        0 => "1".to_owned(),
                        1 => "0.5".to_owned(),
                        2 => "0.05".to_owned(),
                        _ => format!("0.{p:03}"),
                    },
                    format!("{}.{:02}", cents / 100, cents % 100),
                    KINDS[kind].to_owned(),
                    seconds,
                    urgent,
                ]
            },
        )
}

fn rows(most: usize) -> impl Strategy<Value = Vec<Fields>> {
    prop::collection::vec(row(), 1..most).prop_map(|mut rows| {
        for (number, row) in rows.iter_mut().enumerate() {
            row[0] = format!("case {number}");
        }
        rows[0][3] = "true".to_owned();
        rows
    })
}

fn file(folder: &TempDir, name: &str, rows: &[Fields]) -> PathBuf {
    let path = folder.path().join(name);
    let mut writer = csv::Writer::from_path(&path).unwrap();
    writer.write_record(HEADER).unwrap();
    rows.iter()
        .for_each(|row| writer.write_record(row).unwrap());
    writer.flush().unwrap();
    path
}

/// Everything that a replay says, but for the section on the input.
fn told(folder: &TempDir, logs: &[PathBuf], threads: usize, config: &str) -> String {
    let put = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    };
    let paths = [
        put("rules.toml", RULES),
        put("roles.toml", config),
        folder.path().join("moved.csv"),
    ];
    let [rules, roles, moved] = paths.map(|path| path.display().to_string());
    let threads = threads.to_string();
    let mut words: Vec<String> = logs.iter().map(|log| log.display().to_string()).collect();
    let more = [
        "0.5",
        &rules,
        "0.85",
        "--config",
        &roles,
        "--swap-out",
        &moved,
        "--by",
        "kind",
        "--by",
        "kind,urgent",
        "--threads",
        &threads,
    ];
    words.extend(more.map(str::to_owned));
    // A file by its ending asks for that format beside the JSON; nothing is written here.
    words.extend(["-o".to_owned(), "all.csv".to_owned()]);
    let document = replay(&words);
    let mut told = answer(document.json.as_deref().unwrap()).to_owned();
    told.push_str(std::str::from_utf8(&document.files[0].1).unwrap());
    let terminal = Terminal {
        width: 120,
        color: false,
        plots: false,
    };
    for format in [Format::Csv, Format::Table, Format::Md] {
        told.push_str(&document.render(format, &terminal).unwrap());
    }
    assert!(
        told.contains("wait_p90"),
        "the queue is a part of what is told"
    );
    told
}

/// The same configuration with urgent cases first.
fn with_priority() -> String {
    format!("{CONFIG}priority = 'urgent'\n")
}

/// Routes every case by the policies and adds the cases up, as a replay does.
struct Adding<'a> {
    routers: &'a [Router],
    tallier: ReplayTallier,
}

impl Sink for Adding<'_> {
    type Output = ReplayTally;

    fn take(&mut self, batch: &Batch) {
        let routed = self.routers.iter().map(|router| {
            let mut routed: Vec<Routed> = Vec::new();
            router.route(batch, &mut routed);
            routed
        });
        let routed: Vec<Vec<Routed>> = routed.collect();
        self.tallier.take(batch, &routed);
    }

    fn finish(&mut self, segments: &[&Interner]) -> ReplayTally {
        self.tallier.finish(segments)
    }
}

/// The sums of a replay of a log that is read in chunks of so many bytes.
fn sums(logs: &[PathBuf], threads: usize, chunk_bytes: usize) -> ReplayTally {
    let options = ReadOptions {
        threads,
        chunk_bytes,
        ..ReadOptions::default()
    };
    let words: Vec<String> = logs.iter().map(|log| log.display().to_string()).collect();
    let log = Log::open(&words, &options).unwrap();
    let policies = [RULES, "threshold = 0.5"].map(|text| Policy::parse(text, "p.toml").unwrap());
    let mut conditions = Conditions::default();
    let routers: Vec<Router> = policies
        .iter()
        .map(|policy| conditions.router(policy))
        .collect();
    let needs = Needs {
        required: vec![Role::Score, Role::Error],
        optional: vec![
            Role::Escalated,
            Role::Pinned,
            Role::LabelProbability,
            Role::Value,
        ],
        segments: vec!["kind".to_owned()],
        conditions: conditions.formulas().to_vec(),
        money: vec![Formula::new("[cost] error", "0.3 * amount + 1")],
        numbers: vec![Formula::new("review_seconds", "secs")],
        ..Needs::default()
    };
    let mapping = Mapping::parse(CONFIG, std::path::Path::new("roles.toml")).unwrap();
    let plan = log.plan(&mapping, &needs).unwrap();
    let accounts = Accounts {
        error_cost: Some(0),
        review_cost: None,
        effort: Some(0),
    };
    let rules: Vec<usize> = routers.iter().map(Router::rules).collect();
    let groupings = [vec![], vec![0]];
    let apart = Apart {
        against: Some(1),
        irreversible: None,
    };
    let sink = || Adding {
        routers: &routers,
        tallier: ReplayTallier::new(&rules, &groupings, &accounts, apart),
    };
    let (parts, _) = log.read(&plan, &options, sink).unwrap();
    let mut tally = ReplayTally::new(2, 2);
    parts.into_iter().for_each(|part| tally += part);
    tally.fold_probabilities();
    tally
}

fn configuration(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(configuration(12))]

    #[test]
    fn order_threads_and_files_change_no_byte_of_a_replay(
        (rows, shuffled) in rows(180).prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        cut in any::<usize>(),
        by_priority in any::<bool>(),
    ) {
        let config = if by_priority { with_priority() } else { CONFIG.to_owned() };
        let folder = TempDir::new().unwrap();
        let expected = told(&folder, &[file(&folder, "all.csv", &rows)], 1, &config);
        let cut = 1 + cut % rows.len();
        let mut split = vec![file(&folder, "first.csv", &shuffled[..cut])];
        if cut < rows.len() {
            split.push(file(&folder, "second.csv", &shuffled[cut..]));
        }
        for threads in [1, 2, 5] {
            let found = told(&folder, &split, threads, &config);
            prop_assert!(found == expected, "{threads} threads, shuffled and split at {cut}");
        }
    }

    #[test]
    fn chunks_and_threads_change_no_sum_of_a_replay(
        (rows, shuffled) in rows(180).prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        chunk_bytes in prop_oneof![Just(1_usize), Just(64), Just(257), Just(4096)],
    ) {
        let folder = TempDir::new().unwrap();
        let expected = sums(&[file(&folder, "all.csv", &rows)], 1, 1 << 20);
        let shuffled = [file(&folder, "shuffled.csv", &shuffled)];
        for threads in [1, 2, 5] {
            prop_assert!(sums(&shuffled, threads, chunk_bytes) == expected, "{threads} threads, chunks of {chunk_bytes}");
        }
    }
}

/// A log of several chunks as the program cuts them, in order and turned round.
#[test]
fn a_log_of_many_chunks_gives_the_same_answer_whoever_reads_which() {
    let rows: Vec<Fields> = (0..40_000_u32)
        .map(|case| {
            let mixed = case.wrapping_mul(2_654_435_761) >> 8;
            let text = |text: &str| text.to_owned();
            let at = format!(
                "2026-03-{:02}T{:02}:{:02}:00Z",
                1 + mixed % 28,
                mixed / 7 % 24,
                mixed / 11 % 60
            );
            let label = ["", "", "false", "false", "true"][mixed as usize / 3 % 5];
            vec![
                format!("case {case}"),
                at,
                format!("0.{:03}", mixed % 1000),
                text(label),
                (mixed % 10 < 3).to_string(),
                (mixed % 97 == 0).to_string(),
                text(["1", "0.2"][mixed as usize / 5 % 2]),
                format!("{}", mixed % 5000),
                text(KINDS[mixed as usize % 5]),
                if mixed % 4 == 0 {
                    String::new()
                } else {
                    format!("{}", mixed % 600)
                },
                format!("{}", mixed % 3),
            ]
        })
        .collect();
    let folder = TempDir::new().unwrap();
    let all = file(&folder, "all.csv", &rows);
    assert!(
        std::fs::metadata(&all).unwrap().len() > 2 << 20,
        "several chunks of a megabyte"
    );
    let backwards: Vec<Fields> = rows.into_iter().rev().collect();
    let backwards = file(&folder, "backwards.csv", &backwards);
    let expected = told(&folder, std::slice::from_ref(&all), 1, CONFIG);
    assert!(told(&folder, &[all], 4, CONFIG) == expected, "four threads");
    assert!(
        told(&folder, &[backwards], 2, CONFIG) == expected,
        "turned round"
    );
}
