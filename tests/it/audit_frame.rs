//! The frame of an audit: its cases are sorted and drawn from in bounded memory.

use crate::binary::{Desk, in_repository};

/// Held in memory, the frame of this log takes 317 MB; sorted in temporary files, 105 MB.
#[test]
fn the_memory_of_a_draw_does_not_grow_with_the_frame() {
    let desk = Desk::new();
    let script = in_repository(".ci/frame_memory.py");
    let answer = desk.shell(&format!("python3 {script} $GONOGO 1000000 180"));
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    assert!(
        answer.stdout.contains("1,000,000 rows"),
        "{}",
        answer.stdout
    );
}
