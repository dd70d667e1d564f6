//! The frame: the cases that a draw is made from, and the digest that proves which they were
//! without telling them. A large frame lies in temporary files, so that memory does not grow with it.
//! Must not know how the cases were found or how they are drawn.

mod case;
mod record;
mod size;
mod unit;

use std::io;

use sha2::{Digest as _, Sha256};

use self::case::IsLong;
use super::error::DrawError;
use super::lowest::Lowest;
use super::sorted::{Sorted, Sorter};
use super::ticket::Digest;

pub use self::case::Case;
pub use self::size::{Size, decimal};
pub use self::unit::Unit;

/// The longest id, in bytes.
const LONGEST_ID: usize = 512;
/// Faulty ids that a message names.
pub(super) const SHOWN: usize = 10;
/// Bytes of cases that are held in memory; further ones go to temporary files.
pub(super) const IN_MEMORY: usize = 32 << 20;

/// Takes the cases of a frame as they come. Several may do so at a time.
#[derive(Debug)]
pub struct Collector {
    cases: Sorter,
    traits: Traits,
    bad: Lowest<String>,
    negative: Negative,
    failure: Option<DrawError>,
}

/// What some case of a frame has.
#[derive(Clone, Copy, Debug, Default)]
struct Traits {
    is_long: IsLong,
    has_clusters: bool,
    has_strata: bool,
}

impl Traits {
    fn join(&mut self, other: Self) {
        if other.is_long == IsLong::Yes {
            self.is_long = IsLong::Yes;
        }
        self.has_clusters |= other.has_clusters;
        self.has_strata |= other.has_strata;
    }
}

/// What is done with rows of the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copies {
    /// They are an error.
    Refuse,
    /// They are one case if nothing of them differs that the draw sees, and else an error.
    Join,
}

/// Cases of a size below 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Negative {
    pub cases: u64,
    /// The lowest id of them.
    pub first: Option<String>,
}

impl Negative {
    fn join(&mut self, other: Self) {
        self.cases += other.cases;
        self.first = self.first.take().into_iter().chain(other.first).min();
    }
}

impl Collector {
    /// One of so many that take the cases of a frame.
    pub fn one_of(collectors: usize) -> Self {
        Self {
            cases: Sorter::new(IN_MEMORY / collectors.max(1)),
            traits: Traits::default(),
            bad: Lowest::new(SHOWN),
            negative: Negative::default(),
            failure: None,
        }
    }

    /// Takes a case. What is wrong with it is told at the end.
    pub fn add(&mut self, case: &Case) {
        if !is_sound(&case.id) {
            self.bad.add(case.id.clone());
        }
        self.traits.join(Traits {
            is_long: case.is_long(),
            has_clusters: case.cluster.is_some(),
            has_strata: !case.stratum.is_empty(),
        });
        if case.size.is_some_and(|size| size.micros() < 0) {
            self.negative.join(Negative {
                cases: 1,
                first: Some(case.id.clone()),
            });
        }
        self.push(case.record());
    }

    /// Takes a row that is not in the frame, of which no case in the frame may be a copy.
    pub fn add_left_out(&mut self, id: &str, reason: &str) {
        let content = [&[LEFT_OUT], reason.as_bytes()].concat();
        self.push(Case::new(id).record().map(|[key, _]| [key, content]));
    }

    fn push(&mut self, record: io::Result<[Vec<u8>; 2]>) {
        // A full disk is met once, and not with every further case.
        if self.failure.is_some() {
            return;
        }
        let added = record.and_then(|[key, content]| self.cases.add(&key, &content));
        if let Err(error) = added {
            self.failure = Some(error.into());
        }
    }
}

/// What the content of a row that is not in the frame begins with; that of a case begins with 0
/// or 1.
const LEFT_OUT: u8 = 2;

/// The cases that can be drawn. Each is there once.
#[derive(Debug)]
pub struct Frame {
    /// By the lines that enter the digest.
    cases: Sorted,
    /// By the keys of their units; only where there are clusters.
    members: Option<Sorted>,
    traits: Traits,
    case_count: u64,
    unit_count: u64,
    copies: u64,
    value: Option<i128>,
    digest: Digest,
    negative: Negative,
}

impl Frame {
    /// Takes the cases in any order.
    ///
    /// # Errors
    /// When an id is empty, too long or holds control characters, when ids repeat, or a cluster
    /// lies in several strata.
    pub fn new(cases: Vec<Case>) -> Result<Self, DrawError> {
        let mut collector = Collector::one_of(1);
        cases.iter().for_each(|case| collector.add(case));
        Self::of(vec![collector], Copies::Refuse)
    }

