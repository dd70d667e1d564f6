//! The draw of an audit: reference values that `sha256sum` and published examples give, properties
//! that hold for every frame, and inclusion frequencies.

use std::collections::BTreeMap;

use gonogo::audit::draw::{Allotment, Design, Drawn, Lowest, Method, Purpose, draw};
use gonogo::audit::frame::{Case, Collector, Copies, Frame, Size, Unit};
use gonogo::audit::ticket::{Digest, Seed, Stream, Ticket, Tickets};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

const SEED: &str = "20260923-4815162342-drand-5012345";
const VALUES: [u32; 10] = [120, 5, 80, 0, 900, 40, 60, 15, 300, 10];

fn seed() -> Seed {
    SEED.parse().unwrap()
}

fn id(number: usize) -> String {
    format!("case-{number:04}")
}

fn sized(id: &str, size: f64) -> Case {
    Case {
        size: Size::from_units(size),
        ..Case::new(id)
    }
}

/// The ten cases of the reference values, in a frame without order.
fn ten() -> Frame {
    let cases = VALUES.iter().enumerate();
    let cases = cases.map(|(place, value)| sized(&id(place + 1), f64::from(*value)));
    Frame::new(cases.rev().collect()).unwrap()
}

/// The first `count` of case-0001, case-0002 and so on.
fn plain(count: usize) -> Frame {
    Frame::new((1..=count).map(|number| Case::new(&id(number))).collect()).unwrap()
}

fn units(frame: &Frame) -> Vec<Unit> {
    frame.units().map(Result::unwrap).collect()
}

fn keys(drawn: &Drawn) -> Vec<&str> {
    drawn
        .picks
        .iter()
        .map(|pick| pick.unit.key.as_str())
        .collect()
}

#[track_caller]
fn check_drawn(frame: &Frame, design: &Design, expected: &[usize]) {
    let drawn = draw(frame, design, &seed()).unwrap();
    let expected: Vec<String> = expected.iter().map(|number| id(*number)).collect();
    assert_eq!(keys(&drawn), expected);
}

// Reference values

#[test]
fn a_digest_is_the_sha256_of_the_standard() {
    // FIPS 180, "abc".
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(Digest::of(b"abc").to_string(), expected);
}

#[test]
fn a_digest_gives_the_die_of_a_published_audit() {
    // The rule of Colorado's audits: SHA-256 of seed and number, as an integer modulo the ballots.
    let digest = Digest::of(b"12345678901234567890,1").to_string();
    let remainder = digest.bytes().fold(0, |remainder, digit| {
        let digit = char::from(digit).to_digit(16).unwrap();
        (remainder * 16 + digit) % 100
    });
    assert_eq!(remainder + 1, 26);
}

#[test]
fn a_simple_sample_is_the_prefix_of_the_tickets() {
    check_drawn(&ten(), &Design::new(Method::Srs, 3), &[5, 4, 1]);
    check_drawn(&ten(), &Design::new(Method::Srs, 5), &[5, 4, 1, 10, 7]);
}

#[test]
fn tickets_are_what_sha256sum_prints() {
    let tickets = Tickets::new(&seed(), Stream::Select);
    let check = |number, expected: &str| {
        assert_eq!(tickets.of(&id(number)).to_string(), expected);
    };
    check(
        5,
        "451fa0803f8f27074989fd24e9af5f62a3c9e784017e4f836696cd1a51e20784",
    );
    check(
        4,
        "6cbde41fa29093f844f8abc6efadbae2d68b8f721acea65c18f8408ab7da7a53",
    );
}

#[test]
fn the_number_of_a_ticket_is_its_first_thirteen_digits() {
    let tickets = Tickets::new(&seed(), Stream::Select);
    let unit = |number| tickets.of(&id(number)).unit();
    assert_eq!(unit(5), 0.270_013_839_064_230_7);
    assert_eq!(unit(4), 0.424_772_508_357_423_1);
    assert_eq!(unit(1), 0.425_156_917_410_218_2);
}

#[test]
fn a_filter_keeps_the_order_of_what_it_leaves() {
    let even = (1..=5).map(|half| Case::new(&id(2 * half))).collect();
    let frame = Frame::new(even).unwrap();
    check_drawn(&frame, &Design::new(Method::Srs, 2), &[4, 10]);
}

