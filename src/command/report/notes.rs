//! What the page says of itself: how its numbers come about, and what it was made from.

use super::{Answer, Share};
use crate::command::input;
use crate::config::Role;
use crate::report::{Section, count, level, money};

/// Method notes in plain words.
pub(super) fn method(answer: &Answer<'_>) -> Section {
    let sweep = &answer.sweep;
    let mut notes = vec![
        "A threshold auto-approves the cases whose score is at least the threshold. Cases that the \
         log pins stay with a human at every threshold."
            .to_owned(),
        "The auto-approved error rate is estimated from labelled cases. Each labelled case stands \
         for all cases that had the same chance of being labelled (post-stratification; where \
         chances differ from row to row, weighting by one over the chance)."
            .to_owned(),
        format!(
            "Intervals hold the true rate {} of the time: exact binomial limits (Clopper and \
             Pearson 1934) where one cell is behind a number, gamma limits (Fay and Feuer 1997) \
             where several are. They tell of chance only, not of a future that differs from the log.",
            level(sweep.level.get())
        ),
        "Where a part of the auto-approved cases has no label at all there is no estimate, but the \
         limits that no label could leave: none of these cases wrong, or all of them."
            .to_owned(),
        "\"Labelled only\" is the rate among labelled cases, whatever their chance of being \
         labelled. Where reviewers see mostly doubtful cases it misleads, and is told for \
         comparison."
            .to_owned(),
        "A threshold that looks best among many looks better than it is. What can be promised is \
         told by `gonogo tune`."
            .to_owned(),
    ];
    if answer.sweep.has_cost {
        notes.push(
            "Cost is what wrong auto-approved cases cost, estimated in the same way, plus what \
             reviews cost and what reviewers miss, both known."
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
    lines
}

/// Names and values of what the page was made from.
pub(super) fn manifest(answer: &Answer<'_>) -> Vec<(String, String)> {
    let mut lines = vec![(
        "made by".to_owned(),
        format!("gonogo {}", env!("CARGO_PKG_VERSION")),
    )];
    for file in &answer.summary.files {
        let name = match answer.share {
            Share::Full => file.name.as_str(),
            Share::Team | Share::Public => base_name(&file.name),
        };
        let bytes = file.bytes.map(|bytes| format!(", {} bytes", count(bytes)));
        let hash = file.sha256.as_ref().map(|hash| format!(", SHA-256 {hash}"));
        lines.push((
            format!("log {name}"),
            format!(
                "{} rows{}{}",
                count(file.rows),
                bytes.unwrap_or_default(),
                hash.unwrap_or_default()
            ),
        ));
    }
    let summary = answer.summary;
    let rows = format!(
        "{} in, {} used",
        count(summary.rows_in),
        count(summary.rows_used)
    );
    lines.push(("rows".to_owned(), rows));
    lines.extend(input::set_aside(summary).map(|text| ("set aside".to_owned(), text)));
    lines.extend(input::span(summary).map(|span| ("time".to_owned(), span)));
    for (role, source) in answer.plan.sources() {
        lines.push((format!("role {}", Role::key(*role)), source.clone()));
    }
    for name in answer.plan.segments() {
        let source = answer.config.mapping.segments.get(&name);
        lines.extend(source.map(|source| (format!("segment {name}"), source.clone())));
    }
    lines.push(("confidence".to_owned(), level(answer.sweep.level.get())));
    if let Some(replay) = &answer.replay {
        let assumptions = replay.assumptions.iter().chain(&replay.doubts);
        lines.extend(assumptions.map(|text| ("assumption".to_owned(), text.clone())));
    }
    let share = match answer.share {
        Share::Public => "anyone: counts under 10 are not told in tables",
        Share::Team => "colleagues: sums, no case",
        Share::Full => "those who have the log",
    };
    lines.push(("for".to_owned(), share.to_owned()));
    lines
}

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
