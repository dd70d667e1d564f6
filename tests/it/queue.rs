//! The queue by hand: who is served when, what closing time, nights and clock changes do, and how
//! the numbers of a summary are taken.

use std::num::NonZeroU32;

use gonogo::error::{ExitCode, Explain};
use gonogo::queue::{Arrival, Hours, Order, Queue, QueueError, Simulation, Summary};
use jiff::Timestamp;

pub(crate) const MINUTE: u64 = 60_000_000;
pub(crate) const HOUR: u64 = 60 * MINUTE;
const FIFO: Order = Order::FirstInFirstOut;
const OFFICE: &str = "Mon-Fri 09:00-17:00 Europe/London";

/// Microseconds since the epoch of a time with an offset, such as `2026-03-30T09:00+01:00`.
fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_microsecond()
}

/// A case without priority and deadline; the handling time in minutes.
fn case(time: &str, minutes: u64) -> Arrival {
    Arrival {
        time: at(time),
        handling: minutes * MINUTE,
        priority: 0.0,
        deadline: None,
    }
}

/// A case so many minutes after 1970, for hours that never end.
fn minute(time: u32, handling: u64) -> Arrival {
    Arrival {
        time: i64::from(time) * 60_000_000,
        ..case("1970-01-01T00:00Z", handling)
    }
}

pub(crate) fn team(reviewers: u32) -> NonZeroU32 {
    NonZeroU32::new(reviewers).unwrap()
}

pub(crate) fn queue(arrivals: &[Arrival], hours: &str, order: Order) -> Queue {
    let hours: Hours = hours.parse().unwrap();
    Queue::new(arrivals, &hours, order).unwrap().unwrap()
}

fn simulate(arrivals: &[Arrival], hours: &str, reviewers: u32, order: Order) -> Simulation {
    queue(arrivals, hours, order)
        .simulate(team(reviewers))
        .unwrap()
}

/// Start and end of each review in minutes after 1970, at any hour of the day.
fn minutes(arrivals: &[Arrival], reviewers: u32, order: Order) -> Vec<(i64, i64)> {
    let services = simulate(arrivals, "24/7", reviewers, order).services;
    let minute = |time: i64| time / 60_000_000;
    services
        .iter()
        .map(|service| (minute(service.start), minute(service.end)))
        .collect()
}

/// Start and end of the only case, as UTC text.
fn alone(arrival: Arrival, hours: &str) -> (String, String) {
    let service = simulate(&[arrival], hours, 1, FIFO).services[0];
    let text = |time| Timestamp::from_microsecond(time).unwrap().to_string();
    (text(service.start), text(service.end))
}

fn span(start: &str, end: &str) -> (String, String) {
    (start.to_owned(), end.to_owned())
}

#[test]
fn one_reviewer_takes_one_case_after_the_other() {
    let arrivals = [minute(0, 5), minute(1, 5), minute(2, 3), minute(30, 4)];
    let found = minutes(&arrivals, 1, FIFO);
    assert_eq!(found, [(0, 5), (5, 10), (10, 13), (30, 34)]);
}

#[test]
fn two_reviewers_each_take_the_next_case_when_they_are_free() {
    let arrivals = [minute(0, 10), minute(1, 2), minute(2, 4), minute(2, 5)];
    let found = minutes(&arrivals, 2, FIFO);
    assert_eq!(found, [(0, 10), (1, 3), (3, 7), (7, 12)]);
}

#[test]
fn services_come_back_in_the_order_of_the_arrivals_as_given() {
    let arrivals = [minute(30, 4), minute(2, 3), minute(0, 5)];
    assert_eq!(minutes(&arrivals, 1, FIFO), [(30, 34), (5, 8), (0, 5)]);
}

#[test]
fn of_cases_at_the_same_instant_the_shorter_is_first_and_then_the_more_urgent() {
    let due = |case: Arrival, minutes: u64| Arrival {
        deadline: Some(minutes * MINUTE),
        ..case
    };
    let arrivals = [
        minute(0, 9),
        minute(0, 5),
        due(minute(0, 5), 30),
        due(minute(0, 5), 20),
    ];
    let found = minutes(&arrivals, 1, FIFO);
    assert_eq!(found, [(15, 24), (10, 15), (5, 10), (0, 5)]);
}

