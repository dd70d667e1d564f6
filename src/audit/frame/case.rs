//! One case: its line in the digest of the frame, and how it is held while a frame is sorted.

use std::borrow::Cow;
use std::io;

use super::record::{Content, SIZE, json, plain, push_bytes, push_size};
use super::size::Size;

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

    /// Whether the line has more members than id, stratum and size.
    pub(super) fn is_long(&self) -> IsLong {
        if self.cluster.is_some() || self.risk.is_some() {
            IsLong::Yes
        } else {
            IsLong::No
        }
    }

    /// The case as a record: the id as JSON text, by which lines are ordered (no such text is
    /// the beginning of another), and all else.
    pub(super) fn record(&self) -> io::Result<[Vec<u8>; 2]> {
        let mut content = Vec::with_capacity(self.stratum.len() + 2 * SIZE);
        push_size(&mut content, self.size);
        push_size(&mut content, self.risk);
        push_bytes(&mut content, self.stratum.as_bytes());
        if let Some(cluster) = &self.cluster {
            push_bytes(&mut content, cluster.as_bytes());
        }
        Ok([json(&self.id)?, content])
    }

    /// The case as a record in the order of units, by the key of its unit.
    pub(super) fn member(&self) -> io::Result<[Vec<u8>; 2]> {
        let [id, rest] = self.record()?;
        let mut content = Vec::with_capacity(id.len() + rest.len() + 8);
        push_bytes(&mut content, &id);
        content.extend(rest);
        Ok([self.key().as_bytes().to_vec(), content])
    }

    /// The case of a record in the order of units.
    pub(super) fn of_member(content: &[u8]) -> io::Result<Self> {
        let mut content = Content(content);
        let id = content.bytes()?;
        Self::of(id, content.rest())
    }

    /// The id of a record's key.
    pub(super) fn id_of(key: &[u8]) -> io::Result<String> {
        plain(key).map(Cow::into_owned)
    }

    /// The case of a record.
    pub(super) fn of(key: &[u8], content: &[u8]) -> io::Result<Self> {
        let mut content = Content(content);
        let (size, risk) = (content.size()?, content.size()?);
        let stratum = content.text()?;
        let cluster = if content.rest().is_empty() {
            None
        } else {
            Some(content.text()?)
        };
        Ok(Self {
            id: Self::id_of(key)?,
            stratum,
            size,
            cluster,
            risk,
        })
    }

    /// Writes the line that enters the digest, with its line end: a JSON array of texts. Cluster
    /// and risk are there only where the frame has them.
    pub(super) fn write_line(
        &self,
        key: &[u8],
        is_long: IsLong,
        to: &mut Vec<u8>,
    ) -> io::Result<()> {
        let size = |to: &mut Vec<u8>, size: Option<Size>| {
            let text = size.map_or(String::new(), |size| size.to_string());
            to.extend([b",\"", text.as_bytes(), b"\""].concat());
        };
        to.push(b'[');
        to.extend(key);
        to.push(b',');
        serde_json::to_writer(&mut *to, &self.stratum)?;
        size(to, self.size);
        match is_long {
            IsLong::Yes => {
                to.push(b',');
                let cluster = self.cluster.as_deref().unwrap_or_default();
                serde_json::to_writer(&mut *to, cluster)?;
                size(to, self.risk);
            }
            IsLong::No => {}
        }
        to.extend(b"]\n");
        Ok(())
    }
}

/// Whether lines of a frame have five members instead of three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum IsLong {
    Yes,
    #[default]
    No,
}
