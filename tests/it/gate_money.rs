//! Comparisons of money, and of how much is escalated, where routes and prices vary from log to log
//! as well as the errors. Each simulation stands beside one of the way that takes what is known of
//! this log for a constant, which fails for nothing too often.

use ethnum::U256;
use gonogo::config::{Demand, Margin, Metric};
use gonogo::estimate::compare::{Limits, mover_difference};
use gonogo::estimate::cost::Prices;
use gonogo::estimate::metric::Facts;
use gonogo::estimate::rates::{Cell, Labelling};
use gonogo::estimate::split::{Split, Splits};
use gonogo::estimate::swap::{Pair, Parts};
use gonogo::estimate::verdict::{Verdict, against_baseline, against_limit, settle};
use gonogo::rate::Level;
use gonogo::tally::{Account, Counts, Money, Sums};

use super::gate_routing::{Moves, share};
use super::gate_statistics::{Dice, RUNS, TAIL, with_chance};

const PRICES: Prices = Prices {
    reviewer_error: 0.0,
    per_minute: None,
    seconds: None,
};

/// Cases of some fate, all labelled: whether each is wrong, and what it is worth.
type Cases = Vec<(bool, u64)>;

/// So many cases, each wrong with a probability, of the values 1, 10 and 100 at random where these
/// are to differ.
fn drawn(cases: u64, wrong: f64, differ: bool, dice: &mut Dice) -> Cases {
    let mut case = || {
        let value = if differ {
            10_u64.pow(dice.count(2, 0.4) as u32)
        } else {
            1
        };
        (dice.count(1, wrong) == 1, value)
    };
    (0..cases).map(|_| case()).collect()
}

/// The cell of cases in a ledger in which a case counts so much, times its value or not.
fn cell(cases: &Cases, price: impl Fn(u64) -> u64) -> Cell {
    let (mut counts, mut money) = (Counts::default(), Money::default());
    for (wrong, value) in cases {
        let micros = price(*value) * 1_000_000;
        let square = U256::from(micros) * U256::from(micros);
        money.at_stake += u128::from(micros);
        money.squares += square;
        money.largest = money.largest.max(micros);
        if *wrong {
            counts.wrong += 1;
            money.wrong += u128::from(micros);
            money.wrong_squares += square;
        } else {
            counts.right += 1;
        }
    }
    Cell {
        labelling: Labelling::Certain,
        sums: Sums {
            counts,
            money: Some(Box::new(money)),
            weights: None,
        },
    }
}

/// Cases by their side in every ledger: values, errors at `error` times the value, reviews at
/// `review` each.
fn ledgers(auto: &Cases, escalated: &Cases, (review, error): (u64, u64)) -> Splits {
    let split = |price: &dyn Fn(u64) -> u64| Split {
        auto: vec![cell(auto, price)],
        escalated: vec![cell(escalated, price)],
    };
    let all = [
        (Account::Value, split(&|value| value)),
        (Account::ErrorCost, split(&|value| error * value)),
        (Account::ReviewCost, split(&|_| review)),
    ];
    all.into_iter().collect()
}

fn fails(finding: gonogo::estimate::verdict::Finding) -> u32 {
    u32::from(settle(&[finding], TAIL) == [Verdict::Fail])
}

/// Limits of the cost of a case as if its reviews were known of the process.
fn at_known_reviews(facts: &Facts) -> Option<Limits> {
    let cost = PRICES.cost(&facts.splits, Level::new(1.0 - 2.0 * TAIL)?);
    let cases = facts.ground(Metric::EscalationRate).cases as f64;
    Some(Limits {
        estimate: cost.per_case?,
        low: cost.low? / cases,
        high: cost.high? / cases,
    })
}

#[test]
fn costs_that_did_not_change_seldom_fail_between_two_logs() {
    let mut dice = Dice::seeded(41);
    let mut worst = 0.0_f64;
    for (auto, wrong, differ) in [(0.5, 0.02, false), (0.97, 0.02, false), (0.5, 0.02, true)] {
        let (mut failed, mut fixed, mut wronged) = (0, 0, [0; 2]);
        let truth = auto * wrong * 10.0 * if differ { 21.16 } else { 1.0 } + (1.0 - auto) * 5.0;
        for _ in 0..RUNS {
            let mut log = || {
                let approved = dice.count(1000, auto);
                let auto = drawn(approved, wrong, differ, &mut dice);
                let escalated = drawn(1000 - approved, 0.2, differ, &mut dice);
                Facts {
                    splits: ledgers(&auto, &escalated, (5, 10)),
                    prices: Some(PRICES),
                }
            };
            let (new, base) = (log(), log());
            let margin = Margin::Absolute(0.0);
            let finding = against_baseline((&new, &base), Metric::Cost, margin, TAIL);
            let estimate = finding.limits.unwrap().estimate;
            let old = mover_difference(
                at_known_reviews(&new).unwrap(),
                at_known_reviews(&base).unwrap(),
            );
            assert!((estimate - old.estimate).abs() < 1e-9);
            failed += fails(finding);
            fixed += u32::from(old.low > 0.0);
            let verdict = settle(
                &[against_limit(
                    &new,
                    Metric::Cost,
                    Demand::AtMost(truth),
                    TAIL,
                )],
                TAIL,
            );
            wronged[0] += u32::from(verdict == [Verdict::Fail]);
            wronged[1] += u32::from(verdict == [Verdict::Pass]);
        }
        for count in [failed, wronged[0], wronged[1]] {
            let wronged = share(count);
            assert!(wronged <= with_chance(TAIL), "{auto} {differ}: {wronged}");
        }
        worst = worst.max(share(fixed));
    }
    assert!(worst > 0.2, "{worst}");
}

