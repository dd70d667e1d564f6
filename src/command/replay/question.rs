//! What a replay is asked: policies, what they are compared with, and what must be read for it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::reading::{Found, QueuePlaces, Reading};
use super::{ACTUAL, OPTIONAL, ReplayArgs};
use crate::command::open::keep_apart;
use crate::command::outcome::segment_names;
use crate::command::pricing::Pricing;
use crate::command::{CommandError, LogArgs, policies};
use crate::config::{Config, Mapping, Reviewers, Role, closest};
use crate::error::Failure;
use crate::log::{Formula, Log, Needs, Plan};
use crate::policy::{Afterwards, Pattern, Policy, Router, Routing};
use crate::queue::Hours;
use crate::rate::{Duration, Level};
use crate::report::check_place;
use crate::tally::{Accounts, Apart, ReplayTallier, ReplayTally};

/// The most policies of one replay.
const MOST_POLICIES: usize = 64;

/// What is asked, checked.
pub(in crate::command) struct Question {
    pub(in crate::command) policies: Vec<Policy>,
    pub(in crate::command) routers: Vec<Router>,
    conditions: Vec<Formula>,
    pub(in crate::command) apart: Apart,
    /// The names of each grouping's segments.
    pub(in crate::command) groupings: Vec<Vec<String>>,
    pub(in crate::command) top: usize,
    pub(in crate::command) compares_patterns: bool,
    pub(in crate::command) level: Level,
    /// Present where costs, reviewers or the time of reviews are stated.
    pub(in crate::command) pricing: Option<Pricing>,
    pub(in crate::command) has_costs: bool,
    pub(in crate::command) reviewers: Option<(Reviewers, Hours)>,
    /// Present where a queue can be simulated.
    pub(in crate::command) queue_places: Option<QueuePlaces>,
    numbers: Vec<Formula>,
    pub(in crate::command) swap_out: Option<PathBuf>,
}

/// The log's words and those of policies: they stand side by side on the command line.
pub(in crate::command) fn split_words(
    args: &LogArgs,
) -> Result<(LogArgs, Vec<String>), CommandError> {
    let (words, logs): (Vec<String>, Vec<String>) = args
        .logs
        .iter()
        .cloned()
        .partition(|word| policies::is_policy(word));
    if words.is_empty() {
        return Err(CommandError::NoPolicy { logs });
    }
    if logs.is_empty() {
        return Err(CommandError::NoLog);
    }
    let args = LogArgs {
        logs,
        ..args.clone()
    };
    Ok((args, words))
}

impl Question {
    pub(in crate::command) fn resolve(
        args: &ReplayArgs,
        words: &[String],
        config: &Config,
    ) -> Result<Self, Failure> {
        let mut policies = words
            .iter()
            .map(|word| policies::load(word))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(rule) = &args.patterns {
            policies = in_all_patterns(&policies, rule, args)?;
        }
        check_names(&policies)?;
        let (routers, conditions) = policies::routers(&policies);
        let mut conditions = conditions.formulas().to_vec();
        let irreversible = config.costs.irreversible.as_ref().map(|condition| {
            conditions.push(Formula::new("[cost] irreversible", condition));
            conditions.len() - 1
        });
        let against = args.against.as_deref();
        let against = against.map(|name| place_of(&policies, words, name));
        let against = against.transpose()?;
        let pricing = Pricing::of(config);
        let mut question = Self {
            routers,
            conditions,
            apart: Apart {
                against,
                irreversible,
            },
            groupings: args.by.iter().map(|by| segment_names(by)).collect(),
            top: args.top,
            compares_patterns: args.patterns.is_some(),
            level: Level::new(args.level).ok_or(CommandError::Level(args.level))?,
            has_costs: config.costs.is_stated(),
            pricing,
            reviewers: None,
            queue_places: None,
            numbers: Vec::new(),
            swap_out: args.swap_out.clone(),
            policies,
        };
        question.ask_for_queue(config)?;
        Ok(question)
    }

