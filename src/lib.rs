//! gonogo tunes and audits the line between what an AI decides alone and what a human sees first.
//!
//! The modules in reading order; imports go only upwards in this list:
//! a log becomes columns, columns become a tally, a tally becomes estimates, a command asks the
//! question and a report answers it.

pub mod chart;
pub mod cli;
pub mod command;
pub mod config;
pub mod error;
pub mod estimate;
pub mod log;
pub mod rate;
pub mod report;
pub mod tally;
