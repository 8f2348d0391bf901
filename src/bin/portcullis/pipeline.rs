//! From what the user asked for to a [`Run`]: files, rules, scan. The one place that knows how they meet.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use portcullis::config::{self, Catalogue as Names, Config, Parameter};
use portcullis::dialect::{self, Options};
use portcullis::discover::{self, DiskLoader, Found, Item, Request};
use portcullis::finding::{Failure, Run};
use portcullis::rulebook::{Literal, Profile};
use portcullis::rules::Catalogue;
use portcullis::scan::{Choice, Chooser, Named, Scanner, Settings, Silence};
use portcullis::source::{Arena, FileId, LoadError, Loader, Source};
use portcullis::syntax;
use portcullis::template::Dialect;

use crate::args::{Deployment, Global, Input};
use crate::progress::Bar;
use crate::shelf::Shelf;
use crate::{clock, disk, voices};

/// The files that were asked for.
#[derive(Default)]
pub(crate) struct Files {
    texts: BTreeMap<String, Text>,
    /// What should have been looked at and could not.
    failures: Vec<Failure>,
    /// Whether everything below the working directory was asked for.
    everything: bool,
    /// Whether what was named may be no template.
    lenient: bool,
}

/// Where a text is.
enum Text {
    Disk(Found),
    Given(Arc<Source>),
}

impl Files {
    /// Finds what was asked for.
    pub(crate) fn find(input: &Input, here: &Path, config: &Arc<Config>) -> anyhow::Result<Self> {
        let mut files = Self { lenient: input.skip_non_templates, ..Self::default() };
        let mut paths = listed(input, here)?;
        files.everything = paths.is_empty() || paths.iter().any(|path| path.as_os_str() == ".");
        if let Some(at) = paths.iter().position(|path| path.as_os_str() == "-") {
            paths.remove(at);
            let name = discover::shown(here, input.stdin_filename.as_deref().unwrap_or(Path::new("stdin")));
            files.texts.insert(name.clone(), Text::Given(disk::standard_input(name)?));
            if paths.is_empty() {
                return Ok(files);
            }
        }
        let request = Request {
            working: here.to_owned(),
            paths,
            config: Arc::clone(config),
            gitignore: !input.no_ignore,
            force_exclude: input.skip_non_templates,
        };
        for item in discover::walk(request) {
            match item {
                Item::File(found) => {
                    let name = found.shown.clone();
                    files.texts.entry(name).or_insert(Text::Disk(found));
                }
                Item::Failure(failure) => files.failures.push(failure),
            }
        }
        Ok(files)
    }

    /// The names of the files, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// The templates among them, and their languages.
    pub(crate) fn templates(&self, here: &Path) -> Vec<(&str, &'static str)> {
        let loader = DiskLoader::new(here);
        let dialect = |name: &str| {
            let arena = Arena::new();
            let source = self.read(name, &loader).ok()?;
            let document = syntax::parse(&arena, FileId(0), source.text());
            document.root().and_then(dialect::detect).map(Dialect::name)
        };
        self.names().filter_map(|name| Some((name, dialect(name)?))).collect()
    }

    /// Reads one of them.
    pub(crate) fn read(&self, name: &str, loader: &DiskLoader) -> Result<Arc<Source>, LoadError> {
        match self.texts.get(name) {
            Some(Text::Given(source)) => Ok(Arc::clone(source)),
            Some(Text::Disk(found)) => loader.read(found),
            None => Err(LoadError::Missing(name.to_owned())),
        }
    }

    /// True for a file that was looked at, by itself or as a part of another one.
    pub(crate) fn checked(&self, name: &str) -> bool {
        self.everything || self.texts.contains_key(name)
    }

    /// The same files below another working directory, as far as they are there.
    pub(crate) fn elsewhere(&self, working: &Path) -> Self {
        let there = |name: &String| {
            let path = working.join(name);
            let found = Found { path, shown: name.clone(), named: false };
            disk::is_file(&found.path).then(|| (name.clone(), Text::Disk(found)))
        };
        Self { texts: self.texts.keys().filter_map(there).collect(), ..Self::default() }
    }

    /// Another text in the place of one of them.
    pub(crate) fn replace(&mut self, name: &str, source: &Arc<Source>) {
        if let Some(text) = self.texts.get_mut(name) {
            *text = Text::Given(Arc::clone(source));
        }
    }

    /// True when something should have been looked at and could not.
    pub(crate) fn failed(&self) -> bool {
        !self.failures.is_empty()
    }

    fn named(&self, name: &str) -> bool {
        !self.lenient
            && self.texts.get(name).is_some_and(|text| match text {
                Text::Given(_) => true,
                Text::Disk(found) => found.named,
            })
    }
}

/// The paths that were asked for: the arguments and what `--files-from` lists.
///
/// An empty list is no request for everything: a script whose list came out empty wants nothing checked.
fn listed(input: &Input, here: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = input.paths.clone();
    if let Some(list) = &input.files_from {
        let text = disk::read(here, list)?;
        paths.extend(text.text().lines().map(str::trim).filter(|line| !line.is_empty()).map(PathBuf::from));
        if paths.is_empty() {
            anyhow::bail!("`{}` lists no files", list.display());
        }
    }
    Ok(paths)
}

/// Rules, configuration and scanner of one call.
pub(crate) struct Workshop {
    scanner: Scanner,
    names: Arc<Names>,
    config: Arc<Config>,
    here: PathBuf,
}

