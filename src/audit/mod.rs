//! Audits of auto-approved cases: how many cases to look at, which ones, what follows from what the
//! reviewers found, and the proof of the draw. Pure: values in, values out. Must not read logs or
//! write files.

pub mod agreement;
pub mod allocation;
pub mod claim;
pub mod conclude;
pub mod draw;
mod error;
pub mod evaluation;
pub mod frame;
pub mod manifest;
pub mod operating;
pub mod plan;
pub mod reviewed;
pub mod script;
pub mod sequential;
pub mod size;
pub mod stringer;
pub mod systematic;
pub mod ticket;
pub mod verify;
pub mod weighted;
pub mod wendell_schmee;
pub mod worksheet;

pub use self::error::DrawError;
