//! One rule: what it is called, what it looks for, why, and its examples.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Aliases, Category, Check, Confidence, FixSpec, Literal, Name, Profile, Severity};

/// A rule, as its file says it.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// What everybody asks first.
    pub head: Head,
    /// What runs.
    pub logic: Logic,
    /// What people read.
    pub prose: Prose,
}

/// What selection, suppression and indexing need of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The defect, in words: the name in "allow `<rule>` here".
    pub name: Name,
    /// What is wrong, lower case, no full stop.
    #[serde(borrow)] // So that what is read lives as long as the binary, names as well.
    pub title: Cow<'static, str>,
    /// What it is about.
    pub category: Category,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Who sees it without asking.
    pub profile: Profile,
    /// The resource types it looks at; `*` for every type.
    pub resources: Vec<Name>,
    /// The ids that peers give it: `cfn_nag:W41`.
    pub aliases: Aliases,
    /// Rules that stay silent where this one speaks.
    pub subsumes: Vec<Name>,
    /// Common Weakness Enumeration ids: `CWE-311`.
    pub cwe: Vec<Name>,
    /// The best safety of its fixes: `None` when it has none.
    pub fixable: Option<bool>,
    /// True when Rust checks it.
    pub native: bool,
    /// True when the finding's text must never show the value.
    pub secret: bool,
    /// Rules that stay silent where this one speaks, although it can speak where they would not: it does not
    /// answer to their peers' ids.
    pub silences: Vec<Name>,
}

/// What stands for the type of a resource in rules about the template as a whole.
pub const TEMPLATE: &str = "Template";

/// The sections that such a rule sees.
pub const SECTIONS: [&str; 7] =
    ["Description", "Metadata", "Parameters", "Mappings", "Conditions", "Resources", "Outputs"];

/// A rule that looks at more services than this is about none of them: whoever selects `sns` does not mean
/// every rule about policies.
const MOST_SERVICES: usize = 3;

impl Head {
    /// One of which only the name and the category matter.
    #[cfg(test)]
    #[must_use]
    pub fn named(name: &str, category: Category) -> Self {
        Self {
            name: name.to_owned().into(),
            title: Cow::Borrowed(""),
            category,
            severity: Severity::Medium,
            confidence: Confidence::High,
            profile: Profile::Default,
            resources: Vec::new(),
            aliases: Aliases::default(),
            subsumes: Vec::new(),
            cwe: Vec::new(),
            fixable: None,
            native: false,
            secret: false,
            silences: Vec::new(),
        }
    }

    /// The service that the rule is about: the first word of its name.
    #[must_use]
    pub fn service(&self) -> &str {
        self.name.split('-').next().unwrap_or("")
    }

    /// The services that the rule is about, in small letters: the first word of its name, and those of the types it
    /// looks at.
    #[must_use]
    pub fn services(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for service in self.resources.iter().filter_map(|kind| kind.split(':').nth(2)) {
            if !all.iter().any(|known| known.eq_ignore_ascii_case(service)) {
                all.push(service.to_ascii_lowercase());
            }
            if all.len() > MOST_SERVICES {
                all.clear();
                break;
            }
        }
        all.sort();
        let own = self.service().to_owned();
        if !all.contains(&own) {
            all.push(own);
        }
        all
    }
}

/// What runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logic {
    /// The check; `None` when it is native.
    pub check: Option<Check>,
    /// Fixes, best first.
    pub fixes: Vec<FixSpec>,
    /// Parameters of the rule that the configuration can set, with their defaults.
    pub parameters: BTreeMap<String, Parameter>,
}

/// A parameter of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its value when the configuration sets none.
    pub default: Literal,
    /// What it does.
    pub about: String,
}

/// What people read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prose {
    /// The attack or the cost.
    pub why: String,
    /// What to type.
    pub remedy: String,
    /// Pages to read, AWS's own first.
    pub references: Vec<String>,
    /// Controls of compliance frameworks, by framework.
    pub compliance: BTreeMap<String, Vec<String>>,
    /// Templates that show it, which are its tests.
    pub examples: Vec<Example>,
}

