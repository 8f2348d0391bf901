//! The configuration in effect, each key with who said it.

use super::key::Key;
use super::{Config, Layer, Origin, Parameter, RuleSetting, Selector, Setting};

/// One thing that is in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The key, with its table: `rules.s3-bucket-public.severity`.
    pub key: String,
    /// The value in TOML.
    pub value: String,
    /// Who said it: `default`, `portcullis.toml:3`, `--select`.
    pub origin: String,
}

/// Everything that is in effect, in the order of the manual.
#[must_use]
pub fn show(config: &Config) -> Vec<Shown> {
    let mut out = Vec::new();
    for key in Key::ALL {
        of(config, *key, &mut out);
    }
    out
}

fn of(config: &Config, key: Key, out: &mut Vec<Shown>) {
    match key {
        Key::Profile => word(out, key, config.said(|l| l.profile.as_ref()), |v| v.name(), "default"),
        Key::MinSeverity => word(out, key, config.said(|l| l.min_severity.as_ref()), |v| v.name(), "info"),
        Key::MinConfidence => word(out, key, config.said(|l| l.min_confidence.as_ref()), |v| v.name(), "low"),
        Key::FailOn => word(out, key, config.said(|l| l.fail_on.as_ref()), |v| v.name(), "low"),
        Key::ReportUnused => word(out, key, config.said(|l| l.report_unused.as_ref()), |v| v.name(), "own"),
        Key::Select => each(out, key.name(), config.select().iter(), Selector::to_string),
        Key::Ignore => each(out, key.name(), config.all(|l| &l.ignore), Selector::to_string),
        Key::Unsuppressible => each(out, key.name(), config.all(|l| &l.unsuppressible), Selector::to_string),
        Key::Exclude => {
            for (globs, origin) in config.layers().iter().filter_map(|l| l.exclude.as_ref()) {
                push(out, key.name(), list(globs.written()), origin);
            }
        }
        Key::RulesDirs => each(out, key.name(), config.all(|l| &l.rules_dirs), String::clone),
        Key::ParameterFiles => each(out, key.name(), config.all(|l| &l.parameter_files), String::clone),
        Key::Rules => config.all(|l| &l.rules).for_each(|r| rule(out, key.name(), r)),
        Key::Overrides => config.layers().iter().for_each(|l| overrides(out, l)),
        Key::Files => {
            for (globs, kind) in config.all(|l| &l.files) {
                let value = format!("{{ glob = {}, kind = {} }}", list(globs.written()), quoted(kind.value.name()));
                push(out, key.name(), value, &kind.origin);
            }
        }
        Key::Parameters => {
            // The highest voice is shown last; it is the one that counts.
            for (name, said) in config.layers().iter().flat_map(|l| &l.parameters) {
                push(out, &format!("parameters.{}", bare(name)), quoted(&said.value), &said.origin);
            }
        }
        Key::Stage => text(out, key, config.said(|l| l.stage.as_ref())),
        Key::Region => text(out, key, config.said(|l| l.region.as_ref())),
        Key::RequireReason => {
            let said = config.said(|l| l.require_reason.as_ref());
            let origin = said.map_or(&Origin::Default, |s| &s.origin);
            push(out, key.name(), config.require_reason().to_string(), origin);
        }
        Key::HonorSuppressions => {
            let origin = config.said(|l| l.honor_suppressions.as_ref()).map_or(&Origin::Default, |s| &s.origin);
            let voices: Vec<_> = config.honor_suppressions().iter().map(|v| v.name()).collect();
            push(out, key.name(), list(&voices), origin);
        }
    }
}

fn overrides(out: &mut Vec<Shown>, layer: &Layer) {
    for (at, item) in layer.overrides.iter().enumerate() {
        let table = format!("overrides[{at}]");
        let key = |name: &str| format!("{table}.{name}");
        push(out, &key("paths"), list(item.paths.written()), &item.origin);
        if let Some(said) = &item.profile {
            push(out, &key("profile"), quoted(said.value.name()), &said.origin);
        }
        each(out, &key("select"), item.select.iter(), Selector::to_string);
        each(out, &key("ignore"), item.ignore.iter(), Selector::to_string);
        if let Some(said) = &item.min_severity {
            push(out, &key("min-severity"), quoted(said.value.name()), &said.origin);
        }
        if let Some(said) = &item.min_confidence {
            push(out, &key("min-confidence"), quoted(said.value.name()), &said.origin);
        }
        item.rules.iter().for_each(|r| rule(out, &key("rules"), r));
    }
}

