//! Which segments a page may tell apart: none that says who reviewed a case, or which case it is,
//! unless all its readers have the log.

use super::{ReportArgs, Share};
use crate::command::CommandError;
use crate::command::outcome::segment_names;
use crate::config::{Mapping, Role};
use crate::log::{Formula, Log};

/// Roles whose values point to people or to single cases.
const ROLES: [Role; 2] = [Role::Reviewer, Role::Id];

/// The groupings as they are asked for, or each segment of the configuration; and what is to be
/// said of those that are left out.
///
/// # Errors
/// When a segment is asked for that is not for the readers of the page.
pub(super) fn groupings(
    args: &ReportArgs,
    mapping: &Mapping,
    log: &Log,
) -> Result<(Vec<String>, Vec<String>), CommandError> {
    let role = |name: &str| match args.share {
        Share::Full => None,
        Share::Team | Share::Public => told_role(name, mapping, log),
    };
    for name in args.by.iter().flat_map(|by| segment_names(by)) {
        if let Some(role) = role(&name) {
            return Err(CommandError::TellsCases {
                segment: name,
                role,
            });
        }
    }
    if !args.by.is_empty() {
        return Ok((args.by.clone(), Vec::new()));
    }
    let (mut names, mut left_out) = (Vec::new(), Vec::new());
    for name in mapping.segments.keys() {
        match role(name) {
            Some(role) => left_out.push(format!(
                "the segment `{name}` is left out: it tells who or what single cases are, by the \
                 role `{}` (--share full shows it)",
                role.key()
            )),
            // A comma in a name would cross two segments.
            None if !name.contains(',') => names.push(name.clone()),
            None => {}
        }
    }
    Ok((names, left_out))
}

/// The role that a segment tells, as the same source or as an expression over its column.
fn told_role(name: &str, mapping: &Mapping, log: &Log) -> Option<Role> {
    let source = mapping.segments.get(name).map_or(name, String::as_str);
    let references = log.references(&Formula::new(name, source));
    let names = references.map(|found| found.names).unwrap_or_default();
    ROLES.into_iter().find(|role| {
        let played = mapping.roles.get(role);
        played.is_some_and(|played| played == source || names.contains(played))
    })
}
