//! What a proof rests on: the source of the seed that was named with the freeze, the frozen manifest
//! as it was published, and the worksheets that went out.

use crate::audit_commands::{
    SAID, SEED, audit, check_broken, desk, ends, freeze_and_draw, results, review, sample,
};
use crate::binary::Desk;

/// The result of one check of draw.json.
#[track_caller]
fn result_of(desk: &Desk, options: &str, check: &str) -> String {
    let answer = audit(desk, &format!("verify draw.json --format json {options}"));
    let results = results(&answer);
    let found = results.into_iter().find(|(id, _)| id == check);
    found.unwrap().1
}

// The seed

#[test]
fn a_freeze_that_names_no_round_leaves_a_choice_of_seeds() {
    let desk = desk();
    let freeze =
        "SOURCE_DATE_EPOCH=1767225600 $GONOGO audit sample log.csv --freeze frame.json -n 9";
    let frozen = desk.shell(freeze).done();
    assert!(frozen.stdout.contains("choose among rounds"), "{frozen:?}");
    let draw = format!(
        "SOURCE_DATE_EPOCH=1767230000 $GONOGO audit sample log.csv --frame frame.json -o draw.json \
         --seed quicknet:24808612:{SAID}"
    );
    desk.shell(&draw).done();
    assert_eq!(result_of(&desk, "--log log.csv", "V12"), "SKIPPED");
}

#[test]
fn a_seed_of_another_round_than_the_one_that_was_named_is_refused() {
    let desk = desk();
    let freeze = "sample log.csv --freeze frame.json -n 9 --seed-source drand:5012345";
    ends(&audit(&desk, freeze), 0);
    let draw = |seed: &str| {
        let line = format!("sample log.csv --frame frame.json -o draw.json --seed {seed}");
        audit(&desk, &line)
    };
    draw(&format!("drand:5012346:{SAID}")).refused(2, &["drand:5012346", "not from drand:5012345"]);
    draw("a-seed-of-no-beacon-at-all").refused(2, &["drand:5012345"]);
    ends(&draw(&format!("drand:5012345:{SAID}")), 0);
}

#[test]
fn a_manifest_that_was_sealed_with_a_seed_of_another_round_is_broken() {
    let desk = desk();
    freeze_and_draw(&desk, 1_767_230_000);
    let text = desk.text("draw.json");
    let mut forged = gonogo::audit::manifest::Manifest::parse(&text, "draw.json").unwrap();
    let honest = forged.clone();
    let seed = forged.seed.as_mut().unwrap();
    seed.source = "quicknet:24808613".to_owned();
    seed.value = format!("quicknet:24808613:{SAID}").parse().unwrap();
    let again = {
        let desk = Desk::new();
        desk.put("draw.json", forged.seal().unwrap().text().unwrap());
        result_of(&desk, "", "V12")
    };
    assert_eq!(again, "FAIL");
    // Nor does it help to let the manifest name no round.
    let mut forged = honest;
    forged.seed_source = None;
    desk.put("draw.json", forged.seal().unwrap().text().unwrap());
    assert_eq!(result_of(&desk, "", "V12"), "FAIL");
}

#[test]
fn what_a_beacon_says_has_one_spelling() {
    let desk = desk();
    let draw = |seed: &str| {
        let line = format!("sample log.csv -n 9 -o draw.json --seed {seed}");
        audit(&desk, &line)
    };
    for seed in [
        format!("drand:5012345:{}", SAID.to_uppercase()),
        format!("drand:5012345:{}", &SAID[1..]),
        format!("drand:05012345:{SAID}"),
        format!("nist:5012345:{SAID}"),
        format!("{SAID} --seed-source drand:5012345"),
    ] {
        let answer = draw(&seed);
        answer.refused(2, &["seed"]);
        assert!(answer.stderr.contains("VALUE"), "{answer:?}");
    }
    ends(&draw(&format!("drand:5012345:{SAID}")), 0);
    ends(&draw(&format!("nist:5012345:{SAID}{SAID}")), 0);
}

// The frozen manifest as it was published