#[test]
fn priority_goes_before_arrival_but_interrupts_nobody() {
    let ranked = |case: Arrival, priority: f64| Arrival { priority, ..case };
    let arrivals = [
        ranked(minute(0, 10), 0.0),
        ranked(minute(1, 10), f64::NAN),
        ranked(minute(2, 10), -0.0),
        ranked(minute(3, 10), 0.0),
        ranked(minute(4, 10), 7.5),
    ];
    // The urgent case waits for the one under way; 0 and -0 are equals; a case without priority
    // is last although it came second.
    let found = minutes(&arrivals, 1, Order::Priority);
    assert_eq!(found, [(0, 10), (40, 50), (20, 30), (30, 40), (10, 20)]);
    let found = minutes(&arrivals, 1, FIFO);
    assert_eq!(found, [(0, 10), (10, 20), (20, 30), (30, 40), (40, 50)]);
}

#[test]
fn a_review_pauses_at_closing_time_over_the_weekend() {
    let found = alone(case("2026-01-16T16:50Z", 30), OFFICE);
    assert_eq!(found, span("2026-01-16T16:50:00Z", "2026-01-19T09:20:00Z"));
    let long = alone(case("2026-01-16T16:00Z", 60 + 2 * 480 + 1), OFFICE);
    assert_eq!(long, span("2026-01-16T16:00:00Z", "2026-01-21T09:01:00Z"));
}

#[test]
fn a_review_that_is_done_at_closing_time_ends_then_and_the_next_starts_in_the_morning() {
    let arrivals = [case("2026-01-14T16:30Z", 30), case("2026-01-14T16:40Z", 10)];
    let services = simulate(&arrivals, OFFICE, 1, FIFO).services;
    assert_eq!(services[0].end, at("2026-01-14T17:00Z"));
    assert_eq!(services[1].start, at("2026-01-15T09:00Z"));
}

#[test]
fn a_look_at_closing_time_is_taken_in_the_morning() {
    let first = Arrival {
        priority: 1.0,
        ..case("2026-01-16T16:30Z", 30)
    };
    let arrivals = [first, case("2026-01-16T16:30Z", 0)];
    let services = simulate(&arrivals, OFFICE, 1, Order::Priority).services;
    assert_eq!(services[0].end, at("2026-01-16T17:00Z"));
    assert_eq!(services[1].start, at("2026-01-19T09:00Z"));
    assert_eq!(services[1].end, services[1].start);
}

#[test]
fn what_comes_outside_hours_starts_with_the_next_opening() {
    for early in [
        "2026-01-17T12:00Z",
        "2026-01-16T17:00Z",
        "2026-01-19T09:00Z",
    ] {
        let found = alone(case(early, 5), OFFICE);
        assert_eq!(found, span("2026-01-19T09:00:00Z", "2026-01-19T09:05:00Z"));
        let empty = alone(case(early, 0), OFFICE);
        assert_eq!(empty, span("2026-01-19T09:00:00Z", "2026-01-19T09:00:00Z"));
    }
}

#[test]
fn in_the_morning_the_most_urgent_case_of_the_night_is_first() {
    let ranked = |time: &str, priority: f64| Arrival {
        priority,
        ..case(time, 30)
    };
    let arrivals = [
        ranked("2026-01-14T16:30Z", 0.0),
        ranked("2026-01-14T16:45Z", 1.0),
        ranked("2026-01-14T23:00Z", 2.0),
        ranked("2026-01-15T09:00Z", 3.0),
        ranked("2026-01-15T09:01Z", 9.0),
    ];
    let services = simulate(&arrivals, OFFICE, 1, Order::Priority).services;
    let starts: Vec<i64> = services.iter().map(|service| service.start).collect();
    let expected = [
        "2026-01-14T16:30Z",
        "2026-01-15T10:30Z",
        "2026-01-15T10:00Z",
        "2026-01-15T09:00Z",
        "2026-01-15T09:30Z",
    ];
    assert_eq!(starts, expected.map(at));
}

