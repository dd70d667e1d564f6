//! Sums to rates: distribution functions, confidence limits and bounds, one file a method.
//!
//! Everything here is `f64` in, `f64` out. It must not read files, print, draw random
//! numbers or know where the sums came from.

pub mod binomial;
pub mod certificate;
pub mod compare;
pub mod cost;
pub mod curve;
pub mod eprocess;
pub mod fay_feuer;
pub mod hajek;
pub mod halves;
pub mod holm;
pub mod hypergeometric;
pub mod manski;
pub mod metric;
pub mod money;
pub mod needed;
pub mod rates;
pub mod sequence;
pub mod shortfall;
pub mod split;
pub mod stratified;
pub mod swap;
pub mod verdict;

pub mod beta;
pub mod gamma;
pub mod normal;

mod deviance;
mod outlay;
mod tail;
