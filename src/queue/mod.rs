//! How long cases wait for a reviewer: a discrete-event simulation of a team with working hours,
//! fed with arrivals and handling times. Must not know logs, policies or reports, and must not draw
//! anything at random: the arrivals are those that it is given.
//!
//! Opening hours turn clock time into working time, on which the simulation is a plain queue with
//! several servers; starts and ends are turned back into clock time. The rules that a user has to
//! know are in docs/queue.md.

mod error;
mod hours;
mod openings;
mod simulation;
mod summary;
mod team;

pub use error::{HoursError, QueueError};
pub use hours::Hours;
pub use simulation::{Arrival, Order, Queue, Service, Simulation};
pub use summary::{DayEnd, Summary, Waits};
