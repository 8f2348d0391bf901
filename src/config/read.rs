//! `portcullis.toml` to a [`Layer`]: every mistake of a file is reported, each with its place.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::key::Key;
use super::mistake::did_you_mean;
use super::{
    FailOn, FileKind, Globs, Layer, Level, Mistake, Origin, Override, Parameter, ReportUnused, RuleSetting, Selector,
    Setting, Voice,
};
use crate::finding::Place;
use crate::rulebook::{Confidence, Profile, Severity, nearest};
use crate::source::Source;

type Spanned<T> = toml::Spanned<T>;
type Value<'i> = Spanned<DeValue<'i>>;

/// Reads a configuration file; `folder` is the absolute folder that its paths are relative to.
///
/// # Errors
/// With every mistake in it, in order.
pub fn read(source: &Arc<Source>, folder: &Path) -> Result<Layer, Vec<Mistake>> {
    let mut reader = Reader { source, mistakes: Vec::new() };
    let text = source.text().trim_start_matches('\u{feff}');
    if text.len() != source.text().len() {
        // Spans would be three bytes off. Nothing but some editors of Windows write such a file.
        let clean = Arc::new(Source::new(source.path(), text));
        return read(&clean, folder);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        reader.mistake(span, sentence(error.message()), None);
    }
    let mut layer = Layer { folder: Some(folder.to_owned()), ..Layer::default() };
    // After a broken line, what the parser made up for the rest would be reported as well: noise.
    if reader.mistakes.is_empty() {
        reader.layer(table.get_ref(), &mut layer);
    }
    if reader.mistakes.is_empty() {
        return Ok(layer);
    }
    reader.mistakes.sort_by_key(|m| m.place.as_ref().map(|p| p.start));
    Err(reader.mistakes)
}

