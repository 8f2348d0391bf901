//! What no output shows: the credentials of some texts, found by every rule about secrets, whatever rules run.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use portcullis::config::Config;
use portcullis::finding::{self, Place};
use portcullis::source::Loader;

use crate::args::{Deployment, Global};
use crate::pipeline::{Files, Workshop};
use crate::voices;

/// What stands where a credential stood.
const MASK: &str = "********";

/// The credentials of texts, by the names of the texts.
#[derive(Default)]
pub(crate) struct Secrets {
    places: BTreeMap<String, Vec<Place>>,
}

impl Secrets {
    /// The credentials of files and of what they include.
    ///
    /// Nothing that is configured counts: a repository cannot have its own secrets shown by ignoring rules.
    pub(crate) fn of(here: &Path, files: &Files, deployment: &Deployment, loader: &dyn Loader) -> anyhow::Result<Self> {
        let layer = voices::secrets()?;
        let config = Arc::new(Config::new(here, vec![layer]));
        let quiet = Global { quiet: 2, ..Global::default() };
        let workshop = Workshop::open(&quiet, here, &config, deployment)?;
        let mut secrets = Self::default();
        for finding in workshop.look(&quiet, files, loader).findings {
            for place in finding.secrets() {
                secrets.places.entry(place.file().to_owned()).or_default().push(place);
            }
        }
        for places in secrets.places.values_mut() {
            places.sort_by_key(|place| (place.start, place.end));
        }
        Ok(secrets)
    }

    /// A text of those with its credentials masked; as many lines as before.
    pub(crate) fn masked(&self, name: &str, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for place in self.places.get(name).into_iter().flatten() {
            let from = at.max(place.start as usize);
            if let (Some(before), Some(secret)) = (text.get(at..from), text.get(from..place.end as usize)) {
                out.push_str(before);
                mask(secret, &mut out);
                at = place.end as usize;
            }
        }
        out.push_str(text.get(at..).unwrap_or(""));
        out
    }

    /// Any value with the credentials in its texts masked.
    pub(crate) fn hidden(&self, value: &mut serde_json::Value) {
        let words = Words::of(self.words());
        if !words.all.is_empty() {
            hide(&words, value);
        }
    }

    /// The credentials themselves, the longest first, as they are written and as they are read.
    fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        for place in self.places.values().flatten() {
            let bare = place.text().trim_matches(['"', '\'']);
            let read = serde_json::from_str::<String>(&format!("\"{bare}\"")).unwrap_or_default();
            for text in [bare.to_owned(), read, bare.replace("''", "'")] {
                // A text over several lines is read without its indentation.
                words.extend(text.lines().map(str::trim).filter(|line| line.len() >= 8).map(str::to_owned));
                words.push(text);
            }
        }
        words.retain(|word| word.len() >= 4);
        words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        words.dedup();
        words
    }
}

/// A line of a diff as a terminal and a build log may show it; what only ends or indents it stays.
pub(crate) fn visible(line: &str) -> String {
    let (line, end) = line.strip_suffix('\r').map_or((line, ""), |line| (line, "\r"));
    let parts: Vec<String> = line.split('\t').map(|part| finding::shown(part, false)).collect();
    parts.join("\t") + end
}

/// A mask for each line, so that lines stay lines.
fn mask(secret: &str, out: &mut String) {
    for line in secret.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        let text = bare.trim_start();
        out.push_str(bare.get(..bare.len() - text.len()).unwrap_or(""));
        let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
        let closed = quote.filter(|c| text.len() > 1 && text.ends_with(*c));
        out.extend(quote);
        if !text.is_empty() {
            out.push_str(MASK);
        }
        out.extend(closed);
        out.push_str(line.get(bare.len()..).unwrap_or(""));
    }
}

/// Words that are looked for in many texts.
struct Words {
    /// All of them, the longest first.
    all: Vec<String>,
    /// Where each stands among them.
    places: HashMap<String, usize>,
    /// How long those are that begin with four bytes.
    lengths: HashMap<[u8; 4], BTreeSet<usize>>,
}