#[test]
fn opening_time_follows_the_clock_change() {
    let friday = alone(case("2026-03-27T08:30Z", 1), OFFICE);
    assert_eq!(friday, span("2026-03-27T09:00:00Z", "2026-03-27T09:01:00Z"));
    // British summer time begins on Sunday, 29 March 2026: nine o'clock is eight in UTC.
    let monday = alone(case("2026-03-28T08:30Z", 1), OFFICE);
    assert_eq!(monday, span("2026-03-30T08:00:00Z", "2026-03-30T08:01:00Z"));
}

#[test]
fn the_days_of_the_clock_change_have_23_and_25_hours() {
    let day = "Sun 00:00-24:00 Europe/London";
    let spring = |hours: u64| alone(case("2026-03-29T00:00Z", hours * 60), day).1;
    assert_eq!(spring(23), "2026-03-29T23:00:00Z");
    assert_eq!(spring(24), "2026-04-05T00:00:00Z");
    let autumn = |hours: u64| alone(case("2026-10-24T23:00Z", hours * 60), day).1;
    assert_eq!(autumn(25), "2026-10-26T00:00:00Z");
    assert_eq!(autumn(26), "2026-11-01T01:00:00Z");
}

#[test]
fn a_time_that_the_clock_skips_is_the_moment_of_the_jump() {
    // In London 01:00 to 02:00 is skipped on 29 March 2026, at 01:00 UTC.
    let probe = |hours: &str, minutes: u64| {
        alone(
            case("2026-03-28T12:00Z", minutes),
            &format!("{hours} Europe/London"),
        )
    };
    let into = probe("Sun 00:00-01:30", 60);
    assert_eq!(into, span("2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"));
    assert_eq!(probe("Sun 00:00-01:30", 61).1, "2026-04-04T23:01:00Z");
    let out_of = probe("Sun 01:30-03:00", 60);
    assert_eq!(out_of, span("2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"));
    let inside = probe("Sun 01:10-01:50", 5);
    assert_eq!(inside, span("2026-04-05T00:10:00Z", "2026-04-05T00:15:00Z"));
    // Samoa skipped Friday, 30 December 2011, as a whole.
    let samoa = alone(case("2011-12-29T20:00Z", 5), "Fri 09:00-17:00 Pacific/Apia");
    assert_eq!(samoa, span("2012-01-05T19:00:00Z", "2012-01-05T19:05:00Z"));
}

#[test]
fn a_time_that_comes_twice_is_the_first_of_the_two() {
    // In London 01:00 to 02:00 comes twice on 25 October 2026, from 00:00 and from 01:00 UTC.
    let probe = |hours: &str, minutes: u64| {
        alone(
            case("2026-10-24T12:00Z", minutes),
            &format!("{hours} Europe/London"),
        )
    };
    let out_of = probe("Sun 01:30-03:00", 150);
    assert_eq!(out_of, span("2026-10-25T00:30:00Z", "2026-10-25T03:00:00Z"));
    let into = probe("Sun 00:00-01:30", 90);
    assert_eq!(into, span("2026-10-24T23:00:00Z", "2026-10-25T00:30:00Z"));
}

#[test]
fn a_night_shift_belongs_to_the_day_on_which_it_begins() {
    let night = "Mon-Fri 22:00-06:00";
    let saturday = alone(case("2026-01-17T05:50Z", 20), night);
    assert_eq!(
        saturday,
        span("2026-01-17T05:50:00Z", "2026-01-19T22:10:00Z")
    );
    let sunday = alone(case("2026-01-19T01:00Z", 5), "Sun 22:00-06:00");
    assert_eq!(sunday, span("2026-01-19T01:00:00Z", "2026-01-19T01:05:00Z"));
}

/// When a case that comes at each half hour of three weeks would start and how far an hour reaches.
fn profile(hours: &str) -> Vec<(String, String)> {
    let first = at("2026-01-01T00:00Z");
    let step = i64::try_from(30 * MINUTE).unwrap();
    let probe = |place: i64| Arrival {
        time: first + place * step,
        ..case("1970-01-01T00:00Z", 60)
    };
    (0..3 * 7 * 48)
        .map(|place| alone(probe(place), hours))
        .collect()
}

