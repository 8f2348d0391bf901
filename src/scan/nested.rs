//! Local nested stacks: judged again with the values that their parent passes, and read for what they put out.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use foldhash::HashSet;

use super::{Outcome, Scanned, Scanner, Teller};
use crate::dialect::{self, Input};
use crate::finding::Failure;
use crate::resolve::{Exports, Given, Outputs, PutOut, Resolver, Text, Under};
use crate::source::{Arena, FileId, NoFiles, Source, Sources};
use crate::syntax::{self, Document};
use crate::template::{Kind, Map, Origin, Resource, Template};

/// How deep stacks may nest in one scan.
const MAX_DEPTH: usize = 4;

/// How many nested stacks are judged for one template: stacks of stacks multiply.
const MAX_STACKS: usize = 100;

/// Judges every nested stack of a template whose text is beside it.
pub(super) fn follow<'a>(
    scanner: &Scanner,
    scanned: &Scanned<'_, 'a>,
    template: &Template<'a>,
    known: (&BTreeMap<String, Given>, &Outputs),
    teller: &Teller<'_, 'a>,
    outcome: &mut Outcome,
) {
    let mut on_the_way = vec![FileId(0)];
    let walk = Walk { scanner, scanned, teller, judged: Cell::new(0) };
    walk.stacks(template, known, &mut on_the_way, outcome);
}

/// How many nested stacks are read for what they put out: each that is judged asks those that nest in it.
const MAX_READ: usize = 2 * MAX_STACKS;

/// How often what stacks put out is passed on to their neighbours.
const MAX_ROUNDS: usize = 4;

/// What the stacks that nest in a template put out, where its text is beside it and the value is known. One stack's
/// output may be another's parameter.
pub(super) fn outputs<'b, 'a: 'b>(
    scanner: &Scanner,
    scanned: &Scanned<'_, 'a>,
    arena: &'b Arena,
    template: &Template<'b>,
    given: &BTreeMap<String, Given>,
    way: &[FileId],
) -> Outputs {
    let mut outputs = Outputs::new();
    let here = way.last().copied().unwrap_or(FileId(0));
    let is_stack = |r: &Resource<'b>| r.kind == "AWS::CloudFormation::Stack";
    if way.len() > MAX_DEPTH || !template.resources.iter().any(is_stack) {
        return outputs;
    }
    let asked = asked_for(scanned.sources.get(here).text());
    if asked.is_empty() {
        return outputs;
    }
    let exports = Exports::new();
    let mut before: BTreeMap<&str, Vec<BTreeMap<String, Given>>> = BTreeMap::new();
    for _ in 0..MAX_ROUNDS {
        let known = outputs.clone();
        let resolver = Resolver::new(template, arena, given, &exports).with_outputs(&known);
        let mut changed = false;
        for stack in template.resources.iter().filter(|r| is_stack(r)) {
            let passed = passed(stack).unwrap_or(Map::EMPTY);
            let worlds = worlds(&resolver, passed);
            let children: Vec<_> = worlds.iter().map(|under| parameters(&resolver, passed, under)).collect();
            if before.get(stack.id) == Some(&children) {
                continue;
            }
            let file = file_of(scanned, &resolver, stack, here).filter(|file| !way.contains(file));
            let Some(file) = file.filter(|_| scanned.read.get() + worlds.len() <= MAX_READ) else { continue };
            scanned.read.set(scanned.read.get() + worlds.len());
            // What is only looked at for this is forgotten again.
            let arena = Arena::new();
            let document = syntax::parse(&arena, file, scanned.sources.get(file).text());
            let mut all: BTreeMap<String, Vec<PutOut>> = BTreeMap::new();
            for (under, child) in worlds.iter().zip(&children) {
                let Some(nested) = lowered(scanner, scanned, &arena, &document, child) else { continue };
                let inside = self::outputs(scanner, scanned, &arena, &nested, child, &[way, &[file]].concat());
                let inner = Resolver::new(&nested, &arena, child, &exports).with_outputs(&inside);
                for output in nested.outputs.iter().filter(|output| asked.contains(output.name)).take(MAX_OUTPUTS) {
                    let cases = inner.cases(&output.value, &Under::always());
                    let may = cases.iter().take(MAX_WORLDS).map(|case| PutOut {
                        under: case.under.describe().map_or_else(|| under.clone(), |words| under.said(words)),
                        text: case.text().filter(|text| is_short(text)),
                    });
                    all.entry(output.name.to_owned()).or_default().extend(may);
                }
            }
            all.values_mut().for_each(settled);
            outputs.insert(stack.id.to_owned(), all);
            before.insert(stack.id, children);
            changed = true;
        }
        if !changed {
            break;
        }
    }
    outputs
}

