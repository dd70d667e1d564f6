//! What the page says of itself: how its numbers come about, and what it was made from.

use super::{Answer, Share, public};
use crate::command::input;
use crate::config::Role;
use crate::report::{Section, count, level, money};

/// Files of the log that the manifest names one by one.
const MOST_FILES: usize = 40;

/// How the numbers come about, for every page.
const METHOD: [&str; 5] = [
    "A threshold auto-approves the cases whose score is at least the threshold. Cases that the log \
     pins stay with a human at every threshold.",
    "The auto-approved error rate is estimated from labelled cases. Each labelled case stands for \
     all cases that had the same chance of being labelled (post-stratification; where chances \
     differ from row to row, weighting by one over the chance).",
    "Where a part of the auto-approved cases has no label at all there is no estimate, but the \
     limits that no label could leave: none of these cases wrong, or all of them.",
    "\"Labelled only\" is the rate among labelled cases, whatever their chance of being labelled. \
     Where reviewers see mostly doubtful cases it misleads, and is told for comparison.",
    "A threshold that looks best among many looks better than it is. What can be promised is told \
     by `gonogo tune`.",
];

/// Method notes in plain words.
pub(super) fn method(answer: &Answer<'_>) -> Section {
    let mut notes: Vec<String> = METHOD.map(str::to_owned).into();
    notes.push(format!(
        "Intervals hold the true rate {} of the time: exact binomial limits (Clopper and Pearson \
         1934) where one cell is behind a number, gamma limits (Fay and Feuer 1997) where several \
         are. They tell of chance only, not of a future that differs from the log.",
        level(answer.sweep.level.get())
    ));
    if answer.sweep.has_cost {
        notes.push(
            "Cost is what wrong auto-approved cases cost, estimated in the same way, plus what \
             reviews cost and what reviewers miss, both known."
                .to_owned(),
        );
    }
    if answer.share == Share::Public {
        notes.push(
            "This page is for anyone. Thresholds, segments and policies with fewer than 10 \
             cases, escalated cases, auto-approved cases or labels are left out. How many labels \
             there are is not told, and where fewer than 10 errors were found only the upper limit \
             of the interval is: ? (0 to x %)."
                .to_owned(),
        );
    }
    Section {
        id: "method",
        title: "How these numbers come about".to_owned(),
        notes,
        ..Section::default()
    }
}

/// What is stated of costs and of the team.
pub(super) fn costs(answer: &Answer<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let costs = &answer.config.costs;
    if !costs.is_stated() {
        lines.push(
            "No costs are stated in gonogo.toml; the what-if panel takes some to try out."
                .to_owned(),
        );
    }
    if let Some(error) = &costs.error {
        lines.push(format!("An error costs {}.", error.sql()));
    }
    if let Some(review) = &costs.review {
        lines.push(format!("A review costs {}.", review.sql()));
    }
    if let Some(minute) = costs.review_per_minute {
        lines.push(format!("A minute of review costs {}.", money(minute)));
    }
    if costs.reviewer_error > 0.0 {
        let share = crate::report::percent(costs.reviewer_error);
        lines.push(format!("Of reviewed cases {share} are wrong even so."));
    }
    if let Some(team) = &answer.config.reviewers {
        lines.push(format!("{} reviewers, {}.", team.count, team.hours));
    }
    if public::is_whole(answer.share) {
        lines.extend(no_queue(answer));
    }
    lines
}

/// Why the page tells no waiting times, where it does not.
fn no_queue(answer: &Answer<'_>) -> Option<String> {
    const PREFIX: &str = "no queue is simulated: ";
    if answer.config.reviewers.is_none() {
        return Some(
            "No queue is simulated: state `count` and `hours` of [reviewers] in gonogo.toml."
                .to_owned(),
        );
    }
    let replay = answer.replay.as_ref()?;
    let mut reasons = replay.assumptions.iter();
    if let Some(reason) = reasons.find_map(|text| text.strip_prefix(PREFIX)) {
        return Some(format!("No queue is simulated: {reason}."));
    }
    (replay.actual.is_none() && replay.policies.is_empty()).then(|| {
        "No queue is simulated: the role `escalated` is not mapped, so nobody knows which cases \
         waited."
            .to_owned()
    })
}

/// Names and values of what the page was made from.
pub(super) fn manifest(answer: &Answer<'_>) -> Vec<(String, String)> {
    let line = |name: &str, value: String| (name.to_owned(), value);
    let mut lines = vec![line(
        "made by",
        format!("gonogo {}", env!("CARGO_PKG_VERSION")),
    )];
    lines.extend(files(answer));
    let summary = answer.summary;
    if public::is_whole(answer.share) {
        let rows = format!(
            "{} in, {} used",
            count(summary.rows_in),
            count(summary.rows_used)
        );
        lines.push(line("rows", rows));
        lines.extend(input::set_aside(summary).map(|text| line("set aside", text)));
    }
    lines.extend(input::span(summary).map(|span| line("time", span)));
    for (role, source) in answer.plan.sources() {
        lines.push((format!("role {}", Role::key(*role)), source.clone()));
    }
    for name in answer.plan.segments() {
        let source = answer.config.mapping.segments.get(&name);
        lines.extend(source.map(|source| (format!("segment {name}"), source.clone())));
    }
    lines.push(line("confidence", level(answer.sweep.level.get())));
    if let Some(replay) = &answer.replay {
        let assumptions = replay.assumptions.iter().chain(&replay.doubts);
        let is_told = |text: &&String| public::is_whole(answer.share) || public::is_plain(text);
        let assumptions = assumptions.filter(is_told);
        lines.extend(assumptions.map(|text| line("assumption", text.clone())));
    }
    let share = match answer.share {
        Share::Public => "anyone: no count under 10, and none of labels",
        Share::Team => "colleagues: sums, no case",
        Share::Full => "those who have the log",
    };
    lines.push(line("for", share.to_owned()));
    lines
}

/// The files of the log and of the policies, each with its hash.
fn files(answer: &Answer<'_>) -> Vec<(String, String)> {
    let files = &answer.summary.files;
    let logs = files.iter().take(MOST_FILES).map(|file| {
        let hash = file.sha256.as_ref();
        let mut text = hash.map(|hash| format!("SHA-256 {hash}"));
        if public::is_whole(answer.share) {
            let bytes = file.bytes.map(|bytes| format!("{} bytes", count(bytes)));
            let rows = Some(format!("{} rows", count(file.rows)));
            let parts: Vec<String> = [rows, bytes, text].into_iter().flatten().collect();
            text = Some(parts.join(", "));
        }
        (format!("log {}", file.name), text.unwrap_or_default())
    });
    let mut lines: Vec<(String, String)> = logs.collect();
    if let Some(more) = files.len().checked_sub(MOST_FILES).filter(|more| *more > 0) {
        let text = format!("{} of the log", count(more as u64));
        lines.push(("more files".to_owned(), text));
    }
    lines.extend(answer.policy_files.iter().map(|(word, hash)| match hash {
        Some(hash) => (
            format!("policy {}", file_name(word, answer.share)),
            format!("SHA-256 {hash}"),
        ),
        None => ("policy".to_owned(), format!("threshold {word}")),
    }));
    lines
}

/// A file as readers may know it: where it lies is told to those who have the log only.
pub(super) fn file_name(path: &str, share: Share) -> &str {
    match share {
        Share::Full => path,
        Share::Team | Share::Public => path.rsplit(['/', '\\']).next().unwrap_or(path),
    }
}
