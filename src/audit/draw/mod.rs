//! The draw: which cases of a frame are looked at. A pure function of frame, design and seed; one
//! file a method. A method goes through the frame, which may be larger than memory, and keeps what
//! can be drawn. Must not know logs or people, nor where a frame lies.

mod mus_interval;
mod poisson;
mod pool;
mod pps;
mod srs;
mod stratified;
mod systematic;
mod targeted;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::pool::{Pool, Tally};
use super::allocation::LastAudit;
use super::error::DrawError;
use super::frame::{Frame, Unit, decimal};
use super::ticket::{Seed, Stream, Ticket, Tickets};

pub use super::lowest::Lowest;

/// How units are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The lowest tickets: every case with the same probability
    Srs,
    /// The lowest tickets of each stratum
    Stratified,
    /// Every so many cases in the order of the strata, then of the ids, from a random start
    Systematic,
    /// Probability proportional to value, a fixed number of cases (sequential Poisson)
    Pps,
    /// Monetary units at a fixed interval from a random start, in the order of the tickets
    MusInterval,
    /// Each case by itself at a fixed rate; the number of cases is random
    Poisson,
}

impl Method {
    /// The word that commands and documents use.
    pub fn key(self) -> &'static str {
        match self {
            Self::Srs => "srs",
            Self::Stratified => "stratified",
            Self::Systematic => "systematic",
            Self::Pps => "pps",
            Self::MusInterval => "mus-interval",
            Self::Poisson => "poisson",
        }
    }

    /// How the probability of a unit follows from the design.
    pub fn formula(self) -> &'static str {
        match self {
            Self::Srs | Self::Systematic => "n / N",
            Self::Stratified => "n_h / N_h",
            Self::Pps => {
                "1 if certain, else m x / sum of x over the units that are not, with m = n - certain"
            }
            Self::MusInterval => "min(1, n x / sum of x)",
            Self::Poisson => "rate",
        }
    }

    /// Whether a larger draw holds the smaller one.
    pub fn is_nested(self) -> bool {
        match self {
            Self::Srs | Self::Stratified | Self::Pps | Self::Poisson => true,
            Self::Systematic | Self::MusInterval => false,
        }
    }

    /// Whether probabilities follow the sizes of the cases.
    pub fn is_by_size(self) -> bool {
        match self {
            Self::Pps | Self::MusInterval => true,
            Self::Srs | Self::Stratified | Self::Systematic | Self::Poisson => false,
        }
    }
}

/// How many of each stratum are drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "rule", deny_unknown_fields)]
pub enum Allotment {
    Proportional,
    Equal,
    /// By what the last audit found in each stratum; nothing is known of those it does not name.
    Neyman {
        last: BTreeMap<String, LastAudit>,
    },
    /// By stratum, round by round; what is not named gets none.
    Fixed {
        sizes: BTreeMap<String, Vec<u64>>,
    },
}

/// What is asked of a draw, all that decides it beside frame and seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Design {
    pub method: Method,
    /// Units asked for in all, after the first draw and after each top-up; empty for `poisson`.
    pub rounds: Vec<u64>,
    /// The rates of `poisson`, after the first draw and after each top-up, in (0, 1].
    pub rates: Vec<f64>,
    /// How `stratified` spreads the units.
    pub allotment: Option<Allotment>,
    /// Where probabilities follow sizes: units drawn of those without a size, of zero size and of
    /// negative size, each.
    pub without_size: u64,
    /// Units held in reserve in each stratum.
    pub reserve: u64,
    /// Units that are looked at for their risk and never enter an estimate.
    pub targeted: u64,
}

impl Design {
    /// A plain draw of `size` units.
    pub fn new(method: Method, size: u64) -> Self {
        Self {
            method,
            rounds: vec![size],
            rates: Vec::new(),
            allotment: None,
            without_size: 0,
            reserve: 0,
            targeted: 0,
        }
    }

    /// The round of the draw, from 1.
    pub fn round(&self) -> u64 {
        self.rounds.len().max(self.rates.len()) as u64
    }

