//! Manifests, worksheets and their checks: any change of one byte is found, and everything that a
//! spreadsheet does to a worksheet is named with its row and column.

use std::collections::BTreeMap;

use gonogo::audit::draw::{Design, Method};
use gonogo::audit::frame::{Case, Frame};
use gonogo::audit::manifest::{
    Manifest, Population, Review, Schema, SeedRecord, Source, Tool, fill, stream,
};
use gonogo::audit::ticket::Digest;
use gonogo::audit::worksheet::{
    Blank, Checks, Layout, Returned, Table, Verdict, Words, check, layouts, read,
};
use proptest::prelude::{any, prop_assert, proptest};

/// Ids that spreadsheets like to change.
const IDS: [&str; 6] = [
    "12345678901234567890",
    "00042",
    "3E10",
    "=SUM(A1)",
    "2026-09-23",
    "plain",
];

fn frozen(frame: &Frame, review: Review) -> Manifest {
    let nothing = Digest::of(b"");
    Manifest {
        schema: Schema::this(),
        tool: Tool::this(),
        purpose: Some("test — of \"signs\"".to_owned()),
        inputs: Vec::new(),
        source: Source::default(),
        population: Population {
            rows: frame.cases().len() as u64,
            excluded: BTreeMap::new(),
            cases: frame.cases().len() as u64,
            units: frame.cases().len() as u64,
            value: None,
            frame_digest: frame.digest(),
        },
        earlier: Vec::new(),
        design: Design::new(Method::Srs, 5),
        pi_formula: Method::Srs.formula().to_owned(),
        rule: None,
        review,
        seed: None,
        stream: stream(),
        frozen: None,
        parent: None,
        anchor: None,
        strata: Vec::new(),
        selected: Vec::new(),
        reserve: Vec::new(),
        worksheets: Vec::new(),
        created_at: "2026-09-23T00:00:00Z".to_owned(),
        created_sha256: nothing,
        self_sha256: nothing,
    }
}

fn review(show: &[&str]) -> Review {
    Review {
        reviewers: vec!["anna".to_owned()],
        second: "0".to_owned(),
        show: show.iter().map(|name| (*name).to_owned()).collect(),
        unblind: Vec::new(),
    }
}

fn seed(text: &str) -> SeedRecord {
    SeedRecord {
        value: text.parse().unwrap(),
        source: "text".to_owned(),
        committed: None,
    }
}

fn frame() -> Frame {
    Frame::new(IDS.map(Case::new).to_vec()).unwrap()
}

/// A draw of five of the six cases that shows a date and an amount.
fn manifest() -> Manifest {
    let undrawn = frozen(&frame(), review(&["decided", "amount"]));
    let drawn = fill(&undrawn, &frame(), seed("a seed of the worksheet tests 5")).unwrap();
    drawn.seal().unwrap()
}

fn blank(manifest: &Manifest) -> Blank {
    let shown = vec!["2026-09-23".to_owned(), "-120.50".to_owned()];
    let values = IDS.map(|id| (id.to_owned(), shown.clone()));
    let checks = Checks::new(manifest).unwrap();
    let layout: &Layout = &layouts(manifest)[0];
    let show = &manifest.review.show;
    Blank::new(layout, &checks, show, &BTreeMap::from(values)).unwrap()
}

/// The worksheet with `correct` in every row, as rows of cells without quotes.
fn filled(manifest: &Manifest) -> Vec<Vec<String>> {
    let csv = blank(manifest).csv().unwrap();
    let mut table = rows(&csv);
    let verdict = table[0]
        .iter()
        .position(|title| title == "verdict")
        .unwrap();
    for row in &mut table[1..] {
        row[verdict] = "correct".to_owned();
    }
    table
}

fn rows(csv: &str) -> Vec<Vec<String>> {
    let lines = csv.lines().map(|line| {
        let cells = line.split("\",\"");
        cells
            .map(|cell| cell.trim_matches('"').to_owned())
            .collect()
    });
    lines.collect()
}

fn text(rows: &[Vec<String>], delimiter: &str, end: &str) -> String {
    let lines = rows.iter().map(|row| row.join(delimiter) + end);
    lines.collect()
}

fn returned(manifest: &Manifest, bytes: &[u8]) -> Result<Returned, String> {
    let table: Table = read(bytes, "sheet").map_err(|error| error.to_string())?;
    check(&[table], manifest, &Words::default()).map_err(|failure| failure.to_string())
}

/// The place of the row that holds an id, from 0; ids that are formulas stand behind a mark.
fn row_of(table: &[Vec<String>], id: &str) -> usize {
    let holds = |row: &Vec<String>| row[1] == id || row[1] == format!("'{id}");
    table.iter().position(holds).unwrap()
}

