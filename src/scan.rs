//! The pipeline, one function you can read aloud: [`scan`].

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use foldhash::{HashSet, HashSetExt};
use rayon::prelude::*;

use crate::analysis::memo::Answers;
use crate::dialect::{self, Input, Options};
use crate::finding::{Failure, Finding, Run};
use crate::resolve::{Exports, Given, Outputs, Resolver};
use crate::rulebook::{Confidence, Literal, Name, Severity, TEMPLATE};
use crate::rules::{self, Catalogue, Context, Hit, Rule, Sink};
use crate::source::{Arena, FileId, LoadError, Loader, Source, Sources};
use crate::syntax::{self, Document, Notation};
use crate::template::{Dialect, Origin, Template};

pub mod examples;
mod inline;
mod nearby;
mod nested;
mod problems;
mod shelf;
mod silence;
mod suppose;
mod synthesis;
mod telling;
mod wording;
mod workshop;

pub use shelf::Shelf;
pub use silence::Silence;
use telling::Teller;
pub use workshop::{Trouble, Workshop, options};

/// What a scan is told from outside.
pub struct Settings {
    /// The rules.
    pub catalogue: Catalogue,
    /// The day templates are judged on, `YYYY-MM-DD`.
    pub today: String,
    /// What the user said about the deployment.
    pub options: Options,
    /// Whether what could not be determined is reported too.
    pub open: bool,
    /// Parameters of rules: rule, parameter, value.
    pub parameters: BTreeMap<String, BTreeMap<String, Literal>>,
    /// What may silence findings; `None` when nothing may.
    pub silence: Option<Silence>,
    /// Which rules look at a file.
    pub choose: Chooser,
}

impl Settings {
    /// The same rules for every file, on a day, and nothing else said.
    #[must_use]
    pub fn new(catalogue: Catalogue, choice: Choice, today: &str) -> Self {
        let choice = Arc::new(choice);
        Self {
            catalogue,
            today: today.to_owned(),
            options: Options::default(),
            open: false,
            parameters: BTreeMap::new(),
            silence: None,
            choose: Box::new(move |_| choice.clone()),
        }
    }
}

/// Says of a file which rules look at it.
pub type Chooser = Box<dyn Fn(&str) -> Arc<Choice> + Send + Sync>;

/// Which rules look at a file: for each rule of the catalogue, by position, its severity or that it is off.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// `None` is off.
    pub severities: Vec<Option<Severity>>,
}

impl Choice {
    /// Every rule, with its own severity.
    #[must_use]
    pub fn everything(catalogue: &Catalogue) -> Self {
        Self { severities: catalogue.rules().iter().map(|r| Some(r.head.severity)).collect() }
    }

    /// One rule only.
    #[must_use]
    pub fn only(catalogue: &Catalogue, name: &str) -> Self {
        let one = |r: &Rule| (r.head.name == name).then_some(r.head.severity);
        Self { severities: catalogue.rules().iter().map(one).collect() }
    }

    /// The position of a rule that is on.
    #[must_use]
    pub fn position(&self, catalogue: &Catalogue, name: &str) -> Option<usize> {
        let at = catalogue.rules().iter().position(|rule| rule.head.name == name)?;
        self.severities.get(at).copied().flatten().map(|_| at)
    }
}

/// What scanning one file came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The language, when it is one of ours.
    pub dialect: Option<Dialect>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What could not be read.
    pub failures: Vec<Failure>,
    /// Bounds that were reached.
    pub notes: Vec<Failure>,
    /// What the template exports, where the value is known.
    pub exports: Vec<(String, String)>,
    /// Whether a part of the file could not be read.
    pub broken: bool,
    /// Whether it looks like one of ours although it could not be read so far as to tell.
    pub suspect: bool,
    /// The files that are parts of this one.
    pub includes: Vec<String>,
    /// What it is instead of one of ours, where that can be told.
    pub instead: Option<String>,
}

/// A file to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name shown in reports.
    pub shown: String,
    /// Whether the user named it, rather than a folder it is in.
    pub named: bool,
    /// Whether a folder would have yielded it: what cannot be read of other files, prose and programs, is no broken template.
    pub walked: bool,
}

/// Rules by the resource types they look at.
#[derive(Debug, Default)]
struct Index {
    by_type: foldhash::HashMap<Name, Vec<usize>>,
    by_prefix: BTreeMap<String, Vec<usize>>,
    always: Vec<usize>,
    /// Those that put together what may stand under conditions.
    joining: Vec<(usize, rules::Joins)>,
}

