//! The manifest before the draw: from options, or from the manifest that is drawn for or added to.

use std::collections::{BTreeMap, BTreeSet};

use super::super::reading::Reading;
use super::super::{AuditError, files};
use super::{ClaimOn, DrawArgs, SampleArgs, Spread, link, records};
use crate::audit::draw::{Allotment, Design, Method};
use crate::audit::manifest::{
    Manifest, Mode, Population, Review, Rule, Schema, Source, Tool, stream,
};
use crate::audit::ticket::Digest;
use crate::command::Context;
use crate::config::{Mapping, Role};
use crate::error::Failure;
use crate::rate::{Fraction, FractionError};

/// Roles that tell a reviewer what the system thought, or what others found.
const REVEALING: [Role; 9] = [
    Role::Score,
    Role::Error,
    Role::Escalated,
    Role::Pinned,
    Role::LabelProbability,
    Role::Reviewer,
    Role::ReviewSeconds,
    Role::ReviewedAt,
    Role::Value,
];

/// What is to be drawn, without anything that the log has to say.
pub(super) fn undrawn(args: &SampleArgs, context: &Context) -> Result<Manifest, Failure> {
    let given = args.log.roles.len() + args.log.segments.len();
    let follows = args.seed.frame.as_ref().or(args.seed.top_up.as_ref());
    if let (Some(path), 1..) = (follows, given) {
        let what =
            format!("{path} says how the log is read: --role and --segment do not go with it");
        return Err(AuditError::Option(what).into());
    }
    if let Some(path) = &args.seed.frame {
        return frozen(path);
    }
    if let Some(path) = &args.seed.top_up {
        return topped_up(path, &args.draw);
    }
    let mapping = args.log.mapping(context)?;
    let source = source(args, &mapping)?;
    let design = design(args, &source)?;
    let review = review(args, &mapping)?;
    Ok(Manifest {
        schema: Schema::this(),
        tool: Tool::this(),
        purpose: args.draw.purpose.clone(),
        inputs: Vec::new(),
        population: Population {
            rows: 0,
            excluded: BTreeMap::new(),
            duplicates: None,
            cases: 0,
            units: 0,
            value: None,
            frame_digest: nothing(),
        },
        earlier: Vec::new(),
        pi_formula: design.method.formula().to_owned(),
        rule: rule(&args.draw, &design)?,
        source,
        design,
        review,
        seed: None,
        seed_source: super::seed::announced(&args.seed)?,
        stream: stream(),
        frozen: None,
        parent: None,
        anchor: None,
        strata: Vec::new(),
        selected: Vec::new(),
        reserve: Vec::new(),
        worksheets: Vec::new(),
        created_at: String::new(),
        created_sha256: nothing(),
        self_sha256: nothing(),
    })
}

/// A digest that is filled in later.
fn nothing() -> Digest {
    Digest::of(b"")
}

/// A frozen manifest that is drawn for now.
fn frozen(path: &str) -> Result<Manifest, Failure> {
    let manifest = files::manifest(path)?;
    if manifest.seed.is_some() {
        let what =
            format!("{path}: it has been drawn already; another seed would make a choice of draws");
        return Err(AuditError::Option(what).into());
    }
    Ok(Manifest {
        frozen: Some(link(&manifest)),
        ..manifest
    })
}

/// An earlier draw with another round.
fn topped_up(path: &str, args: &DrawArgs) -> Result<Manifest, Failure> {
    let parent = files::drawn(path)?;
    let bad = |what: &str| AuditError::Option(format!("{path}: {what}"));
    let mut design = parent.design.clone();
    match (design.method, &args.size, &args.rate) {
        (Method::Poisson, None, Some(rate)) => design.rates.push(fraction("--rate", rate)?.value()),
        (Method::Poisson, ..) => {
            return Err(bad("it is a poisson draw: give a higher --rate").into());
        }
        (_, Some(size), None) => design.rounds.push(*size),
        (..) => return Err(bad("say by -n how many there are to be in all").into()),
    }
    if let Some(Allotment::Fixed { .. }) = design.allotment {
        return Err(bad("its strata have sizes of their own and cannot be topped up").into());
    }
    if design.targeted > 0 {
        let what = "it has a targeted part, which would change; draw the further cases as an audit \
                    of their own (--exclude)";
        return Err(bad(what).into());
    }
    Ok(Manifest {
        anchor: Some(parent.row_anchor()?),
        parent: Some(link(&parent)),
        tool: Tool::this(),
        frozen: None,
        design,
        ..parent
    })
}