/// Changes one cell of the row of a case and asserts that it is told with its place.
#[track_caller]
fn check_told(id: &str, column: usize, to: &str, words: &[&str]) {
    let manifest = manifest();
    let mut table = filled(&manifest);
    let row = row_of(&table, id);
    table[row][column] = to.to_owned();
    let told = returned(&manifest, text(&table, ",", "\n").as_bytes()).unwrap_err();
    let place = format!("row {}, column `{}`", row + 1, table[0][column]);
    assert!(told.contains(&place), "{told}");
    for word in words {
        assert!(told.contains(word), "{told} lacks {word}");
    }
}

/// An id that was drawn, of those that start like this.
fn drawn(start: &str) -> String {
    let manifest = manifest();
    let mut ids = manifest.selected.iter().map(|case| case.case_id.clone());
    ids.find(|id| id.starts_with(start))
        .unwrap_or_else(|| panic!("{start} was not drawn"))
}

// Manifests

#[test]
fn a_manifest_reads_back_as_it_was_written() {
    let manifest = manifest();
    let text = manifest.text().unwrap();
    assert_eq!(Manifest::parse(&text, "draw.json").unwrap(), manifest);
}

#[test]
fn every_changed_byte_of_a_manifest_is_found() {
    let text = manifest().text().unwrap();
    let bytes = text.as_bytes();
    for place in 0..bytes.len() {
        // Another bit in each byte: digits become digits, letters letters, and signs all sorts.
        let mut changed = bytes.to_vec();
        changed[place] ^= 1 << (place % 7);
        let Ok(changed) = String::from_utf8(changed) else {
            continue;
        };
        let parsed = Manifest::parse(&changed, "draw.json");
        assert!(parsed.is_err(), "byte {place} of {changed}");
    }
}

#[test]
fn added_and_removed_bytes_of_a_manifest_are_found() {
    let text = manifest().text().unwrap();
    for place in 0..text.len() {
        let mut shorter = text.clone();
        if text.is_char_boundary(place) && text.is_char_boundary(place + 1) {
            shorter.remove(place);
            assert!(Manifest::parse(&shorter, "draw.json").is_err());
            let mut longer = text.clone();
            longer.insert(place, ' ');
            assert!(Manifest::parse(&longer, "draw.json").is_err());
        }
    }
    assert!(Manifest::parse(&format!("{text}\n"), "draw.json").is_err());
}

#[test]
fn the_digest_does_not_depend_on_the_time_of_writing() {
    let one = manifest();
    let other = Manifest {
        created_at: "2031-01-01T00:00:00Z".to_owned(),
        ..one.clone()
    };
    let other = other.seal().unwrap();
    assert_eq!(one.self_sha256, other.self_sha256);
    assert_ne!(one.created_sha256, other.created_sha256);
}

#[test]
fn what_was_frozen_can_be_told_from_the_drawn_manifest() {
    let undrawn = frozen(&frame(), review(&[])).seal().unwrap();
    let drawn = fill(&undrawn, &frame(), seed("a later seed of 20 signs")).unwrap();
    assert_eq!(drawn.undrawn().digest().unwrap(), undrawn.self_sha256);
}

#[test]
fn reviewers_share_the_cases_and_see_a_part_twice() {
    let ids: Vec<String> = (0..101).map(|number| format!("case {number}")).collect();
    let frame = Frame::new(ids.iter().map(|id| Case::new(id)).collect()).unwrap();
    let mut undrawn = frozen(
        &frame,
        Review {
            reviewers: vec!["anna".to_owned(), "bert".to_owned(), "cem".to_owned()],
            second: "20%".to_owned(),
            ..review(&[])
        },
    );
    undrawn.design = Design::new(Method::Srs, 60);
    let drawn = fill(&undrawn, &frame, seed("who reviews which case?")).unwrap();
    let twice = drawn
        .selected
        .iter()
        .filter(|case| case.reviewers.len() == 2);
    assert_eq!(twice.clone().count(), 12);
    for case in twice {
        assert_ne!(case.reviewers[0], case.reviewers[1]);
    }
    for reviewer in drawn.reviewers() {
        let firsts = drawn
            .selected
            .iter()
            .filter(|case| case.reviewers[0] == *reviewer);
        assert_eq!(firsts.count(), 20);
    }
    let orders: Vec<Vec<String>> = layouts(&drawn)
        .into_iter()
        .map(|sheet| sheet.case_ids)
        .collect();
    assert_eq!(orders.iter().map(Vec::len).sum::<usize>(), 72);
}

// Worksheets as they go out