#[test]
fn sequential_poisson_takes_the_certain_and_then_the_smallest_numbers_over_size() {
    let frame = ten();
    let drawn = draw(&frame, &Design::new(Method::Pps, 4), &seed()).unwrap();
    let certain: Vec<&str> = drawn
        .picks
        .iter()
        .filter(|pick| pick.certain)
        .map(|pick| pick.unit.key.as_str())
        .collect();
    assert_eq!(certain, ["case-0005", "case-0009"]);
    assert_eq!(keys(&drawn)[2..], ["case-0001", "case-0007"]);
    let zero = drawn.strata.iter().find(|stratum| stratum.name == "zero");
    assert_eq!(
        zero.map(|stratum| (stratum.units, stratum.drawn)),
        Some((1, 0))
    );
}

#[test]
fn sequential_poisson_states_the_target_of_every_case() {
    let expected = [
        ("case-0001", 0.727_273),
        ("case-0002", 0.030_303),
        ("case-0003", 0.484_848),
        ("case-0005", 1.0),
        ("case-0006", 0.242_424),
        ("case-0007", 0.363_636),
        ("case-0008", 0.090_909),
        ("case-0009", 1.0),
        ("case-0010", 0.060_606),
    ];
    check_targets(&ten(), 4, &expected);
}

#[test]
fn two_large_cases_are_certain_one_after_the_other() {
    // The values that the R package sps gives for 1 to 10, 100 and 150.
    let mut sizes: Vec<f64> = (1..=10).map(f64::from).collect();
    sizes.extend([100.0, 150.0]);
    let cases = sizes.iter().enumerate();
    let cases = cases
        .map(|(place, size)| sized(&id(place + 1), *size))
        .collect();
    let mut expected: Vec<(String, f64)> = (1..=10)
        .map(|size| (id(size), 4.0 * size as f64 / 55.0))
        .collect();
    expected.extend([(id(11), 1.0), (id(12), 1.0)]);
    let expected: Vec<(&str, f64)> = expected.iter().map(|(id, p)| (id.as_str(), *p)).collect();
    check_targets(&Frame::new(cases).unwrap(), 6, &expected);
}

#[track_caller]
fn check_targets(frame: &Frame, size: u64, expected: &[(&str, f64)]) {
    let drawn = draw(frame, &Design::new(Method::Pps, size), &seed()).unwrap();
    let units = units(frame);
    let units: Vec<&Unit> = units.iter().filter(|unit| unit.size != Some(0)).collect();
    assert_eq!(units.len(), expected.len());
    for (unit, (id, target)) in units.iter().zip(expected) {
        let found = chance(&drawn, Method::Pps, unit);
        assert_eq!(unit.key, *id);
        assert!((found - target).abs() < 5e-7, "{id}: {found}");
        let picked = drawn.picks.iter().find(|pick| pick.unit.key == *id);
        assert!(picked.is_none_or(|pick| pick.probability == Some(found)));
    }
}

#[test]
fn the_digest_of_a_frame_is_that_of_its_sorted_lines() {
    let expected = "f70ad99046937df7538840e7535c9480db14731cb6b02cce110427821fc4045d";
    assert_eq!(ten().digest().to_string(), expected);
    assert!(
        ten()
            .lines()
            .unwrap()
            .starts_with(b"[\"case-0001\",\"\",\"120\"]\n")
    );
}

#[test]
fn the_seed_of_a_day_is_made_of_the_secret_and_the_day() {
    let expected = "a535c5530325829cbf3432ea06042e709df3faacf2b974380b515bae00c97624";
    assert_eq!(Seed::of_day("S3CRET", "2026-09-23").text(), expected);
}

// Single rules

#[test]
fn sizes_are_decimal_text_of_millionths() {
    let text = |units| Size::from_units(units).map(|size| size.to_string());
    assert_eq!(text(120.0).as_deref(), Some("120"));
    assert_eq!(text(120.5).as_deref(), Some("120.5"));
    assert_eq!(text(-0.25).as_deref(), Some("-0.25"));
    assert_eq!(text(0.000_001).as_deref(), Some("0.000001"));
    assert_eq!(text(f64::NAN), None);
    assert_eq!(text(1e13), None);
}

