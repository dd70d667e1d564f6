//! What is drawn: a case, or a cluster of cases that are drawn together.

use std::io;

use super::case::Case;
use super::record::{Content, push_bytes, push_size};
use super::size::Size;

/// What is drawn: a case, or a cluster of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unit {
    /// What its ticket is made of.
    pub key: String,
    pub stratum: String,
    /// The size, of a cluster the sum of those there are, in millionths.
    pub size: Option<i128>,
    /// The risk, of a cluster the highest of its cases.
    pub risk: Option<Size>,
}

impl Unit {
    /// The unit of a case, or of a cluster as far as this case goes.
    pub(super) fn of(case: Case) -> Self {
        Self {
            stratum: case.stratum,
            size: case.size.map(|size| size.micros().into()),
            risk: case.risk,
            key: case.cluster.unwrap_or(case.id),
        }
    }

    /// Takes in another case of the cluster.
    pub(super) fn join(&mut self, other: &Self) {
        self.size = self.size.into_iter().chain(other.size).reduce(|a, b| a + b);
        self.risk = self.risk.max(other.risk);
    }

    /// The unit as the content of a record.
    pub(in crate::audit) fn record(&self) -> Vec<u8> {
        let mut content = Vec::new();
        push_bytes(&mut content, self.key.as_bytes());
        push_bytes(&mut content, self.stratum.as_bytes());
        push_size(&mut content, self.risk);
        content.push(u8::from(self.size.is_some()));
        content.extend(self.size.unwrap_or(0).to_le_bytes());
        content
    }

    /// The unit of a record.
    pub(in crate::audit) fn of_record(content: &[u8]) -> io::Result<Self> {
        let mut content = Content(content);
        let (key, stratum) = (content.text()?, content.text()?);
        let risk = content.size()?;
        let [is_sized] = content.chunk()?;
        let size = i128::from_le_bytes(content.chunk()?);
        Ok(Self {
            key,
            stratum,
            size: (is_sized == 1).then_some(size),
            risk,
        })
    }
}