#[test]
fn a_worksheet_is_blind_quoted_and_holds_no_formula() {
    let csv = blank(&manifest()).csv().unwrap();
    let first = csv.lines().next().unwrap();
    assert_eq!(
        first,
        "\"row_no\",\"case_id\",\"row_check\",\"decided\",\"amount\",\"verdict\",\"severity\",\
         \"error_type\",\"correct_value\",\"notes\",\"reviewer\",\"reviewed_at\""
    );
    for line in csv.lines() {
        assert!(line.starts_with('"') && line.ends_with('"'), "{line}");
        for formula in ["\"=", "\"+", "\"-", "\"@"] {
            assert!(!line.contains(formula), "{line}");
        }
    }
    assert!(csv.contains("\"'-120.50\""), "{csv}");
    for secret in ["0.833", "srs", "ticket", "stratum", "pi"] {
        assert!(!csv.contains(secret), "{csv} tells {secret}");
    }
}

#[test]
fn the_check_of_a_row_is_never_a_number() {
    let manifest = manifest();
    for row in &filled(&manifest)[1..] {
        assert!(
            row[2].starts_with('r') && row[2].parse::<f64>().is_err(),
            "{}",
            row[2]
        );
    }
}

#[test]
fn a_workbook_gives_back_what_was_written() {
    let manifest = manifest();
    let bytes = blank(&manifest).xlsx().unwrap();
    assert_eq!(
        bytes,
        blank(&manifest).xlsx().unwrap(),
        "the bytes depend on the clock"
    );
    let returned = returned(&manifest, &bytes).unwrap();
    assert_eq!(returned.rows.len(), 5);
    assert!(
        returned
            .rows
            .iter()
            .all(|row| row.verdict == Verdict::Blank)
    );
    assert_eq!(returned.notes, Vec::<String>::new());
}

// Worksheets as they come back

#[test]
fn harmless_changes_of_a_spreadsheet_are_understood() {
    let manifest = manifest();
    let table = filled(&manifest);
    let mut turned = table.clone();
    turned[1..].reverse();
    for row in &mut turned {
        row.reverse();
    }
    let mut blank_rows = table.clone();
    blank_rows.insert(2, vec![String::new(); 12]);
    let mut shouted = table.clone();
    shouted[1][5] = " CORRECT ".to_owned();
    let variants = [
        text(&table, ",", "\n"),
        text(&table, ";", "\r\n"),
        text(&table, "\t", "\n"),
        format!("\u{feff}{}", text(&table, ";", "\n")),
        format!("sep=;\r\n{}", text(&table, ";", "\r\n")),
        text(&turned, ",", "\n"),
        text(&blank_rows, ",", "\n"),
        text(&shouted, ",", "\n"),
    ];
    for variant in variants {
        let returned = returned(&manifest, variant.as_bytes()).unwrap();
        assert_eq!(returned.rows.len(), 5, "{variant}");
        assert!(
            returned
                .rows
                .iter()
                .all(|row| row.verdict == Verdict::Correct)
        );
    }
}

#[test]
fn an_id_that_became_a_number_is_told() {
    let id = drawn("1234");
    check_told(
        &id,
        1,
        "1.23457E+19",
        &["1.23457E+19", &id, "took it for a number"],
    );
}

#[test]
fn lost_leading_zeros_are_told() {
    let id = drawn("000");
    check_told(&id, 1, "42", &["`42` instead of `00042`", "zeros"]);
}

#[test]
fn a_date_that_was_rewritten_is_told() {
    check_told(
        &drawn(""),
        3,
        "23.09.2026",
        &["23.09.2026", "a date its own way"],
    );
}

#[test]
fn an_amount_that_was_rewritten_is_told() {
    check_told(&drawn(""), 4, "-120.5", &["-120.5"]);
}

#[test]
fn a_changed_row_check_is_told() {
    check_told(&drawn(""), 2, "r00000000-0000-0000", &["instead of"]);
}

#[test]
fn a_changed_row_number_is_told() {
    check_told(&drawn(""), 0, "17", &["`17` instead of"]);
}

#[test]
fn a_word_that_is_no_verdict_is_told() {
    check_told(
        &drawn(""),
        5,
        "looks fine",
        &["looks fine", "cannot_determine"],
    );
}

#[test]
fn an_added_row_is_told() {
    let manifest = manifest();
    let mut table = filled(&manifest);
    let mut added = table[1].clone();
    added[1] = "invented".to_owned();
    added[2] = "r12345678-0000-0000".to_owned();
    table.push(added);
    let told = returned(&manifest, text(&table, ",", "\n").as_bytes()).unwrap_err();
    assert!(
        told.contains("row 7, column `case_id`: `invented` was not handed out"),
        "{told}"
    );
}

