//! The lowest of what passes by, in bounded memory. Parts that were gathered on different threads
//! or machines merge into what one pass over everything would have given.

use std::collections::BinaryHeap;

/// The lowest items of a stream.
#[derive(Clone, Debug)]
pub struct Lowest<T> {
    most: usize,
    /// The highest of those kept is on top.
    kept: BinaryHeap<T>,
}

impl<T: Ord> Lowest<T> {
    /// Keeps at most so many.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            kept: BinaryHeap::new(),
        }
    }

    /// Lets an item pass by.
    pub fn add(&mut self, item: T) {
        if self.kept.len() < self.most {
            self.kept.push(item);
        } else if let Some(mut highest) = self.kept.peek_mut()
            && item < *highest
        {
            *highest = item;
        }
    }

    /// Takes what another stream has kept.
    pub fn merge(&mut self, other: Self) {
        other.kept.into_iter().for_each(|item| self.add(item));
    }

    /// What was kept, in ascending order.
    pub fn into_sorted(self) -> Vec<T> {
        self.kept.into_sorted_vec()
    }
}
