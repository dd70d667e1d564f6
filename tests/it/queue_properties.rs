//! Properties of the queue that hold for every input, and the same queue played minute by minute on
//! the clock on the wall.

use std::num::NonZeroU32;

use gonogo::queue::{Arrival, Order, Queue, Service};
use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use proptest::prelude::*;

use crate::queue::{HOUR, MINUTE, queue, team};

const ORDERS: [Order; 2] = [Order::FirstInFirstOut, Order::Priority];

/// Hours whose ends avoid what clock changes skip or repeat, with the zone and the days, and the
/// minutes of the day that are open.
struct Shift {
    hours: &'static str,
    zone: &'static str,
    is_open: fn(Weekday, i32) -> bool,
    /// A day or two before a clock change, in seconds since the epoch.
    begin: i64,
}

fn is_workday(day: Weekday) -> bool {
    !matches!(day, Weekday::Saturday | Weekday::Sunday)
}

fn shifts() -> [Shift; 5] {
    let seconds = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
    [
        Shift {
            hours: "Mon-Fri 09:00-17:00 Europe/London",
            zone: "Europe/London",
            is_open: |day, minute| is_workday(day) && (540..1020).contains(&minute),
            begin: seconds("2026-03-26T00:00Z"),
        },
        Shift {
            hours: "22:00-06:00 Europe/London",
            zone: "Europe/London",
            is_open: |_, minute| !(360..1320).contains(&minute),
            begin: seconds("2026-10-23T12:00Z"),
        },
        Shift {
            hours: "Mon-Sat 06:30-12:00, 13:00-20:15, Sun 00:00-12:00 America/New_York",
            zone: "America/New_York",
            is_open: |day, minute| {
                let halves = (390..720).contains(&minute) || (780..1215).contains(&minute);
                if day == Weekday::Sunday {
                    minute < 720
                } else {
                    halves
                }
            },
            begin: seconds("2026-10-30T12:00Z"),
        },
        Shift {
            // Half an hour of daylight saving.
            hours: "Sat-Sun 00:00-12:00, Mon 08:00-08:05, Sun 10:00-18:00 Australia/Lord_Howe",
            zone: "Australia/Lord_Howe",
            is_open: |day, minute| match day {
                Weekday::Saturday => minute < 720,
                Weekday::Sunday => minute < 1080,
                Weekday::Monday => (480..485).contains(&minute),
                _ => false,
            },
            begin: seconds("2026-04-03T00:00Z"),
        },
        Shift {
            hours: "24/7",
            zone: "UTC",
            is_open: |_, _| true,
            begin: seconds("1969-12-31T00:00Z"),
        },
    ]
}

/// The clock on the wall of a shift.
struct Wall {
    zone: TimeZone,
    is_open: fn(Weekday, i32) -> bool,
}

impl Wall {
    fn of(shift: &Shift) -> Self {
        Self {
            zone: TimeZoneDatabase::bundled().get(shift.zone).unwrap(),
            is_open: shift.is_open,
        }
    }

    fn is_open(&self, instant: i64) -> bool {
        let instant = Timestamp::from_microsecond(instant).unwrap();
        let wall = self.zone.to_datetime(instant);
        let minute = i32::from(wall.hour()) * 60 + i32::from(wall.minute());
        (self.is_open)(wall.weekday(), minute)
    }
}