#[test]
fn the_published_frozen_manifest_is_held_against_the_draw() {
    let desk = desk();
    freeze_and_draw(&desk, 1_767_230_000);
    assert_eq!(result_of(&desk, "--frozen frame.json", "V12"), "PASS");
    let other = "SOURCE_DATE_EPOCH=1767225600 $GONOGO audit sample log.csv --freeze other.json -n 59 \
                 --tolerable 9% --seed-source quicknet:24808612";
    desk.shell(other).done();
    let answer = audit(&desk, "verify draw.json --log log.csv --frozen other.json");
    ends(&answer, 1);
    assert!(
        answer.stdout.contains("others: the claim"),
        "{}",
        answer.stdout
    );
    // The same content, frozen at another time.
    let later = "SOURCE_DATE_EPOCH=1767225601 $GONOGO audit sample log.csv --freeze later.json -n 59 \
                 --tolerable 10% --seed-source quicknet:24808612";
    desk.shell(later).done();
    check_broken(&desk, "--log log.csv --frozen later.json", &["V12"]);
    // What a top-up was frozen as is told by the manifest of its first round.
    ends(
        &audit(
            &desk,
            "sample log.csv --top-up draw.json -n 70 -o more.json",
        ),
        0,
    );
    let line = "verify more.json --log log.csv --prior draw.json --frozen frame.json";
    ends(&audit(&desk, line), 0);
    // A draw for no frozen manifest is not the one that was published.
    sample(&desk, "-n 59 --tolerable 10%");
    check_broken(&desk, "--log log.csv --frozen frame.json", &["V12"]);
}

// The worksheets

#[test]
fn a_sheet_that_is_not_handed_in_is_not_proven_whole() {
    let desk = desk();
    sample(&desk, "-n 20 --reviewers anna,bert --reserve 2");
    for name in ["anna", "bert"] {
        review(&desk, &format!("sheet_{name}.csv"), &[]);
    }
    let verify = "verify draw.json --log log.csv --worksheet sheet_anna.csv";
    let answer = audit(&desk, verify);
    ends(&answer, 0);
    assert!(answer.stdout.contains("the sheet of bert"), "{answer:?}");
    assert_eq!(
        result_of(&desk, "--log log.csv --worksheet sheet_anna.csv", "V11"),
        "SKIPPED"
    );
    let both = "--worksheet sheet_anna.csv --worksheet sheet_bert.csv";
    assert_eq!(result_of(&desk, both, "V11"), "PASS");
}

/// Changes a manifest, seals it again and asserts which check finds it.
#[track_caller]
fn check_forged(
    desk: &Desk,
    forge: impl Fn(&mut gonogo::audit::manifest::Manifest),
    expected: &str,
) {
    let text = desk.text("draw.json");
    let mut forged = gonogo::audit::manifest::Manifest::parse(&text, "draw.json").unwrap();
    forge(&mut forged);
    desk.put("draw.json", forged.seal().unwrap().text().unwrap());
    assert_eq!(result_of(desk, "--log log.csv", expected), "FAIL");
    desk.put("draw.json", text);
}

#[test]
fn whatever_a_manifest_says_of_its_draw_is_held_against_it() {
    let desk = desk();
    sample(&desk, "-n 20 --show note --reserve 2");
    let other = gonogo::audit::ticket::Digest::of(b"another sheet");
    check_forged(&desk, |one| one.worksheets[0].sha256 = other, "V11");
    check_forged(&desk, |one| one.worksheets[1].rows += 1, "V11");
    check_forged(&desk, |one| one.worksheets[0].name.push('x'), "V11");
    check_forged(&desk, |one| one.pi_formula = "n_h / N_h".to_owned(), "V3");
    check_forged(&desk, |one| one.stream = "select/2".to_owned(), "V3");
    check_forged(&desk, |one| one.anchor = Some(other), "V10");
    check_forged(&desk, |one| one.selected[0].reused = true, "V10");
}

#[test]
fn a_changed_open_cell_changes_the_evaluation_or_nothing_that_it_says() {
    let desk = desk();
    sample(&desk, "-n 2 --tolerable 40%");
    review(&desk, "sheet.csv", &[]);
    audit(&desk, "evaluate draw.json sheet.csv -o honest.json");
    let claims = |file: &str| {
        let mut json: serde_json::Value = serde_json::from_str(&desk.text(file)).unwrap();
        let object = json.as_object_mut().unwrap();
        object.remove("notes");
        json
    };
    let text = desk.text("sheet.csv");
    let start = text.find("correct").unwrap();
    let end = start + text[start..].find('\n').unwrap();
    for place in start..end {
        let mut bytes = text.clone().into_bytes();
        bytes[place] ^= 1;
        desk.put("sheet.csv", bytes);
        let options = "--log log.csv --worksheet sheet.csv --result honest.json";
        let answer = audit(&desk, &format!("verify draw.json --format json {options}"));
        if answer.code == 1 {
            continue;
        }
        ends(&answer, 0);
        audit(&desk, "evaluate draw.json sheet.csv -o again.json");
        assert_eq!(claims("again.json"), claims("honest.json"), "byte {place}");
    }
}

