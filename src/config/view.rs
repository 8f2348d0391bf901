//! All voices together, and what they come to for one path.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{
    Catalogue, Described, FailOn, FileKind, Globs, Layer, Level, Mistake, Override, Parameter, Reach, ReportUnused,
    Selector, Setting, Voice, did_you_mean, lexical,
};
use crate::rulebook::{Confidence, Profile, Severity, nearest};

/// All voices, the lowest first.
#[derive(Debug, Clone, Default)]
pub struct Config {
    folder: PathBuf,
    layers: Vec<Layer>,
}

impl Config {
    /// The voices of a run in the absolute folder `folder`, from the lowest to the highest: file,
    /// environment, command line.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, layers: impl IntoIterator<Item = Layer>) -> Self {
        Self { folder: folder.into(), layers: layers.into_iter().collect() }
    }

    /// The voices, the lowest first.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The highest voice that says something.
    pub(super) fn said<T>(&self, of: impl Fn(&Layer) -> Option<&Setting<T>>) -> Option<&Setting<T>> {
        self.layers.iter().rev().find_map(of)
    }

    /// What all voices say, the lowest first.
    pub(super) fn all<'c, T: 'c>(&'c self, of: impl Fn(&'c Layer) -> &'c [T]) -> impl Iterator<Item = &'c T> {
        self.layers.iter().flat_map(of)
    }

    /// Who sees which rules.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.said(|l| l.profile.as_ref()).map_or(Profile::Default, |s| s.value)
    }

    /// From which severity on the run fails.
    #[must_use]
    pub fn fail_on(&self) -> FailOn {
        self.said(|l| l.fail_on.as_ref()).map_or(FailOn::Low, |s| s.value)
    }

    /// The stage of serverless.yml.
    #[must_use]
    pub fn stage(&self) -> Option<&str> {
        self.said(|l| l.stage.as_ref()).map(|s| s.value.as_str())
    }

    /// The region of the deployment.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.said(|l| l.region.as_ref()).map(|s| s.value.as_str())
    }

    /// Whether a suppression without a reason counts not.
    #[must_use]
    pub fn require_reason(&self) -> bool {
        self.said(|l| l.require_reason.as_ref()).is_some_and(|s| s.value)
    }

    /// Whose suppressions count.
    #[must_use]
    pub fn honor_suppressions(&self) -> &[Voice] {
        self.said(|l| l.honor_suppressions.as_ref()).map_or(Voice::ALL, |s| &s.value)
    }

    /// Which suppressions that silence nothing are reported.
    #[must_use]
    pub fn report_unused(&self) -> ReportUnused {
        self.said(|l| l.report_unused.as_ref()).map_or(ReportUnused::Own, |s| s.value)
    }

    /// True when no suppression silences the rule.
    #[must_use]
    pub fn unsuppressible(&self, rule: &Described) -> bool {
        self.all(|l| &l.unsuppressible).any(|s| s.value.matches(rule))
    }

    /// True when the rules of a framework are selected as such.
    #[must_use]
    pub fn asks_for(&self, framework: &str) -> bool {
        self.select().iter().any(|selector| selector.value.asks_for(framework))
    }

    /// What the highest voice that selects has selected.
    pub(super) fn select(&self) -> &[Setting<Selector>] {
        self.layers.iter().rev().find_map(|l| l.select.as_deref()).unwrap_or_default()
    }

    /// Values of template parameters that the voices name one by one; `parameter_files` come before them.
    #[must_use]
    pub fn parameters(&self) -> BTreeMap<String, String> {
        let said = self.layers.iter().flat_map(|l| &l.parameters);
        said.map(|(name, s)| (name.clone(), s.value.clone())).collect()
    }

    /// Files of parameter values, in order, with the folder that each is relative to.
    pub fn parameter_files(&self) -> impl Iterator<Item = (&Path, &Setting<String>)> {
        self.layers.iter().flat_map(|l| l.parameter_files.iter().map(|s| (self.folder_of(l), s)))
    }

    /// Folders of further rules, in order, with the folder that each is relative to.
    pub fn rules_dirs(&self) -> impl Iterator<Item = (&Path, &Setting<String>)> {
        self.layers.iter().flat_map(|l| l.rules_dirs.iter().map(|s| (self.folder_of(l), s)))
    }

    /// The parameters of a rule; a narrower selector wins, then a higher voice.
    #[must_use]
    pub fn rule_parameters(&self, rule: &Described) -> BTreeMap<String, Parameter> {
        let mut found: Vec<_> =
            self.all(|l| &l.rules).filter_map(|s| Some((s.rules.value.reaches(rule)?, s))).collect();
        found.sort_by_key(|(reach, _)| *reach);
        let said = found.into_iter().flat_map(|(_, s)| &s.parameters);
        said.map(|(name, s)| (name.clone(), s.value.clone())).collect()
    }

    /// True when a file of a path shown in reports is left out of a walk.
    #[must_use]
    pub fn excludes(&self, path: &str) -> bool {
        self.excluded(path, Globs::matches)
    }

    /// True when a folder of a path shown in reports is not walked into.
    #[must_use]
    pub fn excludes_folder(&self, path: &str) -> bool {
        self.excluded(path, Globs::matches_folder)
    }

    fn excluded(&self, path: &str, matches: impl Fn(&Globs, &str) -> bool) -> bool {
        self.layers.iter().any(|l| {
            let globs = l.exclude.as_ref().map(|(globs, _)| globs);
            globs.is_some_and(|globs| self.relative(l, path).is_some_and(|path| matches(globs, &path)))
        })
    }

    /// What a path shown in reports is taken for, when somebody says so.
    #[must_use]
    pub fn kind_of(&self, path: &str) -> Option<FileKind> {
        self.layers.iter().rev().filter(|l| !l.files.is_empty()).find_map(|l| {
            let path = self.relative(l, path)?;
            l.files.iter().find(|(globs, _)| globs.matches(&path)).map(|(_, kind)| kind.value)
        })
    }

    /// What the voices come to for a path shown in reports.
    #[must_use]
    pub fn view(&self, path: &str) -> View<'_> {
        let mut overrides = Vec::new();
        for (at, layer) in self.layers.iter().enumerate().filter(|(_, l)| !l.overrides.is_empty()) {
            let Some(path) = self.relative(layer, path) else { continue };
            overrides.extend(layer.overrides.iter().filter(|o| o.paths.matches(&path)).map(|o| (at, o)));
        }
        View { config: self, overrides }
    }

    /// What is wrong with the names that the voices use: rules that are not, parameters that are not.
    #[must_use]
    pub fn check(&self, catalogue: &Catalogue) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        for layer in &self.layers {
            let plain = layer.select.iter().flatten().chain(&layer.ignore).chain(&layer.unsuppressible);
            let inner = layer.overrides.iter().flat_map(|o| o.select.iter().chain(&o.ignore));
            let rules = || layer.rules.iter().chain(layer.overrides.iter().flat_map(|o| &o.rules));
            for selector in plain.chain(inner).chain(rules().map(|r| &r.rules)) {
                mistakes.extend(unresolved(selector, catalogue));
            }
            for rule in rules() {
                let Ok(reached) = catalogue.resolve(&rule.rules.value) else { continue };
                for (name, said) in &rule.parameters {
                    if reached.iter().any(|r| r.parameters.contains_key(name)) {
                        let compared = reached.iter().filter_map(|r| r.parameters.get(name)).flatten();
                        let value = said.value.literal();
                        let misfit = compared.filter_map(|comparison| comparison.with(&value).err()).next();
                        let message = misfit.map(|message| format!("`{name}` does not fit: {message}"));
                        let place = || said.origin.place().cloned();
                        mistakes.extend(message.map(|message| Mistake { place: place(), message, help: None }));
                        continue;
                    }
                    let known: Vec<_> = reached.iter().flat_map(|r| r.parameters.keys().map(String::as_str)).collect();
                    let near = nearest(name, known.into_iter().chain(["severity"]));
                    let message = format!("`{}` has no parameter `{name}`", rule.rules.value);
                    let place = said.origin.place().cloned();
                    mistakes.push(Mistake { place, message, help: did_you_mean(near) });
                }
            }
        }
        mistakes
    }

    fn folder_of<'c>(&'c self, layer: &'c Layer) -> &'c Path {
        layer.folder.as_deref().unwrap_or(&self.folder)
    }

    /// A path shown in reports, relative to a layer's folder; `None` when it is outside.
    fn relative(&self, layer: &Layer, path: &str) -> Option<String> {
        let base = self.folder_of(layer);
        if base == self.folder && !path.starts_with("..") && !Path::new(path).is_absolute() {
            return Some(path.to_owned());
        }
        let absolute = lexical(&self.folder.join(path));
        let inside = absolute.strip_prefix(lexical(base)).ok()?;
        let parts: Vec<_> = inside.components().map(|c| c.as_os_str().to_string_lossy()).collect();
        Some(parts.join("/"))
    }
}