/// What is known of a file once all were looked at.
enum First {
    /// Everything.
    Done(Outcome),
    /// What it exports: it imports what another may export, and waits.
    Importer(Arc<Source>, Vec<(String, String)>),
}

impl First {
    fn exports(&self) -> &[(String, String)] {
        match self {
            Self::Done(outcome) => &outcome.exports,
            Self::Importer(_, exports) => exports,
        }
    }
}

/// Scans files.
pub struct Scanner {
    settings: Settings,
    index: Index,
}

/// Scans one text: parse, lower, resolve, judge, tell.
#[must_use]
pub fn scan(source: &Arc<Source>, scanner: &Scanner, loader: &dyn Loader, exports: &Exports) -> Outcome {
    let arena = Arena::new();
    let document = syntax::parse_file(&arena, FileId(0), source.path(), source.text());
    let around = Around { loader, exports, level: 0 };
    scanner.parsed(&arena, (source, &document), &around, &scanner.settings.options, scanner.given())
}

/// What stands around a text that is scanned.
struct Around<'s> {
    loader: &'s dyn Loader,
    exports: &'s Exports,
    /// In how many other templates it stands as a text.
    level: usize,
}

/// The parts of a scan that outlive its template.
struct Scanned<'s, 'a> {
    arena: &'a Arena,
    sources: &'a Sources,
    document: &'s Document<'a>,
    around: &'s Around<'s>,
    /// How many nested stacks were read for what they put out.
    read: Cell<usize>,
    published: nested::Published,
    documents: Answers<FileId, Rc<Document<'a>>>,
}

impl<'a> Scanned<'_, 'a> {
    /// What another file of the scan is parsed to: several stacks may nest the same one, and what silences findings stands in it.
    fn document_of(&self, file: FileId) -> Rc<Document<'a>> {
        let source = self.sources.get(file);
        self.documents.answer(file, || Rc::new(syntax::parse_file(self.arena, file, source.path(), source.text())))
    }

    /// A second document of the text, which nothing deploys and nobody looked at.
    fn second(&self) -> Option<Failure> {
        let second = self.document.roots.get(1).filter(|_| self.document.notation != Notation::Script)?;
        let source = self.sources.get(second.span.file);
        let at = source.position(second.span.start);
        let message = "not all of it was checked: only the first document of a file is its template".to_owned();
        Some(Failure { file: source.path().to_owned(), at: Some((at.line, at.column)), message })
    }

    /// A note of what was not looked at: nobody shall take for clean what was never seen.
    fn unseen(&self, origin: Origin<'a>, why: &str) -> Failure {
        let source = self.sources.get(origin.span.file);
        let at = source.position(origin.span.start);
        let message = format!("not all of it was checked: {why}");
        Failure { file: source.path().to_owned(), at: Some((at.line, at.column)), message }
    }
}