/// The names of outputs that a text asks for.
fn asked_for(text: &str) -> HashSet<&str> {
    let behind = text.split("Outputs.").skip(1);
    behind.filter_map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()).next()).collect()
}

/// CloudFormation takes no more outputs of a template.
const MAX_OUTPUTS: usize = 200;

/// Whether a value is worth keeping: what is longer is no address, name or ARN.
fn is_short(text: &str) -> bool {
    text.len() <= 1024
}

/// What is the same whatever is assumed is put out under no assumption; what may be too many things is not known.
fn settled(may: &mut Vec<PutOut>) {
    if may.len() > MAX_WORLDS {
        *may = vec![PutOut { under: Under::always(), text: None }];
    }
    if may.windows(2).all(|pair| matches!(pair, [a, b] if a.text == b.text)) {
        may.truncate(1);
        may.iter_mut().for_each(|only| only.under = Under::always());
    }
}

/// What a stack passes to the template that nests in it.
fn passed<'b>(stack: &Resource<'b>) -> Option<Map<'b>> {
    stack.property("Parameters")?.value.as_map()
}

/// The file of a stack's template, when it is beside this one.
fn file_of<'b>(
    scanned: &Scanned<'_, '_>,
    resolver: &Resolver<'_, 'b>,
    stack: &Resource<'b>,
    here: FileId,
) -> Option<FileId> {
    let urls = resolver.cases(&stack.property("TemplateURL")?.value, &Under::always());
    let [only] = urls.as_slice() else { return None };
    let url = only.present()?;
    // The CDK names a place in the bucket that it uploads to, and beside it the file that it uploads.
    let asset = stack.asset("TemplateURL");
    let Some(path) = asset.or_else(|| url.as_text().filter(|url| !url.contains("://"))) else {
        return published(scanned, &Text::of(&url).pattern(), stack, here);
    };
    let source = scanned.around.loader.load(scanned.sources.get(here).path(), path).ok()?;
    scanned.sources.add(source)
}

/// How many segments of an address may be folders of the project.
const MAX_SEGMENTS: usize = 4;

