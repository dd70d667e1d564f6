//! Order never matters: tallies are a commutative monoid, and neither the order of rows nor
//! threads, chunks or the split into files change a byte of a sweep's answer.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use gonogo::config::{Mapping, Role};
use gonogo::estimate::curve::{self, Reckoning};
use gonogo::estimate::split::{GroupCells, JoinedCells};
use gonogo::log::{Log, Needs, ReadOptions};
use gonogo::rate::{Grid, Level};
use gonogo::tally::{Design, MOST_PROBABILITIES, Scale, Tallier, Tally};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::in_process::{answer, text};

/// The columns of a generated log.
const HEADER: [&str; 9] = [
    "case",
    "score",
    "wrong",
    "escalated",
    "pinned",
    "p",
    "amount",
    "kind",
    "region",
];

const CONFIG: &str = r#"
[columns]
score = "score"
error = "wrong"
escalated = "escalated"
pinned = "pinned"
label_probability = "p"
value = "amount"
"#;

/// Values of a segment that a careless reader or cutter trips over; an empty one is missing.
const KINDS: [&str; 6] = ["plain", "a,b", "say \"x\"", "two\nlines", "", "größer"];

const GROUPINGS: [&[usize]; 3] = [&[0], &[1], &[0, 1]];

/// A row as it is written.
type Fields = Vec<String>;

/// How a log records label probabilities.
#[derive(Clone, Copy, Debug)]
enum Recorded {
    /// One of three values: a cell each.
    Few,
    /// Any thousandth: with more than 64 different ones a cell of varying probability.
    Many,
    /// Any thousandth, but missing on some rows.
    Gaps,
}

fn probability(recorded: Recorded, number: u32) -> String {
    let thousandth = format!("0.{:03}", 1 + number % 999);
    match recorded {
        Recorded::Few => ["1", "0.5", "0.03"][number as usize % 3].to_owned(),
        Recorded::Gaps if number.is_multiple_of(5) => String::new(),
        Recorded::Many | Recorded::Gaps if number.is_multiple_of(7) => "1".to_owned(),
        Recorded::Many | Recorded::Gaps => thousandth,
    }
}

/// A row; scores lie on a coarse grid, so that many are tied.
fn row(recorded: Recorded) -> impl Strategy<Value = Fields> {
    let label = prop_oneof![3 => Just(""), 3 => Just("false"), 2 => Just("true")];
    let flags = (any::<bool>(), prop::bool::weighted(0.1));
    let places = (0..KINDS.len(), 0..2_usize);
    (
        0..=20_u32,
        label,
        flags,
        any::<u32>(),
        0..1_000_000_u32,
        places,
    )
        .prop_map(
            move |(score, label, (escalated, pinned), number, cents, (kind, region))| {
                vec![
                    String::new(),
                    format!("{}.{:02}", score * 5 / 100, score * 5 % 100),
                    label.to_owned(),
                    escalated.to_string(),
                    pinned.to_string(),
                    probability(recorded, number),
                    format!("{}.{:02}", cents / 100, cents % 100),
                    KINDS[kind].to_owned(),
                    ["north", "south"][region].to_owned(),
                ]
            },
        )
}