/// Fills in what the log has to say; a frozen population must be the same again.
pub(super) fn take(
    undrawn: &mut Manifest,
    reading: &Reading,
    earlier: &[(Manifest, Mode)],
) -> Result<(), Failure> {
    let found = &reading.found;
    let fixed = undrawn.frozen.as_ref().or(undrawn.parent.as_ref());
    if let Some(link) = fixed {
        if undrawn.earlier != records(earlier) {
            return Err(AuditError::Hinted {
                what: format!("the manifest {} rests on other earlier audits", link.sha256),
                hint: "give the manifests that it was made with: --exclude FILE, --reuse FILE"
                    .to_owned(),
            }
            .into());
        }
        if undrawn.population != found.population {
            return Err(AuditError::Hinted {
                what: format!(
                    "the log does not hold the population of the manifest {}: {} cases with the \
                     digest {} instead of {} with {}",
                    link.sha256,
                    found.population.cases,
                    found.population.frame_digest,
                    undrawn.population.cases,
                    undrawn.population.frame_digest
                ),
                hint: "draw from the log that was frozen; a new population is a new audit"
                    .to_owned(),
            }
            .into());
        }
    } else {
        undrawn.inputs.clone_from(&found.inputs);
        undrawn.population = found.population.clone();
        undrawn.earlier = records(earlier);
    }
    if found.population.cases == 0 {
        let reasons = found.population.excluded.iter();
        let reasons: Vec<String> = reasons
            .map(|(why, count)| format!("{count} {why}"))
            .collect();
        let why = match reasons.len() {
            0 => "the log holds 0 cases".to_owned(),
            _ => format!(
                "of {} rows {} are left out",
                found.population.rows,
                reasons.join(", ")
            ),
        };
        return Err(crate::audit::DrawError::NoCases { why }.into());
    }
    Ok(())
}

fn fraction(option: &str, text: &str) -> Result<Fraction, AuditError> {
    text.parse()
        .map_err(|error: FractionError| AuditError::Option(format!("{option}: {error}")))
}

fn source(args: &SampleArgs, mapping: &Mapping) -> Result<Source, Failure> {
    let (population, draw) = (&args.population, &args.draw);
    let text = |key: &&crate::config::ColumnType| key.key().to_owned();
    let by_size = draw.method.is_some_and(Method::is_by_size);
    let value = match (&draw.value, by_size) {
        (Some(value), _) => Some(value.clone()),
        (None, true) => {
            let value = mapping.roles.get(&Role::Value).cloned();
            Some(value.ok_or_else(|| {
                AuditError::Hinted {
                    what: "there is no value to draw by".to_owned(),
                    hint: "map the role `value`, or say which column or SQL it is: --value amount"
                        .to_owned(),
                }
            })?)
        }
        (None, false) => None,
    };
    let risk = draw.split.as_ref().map(|_| {
        let given = draw.risk.clone();
        given.unwrap_or_else(|| "1 - score".to_owned())
    });
    let bands = draw.bands.as_ref().map(|list| {
        let bands = list.split(',').map(|band| band.trim().to_owned());
        bands.collect()
    });
    let policy = population
        .policy
        .as_ref()
        .map(|word| policy_text(word))
        .transpose()?;
    Ok(Source {
        roles: mapping
            .roles
            .iter()
            .map(|(role, text)| (role.key().to_owned(), text.clone()))
            .collect(),
        segments: mapping.segments.clone(),
        types: mapping
            .types
            .iter()
            .map(|(column, key)| (column.clone(), text(&key)))
            .collect(),
        delimiter: args.log.delimiter.clone(),
        skip_bad_rows: args.log.skip_bad_rows,
        dedup: population.dedup,
        policy,
        filters: population.filters.clone(),
        strata: draw.strata.clone(),
        bands: bands.unwrap_or_default(),
        negatives: value.as_ref().map(|_| draw.negatives),
        value,
        cluster: draw.cluster_by.clone(),
        risk,
        day: population.day.clone(),
    })
}

/// The text of a policy: a threshold stands for itself.
fn policy_text(word: &str) -> Result<String, Failure> {
    let policy = crate::command::policies::load(word)?;
    if policy.rules.is_empty() && word.parse::<f64>().is_ok() {
        return Ok(word.to_owned());
    }
    Ok(files::text(word)?)
}