#[test]
fn a_seed_is_text_and_keeps_every_digit() {
    let text = "12345123451234512345";
    assert_eq!(text.parse::<Seed>().unwrap().text(), text);
    for bad in ["", " padded", "padded ", "tab\there", "Straße", "line\nend"] {
        assert!(bad.parse::<Seed>().is_err(), "{bad:?}");
    }
    assert!("x".repeat(1025).parse::<Seed>().is_err());
}

#[test]
fn ids_that_cannot_be_listed_are_refused() {
    for bad in ["", "line\nend", "nul\0", &"x".repeat(513)] {
        let refused = Frame::new(vec![Case::new(bad), Case::new("sound")]);
        assert!(refused.is_err(), "{bad:?}");
    }
    let repeated = Frame::new(vec![Case::new("1"), Case::new("2"), Case::new("1")]);
    let message = repeated.unwrap_err().to_string();
    assert_eq!(message, "1 ids come more than once: \"1\"");
}

#[test]
fn ids_are_bytes_that_nobody_normalises() {
    let ids = ["1", "01", "1.0", "1 ", "é", "e\u{301}"];
    let frame = Frame::new(ids.map(Case::new).to_vec()).unwrap();
    assert_eq!(frame.case_count(), ids.len() as u64);
}

#[test]
fn more_than_there_is_means_all_of_it() {
    let frame = plain(4);
    for method in [Method::Srs, Method::Stratified, Method::Systematic] {
        let drawn = draw(&frame, &Design::new(method, 9), &seed()).unwrap();
        assert_eq!(drawn.picks.len(), 4);
        assert!(drawn.picks.iter().all(|pick| pick.certain));
        assert!(drawn.picks.iter().all(|pick| pick.probability == Some(1.0)));
    }
}

#[test]
fn an_empty_frame_is_refused() {
    let frame = Frame::new(Vec::new()).unwrap();
    let refused = draw(&frame, &Design::new(Method::Srs, 1), &seed()).unwrap_err();
    assert!(
        refused.to_string().starts_with("no eligible cases"),
        "{refused}"
    );
}

#[test]
fn the_reserve_is_what_the_tickets_give_next() {
    let design = Design {
        reserve: 2,
        ..Design::new(Method::Srs, 3)
    };
    let frame = ten();
    let drawn = draw(&frame, &design, &seed()).unwrap();
    let reserve: Vec<&str> = drawn
        .reserve
        .iter()
        .map(|pick| pick.unit.key.as_str())
        .collect();
    assert_eq!(reserve, ["case-0010", "case-0007"]);
}

#[test]
fn the_targeted_part_takes_the_riskiest_of_the_rest_and_has_no_probability() {
    let cases = (1..=10).map(|number| Case {
        risk: Size::from_units(number as f64),
        ..Case::new(&id(number))
    });
    let frame = Frame::new(cases.collect()).unwrap();
    let design = Design {
        targeted: 3,
        ..Design::new(Method::Srs, 3)
    };
    let drawn = draw(&frame, &design, &seed()).unwrap();
    assert_eq!(
        keys(&drawn),
        [
            "case-0005",
            "case-0004",
            "case-0001",
            "case-0010",
            "case-0009",
            "case-0008"
        ]
    );
    for pick in &drawn.picks[3..] {
        assert_eq!((pick.purpose, pick.probability), (Purpose::Targeted, None));
    }
}

#[test]
fn a_cluster_is_drawn_by_its_own_ticket() {
    let cases = (0..20).map(|number| Case {
        cluster: Some(id(number / 2 + 1)),
        ..Case::new(&format!("row {number}"))
    });
    check_drawn(
        &Frame::new(cases.collect()).unwrap(),
        &Design::new(Method::Srs, 3),
        &[5, 4, 1],
    );
}

#[test]
fn a_cluster_in_two_strata_is_refused() {
    let case = |id, stratum: &str| Case {
        cluster: Some("customer".to_owned()),
        stratum: stratum.to_owned(),
        ..Case::new(id)
    };
    let refused = Frame::new(vec![case("1", "north"), case("2", "south")]);
    assert!(refused.unwrap_err().to_string().contains("two strata"));
}

