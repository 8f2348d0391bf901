//! Who says how to check: the configuration file, then the command line, the later winning.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use portcullis::config::{self, Config, FailOn, Globs, Layer, Mistake, Origin, Selector, Setting, Voice};
use portcullis::discover;

use crate::args::{Deployment, Global, Input, Selection, Suppression};
use crate::terminal;

/// Everything that was said, for a run in the working directory.
pub(crate) fn listen(global: &Global, here: &Path, command_line: Layer) -> anyhow::Result<Config> {
    let mut layers = Vec::new();
    if let Some(path) = file(global, here) {
        let (source, folder) = discover::read_configuration(here, &path)?;
        terminal::detail(global, || format!("configuration: {}", source.path()));
        layers.push(config::read(&source, &folder).map_err(|mistakes| complaint(&mistakes))?);
    }
    layers.push(command_line);
    Ok(Config::new(here, layers))
}

/// The configuration file: the one that was named, else the nearest above, up to the repository's root.
pub(crate) fn file(global: &Global, here: &Path) -> Option<PathBuf> {
    match &global.config {
        _ if global.no_config => None,
        Some(named) => Some(named.clone()),
        None => discover::nearest_configuration(here),
    }
}

/// Every mistake of a configuration, one a line.
pub(crate) fn complaint(mistakes: &[Mistake]) -> anyhow::Error {
    let lines: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    anyhow!("{}", lines.join("\n       "))
}

/// What the command line says, as far as the configuration has words for it.
#[derive(Default)]
pub(crate) struct CommandLine {
    layer: Layer,
}

impl CommandLine {
    /// Which files, and which rules there are.
    pub(crate) fn input(mut self, input: &Input) -> anyhow::Result<Self> {
        if !input.exclude.is_empty() {
            let globs = Globs::new(&input.exclude).map_err(|(at, why)| {
                anyhow!("--exclude `{}`: {why}", input.exclude.get(at).map_or("", String::as_str))
            })?;
            self.layer.exclude = Some((globs, said("--exclude")));
        }
        Ok(self)
    }

    /// Folders of further rules.
    pub(crate) fn rules(mut self, folders: &[PathBuf]) -> Self {
        let folders = folders.iter().map(|folder| folder.to_string_lossy().into_owned());
        self.layer.rules_dirs = folders.map(|folder| Setting::new(folder, said("--rules"))).collect();
        self
    }

    /// Which rules, and which of their findings.
    pub(crate) fn selection(mut self, selection: &Selection) -> anyhow::Result<Self> {
        let layer = &mut self.layer;
        layer.profile = selection.profile.map(|p| Setting::new(p, said("--profile")));
        layer.min_severity = selection.min_severity.map(|s| Setting::new(s, said("--min-severity")));
        layer.min_confidence = selection.min_confidence.map(|c| Setting::new(c, said("--min-confidence")));
        layer.fail_on = selection.fail_on.map(|f: FailOn| Setting::new(f, said("--fail-on")));
        layer.select = chosen(&selection.select, "--select")?;
        layer.ignore = selectors(&selection.ignore, "--ignore")?;
        Ok(self)
    }

    /// Whose suppressions count.
    pub(crate) fn suppression(mut self, suppression: &Suppression) -> Self {
        if suppression.no_suppressions {
            self.layer.honor_suppressions = Some(Setting::new(Vec::<Voice>::new(), said("--no-suppressions")));
        }
        self
    }

    /// What is known of the deployment.
    pub(crate) fn deployment(mut self, deployment: &Deployment) -> Self {
        let layer = &mut self.layer;
        for (name, value) in &deployment.parameters {
            layer.parameters.insert(name.clone(), Setting::new(value.clone(), said("--parameter")));
        }
        for file in &deployment.parameter_files {
            let file = file.to_string_lossy().into_owned();
            layer.parameter_files.push(Setting::new(file, said("--parameter-file")));
        }
        layer.stage = deployment.stage.clone().map(|stage| Setting::new(stage, said("--stage")));
        layer.region = deployment.region.clone().map(|region| Setting::new(region, said("--region")));
        self
    }

    /// All that was said.
    pub(crate) fn layer(self) -> Layer {
        self.layer
    }
}

/// Every rule about secrets, and nothing that somebody configured.
pub(crate) fn secrets() -> anyhow::Result<Layer> {
    let category = [portcullis::rulebook::Category::Secrets.name().to_owned()];
    Ok(Layer { select: Some(selectors(&category, "--select")?), ..Layer::default() })
}

fn said(option: &str) -> Origin {
    Origin::CommandLine(option.to_owned())
}

/// A selection, when there is one.
pub(crate) fn chosen(words: &[String], option: &str) -> anyhow::Result<Option<Vec<Setting<Selector>>>> {
    if words.is_empty() { Ok(None) } else { selectors(words, option).map(Some) }
}

fn selectors(words: &[String], option: &str) -> anyhow::Result<Vec<Setting<Selector>>> {
    let words = words.iter().map(|word| word.trim()).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let selector = Selector::parse(word).with_context(|| format!("{option} `{word}`"))?;
            Ok(Setting::new(selector, said(option)))
        })
        .collect()
}
