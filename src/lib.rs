//! gonogo tunes and audits the line between what an AI decides alone and what a human sees first.
//!
//! The modules in reading order; imports go only upwards in this list:
//! a log becomes columns, columns become a tally, a tally becomes estimates, a command asks the
//! question and a report answers it. (Blank lines keep the order: formatting sorts what is
//! together.)

pub mod error;

pub mod rate;

pub mod config;

pub mod log;

pub mod policy;

pub mod tally;

pub mod estimate;

pub mod queue;

pub mod audit;

pub mod chart;

pub mod report;

pub mod command;

pub mod cli;