#[test]
fn a_case_without_cluster_cannot_pass_for_a_cluster() {
    let case = |id: &str, cluster: Option<&str>, stratum: &str| Case {
        cluster: cluster.map(str::to_owned),
        stratum: stratum.to_owned(),
        ..Case::new(id)
    };
    // It sorts before, between and after the cases of the cluster.
    for (one, two) in [("a", "b"), ("a", "z"), ("x", "z")] {
        let cases = vec![
            case(one, Some("m"), "north"),
            case("m", None, "north"),
            case(two, Some("m"), "south"),
        ];
        let refused = Frame::new(cases).unwrap_err().to_string();
        assert!(
            refused.contains("name of a cluster") || refused.contains("two strata"),
            "{refused}"
        );
    }
    let alone = vec![case("a", Some("m"), ""), case("m", None, "")];
    let refused = Frame::new(alone).unwrap_err().to_string();
    assert!(refused.contains("name of a cluster"), "{refused}");
    // A case of the cluster may have its name.
    let own = vec![case("a", Some("m"), ""), case("m", Some("m"), "")];
    assert_eq!(Frame::new(own).unwrap().unit_count(), 1);
}

#[test]
fn a_poisson_draw_takes_what_lies_below_the_rate() {
    let frame = ten();
    let design = |rates: &[f64]| Design {
        rounds: Vec::new(),
        rates: rates.to_vec(),
        ..Design::new(Method::Poisson, 0)
    };
    check_drawn(&frame, &design(&[0.425]), &[5, 4]);
    check_drawn(&frame, &design(&[0.3, 0.4252]), &[5, 4, 1]);
    let topped = design(&[0.3, 0.4252]);
    let drawn = draw(&frame, &topped, &seed()).unwrap();
    let rounds: Vec<u64> = drawn.picks.iter().map(|pick| pick.round).collect();
    assert_eq!(rounds, [1, 2, 2]);
}

#[test]
fn designs_that_contradict_themselves_are_refused() {
    let frame = ten();
    let base = Design::new(Method::Srs, 3);
    let designs = [
        Design {
            rounds: vec![],
            ..base.clone()
        },
        Design {
            rounds: vec![0],
            ..base.clone()
        },
        Design {
            rounds: vec![5, 3],
            ..base.clone()
        },
        Design {
            rates: vec![0.5],
            ..base.clone()
        },
        Design {
            allotment: Some(Allotment::Equal),
            ..base.clone()
        },
        Design {
            rounds: vec![3, 5],
            ..Design::new(Method::Systematic, 3)
        },
        Design {
            rounds: vec![3, 5],
            ..Design::new(Method::MusInterval, 3)
        },
        Design {
            targeted: 2,
            ..base.clone()
        },
        Design {
            reserve: 2,
            ..Design::new(Method::Pps, 3)
        },
        Design {
            rounds: vec![],
            rates: vec![1.5],
            ..Design::new(Method::Poisson, 0)
        },
        Design {
            rounds: vec![],
            rates: vec![0.0],
            ..Design::new(Method::Poisson, 0)
        },
    ];
    for design in designs {
        assert!(draw(&frame, &design, &seed()).is_err(), "{design:?}");
    }
}

// Properties

/// A frame of up to 60 cases with sizes, and strata where the method takes them.
fn a_frame(with_strata: bool) -> impl Strategy<Value = Vec<Case>> {
    let case = (any::<u32>(), 1..5000_u32, 0..4_u8);
    proptest::collection::btree_map(any::<u32>(), case, 1..60).prop_map(move |cases| {
        let cases = cases.into_iter().map(|(number, (_, size, stratum))| Case {
            stratum: if with_strata {
                format!("s{stratum}")
            } else {
                String::new()
            },
            ..sized(&format!("{number:x}"), f64::from(size) / 100.0)
        });
        cases.collect()
    })
}

fn any_method() -> impl Strategy<Value = Method> {
    prop_oneof![
        Just(Method::Srs),
        Just(Method::Stratified),
        Just(Method::Systematic),
        Just(Method::Pps),
        Just(Method::MusInterval),
        Just(Method::Poisson),
    ]
}

fn a_design(method: Method, size: u64, frame: &Frame) -> Design {
    match method {
        Method::Poisson => Design {
            rounds: Vec::new(),
            rates: vec![(size as f64 / frame.case_count() as f64).min(1.0)],
            ..Design::new(method, 0)
        },
        _ => Design::new(method, size),
    }
}

