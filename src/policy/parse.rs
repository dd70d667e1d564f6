//! Policy files: TOML to a policy, or everything that is wrong with it. Nothing is guessed: a key
//! that is not known is an error, and so are two that contradict each other.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{
    Afterwards, Finding, Pattern, Place, Policy, PolicyError, REST, Routing, Rule, Treatment,
};
use crate::config::closest;
use crate::rate::{Duration, Grid, Threshold};

/// Keys of a policy and of a rule.
const POLICY_KEYS: [&str; 8] = [
    "name",
    "description",
    "threshold",
    "route",
    "pattern",
    "window",
    "review_share",
    "rules",
];
const RULE_KEYS: [&str; 8] = [
    "name",
    "description",
    "when",
    "threshold",
    "route",
    "pattern",
    "window",
    "review_share",
];
const PATTERNS: [&str; 3] = ["pre-action", "post-action", "exception-only"];
const ROUTES: [&str; 2] = ["escalate", "auto"];

/// See `Policy::parse`.
pub(super) fn parse(text: &str, file: &str) -> Result<Policy, PolicyError> {
    let mut reader = Reader {
        text,
        findings: Vec::new(),
    };
    let policy = reader.policy(file);
    reader.findings.sort_by_key(|finding| finding.place);
    match policy {
        Some(policy) if reader.findings.is_empty() => Ok(policy),
        _ => Err(PolicyError {
            file: file.to_owned(),
            findings: reader.findings,
        }),
    }
}

struct Reader<'a> {
    text: &'a str,
    findings: Vec<Finding>,
}

/// A table with its place and what messages call it.
struct Scope<'a, 'i> {
    table: &'a DeTable<'i>,
    place: Place,
    name: String,
}

impl<'i> Scope<'_, 'i> {
    fn get(&self, key: &str) -> Option<&Spanned<DeValue<'i>>> {
        self.table
            .iter()
            .find(|(known, _)| known.get_ref().as_ref() == key)
            .map(|(_, value)| value)
    }

    fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }
}

impl<'a> Reader<'a> {
    fn policy(&mut self, file: &str) -> Option<Policy> {
        let parsed = match DeTable::parse(self.text) {
            Ok(parsed) => parsed,
            Err(error) => {
                let byte = error.span().map_or(0, |span| span.start);
                let message = format!("this is not TOML: {}", error.message());
                self.findings
                    .push(Finding::error(Place::of(self.text, byte), message));
                return None;
            }
        };
        let scope = Scope {
            table: parsed.get_ref(),
            place: Place { line: 1, column: 1 },
            name: "the policy".to_owned(),
        };
        self.check_keys(&scope, &POLICY_KEYS);
        let stem = std::path::Path::new(file).file_stem();
        let stem = stem.map_or_else(|| file.to_owned(), |s| s.to_string_lossy().into_owned());
        let name = self.string(&scope, "name").unwrap_or(stem);
        self.string(&scope, "description");
        let rest = self.treatment(&scope);
        let rules = self.rules(&scope);
        Some(Policy {
            name,
            rules,
            rest: rest?,
        })
    }