    fn check(&self) -> Result<(), DrawError> {
        let by_rate = self.method == Method::Poisson;
        let (wanted, other) = if by_rate {
            (self.rates.len(), self.rounds.len())
        } else {
            (self.rounds.len(), self.rates.len())
        };
        let what = if wanted == 0 || other > 0 {
            "poisson takes a rate, every other method a number of cases"
        } else if !by_rate && self.rounds.first() == Some(&0) {
            "the sample size is 0"
        } else if !self.rates.iter().all(|rate| *rate > 0.0 && *rate <= 1.0) {
            "a rate is above 0 and at most 1"
        } else if !self.rounds.is_sorted() || !self.rates.is_sorted() {
            "a top-up cannot be smaller than what was drawn before"
        } else if wanted > 1 && !self.method.is_nested() {
            "a larger draw of this method does not hold the smaller one, so it cannot be topped up"
        } else if self.reserve > 0 && (by_rate || self.method.is_by_size()) {
            "a reserve replaces cases by others of the same probability: srs, stratified or systematic"
        } else if self.method != Method::Stratified && self.allotment.is_some() {
            "only a stratified draw spreads its cases over strata"
        } else {
            return Ok(());
        };
        Err(DrawError::design(what))
    }
}

/// Whether a unit carries the claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Drawn at random with a known probability: enters the estimate.
    Random,
    /// Chosen for its risk: reported beside the estimate.
    Targeted,
}

/// A unit that was drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Pick {
    pub unit: Unit,
    /// The stratum as far as the estimate is concerned.
    pub stratum: String,
    pub ticket: Ticket,
    pub purpose: Purpose,
    /// The probability of being drawn, in (0, 1]; `None` for a targeted unit.
    pub probability: Option<f64>,
    /// How many intervals hit the unit; 1 but for `mus-interval`.
    pub times: u64,
    /// Whether the unit was certain to be drawn.
    pub certain: bool,
    /// The round in which the unit was drawn, from 1.
    pub round: u64,
}

impl Pick {
    fn random(unit: Unit, ticket: Ticket) -> Self {
        Self {
            unit,
            stratum: String::new(),
            ticket,
            purpose: Purpose::Random,
            probability: None,
            times: 1,
            certain: false,
            round: 1,
        }
    }
}

/// A stratum, and what was drawn of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stratum {
    pub name: String,
    /// Units that could be drawn: cases, or clusters.
    pub units: u64,
    /// Units that were drawn at random.
    pub drawn: u64,
    /// The sum of the sizes as decimal text; `None` where there is none.
    pub value: Option<String>,
    /// How likely each of its units was to be drawn.
    pub chance: Chance,
}

/// How likely a unit of a stratum is to be drawn, whether it was drawn or not.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Chance {
    /// Every unit alike.
    Equal(f64),
    /// In proportion to size, 1 at most.
    BySize {
        /// Units drawn, or hits, of those that are not certain.
        draws: u64,
        /// The size of all that is not certain, in millionths.
        #[serde(with = "as_text")]
        total: i128,
        /// The smallest size of all, in millionths: bounds of a rate of cases rest on it.
        #[serde(with = "as_text")]
        least: i128,
    },
}

impl Chance {
    /// The probability of a unit; 0 where it cannot be drawn.
    pub fn of(self, unit: &Unit) -> f64 {
        self.of_size(unit.size.unwrap_or(0))
    }

    /// The probability of the unit that is the least likely to be drawn.
    pub fn smallest(self) -> f64 {
        match self {
            Self::Equal(probability) => probability,
            Self::BySize { least, .. } => self.of_size(least),
        }
    }

    fn of_size(self, size: i128) -> f64 {
        match self {
            Self::Equal(probability) => probability,
            Self::BySize { draws, total, .. } => {
                // Exact integers, rounded once each, so that other languages get the same bits.
                let share = i128::from(draws) * size.max(0);
                if share >= total {
                    1.0
                } else {
                    share as f64 / total as f64
                }
            }
        }
    }
}

/// An integer that JSON numbers cannot hold.
mod as_text {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &i128, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&number.to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i128, D::Error> {
        let text = String::deserialize(from)?;
        let number: i128 = text.parse().map_err(D::Error::custom)?;
        // One number has one text.
        let is_plain = number.to_string() == text;
        is_plain
            .then_some(number)
            .ok_or_else(|| D::Error::custom("not a plain integer"))
    }
}

/// What one method gives.
#[derive(Clone, Debug, PartialEq)]
struct Taken {
    picks: Vec<Pick>,
    /// Those that come next.
    next: Vec<Pick>,
    chance: Chance,
}

impl Taken {
    /// As a part of a draw: what was taken of all the units of a stratum.
    fn from(mut self, all: Tally, name: &str) -> Drawn {
        for pick in self.picks.iter_mut().chain(&mut self.next) {
            name.clone_into(&mut pick.stratum);
        }
        for pick in &mut self.picks {
            pick.probability = Some(self.chance.of(&pick.unit));
        }
        let stratum = Stratum {
            name: name.to_owned(),
            units: all.units,
            drawn: self.picks.len() as u64,
            value: all.value.map(decimal),
            chance: self.chance,
        };
        Drawn {
            picks: self.picks,
            reserve: self.next,
            strata: vec![stratum],
        }
    }
}