#[test]
fn the_same_hours_may_be_written_in_many_ways() {
    let pairs = [
        ("09:00-17:00", "Mon-Sun 9:00-17:00 UTC"),
        ("Mon-Fri 09:00-17:00", "monday–FRIDAY 09:00 – 17:00 utc"),
        (
            "Mon,Wed, Fri 08:00-12:00",
            "Mo 08:00-12:00, We 08:00-12:00, Fri 08:00-12:00",
        ),
        (
            "Mon-Fri 09:00-12:00, 13:00-17:00",
            "Mon-Fri 13:00-17:00, Mon-Fri 09:00-12:00",
        ),
        (
            "Mon 09:00-13:00, 11:00-15:00, 12:00-12:30",
            "Mon 09:00-15:00",
        ),
        ("Mon 20:00-24:00, Tue 00:00-04:00", "Mon 20:00-04:00"),
        (
            "Mon 20:00-08:00, Tue 06:00-10:00",
            "Mon 20:00-24:00, Tue 00:00-10:00",
        ),
        ("Fri-Mon 10:00-12:00", "Fri, Sat, Sun, Mon 10:00-12:00"),
        ("24/7", "Always"),
        ("always", "Mon-Sun 00:00-24:00"),
        ("always, Mon 09:00-10:00", "00:00-12:00, 12:00-24:00"),
        ("Mon 10:00-11:00 Asia/Kolkata", "Mon 04:30-05:30 Etc/UTC"),
        ("Mon 10:00-11:00 europe/berlin", "Mon 09:00-10:00"),
    ];
    for (one, other) in pairs {
        assert!(profile(one) == profile(other), "`{one}` and `{other}`");
    }
    assert!(profile("Mon 09:00-17:00") != profile("Mon 09:00-17:30"));
}

#[test]
fn hours_that_cannot_be_read_are_explained() {
    let cases = [
        (
            "  ",
            "no working hours are given",
            "write for example `Mon-Fri 09:00-17:00",
        ),
        (
            "Mon-Fri",
            "the hours `Mon-Fri` name no times of day after `Mon-Fri`",
            "`24/7`",
        ),
        (
            "Europe/London",
            "the hours `Europe/London` name no times of day",
            "write for example",
        ),
        (
            "Mon 09:00-17:00, Sat UTC",
            "the hours `Mon 09:00-17:00, Sat UTC` name no times of day after `Sat`",
            "write for example",
        ),
        (
            "Mon-Fry 09:00-17:00",
            "`Mon-Fry` in the hours `Mon-Fry 09:00-17:00` is no day of the week",
            "days are Mon, Tue,",
        ),
        (
            "M 09:00-17:00",
            "`M` in the hours `M 09:00-17:00` is no day of the week",
            "days are Mon",
        ),
        (
            "Mon 9am-5pm",
            "`9am-5pm` in the hours `Mon 9am-5pm` is no range of times",
            "times run from 00:00 to 24:00",
        ),
        (
            "09:00",
            "`09:00` in the hours `09:00` is no range of times",
            "times run",
        ),
        (
            "09:00-25:00",
            "`09:00-25:00` in the hours `09:00-25:00` is no range of times",
            "times",
        ),
        (
            "24:00-25:00",
            "`24:00-25:00` in the hours `24:00-25:00` is no range of times",
            "times",
        ),
        (
            "9:0-17:60",
            "`9:0-17:60` in the hours `9:0-17:60` is no range of times",
            "times",
        ),
        (
            "09:00-09:00",
            "`09:00-09:00` in the hours `09:00-09:00` begins and ends at the same time",
            "the whole day is `00:00-24:00`",
        ),
        (
            "09:00-17:00 Europe/Lodnon",
            "there is no time zone `Europe/Lodnon`",
            "did you mean `Europe/London`?",
        ),
        (
            "always berlin",
            "there is no time zone `berlin`",
            "did you mean `Europe/Berlin`?",
        ),
        (
            "always +02:00",
            "there is no time zone `+02:00`",
            "zones have names such as",
        ),
        (
            "Mon 09:00-17:00 Europe/London, Tue 09:00-17:00",
            "the time zone `Europe/London` is not at the end of the hours \
             `Mon 09:00-17:00 Europe/London, Tue 09:00-17:00`",
            "comes last",
        ),
    ];
    for (text, message, hint) in cases {
        let error = text.parse::<Hours>().unwrap_err();
        assert_eq!(error.to_string(), message);
        let found = error.hint().unwrap();
        assert!(found.contains(hint), "{text}: {found}");
        assert_eq!(error.exit_code(), ExitCode::Input);
    }
}

