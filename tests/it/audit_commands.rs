//! Audits as their users run them: freeze, draw, review, conclude, prove; and everything that
//! comes back wrong from people.

use std::fmt::Write as _;

use serde_json::Value;

use crate::binary::{Answer, Desk};

pub(crate) const SEED: &str = "48151623421108151623";

/// A log of 240 cases: every third is escalated; three regions, forty customers, two days.
fn log() -> String {
    let mut text = "id,at,score,lane,wrong,amount,region,customer,note\n".to_owned();
    for number in 0..240 {
        let lane = if number % 3 == 0 { "human" } else { "auto" };
        let wrong = if number % 3 == 0 { "no" } else { "" };
        let region = ["north", "south", "west"][number % 7 % 3];
        let _ = writeln!(
            text,
            "{number:05},2026-09-{}T10:00:00Z,0.{},{lane},{wrong},{},{region},c{},\"a, b\"",
            23 + number / 120,
            700 + number,
            if number % 11 == 0 {
                0
            } else {
                number * 7 % 90 + 1
            },
            number % 40,
        );
    }
    text
}

pub(crate) const CONFIG: &str = "\
[columns]
id = \"id\"
time = \"at\"
score = \"score\"
error = \"wrong\"
escalated = \"lane = 'human'\"
value = \"amount\"
";

pub(crate) fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("log.csv", log());
    desk.put("gonogo.toml", CONFIG);
    desk
}

/// Runs `gonogo audit` with words separated by spaces; `~` stands for a space within a word.
pub(crate) fn audit(desk: &Desk, line: &str) -> Answer {
    let words: Vec<String> = line
        .split_whitespace()
        .map(|word| word.replace('~', " "))
        .collect();
    let mut arguments = vec!["audit"];
    arguments.extend(words.iter().map(String::as_str));
    desk.run(&arguments)
}

#[track_caller]
pub(crate) fn ends(answer: &Answer, code: i32) {
    assert_eq!(answer.code, code, "{}\n{}", answer.stdout, answer.stderr);
}

/// Draws from the log into draw.json and sheet.csv.
#[track_caller]
pub(crate) fn sample(desk: &Desk, options: &str) -> Value {
    let line = format!("sample log.csv --seed {SEED} -o draw.json --worksheet sheet.csv {options}");
    ends(&audit(desk, &line), 0);
    manifest(desk, "draw.json")
}

pub(crate) fn manifest(desk: &Desk, file: &str) -> Value {
    serde_json::from_str(&desk.text(file)).unwrap()
}

pub(crate) fn ids(manifest: &Value, list: &str) -> Vec<String> {
    let cases = manifest[list].as_array().unwrap().iter();
    cases
        .map(|case| case["case_id"].as_str().unwrap().to_owned())
        .collect()
}

/// Writes verdicts into a worksheet: `correct`, but for the rows (from 1) that are named.
pub(crate) fn review(desk: &Desk, file: &str, others: &[(usize, &str)]) {
    let text = desk.text(file);
    let mut lines = text.lines().map(str::to_owned).collect::<Vec<_>>();
    let titles: Vec<&str> = lines[0].split(',').collect();
    let place = titles
        .iter()
        .position(|title| *title == "\"verdict\"")
        .unwrap();
    for (number, line) in lines.iter_mut().enumerate().skip(1) {
        let other = others.iter().find(|(row, _)| *row == number);
        let verdict = other.map_or("correct", |(_, verdict)| *verdict);
        let mut cells: Vec<String> = line.split("\",\"").map(str::to_owned).collect();
        verdict.clone_into(&mut cells[place]);
        *line = cells.join("\",\"");
    }
    desk.put(file, lines.join("\n") + "\n");
}

pub(crate) fn results(answer: &Answer) -> Vec<(String, String)> {
    let json: Value = serde_json::from_str(&answer.stdout).unwrap();
    let text = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
    let checks = json["checks"].as_array().unwrap().iter();
    checks
        .map(|check| (text(check, "id"), text(check, "result")))
        .collect()
}

/// Asserts that a verification fails with these checks, and no others.
#[track_caller]
pub(crate) fn check_broken(desk: &Desk, options: &str, expected: &[&str]) {
    let answer = audit(desk, &format!("verify draw.json --format json {options}"));
    ends(&answer, 1);
    let failed: Vec<String> = results(&answer)
        .into_iter()
        .filter(|(_, result)| result == "FAIL")
        .map(|(id, _)| id)
        .collect();
    assert_eq!(failed, expected, "{}", answer.stdout);
}

// From the freeze to the proof

/// What a beacon of 32 bytes might say.
pub(crate) const SAID: &str = "8f0e3a5523c8d2b79a4100112233445566778899aabbccddeeff001122334455";

#[test]
fn an_audit_runs_from_the_freeze_to_the_proof() {
    let desk = desk();
    freeze_and_draw(&desk, 1_767_230_000);
    review(&desk, "sheet.csv", &[]);
    let answer = audit(&desk, "evaluate draw.json sheet.csv -o result.json");
    ends(&answer, 0);
    assert!(
        answer
            .stdout
            .contains("Drawn by srs: 59 of 160 cases were drawn"),
        "{}",
        answer.stdout
    );
    let answer = audit(
        &desk,
        "verify draw.json --log log.csv --worksheet sheet.csv --result result.json --format json",
    );
    ends(&answer, 0);
    let passed = results(&answer)
        .into_iter()
        .filter(|(_, result)| result == "PASS");
    assert_eq!(passed.count(), 13, "{}", answer.stdout);
}

/// Freezes an hour before a beacon speaks (at 1767229200) and draws at the second given.
#[track_caller]
pub(crate) fn freeze_and_draw(desk: &Desk, drawn_at: u64) {
    let freeze = "SOURCE_DATE_EPOCH=1767225600 $GONOGO audit sample log.csv --freeze frame.json -n 59 \
                  --tolerable 10% --seed-source quicknet:24808612";
    ends(&desk.shell(freeze), 0);
    let seed = format!("quicknet:24808612:{SAID}");
    let draw = format!(
        "SOURCE_DATE_EPOCH={drawn_at} $GONOGO audit sample log.csv --frame frame.json --seed {seed} \
         -o draw.json --worksheet sheet.csv"
    );
    ends(&desk.shell(&draw), 0);
}