fn rule(out: &mut Vec<Shown>, table: &str, rule: &RuleSetting) {
    let table = format!("{table}.{}", bare(&rule.rules.value.to_string()));
    if let Some(said) = &rule.severity {
        push(out, &format!("{table}.severity"), quoted(said.value.name()), &said.origin);
    }
    for (name, said) in &rule.parameters {
        let value = match &said.value {
            Parameter::Bool(yes) => yes.to_string(),
            Parameter::Number(number) => number.to_string(),
            Parameter::Text(text) => quoted(text),
            Parameter::List(items) => list(items),
        };
        push(out, &format!("{table}.{}", bare(name)), value, &said.origin);
    }
}

fn word<T>(
    out: &mut Vec<Shown>,
    key: Key,
    said: Option<&Setting<T>>,
    name: impl Fn(&T) -> &'static str,
    default: &str,
) {
    match said {
        Some(said) => push(out, key.name(), quoted(name(&said.value)), &said.origin),
        None => push(out, key.name(), quoted(default), &Origin::Default),
    }
}

fn text(out: &mut Vec<Shown>, key: Key, said: Option<&Setting<String>>) {
    if let Some(said) = said {
        push(out, key.name(), quoted(&said.value), &said.origin);
    }
}

/// One line for each origin, so that a list which several voices make up stays explained.
fn each<'s, T: 's>(
    out: &mut Vec<Shown>,
    key: &str,
    said: impl Iterator<Item = &'s Setting<T>>,
    name: impl Fn(&T) -> String,
) {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for one in said {
        let origin = one.origin.to_string();
        match groups.last_mut() {
            Some((last, names)) if *last == origin => names.push(name(&one.value)),
            _ => groups.push((origin, vec![name(&one.value)])),
        }
    }
    for (origin, names) in groups {
        out.push(Shown { key: key.to_owned(), value: list(&names), origin });
    }
}

fn push(out: &mut Vec<Shown>, key: &str, value: String, origin: &Origin) {
    out.push(Shown { key: key.to_owned(), value, origin: origin.to_string() });
}

fn list<S: AsRef<str>>(items: &[S]) -> String {
    let items: Vec<_> = items.iter().map(|i| quoted(i.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A key as TOML writes it: without quotes where it may be.
fn bare(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.is_empty() && name.chars().all(plain) { name.to_owned() } else { quoted(name) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::rulebook::Profile;
    use crate::source::Source;

    /// Each key says who set it, and an untouched one that nobody did.
    #[test]
    fn each_key_says_who_set_it() {
        let source =
            Arc::new(Source::new("portcullis.toml", include_str!("../../testdata/suppress/config/everything.toml")));
        let file = super::super::read(&source, Path::new("/repo")).expect("a good configuration");
        let profile = Some(Setting::new(Profile::All, Origin::CommandLine("--profile".into())));
        let line = Layer { profile, ..Layer::default() };
        let shown: Vec<_> = show(&Config::new("/repo", [file, line]))
            .into_iter()
            .map(|s| format!("{} = {}  # {}", s.key, s.value, s.origin))
            .collect();
        for expected in [
            "profile = \"all\"  # --profile",
            "select = [\"s3\", \"iam\", \"pack:cis\", \"cfn_nag:W11\"]  # portcullis.toml:3",
            "rules.s3-bucket-unencrypted.severity = \"off\"  # portcullis.toml:19",
            "rules.role-trusts-foreign-account.trusted-accounts = [\"123456789012\", \"210987654321\"]  # portcullis.toml:23",
            "overrides[0].ignore = [\"cost\"]  # portcullis.toml:29",
            "parameters.Count = \"3\"  # portcullis.toml:41",
            "honor-suppressions = [\"native\", \"cfn_lint\"]  # portcullis.toml:15",
        ] {
            assert!(shown.iter().any(|s| s == expected), "{expected} is not in {shown:#?}");
        }
        let bare: Vec<_> = show(&Config::default()).into_iter().map(|s| (s.key, s.origin)).collect();
        assert!(bare.contains(&("fail-on".into(), "default".into())));
    }
}