/// A draw: units in the order in which they were drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawn {
    pub picks: Vec<Pick>,
    /// Units that replace, in this order, those that turn out not to be applicable.
    pub reserve: Vec<Pick>,
    pub strata: Vec<Stratum>,
}

impl Drawn {
    fn extend(&mut self, other: Self) {
        self.picks.extend(other.picks);
        self.reserve.extend(other.reserve);
        self.strata.extend(other.strata);
    }
}

/// What every method needs beside the units.
#[derive(Clone, Copy, Debug)]
struct Wish<'w> {
    seed: &'w Seed,
    tickets: &'w Tickets,
    /// Units wanted in all, round by round.
    rounds: &'w [u64],
    reserve: u64,
}

impl Wish<'_> {
    /// Units wanted in all.
    fn size(&self) -> u64 {
        self.rounds.last().copied().unwrap_or(0)
    }
}

/// The round in which the unit of a rank (from 0) is drawn.
fn round_of(rank: u64, rounds: &[u64]) -> u64 {
    let earlier = rounds.iter().take_while(|size| **size <= rank).count();
    earlier as u64 + 1
}

/// A number of units as one of places in memory.
fn places(units: u64) -> usize {
    usize::try_from(units).unwrap_or(usize::MAX)
}

/// Draws.
///
/// # Errors
/// When the frame is empty, the design does not fit the frame, or a temporary file of the frame
/// cannot be read.
pub fn draw(frame: &Frame, design: &Design, seed: &Seed) -> Result<Drawn, DrawError> {
    design.check()?;
    if frame.unit_count() == 0 {
        return Err(DrawError::NoCases {
            why: "the frame is empty".to_owned(),
        });
    }
    let tickets = Tickets::new(seed, Stream::Select);
    let wish = Wish {
        seed,
        tickets: &tickets,
        rounds: &design.rounds,
        reserve: design.reserve,
    };
    let mut drawn = match design.method {
        Method::Srs | Method::Pps | Method::MusInterval | Method::Poisson if frame.has_strata() => {
            let what = "this frame has strata, which only stratified and systematic draws use";
            return Err(DrawError::design(what));
        }
        Method::Srs => srs::draw(frame, wish)?,
        Method::Stratified => stratified::draw(frame, wish, design.allotment.as_ref())?,
        Method::Systematic => systematic::draw(frame, wish)?,
        Method::Pps => by_size::<pps::Sieve>(frame, wish, design.without_size)?,
        Method::MusInterval => by_size::<mus_interval::Line>(frame, wish, design.without_size)?,
        Method::Poisson => poisson::draw(frame, wish, &design.rates)?,
    };
    let targeted = targeted::draw(frame, &drawn, wish, design.targeted)?;
    drawn.picks.extend(targeted);
    Ok(drawn)
}

/// A method by which units of a positive size are drawn.
trait BySize: Sized {
    fn new(wish: Wish<'_>) -> Self;

    /// Lets a unit pass by.
    fn add(&mut self, unit: Unit, size: u128, ticket: Ticket) -> Result<(), DrawError>;

    /// Draws from what has passed, of which this is the sum.
    fn draw(self, wish: Wish<'_>, all: Tally) -> Result<Taken, DrawError>;
}

/// Draws by size where there is a positive one, and by count where there is none: what has no
/// size would otherwise never be seen.
fn by_size<M: BySize>(
    frame: &Frame,
    wish: Wish<'_>,
    without_size: u64,
) -> Result<Drawn, DrawError> {
    let mut method = M::new(wish);
    let mut positive = Tally::default();
    let mut others = ["zero", "negative", "missing"].map(|name| (name, Pool::new(without_size)));
    for unit in frame.units() {
        let unit = unit?;
        let ticket = wish.tickets.of(&unit.key);
        let [(_, zero), (_, negative), (_, missing)] = &mut others;
        match unit.size {
            Some(1..) => {
                positive.add(&unit);
                let size = unit.size.unwrap_or(0).unsigned_abs();
                method.add(unit, size, ticket)?;
            }
            Some(0) => zero.add(unit, ticket),
            Some(..0) => negative.add(unit, ticket),
            None => missing.add(unit, ticket),
        }
    }
    if positive.units == 0 {
        return Err(DrawError::design("no case has a value above 0 to draw by"));
    }
    let mut drawn = method.draw(wish, positive)?.from(positive, "");
    let rounds: Vec<u64> = wish.rounds.iter().map(|_| without_size).collect();
    for (name, pool) in others {
        if pool.all.units > 0 {
            drawn.extend(pool.draw(&rounds, name));
        }
    }
    Ok(drawn)
}
