//! serverless.yml as the framework sees it before it packages: one map, nothing left to look up.

use std::collections::HashSet;

use super::config_merge::{self, updated};
use super::config_plugins::{self, listed};
use super::config_schema;
use super::config_version;
use super::grammar;
use super::sources::Outcome;
use super::variables::{Turn, Variables};
use crate::dialect::Input;
use crate::syntax::{self, Node};
use crate::template::{Build, Entry, ExternalKind, Intrinsic, Kind, Origin, Parameter, Reader, Schema, Value};

pub(super) use config_version::Version;

/// serverless.yml after variables, includes and list folding; every value knows where it was written.
#[derive(Debug)]
pub(super) struct Config<'a> {
    /// The whole file as one map, variables replaced.
    pub root: Value<'a>,
    /// The framework's major version.
    pub version: Version,
    /// The stage that is deployed when nobody names another.
    pub stage: &'a str,
    /// Every stage that the file speaks of, the one above first.
    #[cfg(test)]
    pub stages: Vec<&'a str>,
    /// The region.
    pub region: &'a str,
    /// The stage as a template parameter, when values depend on it.
    pub parameters: Vec<Parameter<'a>>,
    /// `stage is prod` and the like, as far as values depend on it.
    pub conditions: Vec<Entry<'a>>,
    /// What could not be known and may hide resources.
    pub unknown_parts: Vec<(Origin<'a>, &'a str)>,
    /// Files that values of the service stand in and that are not read.
    pub unread: Vec<(Origin<'a>, &'a str)>,
    /// What was too large to be followed to its end.
    pub bounds_met: Vec<&'static str>,
}

impl<'a> Config<'a> {
    /// Reads a service: what its variables, includes and lists come to.
    pub(super) fn read(root: &Node<'a>, input: &Input<'a, '_>) -> Config<'a> {
        let mut reader = Reader::new(input.arena, input.sources, Schema::Core12, &input.options.parameters)
            .with_imports(input.loader);
        let raw = reader.value(root);
        let version = config_version::of(raw);
        let mut variables = Variables::new(raw, input, version);
        variables.unknown_parts = reader.take_unknown_parts();
        variables.settle();
        let text = input.sources.get(root.span.file).text();
        let mut value = raw;
        if grammar::may_vary(text) {
            if (text.contains("stage") || text.contains("file(")) && !variables.stages.pinned {
                variables.turn = Turn::Any;
                let _ = variables.walk(raw);
                variables.forget();
            }
            variables.turn = Turn::Each;
            value = variables.walk(raw).value;
        }
        let mut unknown_parts = std::mem::take(&mut variables.unknown_parts);
        let build = Build::new(input.arena);
        for (section, named) in [("functions", 0), ("resources", 1)] {
            if matches!(value.get(section).map(|e| e.value.kind), Some(Kind::List(_))) {
                value = updated(build, value, &[section], &mut |list| {
                    config_merge::folded(build, list, named, &mut unknown_parts)
                });
            }
        }
        if listed(value, config_plugins::DOTENV) {
            variables.turn = Turn::Stage(0);
            let lines = variables.dotenv_of_plugin(value);
            value = config_plugins::with_dotenv(build, value, lines);
        }
        if text.contains("#{") && listed(value, config_plugins::PSEUDO_PARAMETERS) {
            value = config_plugins::pseudo_parameters(build, value);
        }
        for (path, key) in
            [(["resources", "Resources", "*"].as_slice(), "Condition"), (&["functions", "*"], "condition")]
        {
            let stages = &mut variables.stages;
            if stages.in_use() {
                value = updated(build, value, path, &mut |body| stages.only_where_it_is(build, body, key));
            }
        }
        let unread = if variables.closed { files_not_read(build, value) } else { Vec::new() };
        if variables.closed || syntax::is_script(input.sources.get(root.span.file).path()) {
            value = opened(build, value, &mut unknown_parts);
        }
        value =
            updated(build, value, &["provider"], &mut |provider| unread_provider(build, provider, &mut unknown_parts));
        value = config_schema::coerced(build, value);
        let (parameters, conditions) = variables.stages.declarations(build, Origin::written(raw.origin.span));
        let stages = variables.stages.names;
        let stage = stages.first().copied().unwrap_or("dev");
        for path in NAMES {
            value = updated(build, value, path, &mut |name| plain(name, stage));
        }
        Config {
            root: value,
            version,
            stage,
            #[cfg(test)]
            stages,
            region: variables.region,
            parameters,
            conditions,
            unknown_parts,
            unread,
            bounds_met: variables.bounds_met,
        }
    }
}

impl<'a> Variables<'a, '_> {
    /// Finds the default stage and the region, and the stages that are spelt out as keys.
    fn settle(&mut self) {
        self.find_stages();
        if self.input.options.one_stage {
            // What a deployment without options comes to.
            self.stages.names.truncate(1);
            self.stages.complete = true;
        }
        self.forget();
        self.find_region();
        self.forget();
    }