/// The file that was published under an address, `*` for what of it is not known: below this folder or one of the two
/// above, by as much of the address as there is. The same name alone would prove little; that it takes what is passed, and
/// needs no more, does.
fn published(scanned: &Scanned<'_, '_>, url: &str, stack: &Resource<'_>, here: FileId) -> Option<FileId> {
    let known = url.rsplit('*').next()?;
    // The host is no folder.
    let path = known.split_once("://").map_or(known, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let path = path.split(['?', '#']).next()?;
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let first = segments.len().saturating_sub(MAX_SEGMENTS);
    let mut tails: Vec<String> = (first..segments.len()).filter_map(|at| Some(segments.get(at..)?.join("/"))).collect();
    tails.extend(segments.last().filter(|_| url.contains(CONSOLE)).and_then(|name| uploaded(name)).map(str::to_owned));
    let key = (here, tails.first()?.clone());
    let known = scanned.published.borrow().get(&key).map(Rc::clone);
    let candidates = match known {
        Some(known) => known,
        // Addresses without end are no project's.
        None if scanned.published.borrow().len() >= MAX_READ => return None,
        None => {
            let from = scanned.sources.get(here).path();
            let places = tails.iter().flat_map(|tail| ["", "../", "../../"].map(|above| format!("{above}{tail}")));
            let mut read = HashSet::default();
            let sources = places.filter_map(|place| scanned.around.loader.load(from, &place).ok());
            // `../templates/x.yaml` and `x.yaml` may be one file.
            let files = sources.filter(|source| read.insert(source.path().to_owned()));
            let found: Rc<[Candidate]> = files.filter_map(Candidate::read).collect();
            scanned.published.borrow_mut().insert(key, Rc::clone(&found));
            found
        }
    };
    let chosen = candidates.iter().find(|candidate| candidate.takes(stack))?;
    scanned.sources.add(Arc::clone(&chosen.source))
}

/// What the buckets are called that CloudFormation's console uploads templates to.
const CONSOLE: &str = "cf-templates-";

/// The name that a file had before the console uploaded it, which puts the time and some letters before it:
/// `2016165ZJd-vpc.yaml`, or `2024-03-05T171437.246Zu4z-vpc.yaml`.
fn uploaded(name: &str) -> Option<&str> {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let is_day = |day: &str| {
        let mut parts = day.split('-');
        [4, 2, 2].iter().all(|count| parts.next().is_some_and(|part| digits(part, *count))) && parts.next().is_none()
    };
    if let Some((day, rest)) = name.split_once('T')
        && is_day(day)
    {
        return rest.split_once('-').map(|(_, name)| name);
    }
    let (stamp, name) = name.split_once('-')?;
    let (day, letters) = stamp.split_at_checked(7)?;
    let random = (3..=5).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_alphanumeric());
    (digits(day, 7) && random).then_some(name)
}

/// A file that may be the one that was published.
pub(super) struct Candidate {
    source: Arc<Source>,
    /// The parameters that it declares, and whether they have a default.
    parameters: BTreeMap<String, bool>,
}

/// What may have been published under an address that a file names.
pub(super) type Published = RefCell<BTreeMap<(FileId, String), Rc<[Candidate]>>>;

impl Candidate {
    fn read(source: Arc<Source>) -> Option<Self> {
        let arena = Arena::new();
        let document = syntax::parse(&arena, FileId(0), source.text());
        let sources = Sources::new(Arc::clone(&source));
        let input = Input { arena: &arena, sources: &sources, loader: &NoFiles, options: &dialect::Options::default() };
        let template = dialect::lower(&document, &input)?;
        let parameters = template.parameters.iter().map(|p| (p.name.to_owned(), p.default.is_some())).collect();
        Some(Self { source, parameters })
    }

    /// Whether it declares every parameter that a stack passes, and the stack passes every one that it must.
    fn takes(&self, stack: &Resource<'_>) -> bool {
        let passed = passed(stack).unwrap_or(Map::EMPTY);
        passed.entries.iter().all(|entry| self.parameters.contains_key(entry.key))
            && self.parameters.iter().all(|(name, default)| *default || passed.get(name).is_some())
    }
}

/// The template of a stack that is passed these parameters.
fn lowered<'b, 'a: 'b>(
    scanner: &Scanner,
    scanned: &Scanned<'_, 'a>,
    arena: &'b Arena,
    document: &Document<'b>,
    child: &BTreeMap<String, Given>,
) -> Option<Template<'b>> {
    let options = scanner.options_for(child);
    let input = Input { arena, sources: scanned.sources, loader: scanned.around.loader, options: &options };
    dialect::lower(document, &input)
}

/// Into how many worlds the parameters of one stack are taken apart.
const MAX_WORLDS: usize = 8;

struct Walk<'w, 's, 't, 'a> {
    scanner: &'w Scanner,
    scanned: &'w Scanned<'s, 'a>,
    teller: &'w Teller<'t, 'a>,
    judged: Cell<usize>,
}