/// Up to `most` rows, the first of them labelled, numbered.
fn rows(most: usize) -> impl Strategy<Value = Vec<Fields>> {
    let recorded = prop_oneof![
        Just(Recorded::Few),
        Just(Recorded::Many),
        Just(Recorded::Gaps)
    ];
    recorded.prop_flat_map(move |recorded| {
        prop::collection::vec(row(recorded), 1..most).prop_map(|mut rows| {
            for (number, row) in rows.iter_mut().enumerate() {
                row[0] = format!("case {number}");
            }
            rows[0][2] = "true".to_owned();
            rows
        })
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

fn options(threads: usize, chunk_bytes: usize) -> ReadOptions {
    ReadOptions {
        threads,
        chunk_bytes,
        ..ReadOptions::default()
    }
}

/// The tallies of the reading threads of one log, as they come.
fn parts(files: &[PathBuf], scale: &Scale, options: &ReadOptions) -> Vec<Tally> {
    let words: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let log = Log::open(&words, options).unwrap();
    let mapping = Mapping::parse(CONFIG, Path::new("test")).unwrap();
    let needs = Needs {
        required: vec![Role::Score, Role::Error],
        optional: vec![
            Role::Escalated,
            Role::Pinned,
            Role::LabelProbability,
            Role::Value,
        ],
        segments: vec!["kind".to_owned(), "region".to_owned()],
        ..Needs::default()
    };
    let plan = log.plan(&mapping, &needs).unwrap();
    let groupings = GROUPINGS.map(<[usize]>::to_vec);
    log.read(&plan, options, || Tallier::new(scale, &groupings))
        .unwrap()
        .0
}

fn empty(scale: &Scale) -> Tally {
    Tally::new(scale.clone(), GROUPINGS.len())
}

fn sum<'a>(scale: &Scale, tallies: impl IntoIterator<Item = &'a Tally>) -> Tally {
    let mut sum = empty(scale);
    tallies.into_iter().for_each(|tally| sum += tally.clone());
    sum
}

/// The tally of files read as one log, folded.
fn whole(files: &[PathBuf], scale: &Scale, options: &ReadOptions) -> Tally {
    let mut tally = sum(scale, &parts(files, scale, options));
    tally.fold_probabilities();
    tally
}

/// Rows in three pieces, each read as a log of its own.
fn three(scale: &Scale, rows: &[Fields], cuts: (usize, usize)) -> [Tally; 3] {
    let folder = TempDir::new().unwrap();
    let (first, second) = (cuts.0.min(cuts.1) % (rows.len() + 1), cuts.0.max(cuts.1));
    let second = second % (rows.len() + 1);
    let (first, second) = (first.min(second), first.max(second));
    [&rows[..first], &rows[first..second], &rows[second..]].map(|piece| {
        if piece.is_empty() {
            return empty(scale);
        }
        sum(
            scale,
            &parts(
                &[file(&folder, "piece.csv", piece)],
                scale,
                &options(1, 1 << 20),
            ),
        )
    })
}

fn add(one: &Tally, other: &Tally) -> Tally {
    let mut sum = one.clone();
    sum += other.clone();
    sum
}

fn grid() -> Scale {
    Scale::Grid("0,0.05,0.3,0.5..0.9/0.1,0.95,1".parse::<Grid>().unwrap())
}

/// Everything that a tally says, in the text of full precision.
fn told(tally: &Tally) -> String {
    let cells = tally.overall();
    let design = Design::of(&cells);
    let cuts = curve::cuts(tally.scale(), &cells);
    let level = Level::new(0.95).unwrap();
    let mut told = format!("{:?} {:?}\n", design.cells(), tally.profile().history());
    let reckoning = Reckoning {
        design: &design,
        level,
        has_value: true,
        prices: None,
    };
    let mut tell = |name: &str, group: &GroupCells| {
        let points = reckoning.points(group, &cuts);
        let actual = reckoning.actual(group);
        let json = serde_json::to_string(&(points, actual)).unwrap();
        writeln!(told, "{name}: {json}").unwrap();
    };
    let ledgers = tally.ledgers();
    tell("all", &JoinedCells::overall(ledgers).group());
    for grouping in 0..GROUPINGS.len() {
        for (key, _) in tally.groups(grouping) {
            tell(&format!("{key:?}"), &GroupCells::of(ledgers, grouping, key));
        }
    }
    told
}

fn configuration(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(configuration(24))]

    #[test]
    fn tallies_are_a_commutative_monoid(
        rows in rows(120),
        cuts in any::<(usize, usize)>(),
        exact in any::<bool>(),
    ) {
        let scale = if exact { Scale::Exact } else { grid() };
        let [a, b, c] = three(&scale, &rows, cuts);
        let nothing = empty(&scale);
        prop_assert_eq!(&add(&a, &nothing), &a, "nothing on the right");
        prop_assert_eq!(&add(&nothing, &a), &a, "nothing on the left");
        prop_assert_eq!(add(&a, &b), add(&b, &a), "swapped");
        prop_assert_eq!(add(&add(&a, &b), &c), add(&a, &add(&b, &c)), "bracketed otherwise");
    }

    #[test]
    fn a_log_split_anywhere_adds_up_to_the_whole(
        rows in rows(250),
        cuts in any::<(usize, usize)>(),
        exact in any::<bool>(),
    ) {
        let scale = if exact { Scale::Exact } else { grid() };
        let folder = TempDir::new().unwrap();
        let all = file(&folder, "all.csv", &rows);
        let expected = whole(&[all], &scale, &options(1, 1 << 20));
        let mut found = sum(&scale, &three(&scale, &rows, cuts));
        found.fold_probabilities();
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(told(&found), told(&expected));
    }

    #[test]
    fn chunks_threads_and_order_change_no_byte(
        (rows, shuffled) in rows(250).prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        chunk_bytes in prop_oneof![Just(1_usize), Just(64), Just(257), Just(4096)],
        exact in any::<bool>(),
    ) {
        let scale = if exact { Scale::Exact } else { grid() };
        let folder = TempDir::new().unwrap();
        let all = [file(&folder, "all.csv", &rows)];
        let expected = told(&whole(&all, &scale, &options(1, 1 << 20)));
        for threads in [1, 2, 5] {
            let found = told(&whole(&all, &scale, &options(threads, chunk_bytes)));
            prop_assert!(found == expected, "{threads} threads, chunks of {chunk_bytes}");
        }
        let shuffled = [file(&folder, "shuffled.csv", &shuffled)];
        let found = told(&whole(&shuffled, &scale, &options(2, chunk_bytes)));
        prop_assert!(found == expected, "shuffled");
    }

    #[test]
    fn the_answer_of_a_sweep_is_the_same_to_the_byte_however_the_log_is_laid_out(
        (rows, shuffled) in rows(200).prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        cut in any::<usize>(),
    ) {
        let folder = TempDir::new().unwrap();
        let config = folder.path().join("roles.toml");
        std::fs::write(&config, CONFIG).unwrap();
        let words = |threads| {
            ["--by", "kind", "--by", "kind,region", "--thresholds", "0.3,0.5,0.95", "--threads", threads]
        };
        let all = [file(&folder, "all.csv", &rows)];
        let expected = text(&all, &config, &words("1"));
        let cut = 1 + cut % rows.len();
        let mut split = vec![file(&folder, "first.csv", &shuffled[..cut])];
        if cut < rows.len() {
            split.push(file(&folder, "second.csv", &shuffled[cut..]));
        }
        for threads in ["2", "5"] {
            let found = text(&all, &config, &words(threads));
            prop_assert!(answer(&found) == answer(&expected), "{threads} threads");
            let found = text(&split, &config, &words(threads));
            prop_assert!(answer(&found) == answer(&expected), "shuffled and split at {cut}");
        }
    }
}

/// 200 cases whose probabilities all differ, each labelled: the reading must not depend on which
/// 64 of them a thread saw first.
#[test]
fn probabilities_beyond_the_first_64_are_weighed_like_the_first() {
    let rows: Vec<Fields> = (1..=200_u32).map(differing).collect();
    assert!(rows.len() > MOST_PROBABILITIES);
    let folder = TempDir::new().unwrap();
    let forward = [file(&folder, "forward.csv", &rows)];
    let backward: Vec<Fields> = rows.into_iter().rev().collect();
    let backward = [file(&folder, "backward.csv", &backward)];
    let expected = whole(&forward, &grid(), &options(1, 1 << 20));
    for threads in [1, 2, 5] {
        assert_eq!(
            whole(&forward, &grid(), &options(threads, 64)),
            expected,
            "{threads} threads"
        );
        assert_eq!(
            whole(&backward, &grid(), &options(threads, 64)),
            expected,
            "{threads} threads"
        );
    }
}

fn differing(number: u32) -> Fields {
    let label = if number.is_multiple_of(3) {
        ""
    } else {
        "false"
    };
    let probability = format!("0.{number:03}");
    [
        "",
        "0.5",
        label,
        "false",
        "false",
        &probability,
        "1",
        "plain",
        "north",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Groups so many that their bins no longer fit the dense table of one thread, while those of each
/// of five pieces do: both ways of finding a slot must hold the same sums.
#[test]
fn a_table_too_large_to_be_dense_holds_the_same_sums() {
    let scale = Scale::Grid(Grid::thousandths());
    let rows: Vec<Fields> = (0..2600_u32)
        .map(|number| {
            let mut row = differing(1 + number % 900);
            row[1] = format!("0.{:03}", number * 7 % 1000);
            row[7] = format!("kind {}", number % 2200);
            row
        })
        .collect();
    let folder = TempDir::new().unwrap();
    let all = file(&folder, "all.csv", &rows);
    let hashed = whole(&[all], &scale, &options(1, 1 << 20));
    let mut dense = empty(&scale);
    for (place, piece) in rows.chunks(600).enumerate() {
        let piece = file(&folder, &format!("{place}.csv"), piece);
        dense += sum(&scale, &parts(&[piece], &scale, &options(1, 1 << 20)));
    }
    dense.fold_probabilities();
    assert!(hashed == dense, "the tallies differ");
}