    /// What collectors have taken.
    ///
    /// # Errors
    /// As above, and when a temporary file cannot be written or read.
    pub fn of(collectors: Vec<Collector>, copies: Copies) -> Result<Self, DrawError> {
        let mut frame = Self {
            cases: Sorted::default(),
            members: None,
            traits: Traits::default(),
            case_count: 0,
            unit_count: 0,
            copies: 0,
            value: None,
            digest: Digest::of(b""),
            negative: Negative::default(),
        };
        let mut bad = Lowest::new(SHOWN);
        let mut sorters = Vec::new();
        for collector in collectors {
            if let Some(failure) = collector.failure {
                return Err(failure);
            }
            bad.merge(collector.bad);
            frame.traits.join(collector.traits);
            frame.negative.join(collector.negative);
            sorters.push(collector.cases);
        }
        let bad = bad.into_sorted();
        if !bad.is_empty() {
            return Err(DrawError::BadIds { ids: bad });
        }
        frame.cases = Sorted::of(sorters);
        match copies {
            Copies::Refuse => {}
            Copies::Join => frame.join_copies()?,
        }
        frame.survey()?;
        if frame.traits.has_clusters {
            frame.gather_clusters()?;
        }
        Ok(frame)
    }

    /// Keeps one of each case, and drops the rows that are not in the frame.
    fn join_copies(&mut self) -> Result<(), DrawError> {
        let mut sorter = Sorter::new(IN_MEMORY);
        let mut last: Option<(Vec<u8>, Vec<u8>)> = None;
        let mut differing = Repeated::default();
        let mut walk = self.cases.walk()?;
        while let Some((key, content)) = walk.step()? {
            let is_left_out = content.first() == Some(&LEFT_OUT);
            match &last {
                Some((known, other)) if known == key && other != content => {
                    differing.add(&Case::id_of(key)?);
                }
                Some((known, _)) if known == key => self.copies += u64::from(!is_left_out),
                Some(_) | None => {
                    if !is_left_out {
                        sorter.add(key, content)?;
                    }
                    last = Some((key.to_vec(), content.to_vec()));
                }
            }
        }
        drop(walk);
        if differing.count > 0 {
            return Err(DrawError::DifferingCopies {
                ids: differing.ids,
                count: differing.count,
            });
        }
        self.cases = Sorted::of([sorter]);
        Ok(())
    }

    /// Goes through the cases once for all that is to be known of them together.
    fn survey(&mut self) -> Result<(), DrawError> {
        let mut hash = Sha256::new();
        let mut line = Vec::new();
        let mut last: Vec<u8> = Vec::new();
        let mut repeated = Repeated::default();
        let mut walk = self.cases.walk()?;
        while let Some((key, content)) = walk.step()? {
            let case = Case::of(key, content)?;
            self.case_count += 1;
            if key == last {
                repeated.add(&case.id);
            }
            last.clear();
            last.extend(key);
            line.clear();
            case.write_line(key, self.traits.is_long, &mut line)?;
            hash.update(&line);
            let size = case.size.map(|size| i128::from(size.micros()));
            self.value = self.value.into_iter().chain(size).reduce(|a, b| a + b);
        }
        repeated.refuse()?;
        self.digest = hash.into();
        self.unit_count = self.case_count;
        Ok(())
    }

    /// Brings the cases of each cluster together.
    fn gather_clusters(&mut self) -> Result<(), DrawError> {
        let mut sorter = Sorter::new(IN_MEMORY);
        for case in self.cases() {
            let [key, content] = case?.member()?;
            sorter.add(&key, &content)?;
        }
        let members = Sorted::of([sorter]);
        let mut walk = members.walk()?;
        let mut first: Option<Case> = None;
        self.unit_count = 0;
        while let Some((_, content)) = walk.step()? {
            let case = Case::of_member(content)?;
            match &first {
                Some(first) if first.key() == case.key() => check_cluster(first, &case)?,
                Some(_) | None => {
                    self.unit_count += 1;
                    first = Some(case);
                }
            }
        }
        self.members = Some(members);
        Ok(())
    }

    /// How many cases there are.
    pub fn case_count(&self) -> u64 {
        self.case_count
    }

