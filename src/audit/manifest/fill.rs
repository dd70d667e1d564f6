//! From a frozen manifest and a seed to a drawn one.

use super::{Input, Manifest, Population, SeedRecord, Selection, select};
use crate::audit::draw::draw;
use crate::audit::error::DrawError;
use crate::audit::frame::Frame;

/// What a log holds of the cases that a manifest is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub inputs: Vec<Input>,
    pub population: Population,
    pub frame: Frame,
}

/// Draws for a manifest in which nothing is drawn yet. Its digests are left as they were.
///
/// # Errors
/// When the design does not fit the frame.
pub fn fill(undrawn: &Manifest, frame: &Frame, seed: SeedRecord) -> Result<Manifest, DrawError> {
    let drawn = draw(frame, &undrawn.design, &seed.value)?;
    let Selection { selected, reserve } = select(frame, &drawn, &undrawn.review, &seed.value)?;
    Ok(Manifest {
        seed: Some(seed),
        strata: drawn.strata,
        selected,
        reserve,
        ..undrawn.clone()
    })
}
