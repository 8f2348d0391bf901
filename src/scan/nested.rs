//! Local nested stacks: judged again with the values that their parent passes.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::{Outcome, Scanned, Scanner, Teller};
use crate::dialect::{self, Input};
use crate::finding::Failure;
use crate::resolve::{Exports, Given, Resolver, Text, Under};
use crate::source::FileId;
use crate::syntax::{self, Document};
use crate::template::{Kind, Map, Origin, Template};

/// How deep stacks may nest in one scan.
const MAX_DEPTH: usize = 4;

/// How many nested stacks are judged for one template: stacks of stacks multiply.
const MAX_STACKS: usize = 100;

/// Judges every nested stack of a template whose text is beside it.
pub(super) fn follow<'a>(
    scanner: &Scanner,
    scanned: &Scanned<'_, 'a>,
    template: &Template<'a>,
    given: &BTreeMap<String, Given>,
    teller: &Teller<'_, 'a>,
    outcome: &mut Outcome,
) {
    let mut on_the_way = vec![FileId(0)];
    let walk = Walk { scanner, scanned, teller, judged: Cell::new(0) };
    walk.stacks(template, given, &mut on_the_way, outcome);
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
        given: &BTreeMap<String, Given>,
        way: &mut Vec<FileId>,
        outcome: &mut Outcome,
    ) {
        if way.len() > MAX_DEPTH || !template.resources.iter().any(|r| r.kind == "AWS::CloudFormation::Stack") {
            return;
        }
        let exports = Exports::new();
        let resolver = Resolver::new(template, self.scanned.arena, given, &exports);
        let here = way.last().copied().unwrap_or(FileId(0));
        for resource in template.resources.iter().filter(|r| r.kind == "AWS::CloudFormation::Stack") {
            let url = resource.property("TemplateURL").map(|e| resolver.cases(&e.value, &Under::always()));
            let url = match url.as_deref() {
                Some([only]) => only.present().and_then(|v| v.as_text()),
                Some(_) | None => None,
            };
            let passed = resource.property("Parameters").and_then(|e| e.value.as_map());
            let (Some(url), Some(passed)) = (url.filter(|u| !u.contains("://")), passed) else { continue };
            let from = self.scanned.sources.get(here).path();
            let Ok(source) = self.scanned.loader.load(from, url) else { continue };
            let Some(file) = self.scanned.sources.add(source) else { continue };
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
        let options = dialect::Options {
            parameters: child
                .iter()
                .filter_map(|(k, v)| match v {
                    Given::Text(text) => Some((k.clone(), text.clone())),
                    Given::Unknown => None,
                })
                .collect(),
            ..self.scanner.settings.options.clone()
        };
        let input = Input {
            arena: self.scanned.arena,
            sources: self.scanned.sources,
            loader: self.scanned.loader,
            options: &options,
        };
        let Some(nested) = dialect::lower(document, &input) else { return };
        let mut inner = Outcome::default();
        let hits = self.scanner.hits(&nested, self.scanned, child, self.teller.choice(), &mut inner);
        let hits = hits.into_iter().map(|(at, hit)| (at, hit.related(passed_at, "this stack passes the parameters")));
        self.teller.tell(hits.collect(), &mut inner);
        outcome.findings.append(&mut inner.findings);
        self.stacks(&nested, child, way, outcome);
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
