//! Audits of auto-approved cases: how many cases to look at, which ones, what follows from what the
//! reviewers found, and the proof of the draw. Pure: values in, values out. Must not read logs or
//! write files.

pub mod allocation;
pub mod claim;
pub mod conclude;
pub mod draw;
mod error;
pub mod frame;
pub mod manifest;
pub mod operating;
pub mod script;
pub mod sequential;
pub mod size;
pub mod ticket;
pub mod verify;
pub mod worksheet;

pub use self::error::DrawError;