/// Plays the queue minute by minute; times and handling times are whole minutes.
fn play(arrivals: &[Arrival], wall: &Wall, reviewers: usize, order: Order) -> Vec<Service> {
    let minute = i64::try_from(MINUTE).unwrap();
    let key = |case: &Arrival| (case.time, case.handling, case.deadline.unwrap_or(u64::MAX));
    let first = |a: &Arrival, b: &Arrival| {
        let urgent = b.priority.total_cmp(&a.priority);
        let time = a.time.cmp(&b.time);
        match order {
            Order::FirstInFirstOut => key(a).cmp(&key(b)),
            Order::Priority => urgent.then(time).then(key(a).cmp(&key(b))),
        }
    };
    let mut services: Vec<Option<Service>> = vec![None; arrivals.len()];
    let mut left: Vec<u64> = arrivals.iter().map(|case| case.handling).collect();
    let mut desks: Vec<Option<usize>> = vec![None; reviewers];
    let mut now = arrivals.iter().map(|case| case.time).min().unwrap();
    while services.contains(&None) || desks.iter().any(Option::is_some) {
        if wall.is_open(now) {
            for desk in &mut desks {
                let waits =
                    |place: &usize| services[*place].is_none() && arrivals[*place].time <= now;
                let mut waiting: Vec<usize> = (0..arrivals.len()).filter(waits).collect();
                waiting.sort_by(|a, b| first(&arrivals[*a], &arrivals[*b]));
                let mut waiting = waiting.into_iter();
                while desk.is_none()
                    && let Some(next) = waiting.next()
                {
                    services[next] = Some(Service {
                        start: now,
                        end: now,
                    });
                    *desk = (left[next] > 0).then_some(next);
                }
            }
            for desk in &mut desks {
                if let Some(place) = *desk {
                    left[place] -= MINUTE;
                    services[place].as_mut().unwrap().end = now + minute;
                    *desk = (left[place] > 0).then_some(place);
                }
            }
        }
        now += minute;
    }
    services.into_iter().flatten().collect()
}

/// Cases over four days, in whole minutes, with ties.
fn arrivals(most: usize) -> impl Strategy<Value = Vec<Arrival>> {
    let bunched = prop_oneof![0..5760_i64, (0..96_i64).prop_map(|hour| hour * 60)];
    let handling = prop_oneof![Just(0_u64), Just(10), 1..200_u64];
    let deadline = prop::option::of(prop_oneof![Just(4 * HOUR), (0..100 * HOUR)]);
    let one =
        (bunched, handling, 0..4_u8, deadline).prop_map(|(time, handling, rank, deadline)| {
            Arrival {
                time: time * 60_000_000,
                handling: handling * MINUTE,
                priority: f64::from(rank),
                deadline,
            }
        });
    prop::collection::vec(one, 1..most)
}

/// The same cases from the beginning of a shift on.
fn laid(arrivals: &[Arrival], shift: &Shift) -> Vec<Arrival> {
    let later = |case: &Arrival| Arrival {
        time: case.time + shift.begin * 1_000_000,
        ..*case
    };
    arrivals.iter().map(later).collect()
}

/// Cases with their reviews, sorted, so that cases without a difference may change places.
fn sorted(
    arrivals: &[Arrival],
    services: &[Service],
    order: Order,
) -> Vec<(i64, u64, u64, i64, i64)> {
    let mut rows: Vec<_> = arrivals
        .iter()
        .zip(services)
        .map(|(case, service)| {
            let rank = match order {
                Order::FirstInFirstOut => 0,
                Order::Priority => case.priority as u64,
            };
            let rank = rank * 1000 * HOUR + case.deadline.unwrap_or(999 * HOUR);
            (case.time, case.handling, rank, service.start, service.end)
        })
        .collect();
    rows.sort_unstable();
    rows
}