impl Words {
    fn of(all: Vec<String>) -> Self {
        let mut lengths: HashMap<[u8; 4], BTreeSet<usize>> = HashMap::new();
        for word in &all {
            if let Some(start) = word.as_bytes().first_chunk() {
                lengths.entry(*start).or_default().insert(word.len());
            }
        }
        let places = all.iter().enumerate().map(|(at, word)| (word.clone(), at)).collect();
        Self { all, places, lengths }
    }

    /// Those that a text holds, the longest first.
    fn inside<'w>(&'w self, text: &str) -> impl Iterator<Item = &'w String> + use<'w> {
        let mut found: BTreeSet<usize> = BTreeSet::new();
        for (at, start) in text.as_bytes().windows(4).enumerate() {
            let lengths = <[u8; 4]>::try_from(start).ok().and_then(|start| self.lengths.get(&start));
            for length in lengths.into_iter().flatten() {
                found.extend(text.get(at..at + length).and_then(|word| self.places.get(word)).copied());
            }
        }
        found.into_iter().filter_map(|at| self.all.get(at))
    }
}

fn hide(words: &Words, value: &mut serde_json::Value) {
    // The depth is that of a template: the parser bounds it.
    match value {
        serde_json::Value::String(text) => {
            for word in words.inside(text) {
                *text = text.replace(word.as_str(), MASK);
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| hide(words, item)),
        serde_json::Value::Object(map) => map.values_mut().for_each(|item| hide(words, item)),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use portcullis::source::Source;

    use super::*;

    fn secrets(text: &str, secret: &str) -> Secrets {
        let start = text.find(secret).expect("it is there");
        let source = Arc::new(Source::new("a.yaml", text));
        let narrow = |n: usize| u32::try_from(n).expect("small");
        let places = vec![Place::new(source, narrow(start), narrow(start + secret.len()))];
        Secrets { places: BTreeMap::from([("a.yaml".to_owned(), places)]) }
    }

    /// A masked text has the lines and the indentation that it had.
    #[test]
    fn lines_stay_lines() {
        let text = "a: \"hunter22\"\nb: |\n  key one\r\n  key two\nc: 1\n";
        assert_eq!(
            secrets(text, "\"hunter22\"").masked("a.yaml", text),
            "a: \"********\"\nb: |\n  key one\r\n  key two\nc: 1\n"
        );
        let block = "  key one\r\n  key two\n";
        assert_eq!(
            secrets(text, block).masked("a.yaml", text),
            "a: \"hunter22\"\nb: |\n  ********\r\n  ********\nc: 1\n"
        );
        assert_eq!(secrets(text, block).masked("b.yaml", "key one"), "key one");
    }

    /// A value is masked wherever it is repeated, and keys stay.
    #[test]
    fn values_are_hidden() {
        let mut value = serde_json::json!({"hunter22": ["x", {"a": "xhunter22y"}], "n": 1});
        secrets("p: 'hunter22'\n", "'hunter22'").hidden(&mut value);
        assert_eq!(value, serde_json::json!({"hunter22": ["x", {"a": "x********y"}], "n": 1}));
    }

    /// Those words are found that a text holds, and no others, the longest first.
    #[test]
    fn words_are_found() {
        let all = ["password-long", "password", "pässword", "swordfish", "fish"].map(str::to_owned).to_vec();
        let words = Words::of(all.clone());
        for text in ["", "pas", "password-longer", "a pässword of swordfish", "fishfish", "🦀fish", "passwor d"] {
            let found: Vec<&String> = words.inside(text).collect();
            let held: Vec<&String> = all.iter().filter(|word| text.contains(word.as_str())).collect();
            assert_eq!(found, held, "{text}");
        }
    }

    /// A tab and the end of a line stay; an escape and a command do not.
    #[test]
    fn diffs_are_harmless() {
        assert_eq!(visible("+\ta: b\r"), "+\ta: b\r");
        assert_eq!(visible("   ::error::x"), "   \\u{3a}:error::x");
        assert_eq!(visible("-a\u{1b}[2Jb\rc"), "-a\\u{1b}[2Jb\\u{d}c");
    }
}
