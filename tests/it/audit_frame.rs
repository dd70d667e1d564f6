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

/// A log whose frame does not fit into memory.
fn large_log(desk: &Desk) {
    let mut log = "id,escalated,region\n".to_owned();
    // A long stratum fills the memory with few cases.
    let region = "x".repeat(20_000);
    for number in 0..4000 {
        log.push_str(&format!("{number},false,{region}\n"));
    }
    desk.put("log.csv", log);
}

#[test]
fn a_proof_that_finds_no_room_for_its_files_breaks_nothing() {
    let desk = Desk::new();
    large_log(&desk);
    let draw = "$GONOGO audit sample log.csv -n 5 --strata region --role id=id \
                --role escalated=escalated --seed 48151623421108151623 -o draw.json";
    desk.shell(draw).done();
    let verify = "$GONOGO audit verify draw.json --log log.csv";
    desk.shell(verify).done();
    let answer = desk.shell(&format!("TMPDIR=$PWD/nowhere {verify}"));
    answer.refused(74, &["a temporary file of the frame", "TMPDIR"]);
}

#[test]
fn a_frame_that_finds_no_room_for_its_files_ends_with_the_mend() {
    let desk = Desk::new();
    large_log(&desk);
    let answer = desk.shell(
        "TMPDIR=$PWD/nowhere $GONOGO audit sample log.csv -n 5 --strata region --role id=id \
         --role escalated=escalated --seed 48151623421108151623 -o draw.json",
    );
    answer.refused(74, &["a temporary file of the frame", "TMPDIR"]);
}
