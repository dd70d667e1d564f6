//! What can be wrong with a frame, a draw or a manifest, and how to mend it.

use crate::error::{ExitCode, Explain};

/// Why there is no draw.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum DrawError {
    #[error("no eligible cases: {why}")]
    NoCases { why: String },
    #[error("ids that cannot be drawn (empty, longer than 512 bytes or with control characters): {}", quoted(.ids))]
    BadIds { ids: Vec<String> },
    #[error("{count} ids come more than once: {}", quoted(.ids))]
    RepeatedIds { ids: Vec<String>, count: usize },
    #[error("{count} ids come more than once with different content: {}", quoted(.ids))]
    DifferingCopies { ids: Vec<String>, count: usize },
    #[error("the cluster `{cluster}` lies in two strata, `{}` and `{}`", strata[0], strata[1])]
    SplitCluster {
        cluster: String,
        strata: [String; 2],
    },
    #[error("the case `{cluster}`, which is in no cluster, has the name of a cluster")]
    CaseLikeCluster { cluster: String },
    #[error("{0}")]
    Seed(#[from] super::ticket::SeedError),
    #[error("{what}")]
    Design { what: String, hint: Option<String> },
    #[error("{file}: {what}")]
    Manifest { file: String, what: String },
    #[error("a temporary file of the frame: {reason}")]
    Spill { reason: String },
}

impl From<std::io::Error> for DrawError {
    /// Only temporary files are read and written here.
    fn from(error: std::io::Error) -> Self {
        Self::Spill {
            reason: error.to_string(),
        }
    }
}

impl DrawError {
    /// A design that cannot be drawn.
    pub(crate) fn design(what: &str) -> Self {
        Self::Design {
            what: what.to_owned(),
            hint: None,
        }
    }
}

fn quoted(ids: &[String]) -> String {
    let quoted: Vec<String> = ids.iter().map(|id| format!("{id:?}")).collect();
    quoted.join(", ")
}

impl Explain for DrawError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoCases { .. } => Some(
                "see which cases are auto-approved: `gonogo check LOG`, --where and --day"
                    .to_owned(),
            ),
            Self::BadIds { .. } => Some("map `id` to a column that names every case".to_owned()),
            Self::RepeatedIds { .. } => {
                Some("remove the copies, or map an `id` that tells the cases apart".to_owned())
            }
            Self::DifferingCopies { .. } => Some(
                "only copies that the draw cannot tell apart are one case: keep one row of each, or \
                 map an `id` that tells the decisions apart"
                    .to_owned(),
            ),
            Self::SplitCluster { .. } => {
                Some("a cluster is drawn whole: take a stratum that all its cases share".to_owned())
            }
            Self::CaseLikeCluster { .. } => Some(
                "both would have the same ticket: give clusters names that no case has, such as \
                 --cluster-by \"'customer ' || customer\""
                    .to_owned(),
            ),
            Self::Seed(_) => Some(
                "a seed is 20 or more printable characters that nobody could choose, such as the \
                 digits of a public lottery or a beacon"
                    .to_owned(),
            ),
            Self::Design { hint, .. } => hint.clone(),
            Self::Spill { .. } => Some(
                "a frame of more than a million cases needs room for temporary files; the variable \
                 TMPDIR says where"
                    .to_owned(),
            ),
            Self::Manifest { .. } => Some(
                "a manifest is a file that `gonogo audit sample` wrote, byte by byte".to_owned(),
            ),
        }
    }

    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Spill { .. } => ExitCode::Output,
            Self::NoCases { .. }
            | Self::BadIds { .. }
            | Self::RepeatedIds { .. }
            | Self::DifferingCopies { .. }
            | Self::SplitCluster { .. }
            | Self::CaseLikeCluster { .. }
            | Self::Seed(_)
            | Self::Design { .. }
            | Self::Manifest { .. } => ExitCode::Input,
        }
    }
}