#[test]
fn the_zone_has_its_usual_name() {
    let zone = |text: &str| text.parse::<Hours>().unwrap().zone().to_owned();
    assert_eq!(zone("09:00-17:00 europe/london"), "Europe/London");
    assert_eq!(zone("always"), "UTC");
}

fn summary(arrivals: &[Arrival], hours: &str, reviewers: u32) -> Summary {
    simulate(arrivals, hours, reviewers, FIFO).summary
}

#[test]
fn quantiles_are_waiting_times_of_cases_by_nearest_rank() {
    // Ten cases at once, a minute each: they wait 0, 1, .. 9 minutes.
    let waits = summary(&[minute(0, 1); 10], "24/7", 1).waits;
    assert_eq!(
        [waits.p50, waits.p90, waits.p99, waits.max],
        [240.0, 480.0, 540.0, 540.0]
    );
    assert_eq!(waits.mean, 270.0);
    // Eleven: half of them is five and a half, so the sixth.
    assert_eq!(summary(&[minute(0, 1); 11], "24/7", 1).waits.p50, 300.0);
    // A hundred: the 50th, 90th and 99th.
    let waits = summary(&[minute(0, 1); 100], "24/7", 1).waits;
    assert_eq!(
        [waits.p50, waits.p90, waits.p99, waits.max],
        [2940.0, 5340.0, 5880.0, 5940.0]
    );
    let one = summary(&[minute(0, 1)], "24/7", 1).waits;
    assert_eq!([one.mean, one.p50, one.p99, one.max], [0.0; 4]);
}

#[test]
fn waiting_counts_nights_and_weekends_but_not_the_review() {
    let waits = summary(
        &[case("2026-01-16T16:50Z", 30), case("2026-01-16T16:55Z", 1)],
        OFFICE,
        1,
    )
    .waits;
    assert_eq!(waits.p50, 0.0);
    let until_monday = (2 * 24 + 16) * 3600 + 25 * 60;
    assert_eq!(waits.max, f64::from(until_monday));
}

#[test]
fn a_case_is_late_when_its_review_ends_after_its_own_deadline() {
    let due = |handling: u64, deadline: Option<u64>| Arrival {
        deadline,
        ..minute(0, handling)
    };
    // They end after 5, 11 and 18 minutes.
    let arrivals = [
        due(5, Some(5 * MINUTE)),
        due(6, Some(11 * MINUTE - 1)),
        due(7, None),
    ];
    let found = summary(&arrivals, "24/7", 1);
    assert_eq!((found.cases, found.with_deadline, found.late), (3, 2, 1));
    assert_eq!(found.late_share(), Some(0.5));
    assert_eq!(summary(&[minute(0, 5)], "24/7", 1).late_share(), None);
}

#[test]
fn deadlines_run_through_the_night() {
    let due = |hours: u64| Arrival {
        deadline: Some(hours * HOUR),
        ..case("2026-01-14T16:50Z", 20)
    };
    let late = |hours| summary(&[due(hours)], OFFICE, 1).late;
    // It ends at 09:10 the next morning, 16 hours and 20 minutes after it came.
    assert_eq!((late(4), late(16), late(17)), (1, 1, 0));
}

#[test]
fn utilisation_is_work_over_working_time_from_first_arrival_to_last_end() {
    // Monday 16:00 to Tuesday 10:00 are two hours of office time for each of two reviewers.
    let arrivals = [case("2026-01-12T16:00Z", 60), case("2026-01-13T09:30Z", 30)];
    let found = summary(&arrivals, OFFICE, 2);
    assert_eq!(found.review_hours, 1.5);
    assert_eq!(found.utilisation, Some(1.5 / 4.0));
    // What comes in the night costs nothing before the morning.
    let early = summary(&[case("2026-01-12T23:00Z", 60)], OFFICE, 1);
    assert_eq!(early.utilisation, Some(1.0));
    assert_eq!(
        summary(&[case("2026-01-12T23:00Z", 0)], OFFICE, 1).utilisation,
        None
    );
}

