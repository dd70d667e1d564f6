//! The stand-alone script that repeats a draw without gonogo, so that nobody has to trust it. The
//! script is written from the description of the methods, not translated from their code: a slip
//! in one of them shows.

/// The script, for Python's standard library.
pub const REDRAW: &str = include_str!("redraw.py");