fn design(args: &SampleArgs, source: &Source) -> Result<Design, Failure> {
    let draw = &args.draw;
    let has_strata = source.strata.is_some() || !source.bands.is_empty();
    let method = draw.method.unwrap_or(match (has_strata, &draw.rate) {
        (true, _) => Method::Stratified,
        (false, Some(_)) => Method::Poisson,
        (false, None) => Method::Srs,
    });
    check_clusters(method, draw, source)?;
    if draw.last_audit.is_some() && draw.allocation != Some(Spread::Neyman) {
        let what = "--last-audit is for --allocation neyman";
        return Err(AuditError::Option(what.to_owned()).into());
    }
    let fixed = draw.sizes.as_deref().map(sizes).transpose()?;
    let (random, targeted) = match &draw.split {
        Some(parts) => split(parts)?,
        None => (draw.size, 0),
    };
    let rate = draw
        .rate
        .as_ref()
        .map(|rate| fraction("--rate", rate))
        .transpose()?;
    let total = fixed.as_ref().map(sum).transpose()?;
    let allotment = match (draw.allocation, fixed) {
        (_, Some(sizes)) => Some(Allotment::Fixed {
            sizes: sizes
                .into_iter()
                .map(|(name, size)| (name, vec![size]))
                .collect(),
        }),
        (Some(Spread::Proportional), None) => Some(Allotment::Proportional),
        (Some(Spread::Equal), None) => Some(Allotment::Equal),
        (Some(Spread::Neyman), None) => {
            Some(super::last_audit::neyman(draw.last_audit.as_deref())?)
        }
        (None, None) => (method == Method::Stratified).then_some(Allotment::Proportional),
    };
    let rounds = if method == Method::Poisson {
        None
    } else {
        random.or(total)
    };
    if method != Method::Poisson && rounds.is_none() {
        return Err(AuditError::Hinted {
            what: "how many cases are to be drawn?".to_owned(),
            hint: "-n 59, for example; `gonogo audit plan` says how many it takes".to_owned(),
        }
        .into());
    }
    if method == Method::Poisson && (rate.is_none() || random.is_some()) {
        let what = "a poisson draw takes a --rate, such as 2%, and no number of cases";
        return Err(AuditError::Option(what.to_owned()).into());
    }
    Ok(Design {
        method,
        rounds: rounds.into_iter().collect(),
        rates: rate.into_iter().map(Fraction::value).collect(),
        allotment,
        without_size: draw.without_value.unwrap_or(0),
        reserve: draw.reserve.unwrap_or(0),
        targeted,
    })
}

/// Refuses what has no meaning for clusters: a cluster has no single correct value, and one replaces
/// another only as a whole.
fn check_clusters(method: Method, draw: &DrawArgs, source: &Source) -> Result<(), AuditError> {
    let what = if source.cluster.is_none() {
        return Ok(());
    } else if method.is_by_size() {
        "--cluster-by: clusters are drawn by count, not by value"
    } else if draw.reserve.unwrap_or(0) > 0 {
        "--reserve: a case that is not applicable leaves its cluster; clusters are not replaced"
    } else {
        return Ok(());
    };
    Err(AuditError::Option(what.to_owned()))
}

/// Reads `random:59,targeted:41`.
fn split(parts: &str) -> Result<(Option<u64>, u64), AuditError> {
    let bad = || AuditError::Option(format!("--split: `{parts}` is not random:59,targeted:41"));
    let mut sizes = BTreeMap::new();
    for part in parts.split(',') {
        let (name, size) = part.split_once(':').ok_or_else(bad)?;
        let size: u64 = size.trim().parse().map_err(|_| bad())?;
        if sizes.insert(name.trim(), size).is_some() {
            return Err(bad());
        }
    }
    match (
        sizes.remove("random"),
        sizes.remove("targeted"),
        sizes.len(),
    ) {
        (Some(random), Some(targeted), 0) => Ok((Some(random), targeted)),
        _ => Err(bad()),
    }
}

fn sum(sizes: &BTreeMap<String, u64>) -> Result<u64, AuditError> {
    let sum = sizes
        .values()
        .try_fold(0_u64, |sum, size| sum.checked_add(*size));
    sum.ok_or_else(|| AuditError::Option("--sizes: too many cases in all".to_owned()))
}