/// The date and the backlog of each day.
fn days(summary: &Summary) -> Vec<(String, u64)> {
    let days = summary.days.iter();
    days.map(|day| (day.date.to_string(), day.backlog))
        .collect()
}

#[test]
fn the_backlog_is_counted_at_the_end_of_every_local_day() {
    let arrivals = [
        // 23:30 on Thursday in Berlin, and half past midnight on Friday.
        case("2026-01-15T22:30Z", 60),
        case("2026-01-15T23:30Z", 9 * 60),
        // Under review over the weekend.
        case("2026-01-16T08:00Z", 60),
    ];
    let found = summary(&arrivals, "Mon-Fri 09:00-17:00 Europe/Berlin", 1);
    let expected = [
        ("2026-01-15", 1),
        ("2026-01-16", 2),
        ("2026-01-17", 2),
        ("2026-01-18", 2),
        ("2026-01-19", 0),
    ];
    let expected = expected.map(|(date, backlog)| (date.to_owned(), backlog));
    assert_eq!(days(&found), expected);
    assert_eq!(found.largest_backlog, 3);
}

#[test]
fn what_ends_at_midnight_is_not_in_the_backlog_and_makes_no_further_day() {
    let arrivals = [case("2026-01-15T23:00Z", 60), case("2026-01-15T23:00Z", 60)];
    let found = summary(&arrivals, "24/7", 2);
    assert_eq!(days(&found), [("2026-01-15".to_owned(), 0)]);
    assert_eq!(found.largest_backlog, 2);
    // One that comes at midnight belongs to the new day, even if it takes no time.
    let found = summary(&[arrivals[0], case("2026-01-16T00:00Z", 0)], "24/7", 1);
    assert_eq!(days(&found), [("2026-01-15".to_owned(), 0)]);
    let found = summary(&[arrivals[0], case("2026-01-16T00:00Z", 1)], "24/7", 1);
    let expected = [("2026-01-15".to_owned(), 0), ("2026-01-16".to_owned(), 0)];
    assert_eq!(days(&found), expected);
}

#[test]
fn a_case_that_leaves_as_another_comes_does_not_raise_the_largest_backlog() {
    let arrivals = [
        minute(0, 5),
        minute(5, 5),
        minute(10, 0),
        minute(10, 5),
        minute(12, 1),
    ];
    assert_eq!(summary(&arrivals, "24/7", 1).largest_backlog, 2);
}

/// Cases that come at once, take ten minutes each and have half an hour.
fn burst(cases: usize) -> Vec<Arrival> {
    let urgent = Arrival {
        deadline: Some(30 * MINUTE),
        ..minute(0, 10)
    };
    vec![urgent; cases]
}

#[test]
fn the_smallest_team_is_just_large_enough() {
    let smallest = |cases: usize, share: f64, order: Order| {
        let team = queue(&burst(cases), "24/7", order).smallest_team(share);
        team.map(NonZeroU32::get)
    };
    for order in [FIFO, Order::Priority] {
        // Each reviewer does three in time.
        assert_eq!(smallest(30, 1.0, order), Some(10));
        assert_eq!(smallest(31, 1.0, order), Some(11));
        assert_eq!(smallest(100, 0.95, order), Some(32));
        // 7 of 100 are 7 %, although 0.07 * 100 is more than 7 in doubles.
        assert_eq!(smallest(100, 0.07, order), Some(3));
        assert_eq!(smallest(100, 0.060_001, order), Some(3));
        assert_eq!(smallest(100, 0.06, order), Some(2));
        for senseless in [0.0, -1.0, 1.000_001, f64::NAN] {
            assert_eq!(smallest(30, senseless, order), None);
        }
    }
}

