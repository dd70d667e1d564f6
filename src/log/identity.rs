//! Whether an id appears twice, in bounded memory: 64-bit hashes of the ids, spread over
//! partitions that go to unnamed temporary files once they hold more than the bound. A repeated
//! hash is a suspicion; a second reading of the log (for files) makes it a fact with places.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::ScopedJoinHandle;

use super::error::LogError;

/// Hashes kept in memory before they go to disk: 96 MB.
const MOST_IN_MEMORY: usize = 12_000_000;
/// Partitions, by the upper bits of the hash: each is sorted on its own.
const PARTITIONS: usize = 64;
const PARTITION_SHIFT: u32 = 64 - PARTITIONS.trailing_zeros();
/// Hashes that a thread gathers for a partition before it takes the partition's lock.
const BLOCK: usize = 1024;

/// The hashes of all ids, shared by the reading threads.
#[derive(Debug)]
pub(super) struct Identities {
    partitions: Vec<Mutex<Partition>>,
    in_memory: AtomicUsize,
    most_in_memory: usize,
}

#[derive(Debug, Default)]
struct Partition {
    blocks: Vec<Box<[u64]>>,
    spilled: Option<File>,
}

/// One thread's hashes on their way to the partitions.
#[derive(Debug)]
pub(super) struct Gatherer<'a> {
    identities: &'a Identities,
    pending: Vec<Vec<u64>>,
}

impl Identities {
    pub(super) fn new() -> Self {
        Self::with_bound(MOST_IN_MEMORY)
    }

    fn with_bound(most_in_memory: usize) -> Self {
        Self {
            partitions: (0..PARTITIONS).map(|_| Mutex::default()).collect(),
            in_memory: AtomicUsize::new(0),
            most_in_memory,
        }
    }

    /// A gatherer for one thread.
    pub(super) fn gatherer(&self) -> Gatherer<'_> {
        Gatherer {
            identities: self,
            pending: (0..PARTITIONS).map(|_| Vec::with_capacity(BLOCK)).collect(),
        }
    }

    fn add(&self, place: usize, block: &[u64]) -> Result<(), LogError> {
        let Some(partition) = self.partitions.get(place) else {
            return Ok(());
        };
        let mut partition = lock(partition);
        partition.blocks.push(block.into());
        let held = self.in_memory.fetch_add(block.len(), Ordering::Relaxed) + block.len();
        if held > self.most_in_memory {
            let freed = partition
                .spill()
                .map_err(|reason| LogError::Spill { reason })?;
            self.in_memory.fetch_sub(freed, Ordering::Relaxed);
        }
        Ok(())
    }

    /// The hashes that came more than once, ascending, each once.
    pub(super) fn repeated(&self, threads: usize) -> Result<Vec<u64>, LogError> {
        let queue = Mutex::new(self.partitions.iter());
        let work = || -> Result<Vec<u64>, LogError> {
            let mut repeated = Vec::new();
            loop {
                let Some(partition) = lock(&queue).next() else {
                    return Ok(repeated);
                };
                let hashes = std::mem::take(&mut *lock(partition)).sorted();
                let hashes = hashes.map_err(|reason| LogError::Spill { reason })?;
                let pairs = hashes.windows(2);
                repeated.extend(pairs.filter_map(|pair| match pair {
                    [first, second] if first == second => Some(*first),
                    _ => None,
                }));
            }
        };
        let parts: Vec<_> = std::thread::scope(|scope| {
            let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            handles.into_iter().map(ScopedJoinHandle::join).collect()
        });
        let mut all = Vec::new();
        for part in parts {
            let part = part.map_err(|_| LogError::Thread {
                reason: "the check for repeated ids failed".to_owned(),
            })?;
            all.extend(part?);
        }
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A poisoned lock means that another thread failed; its error is the one that is reported.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Partition {
    /// Writes the blocks to disk; gives how many hashes left memory.
    fn spill(&mut self) -> std::io::Result<usize> {
        let file = match &mut self.spilled {
            Some(file) => file,
            None => self.spilled.insert(tempfile::tempfile()?),
        };
        let mut freed = 0;
        let mut bytes = Vec::new();
        for block in self.blocks.drain(..) {
            freed += block.len();
            bytes.extend(block.iter().flat_map(|hash| hash.to_le_bytes()));
        }
        file.write_all(&bytes)?;
        Ok(freed)
    }

    fn sorted(self) -> std::io::Result<Vec<u64>> {
        let mut hashes: Vec<u64> = self
            .blocks
            .iter()
            .flat_map(|block| block.iter().copied())
            .collect();
        if let Some(mut file) = self.spilled {
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(0))?;
            file.read_to_end(&mut bytes)?;
            hashes.extend(
                bytes
                    .as_chunks::<8>()
                    .0
                    .iter()
                    .map(|chunk| u64::from_le_bytes(*chunk)),
            );
        }
        hashes.sort_unstable();
        Ok(hashes)
    }
}

impl Gatherer<'_> {
    /// Adds the hashes of a batch.
    pub(super) fn add(&mut self, hashes: &[u64]) -> Result<(), LogError> {
        for hash in hashes {
            let place = (hash >> PARTITION_SHIFT) as usize;
            if let Some(pending) = self.pending.get_mut(place) {
                pending.push(*hash);
                if pending.len() == BLOCK {
                    self.identities.add(place, pending)?;
                    pending.clear();
                }
            }
        }
        Ok(())
    }

    /// Hands over what is left.
    pub(super) fn finish(self) -> Result<(), LogError> {
        for (place, pending) in self.pending.iter().enumerate() {
            if !pending.is_empty() {
                self.identities.add(place, pending)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes twice out of `hashes`, given to two gatherers in turn.
    fn check(hashes: &[u64], bound: usize, expected: &[u64]) {
        let identities = Identities::with_bound(bound);
        let (mut one, mut two) = (identities.gatherer(), identities.gatherer());
        for (index, hash) in hashes.iter().enumerate() {
            let gatherer = if index % 2 == 0 { &mut one } else { &mut two };
            gatherer.add(&[*hash]).unwrap();
        }
        one.finish().unwrap();
        two.finish().unwrap();
        assert_eq!(identities.repeated(2).unwrap(), expected);
    }

    /// Numbers that reach every partition.
    fn spread(count: u64) -> Vec<u64> {
        (0..count)
            .map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .collect()
    }

    #[test]
    fn repeated_hashes_are_found_in_memory_and_on_disk_alike() {
        let mut hashes = spread(50_000);
        hashes.push(hashes[7]);
        hashes.push(hashes[49_999]);
        hashes.push(hashes[7]);
        let mut expected = vec![hashes[7], hashes[49_999]];
        expected.sort_unstable();
        check(&hashes, usize::MAX, &expected);
        check(&hashes, 1000, &expected);
    }

    #[test]
    fn distinct_hashes_raise_no_suspicion() {
        check(&spread(10_000), 100, &[]);
        check(&[], 100, &[]);
    }
}
