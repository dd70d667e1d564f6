//! The integration tests, in one crate.

#[cfg(test)]
mod estimate_properties;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod golden_tables;
