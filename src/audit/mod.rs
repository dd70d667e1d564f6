//! Audits of auto-approved cases: how many cases to look at, and what follows from what the
//! reviewers found. Must not read files.

pub mod agreement;
pub mod allocation;
pub mod claim;
pub mod conclude;
pub mod operating;
pub mod plan;
pub mod reviewed;
pub mod sequential;
pub mod size;
pub mod stringer;
pub mod systematic;
pub mod weighted;
pub mod wendell_schmee;