/// So many cases that fall at random to both policies, to one or to none: by what moves, and by
/// the new policy and the base.
fn pair(
    cases: u64,
    moves: &Moves,
    (prices, differ): ((u64, u64), bool),
    dice: &mut Dice,
) -> (Pair, [Facts; 2]) {
    let (mut left, mut rest) = (cases, 1.0);
    let [common, only_new, only_base] = moves.map(|(share, wrong)| {
        let here = dice.count(left, share / rest);
        left -= here;
        rest -= share;
        drawn(here, wrong, differ, dice)
    });
    let escalated = drawn(left, 0.3, differ, dice);
    let part = |cases: &Cases| ledgers(cases, &Vec::new(), prices);
    let facts = [(&only_new, &only_base), (&only_base, &only_new)].map(|(ours, theirs)| Facts {
        splits: ledgers(
            &[&common[..], ours].concat(),
            &[&escalated[..], theirs].concat(),
            prices,
        ),
        prices: Some(PRICES),
    });
    let pair = Pair {
        auto: Parts {
            common: part(&common),
            only_new: part(&only_new),
            only_base: part(&only_base),
        },
        escalated: Parts {
            common: part(&escalated),
            only_new: part(&only_base),
            only_base: part(&only_new),
        },
    };
    (pair, facts)
}

#[test]
fn policies_that_cost_as_much_and_escalate_as_many_seldom_fail_whichever_cases_move() {
    let mut dice = Dice::seeded(42);
    let (error, cost) = (Metric::ErrorValueRate, Metric::Cost);
    let safe = [(0.5, 0.3), (0.15, 0.02), (0.15, 0.02)];
    let risky = [(0.3, 0.02), (0.1, 0.3), (0.1, 0.3)];
    let few = [(0.5, 0.02), (0.1, 0.01), (0.1, 0.01)];
    let rare = [(0.9, 0.02), (0.01, 0.5), (0.01, 0.5)];
    let cases: [(Metric, Moves, bool); 6] = [
        (error, safe, false),
        (cost, few, false),
        (cost, risky, true),
        (cost, rare, false),
        (Metric::EscalationRate, few, false),
        (Metric::EscalationRate, rare, false),
    ];
    for (metric, moves, differ) in cases {
        let mut failed = 0;
        for _ in 0..RUNS {
            let (pair, [new, base]) = pair(1000, &moves, ((5, 5), differ), &mut dice);
            let finding = pair.finding(metric, Margin::Absolute(0.0), (&new, &base), TAIL);
            assert!(finding.limits.is_some());
            failed += fails(finding);
        }
        let failed = share(failed);
        assert!(
            failed <= with_chance(TAIL),
            "{metric:?} {moves:?} {differ}: {failed}"
        );
    }
}

#[test]
fn a_policy_that_costs_or_escalates_more_fails() {
    let mut dice = Dice::seeded(43);
    // It approves what is wrong more often, escalates more of what is right, and so pays for both.
    let moves = [(0.5, 0.02), (0.05, 0.3), (0.15, 0.01)];
    let (pair, [new, base]) = pair(4000, &moves, ((5, 5), false), &mut dice);
    for metric in [Metric::ErrorValueRate, Metric::Cost, Metric::EscalationRate] {
        let finding = pair.finding(metric, Margin::Absolute(0.0), (&new, &base), TAIL);
        assert_eq!(fails(finding), 1, "{metric:?}");
    }
}

#[test]
fn one_more_escalated_case_among_many_that_move_shows_nothing() {
    let dice = &mut Dice::seeded(44);
    let part = |cases: u64| ledgers(&vec![(false, 1); cases as usize], &Vec::new(), (5, 5));
    let moved = |more: u64, fewer: u64| Pair {
        auto: Parts {
            common: part(9000),
            only_new: part(fewer),
            only_base: part(more),
        },
        escalated: Parts {
            common: part(100),
            only_new: part(more),
            only_base: part(fewer),
        },
    };
    let facts = Facts::default();
    let fails = |pair: Pair| {
        let margin = Margin::Absolute(0.0);
        fails(pair.finding(Metric::EscalationRate, margin, (&facts, &facts), TAIL))
    };
    assert_eq!(fails(moved(101, 100)), 0);
    assert_eq!(fails(moved(140, 100)), 1);
    // Without any that stop being escalated there can only be more.
    assert_eq!(fails(moved(1, 0)), 1);
    assert_eq!(fails(moved(0, dice.count(100, 0.5))), 0);
}
