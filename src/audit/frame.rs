//! The frame: the cases that a draw is made from, and the digest that proves which they were
//! without telling them. Must not know how they were found or how they are drawn.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::DrawError;
use super::ticket::Digest;

/// The longest id, in bytes.
const LONGEST_ID: usize = 512;
/// Faulty ids that a message names.
pub(super) const SHOWN: usize = 10;

/// A size in millionths of its unit, usually money. Sums of integers are the same in every order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Size(i64);

impl Size {
    /// Millionths in a unit.
    const PER_UNIT: i64 = 1_000_000;
    /// Decimals of a unit.
    const DECIMALS: usize = 6;
    /// The largest size, in units: a trillion.
    const MOST_UNITS: f64 = 1e12;

    /// A size in units, rounded to a millionth; `None` when it is not finite or over a trillion.
    pub fn from_units(units: f64) -> Option<Self> {
        (units.abs() <= Self::MOST_UNITS)
            .then(|| Self((units * Self::PER_UNIT as f64).round() as i64))
    }

    /// The size in millionths.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// The size without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }
}

/// Decimal text of a number of millionths, without trailing zeros.
pub fn decimal(micros: i128) -> String {
    let per_unit = u128::from(Size::PER_UNIT.unsigned_abs());
    let (whole, rest) = (
        micros.unsigned_abs() / per_unit,
        micros.unsigned_abs() % per_unit,
    );
    let sign = if micros < 0 { "-" } else { "" };
    let text = format!("{sign}{whole}.{rest:0width$}", width = Size::DECIMALS);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&decimal(self.0.into()))
    }
}

impl From<Size> for String {
    fn from(size: Size) -> Self {
        size.to_string()
    }
}

impl TryFrom<String> for Size {
    type Error = String;

    /// Takes decimal text in the one form in which sizes are written.
    fn try_from(text: String) -> Result<Self, String> {
        let units: Option<f64> = text.parse().ok();
        let size = units.and_then(Self::from_units);
        let size = size.filter(|size| size.to_string() == text);
        size.ok_or_else(|| format!("`{text}` is not a size as gonogo writes it"))
    }
}

/// One case of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub id: String,
    /// The stratum, or the sort key of a systematic draw; empty where there is none.
    pub stratum: String,
    /// What probabilities may be proportional to; `None` where there is none or it is unknown.
    pub size: Option<Size>,
    /// Cases of one cluster are drawn together.
    pub cluster: Option<String>,
    /// What the targeted part looks for, the largest first.
    pub risk: Option<Size>,
}

impl Case {
    /// A case of which only the id matters.
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            stratum: String::new(),
            size: None,
            cluster: None,
            risk: None,
        }
    }

    /// The key by which the case gets its ticket.
    pub fn key(&self) -> &str {
        self.cluster.as_deref().unwrap_or(&self.id)
    }

    /// The line that enters the digest: a JSON array of texts. Cluster and risk are there only
    /// where the frame has them.
    fn line(&self, is_long: IsLong) -> String {
        let size = |size: Option<Size>| size.map_or(String::new(), |size| size.to_string());
        let mut parts = vec![self.id.clone(), self.stratum.clone(), size(self.size)];
        match is_long {
            IsLong::Yes => {
                parts.push(self.cluster.clone().unwrap_or_default());
                parts.push(size(self.risk));
            }
            IsLong::No => {}
        }
        serde_json::Value::from(parts).to_string()
    }
}

/// Whether lines of a frame have five members instead of three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IsLong {
    Yes,
    No,
}

/// The cases that can be drawn, by id. Each is there once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    cases: Vec<Case>,
}

