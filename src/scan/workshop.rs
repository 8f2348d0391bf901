//! From what the user configured to a [`Scanner`]: the command line and the editor ask the same.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::{HashMap, HashMapExt};

use super::shelf::sets_parameters;
use super::{Choice, Chooser, Scanner, Settings, Shelf, Silence};
use crate::config::{self, Catalogue as Names, Config, Mistake};
use crate::dialect::Options;
use crate::discover::{self, DiskLoader, Found};
use crate::finding::Finding;
use crate::rulebook::{Literal, Name, Profile};
use crate::rules::{Catalogue, CatalogueError};
use crate::source::LoadError;

/// Why no scanner can be set up: what the user configured cannot be had, or makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// A file that the configuration names cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// What is said in the configuration is wrong.
    #[error("{}", Lines(.0))]
    Configuration(Vec<Mistake>),
    /// A rule of the user's own is wrong.
    #[error(transparent)]
    Rule(#[from] CatalogueError),
    /// Rules of the user's own are wrong, or cannot be read.
    #[error("{}", Lines(.0))]
    Rules(Vec<Trouble>),
}

/// Mistakes, one a line, as far in as the word `error: ` before the first.
struct Lines<'m, T>(&'m [T]);

impl<T: fmt::Display> fmt::Display for Lines<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, mistake) in self.0.iter().enumerate() {
            write!(f, "{}{mistake}", if at == 0 { "" } else { "\n       " })?;
        }
        Ok(())
    }
}

/// Rules, configuration and scanner of one call, or of one folder in an editor.
pub struct Workshop {
    scanner: Scanner,
    names: Arc<Names>,
    config: Arc<Config>,
}

impl Workshop {
    /// Sets everything up for a run in the absolute folder `here`, on the day `today`. What `given` says about
    /// the deployment wins over what the configuration says, as far as the configuration does not hold it too.
    ///
    /// # Errors
    /// What is wrong with the names in the configuration, or with the files it names.
    pub fn open(here: &Path, config: &Arc<Config>, given: Options, today: String) -> Result<Self, Trouble> {
        let shelf = Shelf::stock(here, config)?;
        let mistakes = config.check(&shelf.names);
        if !mistakes.is_empty() {
            return Err(Trouble::Configuration(mistakes));
        }
        Ok(Self::furnish(shelf, config, options(here, config, given)?, today))
    }

    /// The built-in rules, and no configuration: nothing here can be missing.
    #[must_use]
    pub fn plain(today: String) -> Self {
        let catalogue = Catalogue::builtin();
        let names = catalogue.names(false, false);
        Self::furnish(Shelf { catalogue, names }, &Arc::default(), Options::default(), today)
    }

    fn furnish(shelf: Shelf, config: &Arc<Config>, options: Options, today: String) -> Self {
        let Shelf { catalogue, names } = shelf;
        let names = Arc::new(names);
        let settings = Settings {
            today,
            options,
            open: wants_open(config),
            parameters: parameters(&catalogue, &names, config),
            silence: silence(&names, config),
            choose: chooser(&catalogue, &names, config),
            catalogue,
        };
        Self { scanner: Scanner::new(settings), names, config: Arc::clone(config) }
    }

    /// What scans.
    #[must_use]
    pub const fn scanner(&self) -> &Scanner {
        &self.scanner
    }

    /// Every rule there is.
    #[must_use]
    pub const fn catalogue(&self) -> &Catalogue {
        &self.scanner.settings().catalogue
    }

    /// What the user configured.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// True when nothing silences a rule.
    #[must_use]
    pub fn unsuppressible(&self, rule: &str) -> bool {
        self.names.get(rule).is_some_and(|rule| self.config.unsuppressible(rule))
    }

    /// Leaves out what is not bad or sure enough to be reported.
    pub fn sift(&self, findings: &mut Vec<Finding>) {
        let mut reports = HashMap::new();
        findings.retain(|finding| {
            let file = finding.place.file();
            let key = (file.to_owned(), finding.severity, finding.confidence);
            *reports.entry(key).or_insert_with(|| self.config.view(file).reports(finding.severity, finding.confidence))
        });
    }
}

/// What the user said about the deployment: files of parameters first, single values over them.
///
/// # Errors
/// When a file of parameters cannot be read or makes no sense.
pub fn options(here: &Path, config: &Config, given: Options) -> Result<Options, Trouble> {
    let mut parameters = BTreeMap::new();
    for (base, file) in config.parameter_files() {
        let path = here.join(base.join(&file.value));
        let found = Found { shown: discover::shown(here, &path), path, named: true, walked: true };
        let source = DiskLoader::new(here).read(&found)?;
        parameters.extend(config::parameters(&source).map_err(Trouble::Configuration)?);
    }
    parameters.extend(config.parameters());
    let (stage, region) = (config.stage().map(str::to_owned), config.region().map(str::to_owned));
    Ok(Options { parameters, stage, region, ..given })
}

/// What could not be determined is looked for as soon as some path wants to see it.
fn wants_open(config: &Config) -> bool {
    let overridden = config.layers().iter().flat_map(|layer| &layer.overrides).filter_map(|o| o.profile.as_ref());
    config.profile() == Profile::All || overridden.into_iter().any(|profile| profile.value == Profile::All)
}

/// The parameters of rules that the configuration sets.
fn parameters(catalogue: &Catalogue, names: &Names, config: &Config) -> BTreeMap<String, BTreeMap<String, Literal>> {
    // Nearly nobody sets one, and then no rule need be looked at.
    if !sets_parameters(config) {
        return BTreeMap::new();
    }
    let set = |name: &str| -> BTreeMap<String, Literal> {
        let said = names.get(name).map(|described| config.rule_parameters(described)).unwrap_or_default();
        said.into_iter().map(|(name, value)| (name, value.literal())).collect()
    };
    let all = catalogue.rules().iter().map(|rule| (rule.head.name.to_string(), set(&rule.head.name)));
    all.filter(|(_, set)| !set.is_empty()).collect()
}

/// What may silence findings.
fn silence(names: &Arc<Names>, config: &Arc<Config>) -> Option<Silence> {
    let honor = config.honor_suppressions().to_vec();
    if honor.is_empty() {
        return None;
    }
    let (known, asked) = (Arc::clone(names), Arc::clone(config));
    Some(Silence {
        names: Arc::clone(names),
        honor,
        require_reason: config.require_reason(),
        report_unused: config.report_unused(),
        unsuppressible: Box::new(move |rule| known.get(rule).is_some_and(|rule| asked.unsuppressible(rule))),
    })
}

/// Which rules look at a file. Files that the same overrides match share the answer.
fn chooser(catalogue: &Catalogue, names: &Arc<Names>, config: &Arc<Config>) -> Chooser {
    let order: Vec<Name> = catalogue.rules().iter().map(|rule| rule.head.name.clone()).collect();
    let (names, config) = (Arc::clone(names), Arc::clone(config));
    let known: Mutex<HashMap<Vec<usize>, Arc<Choice>>> = Mutex::default();
    Box::new(move |file| {
        let view = config.view(file);
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        let choice = known.entry(view.key()).or_insert_with(|| {
            let severity = |name: &Name| names.get(name).and_then(|described| view.severity(described));
            Arc::new(Choice { severities: order.iter().map(severity).collect() })
        });
        Arc::clone(choice)
    })
}