/// The probability of a unit by the line of its stratum.
fn chance(drawn: &Drawn, method: Method, unit: &Unit) -> f64 {
    let name = if method == Method::Stratified {
        unit.stratum.as_str()
    } else {
        ""
    };
    let stratum = drawn.strata.iter().find(|stratum| stratum.name == name);
    stratum.unwrap().chance.of(unit)
}

fn takes_strata(method: Method) -> bool {
    matches!(method, Method::Stratified | Method::Systematic)
}

fn some_seed() -> impl Strategy<Value = Seed> {
    "[0-9]{20}".prop_map(|text| text.parse().unwrap())
}

fn a_case() -> impl Strategy<Value = (Vec<Case>, Method, u64, Seed)> {
    any_method().prop_flat_map(|method| {
        let frame = a_frame(takes_strata(method));
        (frame, Just(method), 1..30_u64, some_seed())
    })
}

proptest! {
    #[test]
    fn the_order_of_the_cases_never_matters((cases, method, size, seed) in a_case(), turn in any::<usize>()) {
        let frame = Frame::new(cases.clone()).unwrap();
        let mut turned = cases;
        let middle = turn % turned.len();
        turned.rotate_left(middle);
        turned.reverse();
        let other = Frame::new(turned).unwrap();
        prop_assert_eq!(frame.digest(), other.digest());
        let design = a_design(method, size, &frame);
        prop_assert_eq!(draw(&frame, &design, &seed).unwrap(), draw(&other, &design, &seed).unwrap());
    }

    #[test]
    fn a_frame_in_temporary_files_is_the_same_frame((cases, method, size, seed) in a_case()) {
        let frame = Frame::new(cases.clone()).unwrap();
        // Each of so many may hold a few bytes: every case goes to a file.
        let mut collectors = [(); 2].map(|()| Collector::one_of(usize::MAX));
        for (case, place) in cases.iter().zip((0..2).cycle()) {
            collectors[place].add(case);
        }
        let spilled = Frame::of(collectors.into(), Copies::Refuse).unwrap();
        prop_assert_eq!(spilled.digest(), frame.digest());
        prop_assert_eq!(spilled.lines(), frame.lines());
        prop_assert_eq!(units(&spilled), units(&frame));
        prop_assert_eq!(spilled.value(), frame.value());
        let design = a_design(method, size, &frame);
        prop_assert_eq!(draw(&spilled, &design, &seed), draw(&frame, &design, &seed));
    }

    #[test]
    fn no_case_is_drawn_twice_and_probabilities_are_probabilities((cases, method, size, seed) in a_case()) {
        let frame = Frame::new(cases).unwrap();
        let equal = takes_strata(method) || method == Method::Srs;
        let reserve = if equal { 3 } else { 0 };
        let design = Design { reserve, ..a_design(method, size, &frame) };
        let ids: Vec<String> = units(&frame).into_iter().map(|unit| unit.key).collect();
        let drawn = draw(&frame, &design, &seed).unwrap();
        let mut keys: Vec<&str> = drawn.picks.iter().chain(&drawn.reserve).map(|p| p.unit.key.as_str()).collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        prop_assert_eq!(keys.len(), count);
        for pick in &drawn.picks {
            let probability = pick.probability.unwrap();
            prop_assert!(probability > 0.0 && probability <= 1.0);
            prop_assert!(ids.contains(&pick.unit.key));
        }
    }

    #[test]
    fn fixed_sizes_are_met((cases, method, size, seed) in a_case()) {
        let frame = Frame::new(cases).unwrap();
        let drawn = draw(&frame, &a_design(method, size, &frame), &seed).unwrap();
        let all = frame.case_count();
        match method {
            Method::Srs | Method::Stratified | Method::Systematic | Method::Pps => {
                prop_assert_eq!(drawn.picks.len() as u64, size.min(all));
            }
            Method::MusInterval => {
                prop_assert_eq!(drawn.picks.iter().map(|pick| pick.times).sum::<u64>(), size);
            }
            Method::Poisson => {}
        }
    }

    #[test]
    fn the_probabilities_of_all_cases_add_up_to_the_size((cases, method, size, seed) in a_case()) {
        let frame = Frame::new(cases).unwrap();
        let size = size.min(frame.case_count());
        let drawn = draw(&frame, &a_design(method, size, &frame), &seed).unwrap();
        let sum: f64 = units(&frame).iter()
            .map(|unit| chance(&drawn, method, unit))
            .sum();
        // A case that an interval hits for certain takes up more than one hit.
        let fits = match method {
            Method::MusInterval => sum <= size as f64 + 1e-9,
            _ => (sum - size as f64).abs() < 1e-9,
        };
        prop_assert!(fits, "{} of {}", sum, size);
    }

    #[test]
    fn a_larger_sample_holds_the_smaller_one((cases, method, size, seed) in a_case(), more in 1..20_u64) {
        let frame = Frame::new(cases).unwrap();
        if method.is_nested() {
            let small = a_design(method, size, &frame);
            let large = a_design(method, size + more, &frame);
            let topped = Design {
                rounds: small.rounds.iter().chain(&large.rounds).copied().collect(),
                rates: small.rates.iter().chain(&large.rates).copied().collect(),
                ..small.clone()
            };
            let before = draw(&frame, &small, &seed).unwrap();
            let after = draw(&frame, &topped, &seed).unwrap();
            let first: Vec<&str> = {
                let picks = after.picks.iter().filter(|pick| pick.round == 1);
                let mut keys: Vec<&str> = picks.map(|pick| pick.unit.key.as_str()).collect();
                keys.sort_unstable();
                keys
            };
            let mut expected = keys(&before);
            expected.sort_unstable();
            prop_assert_eq!(first, expected);
        }
    }

    #[test]
    fn filtering_before_or_after_gives_the_same_order(numbers in proptest::collection::btree_set(any::<u16>(), 2..80), seed in some_seed()) {
        let cases = |keep: fn(u16) -> bool| {
            let cases = numbers.iter().filter(|n| keep(**n)).map(|n| Case::new(&n.to_string()));
            cases.collect::<Vec<_>>()
        };
        let all = Frame::new(cases(|_| true)).unwrap();
        let even = Frame::new(cases(|n| n % 2 == 0)).unwrap();
        if even.case_count() > 0 {
            let everything = draw(&all, &Design::new(Method::Srs, 1000), &seed).unwrap();
            let filtered: Vec<&str> = keys(&everything)
                .into_iter()
                .filter(|key| key.parse::<u16>().unwrap() % 2 == 0)
                .collect();
            let before = draw(&even, &Design::new(Method::Srs, 1000), &seed).unwrap();
            prop_assert_eq!(keys(&before), filtered);
        }
    }

    #[test]
    fn shards_merge_into_the_whole(ids in proptest::collection::btree_set(any::<u32>(), 1..200), parts in 1..5_usize, most in 1..40_usize, seed in some_seed()) {
        let tickets = Tickets::new(&seed, Stream::Select);
        let ticketed: Vec<(Ticket, u32)> = ids.iter().map(|id| (tickets.of(&id.to_string()), *id)).collect();
        let mut whole = Lowest::new(most);
        ticketed.iter().for_each(|item| whole.add(*item));
        let mut merged = Lowest::new(most);
        for part in 0..parts {
            let mut shard = Lowest::new(most);
            ticketed.iter().skip(part).step_by(parts).for_each(|item| shard.add(*item));
            merged.merge(shard);
        }
        let expected = whole.into_sorted();
        prop_assert_eq!(&merged.into_sorted(), &expected);
        let frame = Frame::new(ids.iter().map(|id| Case::new(&id.to_string())).collect()).unwrap();
        let drawn = draw(&frame, &Design::new(Method::Srs, most as u64), &seed).unwrap();
        let expected: Vec<String> = expected.iter().map(|(_, id)| id.to_string()).collect();
        prop_assert_eq!(keys(&drawn), expected);
    }
}