impl Workshop {
    /// Sets everything up; what is wrong with the names in the configuration is an error.
    pub(crate) fn open(
        global: &Global,
        here: &Path,
        config: &Arc<Config>,
        deployment: &Deployment,
    ) -> anyhow::Result<Self> {
        // All recursion is bounded; this is room to spare, of addresses only.
        let pool = rayon::ThreadPoolBuilder::new().stack_size(8 << 20);
        // It fails when there is a pool already, which then is this one.
        let _ = pool.num_threads(global.jobs.map_or(0, usize::from)).build_global();
        let Shelf { catalogue, names } = Shelf::stock(here, config)?;
        let mistakes = config.check(&names);
        if !mistakes.is_empty() {
            return Err(voices::complaint(&mistakes));
        }
        let names = Arc::new(names);
        let settings = Settings {
            today: deployment.today.clone().unwrap_or_else(clock::today),
            options: options(here, config, deployment)?,
            open: wants_open(config),
            parameters: parameters(&catalogue, &names, config),
            silence: silence(&names, config),
            choose: chooser(&catalogue, &names, config),
            catalogue,
        };
        let scanner = Scanner::new(settings);
        Ok(Self { scanner, names, config: Arc::clone(config), here: here.to_owned() })
    }

    /// Every rule there is.
    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.scanner.settings().catalogue
    }

    /// The working directory.
    pub(crate) fn here(&self) -> &Path {
        &self.here
    }

    /// True when nothing silences a rule.
    pub(crate) fn unsuppressible(&self, rule: &str) -> bool {
        self.names.get(rule).is_some_and(|rule| self.config.unsuppressible(rule))
    }

    /// Checks files.
    pub(crate) fn scan(&self, global: &Global, files: &Files) -> Run {
        self.look(global, files, &DiskLoader::new(&self.here))
    }

    /// Checks files, with includes from somewhere.
    pub(crate) fn look(&self, global: &Global, files: &Files, loader: &dyn Loader) -> Run {
        let disk = DiskLoader::new(&self.here);
        let bar = Bar::new(global, files.texts.len());
        let wanted = files.names().map(|name| Named { shown: name.to_owned(), named: files.named(name) }).collect();
        let mut run = self.scanner.run(wanted, |file| files.read(&file.shown, &disk), loader, || bar.step());
        bar.finish();
        run.failures.extend(files.failures.iter().cloned());
        self.sift(&mut run);
        run.sort();
        run
    }

    /// Leaves out what is not bad or sure enough to be reported.
    fn sift(&self, run: &mut Run) {
        let mut reports = HashMap::new();
        run.findings.retain(|finding| {
            let file = finding.place.file();
            let key = (file.to_owned(), finding.severity, finding.confidence);
            *reports.entry(key).or_insert_with(|| self.config.view(file).reports(finding.severity, finding.confidence))
        });
    }
}

/// What could not be determined is looked for as soon as some path wants to see it.
fn wants_open(config: &Config) -> bool {
    let overridden = config.layers().iter().flat_map(|layer| &layer.overrides).filter_map(|o| o.profile.as_ref());
    config.profile() == Profile::All || overridden.into_iter().any(|profile| profile.value == Profile::All)
}

/// What the user said about the deployment: files of parameters first, single values over them.
pub(crate) fn options(here: &Path, config: &Config, deployment: &Deployment) -> anyhow::Result<Options> {
    let mut parameters = BTreeMap::new();
    for (base, file) in config.parameter_files() {
        let source = disk::read(here, &base.join(&file.value))?;
        parameters.extend(config::parameters(&source).map_err(|mistakes| voices::complaint(&mistakes))?);
    }
    parameters.extend(config.parameters());
    let (stage, region) = (config.stage().map(str::to_owned), config.region().map(str::to_owned));
    Ok(Options { parameters, stage, region, ..deployment.options() })
}

/// The parameters of rules that the configuration sets.
fn parameters(catalogue: &Catalogue, names: &Names, config: &Config) -> BTreeMap<String, BTreeMap<String, Literal>> {
    let literal = |parameter| match parameter {
        Parameter::Bool(yes) => Literal::Bool(yes),
        Parameter::Number(number) => Literal::Number(number.to_string()),
        Parameter::Text(text) => Literal::Text(text),
        Parameter::List(items) => Literal::List(items.into_iter().map(Literal::Text).collect()),
    };
    let set = |name: &str| -> BTreeMap<String, Literal> {
        let said = names.get(name).map(|described| config.rule_parameters(described)).unwrap_or_default();
        said.into_iter().map(|(name, value)| (name, literal(value))).collect()
    };
    let all = catalogue.rules().iter().map(|rule| (rule.head.name.clone(), set(&rule.head.name)));
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
    let order: Vec<String> = catalogue.rules().iter().map(|rule| rule.head.name.clone()).collect();
    let (names, config) = (Arc::clone(names), Arc::clone(config));
    let known: Mutex<HashMap<Vec<usize>, Arc<Choice>>> = Mutex::default();
    Box::new(move |file| {
        let view = config.view(file);
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        let choice = known.entry(view.key()).or_insert_with(|| {
            let severity = |name: &String| names.get(name).and_then(|described| view.severity(described));
            Arc::new(Choice { severities: order.iter().map(severity).collect() })
        });
        Arc::clone(choice)
    })
}