#[test]
fn an_evaluation_is_repeated_wherever_its_files_lie() {
    let desk = desk();
    let sheets: Vec<String> = ["north", "south"]
        .iter()
        .map(|region| {
            let line = format!(
                "sample log.csv --seed {SEED} -n 9 --tolerable 40% --where region='{region}' \
                 -o {region}.json --worksheet {region}.csv"
            );
            ends(&audit(&desk, &line), 0);
            review(&desk, &format!("{region}.csv"), &[]);
            format!("{region}.csv")
        })
        .collect();
    let line = format!(
        "evaluate north.json south.json {} -o result.json",
        sheets.join(" ")
    );
    audit(&desk, &line);
    for file in ["north.json", "south.json", "north.csv", "south.csv"] {
        desk.put(&format!("elsewhere/{file}"), desk.text(file));
    }
    let answer = audit(
        &desk,
        "verify elsewhere/north.json --prior elsewhere/south.json --worksheet elsewhere/north.csv \
         --worksheet elsewhere/south.csv --result result.json --format json",
    );
    let v13 = ("V13".to_owned(), "PASS".to_owned());
    assert!(results(&answer).contains(&v13), "{}", answer.stdout);
}

// Copies

#[test]
fn copies_of_a_row_are_an_error_or_one_case() {
    let desk = desk();
    let plain = sample(&desk, "-n 20 --show note");
    let log = desk.text("log.csv");
    let copied: String = log
        .split_inclusive('\n')
        .map(|line| {
            let times = if line.starts_with("0000") { 2 } else { 1 };
            line.repeat(times)
        })
        .collect();
    desk.put("log.csv", &copied);
    let draw = format!("sample log.csv --seed {SEED} -n 20 --show note -o draw.json");
    audit(&desk, &draw).refused(2, &["00000"]);
    let joined = sample(&desk, "-n 20 --show note --dedup");
    assert_eq!(joined["selected"], plain["selected"]);
    assert_eq!(
        joined["population"]["frame_digest"],
        plain["population"]["frame_digest"]
    );
    // Of the first ten cases four were escalated.
    assert_eq!(joined["population"]["duplicates"], 6);
    assert_eq!(result_of(&desk, "--log log.csv", "V5"), "PASS");
    assert_eq!(result_of(&desk, "--log log.csv", "V11"), "SKIPPED");
    ends(&audit(&desk, "verify draw.json --log log.csv"), 0);
    // The same id with another route, or with another stratum, is no copy.
    let line = copied
        .lines()
        .find(|line| line.starts_with("00001,"))
        .unwrap();
    desk.put(
        "log.csv",
        format!("{copied}{}\n", line.replace(",auto,", ",human,")),
    );
    audit(&desk, &format!("{draw} --dedup")).refused(2, &["different content", "00001"]);
    desk.put(
        "log.csv",
        format!("{copied}{}\n", line.replace(",south,", ",east,")),
    );
    let stratified = audit(&desk, &format!("{draw} --dedup --strata region"));
    stratified.refused(2, &["different content", "00001"]);
}

#[test]
fn a_drawn_case_that_was_decided_anew_is_named() {
    let desk = desk();
    let manifest = sample(&desk, "-n 20");
    let id = manifest["selected"][3]["case_id"].as_str().unwrap();
    let log: String = desk
        .text("log.csv")
        .split_inclusive('\n')
        .map(|line| {
            if line.starts_with(id) {
                line.replace(",auto,", ",human,")
            } else {
                line.to_owned()
            }
        })
        .collect();
    desk.put("log.csv", log);
    let answer = audit(&desk, "verify draw.json --log log.csv");
    ends(&answer, 1);
    let text = answer
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let expected = format!("1 of the cases drawn are gone or decided anew, such as {id}");
    assert!(text.contains(&expected), "{text}");
}