#[test]
fn a_beacon_that_had_not_spoken_when_the_sample_was_drawn_is_told() {
    let desk = desk();
    freeze_and_draw(&desk, 1_767_228_000);
    check_broken(&desk, "--log log.csv", &["V12"]);
}

#[test]
fn a_beacon_that_spoke_before_the_freeze_is_told() {
    let desk = desk();
    ends(
        &audit(
            &desk,
            "sample log.csv --freeze frame.json -n 9 --tolerable 10%",
        ),
        0,
    );
    ends(
        &audit(
            &desk,
            &format!("sample log.csv --frame frame.json --seed drand:1000:{SAID} -o draw.json"),
        ),
        0,
    );
    check_broken(&desk, "--log log.csv", &["V12"]);
}

#[test]
fn without_the_log_nothing_is_proven() {
    let desk = desk();
    sample(&desk, "-n 9");
    let answer = audit(&desk, "verify draw.json --format json");
    ends(&answer, 3);
    let skipped: Vec<String> = results(&answer)
        .into_iter()
        .filter(|(_, result)| result == "SKIPPED")
        .map(|(id, _)| id)
        .collect();
    assert_eq!(
        skipped,
        ["V2", "V4", "V5", "V6", "V8", "V9", "V11", "V12", "V13"]
    );
}

#[test]
fn a_changed_log_breaks_the_proof() {
    let desk = desk();
    sample(&desk, "-n 9");
    desk.put("log.csv", log().replace("00001,", "x0001,"));
    let answer = audit(&desk, "verify draw.json --log log.csv --format json");
    ends(&answer, 1);
    assert!(results(&answer).contains(&("V6".to_owned(), "FAIL".to_owned())));
    // The same cases with other notes: only the bytes of the file differ.
    desk.put("log.csv", log().replace("a, b", "a, c"));
    check_broken(&desk, "--log log.csv", &["V2"]);
}

#[test]
fn a_changed_manifest_is_an_answer_and_no_error() {
    let desk = desk();
    sample(&desk, "-n 9");
    let text = desk.text("draw.json");
    desk.put("draw.json", text.replacen("\"n / N\"", "\"n / M\"", 1));
    check_broken(&desk, "--log log.csv", &["V1"]);
    desk.put("draw.json", "not JSON");
    check_broken(&desk, "--log log.csv", &["V1"]);
}

#[test]
fn a_manifest_that_was_sealed_again_does_not_pass_the_new_draw() {
    // Someone who swaps a case and computes all digests anew is found by the draw itself.
    let desk = desk();
    let honest = sample(&desk, "-n 9");
    let text = desk.text("draw.json");
    let manifest = gonogo::audit::manifest::Manifest::parse(&text, "draw.json").unwrap();
    let mut forged = manifest;
    let drawn = ids(&honest, "selected");
    let other = (0..240)
        .map(|n| format!("{n:05}"))
        .find(|id| !drawn.contains(id))
        .unwrap();
    forged.selected[0].case_id = other;
    desk.put("draw.json", forged.seal().unwrap().text().unwrap());
    check_broken(&desk, "--log log.csv", &["V9", "V11"]);
}

// The draw

#[test]
fn neither_rows_nor_files_nor_threads_change_the_draw() {
    let desk = desk();
    let expected = sample(&desk, "-n 20 --strata region --reserve 2");
    let text = log();
    let mut rows: Vec<&str> = text.lines().collect();
    let header = rows.remove(0);
    rows.reverse();
    rows.rotate_left(77);
    let file = |rows: &[&str]| format!("{header}\n{}\n", rows.join("\n"));
    desk.put("parts/a.csv", file(&rows[..50]));
    desk.put("parts/b.csv", file(&rows[50..]));
    for threads in ["1", "4"] {
        let line = format!(
            "sample parts --seed {SEED} -n 20 --strata region --reserve 2 -o other.json --threads {threads}"
        );
        ends(&audit(&desk, &line), 0);
        let other = manifest(&desk, "other.json");
        for key in ["selected", "reserve", "strata", "population"] {
            assert_eq!(other[key], expected[key], "{key} with {threads} threads");
        }
    }
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let desk = desk();
    let run = |name: &str| {
        let line = format!(
            "SOURCE_DATE_EPOCH=1790000000 $GONOGO audit sample log.csv --seed {SEED} -n 20 -o {name}.json --worksheet {name}.xlsx"
        );
        ends(&desk.shell(&line), 0);
        let bytes = std::fs::read(desk.path(&format!("{name}.xlsx"))).unwrap();
        (desk.text(&format!("{name}.json")), bytes)
    };
    assert_eq!(run("one"), run("two"));
}

/// Every method, and its top-up where it has one.
const DESIGNS: [(&str, &str); 15] = [
    ("-n 20 --reserve 3", "-n 33"),
    ("-n 20 --reviewers anna,bert --second 30%", "-n 33"),
    ("-n 20 --strata region --reserve 3", "-n 33"),
    ("-n 20 --strata region --allocation equal", "-n 60"),
    ("--strata region --sizes north=3,south=9,west=1", ""),
    ("-n 20 --bands 0.75,0.8,0.9", "-n 40"),
    ("-n 20 --method systematic --strata region --reserve 2", ""),
    ("-n 20 --method pps --without-value 2", "-n 50"),
    ("-n 90 --method pps --value amount~*~amount", "-n 100"),
    (
        "-n 20 --method pps --value amount~-~30 --negatives separate --without-value 2",
        "-n 25",
    ),
    ("-n 20 --method mus-interval --without-value 2", ""),
    ("--rate 12.5%", "--rate 0.2"),
    ("--split random:12,targeted:8 --reserve 4", ""),
    (
        "-n 30 --strata region --allocation neyman --last-audit last.json",
        "-n 45",
    ),
    ("-n 6 --cluster-by customer", "-n 9"),
];