impl Scanner {
    /// A scanner with its rules indexed.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let joining =
            rules::joining().filter_map(|(name, joins)| Some((settings.catalogue.position(name).ok()?, joins)));
        let mut index = Index { joining: joining.collect(), ..Index::default() };
        for (at, rule) in settings.catalogue.rules().iter().enumerate() {
            for kind in &rule.head.resources {
                match kind.strip_suffix('*') {
                    Some("") => index.always.push(at),
                    None if kind == TEMPLATE => index.always.push(at),
                    Some(start) => index.by_prefix.entry(start.to_owned()).or_default().push(at),
                    None => index.by_type.entry(kind.clone()).or_default().push(at),
                }
            }
        }
        Self { settings, index }
    }

    /// What the scanner was told.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Scans many files, in parallel. Files that import what others export are judged last.
    pub fn run(
        &self,
        files: Vec<Named>,
        read: impl Fn(&Named) -> Result<Arc<Source>, LoadError> + Sync,
        loader: &dyn Loader,
        progress: impl Fn() + Sync,
    ) -> Run {
        let none = Exports::new();
        let alone = files.len() == 1;
        let imports = |source: &Source| !alone && mentions(source, b"ImportValue");
        let first: Vec<(Named, First)> = files
            .into_par_iter()
            .map(|file| {
                let first = match read(&file) {
                    Ok(source) if imports(&source) => {
                        let exports = self.exported(&source, loader);
                        return (file, First::Importer(source, exports));
                    }
                    Ok(source) => scan(&source, self, loader, &none),
                    Err(error) => unreadable(&file.shown, &error),
                };
                progress();
                (file, First::Done(first))
            })
            .collect();
        let mut exports = Exports::new();
        for (name, value) in first.iter().flat_map(|(_, first)| first.exports()) {
            exports.entry(name.clone()).or_insert_with(|| value.clone());
        }
        let last = first.into_par_iter().map(|(file, first)| match first {
            First::Done(outcome) => (file, outcome),
            First::Importer(source, _) => {
                let outcome = scan(&source, self, loader, &exports);
                progress();
                (file, outcome)
            }
        });
        collect(last.collect())
    }

    /// What a text exports; it is judged later, when what it imports is known.
    fn exported(&self, source: &Arc<Source>, loader: &dyn Loader) -> Vec<(String, String)> {
        if !mentions(source, b"Export") {
            return Vec::new();
        }
        // What the stacks in it export depends on what it gives them.
        if mentions(source, b"AWS::CloudFormation::Stack") {
            return scan(source, self, loader, &Exports::new()).exports;
        }
        let (arena, none) = (Arena::new(), Exports::new());
        let sources = Sources::new(source.clone());
        let document = syntax::parse_file(&arena, FileId(0), source.path(), source.text());
        let input = Input { arena: &arena, sources: &sources, loader, options: &self.settings.options };
        let given = self.given();
        let template = dialect::lower(&document, &input);
        template
            .map(|template| exports(&template, &Resolver::new(&template, &arena, &given, &none)))
            .unwrap_or_default()
    }

    /// Lowers, resolves, judges and tells what a text was parsed to, with these parameters.
    fn parsed<'a>(
        &self,
        arena: &'a Arena,
        (source, document): (&Arc<Source>, &Document<'a>),
        around: &Around<'_>,
        options: &Options,
        given: BTreeMap<String, Given>,
    ) -> Outcome {
        let sources = Sources::new(source.clone());
        let input = Input { arena, sources: &sources, loader: around.loader, options };
        let template = dialect::lower(document, &input);
        let (read, published, documents) = (Cell::new(0), nested::Published::default(), Answers::default());
        let scanned = Scanned { arena, sources: &sources, document, around, read, published, documents };
        self.judge(&scanned, template, given)
    }

    fn judge<'a>(
        &self,
        scanned: &Scanned<'_, 'a>,
        template: Option<Template<'a>>,
        given: BTreeMap<String, Given>,
    ) -> Outcome {
        let choice = (self.settings.choose)(scanned.sources.get(FileId(0)).path());
        let teller = Teller::new(self, scanned, &choice);
        let mut outcome = Outcome { broken: scanned.document.broken(), ..Outcome::default() };
        let Some(template) = template else {
            // A broken file that is not even recognised may be anybody's; one that is may hide anything.
            outcome.suspect = outcome.broken && looks_like_ours(scanned.sources.get(FileId(0)));
            let path = scanned.sources.get(FileId(0)).path();
            let service = path.rsplit('/').next().is_some_and(|name| name.starts_with("serverless."));
            if service && scanned.document.notation == Notation::Script && !outcome.broken {
                let message = "skipped: of code, only an object that is exported as a literal is read".to_owned();
                outcome.notes.push(Failure { file: path.to_owned(), at: None, message });
            }
            outcome.instead = scanned.document.root().and_then(dialect::instead);
            if outcome.broken {
                problems::tell(scanned, &teller, &mut outcome);
                self.silence(scanned, &teller, &mut outcome);
            }
            return outcome;
        };
        outcome.dialect = Some(template.dialect);
        outcome.notes.extend(scanned.second());
        problems::tell(scanned, &teller, &mut outcome);
        // Stacks that nest in it are no parts of it: they are judged by themselves, too.
        outcome.includes = scanned.sources.iter().skip(1).map(|(_, source)| source.path().to_owned()).collect();
        let outputs = nested::outputs(self, scanned, scanned.arena, &template, &given, &[FileId(0)]);
        let hits = self.hits(&template, scanned, (&given, &outputs), &choice, &mut outcome);
        teller.tell(hits, &mut outcome);
        nested::follow(self, scanned, &template, (&given, &outputs), &teller, &mut outcome);
        inline::follow(self, scanned, &template, (&given, &outputs), &teller, &mut outcome);
        self.silence(scanned, &teller, &mut outcome);
        outcome.findings.sort_by(Finding::order);
        outcome
    }

    fn silence<'a>(&self, scanned: &Scanned<'_, 'a>, teller: &Teller<'_, 'a>, outcome: &mut Outcome) {
        if let Some(silence) = &self.settings.silence {
            silence::apply(silence, &self.settings.today, scanned, teller, outcome);
        }
    }

    fn given(&self) -> BTreeMap<String, Given> {
        self.settings.options.parameters.iter().map(|(k, v)| (k.clone(), Given::Text(v.clone()))).collect()
    }

    /// What a template in another is lowered with: its own parameters, as far as they are known.
    fn options_for(&self, given: &BTreeMap<String, Given>) -> Options {
        let texts = given.iter().filter_map(|(name, value)| match value {
            Given::Text(text) => Some((name.clone(), text.clone())),
            Given::Unknown => None,
        });
        Options { parameters: texts.collect(), ..self.settings.options.clone() }
    }

    /// Runs the rules that have something to look at.
    fn hits<'a>(
        &self,
        template: &Template<'a>,
        scanned: &Scanned<'_, 'a>,
        (given, outputs): (&BTreeMap<String, Given>, &Outputs),
        choice: &Choice,
        outcome: &mut Outcome,
    ) -> Vec<(usize, Hit<'a>)> {
        let resolver = Resolver::new(template, scanned.arena, given, scanned.around.exports);
        let resolver = resolver.with_outputs(outputs).with_sources(scanned.sources);
        let context = Context::new(template, &resolver, &self.settings.today, &self.settings.parameters);
        let path = scanned.sources.get(FileId(0)).path();
        let made_for = || synthesis::accounts(path, scanned.around.loader);
        let context = context.with_comments(&scanned.document.comments).made_for(&made_for);
        let mut hits = Vec::new();
        for (at, rule) in self.rules_for(&context, choice) {
            let mut sink = Sink::new(self.settings.open);
            rules::run(rule, &context, &mut sink);
            hits.extend(sink.into_hits().into_iter().map(|hit| (at, hit)));
        }
        suppose::add(self, scanned, &context, choice, &mut hits);
        for (at, hit) in &mut hits {
            let rule = self.settings.catalogue.rules().get(*at);
            // A secret stands in the file, whatever is chosen.
            if rule.is_some_and(|rule| !rule.head.secret) && !hit.under.is_always() && needs_choosing(&resolver, hit) {
                hit.confidence = hit.confidence.or(rule.map(|rule| rule.head.confidence)).map(Confidence::lower);
            }
        }
        outcome.exports.extend(exports(template, &resolver));
        let unseen = context.unseen().map(|why| format!("not all of it was checked: {why}"));
        let notes = template.bounds_met.iter().map(ToString::to_string).chain(resolver.notes()).chain(unseen);
        outcome.notes.extend(notes.map(|message| Failure { file: path.to_owned(), at: None, message }));
        // What stands in one place, and what is always the same, is said once.
        let (mut places, mut told) = (HashSet::new(), HashSet::new());
        // That the file is broken is a finding.
        let parts = template.unknown_parts.iter().filter(|(_, why)| *why != dialect::CUT_SHORT);
        for (origin, why) in parts.chain(&template.unread) {
            if places.insert((origin.span.file, origin.span.start)) && told.insert(*why) {
                outcome.notes.push(scanned.unseen(*origin, why));
            }
        }
        hits
    }

    /// The rules that have something to look at and are on, in order, with their positions.
    fn rules_for(&self, context: &Context<'_, '_>, choice: &Choice) -> impl Iterator<Item = (usize, &Rule)> {
        let mut wanted: Vec<bool> = vec![false; self.settings.catalogue.rules().len()];
        let mut want = |rules: &[usize]| {
            for at in rules {
                if let Some(wanted) = wanted.get_mut(*at) {
                    *wanted = choice.severities.get(*at).copied().flatten().is_some();
                }
            }
        };
        want(&self.index.always);
        for kind in context.types() {
            let begun = self.index.by_prefix.iter().filter(|(start, _)| kind.starts_with(*start));
            self.index.by_type.get(kind).into_iter().chain(begun.map(|(_, rules)| rules)).for_each(|rules| want(rules));
        }
        let rules = self.settings.catalogue.rules().iter().enumerate();
        rules.zip(wanted).filter_map(|(rule, wanted)| wanted.then_some(rule))
    }
}

