//! Tickets: the only source of chance. A ticket is SHA-256 over seed, stream and id, so that anybody
//! with `sha256sum` can recompute it; the order of rows, files, threads and machines cannot enter.
//! Must not know what a ticket is drawn for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The scheme, the first line of what is hashed.
pub const SCHEME: &str = "gonogo-draw/1";
/// The scheme of seeds that are made for one day.
const SEED_SCHEME: &str = "gonogo-seed/1";
/// A seed below this length is easily found by trying; the least that public audits ask for.
pub const SHORT_SEED: usize = 20;
/// The longest seed.
const LONGEST_SEED: usize = 1024;
/// Bits of a ticket that become a number in (0, 1): with half a unit added they fill a double.
pub(super) const BITS: u32 = 52;

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// The SHA-256 of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The first digits of the hexadecimal form, at most all 64.
    pub fn short(&self, digits: usize) -> String {
        self.to_string().chars().take(digits).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl From<Sha256> for Digest {
    fn from(hash: Sha256) -> Self {
        Self(hash.finalize().into())
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = String;

    /// Takes 64 lower-case hexadecimal digits and nothing else.
    fn try_from(text: String) -> Result<Self, String> {
        let bad = || format!("`{text}` is not a SHA-256 in 64 lower-case hexadecimal digits");
        let is_digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
        if text.len() != 64 || !text.as_bytes().iter().all(is_digit) {
            return Err(bad());
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| bad())?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| bad())?;
        }
        Ok(Self(bytes))
    }
}

/// The seed of a draw: opaque text, never a number, so that no digit is lost on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Seed(String);

/// Why a text is no seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeedError {
    #[error("the seed is empty")]
    Empty,
    #[error("the seed is longer than {LONGEST_SEED} characters")]
    Long,
    #[error(
        "the seed holds a character that is not printable ASCII, or begins or ends with a space"
    )]
    Characters,
}

impl FromStr for Seed {
    type Err = SeedError;

    fn from_str(text: &str) -> Result<Self, SeedError> {
        if text.is_empty() {
            return Err(SeedError::Empty);
        }
        if text.len() > LONGEST_SEED {
            return Err(SeedError::Long);
        }
        // A space at an end is lost wherever the seed is copied.
        let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if !printable || text.trim() != text {
            return Err(SeedError::Characters);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Seed {
    type Error = SeedError;

    fn try_from(text: String) -> Result<Self, SeedError> {
        text.parse()
    }
}

impl From<Seed> for String {
    fn from(seed: Seed) -> Self {
        seed.0
    }
}

impl Seed {
    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The seed of one day out of a secret; `day` is written as 2026-09-23.
    pub fn of_day(secret: &str, day: &str) -> Self {
        Self(Digest::of(format!("{SEED_SCHEME}\n{secret}\n{day}").as_bytes()).to_string())
    }
}

/// A public beacon: it says a number at fixed times, which nobody knows before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beacon {
    /// The default chain of drand.
    Drand,
    /// The fast chain of drand.
    Quicknet,
    /// The beacon of NIST, whose pulses have no known schedule.
    Nist,
}

/// One round of a beacon, written `drand:5012345`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    pub beacon: Beacon,
    pub number: u64,
}

impl Beacon {
    const ALL: [Self; 3] = [Self::Drand, Self::Quicknet, Self::Nist];

    /// The word that begins its seeds.
    pub fn key(self) -> &'static str {
        match self {
            Self::Drand => "drand",
            Self::Quicknet => "quicknet",
            Self::Nist => "nist",
        }
    }

    /// Seconds since 1970 of the first round, and between rounds.
    fn schedule(self) -> Option<(i64, i64)> {
        match self {
            Self::Drand => Some((1_595_431_050, 30)),
            Self::Quicknet => Some((1_692_803_367, 3)),
            Self::Nist => None,
        }
    }

    /// Hexadecimal digits of what it says.
    pub fn digits(self) -> usize {
        match self {
            Self::Drand | Self::Quicknet => 64,
            Self::Nist => 128,
        }
    }
}