    /// A queue needs reviewers and times of arrival.
    fn ask_for_queue(&mut self, config: &Config) -> Result<(), Failure> {
        let Some(reviewers) = &config.reviewers else {
            return Ok(());
        };
        let hours: Hours = reviewers.hours.parse()?;
        self.reviewers = Some((reviewers.clone(), hours));
        if !config.mapping.roles.contains_key(&Role::Time) {
            return Ok(());
        }
        let effort = self.accounts().effort;
        let mut places = QueuePlaces {
            seconds: effort,
            priority: None,
        };
        if let Some(priority) = &reviewers.priority {
            places.priority = Some(usize::from(effort.is_some()));
            let formula = Formula::new("[reviewers] priority", &priority.sql());
            self.numbers.push(formula);
        }
        self.queue_places = Some(places);
        Ok(())
    }

    pub(in crate::command) fn accounts(&self) -> Accounts {
        let pricing = self.pricing.as_ref();
        pricing.map(|pricing| pricing.accounts).unwrap_or_default()
    }

    /// The groupings as places among the plan's segments.
    pub(in crate::command) fn places(&self, plan: &Plan) -> Vec<Vec<usize>> {
        let groupings = self.groupings.iter();
        groupings.map(|names| plan.places(names)).collect()
    }

    /// What reads the batches of one thread, given the places of the groupings.
    pub(in crate::command) fn reading(&self, groupings: &[Vec<usize>]) -> Reading<'_> {
        let rules: Vec<usize> = self.routers.iter().map(Router::rules).collect();
        Reading {
            routers: &self.routers,
            tallier: ReplayTallier::new(&rules, groupings, &self.accounts(), self.apart),
            apart: self.apart,
            wants_moved: self.swap_out.is_some(),
            queue: self.queue_places,
            moved: Vec::new(),
            seen: Vec::new(),
            routed: Vec::new(),
        }
    }

    /// What all threads have found.
    pub(in crate::command) fn gather(&self, parts: Vec<Found>) -> Found {
        let mut found = Found {
            tally: ReplayTally::new(self.routers.len(), self.groupings.len()),
            moved: Vec::new(),
            seen: vec![Vec::new(); self.routers.len() + 1],
        };
        for part in parts {
            found.tally += part.tally;
            found.moved.extend(part.moved);
            for (seen, more) in found.seen.iter_mut().zip(part.seen) {
                seen.extend(more);
            }
        }
        found.tally.fold_probabilities();
        found.moved.sort();
        found
    }

    /// What is to be read of the log.
    pub(in crate::command) fn needs(&self, log: &LogArgs, mapping: &Mapping) -> Needs {
        let mut required = vec![Role::Error];
        if self.policies.iter().any(Policy::has_threshold) {
            required.push(Role::Score);
        }
        let mut optional = OPTIONAL.to_vec();
        let mut texts = Vec::new();
        // Without routes there is still a comparison of policies with each other.
        if self.apart.against.is_none() && self.swap_out.is_some() {
            required.push(Role::Escalated);
        } else {
            optional.push(Role::Escalated);
        }
        match (&self.swap_out, mapping.roles.get(&Role::Id)) {
            (Some(_), Some(id)) => texts.push(Formula::new(Role::Id.key(), id)),
            (Some(_), None) => required.push(Role::Id),
            (None, _) => {}
        }
        let mut needs = Needs {
            segments: self.groupings.concat(),
            conditions: self.conditions.clone(),
            numbers: self.numbers.clone(),
            texts,
            ..log.needs(required, optional)
        };
        if let Some(pricing) = &self.pricing {
            pricing.add_to(&mut needs);
        }
        needs
    }

    /// Conditions that use what is known only after the AI has decided.
    pub(in crate::command) fn doubts(
        &self,
        log: &Log,
        mapping: &Mapping,
    ) -> Result<Vec<String>, Failure> {
        let mut doubts = Vec::new();
        for policy in &self.policies {
            for rule in &policy.rules {
                let formula = Formula::new(&rule.name, &rule.when);
                for late in policies::known_late(log, mapping, &formula)? {
                    doubts.push(format!(
                        "policy \"{}\", rule \"{}\": {}",
                        policy.name,
                        rule.name,
                        late.text()
                    ));
                }
            }
        }
        Ok(doubts)
    }

    /// Refuses to write the moved cases, or anything else, over what is read.
    pub(in crate::command) fn check_places<'p>(
        &self,
        read: impl Iterator<Item = &'p Path>,
        args: &ReplayArgs,
    ) -> Result<(), Failure> {
        let others = args.output.output.iter().chain(&args.log.rejects);
        let written: Vec<_> = others.chain(&self.swap_out).map(PathBuf::as_path).collect();
        keep_apart(read, &written)?;
        if let Some(file) = &self.swap_out {
            check_place(file)?;
        }
        Ok(())
    }
}