/// The parser's words in the style of ours.
fn sentence(message: &str) -> String {
    let line = message.lines().collect::<Vec<_>>().join(", ");
    let mut chars = line.trim_end_matches('.').chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

struct Reader<'s> {
    source: &'s Arc<Source>,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn layer(&mut self, table: &DeTable<'_>, layer: &mut Layer) {
        for (name, value) in table {
            let Some(key) = Key::from_name(name.get_ref()) else {
                self.unknown(name, Key::ALL.iter().map(|k| k.name()), "key");
                continue;
            };
            match key {
                Key::Profile => layer.profile = self.word(value, Profile::ALL, Profile::name),
                Key::Select => layer.select = Some(self.selectors(value)),
                Key::Ignore => layer.ignore = self.selectors(value),
                Key::MinSeverity => layer.min_severity = self.word(value, Severity::ALL, Severity::name),
                Key::MinConfidence => layer.min_confidence = self.word(value, Confidence::ALL, Confidence::name),
                Key::FailOn => layer.fail_on = self.word(value, FailOn::ALL, FailOn::name),
                Key::Exclude => layer.exclude = self.globs(value).map(|g| (g, self.origin(value.span()))),
                Key::RulesDirs => layer.rules_dirs = self.texts(value),
                Key::Rules => layer.rules = self.rules(value),
                Key::Overrides => layer.overrides = self.each(value, Self::overrides),
                Key::Files => layer.files = self.each(value, Self::file),
                Key::Parameters => layer.parameters = self.parameters(value),
                Key::ParameterFiles => layer.parameter_files = self.texts(value),
                Key::Stage => layer.stage = self.text(value),
                Key::Region => layer.region = self.text(value),
                Key::Unsuppressible => layer.unsuppressible = self.selectors(value),
                Key::RequireReason => layer.require_reason = self.bool(value),
                Key::HonorSuppressions => layer.honor_suppressions = self.voices(value),
                Key::ReportUnused => layer.report_unused = self.word(value, ReportUnused::ALL, ReportUnused::name),
            }
        }
    }

    fn overrides(&mut self, table: &DeTable<'_>, span: Range<usize>) -> Option<Override> {
        let origin = self.origin(span.clone());
        let mut out = Override {
            paths: Globs::default(),
            origin,
            profile: None,
            select: Vec::new(),
            ignore: Vec::new(),
            min_severity: None,
            min_confidence: None,
            rules: Vec::new(),
        };
        let mut paths = false;
        for (name, value) in table {
            match name.get_ref().as_ref() {
                "paths" => {
                    paths = true;
                    out.paths = self.globs(value).unwrap_or_default();
                }
                "profile" => out.profile = self.word(value, Profile::ALL, Profile::name),
                "select" => out.select = self.selectors(value),
                "ignore" => out.ignore = self.selectors(value),
                "min-severity" => out.min_severity = self.word(value, Severity::ALL, Severity::name),
                "min-confidence" => out.min_confidence = self.word(value, Confidence::ALL, Confidence::name),
                "rules" => out.rules = self.rules(value),
                _ => self.unknown(name, OVERRIDE_KEYS.iter().copied(), "key of an override"),
            }
        }
        if !paths {
            self.mistake(span, "an override needs `paths`", Some("write paths = [\"folder/**\"]".into()));
        }
        Some(out)
    }

    fn file(&mut self, table: &DeTable<'_>, span: Range<usize>) -> Option<(Globs, Setting<FileKind>)> {
        let (mut glob, mut kind) = (None, None);
        for (name, value) in table {
            match name.get_ref().as_ref() {
                "glob" => glob = self.globs(value),
                "kind" => kind = self.word(value, FileKind::ALL, FileKind::name),
                _ => self.unknown(name, FILE_KEYS.iter().copied(), "key of a file"),
            }
        }
        if glob.is_none() || kind.is_none() {
            let help = "write glob = \"…\" and kind = \"cloudformation\"".to_owned();
            self.mistake(span, "`[[files]]` needs `glob` and `kind`", Some(help));
        }
        Some((glob?, kind?))
    }

    /// `[rules.<name>]`, `rules.<name> = "off"`.
    fn rules(&mut self, value: &Value<'_>) -> Vec<RuleSetting> {
        let Some(table) = self.table(value) else { return Vec::new() };
        let mut out = Vec::new();
        for (name, value) in table {
            let Some(selector) = self.selector(name.get_ref(), name.span()) else { continue };
            let mut rule = RuleSetting { rules: selector, severity: None, parameters: BTreeMap::new() };
            if let DeValue::Table(settings) = value.get_ref() {
                for (key, value) in settings {
                    if key.get_ref() == "severity" {
                        rule.severity = self.level(value);
                    } else if let Some(parameter) = self.parameter(value) {
                        // The key is the place of a mistake: which parameters there are is checked later.
                        let parameter = Setting::new(parameter, self.origin(key.span()));
                        rule.parameters.insert(key.get_ref().to_string(), parameter);
                    }
                }
            } else {
                rule.severity = self.level(value);
            }
            out.push(rule);
        }
        out
    }

    fn level(&mut self, value: &Value<'_>) -> Option<Setting<Level>> {
        let levels: Vec<_> = Severity::ALL.iter().copied().map(Level::At).chain([Level::Off]).collect();
        self.word(value, &levels, Level::name)
    }

    fn parameter(&mut self, value: &Value<'_>) -> Option<Parameter> {
        let read = match value.get_ref() {
            DeValue::Boolean(yes) => Some(Parameter::Bool(*yes)),
            DeValue::Integer(number) => number.as_str().parse().ok().map(Parameter::Number),
            DeValue::String(text) => Some(Parameter::Text(text.to_string())),
            DeValue::Array(items) => {
                items.iter().map(|i| plain(i.get_ref())).collect::<Option<_>>().map(Parameter::List)
            }
            _ => None,
        };
        if read.is_none() {
            self.wrong(value, "a text, a number, a boolean or a list of texts");
        }
        read
    }

    fn parameters(&mut self, value: &Value<'_>) -> BTreeMap<String, Setting<String>> {
        let Some(table) = self.table(value) else { return BTreeMap::new() };
        let mut out = BTreeMap::new();
        for (name, value) in table {
            // CloudFormation's lists are texts with commas.
            let read = match value.get_ref() {
                DeValue::Array(items) => {
                    items.iter().map(|i| plain(i.get_ref())).collect::<Option<Vec<_>>>().map(|items| items.join(","))
                }
                other => plain(other),
            };
            match read {
                Some(read) => {
                    out.insert(name.get_ref().to_string(), Setting::new(read, self.origin(value.span())));
                }
                None => self.wrong(value, "a text, a number, a boolean or a list of them"),
            }
        }
        out
    }

    fn voices(&mut self, value: &Value<'_>) -> Option<Setting<Vec<Voice>>> {
        let mut voices = Vec::new();
        for text in self.texts(value) {
            let word = text.value.to_ascii_lowercase().replace('-', "_");
            match Voice::from_name(&word) {
                Some(voice) => voices.push(voice),
                None => {
                    let known = Voice::ALL.iter().map(|v| v.name());
                    let help = did_you_mean(nearest(&word, known.clone())).or_else(|| Some(one_of(known)));
                    let message = format!("`{}` is nobody whose suppressions are known", text.value);
                    self.mistakes.push(Mistake { place: text.origin.place().cloned(), message, help });
                }
            }
        }
        Some(Setting::new(voices, self.origin(value.span())))
    }

    fn selectors(&mut self, value: &Value<'_>) -> Vec<Setting<Selector>> {
        let texts = self.spanned_texts(value);
        texts.into_iter().filter_map(|(text, span)| self.selector(&text, span)).collect()
    }

    fn selector(&mut self, text: &str, span: Range<usize>) -> Option<Setting<Selector>> {
        match Selector::parse(text) {
            Ok(selector) => Some(Setting::new(selector, self.origin(span))),
            Err(error) => {
                self.mistake(span, error.to_string(), None);
                None
            }
        }
    }

    fn globs(&mut self, value: &Value<'_>) -> Option<Globs> {
        let texts = self.spanned_texts(value);
        match Globs::new(texts.iter().map(|(text, _)| text)) {
            Ok(globs) => Some(globs),
            Err((at, why)) => {
                let span = texts.get(at).map_or_else(|| value.span(), |(_, span)| span.clone());
                self.mistake(span, format!("not a path pattern: {why}"), None);
                None
            }
        }
    }

    fn texts(&mut self, value: &Value<'_>) -> Vec<Setting<String>> {
        let texts = self.spanned_texts(value);
        texts.into_iter().map(|(text, span)| Setting::new(text, self.origin(span))).collect()
    }

    /// A list of texts; one text alone is a list of one.
    fn spanned_texts(&mut self, value: &Value<'_>) -> Vec<(String, Range<usize>)> {
        let alone = std::slice::from_ref(value);
        let items = match value.get_ref() {
            DeValue::Array(items) => &items[..],
            _ => alone,
        };
        let mut out = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::String(text) => out.push((text.to_string(), item.span())),
                _ => self.wrong(item, "a text"),
            }
        }
        out
    }

    fn text(&mut self, value: &Value<'_>) -> Option<Setting<String>> {
        match value.get_ref() {
            DeValue::String(text) => Some(Setting::new(text.to_string(), self.origin(value.span()))),
            _ => {
                self.wrong(value, "a text");
                None
            }
        }
    }

    fn bool(&mut self, value: &Value<'_>) -> Option<Setting<bool>> {
        match value.get_ref() {
            DeValue::Boolean(yes) => Some(Setting::new(*yes, self.origin(value.span()))),
            _ => {
                self.wrong(value, "`true` or `false`");
                None
            }
        }
    }

    fn word<T: Copy>(&mut self, value: &Value<'_>, all: &[T], name: impl Fn(T) -> &'static str) -> Option<Setting<T>> {
        let names = || all.iter().map(|v| name(*v));
        let DeValue::String(text) = value.get_ref() else {
            self.wrong(value, &one_of(names()));
            return None;
        };
        let found = all.iter().copied().find(|v| name(*v) == text.as_ref());
        if found.is_none() {
            let help = did_you_mean(nearest(text, names())).or_else(|| Some(one_of(names())));
            self.mistake(value.span(), format!("`{text}` is not known here"), help);
        }
        found.map(|found| Setting::new(found, self.origin(value.span())))
    }

    fn table<'v, 'i>(&mut self, value: &'v Value<'i>) -> Option<&'v DeTable<'i>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => {
                self.wrong(value, "a table");
                None
            }
        }
    }

    fn each<T>(
        &mut self,
        value: &Value<'_>,
        mut read: impl FnMut(&mut Self, &DeTable<'_>, Range<usize>) -> Option<T>,
    ) -> Vec<T> {
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong(value, "a list of tables, each begun by a line in `[[…]]`");
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in items {
            if let Some(table) = self.table(item) {
                out.extend(read(self, table, item.span()));
            }
        }
        out
    }

    fn unknown<'w>(
        &mut self,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        known: impl Iterator<Item = &'w str>,
        what: &str,
    ) {
        let known: Vec<_> = known.collect();
        // A key in the style of the template is the commonest slip.
        let near = nearest(name.get_ref(), known.iter().copied());
        let help = did_you_mean(near).or_else(|| Some(one_of(known.into_iter())));
        self.mistake(name.span(), format!("unknown {what} `{}`", name.get_ref()), help);
    }

    fn wrong(&mut self, value: &Value<'_>, wanted: &str) {
        let found = value.get_ref().type_str();
        self.mistake(value.span(), format!("expected {wanted}, found {} {found}", article(found)), None);
    }

    fn mistake(&mut self, span: Range<usize>, message: impl Into<String>, help: Option<String>) {
        let mistake = Mistake::at(self.place(span), message).help(help);
        self.mistakes.push(mistake);
    }

    fn origin(&self, span: Range<usize>) -> Origin {
        Origin::File(self.place(span))
    }

    fn place(&self, span: Range<usize>) -> Place {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Place::new(Arc::clone(self.source), byte(span.start), byte(span.end))
    }
}

