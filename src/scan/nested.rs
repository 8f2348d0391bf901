//! Local nested stacks: judged again with the values that their parent passes, and read for what they put out.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::{Outcome, Scanned, Scanner, Teller};
use crate::dialect::{self, Input};
use crate::finding::Failure;
use crate::resolve::{Exports, Given, Outputs, Resolver, Text, Under};
use crate::source::FileId;
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
const MAX_READ: usize = 4 * MAX_STACKS;

/// How often what stacks put out is passed on to their neighbours.
const MAX_ROUNDS: usize = 4;

/// What the stacks that nest in a template put out, where its text is beside it and the value is known. One stack's
/// output may be another's parameter.
pub(super) fn outputs<'a>(
    scanner: &Scanner,
    scanned: &Scanned<'_, 'a>,
    template: &Template<'a>,
    given: &BTreeMap<String, Given>,
    way: &[FileId],
) -> Outputs {
    let mut outputs = Outputs::new();
    let here = way.last().copied().unwrap_or(FileId(0));
    let is_stack = |r: &Resource<'a>| r.kind == "AWS::CloudFormation::Stack";
    let asked = || scanned.sources.get(here).text().contains("Outputs.");
    if way.len() > MAX_DEPTH || !template.resources.iter().any(is_stack) || !asked() {
        return outputs;
    }
    let exports = Exports::new();
    let mut before: BTreeMap<&str, BTreeMap<String, Given>> = BTreeMap::new();
    for _ in 0..MAX_ROUNDS {
        let known = outputs.clone();
        let resolver = Resolver::new(template, scanned.arena, given, &exports).with_outputs(&known);
        for stack in template.resources.iter().filter(|r| is_stack(r)) {
            let passed = stack.property("Parameters").and_then(|e| e.value.as_map()).unwrap_or(Map::EMPTY);
            let child = parameters(&resolver, passed, &Under::always());
            if before.get(stack.id) == Some(&child) {
                continue;
            }
            let read = scanned.read.get();
            let Some(file) = file_of(scanned, &resolver, stack, here).filter(|file| !way.contains(file)) else {
                continue;
            };
            if read >= MAX_READ {
                return outputs;
            }
            scanned.read.set(read + 1);
            let document = syntax::parse(scanned.arena, file, scanned.sources.get(file).text());
            let Some(nested) = lowered(scanner, scanned, &document, &child) else { continue };
            let inside = self::outputs(scanner, scanned, &nested, &child, &[way, &[file]].concat());
            let inner = Resolver::new(&nested, scanned.arena, &child, &exports).with_outputs(&inside);
            let put_out = nested.outputs.iter().filter_map(|o| {
                let cases = inner.cases(&o.value, &Under::always());
                let [only] = cases.as_slice() else { return None };
                Some((o.name.to_owned(), Text::of(&only.present()?).known()?.into_owned()))
            });
            outputs.insert(stack.id.to_owned(), put_out.collect());
            before.insert(stack.id, child);
        }
        if outputs == known {
            break;
        }
    }
    outputs
}

/// The file of a stack's template, when it is beside this one.
fn file_of<'a>(
    scanned: &Scanned<'_, 'a>,
    resolver: &Resolver<'_, 'a>,
    stack: &Resource<'a>,
    here: FileId,
) -> Option<FileId> {
    let urls = resolver.cases(&stack.property("TemplateURL")?.value, &Under::always());
    let [only] = urls.as_slice() else { return None };
    let url = only.present()?;
    let url = url.as_text().filter(|url| !url.contains("://"))?;
    let source = scanned.loader.load(scanned.sources.get(here).path(), url).ok()?;
    scanned.sources.add(source)
}

/// The template of a stack that is passed these parameters.
fn lowered<'a>(
    scanner: &Scanner,
    scanned: &Scanned<'_, 'a>,
    document: &Document<'a>,
    child: &BTreeMap<String, Given>,
) -> Option<Template<'a>> {
    let texts = child.iter().filter_map(|(name, value)| match value {
        Given::Text(text) => Some((name.clone(), text.clone())),
        Given::Unknown => None,
    });
    let options = dialect::Options { parameters: texts.collect(), ..scanner.settings.options.clone() };
    let input = Input { arena: scanned.arena, sources: scanned.sources, loader: scanned.loader, options: &options };
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
            let passed = resource.property("Parameters").and_then(|e| e.value.as_map());
            let Some(passed) = passed else { continue };
            let Some(file) = file_of(self.scanned, &resolver, resource, here) else { continue };
            if way.contains(&file) {
                continue;
            }
            let document = syntax::parse(self.scanned.arena, file, self.scanned.sources.get(file).text());
            let mut before: Vec<BTreeMap<String, Given>> = Vec::new();
            for under in self.worlds(&resolver, passed) {
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

    /// The assumptions under which a stack passes one value for each parameter, as far as they are few.
    fn worlds(&self, resolver: &Resolver<'_, 'a>, passed: Map<'a>) -> Vec<Under> {
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

    /// Judges one stack with what it is passed, and those that nest in it.
    fn stack(
        &self,
        document: &Document<'a>,
        child: &BTreeMap<String, Given>,
        passed_at: Origin<'a>,
        way: &mut Vec<FileId>,
        outcome: &mut Outcome,
    ) {
        let Some(nested) = lowered(self.scanner, self.scanned, document, child) else { return };
        let outputs = outputs(self.scanner, self.scanned, &nested, child, way);
        let known = (child, &outputs);
        let mut inner = Outcome::default();
        let hits = self.scanner.hits(&nested, self.scanned, known, self.teller.choice(), &mut inner);
        let hits = hits.into_iter().map(|(at, hit)| (at, hit.related(passed_at, "this stack passes the parameters")));
        self.teller.tell(hits.collect(), &mut inner);
        outcome.findings.append(&mut inner.findings);
        self.stacks(&nested, known, way, outcome);
    }
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