/// Whether a value needs another parameter than its default, which nobody may choose. Of a resource that is only made then it is as sure
/// as of any.
fn needs_choosing<'a>(resolver: &Resolver<'_, 'a>, hit: &Hit<'a>) -> bool {
    let made = || hit.resource.and_then(|resource| resolver.under_of(&resource));
    resolver.needs_other_than_defaults(&hit.under)
        && !made().is_some_and(|under| resolver.needs_other_than_defaults(&under))
}

/// The outputs that other stacks can import and whose name and value are known.
fn exports<'a>(template: &Template<'a>, resolver: &Resolver<'_, 'a>) -> Vec<(String, String)> {
    let always = crate::resolve::Under::always();
    let text = |value| {
        let cases = resolver.cases(value, &always);
        match cases.as_slice() {
            [only] => only.text(),
            _ => None,
        }
    };
    let known = template.outputs.iter().filter_map(|o| Some((text(o.export.as_ref()?)?, text(&o.value)?)));
    known.collect()
}

fn mentions(source: &Source, word: &[u8]) -> bool {
    memchr::memmem::find(source.text().as_bytes(), word).is_some()
}

fn unreadable(path: &str, error: &LoadError) -> Outcome {
    Outcome {
        failures: vec![Failure { file: path.to_owned(), at: None, message: error.to_string() }],
        broken: true,
        // A picture or a fixture in an encoding of old that happens to end like a template is nobody's template.
        suspect: !matches!(error, LoadError::NotText { ours: false, .. }),
        ..Outcome::default()
    }
}