    fn given(&self, own: &Option<String>, name: &str) -> Option<String> {
        own.clone().or_else(|| self.input.options.options.get(name).cloned())
    }

    fn find_stages(&mut self) {
        let options = self.input.options;
        if let Some(stage) = self.given(&options.stage, "stage") {
            self.stages.names = vec![self.build.str(&stage)];
            self.stages.pinned = true;
        } else {
            let written = match self.at(&["provider", "stage"]) {
                Outcome::Found(value) => Some(value),
                Outcome::Missing(_) => None,
            };
            let name = written.and_then(|v| v.as_text());
            self.stages.unknown = name.is_none() && written.is_some_and(|v| v.as_intrinsic().is_some());
            // Not `add`: whatever it is called, this stage is deployed.
            self.stages.names.extend(name);
            for section in ["params", "stages"] {
                let Outcome::Found(value) = self.at(&[section]) else { continue };
                for entry in value.entries() {
                    self.stages.add(entry.key);
                }
            }
            if self.stages.names.is_empty() {
                self.stages.names.push("dev");
            } else if name.is_none() && !self.stages.unknown {
                // The framework's own default comes first, whatever else there is.
                self.stages.names.retain(|n| *n != "dev");
                self.stages.names.insert(0, "dev");
                self.stages.names.truncate(super::stages::MAX_STAGES);
            }
        }
    }

    fn find_region(&mut self) {
        let written = match self.at(&["provider", "region"]) {
            Outcome::Found(value) => value.as_text(),
            Outcome::Missing(_) => None,
        };
        self.region = match self.given(&self.input.options.region, "region") {
            Some(region) => self.build.str(&region),
            None => written.unwrap_or(self.region),
        };
    }
}

/// Names by which the framework makes further names and logical ids: they are those of the default stage,
/// or every role and log group of a stage would have to be told apart.
const NAMES: [&[&str]; 5] = [
    &["service"],
    &["service", "name"],
    &["functions", "*", "name"],
    &["provider", "stackName"],
    &["provider", "iam", "role", "name"],
];

fn plain<'a>(value: Value<'a>, default: &str) -> Value<'a> {
    let mut value = value;
    while let Some(Intrinsic::If(condition, then, otherwise)) = value.as_intrinsic() {
        let Some(stage) = condition.strip_prefix("stage is ") else { break };
        value = if stage == default { *then } else { *otherwise };
    }
    value
}

/// Where a value that we cannot read leaves a whole mapping open, and whether it may hide resources.
const OPEN: [(&[&str], bool); 25] = [
    (&[], true),
    (&["provider"], true),
    (&["functions"], true),
    (&["functions", "*"], true),
    (&["functions", "*", "events"], true),
    (&["functions", "*", "events", "*"], true),
    (&["functions", "*", "environment"], false),
    (&["functions", "*", "iamRoleStatements"], false),
    (&["functions", "*", "vpc"], false),
    (&["resources"], true),
    (&["resources", "Resources"], true),
    (&["resources", "Resources", "*"], true),
    (&["resources", "Resources", "*", "Properties"], false),
    (&["resources", "extensions"], true),
    (&["stepFunctions"], true),
    (&["stepFunctions", "stateMachines"], true),
    (&["stepFunctions", "stateMachines", "*"], true),
    (&["provider", "environment"], false),
    (&["provider", "iam"], false),
    (&["provider", "iam", "role"], false),
    (&["provider", "iam", "role", "statements"], false),
    (&["provider", "iam", "role", "statements", "*"], false),
    (&["provider", "iamRoleStatements"], false),
    (&["provider", "iamRoleStatements", "*"], false),
    (&["provider", "vpc"], false),
];