// Inclusion frequencies

/// Draws 4,000 times with different seeds: how often each case comes must be within four standard
/// errors of its stated probability, and of what the caller expects.
#[track_caller]
fn check_inclusion(frame: &Frame, design: &Design, expected: impl Fn(&Unit) -> f64) {
    const RUNS: u32 = 4000;
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for run in 0..RUNS {
        let seed: Seed = format!("inclusion frequencies {run}").parse().unwrap();
        for pick in draw(frame, design, &seed).unwrap().picks {
            let stated = pick.probability.unwrap();
            assert!(
                (stated - expected(&pick.unit)).abs() < 1e-12,
                "{stated} {:?}",
                pick.unit
            );
            *counts.entry(pick.unit.key).or_default() += 1;
        }
    }
    for unit in units(frame) {
        let p = expected(&unit);
        let share = f64::from(counts.get(&unit.key).copied().unwrap_or(0)) / f64::from(RUNS);
        let error = (p * (1.0 - p) / f64::from(RUNS)).sqrt();
        assert!(
            (share - p).abs() <= 4.0 * error,
            "{}: {share} instead of {p}",
            unit.key
        );
    }
}

fn strata_of_three() -> Frame {
    let cases = (0..24).map(|number| Case {
        stratum: format!("s{}", number % 3 + number % 2),
        ..Case::new(&id(number))
    });
    Frame::new(cases.collect()).unwrap()
}