fn in_time(queue: &Queue, reviewers: u32, share: f64) -> bool {
    let summary = queue.simulate(team(reviewers)).unwrap().summary;
    let in_time = summary.with_deadline - summary.late;
    in_time as f64 / summary.with_deadline as f64 >= share
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_queue_is_what_the_clock_on_the_wall_says(
        cases in arrivals(16), reviewers in 1..4_u32, which in 0..5_usize,
    ) {
        let shift = &shifts()[which];
        let cases = laid(&cases, shift);
        for order in ORDERS {
            let found = queue(&cases, shift.hours, order).simulate(team(reviewers)).unwrap();
            let expected = play(&cases, &Wall::of(shift), reviewers as usize, order);
            prop_assert_eq!(
                sorted(&cases, &found.services, order),
                sorted(&cases, &expected, order),
                "{:?}, {}", order, shift.hours
            );
        }
    }

    #[test]
    fn the_order_of_the_input_changes_nothing(
        cases in arrivals(60).prop_flat_map(|cases| (Just(cases.clone()), Just(cases).prop_shuffle())),
        reviewers in 1..5_u32, which in 0..5_usize,
    ) {
        let (cases, shuffled) = cases;
        let hours = shifts()[which].hours;
        for order in ORDERS {
            let one = queue(&cases, hours, order);
            let other = queue(&shuffled, hours, order);
            let found = one.simulate(team(reviewers)).unwrap();
            let again = other.simulate(team(reviewers)).unwrap();
            prop_assert_eq!(&found.summary, &again.summary);
            prop_assert_eq!(sorted(&cases, &found.services, order), sorted(&shuffled, &again.services, order));
            prop_assert_eq!(one.smallest_team(0.9), other.smallest_team(0.9));
        }
    }

    #[test]
    fn first_in_first_out_starts_in_order_and_nobody_loses_by_another_reviewer(
        cases in arrivals(60), reviewers in 1..6_u32, which in 0..5_usize,
    ) {
        let queue = queue(&cases, shifts()[which].hours, Order::FirstInFirstOut);
        let few = queue.simulate(team(reviewers)).unwrap().services;
        let more = queue.simulate(team(reviewers + 1)).unwrap().services;
        for (few, more) in few.iter().zip(&more) {
            prop_assert!(more.start <= few.start && more.end <= few.end);
        }
        let mut starts: Vec<(i64, i64)> =
            cases.iter().zip(&few).map(|(case, service)| (case.time, service.start)).collect();
        starts.sort_unstable();
        prop_assert!(starts.is_sorted_by_key(|(_, start)| *start));
    }

    #[test]
    fn the_smallest_team_is_the_first_that_meets_the_share(
        cases in arrivals(40), which in 0..5_usize,
        share in prop_oneof![Just(0.95), Just(1.0), Just(0.5), 0.01..1.0_f64],
    ) {
        for order in ORDERS {
            let queue = queue(&cases, shifts()[which].hours, order);
            let most = u32::try_from(cases.len()).unwrap();
            let expected = (1..=most).find(|reviewers| in_time(&queue, *reviewers, share));
            prop_assert_eq!(queue.smallest_team(share).map(NonZeroU32::get), expected);
        }
    }

    #[test]
    fn the_summary_agrees_with_the_services(
        cases in arrivals(40), reviewers in 1..4_u32, which in 0..5_usize,
    ) {
        let shift = &shifts()[which];
        let cases = laid(&cases, shift);
        let found = queue(&cases, shift.hours, Order::Priority).simulate(team(reviewers)).unwrap();
        let (summary, services) = (found.summary, found.services);
        let pairs = || cases.iter().zip(&services);
        let late = pairs().filter(|(case, service)| {
            case.deadline.is_some_and(|deadline| service.end.abs_diff(case.time) > deadline)
        });
        prop_assert_eq!(summary.late, late.count() as u64);
        let in_system = |instant: i64| {
            let inside = pairs().filter(|(case, service)| case.time <= instant && instant < service.end);
            inside.count() as u64
        };
        let largest = cases.iter().map(|case| in_system(case.time)).max();
        prop_assert_eq!(Some(summary.largest_backlog), largest);
        prop_assert!(summary.utilisation.is_none_or(|share| (0.0..=1.0).contains(&share)));
        let zone = Wall::of(shift).zone;
        for day in &summary.days {
            let midnight = day.date.tomorrow().unwrap().to_zoned(zone.clone()).unwrap();
            let midnight = midnight.timestamp().as_microsecond();
            let left = pairs().filter(|(case, service)| case.time < midnight && midnight < service.end);
            prop_assert_eq!(day.backlog, left.count() as u64);
        }
        prop_assert_eq!(summary.days.last().map(|day| day.backlog), Some(0));
    }
}