/// Reads `north=30,south=20`.
fn sizes(list: &str) -> Result<BTreeMap<String, u64>, AuditError> {
    let bad = || AuditError::Option(format!("--sizes: `{list}` is not north=30,south=20"));
    let mut sizes = BTreeMap::new();
    for part in list.split(',') {
        let (name, size) = part.rsplit_once('=').ok_or_else(bad)?;
        let size = size.trim().parse().map_err(|_| bad())?;
        if sizes.insert(name.trim().to_owned(), size).is_some() {
            return Err(bad());
        }
    }
    Ok(sizes)
}

fn rule(args: &DrawArgs, design: &Design) -> Result<Option<Rule>, AuditError> {
    let confidence = fraction("--confidence", &args.confidence)?;
    if confidence == Fraction::ZERO || confidence == Fraction::ONE {
        return Err(AuditError::Option(
            "--confidence lies between 0 and 1".to_owned(),
        ));
    }
    let Some(tolerable) = &args.tolerable else {
        return Ok(None);
    };
    if fraction("--tolerable", tolerable)? == Fraction::ZERO {
        return Err(AuditError::Option(
            "--tolerable: no sample can show a rate of 0".to_owned(),
        ));
    }
    if let Some(expected) = &args.expected {
        fraction("--expected", expected)?;
    }
    let plain = design.method == Method::Srs && args.cluster_by.is_none() && !args.two_sided;
    if args.sequential && !plain {
        let what = "--sequential: only a simple draw of cases can be looked at after every case";
        return Err(AuditError::Option(what.to_owned()));
    }
    let by_size = design.method.is_by_size();
    let of = match (by_size, args.claim_on, &args.cluster_by) {
        (true, Some(ClaimOn::Cases), _) => "cases",
        (true, Some(ClaimOn::Value) | None, _) => "value",
        (false, Some(_), _) => {
            let what = "--claim-on: only draws by value (pps, mus-interval) leave a choice";
            return Err(AuditError::Option(what.to_owned()));
        }
        (false, None, Some(_)) => "clusters",
        (false, None, None) => "cases",
    };
    Ok(Some(Rule {
        of: of.to_owned(),
        expected: args.expected.clone(),
        sequential: args.sequential,
        tolerable: tolerable.clone(),
        confidence: args.confidence.clone(),
        side: if args.two_sided {
            "two-sided"
        } else {
            "one-sided"
        }
        .to_owned(),
    }))
}

fn review(args: &SampleArgs, mapping: &Mapping) -> Result<Review, Failure> {
    let review = &args.review;
    let reviewers: Vec<String> = match &review.reviewers {
        Some(list) => list.split(',').map(|name| name.trim().to_owned()).collect(),
        None => vec![String::new()],
    };
    let is_name = |name: &String| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        !name.is_empty() && name.chars().all(plain) && name != crate::audit::worksheet::RESERVE
    };
    let distinct: BTreeSet<&String> = reviewers.iter().collect();
    if review.reviewers.is_some()
        && (distinct.len() < reviewers.len() || !reviewers.iter().all(is_name))
    {
        let what = "--reviewers: names are distinct and made of letters, digits, dots, dashes and \
                    underscores, for they become names of files";
        return Err(AuditError::Option(what.to_owned()).into());
    }
    let second = review.second.clone().unwrap_or_else(|| "0".to_owned());
    fraction("--second", &second)?;
    for column in &review.show {
        let roles = REVEALING
            .into_iter()
            .filter_map(|role| Some((role, mapping.roles.get(&role)?)));
        let mut revealing =
            roles.filter(|(role, text)| names(text, column) || column == role.key());
        if let Some((role, _)) = revealing.next() {
            return Err(AuditError::Hinted {
                what: format!(
                    "--show {column}: it tells the reviewer of `{}` ({})",
                    role.key(),
                    role.meaning()
                ),
                hint: format!(
                    "a blind review is worth more; --unblind {column} shows it all the same"
                ),
            }
            .into());
        }
    }
    let show: Vec<String> = review.show.iter().chain(&review.unblind).cloned().collect();
    let distinct: BTreeSet<String> = show.iter().map(|column| column.to_lowercase()).collect();
    if distinct.len() < show.len() {
        let what = "--show: a column is shown once, and no two differ in capitals only";
        return Err(AuditError::Option(what.to_owned()).into());
    }
    Ok(Review {
        reviewers,
        second,
        show,
        unblind: review.unblind.clone(),
    })
}

/// Whether an expression reads a column, as far as its text tells.
fn names(expression: &str, column: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    expression.match_indices(column).any(|(at, _)| {
        let before = expression.get(..at).and_then(|text| text.chars().last());
        let after = expression
            .get(at + column.len()..)
            .and_then(|text| text.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}