#[test]
fn simple_samples_are_fair() {
    check_inclusion(&plain(20), &Design::new(Method::Srs, 6), |_| 0.3);
}

#[test]
fn systematic_samples_are_fair() {
    check_inclusion(&plain(20), &Design::new(Method::Systematic, 6), |_| 0.3);
}

#[test]
fn stratified_samples_are_fair_in_each_stratum() {
    let frame = strata_of_three();
    let sizes = BTreeMap::from([("s0", 2), ("s1", 3), ("s2", 5), ("s3", 1)]);
    let populations = units(&frame)
        .iter()
        .fold(BTreeMap::new(), |mut counts, unit| {
            *counts.entry(unit.stratum.clone()).or_insert(0) += 1;
            counts
        });
    let fixed = sizes
        .iter()
        .map(|(name, size)| ((*name).to_owned(), vec![*size]))
        .collect();
    let design = Design {
        allotment: Some(Allotment::Fixed { sizes: fixed }),
        ..Design::new(Method::Stratified, 11)
    };
    check_inclusion(&frame, &design, |unit| {
        sizes[unit.stratum.as_str()] as f64 / f64::from(populations[&unit.stratum])
    });
}

#[test]
fn poisson_samples_are_fair() {
    let design = Design {
        rounds: Vec::new(),
        rates: vec![0.35],
        ..Design::new(Method::Poisson, 0)
    };
    check_inclusion(&plain(20), &design, |_| 0.35);
}

#[test]
fn interval_samples_are_in_proportion_to_value() {
    let sizes = [10.0, 20.0, 30.0, 15.0, 25.0, 60.0, 5.0, 35.0];
    let cases = sizes
        .iter()
        .enumerate()
        .map(|(place, size)| sized(&id(place), *size));
    let frame = Frame::new(cases.collect()).unwrap();
    check_inclusion(&frame, &Design::new(Method::MusInterval, 3), |unit| {
        (3.0 * unit.size.unwrap() as f64 / 200e6).min(1.0)
    });
}

/// Sequential Poisson meets its targets closely, not exactly: with 30 of 500 the frequency over
/// each fifth of the cases by size is within four standard errors and 1.6 % of the target.
#[test]
fn sequential_poisson_samples_meet_their_targets_by_fifths() {
    const RUNS: u32 = 400;
    let cases = (0..500).map(|number: usize| sized(&id(number), 1.0 + (number % 100) as f64));
    let frame = Frame::new(cases.collect()).unwrap();
    let total: f64 = units(&frame)
        .iter()
        .map(|unit| unit.size.unwrap() as f64)
        .sum();
    let fifth = |unit: &Unit| (unit.size.unwrap() as f64 / 20e6 - 1e-9) as usize;
    let mut drawn_of = [0_u32; 6];
    let mut expected_of = [0.0; 6];
    for unit in units(&frame) {
        expected_of[fifth(&unit)] += 30.0 * unit.size.unwrap() as f64 / total;
    }
    for run in 0..RUNS {
        let seed: Seed = format!("fifths by size {run}").parse().unwrap();
        for pick in draw(&frame, &Design::new(Method::Pps, 30), &seed)
            .unwrap()
            .picks
        {
            drawn_of[fifth(&pick.unit)] += 1;
        }
    }
    for (drawn, expected) in drawn_of.iter().zip(expected_of) {
        let error = (expected / f64::from(RUNS)).sqrt();
        let mean = f64::from(*drawn) / f64::from(RUNS);
        assert!(
            (mean - expected).abs() <= 4.0 * error + 0.016 * expected,
            "{mean} {expected}"
        );
    }
}