impl Frame {
    /// Takes the cases in any order.
    ///
    /// # Errors
    /// When an id is empty, too long or holds control characters, when ids repeat, or a cluster
    /// lies in several strata.
    pub fn new(mut cases: Vec<Case>) -> Result<Self, DrawError> {
        cases.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        let bad = cases.iter().filter(|case| !is_sound(&case.id));
        let bad: Vec<String> = bad.take(SHOWN).map(|case| case.id.clone()).collect();
        if !bad.is_empty() {
            return Err(DrawError::BadIds { ids: bad });
        }
        let pairs = cases.iter().zip(cases.iter().skip(1));
        let repeated = pairs.filter(|(one, next)| one.id == next.id);
        let mut repeated: Vec<String> = repeated.map(|(one, _)| one.id.clone()).collect();
        repeated.dedup();
        if !repeated.is_empty() {
            let count = repeated.len();
            repeated.truncate(SHOWN);
            return Err(DrawError::RepeatedIds {
                ids: repeated,
                count,
            });
        }
        check_clusters(&cases)?;
        Ok(Self { cases })
    }

    /// The cases, by id.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The case of an id.
    pub fn case(&self, id: &str) -> Option<&Case> {
        let place = self
            .cases
            .binary_search_by(|case| case.id.as_str().cmp(id))
            .ok()?;
        self.cases.get(place)
    }

    /// The lines of the frame, sorted by their bytes, each with its line end. Their SHA-256 is the
    /// digest of the frame, so `sha256sum` of a file of them gives it as well.
    pub fn lines(&self) -> String {
        let is_long = self.is_long();
        let mut lines: Vec<String> = self.cases.iter().map(|case| case.line(is_long)).collect();
        lines.sort_unstable();
        lines
            .iter()
            .flat_map(|line| [line.as_str(), "\n"])
            .collect()
    }

    /// The digest of the frame.
    pub fn digest(&self) -> Digest {
        Digest::of(self.lines().as_bytes())
    }

    /// The sum of all sizes in millionths; `None` where no case has one.
    pub fn value(&self) -> Option<i128> {
        let sizes = self.cases.iter().filter_map(|case| case.size);
        sizes
            .map(|size| i128::from(size.micros()))
            .reduce(|a, b| a + b)
    }

    fn is_long(&self) -> IsLong {
        let is_long = |case: &Case| case.cluster.is_some() || case.risk.is_some();
        if self.cases.iter().any(is_long) {
            IsLong::Yes
        } else {
            IsLong::No
        }
    }
}

/// Whether an id can be written into a list of ids and read back as the same.
fn is_sound(id: &str) -> bool {
    !id.is_empty() && id.len() <= LONGEST_ID && !id.chars().any(char::is_control)
}

fn check_clusters(cases: &[Case]) -> Result<(), DrawError> {
    let mut strata: BTreeMap<&str, &str> = BTreeMap::new();
    for case in cases {
        let Some(cluster) = case.cluster.as_deref() else {
            continue;
        };
        let known = *strata.entry(cluster).or_insert(&case.stratum);
        if known != case.stratum {
            return Err(DrawError::SplitCluster {
                cluster: cluster.to_owned(),
                strata: [known.to_owned(), case.stratum.clone()],
            });
        }
    }
    Ok(())
}

/// What is drawn: a case, or a cluster of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit<'a> {
    /// What its ticket is made of.
    pub key: &'a str,
    pub stratum: &'a str,
    /// The size, of a cluster the sum of those there are, in millionths.
    pub size: Option<i128>,
}

impl Frame {
    /// The units that are drawn, by key.
    pub fn units(&self) -> Vec<Unit<'_>> {
        let mut units: Vec<Unit<'_>> = self
            .cases
            .iter()
            .map(|case| Unit {
                key: case.key(),
                stratum: &case.stratum,
                size: case.size.map(|size| size.micros().into()),
            })
            .collect();
        units.sort_by(|a, b| a.key.cmp(b.key));
        units.dedup_by(|next, kept| {
            let same = next.key == kept.key;
            if same {
                kept.size = kept.size.into_iter().chain(next.size).reduce(|a, b| a + b);
            }
            same
        });
        units
    }
}