impl<'a> Walk<'_, '_, '_, 'a> {
    fn stacks(
        &self,
        template: &Template<'a>,
        (given, outputs): (&BTreeMap<String, Given>, &Outputs),
        way: &mut Vec<FileId>,
        outcome: &mut Outcome,
    ) {
        if way.len() > MAX_DEPTH || !template.resources.iter().any(|r| r.kind == "AWS::CloudFormation::Stack") {
            return;
        }
        let exports = Exports::new();
        let resolver = Resolver::new(template, self.scanned.arena, given, &exports).with_outputs(outputs);
        let here = way.last().copied().unwrap_or(FileId(0));
        for resource in template.resources.iter().filter(|r| r.kind == "AWS::CloudFormation::Stack") {
            let Some(passed) = passed(resource) else { continue };
            let Some(file) = file_of(self.scanned, &resolver, resource, here) else { continue };
            if way.contains(&file) {
                continue;
            }
            let document = self.scanned.document_of(file);
            let mut before: Vec<BTreeMap<String, Given>> = Vec::new();
            for under in worlds(&resolver, passed) {
                let child = parameters(&resolver, passed, &under);
                if before.contains(&child) {
                    continue;
                }
                let judged = self.judged.get();
                self.judged.set(judged + 1);
                if judged > MAX_STACKS {
                    return;
                }
                if judged == MAX_STACKS {
                    let path = self.scanned.sources.get(FileId(0)).path().to_owned();
                    let message =
                        format!("more than {MAX_STACKS} nested stacks: the rest is judged without its parameters");
                    outcome.notes.push(Failure { file: path, at: None, message });
                    return;
                }
                way.push(file);
                self.stack(&document, &child, resource.key, way, outcome);
                way.pop();
                before.push(child);
            }
        }
    }

    /// Judges one stack with what it is passed, and those that nest in it.
    fn stack(
        &self,
        document: &Document<'a>,
        child: &BTreeMap<String, Given>,
        passed_at: Origin<'a>,
        way: &mut Vec<FileId>,
        outcome: &mut Outcome,
    ) {
        let arena = self.scanned.arena;
        let Some(nested) = lowered(self.scanner, self.scanned, arena, document, child) else { return };
        let outputs = outputs(self.scanner, self.scanned, arena, &nested, child, way);
        let known = (child, &outputs);
        let mut inner = Outcome::default();
        let hits = self.scanner.hits(&nested, self.scanned, known, self.teller.choice(), &mut inner);
        let hits = hits.into_iter().map(|(at, hit)| (at, hit.related(passed_at, "this stack passes the parameters")));
        self.teller.tell(hits.collect(), &mut inner);
        outcome.findings.append(&mut inner.findings);
        self.stacks(&nested, known, way, outcome);
    }
}

/// The assumptions under which a stack passes one value for each parameter, as far as they are few.
fn worlds<'a>(resolver: &Resolver<'_, 'a>, passed: Map<'a>) -> Vec<Under> {
    let mut worlds = vec![Under::always()];
    for entry in passed.entries {
        let next: Vec<Under> = worlds
            .iter()
            .flat_map(|under| resolver.cases(&entry.value, under).into_iter().map(|case| case.under))
            .collect();
        if next.len() <= MAX_WORLDS {
            worlds = next;
        }
    }
    worlds
}

/// The parameters that a stack passes under an assumption.
fn parameters<'a>(resolver: &Resolver<'_, 'a>, passed: Map<'a>, under: &Under) -> BTreeMap<String, Given> {
    let mut child = BTreeMap::new();
    for entry in passed.entries {
        let cases = resolver.cases(&entry.value, under);
        let known = match cases.as_slice() {
            // A dynamic reference is passed as it stands: what the child does with it is what the parent does.
            [only] => only.present().and_then(|v| match v.kind {
                Kind::Text(text) => Some(text.to_owned()),
                _ => Text::of(&v).known().map(std::borrow::Cow::into_owned),
            }),
            _ => None,
        };
        child.insert(entry.key.to_owned(), known.map_or(Given::Unknown, Given::Text));
    }
    child
}
