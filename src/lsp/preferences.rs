//! What the user set in the editor itself: the section `portcullis` of its settings.

use std::path::PathBuf;

use serde_json::Value;

use crate::config::{Layer, Origin, Setting, did_you_mean};
use crate::rulebook::{Profile, Severity, nearest};

/// The settings there are.
const KNOWN: [&str; 5] = ["enable", "run", "config", "profile", "minSeverity"];

/// What extensions keep in the same section for themselves: where the program is, what to trace.
const EXTENSIONS: [&str; 8] = ["args", "binary", "command", "env", "path", "server", "trace", "trace.server"];

/// When a document is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum When {
    /// Shortly after a change, and when it is saved.
    #[default]
    Changed,
    /// When it is opened and when it is saved.
    Saved,
}

impl When {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "onType" => Some(Self::Changed),
            "onSave" => Some(Self::Saved),
            _ => None,
        }
    }
}

/// What the user set in the editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Preferences {
    /// Whether to check at all.
    pub(super) enable: bool,
    /// When to check.
    pub(super) when: When,
    /// The configuration file, instead of the nearest above the document.
    pub(super) config: Option<PathBuf>,
    /// The profile, over what the configuration says.
    pub(super) profile: Option<Profile>,
    /// The least severity that is shown, over what the configuration says.
    pub(super) min_severity: Option<Severity>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { enable: true, when: When::Changed, config: None, profile: None, min_severity: None }
    }
}

impl Preferences {
    /// Reads the section, or settings that hold it; tells what in it makes no sense.
    pub(super) fn read(settings: &Value) -> (Self, Vec<String>) {
        let named = settings.get("portcullis");
        let mut read = Self::default();
        let mut wrong = Vec::new();
        let Some(section) = named.unwrap_or(settings).as_object() else { return (read, wrong) };
        // Some editors send all their settings; those of others are not for us to judge.
        let ours = named.is_some() || section.keys().any(|key| KNOWN.contains(&key.as_str()));
        for (key, value) in section.iter().filter(|(_, value)| !value.is_null() && *value != "") {
            let text = value.as_str();
            let understood = match key.as_str() {
                "enable" => set(&mut read.enable, value.as_bool()),
                "run" => set(&mut read.when, text.and_then(When::from_name)),
                "config" => set(&mut read.config, text.map(|path| Some(PathBuf::from(path)))),
                "profile" => set(&mut read.profile, text.and_then(Profile::from_name).map(Some)),
                "minSeverity" => set(&mut read.min_severity, text.and_then(Severity::from_name).map(Some)),
                own if EXTENSIONS.contains(&own) => continue,
                other => {
                    let near = nearest(other, KNOWN);
                    let known = || format!("there are `{}`", KNOWN.join("`, `"));
                    if near.is_some() || ours {
                        let help = did_you_mean(near).unwrap_or_else(known);
                        wrong.push(format!("there is no setting `portcullis.{other}`; {help}"));
                    }
                    continue;
                }
            };
            if !understood {
                let help = did_you_mean(text.and_then(|text| nearest(text, values(key))));
                let help = help.map(|help| format!("; {help}")).unwrap_or_default();
                wrong.push(format!("the setting `portcullis.{key}` cannot be {value}{help}"));
            }
        }
        (read, wrong)
    }

    /// The same as a voice of the configuration, over another one.
    pub(super) fn layer(&self, below: &Layer) -> Layer {
        let said = || Origin::CommandLine("the editor's settings".to_owned());
        let mut layer = below.clone();
        layer.profile = self.profile.map(|profile| Setting::new(profile, said())).or(layer.profile);
        layer.min_severity = self.min_severity.map(|least| Setting::new(least, said())).or(layer.min_severity);
        layer
    }
}

/// The words that a setting takes.
fn values(key: &str) -> Vec<&'static str> {
    match key {
        "run" => vec!["onType", "onSave"],
        "profile" => Profile::ALL.iter().map(|profile| profile.name()).collect(),
        "minSeverity" => Severity::ALL.iter().map(|severity| severity.name()).collect(),
        _ => Vec::new(),
    }
}

/// Takes a value that makes sense; false for one that does not.
fn set<T>(place: &mut T, value: Option<T>) -> bool {
    match value {
        Some(value) => {
            *place = value;
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The section is found with and without its name, and what makes no sense is told.
    #[test]
    fn settings_are_read() {
        let section = serde_json::json!({"run": "onSave", "profile": "strict", "path": "/usr/bin/portcullis"});
        let (bare, wrong) = Preferences::read(&section);
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_eq!((bare.when, bare.profile), (When::Saved, Some(Profile::Strict)));
        assert_eq!(Preferences::read(&serde_json::json!({"portcullis": section})).0, bare);
        let (kept, wrong) = Preferences::read(&serde_json::json!({"run": "always", "enable": null, "config": ""}));
        assert_eq!(kept, Preferences::default());
        assert_eq!(wrong, [r#"the setting `portcullis.run` cannot be "always""#]);
    }

    /// A setting that is not there is told, with what may have been meant; what others keep there is theirs.
    #[test]
    fn misspelt_settings_are_told() {
        let wrong = |settings: serde_json::Value| Preferences::read(&settings).1;
        let near = "there is no setting `portcullis.minSeverty`; did you mean `minSeverity`?";
        assert_eq!(wrong(serde_json::json!({"minSeverty": "high"})), [near]);
        assert_eq!(wrong(serde_json::json!({"portcullis": {"minSeverty": "high"}})), [near]);
        let all =
            "there is no setting `portcullis.rules`; there are `enable`, `run`, `config`, `profile`, `minSeverity`";
        assert_eq!(wrong(serde_json::json!({"portcullis": {"rules": []}})), [all]);
        assert_eq!(wrong(serde_json::json!({"profile": "strict", "rules": []})), [all]);
        assert_eq!(wrong(serde_json::json!({"portcullis": {"path": "/x", "trace": {"server": "off"}}})), [""; 0]);
        assert_eq!(wrong(serde_json::json!({"yaml": {"validate": true}, "editor": {}})), [""; 0]);
        let value = r#"the setting `portcullis.profile` cannot be "strcit"; did you mean `strict`?"#;
        assert_eq!(wrong(serde_json::json!({"profile": "strcit"})), [value]);
    }
}