    /// How many units there are: cases, or clusters.
    pub fn unit_count(&self) -> u64 {
        self.unit_count
    }

    /// Whether any case is in a stratum.
    pub fn has_strata(&self) -> bool {
        self.traits.has_strata
    }

    /// Rows that were copies of a case and were joined to it.
    pub fn copies(&self) -> u64 {
        self.copies
    }

    /// The cases of a size below 0.
    pub fn negative(&self) -> &Negative {
        &self.negative
    }

    /// The sum of all sizes in millionths; `None` where no case has one.
    pub fn value(&self) -> Option<i128> {
        self.value
    }

    /// The SHA-256 of the lines.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The lines of the frame, sorted by their bytes, each with its line end. Their SHA-256 is the
    /// digest of the frame, so `sha256sum` of a file of them gives it as well.
    ///
    /// # Errors
    /// When a temporary file cannot be read.
    pub fn lines(&self) -> Result<Vec<u8>, DrawError> {
        let mut lines = Vec::new();
        let mut walk = self.cases.walk()?;
        while let Some((key, content)) = walk.step()? {
            Case::of(key, content)?.write_line(key, self.traits.is_long, &mut lines)?;
        }
        Ok(lines)
    }

    /// The cases, in the order of the lines. An item is an error when a temporary file cannot be
    /// read.
    pub fn cases(&self) -> impl Iterator<Item = Result<Case, DrawError>> {
        records(&self.cases, Case::of)
    }

    /// The units, each once. An item is an error when a temporary file cannot be read.
    pub fn units(&self) -> impl Iterator<Item = Result<Unit, DrawError>> {
        let cases: Box<dyn Iterator<Item = _>> = match &self.members {
            Some(members) => Box::new(records(members, |_, content| Case::of_member(content))),
            None => Box::new(self.cases()),
        };
        let mut cases = cases.peekable();
        std::iter::from_fn(move || {
            let mut unit = match cases.next()? {
                Ok(case) => Unit::of(case),
                Err(error) => return Some(Err(error)),
            };
            while let Some(Ok(next)) = cases.next_if(|next| is_of(next, &unit.key)) {
                unit.join(&Unit::of(next));
            }
            Some(Ok(unit))
        })
    }
}

/// Whether two cases of one key can be of one cluster.
fn check_cluster(first: &Case, other: &Case) -> Result<(), DrawError> {
    let cluster = other.key().to_owned();
    if first.cluster.is_none() || other.cluster.is_none() {
        return Err(DrawError::CaseLikeCluster { cluster });
    }
    if first.stratum != other.stratum {
        let strata = [first.stratum.clone(), other.stratum.clone()];
        return Err(DrawError::SplitCluster { cluster, strata });
    }
    Ok(())
}

fn is_of(case: &Result<Case, DrawError>, key: &str) -> bool {
    case.as_ref().is_ok_and(|case| case.key() == key)
}

/// What records hold, in their order.
fn records<T>(
    sorted: &Sorted,
    read: fn(&[u8], &[u8]) -> io::Result<T>,
) -> impl Iterator<Item = Result<T, DrawError>> {
    let mut walk = Some(sorted.walk());
    std::iter::from_fn(move || {
        let next = match walk.as_mut()? {
            Ok(walk) => walk.step().transpose()?,
            Err(error) => Err(io::Error::from(error.kind())),
        };
        let item = next.and_then(|(key, content)| read(key, content));
        // Nothing can be said of what comes after a failure.
        if item.is_err() {
            walk = None;
        }
        Some(item.map_err(DrawError::from))
    })
}

/// Ids that come more than once.
#[derive(Debug, Default)]
struct Repeated {
    ids: Vec<String>,
    count: usize,
    last: String,
}

impl Repeated {
    /// Takes the ids in order, each as often as it is repeated.
    fn add(&mut self, id: &str) {
        if self.count > 0 && self.last == id {
            return;
        }
        self.count += 1;
        id.clone_into(&mut self.last);
        if self.ids.len() < SHOWN {
            self.ids.push(id.to_owned());
        }
    }

    fn refuse(self) -> Result<(), DrawError> {
        if self.count == 0 {
            return Ok(());
        }
        Err(DrawError::RepeatedIds {
            ids: self.ids,
            count: self.count,
        })
    }
}

/// Whether an id can be written into a list of ids and read back as the same.
fn is_sound(id: &str) -> bool {
    !id.is_empty() && id.len() <= LONGEST_ID && !id.chars().any(char::is_control)
}
