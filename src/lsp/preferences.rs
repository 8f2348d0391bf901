//! What the user set in the editor itself: the section `portcullis` of its settings.

use std::path::PathBuf;

use serde_json::Value;

use crate::config::{Layer, Origin, Setting};
use crate::rulebook::{Profile, Severity};

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
        let section = settings.get("portcullis").unwrap_or(settings);
        let mut read = Self::default();
        let mut wrong = Vec::new();
        let Some(section) = section.as_object() else { return (read, wrong) };
        for (key, value) in section.iter().filter(|(_, value)| !value.is_null() && *value != "") {
            let understood = match key.as_str() {
                "enable" => set(&mut read.enable, value.as_bool()),
                "run" => set(&mut read.when, value.as_str().and_then(When::from_name)),
                "config" => set(&mut read.config, value.as_str().map(|path| Some(PathBuf::from(path)))),
                "profile" => set(&mut read.profile, value.as_str().and_then(Profile::from_name).map(Some)),
                "minSeverity" => set(&mut read.min_severity, value.as_str().and_then(Severity::from_name).map(Some)),
                // Extensions keep settings of their own there: where the program is, what to trace.
                _ => true,
            };
            if !understood {
                wrong.push(format!("the setting `portcullis.{key}` cannot be {value}"));
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
}
