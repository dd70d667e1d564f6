//! The queue on simulated Poisson arrivals against waiting times that are known in closed form
//! (tables by `tests/golden/make_queue_tables.py`), with standard errors from independent runs.

use std::num::NonZeroU32;

use gonogo::queue::{Arrival, Hours, Order, Queue, Simulation};
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A mean handling time in microseconds: so long that rounding to one plays no part.
const HANDLING: f64 = 1e9;
/// Runs with a seed of their own, and the cases of each.
const RUNS: u64 = 20;
const CASES: usize = 9000;
/// Cases that are left out while the queue fills.
const WARM_UP: usize = 2000;
/// How many standard errors the mean of the runs may be off.
const MOST_ERRORS: f64 = 4.0;

#[derive(Clone, Copy)]
enum Handling {
    Exponential,
    Fixed,
}

/// Poisson arrivals at a rate per mean handling time.
struct Stream {
    handling: Handling,
    rate: f64,
    /// The share of cases with the higher of two priorities.
    high: f64,
}

impl Stream {
    fn arrivals(&self, seed: u64) -> Vec<Arrival> {
        let mut random = ChaCha12Rng::seed_from_u64(seed);
        let mut uniform = || ((random.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        let mut time = 0.0;
        let mut arrival = || {
            time -= uniform().ln() / self.rate;
            let handling = match self.handling {
                Handling::Exponential => -uniform().ln(),
                Handling::Fixed => 1.0,
            };
            Arrival {
                time: (time * HANDLING) as i64,
                handling: (handling * HANDLING) as u64,
                priority: f64::from(u8::from(uniform() < self.high)),
                deadline: None,
            }
        };
        (0..CASES).map(|_| arrival()).collect()
    }

    /// The waiting times of each run after the warm-up in mean handling times, with the priority.
    fn waits(&self, servers: u32, order: Order) -> Vec<Vec<(f64, f64)>> {
        let run = |seed| {
            let arrivals = self.arrivals(seed);
            let simulation = simulate(&arrivals, "always", servers, order);
            let services = simulation.services.iter();
            arrivals
                .iter()
                .zip(services)
                .skip(WARM_UP)
                .map(|(arrival, service)| {
                    let wait = (service.start - arrival.time) as f64 / HANDLING;
                    (wait, arrival.priority)
                })
                .collect()
        };
        (1..=RUNS).map(run).collect()
    }
}

fn simulate(arrivals: &[Arrival], hours: &str, servers: u32, order: Order) -> Simulation {
    let hours: Hours = hours.parse().unwrap();
    let queue = Queue::new(arrivals, &hours, order).unwrap().unwrap();
    queue.simulate(NonZeroU32::new(servers).unwrap()).unwrap()
}

/// How many standard errors the mean of the runs lies from a number; infinitely many where the runs
/// agree on another one.
fn errors_off(runs: &[f64], expected: f64) -> f64 {
    let count = runs.len() as f64;
    let mean = runs.iter().sum::<f64>() / count;
    let squares: f64 = runs.iter().map(|run| (run - mean).powi(2)).sum();
    let error = (squares / (count - 1.0) / count).sqrt();
    ((mean - expected) / error).abs()
}

/// Means of a function of the waiting time, one for each run.
fn means(runs: &[Vec<(f64, f64)>], measure: impl Fn(f64) -> f64) -> Vec<f64> {
    let mean = |waits: &Vec<(f64, f64)>| {
        waits.iter().map(|(wait, _)| measure(*wait)).sum::<f64>() / waits.len() as f64
    };
    runs.iter().map(mean).collect()
}

/// How far the simulation is from the chance of waiting, the mean wait, and the chance of waiting
/// longer than one handling time.
fn errors_off_all(stream: &Stream, servers: u32, expected: [f64; 3]) -> [f64; 3] {
    let runs = stream.waits(servers, Order::FirstInFirstOut);
    [
        errors_off(
            &means(&runs, |wait| f64::from(u8::from(wait > 0.0))),
            expected[0],
        ),
        errors_off(&means(&runs, |wait| wait), expected[1]),
        errors_off(
            &means(&runs, |wait| f64::from(u8::from(wait > 1.0))),
            expected[2],
        ),
    ]
}

/// Checks the rows of the table with this handling and these numbers of servers, and that one
/// server more or less would be noticed.
fn check(handling: Handling, name: &str, servers_wanted: &[u32]) {
    let table = include_str!("../golden/queue_waits.csv");
    let rows = table
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>());
    let mut checked = 0;
    for row in rows.filter(|row| row[0] == name) {
        let servers: u32 = row[1].parse().unwrap();
        if !servers_wanted.contains(&servers) {
            continue;
        }
        let number = |column: usize| row[column].parse::<f64>().unwrap();
        let rate = f64::from(servers) * number(2);
        let stream = Stream {
            handling,
            rate,
            high: 0.0,
        };
        let expected = [number(3), number(4), number(5)];
        let off = errors_off_all(&stream, servers, expected);
        assert!(off.iter().all(|off| *off < MOST_ERRORS), "{row:?}: {off:?}");
        for wrong in [servers - 1, servers + 1] {
            if wrong == 0 {
                continue;
            }
            let [waits, mean, _] = errors_off_all(&stream, wrong, expected);
            assert!(
                waits > MOST_ERRORS && mean > MOST_ERRORS,
                "{row:?}: {wrong} servers pass"
            );
        }
        checked += 1;
    }
    assert!(checked >= servers_wanted.len());
}

#[test]
fn one_to_three_servers_wait_as_erlang_c_says() {
    check(Handling::Exponential, "exponential", &[1, 2, 3]);
}

#[test]
fn ten_and_thirty_servers_wait_as_erlang_c_says() {
    check(Handling::Exponential, "exponential", &[10, 30]);
}

#[test]
fn fixed_handling_times_wait_as_pollaczek_and_khinchine_say() {
    check(Handling::Fixed, "fixed", &[1]);
}

#[test]
fn two_priorities_wait_as_cobham_says() {
    for line in include_str!("../golden/queue_priority.csv").lines().skip(1) {
        let row: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        let (servers, high) = (row[0] as u32, row[2]);
        let stream = Stream {
            handling: Handling::Exponential,
            rate: row[0] * row[1],
            high,
        };
        let of_class = |order: Order, class: f64| {
            let mut runs = stream.waits(servers, order);
            for waits in &mut runs {
                waits.retain(|(_, priority)| *priority == class);
            }
            means(&runs, |wait| wait)
        };
        for (class, expected) in [(1.0, row[3]), (0.0, row[4])] {
            let off = errors_off(&of_class(Order::Priority, class), expected);
            assert!(off < MOST_ERRORS, "{line}, class {class}: {off}");
            let off = errors_off(&of_class(Order::FirstInFirstOut, class), expected);
            assert!(off > MOST_ERRORS, "{line}, class {class}, in order: {off}");
        }
    }
}

#[test]
fn a_long_stream_uses_the_share_of_the_team_that_its_load_is() {
    let stream = Stream {
        handling: Handling::Exponential,
        rate: 7.0,
        high: 0.0,
    };
    let runs = (1..=RUNS).map(|seed| {
        let arrivals = stream.arrivals(seed);
        let simulation = simulate(&arrivals, "24/7", 10, Order::FirstInFirstOut);
        simulation.summary.utilisation.unwrap()
    });
    let off = errors_off(&runs.collect::<Vec<f64>>(), 0.7);
    assert!(off < MOST_ERRORS, "{off}");
}