#[test]
fn a_removed_row_is_noted_and_not_forgotten() {
    let manifest = manifest();
    let mut table = filled(&manifest);
    let gone = table.remove(3);
    let returned = returned(&manifest, text(&table, ",", "\n").as_bytes()).unwrap();
    assert_eq!(returned.rows.len(), 4);
    let id = gone[1].trim_start_matches('\'');
    assert_eq!(
        returned.notes,
        [format!("1 rows did not come back, such as {id}")]
    );
}

#[test]
fn a_row_that_is_there_twice_counts_once_or_is_a_fault() {
    let manifest = manifest();
    let mut table = filled(&manifest);
    table.push(table[1].clone());
    let same = returned(&manifest, text(&table, ",", "\n").as_bytes()).unwrap();
    assert_eq!((same.rows.len(), same.notes.len()), (5, 1));
    table[6][5] = "incorrect".to_owned();
    let told = returned(&manifest, text(&table, ",", "\n").as_bytes()).unwrap_err();
    assert!(
        told.contains("row 7, column `verdict`: `incorrect`, but sheet, row 2"),
        "{told}"
    );
}

#[test]
fn a_removed_column_is_told() {
    let manifest = manifest();
    let mut table = filled(&manifest);
    for row in &mut table {
        row.remove(3);
    }
    let told = returned(&manifest, text(&table, ",", "\n").as_bytes()).unwrap_err();
    assert!(
        told.contains("column `decided`: the column was removed"),
        "{told}"
    );
    for row in &mut table {
        row.remove(2);
    }
    let told = returned(&manifest, text(&table, ",", "\n").as_bytes()).unwrap_err();
    assert!(told.contains("there is no column `row_check`"), "{told}");
}

#[test]
fn a_worksheet_of_another_audit_is_refused() {
    let other = fill(
        &frozen(&frame(), review(&["decided", "amount"])),
        &frame(),
        seed("another seed of the tests"),
    );
    let other = other.unwrap().seal().unwrap();
    let sheet = text(&filled(&other), ",", "\n");
    let told = returned(&manifest(), sheet.as_bytes()).unwrap_err();
    assert_eq!(told, "sheet: no row of it is of this audit");
}

#[test]
fn files_that_are_no_worksheets_are_refused_in_words() {
    let manifest = manifest();
    let told = |bytes: &[u8]| returned(&manifest, bytes).unwrap_err();
    assert_eq!(told(b""), "sheet: the file is empty");
    assert_eq!(told(b"\xff\xfer\0o\0w\0"), "sheet: it is written in UTF-16");
    assert!(told(b"row_no,case_id\n1,M\xfcller\n").contains("line 2 is not UTF-8"));
    assert!(told(b"PK\x03\x04damaged").contains("the workbook cannot be read"));
    assert!(told(b"a,b,c\n1,2,3\n").contains("there is no column `case_id`"));
}

#[test]
fn words_are_translated_only_into_verdicts() {
    let words = Words::new(&["OK=correct".to_owned(), "not ok=incorrect".to_owned()]).unwrap();
    assert_eq!(words.verdict("ok"), Some(Verdict::Correct));
    assert_eq!(words.verdict("Not OK"), Some(Verdict::Incorrect));
    assert_eq!(
        words.verdict("Cannot determine"),
        Some(Verdict::CannotDetermine)
    );
    assert_eq!(words.verdict(" "), Some(Verdict::Blank));
    assert_eq!(words.verdict("okay"), None);
    assert!(Words::new(&["ok=fine".to_owned()]).is_err());
    assert!(Words::new(&["ok".to_owned()]).is_err());
}

proptest! {
    #[test]
    fn any_change_of_a_frozen_cell_is_found(row in 1..6_usize, column in 0..5_usize, cell in "[ -~]{0,12}") {
        let manifest = manifest();
        let mut table = filled(&manifest);
        let before = table[row][column].clone();
        let cell = cell.replace([',', '"'], "");
        table[row][column].clone_from(&cell);
        let found = returned(&manifest, text(&table, ",", "\n").as_bytes());
        // A mark against formulas that was taken off again changes nothing of the cell.
        let bare = before.trim_start_matches('\'');
        let same = cell.trim_start_matches('\'') == bare || (column == 0 && cell.trim() == before);
        prop_assert!(found.is_err() != same, "{} instead of {}", cell, before);
    }

    #[test]
    fn hostile_bytes_never_stop_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = returned(&manifest(), &bytes);
        let mut zip = b"PK\x03\x04".to_vec();
        zip.extend(&bytes);
        let _ = returned(&manifest(), &zip);
    }
}