/// The keys of `[[overrides]]`.
pub(super) const OVERRIDE_KEYS: &[&str] =
    &["paths", "profile", "select", "ignore", "min-severity", "min-confidence", "rules"];

/// The keys of `[[files]]`.
pub(super) const FILE_KEYS: &[&str] = &["glob", "kind"];

/// A scalar as the text that a template's parameter would be given.
fn plain(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(yes) => Some(yes.to_string()),
        DeValue::Datetime(time) => Some(time.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

fn one_of<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let words: Vec<_> = words.map(|w| format!("`{w}`")).collect();
    format!("one of {}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(text: &str) -> Vec<String> {
        let source = Arc::new(Source::new("portcullis.toml", text));
        read(&source, Path::new("/repo")).expect_err("mistakes").iter().map(ToString::to_string).collect()
    }

    fn layer(text: &str) -> Layer {
        let source = Arc::new(Source::new("portcullis.toml", text));
        read(&source, Path::new("/repo")).expect("a good configuration")
    }

    /// Every key is read, and remembers where it was written.
    #[test]
    fn every_key_is_read() {
        let layer = layer(include_str!("../../testdata/suppress/config/everything.toml"));
        assert_eq!(layer.profile.as_ref().map(|s| s.value), Some(Profile::Strict));
        let origin = layer.profile.as_ref().map(|s| s.origin.to_string());
        assert_eq!(origin.as_deref(), Some("portcullis.toml:2"));
        assert_eq!(layer.select.as_ref().map(Vec::len), Some(4));
        assert_eq!(layer.ignore.len(), 1);
        assert_eq!(layer.min_severity.as_ref().map(|s| s.value), Some(Severity::Low));
        assert_eq!(layer.min_confidence.as_ref().map(|s| s.value), Some(Confidence::Medium));
        assert_eq!(layer.fail_on.as_ref().map(|s| s.value), Some(FailOn::High));
        assert!(layer.exclude.as_ref().is_some_and(|(g, _)| g.matches("legacy/x.yaml")));
        assert_eq!(layer.rules_dirs.first().map(|s| s.value.as_str()), Some("policies"));
        assert_eq!(layer.rules.len(), 2);
        assert_eq!(layer.overrides.len(), 1);
        assert_eq!(layer.files.first().map(|(_, k)| k.value), Some(FileKind::CloudFormation));
        assert_eq!(layer.parameters.get("Subnets").map(|s| s.value.as_str()), Some("a,b"));
        assert_eq!(layer.parameters.get("Count").map(|s| s.value.as_str()), Some("3"));
        assert_eq!(layer.parameter_files.len(), 1);
        assert_eq!(layer.stage.as_ref().map(|s| s.value.as_str()), Some("prod"));
        assert_eq!(layer.region.as_ref().map(|s| s.value.as_str()), Some("eu-central-1"));
        assert_eq!(layer.unsuppressible.len(), 1);
        assert_eq!(layer.require_reason.as_ref().map(|s| s.value), Some(true));
        let voices = layer.honor_suppressions.as_ref().map(|s| s.value.clone());
        assert_eq!(voices, Some(vec![Voice::Native, Voice::CfnLint]));
        assert_eq!(layer.report_unused.as_ref().map(|s| s.value), Some(ReportUnused::All));
    }

    /// All mistakes of a file are reported, in order, with line, column and advice.
    #[test]
    fn all_mistakes_are_reported() {
        assert_eq!(
            mistakes(
                "profil = 'strict'\nfail_on = 'high'\nmin-severity = 'hihg'\nselect = ['a', 3]\n[[overrides]]\npath = 'x'\n"
            ),
            [
                "portcullis.toml:1:1: unknown key `profil`; did you mean `profile`?",
                "portcullis.toml:2:1: unknown key `fail_on`; did you mean `fail-on`?",
                "portcullis.toml:3:16: `hihg` is not known here; did you mean `high`?",
                "portcullis.toml:4:16: expected a text, found an integer",
                "portcullis.toml:5:1: an override needs `paths`; write paths = [\"folder/**\"]",
                "portcullis.toml:6:1: unknown key of an override `path`; did you mean `paths`?",
            ]
        );
    }

    /// A broken line is reported alone, where it breaks.
    #[test]
    fn a_broken_line_is_reported_alone() {
        let found = mistakes("profile = 'strict'\nselect = [\nnonsense = true\n");
        assert!(!found.is_empty());
        assert!(found.iter().all(|m| m.starts_with("portcullis.toml:")), "{found:?}");
        assert!(found.iter().all(|m| !m.contains("unknown key")), "{found:?}");
    }

    /// A byte order mark does not shift the places.
    #[test]
    fn a_byte_order_mark_is_harmless() {
        assert_eq!(mistakes("\u{feff}nope = 1").len(), 1);
        assert!(layer("\u{feff}profile = 'all'").profile.is_some());
    }

    /// Wrong types, patterns and names are mistakes, never panics.
    #[test]
    fn nonsense_is_a_mistake() {
        for text in [
            "profile = 1",
            "select = 1",
            "exclude = ['a[']",
            "rules = 3",
            "rules.a = 3",
            "[rules.a]\nx = {}",
            "[rules.\"x:y\"]\nseverity = 'low'",
            "overrides = 3",
            "overrides = [3]",
            "[[files]]\nglob = 'x'",
            "[parameters]\na = {}",
            "honor-suppressions = ['chekov']",
            "require-reason = 'yes'",
            "a = [[[[[[[[[[[[[[[[[[[[[",
            "\u{0}",
        ] {
            assert!(!mistakes(text).is_empty(), "{text}");
        }
        assert!(!mistakes(&format!("a = {}", "[".repeat(100_000))).is_empty());
    }
}