#[test]
fn a_burst_needs_more_than_the_load_of_the_whole_month() {
    let month = 30 * 24 * 60;
    let mut arrivals = burst(30);
    arrivals.extend(burst(1).iter().map(|case| Arrival {
        time: minute(month, 0).time,
        ..*case
    }));
    for order in [FIFO, Order::Priority] {
        let found = queue(&arrivals, "24/7", order).smallest_team(1.0);
        assert_eq!(found, Some(team(10)));
    }
}

#[test]
fn no_team_is_large_enough_when_handling_or_hours_forbid_it() {
    let due = |time: &str, minutes: u64| Arrival {
        deadline: Some(30 * MINUTE),
        ..case(time, minutes)
    };
    let smallest = |arrivals: &[Arrival], share: f64| {
        let team = queue(arrivals, OFFICE, FIFO).smallest_team(share);
        team.map(NonZeroU32::get)
    };
    assert_eq!(smallest(&[due("2026-01-14T10:00Z", 31)], 0.95), None);
    assert_eq!(smallest(&[due("2026-01-14T10:00Z", 30)], 0.95), Some(1));
    assert_eq!(smallest(&[due("2026-01-14T20:00Z", 1)], 0.95), None);
    assert_eq!(smallest(&[case("2026-01-14T10:00Z", 1)], 0.95), None);
    // The case at night is given up, the two others are done side by side.
    let mixed = [
        "2026-01-14T10:00Z",
        "2026-01-14T10:00Z",
        "2026-01-14T20:00Z",
    ];
    let mixed = mixed.map(|time| due(time, 30));
    assert_eq!(smallest(&mixed, 0.66), Some(2));
    assert_eq!(smallest(&mixed, 0.33), Some(1));
    assert_eq!(smallest(&mixed, 0.67), None);
}

#[test]
fn under_priority_a_larger_team_may_fail_and_the_smallest_is_found_all_the_same() {
    let urgent = |time: u32, handling: u64| Arrival {
        priority: 1.0,
        deadline: Some(30 * MINUTE),
        ..minute(time, handling)
    };
    // Two reviewers are both free at 10 and begin the two long cases, just before the urgent one.
    let long = minute(0, 100);
    let arrivals = [urgent(0, 10), urgent(0, 10), long, long, urgent(12, 1)];
    let found = queue(&arrivals, "24/7", Order::Priority);
    let late = |reviewers| found.simulate(team(reviewers)).unwrap().summary.late;
    assert_eq!([late(1), late(2), late(3)], [0, 1, 0]);
    assert_eq!(found.smallest_team(1.0), Some(team(1)));
}

#[test]
fn nothing_to_review_is_no_queue() {
    let hours: Hours = OFFICE.parse().unwrap();
    assert!(Queue::new(&[], &hours, FIFO).unwrap().is_none());
}

#[test]
fn a_queue_that_does_not_end_within_a_hundred_years_is_refused() {
    let weeks = |count: usize| vec![case("2026-01-14T10:00Z", 1); count];
    let hours = "Fri 09:00-09:01";
    assert!(queue(&weeks(5000), hours, FIFO).simulate(team(1)).is_ok());
    let error = queue(&weeks(5300), hours, FIFO)
        .simulate(team(1))
        .unwrap_err();
    assert_eq!(
        error,
        QueueError::Unending {
            reviewers: 1,
            years: 100
        }
    );
    assert!(error.hint().unwrap().contains("more reviewers"));
    assert!(queue(&weeks(5300), hours, FIFO).simulate(team(2)).is_ok());
    let endless = Arrival {
        handling: u64::MAX,
        deadline: Some(u64::MAX),
        ..minute(0, 1)
    };
    let endless = queue(&[endless; 3], "24/7", FIFO);
    assert!(endless.simulate(team(2)).is_err());
    assert_eq!(endless.smallest_team(0.5), None);
}

#[test]
fn a_time_outside_the_calendar_is_refused() {
    let hours: Hours = OFFICE.parse().unwrap();
    for time in [i64::MIN, i64::MAX] {
        let outside = Arrival {
            time,
            ..minute(0, 1)
        };
        let error = Queue::new(&[minute(0, 1), outside], &hours, FIFO).unwrap_err();
        assert_eq!(error, QueueError::NotATime { time });
    }
}
