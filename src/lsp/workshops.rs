//! The rules and the configuration of each folder, set up once and again whenever what they come from changes.
#![expect(clippy::disallowed_methods, reason = "whether a configuration has changed is asked of the disk")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::Options;
use super::preferences::Preferences;
use crate::config::{self, Config, FILE_NAMES, Layer, Mistake, lexical};
use crate::dialect;
use crate::discover;
use crate::scan::{Trouble, Workshop};

/// Where a document stands, as far as its configuration is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Home {
    /// The folder that names are relative to: the workspace folder, or the document's own without one.
    pub(super) folder: PathBuf,
    /// Where the configuration is looked for, upwards; `None` where none counts.
    pub(super) search: Option<PathBuf>,
    /// Whether files below the folder may be read.
    pub(super) disk: bool,
}

/// What is wrong with a configuration: where, and what.
#[derive(Debug, Clone, Default)]
pub(super) struct Complaint {
    /// The configuration file.
    pub(super) file: Option<PathBuf>,
    /// Mistakes in it, with places.
    pub(super) mistakes: Vec<Mistake>,
    /// All of it in words.
    pub(super) message: String,
}

/// What a document is checked with.
pub(super) struct Setup {
    /// Rules, configuration and scanner.
    pub(super) workshop: Workshop,
    /// What is wrong with the configuration, which then does not count.
    pub(super) complaint: Option<Complaint>,
    /// What the configuration names on the disk: folders of rules, files of parameters.
    pub(super) inputs: Vec<PathBuf>,
}

/// What a workshop was made from.
type Key = (PathBuf, Option<PathBuf>);

struct Kept {
    stamp: Option<(SystemTime, u64)>,
    today: String,
    setup: Arc<Setup>,
}

/// The workshops in use.
pub(super) struct Workshops {
    options: Arc<Options>,
    preferences: Preferences,
    kept: BTreeMap<Key, Kept>,
}

impl Workshops {
    /// None yet.
    pub(super) fn new(options: Arc<Options>) -> Self {
        Self { options, preferences: Preferences::default(), kept: BTreeMap::new() }
    }

    /// Forgets all, for files that nobody watches may have changed: the user's own rules, files of parameters.
    pub(super) fn forget(&mut self) {
        self.kept.clear();
    }

    /// What a document is checked with.
    ///
    /// A configuration with a mistake in it does not count, as if it were not there: an editor in which nothing
    /// is checked any more looks like a template in which nothing is wrong.
    pub(super) fn of(&mut self, home: &Home, preferences: &Preferences) -> Arc<Setup> {
        if self.preferences != *preferences {
            self.preferences = preferences.clone();
            self.kept.clear();
        }
        let file = self.file(home);
        // Asked of the disk each time: not every editor can watch files for us.
        let stamp = file.as_deref().and_then(stamp);
        let today = (self.options.today)();
        let key = (home.folder.clone(), file);
        if let Some(kept) = self.kept.get(&key).filter(|kept| kept.stamp == stamp && kept.today == today) {
            return Arc::clone(&kept.setup);
        }
        let setup = Arc::new(self.make(&key, &today));
        self.kept.insert(key, Kept { stamp, today, setup: Arc::clone(&setup) });
        setup
    }

    /// The configuration file of a document: the one that was named, else the nearest above it.
    fn file(&self, home: &Home) -> Option<PathBuf> {
        let search = home.search.as_deref()?;
        if self.options.no_config {
            return None;
        }
        let named = self.preferences.config.as_ref().map(|path| home.folder.join(path));
        named.or_else(|| self.options.config.clone()).or_else(|| discover::nearest_configuration(search))
    }

    fn make(&self, (folder, file): &Key, today: &str) -> Setup {
        let above = self.preferences.layer(&self.options.layer);
        let mut inputs = Vec::new();
        let read = file.as_deref().map(|file| read(folder, file)).transpose();
        let made = read.and_then(|layer| {
            let config = Config::new(folder, layer.into_iter().chain([above.clone()]));
            inputs = named(&config);
            open(folder, config, today)
        });
        let wrong = match made {
            Ok(workshop) => return Setup { workshop, complaint: None, inputs },
            Err(wrong) => wrong,
        };
        let message = wrong.to_string();
        let mistakes = match wrong {
            Trouble::Configuration(mistakes) => mistakes,
            Trouble::Load(_) | Trouble::Rule(_) | Trouble::Rules(_) => Vec::new(),
        };
        let complaint = Some(Complaint { file: file.clone(), mistakes, message });
        let plain = open(folder, Config::new(folder, [above]), today);
        Setup { workshop: plain.unwrap_or_else(|_| Workshop::plain(today.to_owned())), complaint, inputs }
    }
}

/// What a configuration names on the disk.
fn named(config: &Config) -> Vec<PathBuf> {
    let all = config.rules_dirs().chain(config.parameter_files());
    all.map(|(base, path)| lexical(&base.join(&path.value))).collect()
}

fn open(folder: &Path, config: Config, today: &str) -> Result<Workshop, Trouble> {
    Workshop::open(folder, &Arc::new(config), dialect::Options::default(), today.to_owned())
}

fn read(folder: &Path, file: &Path) -> Result<Layer, Trouble> {
    let (source, base) = discover::read_configuration(folder, file)?;
    config::read(&source, &base).map_err(Trouble::Configuration)
}

/// When a file was written and how long it is; a rewrite that changes neither has changed nothing we would see.
fn stamp(file: &Path) -> Option<(SystemTime, u64)> {
    let data = std::fs::metadata(file).ok()?;
    Some((data.modified().ok()?, data.len()))
}

/// True for the name of a configuration file.
pub(super) fn is_configuration(path: &Path) -> bool {
    path.file_name().is_some_and(|name| FILE_NAMES.iter().any(|known| name == *known))
}