/// What an earlier audit found in two of the regions.
const LAST: &str = r#"{"strata":[
{"name":"north","drawn":30,"errors":12,"cannot_determine":1,"missing":0,"not_applicable":2},
{"name":"south","drawn":30,"errors":0,"cannot_determine":0,"missing":0,"not_applicable":0}]}"#;

#[test]
fn a_stratum_in_which_the_last_audit_found_errors_gives_more_cases() {
    let desk = desk();
    desk.put("last.json", LAST);
    let line = "--strata region -n 30";
    let plain = sample(&desk, line);
    let neyman = sample(
        &desk,
        &format!("{line} --allocation neyman --last-audit last.json"),
    );
    let drawn =
        |manifest: &Value, place: usize| manifest["strata"][place]["drawn"].as_u64().unwrap();
    assert!(drawn(&neyman, 0) > drawn(&plain, 0), "{neyman}");
    assert!(drawn(&neyman, 1) < drawn(&plain, 1), "{neyman}");
    // Nothing is known of the west: the most that an error rate can vary.
    assert!(drawn(&neyman, 2) > drawn(&plain, 2), "{neyman}");
    audit(
        &desk,
        "sample log.csv -n 30 --strata region --allocation neyman --seed x -o a.json",
    )
    .refused(2, &["--last-audit"]);
    desk.put("last.json", r#"{"strata":[]}"#);
    audit(
        &desk,
        "sample log.csv -n 30 --strata region --allocation neyman --last-audit last.json --seed x -o a.json",
    )
    .refused(2, &["no strata"]);
}

#[test]
fn the_stand_alone_script_repeats_every_draw() {
    let desk = desk();
    desk.put("last.json", LAST);
    for (design, more) in DESIGNS {
        let line = format!("sample log.csv --seed {SEED} -o draw.json {design}");
        ends(&audit(&desk, &line), 0);
        ends(
            &audit(
                &desk,
                "verify draw.json --log log.csv --frame-lines frame --emit-script redraw.py",
            ),
            0,
        );
        let answer = desk.shell("python3 redraw.py draw.json frame");
        assert_eq!(
            answer.code, 0,
            "{design}: {}{}",
            answer.stdout, answer.stderr
        );
        if !more.is_empty() {
            ends(
                &audit(
                    &desk,
                    &format!("sample log.csv --top-up draw.json {more} -o more.json"),
                ),
                0,
            );
            ends(
                &audit(&desk, "verify more.json --log log.csv --prior draw.json"),
                0,
            );
            let answer = desk.shell("python3 redraw.py more.json frame");
            assert_eq!(
                answer.code, 0,
                "{design}, {more}: {}{}",
                answer.stdout, answer.stderr
            );
        }
    }
}

#[test]
fn the_script_refuses_a_manifest_that_was_changed() {
    let desk = desk();
    sample(&desk, "-n 20 --frame-lines frame");
    ends(
        &audit(
            &desk,
            "verify draw.json --log log.csv --emit-script redraw.py",
        ),
        0,
    );
    let text = desk.text("draw.json");
    desk.put("draw.json", text.replacen("\"times\":1", "\"times\":2", 1));
    let answer = desk.shell("python3 redraw.py draw.json frame");
    assert_eq!(answer.code, 1, "{}", answer.stdout);
    assert!(
        answer.stdout.contains("FAIL  the manifest's digest"),
        "{}",
        answer.stdout
    );
}

#[test]
fn the_lines_of_the_frame_have_its_digest() {
    let desk = desk();
    let manifest = sample(&desk, "-n 20 --frame-lines frame");
    let digest = desk.shell("sha256sum frame | cut -c1-64").stdout;
    assert_eq!(
        digest.trim(),
        manifest["population"]["frame_digest"].as_str().unwrap()
    );
}

#[test]
fn a_ticket_is_what_the_shell_computes() {
    let desk = desk();
    let manifest = sample(&desk, "-n 20");
    let case = &manifest["selected"][0];
    let line = format!(
        "printf 'gonogo-draw/1\\n%s\\nselect/1\\n%s' {SEED} {} | sha256sum | cut -c1-64",
        case["case_id"].as_str().unwrap()
    );
    assert_eq!(
        desk.shell(&line).stdout.trim(),
        case["ticket"].as_str().unwrap()
    );
}

#[test]
fn what_is_left_out_is_counted_by_its_reason() {
    let desk = desk();
    let manifest = sample(&desk, "-n 5 --where region~=~'north' --day 2026-09-24");
    let excluded = &manifest["population"]["excluded"];
    assert_eq!(excluded["escalated"], 80);
    assert_eq!(excluded["of another day"], 80);
    let left = excluded["not region = 'north'"].as_u64().unwrap();
    assert_eq!(left + manifest["population"]["cases"].as_u64().unwrap(), 80);
}

#[test]
fn a_policy_says_which_cases_can_be_drawn() {
    let desk = desk();
    let manifest = sample(&desk, "-n 5 --policy 0.9");
    assert_eq!(manifest["population"]["cases"], 40);
    desk.put("policy.toml", "name = \"p\"\nthreshold = 0.9\n[[rules]]\nname = \"west\"\nwhen = \"region = 'west'\"\nroute = \"escalate\"\n");
    let manifest = sample(&desk, "-n 5 --policy policy.toml");
    assert!(manifest["population"]["cases"].as_u64().unwrap() < 40);
    ends(
        &audit(&desk, "verify draw.json --log log.csv --policy policy.toml"),
        0,
    );
    desk.put(
        "policy.toml",
        desk.text("policy.toml").replace("0.9", "0.91"),
    );
    check_broken(&desk, "--log log.csv --policy policy.toml", &["V7"]);
}

#[test]
fn no_eligible_case_is_an_error() {
    let desk = desk();
    let line = format!("sample log.csv --seed {SEED} -n 5 -o draw.json --where region~=~'east'");
    audit(&desk, &line).refused(2, &["no eligible cases", "not region = 'east'"]);
}

#[test]
fn a_frozen_population_must_be_the_same_when_it_is_drawn_from() {
    let desk = desk();
    ends(&audit(&desk, "sample log.csv --freeze frame.json -n 9"), 0);
    desk.put("log.csv", log().replace("00001,", "x0001,"));
    let line = format!("sample log.csv --frame frame.json --seed {SEED} -o draw.json");
    audit(&desk, &line).refused(2, &["does not hold the population"]);
}

#[test]
fn options_that_contradict_a_frozen_design_are_refused() {
    let desk = desk();
    ends(&audit(&desk, "sample log.csv --freeze frame.json -n 9"), 0);
    for option in [
        "-n 10",
        "--where score~>~0.8",
        "--strata region",
        "--tolerable 9%",
    ] {
        let line = format!("sample log.csv --frame frame.json --seed {SEED} -o draw.json {option}");
        ends(&audit(&desk, &line), 2);
    }
    assert!(!desk.files().contains(&"draw.json".to_owned()));
}

#[test]
fn negative_values_need_a_meaning() {
    let desk = desk();
    let line =
        format!("sample log.csv --seed {SEED} -n 5 -o draw.json --method pps --value amount~-~30");
    audit(&desk, &line).refused(2, &["cases have a value below 0", "--negatives"]);
    let manifest = sample(
        &desk,
        "-n 5 --method pps --value amount~-~30 --negatives drop",
    );
    assert!(
        manifest["population"]["excluded"]["of negative value"]
            .as_u64()
            .unwrap()
            > 0
    );
}

#[test]
fn a_draw_without_a_manifest_or_seed_is_refused() {
    let desk = desk();
    audit(&desk, "sample log.csv -n 5 --seed 123").refused(2, &["-o draw.json"]);
    audit(&desk, "sample log.csv -n 5 -o draw.json").refused(2, &["no seed", "--freeze"]);
    audit(&desk, "sample log.csv -n 5 -o log.csv --seed 1").refused(2, &["manifest"]);
}

#[test]
fn clusters_are_drawn_whole() {
    let desk = desk();
    let manifest = sample(&desk, "-n 6 --cluster-by customer");
    let drawn = ids(&manifest, "selected");
    let customers: std::collections::BTreeSet<u64> = drawn
        .iter()
        .map(|id| id.parse::<u64>().unwrap() % 40)
        .collect();
    assert_eq!(customers.len(), 6);
    let all = (0..240_u64).filter(|n| n % 3 != 0 && customers.contains(&(n % 40)));
    assert_eq!(drawn.len(), all.count());
}

#[test]
fn earlier_audits_leave_or_mark() {
    let desk = desk();
    let first = sample(&desk, "-n 30");
    let line = "sample log.csv --seed another-seed-of-the-audit -n 60 -o";
    ends(
        &audit(&desk, &format!("{line} rest.json --exclude draw.json")),
        0,
    );
    let rest = manifest(&desk, "rest.json");
    let first = ids(&first, "selected");
    assert!(ids(&rest, "selected").iter().all(|id| !first.contains(id)));
    assert_eq!(rest["population"]["excluded"]["audited earlier"], 30);
    ends(
        &audit(&desk, "verify rest.json --log log.csv --prior draw.json"),
        0,
    );
    ends(&audit(&desk, "verify rest.json"), 3);
    ends(
        &audit(&desk, &format!("{line} again.json --reuse draw.json")),
        0,
    );
    let again = manifest(&desk, "again.json");
    for case in again["selected"].as_array().unwrap() {
        let id = case["case_id"].as_str().unwrap().to_owned();
        assert_eq!(case["reused"].as_bool().unwrap(), first.contains(&id));
    }
}

// Worksheets

#[test]
fn reviewers_do_not_see_what_the_system_thought() {
    let desk = desk();
    for column in ["score", "lane", "wrong", "amount"] {
        let line = format!("sample log.csv --seed {SEED} -n 5 -o draw.json --show {column}");
        audit(&desk, &line).refused(2, &["--show", "--unblind"]);
    }
    let manifest = sample(&desk, "-n 5 --show region --unblind score");
    assert_eq!(manifest["review"]["unblind"], serde_json::json!(["score"]));
    let first = desk.text("sheet.csv");
    assert!(
        first.starts_with("\"row_no\",\"case_id\",\"row_check\",\"region\",\"score\",\"verdict\"")
    );
}

#[test]
fn a_worksheet_that_was_changed_is_refused_with_row_and_column() {
    let desk = desk();
    sample(&desk, "-n 5 --show region --tolerable 30%");
    review(&desk, "sheet.csv", &[]);
    let text = desk.text("sheet.csv");
    let second = text.lines().nth(1).unwrap();
    let changed = second.replace("north", "south").replace("west", "south");
    let changed = if changed == second {
        second.replace("south", "north")
    } else {
        changed
    };
    desk.put("sheet.csv", text.replace(second, &changed));
    audit(&desk, "evaluate draw.json sheet.csv").refused(2, &["row 2, column `region`"]);
    check_broken(&desk, "--log log.csv --worksheet sheet.csv", &["V11"]);
}

#[test]
fn workbooks_go_round() {
    let desk = desk();
    sample(
        &desk,
        "-n 5 --worksheet book.xlsx --show region --tolerable 30%",
    );
    let answer = audit(&desk, "evaluate draw.json book.xlsx --allow-incomplete");
    ends(&answer, 3);
    assert!(
        answer.stdout.contains("5 had no verdict"),
        "{}",
        answer.stdout
    );
    ends(
        &audit(
            &desk,
            "verify draw.json --log log.csv --worksheet book.xlsx",
        ),
        0,
    );
}

// Conclusions

#[test]
fn what_was_not_judged_counts_against_the_system() {
    let desk = desk();
    sample(&desk, "-n 50 --tolerable 10%");
    review(
        &desk,
        "sheet.csv",
        &[
            (1, "incorrect"),
            (2, "cannot_determine"),
            (3, "Cannot determine"),
            (4, ""),
        ],
    );
    let answer = audit(&desk, "evaluate draw.json sheet.csv --format json");
    ends(&answer, 3);
    let json: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(json["verdict"], "incomplete");
    let answer = audit(
        &desk,
        "evaluate draw.json sheet.csv --allow-incomplete --format json",
    );
    let json: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(
        (&json["errors"], &json["cannot_determine"]),
        (&1.into(), &2.into())
    );
    assert_eq!(json["missing"], 1);
    assert_eq!(json["estimate"], 0.08);
    assert_eq!(json["best_case"]["estimate"], 0.02);
    assert_eq!(json["judged"], 47);
}

#[test]
fn many_errors_fail_the_claim() {
    let desk = desk();
    sample(&desk, "-n 30 --tolerable 5%");
    let wrong: Vec<(usize, &str)> = (1..=12).map(|row| (row, "incorrect")).collect();
    review(&desk, "sheet.csv", &wrong);
    ends(&audit(&desk, "evaluate draw.json sheet.csv"), 1);
}

#[test]
fn the_claim_cannot_be_changed_after_the_verdicts() {
    let desk = desk();
    sample(&desk, "-n 30 --tolerable 5%");
    review(&desk, "sheet.csv", &[]);
    audit(&desk, "evaluate draw.json sheet.csv --tolerable 20%")
        .refused(2, &["fixes the tolerable rate at 5%"]);
    sample(&desk, "-n 30");
    review(&desk, "sheet.csv", &[]);
    audit(&desk, "evaluate draw.json sheet.csv").refused(2, &["tolerable"]);
    let answer = audit(&desk, "evaluate draw.json sheet.csv --tolerable 20%");
    ends(&answer, 0);
    assert!(
        answer
            .stdout
            .contains("was not fixed when the sample was drawn")
    );
}

#[test]
fn cases_that_are_not_applicable_are_replaced_in_order() {
    let desk = desk();
    sample(&desk, "-n 30 --reserve 3 --tolerable 20%");
    review(&desk, "sheet.csv", &[(7, "not_applicable")]);
    let blank = desk.text("sheet_reserve.csv");
    review(&desk, "sheet_reserve.csv", &[(2, ""), (3, "")]);
    let answer = audit(
        &desk,
        "evaluate draw.json sheet.csv sheet_reserve.csv --format json",
    );
    let json: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!((&json["replaced"], &json["drawn"]), (&1.into(), &31.into()));
    desk.put("sheet_reserve.csv", &blank);
    review(&desk, "sheet_reserve.csv", &[(1, ""), (3, "")]);
    audit(&desk, "evaluate draw.json sheet.csv sheet_reserve.csv")
        .refused(2, &["taken from the reserve before"]);
    desk.put("sheet_reserve.csv", &blank);
    review(&desk, "sheet_reserve.csv", &[(3, "")]);
    audit(&desk, "evaluate draw.json sheet.csv sheet_reserve.csv")
        .refused(2, &["replaces no case"]);
}

#[test]
fn reviewers_who_differ_have_not_determined_the_case() {
    let desk = desk();
    let line = "-n 20 --reviewers anna,bert --second 100% --tolerable 30%";
    let manifest = sample(&desk, line);
    let case = manifest["selected"][0]["case_id"]
        .as_str()
        .unwrap()
        .to_owned();
    for sheet in ["sheet_anna.csv", "sheet_bert.csv"] {
        review(&desk, sheet, &[]);
    }
    let text = desk.text("sheet_bert.csv");
    let row = text
        .lines()
        .find(|row| row.contains(&format!("\"{case}\"")))
        .unwrap();
    desk.put(
        "sheet_bert.csv",
        text.replace(row, &row.replace("\"correct\"", "\"incorrect\"")),
    );
    let evaluate = |options: &str| -> Value {
        let line =
            format!("evaluate draw.json sheet_anna.csv sheet_bert.csv --format json {options}");
        serde_json::from_str(&audit(&desk, &line).stdout).unwrap()
    };
    let open = evaluate("");
    assert_eq!(
        (&open["cannot_determine"], &open["errors"]),
        (&1.into(), &0.into())
    );
    assert_eq!(open["agreement"]["observed"], 0.95);
    let settled = evaluate(&format!("--settle {case}=incorrect"));
    assert_eq!(
        (&settled["cannot_determine"], &settled["errors"]),
        (&0.into(), &1.into())
    );
    let other = manifest["selected"][1]["case_id"].as_str().unwrap();
    audit(
        &desk,
        &format!("evaluate draw.json sheet_anna.csv sheet_bert.csv --settle {other}=correct"),
    )
    .refused(2, &["is not disputed"]);
}

/// Writes a verdict for a case into a reviewed worksheet, and leaves the others.
pub(crate) fn say(desk: &Desk, file: &str, case: &str, verdict: &str) {
    let before = desk.text(file);
    let row = before
        .lines()
        .position(|row| row.contains(&format!("\"{case}\"")))
        .unwrap();
    review(desk, file, &[(row, verdict)]);
    let after = desk.text(file);
    let lines = before.lines().zip(after.lines()).enumerate();
    let lines = lines.map(|(place, (old, new))| if place == row { new } else { old });
    desk.put(file, lines.collect::<Vec<_>>().join("\n") + "\n");
}

#[test]
fn reviewers_agree_by_every_measure_that_is_defined() {
    let desk = desk();
    let names = ["anna", "bert", "cleo"];
    let line = "-n 30 --reviewers anna,bert,cleo --second 40% --tolerable 50%";
    let manifest = sample(&desk, line);
    let twice: Vec<&Value> = manifest["selected"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["reviewers"].as_array().unwrap().len() == 2)
        .collect();
    assert_eq!(twice.len(), 12);
    let sheet = |name: &str| format!("sheet_{name}.csv");
    let evaluate = || {
        let line = "evaluate draw.json sheet_anna.csv sheet_bert.csv sheet_cleo.csv --format json";
        let json: Value = serde_json::from_str(&audit(&desk, line).stdout).unwrap();
        json
    };
    names
        .iter()
        .for_each(|name| review(&desk, &sheet(name), &[]));
    // All right: nobody can tell chance from agreement.
    let json = &evaluate()["agreement"];
    assert_eq!(
        (&json["cases"], &json["observed"]),
        (&12.into(), &1.0.into())
    );
    for key in ["kappa", "alpha", "on_wrong"] {
        assert!(json[key].is_null(), "{key}: {json}");
    }
    // Verdicts by case and reviewer, the first one first: two cases wrong for both, one for the first
    // and one for the second alone, one that the second could not determine; eight right for both.
    let said = [
        ("incorrect", "incorrect"),
        ("incorrect", "incorrect"),
        ("incorrect", "correct"),
        ("correct", "incorrect"),
        ("incorrect", "cannot_determine"),
    ];
    for name in names {
        let of_mine = twice
            .iter()
            .zip(said)
            .filter_map(|(case, (first, second))| {
                let who = case["reviewers"].as_array().unwrap();
                let verdict = who
                    .iter()
                    .zip([first, second])
                    .find(|(who, _)| **who == name);
                verdict.map(|(_, verdict)| (case["case_id"].as_str().unwrap(), verdict))
            });
        let text = desk.text(&sheet(name));
        let row = |case: &str| {
            text.lines()
                .position(|row| row.contains(&format!("\"{case}\"")))
        };
        let verdicts: Vec<(usize, &str)> = of_mine
            .map(|(case, verdict)| (row(case).unwrap(), verdict))
            .collect();
        review(&desk, &sheet(name), &verdicts);
    }
    let json = &evaluate()["agreement"];
    assert_eq!(json["cases"], 11, "who could not tell has left a gap");
    let near = |key: &str, want: f64| {
        let got = json[key].as_f64().unwrap();
        assert!((got - want).abs() < 1e-12, "{key}: {got}, not {want}");
    };
    near("observed", 9.0 / 11.0);
    near("on_wrong", 4.0 / 6.0);
    near("on_right", 14.0 / 16.0);
    // Chance agrees on (3 x 3 + 8 x 8) / 121.
    near("kappa", (99.0 - 73.0) / (121.0 - 73.0));
    // Of 22 verdicts 6 are wrong and 16 right: 1 - 21 (2 x 2) / (2 x 6 x 16).
    near("alpha", 1.0 - 21.0 * 4.0 / 192.0);
}

#[test]
fn what_one_reviewer_alone_found_wrong_wants_a_second_look_that_says_nothing_of_agreement() {
    let desk = desk();
    let manifest = sample(
        &desk,
        "-n 10 --reviewers anna,bert --second 20% --tolerable 50%",
    );
    let cases = manifest["selected"].as_array().unwrap().iter();
    let of = |case: &Value, place: usize| case["reviewers"][place].as_str().map(str::to_owned);
    let id = |case: &Value| case["case_id"].as_str().unwrap().to_owned();
    let annas = cases
        .clone()
        .filter(|case| of(case, 0).unwrap() == "anna" && of(case, 1).is_none());
    let annas: Vec<String> = annas.map(id).collect();
    let both = cases
        .clone()
        .find(|case| of(case, 1).is_some())
        .map(id)
        .unwrap();
    let text = desk.text("sheet_anna.csv");
    let row = |case: &str| {
        text.lines()
            .position(|row| row.contains(&format!("\"{case}\"")))
            .unwrap()
    };
    let (first, second) = (row(&annas[0]), row(&annas[1]));
    let said = [
        (first, "incorrect"),
        (second, "cannot_determine"),
        (row(&both), "incorrect"),
    ];
    review(&desk, "sheet_anna.csv", &said);
    review(&desk, "sheet_bert.csv", &[]);
    say(&desk, "sheet_bert.csv", &both, "incorrect");
    let line = "evaluate draw.json sheet_anna.csv sheet_bert.csv";
    let json: Value =
        serde_json::from_str(&audit(&desk, &format!("{line} --format json")).stdout).unwrap();
    let wanted = json["second_review_wanted"].as_array().unwrap();
    let mut rows: Vec<(u64, &str)> = wanted
        .iter()
        .map(|case| {
            (
                case["row"].as_u64().unwrap(),
                case["verdict"].as_str().unwrap(),
            )
        })
        .collect();
    rows.sort_unstable();
    let mut expected = [
        (first as u64 + 1, "incorrect"),
        (second as u64 + 1, "cannot_determine"),
    ];
    expected.sort_unstable();
    assert_eq!(rows, expected);
    assert!(
        wanted.iter().all(|case| case["sheet"] == "anna"),
        "{wanted:?}"
    );
    assert_eq!(json["agreement"]["cases"], 2, "the random part alone");
    let told = audit(&desk, line).stdout;
    assert!(told.contains("A second look is due at 2 cases"), "{told}");
    // Somebody else looks: one verdict is confirmed, one is not.
    ends(
        &audit(&desk, &format!("{line} --second-sheet again.csv")),
        3,
    );
    review(&desk, "again.csv", &[]);
    say(&desk, "again.csv", &annas[0], "incorrect");
    let text = desk.text("again.csv");
    desk.put(
        "again.csv",
        text.replace(",\"\",\"\"\n", ",\"bert\",\"\"\n"),
    );
    let files = "draw.json sheet_anna.csv sheet_bert.csv again.csv";
    let answer = audit(&desk, &format!("evaluate {files} --format json"));
    let json: Value = serde_json::from_str(&answer.stdout).unwrap();
    let looks = &json["second_looks"];
    assert_eq!(
        (&looks["cases"], &looks["confirmed"]),
        (&2.into(), &1.into())
    );
    assert_eq!(json["second_review_wanted"], serde_json::json!([]));
    assert_eq!(json["disputed"][0]["case_id"], annas[1].as_str());
    assert_eq!(json["agreement"]["cases"], 2, "the random part alone");
    assert!(!json["notes"].to_string().contains("did not come back"));
    let sheets = files.replace(' ', " --worksheet ");
    ends(&audit(&desk, &format!("verify {sheets} --log log.csv")), 0);
}

#[test]
fn the_targeted_part_never_enters_the_estimate() {
    let desk = desk();
    let manifest = sample(&desk, "--split random:20,targeted:10 --tolerable 20%");
    let targeted: Vec<&Value> = manifest["selected"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["purpose"] == "targeted")
        .collect();
    assert!(
        targeted
            .iter()
            .all(|case| case["pi"].is_null() && case["weight"].is_null())
    );
    let text = desk.text("sheet.csv");
    let rows = text.lines().skip(1).zip(1..);
    let is_targeted = |row: &str| {
        targeted
            .iter()
            .any(|case| row.contains(case["case_id"].as_str().unwrap()))
    };
    let wrong: Vec<(usize, &str)> = rows
        .filter(|(row, _)| is_targeted(row))
        .map(|(_, number)| (number, "incorrect"))
        .collect();
    assert_eq!(wrong.len(), 10);
    review(&desk, "sheet.csv", &wrong);
    let answer = audit(&desk, "evaluate draw.json sheet.csv --format json");
    let json: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!((&json["drawn"], &json["errors"]), (&20.into(), &0.into()));
    assert_eq!(json["targeted"]["errors"], 10);
}

#[test]
fn an_evaluation_that_was_changed_is_found() {
    let desk = desk();
    sample(&desk, "-n 30 --tolerable 20%");
    review(&desk, "sheet.csv", &[(3, "incorrect")]);
    audit(&desk, "evaluate draw.json sheet.csv -o result.json");
    let options = "--log log.csv --worksheet sheet.csv --result result.json";
    ends(&audit(&desk, &format!("verify draw.json {options}")), 0);
    let text = desk.text("result.json");
    desk.put(
        "result.json",
        text.replace("\"errors\": 1", "\"errors\": 0"),
    );
    check_broken(&desk, options, &["V13"]);
}

#[test]
fn labels_of_an_audit_are_read_by_the_sweep() {
    let desk = desk();
    sample(&desk, "-n 40 --strata region --tolerable 20%");
    review(
        &desk,
        "sheet.csv",
        &[(1, "incorrect"), (2, "cannot_determine")],
    );
    audit(
        &desk,
        "evaluate draw.json sheet.csv --log log.csv --labels-out labels.csv",
    );
    desk.put("labels.toml", "[columns]\nid = \"id\"\nscore = \"score\"\nerror = \"error\"\nescalated = \"escalated\"\nlabel_probability = \"label_probability\"\n");
    let answer = desk.run(&[
        "sweep",
        "labels.csv",
        "--config",
        "labels.toml",
        "--thresholds",
        "0.8",
        "--format",
        "json",
    ]);
    let actual = &answer.done().json()["actual"]["auto_error"];
    assert_eq!(
        (&actual["labelled"], &actual["errors_found"]),
        (&40.into(), &2.into())
    );
    assert_eq!(actual["cases"], 160);
    assert_eq!(actual["evidence"]["sampled"], 1.0);
}

#[test]
fn days_are_the_strata_of_a_period() {
    let desk = desk();
    desk.put("secret.txt", "S3CRET\n");
    let days = [("2026-09-23", "d1"), ("2026-09-24", "d2")];
    for (day, name) in days {
        let line = format!(
            "sample log.csv --day {day} --rate 30% --secret-file secret.txt --tolerable 20% -o {name}.json --worksheet {name}.csv"
        );
        ends(&audit(&desk, &line), 0);
        review(&desk, &format!("{name}.csv"), &[]);
    }
    let first = manifest(&desk, "d1.json");
    let seed = "a535c5530325829cbf3432ea06042e709df3faacf2b974380b515bae00c97624";
    assert_eq!(first["seed"]["value"], seed);
    let answer = audit(
        &desk,
        "evaluate d1.json d2.json d2.csv d1.csv --format json",
    );
    let json: Value = serde_json::from_str(&answer.stdout).unwrap();
    let names: Vec<&str> = json["strata"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["2026-09-23", "2026-09-24"]);
    assert_eq!(json["population"], 160);
    ends(
        &audit(
            &desk,
            "verify d1.json --log log.csv --secret-file secret.txt",
        ),
        0,
    );
    desk.put("secret.txt", "OTHER\n");
    ends(
        &audit(
            &desk,
            "verify d1.json --log log.csv --secret-file secret.txt",
        ),
        1,
    );
}

/// Draws, tops up and evaluates with the sheets of both rounds, all right.
fn topped_up(desk: &Desk, first: &str, more: &str) -> Value {
    sample(desk, first);
    let line =
        format!("sample log.csv --top-up draw.json {more} -o more.json --worksheet more.csv");
    ends(&audit(desk, &line), 0);
    review(desk, "sheet.csv", &[]);
    review(desk, "more.csv", &[]);
    let answer = audit(desk, "evaluate more.json sheet.csv more.csv --format json");
    let json: Value = serde_json::from_str(&answer.stdout).unwrap();
    let code = if json["verdict"] == "pass" { 0 } else { 3 };
    ends(&answer, code);
    json
}

#[test]
fn a_topped_up_audit_that_was_planned_so_is_evaluated_with_the_sheets_of_both_rounds() {
    let json = topped_up(&desk(), "-n 30 --tolerable 20% --sequential", "-n 60");
    assert_eq!(
        (&json["drawn"], &json["method"]),
        (&60.into(), &"prior-posterior-ratio".into())
    );
    assert_eq!(json["verdict"], "pass");
}

#[test]
fn verdicts_on_the_reserve_of_an_earlier_round_stay() {
    let desk = desk();
    sample(&desk, "-n 20 --reserve 4 --tolerable 50% --sequential");
    review(&desk, "sheet.csv", &[(7, "not_applicable")]);
    // The first two in reserve were looked at, for the first of them was not applicable either.
    let reserve = [(1, "not_applicable"), (2, "incorrect"), (3, ""), (4, "")];
    review(&desk, "sheet_reserve.csv", &reserve);
    ends(
        &audit(&desk, "evaluate draw.json sheet.csv sheet_reserve.csv"),
        0,
    );
    let held = ids(&manifest(&desk, "draw.json"), "reserve");
    let evaluate = |files: &str| -> Value {
        let answer = audit(&desk, &format!("evaluate more.json {files} --format json"));
        serde_json::from_str(&answer.stdout).unwrap_or_else(|_| panic!("{}", answer.stderr))
    };
    let top_up = |size: &str| {
        let line = format!(
            "sample log.csv --top-up draw.json -n {size} -o more.json --worksheet more.csv"
        );
        ends(&audit(&desk, &line), 0);
        review(&desk, "more.csv", &[]);
        let blank: Vec<(usize, &str)> = (1..=4).map(|row| (row, "")).collect();
        review(&desk, "more_reserve.csv", &blank);
    };
    // One further case is drawn, the first in reserve: the second is the first in reserve now.
    top_up("21");
    let drawn = manifest(&desk, "more.json");
    assert_eq!(ids(&drawn, "reserve")[..3], held[1..]);
    say(&desk, "more.csv", &held[0], "");
    let all = "sheet.csv more.csv sheet_reserve.csv more_reserve.csv";
    let json = evaluate(all);
    assert_eq!((&json["drawn"], &json["replaced"]), (&22.into(), &1.into()));
    assert_eq!(
        (&json["not_applicable"], &json["errors"]),
        (&2.into(), &1.into())
    );
    assert!(json["agreement"].is_null());
    // All four are drawn: nothing was replaced, and two verdicts are there already.
    top_up("24");
    say(&desk, "more.csv", &held[0], "");
    say(&desk, "more.csv", &held[1], "");
    say(&desk, "more.csv", &held[2], "incorrect");
    let line = format!("evaluate more.json {all} --allow-incomplete --format json");
    let json: Value = serde_json::from_str(&audit(&desk, &line).stdout).unwrap();
    assert_eq!((&json["missing"], &json["errors"]), (&0.into(), &2.into()));
    // Who judges such a case again and differs has not determined it.
    say(&desk, "more.csv", &held[1], "correct");
    let json = evaluate(all);
    assert_eq!(json["disputed"][0]["case_id"], held[1].as_str());
    assert!(json["agreement"].is_null(), "{}", json["agreement"]);
    ends(
        &audit(
            &desk,
            &format!(
                "verify more.json --log log.csv --prior draw.json --worksheet {}",
                all.replace(' ', " --worksheet ")
            ),
        ),
        0,
    );
}

#[test]
fn who_reviews_their_own_decisions_is_told_if_the_log_says_so() {
    let desk = desk();
    desk.put(
        "gonogo.toml",
        CONFIG.to_owned() + "reviewer = \"customer\"\n",
    );
    // The customers' names stand for those who decided; some get their own cases to review.
    let manifest = sample(&desk, "-n 160 --reviewers C1,other --tolerable 50%");
    let mine = manifest["selected"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| {
            let id: u32 = case["case_id"].as_str().unwrap().parse().unwrap();
            id % 40 == 1 && case["reviewers"][0] == "C1"
        });
    let mine = mine.count();
    assert!(mine > 0);
    review(&desk, "sheet_C1.csv", &[]);
    review(&desk, "sheet_other.csv", &[]);
    let line = "evaluate draw.json sheet_C1.csv sheet_other.csv --format json";
    let notes = |line: &str| {
        let json: Value = serde_json::from_str(&audit(&desk, line).stdout).unwrap();
        json["notes"].to_string()
    };
    let told = notes(&format!("{line} --log log.csv"));
    assert!(told.contains(&format!("{mine} cases, such as")), "{told}");
    assert!(told.contains("by those who had decided them"), "{told}");
    assert!(!notes(line).contains("decided"));
}

#[test]
fn a_topped_up_audit_that_was_not_planned_so_proves_nothing() {
    for (first, more) in [
        ("-n 30", "-n 60"),
        ("-n 30 --strata region", "-n 60"),
        ("--rate 20%", "--rate 40%"),
        ("-n 20 --method pps", "-n 40"),
    ] {
        let json = topped_up(&desk(), &format!("{first} --tolerable 50%"), more);
        assert_eq!(json["verdict"], "inconclusive", "{first}");
        assert_eq!(json["next"]["step"], "draw_anew", "{first}");
        assert!(
            json["upper"].as_f64().unwrap() < 0.5,
            "{first}: it would have passed"
        );
        assert!(json["notes"].to_string().contains("topped up"), "{first}");
    }
}

#[test]
fn a_top_up_to_all_cases_is_exact() {
    for first in [
        "-n 30 --tolerable 5%",
        "-n 30 --strata region --tolerable 5%",
    ] {
        let json = topped_up(&desk(), first, "-n 160");
        assert_eq!(
            (&json["verdict"], &json["upper"]),
            (&"pass".into(), &0.0.into())
        );
    }
}

#[test]
fn a_case_is_told_why_it_was_not_drawn() {
    let desk = desk();
    let manifest = sample(&desk, "-n 30");
    let drawn = ids(&manifest, "selected");
    let other = (1..240)
        .map(|n| format!("{n:05}"))
        .find(|id| id.parse::<u32>().unwrap() % 3 != 0 && !drawn.contains(id));
    let line = format!(
        "verify draw.json --log log.csv --explain {} --explain 00000",
        other.unwrap()
    );
    let answer = audit(&desk, &line);
    assert!(
        answer.stdout.contains("of 160; cut at 30"),
        "{}",
        answer.stdout
    );
    assert!(
        answer.stdout.contains("00000 is not in the frame"),
        "{}",
        answer.stdout
    );
}