/// Mappings that stand in a file we do not read become unknown: there may be anything in them.
fn opened<'a>(build: Build<'a>, root: Value<'a>, parts: &mut Vec<(Origin<'a>, &'a str)>) -> Value<'a> {
    OPEN.iter()
        .fold(root, |root, (path, hides)| updated(build, root, path, &mut |value| unread(build, value, *hides, parts)))
}

fn unread<'a>(build: Build<'a>, value: Value<'a>, hides: bool, parts: &mut Vec<(Origin<'a>, &'a str)>) -> Value<'a> {
    match value.as_intrinsic() {
        Some(Intrinsic::If(condition, then, otherwise)) => {
            let then = unread(build, *then, hides, parts);
            let otherwise = unread(build, *otherwise, hides, parts);
            build.intrinsic(Intrinsic::If(condition, then, otherwise), value.origin)
        }
        Some(Intrinsic::External(external)) if matches!(external.kind, ExternalKind::File | ExternalKind::Other) => {
            let why = build.str(&format!("`{}` is not read: there may be anything in it", external.written));
            if hides {
                parts.push((value.origin, why));
            }
            Value::new(Kind::Unknown(why), value.origin)
        }
        Some(_) => value,
        None => {
            match value.kind {
                Kind::Unknown(why) if hides => parts.push((value.origin, why)),
                // Of a map that code adds to, some keys are known.
                Kind::Map(map) if hides => {
                    let more = map.get("Fn::Transform").map(|e| e.value);
                    if let Some((Kind::Unknown(why), origin)) = more.map(|v| (v.kind, v.origin)) {
                        parts.push((origin, why));
                    }
                }
                Kind::Map(_)
                | Kind::Unknown(_)
                | Kind::Null
                | Kind::Bool(_)
                | Kind::Number(_)
                | Kind::Text(_)
                | Kind::List(_)
                | Kind::Intrinsic(_) => {}
            }
            value
        }
    }
}

/// The sections of a service that say what is deployed.
const DEPLOYED: [&str; 4] = ["provider", "functions", "resources", "stepFunctions"];

/// How many values are looked at for those that stand in files: what variables repeat is small.
const LOOKED_AT: usize = 200_000;

/// The files that values of a service stand in and that are not there, lie outside, or would have to be run.
fn files_not_read<'a>(build: Build<'a>, root: Value<'a>) -> Vec<(Origin<'a>, &'a str)> {
    let mut all = Vec::new();
    let mut told = HashSet::new();
    let mut left: Vec<Value<'a>> = DEPLOYED.iter().rev().filter_map(|key| Some(root.get(key)?.value)).collect();
    for _ in 0..LOOKED_AT {
        let Some(value) = left.pop() else { break };
        match value.as_intrinsic() {
            Some(Intrinsic::External(external)) if external.kind == ExternalKind::File => {
                if told.insert(external.key) {
                    all.push((value.origin, build.str(&format!("`{}` is not read", external.key))));
                }
            }
            Some(intrinsic) => left.extend(intrinsic.sources()),
            None => {
                left.extend(value.as_list().unwrap_or_default().iter().rev());
                left.extend(value.entries().iter().rev().map(|entry| entry.value));
            }
        }
    }
    all
}

/// What is asked of a provider that stands where we do not read: it may say anything about each of these.
const UNREAD: [&str; 9] =
    ["runtime", "environment", "iam", "vpc", "layers", "kmsKeyArn", "logRetentionInDays", "memorySize", "timeout"];

/// A provider that we do not know is AWS, and its settings are unknown one by one.
fn unread_provider<'a>(build: Build<'a>, provider: Value<'a>, parts: &mut Vec<(Origin<'a>, &'a str)>) -> Value<'a> {
    let why = match provider.kind {
        Kind::Unknown(why) => why,
        Kind::Intrinsic(Intrinsic::External(external)) => {
            build.str(&format!("`{}` is not read: there may be anything in it", external.written))
        }
        _ => return provider,
    };
    parts.push((provider.origin, why));
    let unknown = Value::new(Kind::Unknown(why), provider.origin);
    let all = UNREAD.map(|key| (key, unknown)).into_iter().chain([
        ("name", build.text("aws", provider.origin)),
        ("tracing", build.map([("lambda", unknown)], provider.origin)),
        ("apiGateway", build.map([("resourcePolicy", unknown)], provider.origin)),
    ]);
    build.map(all, provider.origin)
}

#[cfg(test)]
mod tests;