    fn rules(&mut self, scope: &Scope<'_, '_>) -> Vec<Rule> {
        let Some(value) = scope.get("rules") else {
            return Vec::new();
        };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong(value, "rules", "a list of tables, each begun by [[rules]]");
            return Vec::new();
        };
        let mut rules: Vec<Rule> = Vec::new();
        for (index, value) in list.iter().enumerate() {
            let place = self.place(value);
            let Some(table) = value.get_ref().as_table() else {
                self.wrong(value, "rules", "a list of tables, each begun by [[rules]]");
                continue;
            };
            let scope = Scope {
                table,
                place,
                name: format!("rule {}", index + 1),
            };
            if let Some(rule) = self.rule(&scope) {
                if let Some(first) = rules.iter().find(|known| known.name == rule.name) {
                    let message = format!(
                        "a second rule is called \"{}\"; the first stands in line {}",
                        rule.name, first.place.line
                    );
                    let hint = "give each rule a name of its own: reports go by it";
                    self.findings
                        .push(Finding::error(place, message).with_hint(hint));
                }
                rules.push(rule);
            }
        }
        rules
    }

    fn rule(&mut self, scope: &Scope<'_, '_>) -> Option<Rule> {
        self.check_keys(scope, &RULE_KEYS);
        let name = self.string(scope, "name");
        let name = name.unwrap_or_else(|| scope.name.clone());
        if name == REST {
            let message = format!("a rule is called \"{REST}\", as what no rule takes");
            let hint = "give the rule another name: reports go by it";
            self.findings
                .push(Finding::error(scope.place, message).with_hint(hint));
        }
        self.string(scope, "description");
        let treatment = self.treatment(scope);
        let Some(when) = self.string(scope, "when") else {
            if !scope.has("when") {
                let message = format!("rule \"{name}\" has no condition");
                let hint = "add for example: when = \"kind = 'refund' AND amount_usd > 500\"";
                self.findings
                    .push(Finding::error(scope.place, message).with_hint(hint));
            }
            return None;
        };
        if when.trim().is_empty() {
            let place = scope.get("when").map_or(scope.place, |v| self.place(v));
            let message = "the condition is empty".to_owned();
            self.findings.push(Finding::error(place, message));
        }
        Some(Rule {
            name,
            when_place: scope.get("when").map_or(scope.place, |v| self.place(v)),
            when,
            treatment: treatment?,
            place: scope.place,
        })
    }

    fn treatment(&mut self, scope: &Scope<'_, '_>) -> Option<Treatment> {
        let pattern = self.pattern(scope)?;
        let before = self.findings.len();
        let place = |reader: &Self, key| scope.get(key).map(|value| reader.place(value));
        let threshold = self.threshold(scope);
        let route = self.route(scope);
        if self.findings.len() > before {
            return None;
        }
        let stated = place(self, "threshold").or(place(self, "route"));
        let at = stated.unwrap_or(scope.place);
        let refuse = |reader: &mut Self, message: String, hint: &str| {
            reader
                .findings
                .push(Finding::error(at, message).with_hint(hint));
            None
        };
        let routing = match (threshold, route, pattern) {
            (Some(_), Some(_), _) => {
                let message = format!("{} has both a threshold and a route", scope.name);
                return refuse(self, message, "keep one of them");
            }
            (Some(_), None, Pattern::PreAction)
            | (None, Some(Routing::Auto), Pattern::PreAction) => {
                let message = format!(
                    "{} is pre-action, where every case waits for a human: nothing else has an effect",
                    scope.name
                );
                return refuse(
                    self,
                    message,
                    "write route = \"escalate\", or take another pattern",
                );
            }
            (None, Some(Routing::Escalate), Pattern::PostAction(_)) => {
                let message = format!(
                    "{} escalates every case, so nothing is left to review after the action",
                    scope.name
                );
                return refuse(self, message, "write pattern = \"pre-action\"");
            }
            (None, None, Pattern::PreAction) => Routing::Escalate,
            (None, None, Pattern::PostAction(_) | Pattern::ExceptionOnly) => {
                let message = format!("{} has neither a threshold nor a route", scope.name);
                let hint = "add for example threshold = 0.92, or route = \"escalate\"";
                return refuse(self, message, hint);
            }
            (Some(threshold), None, _) => Routing::Threshold(threshold),
            (None, Some(route), _) => route,
        };
        Some(Treatment {
            routing,
            pattern,
            place: at,
        })
    }

    /// A threshold exactly as it is written.
    fn threshold(&mut self, scope: &Scope<'_, '_>) -> Option<Threshold> {
        let value = scope.get("threshold")?;
        let written = value.span();
        let text = match value.get_ref() {
            DeValue::Float(_) | DeValue::Integer(_) => self.text.get(written)?,
            DeValue::String(text) => text.as_ref(),
            _ => "",
        };
        let parsed: Option<Grid> = text.parse().ok();
        let single = parsed.as_ref().and_then(|grid| match grid.thresholds() {
            [threshold] => Some(threshold.clone()),
            _ => None,
        });
        if single.is_none() {
            self.wrong(value, "threshold", "a decimal from 0 to 1, such as 0.92");
        }
        single
    }

    fn route(&mut self, scope: &Scope<'_, '_>) -> Option<Routing> {
        let word = self.word(scope, "route", &ROUTES)?;
        match word.as_str() {
            "escalate" => Some(Routing::Escalate),
            _ => Some(Routing::Auto),
        }
    }

    fn pattern(&mut self, scope: &Scope<'_, '_>) -> Option<Pattern> {
        let word = match scope.has("pattern") {
            true => self.word(scope, "pattern", &PATTERNS)?,
            false => "exception-only".to_owned(),
        };
        if word == "post-action" {
            return self.afterwards(scope).map(Pattern::PostAction);
        }
        for key in ["window", "review_share"] {
            if let Some(value) = scope.get(key) {
                let message = format!("`{key}` has a meaning for the pattern post-action only");
                let place = self.place(value);
                let hint = "write pattern = \"post-action\", or leave it out";
                self.findings
                    .push(Finding::error(place, message).with_hint(hint));
            }
        }
        Some(match word.as_str() {
            "pre-action" => Pattern::PreAction,
            _ => Pattern::ExceptionOnly,
        })
    }

    fn afterwards(&mut self, scope: &Scope<'_, '_>) -> Option<Afterwards> {
        let share = self.share(scope);
        let Some(value) = scope.get("window") else {
            let message = format!("{} is post-action and has no window", scope.name);
            let hint = "add how long an error can be corrected, such as window = \"4h\"";
            self.findings
                .push(Finding::error(scope.place, message).with_hint(hint));
            return None;
        };
        let window = value.get_ref().as_str().map(str::parse::<Duration>);
        let Some(Ok(window)) = window else {
            self.wrong(
                value,
                "window",
                "a length of time in quotes, such as \"4h\"",
            );
            return None;
        };
        Some(Afterwards {
            window,
            share: share?,
        })
    }

    /// The reviewed share, a fraction or a percentage; all cases where nothing is said.
    fn share(&mut self, scope: &Scope<'_, '_>) -> Option<f64> {
        let Some(value) = scope.get("review_share") else {
            return Some(1.0);
        };
        let number = |text: &str| text.trim().replace('_', "").parse::<f64>().ok();
        let share = match value.get_ref() {
            DeValue::Float(float) => number(float.as_str()),
            DeValue::Integer(integer) => number(integer.as_str()),
            DeValue::String(text) => text
                .strip_suffix('%')
                .and_then(number)
                .map(|percent| percent / 100.0),
            _ => None,
        };
        let share = share.filter(|share| (0.0..=1.0).contains(share));
        if share.is_none() {
            self.wrong(value, "review_share", "a share from 0 to 1, such as 0.25");
        }
        share
    }

    fn string(&mut self, scope: &Scope<'_, '_>, key: &str) -> Option<String> {
        let value = scope.get(key)?;
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong(value, key, "text in quotes");
        }
        text.map(str::to_owned)
    }

    fn word(&mut self, scope: &Scope<'_, '_>, key: &str, words: &[&str]) -> Option<String> {
        let value = scope.get(key)?;
        let text = value.get_ref().as_str().unwrap_or_default();
        if words.contains(&text) {
            return Some(text.to_owned());
        }
        let all = words.iter().map(|word| format!("\"{word}\""));
        self.wrong(value, key, &all.collect::<Vec<_>>().join(" or "));
        None
    }

    fn wrong(&mut self, value: &Spanned<DeValue<'_>>, key: &str, wanted: &str) {
        let found = self.text.get(value.span()).unwrap_or_default();
        let found: String = found
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(60)
            .collect();
        let message = format!("`{key}` is {found}, but must be {wanted}");
        let place = self.place(value);
        self.findings.push(Finding::error(place, message));
    }

    fn check_keys(&mut self, scope: &Scope<'_, '_>, known: &[&'static str]) {
        for (key, _) in scope.table {
            let name = key.get_ref().as_ref();
            if known.contains(&name) {
                continue;
            }
            let guess = closest(name, known.iter().copied());
            let guess = guess.map_or(String::new(), |key| format!("did you mean `{key}`? "));
            let place = Place::of(self.text, key.span().start);
            let message = format!("{} has no key `{name}`", scope.name);
            let hint = format!("{guess}the keys are {}", known.join(", "));
            self.findings
                .push(Finding::error(place, message).with_hint(hint));
        }
    }

    fn place<T>(&self, value: &Spanned<T>) -> Place {
        Place::of(self.text, value.span().start)
    }
}
