//! From what the user asked for to a [`Run`]: files, rules, scan. The one place that knows how they meet.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portcullis::config::Config;
use portcullis::dialect;
use portcullis::discover::{self, DiskLoader, Found, Item, Request};
use portcullis::finding::{Failure, Run};
use portcullis::rules::Catalogue;
use portcullis::scan::{self, Named};
use portcullis::source::{Arena, FileId, LoadError, Loader, Source};
use portcullis::syntax;
use portcullis::template::Dialect;

use crate::args::{Deployment, Global, Input};
use crate::progress::Bar;
use crate::{clock, disk};

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
        if paths.is_empty() && input.files_from.is_some() {
            return Ok(files);
        }
        files.everything = paths.is_empty() || paths.iter().any(|path| path.as_os_str() == ".");
        let stdin = paths.iter().any(|path| path.as_os_str() == "-");
        if let (Some(name), false) = (&input.stdin_filename, stdin) {
            let name = name.display();
            anyhow::bail!(
                "--stdin-filename says what standard input is called, and `-` reads it: `check - --stdin-filename {name}`"
            );
        }
        if stdin {
            paths.retain(|path| path.as_os_str() != "-");
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

    /// Texts that are at hand.
    pub(crate) fn given<'s>(sources: impl IntoIterator<Item = &'s Arc<Source>>) -> Self {
        let texts = sources.into_iter().map(|source| (source.path().to_owned(), Text::Given(Arc::clone(source))));
        Self { texts: texts.collect(), lenient: true, ..Self::default() }
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
            let document = syntax::parse_file(&arena, FileId(0), source.path(), source.text());
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
            let found = Found { path, shown: name.clone(), named: false, walked: true };
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

    /// True for a text that is read from the disk.
    pub(crate) fn given_by_disk(&self, name: &str) -> bool {
        matches!(self.texts.get(name), Some(Text::Disk(_)))
    }

    /// True when something should have been looked at and could not.
    pub(crate) fn failed(&self) -> bool {
        !self.failures.is_empty()
    }

    fn wanted(&self, name: &str) -> Named {
        let walked = self.texts.get(name).is_none_or(|text| match text {
            Text::Given(_) => true,
            Text::Disk(found) => found.walked,
        });
        Named { shown: name.to_owned(), named: self.named(name), walked }
    }

    /// True for a file that was named, rather than found in a folder.
    pub(crate) fn named(&self, name: &str) -> bool {
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
    }
    Ok(paths)
}

/// Rules, configuration and scanner of one call, and where it was made.
pub(crate) struct Workshop {
    shop: scan::Workshop,
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
        let today = deployment.today.clone().unwrap_or_else(clock::today);
        let shop = scan::Workshop::open(here, config, deployment.options(), today)?;
        Ok(Self { shop, here: here.to_owned() })
    }

    /// Every rule there is.
    pub(crate) fn catalogue(&self) -> &Catalogue {
        self.shop.catalogue()
    }

    /// The working directory.
    pub(crate) fn here(&self) -> &Path {
        &self.here
    }

    /// True when nothing silences a rule.
    pub(crate) fn unsuppressible(&self, rule: &str) -> bool {
        self.shop.unsuppressible(rule)
    }

    /// Checks files.
    pub(crate) fn scan(&self, global: &Global, files: &Files) -> Run {
        self.look(global, files, &DiskLoader::new(&self.here))
    }

    /// Checks files, with includes from somewhere.
    pub(crate) fn look(&self, global: &Global, files: &Files, loader: &dyn Loader) -> Run {
        let disk = DiskLoader::new(&self.here);
        let bar = Bar::new(global, files.texts.len());
        let wanted = files.names().map(|name| files.wanted(name)).collect();
        let mut run = self.shop.scanner().run(wanted, |file| files.read(&file.shown, &disk), loader, || bar.step());
        bar.finish();
        run.failures.extend(files.failures.iter().cloned());
        self.shop.sift(&mut run.findings);
        run.sort();
        run
    }
}