impl Round {
    /// The round of a text in its one spelling.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, number) = text.split_once(':')?;
        let beacon = Beacon::ALL.into_iter().find(|one| one.key() == name)?;
        let number: u64 = number.parse().ok()?;
        let round = Self { beacon, number };
        (number > 0 && round.to_string() == text).then_some(round)
    }

    /// Whether a seed begins like one of a beacon.
    pub fn is_meant(seed: &str) -> bool {
        let word = seed.split_once(':').map(|(word, _)| word);
        Beacon::ALL.iter().any(|one| Some(one.key()) == word)
    }

    /// Seconds since 1970 at which the beacon spoke; `None` where its times are not known.
    pub fn seconds(self) -> Option<i64> {
        let (first, period) = self.beacon.schedule()?;
        let rounds = i64::try_from(self.number).ok()?.checked_sub(1)?;
        rounds.checked_mul(period)?.checked_add(first)
    }

    /// Whether the beacon has spoken by a time as manifests write it; `None` where that is no time, or
    /// the times of the beacon are not known.
    pub fn has_spoken_by(self, time: &str) -> Option<bool> {
        let time: jiff::Timestamp = time.parse().ok()?;
        let spoke = jiff::Timestamp::from_second(self.seconds()?).ok()?;
        Some(spoke <= time)
    }

    /// Whether a seed is what the beacon says in this round, in its one spelling. With two of
    /// them there would be two draws to choose from.
    pub fn spells(self, seed: &str) -> bool {
        let value = seed
            .strip_prefix(&self.to_string())
            .and_then(|rest| rest.strip_prefix(':'));
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        value
            .is_some_and(|value| value.len() == self.beacon.digits() && value.bytes().all(is_digit))
    }
}

impl fmt::Display for Round {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.beacon.key(), self.number)
    }
}

/// What a ticket is drawn for. Two purposes never share a stream: the cases of the second review
/// would otherwise always be those with the lowest tickets of the draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream<'a> {
    /// Which cases are drawn.
    Select,
    /// Where an interval begins.
    Start,
    /// Who reviews a case first.
    Assign,
    /// Which cases are reviewed twice.
    Second,
    /// In which order a reviewer sees the cases.
    Order(&'a str),
}

impl fmt::Display for Stream<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Select => formatter.write_str("select/1"),
            Self::Start => formatter.write_str("start/1"),
            Self::Assign => formatter.write_str("assign/1"),
            Self::Second => formatter.write_str("second/1"),
            Self::Order(reviewer) => write!(formatter, "order/{reviewer}"),
        }
    }
}

/// A ticket; tickets are ordered as their hexadecimal texts are.
pub type Ticket = Digest;

/// The tickets of one seed and stream.
#[derive(Clone, Debug)]
pub struct Tickets {
    /// The hash after everything but the id.
    begun: Sha256,
}

impl Tickets {
    /// Begins with all that the tickets of a stream share.
    pub fn new(seed: &Seed, stream: Stream<'_>) -> Self {
        let mut begun = Sha256::new();
        begun.update(format!("{SCHEME}\n{}\n{stream}\n", seed.text()));
        Self { begun }
    }

    /// The ticket of an id: SHA-256 of `gonogo-draw/1`, seed, stream and id, with line ends between
    /// them and none at the end.
    pub fn of(&self, id: &str) -> Ticket {
        let mut hash = self.begun.clone();
        hash.update(id);
        hash.into()
    }
}

impl Ticket {
    /// The bytes; tickets are ordered as these are.
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 52 bits (13 hexadecimal digits).
    pub(super) fn bits(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_be_bytes([a, b, c, d, e, f, g, h]) >> (u64::BITS - BITS)
    }

    /// A number in (0, 1): the first 13 hexadecimal digits and a half, over 2^52. It is exact in a
    /// double, so that every language gives the same.
    pub fn unit(&self) -> f64 {
        (self.bits() as f64 + 0.5) / (1_u64 << BITS) as f64
    }
}