fn unresolved(selector: &Setting<Selector>, catalogue: &Catalogue) -> Option<Mistake> {
    let why = catalogue.resolve(&selector.value).err()?;
    let place = selector.origin.place().cloned();
    let name = &selector.value;
    Some(if why.ambiguous.is_empty() {
        let message = format!("`{name}` names no rule, category, service or peer's id");
        Mistake { place, message, help: did_you_mean(why.nearest.as_deref()) }
    } else {
        let message = format!("`{name}` is the id of several tools");
        Mistake { place, message, help: Some(format!("write one of {}", why.ambiguous.join(", "))) }
    })
}

/// What the voices come to for one path.
#[derive(Debug, Clone)]
pub struct View<'c> {
    config: &'c Config,
    /// The overrides that match, with the index of their voice.
    overrides: Vec<(usize, &'c Override)>,
}

impl View<'_> {
    /// True when no override matches the path: all such views are alike, and need be asked once.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.overrides.is_empty()
    }

    /// Which overrides match: views of equal keys give equal answers.
    #[must_use]
    pub fn key(&self) -> Vec<usize> {
        self.overrides.iter().map(|(_, o)| std::ptr::from_ref::<Override>(o) as usize).collect()
    }

    /// How bad a rule is here, or `None` when it does not run.
    #[must_use]
    pub fn severity(&self, rule: &Described) -> Option<Severity> {
        if !self.runs(rule) {
            return None;
        }
        let mut best = (Reach::All, 0, rule.head.severity);
        for (rank, setting) in self.rule_settings() {
            let (Some(reach), Some(level)) = (setting.rules.value.reaches(rule), &setting.severity) else { continue };
            match level.value {
                Level::At(severity) if (reach, rank) >= (best.0, best.1) => best = (reach, rank, severity),
                Level::At(_) | Level::Off => {}
            }
        }
        Some(best.2)
    }

    /// True when a finding is bad and sure enough to be reported here.
    #[must_use]
    pub fn reports(&self, severity: Severity, confidence: Confidence) -> bool {
        severity >= self.min_severity() && confidence >= self.min_confidence()
    }

    /// Who sees which rules here.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.said(|l| l.profile.as_ref(), |o| o.profile.as_ref()).unwrap_or(Profile::Default)
    }

    /// The least severity that is reported here.
    #[must_use]
    pub fn min_severity(&self) -> Severity {
        self.said(|l| l.min_severity.as_ref(), |o| o.min_severity.as_ref()).unwrap_or(Severity::Info)
    }

    /// The least confidence that is reported here.
    #[must_use]
    pub fn min_confidence(&self) -> Confidence {
        self.said(|l| l.min_confidence.as_ref(), |o| o.min_confidence.as_ref()).unwrap_or(Confidence::Low)
    }

    /// The highest voice counts; in one voice, its last override that matches, then the voice itself.
    fn said<T: Copy>(
        &self,
        of: impl Fn(&Layer) -> Option<&Setting<T>>,
        over: impl Fn(&Override) -> Option<&Setting<T>>,
    ) -> Option<T> {
        let layers = self.config.layers.iter().enumerate().rev();
        layers.into_iter().find_map(|(at, layer)| {
            let inner = self.overrides.iter().rev().filter(|(l, _)| *l == at).find_map(|(_, o)| over(o));
            inner.or_else(|| of(layer)).map(|s| s.value)
        })
    }

    /// Settings of rules with their rank: voice, then override.
    fn rule_settings(&self) -> impl Iterator<Item = (usize, &super::RuleSetting)> {
        let layers = &self.config.layers;
        let plain = layers.iter().enumerate().flat_map(|(at, l)| l.rules.iter().map(move |r| (2 * at, r)));
        plain.chain(self.overrides.iter().flat_map(|(at, o)| o.rules.iter().map(move |r| (2 * at + 1, r))))
    }

    /// Whether a rule runs: it is wanted, and no "no" stands against it that is not outdone by a "yes" at
    /// least as narrow and from a voice at least as high.
    fn runs(&self, rule: &Described) -> bool {
        let layers = &self.config.layers;
        let in_profile = rule.head.profile <= self.profile();
        // The highest voice with a `select` decides alone; overrides of lower voices have no say then.
        let chosen = layers.iter().rposition(|l| l.select.is_some());
        let main = chosen.and_then(|at| layers.get(at)?.select.as_ref().map(|s| (at, s)));
        let main = main.into_iter().flat_map(|(at, list)| list.iter().map(move |s| (2 * at, s)));
        let over = self.overrides.iter().filter(|(at, _)| chosen.is_none_or(|c| *at >= c));
        let over = over.flat_map(|(at, o)| o.select.iter().map(move |s| (2 * at + 1, s)));
        let reaches = |(rank, s): (usize, &Setting<Selector>)| Some((s.value.reaches(rule)?, rank));
        let yes: Vec<(Reach, usize)> = main.chain(over).filter_map(reaches).collect();
        let asked = |reach: Reach| matches!(reach, Reach::Rule | Reach::Pack) || in_profile;
        if !(chosen.is_none() && in_profile || yes.iter().any(|(reach, _)| asked(*reach))) {
            return false;
        }
        let plain = layers.iter().enumerate().flat_map(|(at, l)| l.ignore.iter().map(move |s| (2 * at, s)));
        let over = self.overrides.iter().flat_map(|(at, o)| o.ignore.iter().map(move |s| (2 * at + 1, s)));
        let off = self.rule_settings().filter(|(_, s)| s.severity.as_ref().is_some_and(|s| s.value == Level::Off));
        let no = plain.chain(over).filter_map(reaches);
        let off = off.filter_map(|(rank, s)| Some((s.rules.value.reaches(rule)?, rank)));
        no.chain(off).all(|no| yes.iter().any(|yes| yes.0 >= no.0 && yes.1 >= no.1 && *yes != no))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::catalogue::tests::rule;
    use super::super::{Origin, read};
    use super::*;
    use crate::rulebook::Comparison;
    use crate::source::Source;

    fn file(text: &str) -> Layer {
        let source = Arc::new(Source::new("portcullis.toml", text));
        read(&source, Path::new("/repo")).expect("a good configuration")
    }

    fn line(select: &[&str], ignore: &[&str]) -> Layer {
        let all = |list: &[&str]| {
            let selector = |s: &&str| Selector::parse(s).expect("a selector");
            list.iter().map(|s| Setting::new(selector(s), Origin::CommandLine("--x".into()))).collect::<Vec<_>>()
        };
        let select = Some(all(select)).filter(|s| !s.is_empty());
        Layer { select, ignore: all(ignore), ..Layer::default() }
    }

    fn config(layers: impl IntoIterator<Item = Layer>) -> Config {
        Config::new("/repo", layers)
    }

    fn runs(config: &Config, path: &str, name: &str, profile: Profile) -> bool {
        let mut rule = rule(name);
        std::sync::Arc::make_mut(&mut rule.head).profile = profile;
        config.view(path).severity(&rule).is_some()
    }

    /// Without a configuration the profile decides.
    #[test]
    fn the_profile_decides() {
        let plain = config([]);
        assert!(runs(&plain, "a.yaml", "a", Profile::Default));
        assert!(!runs(&plain, "a.yaml", "a", Profile::Strict));
        let strict = config([file("profile = 'strict'")]);
        assert!(runs(&strict, "a.yaml", "a", Profile::Strict));
        assert!(!runs(&strict, "a.yaml", "a", Profile::All));
    }

    /// A rule that is asked for by name runs whatever the profile; a service stays within it.
    #[test]
    fn a_rule_asked_for_runs() {
        let named = config([line(&["a"], &[])]);
        assert!(runs(&named, "a.yaml", "a", Profile::All));
        assert!(!runs(&named, "a.yaml", "b", Profile::Default));
        let service = config([line(&["s3"], &[])]);
        assert!(runs(&service, "a.yaml", "a", Profile::Default));
        assert!(!runs(&service, "a.yaml", "a", Profile::All));
    }

    /// The command line's `select` replaces the file's; its `ignore` comes on top; the file's exact
    /// `ignore` outlives the command line's wide `select` and yields to its exact one.
    #[test]
    fn the_command_line_wins_where_it_is_as_narrow() {
        let written = "select = ['b']\nignore = ['a']";
        assert!(!runs(&config([file(written), line(&["s3"], &[])]), "x", "a", Profile::Default));
        assert!(runs(&config([file(written), line(&["a"], &[])]), "x", "a", Profile::Default));
        assert!(!runs(&config([file(written), line(&["a"], &[])]), "x", "b", Profile::Default));
        assert!(!runs(&config([file("select = ['b']"), line(&[], &["s3"])]), "x", "b", Profile::Default));
    }

    /// In one voice a narrower yes beats a wider no, and an equal no beats a yes.
    #[test]
    fn the_narrower_word_wins() {
        assert!(runs(&config([file("select = ['a', 'iam']\nignore = ['s3']")]), "x", "a", Profile::Default));
        assert!(!runs(&config([file("select = ['a']\nignore = ['a']")]), "x", "a", Profile::Default));
        assert!(!runs(&config([file("rules.a = 'off'")]), "x", "a", Profile::Default));
    }

    /// Overrides count for their paths only, add to what runs, and win over the file's own words.
    #[test]
    fn overrides_count_for_their_paths() {
        let config = config([file(
            "ignore = ['a']\n[[overrides]]\npaths = ['prod/**']\nselect = ['a', 'z']\nrules.b.severity = 'critical'\n\
             min-severity = 'high'\n[[overrides]]\npaths = ['**/old.yaml']\nignore = ['all']\n",
        )]);
        assert!(!runs(&config, "dev/x.yaml", "a", Profile::Default));
        assert!(runs(&config, "prod/x.yaml", "a", Profile::Default));
        assert!(runs(&config, "prod/x.yaml", "z", Profile::All));
        assert!(!runs(&config, "dev/old.yaml", "b", Profile::Default));
        assert_eq!(config.view("prod/x.yaml").severity(&rule("b")), Some(Severity::Critical));
        assert_eq!(config.view("dev/x.yaml").severity(&rule("b")), Some(Severity::Medium));
        assert!(!config.view("prod/x.yaml").reports(Severity::Medium, Confidence::High));
        assert!(config.view("dev/x.yaml").reports(Severity::Info, Confidence::Low));
        assert!(config.view("dev/x.yaml").is_plain());
    }

    /// Paths are relative to the file that says them, wherever the tool was started.
    #[test]
    fn paths_are_relative_to_the_file() {
        let written = "exclude = ['/app/old']\n[[files]]\nglob = 'app/*.tpl'\nkind = 'sam'";
        let above = Config::new("/repo/app", [file(written)]);
        assert!(above.excludes("old/x.yaml"));
        assert!(!above.excludes("app/old/x.yaml"));
        assert!(above.excludes("../app/old/x.yaml"));
        assert!(!above.excludes("../../elsewhere/app/old"));
        assert_eq!(above.kind_of("x.tpl"), Some(FileKind::Sam));
        let below = Config::new("/", [file(written)]);
        assert!(below.excludes("repo/app/old/x.yaml"));
        assert!(!below.excludes("app/old/x.yaml"));
    }

    /// A narrower setting of a severity wins over a wider one, whatever the order.
    #[test]
    fn the_narrower_severity_wins() {
        let config = config([file("rules.a = 'low'\nrules.s3 = 'high'\nrules.all = 'info'")]);
        assert_eq!(config.view("x").severity(&rule("a")), Some(Severity::Low));
        assert_eq!(config.view("x").severity(&rule("b")), Some(Severity::High));
    }

    /// Names that are no rules and parameters that a rule has not are mistakes at their places.
    #[test]
    fn wrong_names_are_mistakes() {
        let head = rule("s3-public").head;
        let catalogue =
            Catalogue::new([Described::new(head, Vec::new(), [("trusted-accounts".to_owned(), Vec::new())].into())]);
        let good = config([file("[rules.s3-public]\ntrusted-accounts = ['123456789012']")]);
        assert!(good.check(&catalogue).is_empty());
        let compared = [("most".to_owned(), vec![Comparison::Above])].into();
        let counted = Catalogue::new([Described::new(rule("s3-public").head, Vec::new(), compared)]);
        let word = config([file("[rules.s3-public]\nmost = 'many'")]);
        let shown: Vec<_> = word.check(&counted).iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["portcullis.toml:2:1: `most` does not fit: `above` wants a number"]);
        let known = good.rule_parameters(&rule("s3-public"));
        assert_eq!(known.get("trusted-accounts"), Some(&Parameter::List(vec!["123456789012".into()])));
        let bad = config([file("ignore = ['s3-pubic']\n[rules.s3-public]\ntrusted-acounts = ['1']")]);
        let shown: Vec<_> = bad.check(&catalogue).iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "portcullis.toml:1:11: `s3-pubic` names no rule, category, service or peer's id; did you mean `s3-public`?",
                "portcullis.toml:3:1: `s3-public` has no parameter `trusted-acounts`; did you mean `trusted-accounts`?",
            ]
        );
    }
}
