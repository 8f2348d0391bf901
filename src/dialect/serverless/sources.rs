//! What each source of a variable answers: the file itself, options, parameters, environment, AWS.
//!
//! Nothing is asked outside the project. What the deploying machine or AWS would answer stays a name.

use super::config::Version;
use super::config_plugins;
use super::dotenv;
use super::grammar;
use super::stages::MAX_STAGES;
use super::variables::{Turn, Variables};
use crate::template::{ExternalKind, Intrinsic, Kind, Origin, Value};

pub(super) use super::sources_file::Files;

/// The stage without a name that stands for every stage while we look for them.
pub(super) const ANY_STAGE: &str = "\u{1}stage\u{1}";

/// What a source answers.
pub(super) enum Outcome<'a> {
    /// A value, its own text no variable any more.
    Found(Value<'a>),
    /// Nothing: the next alternative is asked. The value is what to assume when there is none.
    Missing(Option<Value<'a>>),
}

impl<'a> Variables<'a, '_> {
    /// Asks one source. `at` is the variable's own place.
    pub(super) fn source(
        &mut self,
        kind: &'a str,
        parameters: Option<&'a str>,
        address: Option<&'a str>,
        written: &'a str,
        at: Origin<'a>,
    ) -> Outcome<'a> {
        if kind == "file" {
            return self.file(parameters.unwrap_or(""), address, written, at);
        }
        let asked = match self.argument(address.or(parameters).unwrap_or(""), at) {
            Ok(asked) => asked,
            Err(open) => return Outcome::Found(self.of_open_address(kind, open, written, at)),
        };
        match kind {
            "self" => self.own(asked, at),
            "opt" => self.option(asked, written, at),
            "sls" if asked == "stage" => Outcome::Found(self.stage(at)),
            "param" => self.parameter(asked, written, at),
            "env" => self.environment(asked, written, at),
            "strToBool" => Outcome::Found(match asked.trim() {
                "true" | "1" => Value::new(Kind::Bool(true), at),
                "false" | "0" => Value::new(Kind::Bool(false), at),
                _ => self.build.unknown(&format!("`{written}` is neither true nor false"), at),
            }),
            "aws" if asked == "region" => Outcome::Found(self.build.text(self.region, at)),
            "aws" if asked == "partition" => Outcome::Found(self.build.text(partition(self.region), at)),
            _ => {
                let path = asked.split('~').next().unwrap_or(asked).trim();
                Outcome::Found(self.external(external_kind(kind, asked), path, written, at))
            }
        }
    }

    /// An address or a parameter with the variables in it replaced; what it is when that is no text.
    pub(super) fn argument(&mut self, text: &'a str, at: Origin<'a>) -> Result<&'a str, Value<'a>> {
        if !grammar::may_vary(text) {
            return Ok(text);
        }
        let value = self.head(Value::new(Kind::Text(text), at));
        value.as_text().ok_or(value)
    }

    /// A source asked with an address that is only known while deploying.
    fn of_open_address(&mut self, kind: &'a str, open: Value<'a>, written: &'a str, at: Origin<'a>) -> Value<'a> {
        match kind {
            "self" | "sls" | "strToBool" => {
                self.build.unknown(&format!("which value `{written}` is will only be known while deploying"), at)
            }
            "opt" | "param" => self.external(ExternalKind::Option, self.shown(open), written, at),
            "env" => self.external(ExternalKind::Environment, self.shown(open), written, at),
            _ => {
                let key = self.shown(open);
                self.external(external_kind(kind, key), key, written, at)
            }
        }
    }

    /// A text with holes, the variables that are its holes as written.
    pub(super) fn shown(&self, value: Value<'a>) -> &'a str {
        let mut text = String::new();
        let items = match value.as_intrinsic() {
            Some(Intrinsic::Join(_, items)) => items.items(),
            _ => vec![value],
        };
        for item in items {
            match (item.as_text(), item.as_intrinsic()) {
                (Some(part), _) => text.push_str(part),
                (None, Some(Intrinsic::External(external))) => text.push_str(external.written),
                (None, _) => text.push('*'),
            }
        }
        self.build.str(&text)
    }

    /// `${self:a.b.0}`.
    fn own(&mut self, address: &'a str, at: Origin<'a>) -> Outcome<'a> {
        let address = address.trim();
        let prefilled = |version| matches!(version, Version::V1 | Version::V2 | Version::V4);
        match address {
            // v4 fills in what is being deployed, whatever the file says.
            "provider.stage" if self.version == Version::V4 => return Outcome::Found(self.stage(at)),
            "provider.stage" => {
                let known = match self.at(&["provider", "stage"]) {
                    Outcome::Found(value) if value.as_intrinsic().is_none() && !value.is_null() => {
                        return Outcome::Found(value);
                    }
                    Outcome::Found(_) | Outcome::Missing(_) => self.stage(at),
                };
                return if prefilled(self.version) || self.stages.unknown {
                    Outcome::Found(known)
                } else {
                    Outcome::Missing(Some(known))
                };
            }
            "provider.region" => {
                return match self.at(&["provider", "region"]) {
                    Outcome::Found(value) if !value.is_null() => Outcome::Found(value),
                    Outcome::Found(_) | Outcome::Missing(_) => Outcome::Missing(Some(self.build.text(self.region, at))),
                };
            }
            // Until v2 a service could be a map; its name is what everybody means.
            "service" | "service.name" => {
                let Outcome::Found(service) = self.at(&["service"]) else { return Outcome::Missing(None) };
                let name = service.get("name").map_or(service, |e| e.value);
                return Outcome::Found(self.head(name));
            }
            _ => {}
        }
        let segments: Vec<&str> = address.split('.').filter(|s| !s.is_empty()).collect();
        self.navigate(self.root, &segments)
    }

    /// A value of the file itself.
    pub(super) fn at(&mut self, keys: &[&str]) -> Outcome<'a> {
        self.navigate(self.root, keys)
    }

    /// Follows keys, through variables.
    pub(super) fn navigate(&mut self, from: Value<'a>, segments: &[&str]) -> Outcome<'a> {
        let mut value = self.head(from);
        let mut rest = segments;
        while let [segment, behind @ ..] = rest {
            if segment.contains(ANY_STAGE) {
                self.discover(value, segment, behind, segments.len() - rest.len());
                return Outcome::Missing(None);
            }
            let next = match value.kind {
                Kind::Map(map) => map.get(segment).map(|e| e.value),
                Kind::List(items) => segment.parse::<usize>().ok().and_then(|at| items.get(at)).copied(),
                // A part of something unknown is as unknown.
                Kind::Unknown(_) | Kind::Intrinsic(Intrinsic::External(_)) => return Outcome::Found(value),
                Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Intrinsic(_) => None,
            };
            let Some(next) = next else { return Outcome::Missing(None) };
            value = self.head(next);
            rest = behind;
        }
        Outcome::Found(value)
    }

    /// Something is chosen by stage: the keys to choose from are stages.
    fn discover(&mut self, choice: Value<'a>, segment: &str, behind: &[&str], depth: usize) {
        let Some((before, after)) = segment.split_once(ANY_STAGE) else { return };
        let Kind::Map(map) = choice.kind else { return };
        // In `custom` itself stages stand beside everything else.
        let mixed = depth < 2;
        for entry in map.entries.iter().take(4 * MAX_STAGES) {
            let name = entry.key.strip_prefix(before).and_then(|k| k.strip_suffix(after));
            let fits = match behind.first() {
                Some(next) => entry.value.get(next).is_some() || !mixed && entry.value.as_map().is_none(),
                None => !mixed || entry.value.as_map().is_some(),
            };
            if let (Some(name), true) = (name, fits) {
                self.stages.add(name);
            }
        }
    }

    /// The stage whose turn it is.
    pub(super) fn stage(&mut self, at: Origin<'a>) -> Value<'a> {
        self.tainted |= !self.stages.pinned;
        let index = match self.turn {
            Turn::Any if !self.stages.pinned => return Value::new(Kind::Text(ANY_STAGE), at),
            Turn::Any | Turn::Each => 0,
            Turn::Stage(index) => usize::from(index),
        };
        if self.stages.unknown && self.stages.names.len() < 2 {
            // Only the deploying machine knows, and the file does not say what it could be.
            if let Outcome::Found(value) = self.at(&["provider", "stage"])
                && value.as_intrinsic().is_some()
            {
                return value;
            }
        }
        let name = self.stages.names.get(index).copied().unwrap_or("dev");
        match self.at(&["provider", "stage"]) {
            // The text stands in the file; say so.
            Outcome::Found(value) if value.as_text() == Some(name) => value,
            Outcome::Found(_) | Outcome::Missing(_) => self.build.text(name, at),
        }
    }

    fn option(&mut self, name: &'a str, written: &'a str, at: Origin<'a>) -> Outcome<'a> {
        if let Some(given) = self.input.options.options.get(name) {
            return Outcome::Found(self.build.text(given, at));
        }
        match (name, self.turn) {
            ("stage" | "s", Turn::Stage(0)) if !self.stages.pinned => {
                // The default stage is what is deployed without the option.
                self.tainted = true;
                Outcome::Missing(Some(self.build.text(self.stages.names.first().copied().unwrap_or("dev"), at)))
            }
            ("stage" | "s", _) => Outcome::Found(self.stage(at)),
            ("region" | "r", _) => match &self.input.options.region {
                Some(region) => Outcome::Found(self.build.text(region, at)),
                None => Outcome::Missing(Some(self.build.text(self.region, at))),
            },
            _ => Outcome::Missing(Some(self.external(ExternalKind::Option, name, written, at))),
        }
    }

    fn parameter(&mut self, name: &'a str, written: &'a str, at: Origin<'a>) -> Outcome<'a> {
        if let Some(given) = self.input.options.params.get(name) {
            return Outcome::Found(self.build.text(given, at));
        }
        let stage = self.stage(at);
        let stage = stage.as_text().unwrap_or("");
        let places: [&[&str]; 4] = [
            &["stages", stage, "params", name],
            &["params", stage, name],
            &["stages", "default", "params", name],
            &["params", "default", name],
        ];
        for place in places {
            match self.at(place) {
                Outcome::Found(value) if !value.is_null() => return Outcome::Found(value),
                Outcome::Found(_) | Outcome::Missing(_) => {}
            }
        }
        Outcome::Missing(Some(self.external(ExternalKind::Option, name, written, at)))
    }

    /// Never from our own environment: only from `.env` files that the service says it uses.
    fn environment(&mut self, name: &'a str, written: &'a str, at: Origin<'a>) -> Outcome<'a> {
        let used = self.version == Version::V4
            || config_plugins::listed(self.root, config_plugins::DOTENV)
            || matches!(self.at(&["useDotenv"]), Outcome::Found(value) if value.as_bool() == Some(true));
        if used {
            let stage = self.stage(at);
            let own = stage.as_text().map(|stage| format!(".env.{stage}"));
            for path in own.into_iter().chain([".env".to_owned()]) {
                let Some(lines) = self.dotenv(&path) else { continue };
                match dotenv::find(lines, name) {
                    Some(dotenv::Line { value: Some(value), span, .. }) => {
                        return Outcome::Found(Value::new(Kind::Text(value), Origin::written(*span)));
                    }
                    Some(dotenv::Line { value: None, .. }) => {
                        return Outcome::Found(self.external(ExternalKind::Environment, name, written, at));
                    }
                    None => {}
                }
                // Until v3 the first file that exists is the only one.
                if self.version != Version::V4 {
                    break;
                }
            }
        }
        Outcome::Missing(Some(self.external(ExternalKind::Environment, name, written, at)))
    }
}

fn external_kind(source: &str, asked: &str) -> ExternalKind {
    match source {
        "ssm" | "secretsmanager" => ExternalKind::Ssm,
        "s3" => ExternalKind::S3,
        "cf" | "output" => ExternalKind::Stack,
        "file" => ExternalKind::File,
        "aws" => match asked.split_once(':') {
            Some((resolver, _)) => external_kind(resolver, ""),
            None => ExternalKind::Aws,
        },
        _ => ExternalKind::Other,
    }
}

/// The partition of a region.
fn partition(region: &str) -> &'static str {
    match region {
        r if r.starts_with("cn-") => "aws-cn",
        r if r.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