/// Reports go by the names of policies.
fn check_names(policies: &[Policy]) -> Result<(), CommandError> {
    if policies.iter().any(|policy| policy.name == ACTUAL) {
        return Err(CommandError::ReservedName(ACTUAL));
    }
    let mut names = BTreeSet::new();
    if let Some(twin) = policies.iter().find(|policy| !names.insert(&policy.name)) {
        return Err(CommandError::TwinPolicies(twin.name.clone()));
    }
    if policies.len() > MOST_POLICIES {
        return Err(CommandError::TooManyPolicies {
            count: policies.len(),
            most: MOST_POLICIES,
        });
    }
    Ok(())
}

/// The place of the policy of a name, or of the word that stands for it on the command line.
fn place_of(policies: &[Policy], words: &[String], name: &str) -> Result<usize, CommandError> {
    let names = || policies.iter().map(|policy| policy.name.as_str());
    let place = names().position(|known| known == name);
    // With --patterns the policies are others than the words.
    let by_word = || words.iter().position(|word| word == name);
    let place = place.or_else(|| by_word().filter(|_| words.len() == policies.len()));
    place.ok_or_else(|| CommandError::NoSuchPolicy {
        name: name.to_owned(),
        closest: closest(name, names()).map(str::to_owned),
        names: names().map(str::to_owned).collect(),
    })
}

/// The one policy three times: with each pattern for one of its rules.
fn in_all_patterns(
    policies: &[Policy],
    rule: &str,
    args: &ReplayArgs,
) -> Result<Vec<Policy>, Failure> {
    let [policy] = policies else {
        return Err(CommandError::PatternsOfMany(policies.len()).into());
    };
    let names: Vec<&str> = policy.rule_names().collect();
    let place = names.iter().position(|known| *known == rule);
    let place = place.ok_or_else(|| CommandError::NoSuchRule {
        name: rule.to_owned(),
        closest: closest(rule, names.iter().copied()).map(str::to_owned),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
    })?;
    let treatment = policy.treatments().nth(place).unwrap_or(&policy.rest);
    let own = match treatment.pattern {
        Pattern::PostAction(afterwards) => Some(afterwards),
        Pattern::PreAction | Pattern::ExceptionOnly => None,
    };
    let window = args.window.as_deref().map(str::parse::<Duration>);
    let window = window.transpose().map_err(CommandError::Duration)?;
    let share = args
        .review_share
        .or(own.map(|own| own.share))
        .unwrap_or(1.0);
    if !(0.0..=1.0).contains(&share) {
        return Err(CommandError::Share(share).into());
    }
    let window = window.or(own.map(|own| own.window));
    let window = window.ok_or_else(|| CommandError::NoWindow(rule.to_owned()))?;
    // A rule that sends every case to a human has no threshold of its own to act by.
    let acting = match &treatment.routing {
        Routing::Escalate => policy.rest.routing.clone(),
        routing @ (Routing::Threshold(_) | Routing::Auto) => routing.clone(),
    };
    if acting == Routing::Escalate {
        return Err(CommandError::NothingToCompare(rule.to_owned()).into());
    }
    let patterns = [
        (Pattern::PreAction, Routing::Escalate),
        (
            Pattern::PostAction(Afterwards { window, share }),
            acting.clone(),
        ),
        (Pattern::ExceptionOnly, acting),
    ];
    let variant = |(pattern, routing): (Pattern, Routing)| {
        let mut variant = policy.clone();
        let changed = match variant.rules.get_mut(place) {
            Some(rule) => &mut rule.treatment,
            None => &mut variant.rest,
        };
        changed.pattern = pattern;
        changed.routing = routing;
        variant.name = pattern.key().to_owned();
        variant
    };
    Ok(patterns.into_iter().map(variant).collect())
}
