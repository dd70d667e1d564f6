//! The integration tests, in one crate.
#![expect(
    clippy::float_cmp,
    reason = "what is exact by definition is asserted exactly"
)]

#[cfg(test)]
mod audit_commands;
#[cfg(test)]
mod audit_conclude;
#[cfg(test)]
mod audit_draw;
#[cfg(test)]
mod audit_evaluate;
#[cfg(test)]
mod audit_frame;
#[cfg(test)]
mod audit_manifest;
#[cfg(test)]
mod audit_plan;
#[cfg(test)]
mod audit_plan_command;
#[cfg(test)]
mod audit_proof;
#[cfg(test)]
mod audit_properties;
#[cfg(test)]
mod audit_weighted;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod binary;
#[cfg(test)]
mod certificate;
#[cfg(test)]
mod certificate_chart;
#[cfg(test)]
mod chart;
#[cfg(test)]
mod controls;
#[cfg(test)]
mod costs;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod docs;
#[cfg(test)]
mod estimate_properties;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod formulas;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod gate_files;
#[cfg(test)]
mod gate_money;
#[cfg(test)]
mod gate_routing;
#[cfg(test)]
mod gate_state;
#[cfg(test)]
mod gate_statistics;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod golden_certificate;
#[cfg(test)]
mod golden_tables;
#[cfg(test)]
mod in_process;
#[cfg(test)]
mod init_check;
#[cfg(test)]
mod outputs;
#[cfg(test)]
mod patterns;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod policy_lint;
#[cfg(test)]
mod queue;
#[cfg(test)]
mod queue_properties;
#[cfg(test)]
mod queue_theory;
#[cfg(test)]
mod reckoning;
#[cfg(test)]
mod regressions;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod replay_input;
#[cfg(test)]
mod replay_layout;
#[cfg(test)]
mod report;
#[cfg(test)]
mod report_charts;
#[cfg(test)]
mod report_made;
#[cfg(test)]
mod report_markdown;
#[cfg(test)]
mod report_public;
#[cfg(test)]
mod schemas;
#[cfg(test)]
mod tally_properties;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod truth;
#[cfg(test)]
mod tune;
#[cfg(test)]
mod tune_targets;