/// Whether a text that cannot be read would be one of ours: charts full of `{{ }}` are not our business.
#[must_use]
pub fn looks_like_ours(source: &Source) -> bool {
    crate::template::words(source.path(), |word| mentions(source, word.as_bytes()))
}

/// Outcomes as one run, in the order of reports.
fn collect(outcomes: Vec<(Named, Outcome)>) -> Run {
    let mut run = Run::default();
    let parts: HashSet<String> = outcomes.iter().flat_map(|(_, outcome)| outcome.includes.iter().cloned()).collect();
    for (file, outcome) in outcomes {
        // What is a part of another file is judged there, where its variables have values.
        let part = !outcome.broken && parts.contains(&file.shown);
        let foreign = outcome.dialect.is_none() && outcome.broken && !(outcome.suspect && file.walked);
        let mut look = |what: &str| {
            run.looked.push(Failure { file: file.shown.clone(), at: None, message: what.to_owned() });
        };
        if !file.named && (part || foreign) {
            look(if part {
                "checked as a part of another file"
            } else {
                "skipped: no template, as far as it can be read"
            });
            run.skipped += usize::from(foreign);
            continue;
        }
        match outcome.dialect {
            Some(dialect) => {
                look(&format!("checked: {}", dialect.name()));
                *run.checked.entry(dialect.name()).or_default() += 1;
            }
            None if outcome.broken => look("cannot be read"),
            None => {
                look("skipped: no template");
                run.skipped += 1;
            }
        }
        if outcome.dialect.is_none() && !outcome.broken && file.named {
            let message =
                outcome.instead.unwrap_or_else(|| "not a CloudFormation, SAM or serverless.yml file".to_owned());
            run.failures.push(Failure { file: file.shown, at: None, message });
        }
        run.broken += usize::from(outcome.broken);
        run.findings.extend(outcome.findings);
        run.failures.extend(outcome.failures);
        run.notes.extend(outcome.notes);
    }
    run.sort();
    once(&mut run.findings);
    run
}

/// What was found twice, in a stack by itself and as a part of another, is told once: where more is told of it.
fn once(findings: &mut Vec<Finding>) {
    findings.dedup_by(|later, earlier| {
        fn key(f: &Finding) -> (u32, u32, &str, &str, Option<&str>, &str) {
            (f.place.start, f.place.end, &f.rule, &f.message, f.under.as_deref(), f.place.file())
        }
        let same = key(later) == key(earlier);
        if same && later.related.len() > earlier.related.len() {
            std::mem::swap(later, earlier);
        }
        // Only the stack by itself is offered edits; they mend the part of the other as well.
        if same && earlier.fixes.is_empty() {
            earlier.fixes.append(&mut later.fixes);
        }
        same
    });
}