impl Prose {
    /// What to type, on one line: the first line of the remedy, and of the next ones what its sentence needs.
    #[must_use]
    pub fn help(&self) -> String {
        let mut lines = self.remedy.lines().map(str::trim).take_while(|line| !line.is_empty());
        let mut help = lines.next().unwrap_or_default().to_owned();
        for line in lines {
            if help.ends_with('.') {
                break;
            }
            // What to type stands alone, and a sentence about it begins.
            if help.ends_with('`') && line.starts_with(char::is_uppercase) {
                help.push('.');
            }
            // The sentence that began above ends here; what follows it is more than a line wants to say.
            let end = line.find(". ").map_or(line.len(), |at| at + 1);
            help.push(' ');
            help.push_str(line.get(..end).unwrap_or(line));
        }
        help
    }
}

/// What stands behind a line of an example where a finding is due.
const MARK: &str = "# <--";

/// A template that shows a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// Bad, good or unknown.
    pub verdict: Verdict,
    /// What it shows, when that is not plain.
    pub about: Option<String>,
    /// The template. In a bad one each line with a finding ends in `# <--`, and may say its severity: `# <-- low`.
    pub text: String,
    /// The lines with findings, for notations without comments; else those marked.
    pub lines: Vec<u32>,
    /// Values of the rule's parameters that this example is run with.
    pub parameters: BTreeMap<String, Literal>,
    /// Further files of the example, by path.
    pub files: BTreeMap<String, String>,
}

super::words! {
    /// What a rule must say to an example.
    Verdict {
        /// It must speak, at the marked lines and no others.
        Bad = "bad",
        /// It must be silent.
        Good = "good",
        /// It must be silent, because it cannot know.
        Unknown = "unknown",
    }
}

impl Example {
    /// The 1-based lines at which a finding is due.
    #[must_use]
    pub fn due(&self) -> Vec<u32> {
        if !self.lines.is_empty() {
            return self.lines.clone();
        }
        self.marks().map(|(line, _)| line).collect()
    }

    /// The 1-based lines with a mark, and what it says of the severity; empty for most.
    pub fn marks(&self) -> impl Iterator<Item = (u32, &str)> {
        (1..).zip(self.text.lines()).filter_map(|(line, text)| Some((line, text.split_once(MARK)?.1.trim())))
    }

    /// The text without its marks, for people.
    #[must_use]
    pub fn shown(&self) -> String {
        let clean = |line: &str| line.split_once(MARK).map_or(line, |(text, _)| text.trim_end()).to_owned();
        self.text.lines().map(clean).collect::<Vec<_>>().join("\n")
    }
}

/// A rule as the binary carries it: the head at hand, the rest decoded when asked.
#[derive(Debug, Serialize, Deserialize)]
pub struct Packed {
    /// What everybody asks first.
    pub head: Head,
    /// [`Logic`], packed.
    #[serde(borrow)]
    pub logic: &'static [u8],
    /// [`Prose`], packed.
    #[serde(borrow)]
    pub prose: &'static [u8],
}

/// Compares ids of controls as people count them: `1.9` before `1.10`.
#[must_use]
pub fn by_number(a: &str, b: &str) -> std::cmp::Ordering {
    let runs = |id: &str| -> Vec<(u64, String)> {
        let runs = id.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
        let runs = runs.map(String::from_utf8_lossy);
        runs.map(|run| run.parse().map_or((0, run.into_owned()), |number| (number, String::new()))).collect()
    };
    runs(a).cmp(&runs(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(remedy: &str) -> String {
        let empty = Prose {
            why: String::new(),
            remedy: remedy.to_owned(),
            references: Vec::new(),
            compliance: BTreeMap::new(),
            examples: Vec::new(),
        };
        empty.help()
    }

    /// A sentence that runs on is taken to its end, and no further; a line that is whole stands alone.
    #[test]
    fn help_is_a_whole_sentence() {
        assert_eq!(help("Set `A: b`.\nMore to read."), "Set `A: b`.");
        assert_eq!(help("Set `A: b` (or,\n`C: d`). More.\nAnd more."), "Set `A: b` (or, `C: d`).");
        assert_eq!(help("Set `A: b`\n\nMore to read."), "Set `A: b`");
        assert_eq!(help("One. Two. Three\nfour\nfive. Six."), "One. Two. Three four five.");
        assert_eq!(help("`A: true`\nIt replaces what\nis there. More."), "`A: true`. It replaces what is there.");
        assert_eq!(help(""), "");
    }
}
