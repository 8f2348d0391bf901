//! Templates that stand as text in a template: the body of a stack set, judged as a template of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Around, Outcome, Scanned, Scanner, Teller};
use crate::finding::{Failure, Finding, Label, Place};
use crate::resolve::{Case, Exports, Given, Known, Outputs, Resolver, Under};
use crate::source::{Arena, FileId, Source, Span};
use crate::syntax::{self, Node};
use crate::template::{Intrinsic, Kind, Origin, Resource, Template, Value};

/// How deep templates may stand in each other: a stack set that makes stack sets is rare, and a third has no reason.
const MAX_LEVEL: usize = 3;

/// How deep the branches of `Fn::If` are followed to bodies that are filled in.
const MAX_BRANCHES: usize = 3;

/// How many texts are read for one template.
const MAX_BODIES: usize = 100;

/// CloudFormation takes no longer body. <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const MAX_BODY: usize = 51_200;

/// Judges the templates that stand in a template.
pub(super) fn follow<'a>(
    scanner: &Scanner,
    scanned: &Scanned<'_, 'a>,
    template: &Template<'a>,
    (given, outputs): (&BTreeMap<String, Given>, &Outputs),
    teller: &Teller<'_, 'a>,
    outcome: &mut Outcome,
) {
    let mut sets = template.resources.iter().filter(|r| r.kind == "AWS::CloudFormation::StackSet").peekable();
    if sets.peek().is_none() {
        return;
    }
    let exports = Exports::new();
    let resolver = Resolver::new(template, scanned.arena, given, &exports).with_outputs(outputs);
    let mut left = MAX_BODIES;
    for set in sets {
        let (Some(body), Some(under)) = (set.property("TemplateBody"), resolver.under_of(set)) else { continue };
        for case in bodies(&resolver, &body.value, &under, 0) {
            let Some(spare) = left.checked_sub(1) else { return };
            left = spare;
            match written(scanned, &case) {
                Ok(body) => {
                    let passed = passed(&resolver, set, &case.under);
                    let inner = judged(scanner, scanned, &body, passed);
                    told(scanned, teller, (set, &body.node, &case.under), inner, outcome);
                }
                Err(why) => outcome.notes.extend(why.map(|why| scanned.unseen(body.key_origin, why))),
            }
        }
    }
}

/// What a body may be. A text that is filled in stays as it was written: only so it is known where.
fn bodies<'a>(resolver: &Resolver<'_, 'a>, value: &Value<'a>, under: &Under, depth: usize) -> Vec<Case<'a>> {
    match value.kind {
        Kind::Intrinsic(Intrinsic::If(condition, yes, no)) if depth < MAX_BRANCHES => {
            let ways = [(true, yes), (false, no)].into_iter();
            let ways = ways.filter_map(|(truth, way)| Some((way, resolver.assume(under, condition, truth)?)));
            ways.flat_map(|(way, under)| bodies(resolver, way, &under, depth + 1)).collect()
        }
        Kind::Intrinsic(Intrinsic::Sub { .. }) => {
            vec![Case { value: Known::Present(*value), under: under.clone(), place: value.origin, parameter: None }]
        }
        _ => resolver.cases(value, under).into_iter().collect(),
    }
}

/// A body, as the user wrote it.
struct Body<'a> {
    /// The scalar.
    node: Node<'a>,
    /// Whether a `Fn::Sub` fills it in before it is read.
    filled: bool,
}

/// What a body is; why it is not read, where there is a reason.
fn written<'a>(scanned: &Scanned<'_, 'a>, case: &Case<'a>) -> Result<Body<'a>, Option<&'static str>> {
    const ELSEWHERE: &str = "the template of a stack set is put together from parts";
    let Some(value) = case.present() else {
        let absent = matches!(case.value, Known::Absent);
        return Err((!absent).then_some(ELSEWHERE));
    };
    let (text, span, filled) = match value.kind {
        Kind::Text(text) => (text, value.origin.span, false),
        // The pieces of the text are told apart only by what the function fills in.
        Kind::Intrinsic(Intrinsic::Sub { template, pieces: [first, ..], .. }) => (*template, first.origin.span, true),
        _ => return Err(Some(ELSEWHERE)),
    };
    if text.len() > MAX_BODY {
        return Err(Some("the template of a stack set is longer than CloudFormation takes"));
    }
    if scanned.around.level >= MAX_LEVEL {
        return Err(Some("the template of a stack set of a stack set is not followed further"));
    }
    let here = value.origin.is_written() && value.origin.span.file == FileId(0);
    let node = scanned.document.root().filter(|_| here).and_then(|root| scalar_at(root, span));
    let node = node.filter(|node| node.text() == Some(text)).ok_or(Some(ELSEWHERE))?;
    Ok(Body { node, filled })
}

/// The scalar that a place is, or lies in.
fn scalar_at<'a>(root: &Node<'a>, span: Span) -> Option<Node<'a>> {
    let mut node = *root;
    loop {
        if node.span.contains(span) && node.text().is_some() {
            return Some(node);
        }
        let mut inside = node.pairs().iter().map(|pair| pair.value).chain(node.items().iter().copied());
        node = inside.find(|inner| inner.span.contains(span))?;
    }
}

/// The parameters that a stack set passes, as far as they are the same in every account.
fn passed<'a>(resolver: &Resolver<'_, 'a>, set: &Resource<'a>, under: &Under) -> BTreeMap<String, Given> {
    let only = |case: &Case<'a>, key: &str| {
        let cases = resolver.get(&case.present()?, key, &case.under);
        let [only] = cases.as_slice() else { return None };
        only.text()
    };
    let items = |value| resolver.cases(&value, under).into_iter().filter_map(|list| list.present());
    let items = |value| items(value).flat_map(|list| resolver.items(&list, under)).collect::<Vec<_>>();
    let mut passed = BTreeMap::new();
    for case in set.property("Parameters").map(|e| items(e.value)).unwrap_or_default() {
        if let Some(name) = only(&case, "ParameterKey") {
            passed.insert(name, only(&case, "ParameterValue").map_or(Given::Unknown, Given::Text));
        }
    }
    passed
}

/// What is found in a text that is a template.
fn judged(scanner: &Scanner, scanned: &Scanned<'_, '_>, body: &Body<'_>, passed: BTreeMap<String, Given>) -> Outcome {
    let path = scanned.sources.get(FileId(0)).path();
    let source = Arc::new(Source::new(path, body.node.text().unwrap_or_default()));
    let arena = Arena::new();
    let mut document = syntax::parse(&arena, FileId(0), source.text());
    if body.filled {
        syntax::fill(&arena, source.text(), &mut document);
    }
    let around = Around { level: scanned.around.level + 1, ..*scanned.around };
    scanner.parsed(&arena, (&source, &document), &around, &scanner.options_for(&passed), passed)
}

/// Tells what was found in a text at the places where the user wrote it.
fn told<'a>(
    scanned: &Scanned<'_, 'a>,
    teller: &Teller<'_, 'a>,
    (set, node, under): (&Resource<'a>, &Node<'a>, &Under),
    inner: Outcome,
    outcome: &mut Outcome,
) {
    let source = scanned.sources.get(FileId(0));
    let at = Origin::written(node.span);
    match inner.dialect {
        None if inner.broken => outcome.notes.push(scanned.unseen(at, "the template of a stack set cannot be read")),
        None => outcome.notes.push(scanned.unseen(at, "the text of a stack set is no template")),
        Some(_) if inner.broken => {
            outcome.notes.push(scanned.unseen(at, "the template of a stack set cannot be read to its end"));
        }
        Some(_) => {}
    }
    let place = source.position(node.span.start);
    let notes = inner.notes.into_iter().map(|note| Failure { at: Some((place.line, place.column)), ..note });
    outcome.notes.extend(notes);
    let whole = teller.place(node.span);
    let above = teller.path(node.span);
    let inside = syntax::Inside::of(source.text(), node);
    let moved = |place: &Place| {
        if place.file() != source.path() {
            return place.clone();
        }
        let span = inside.as_ref().and_then(|inside| inside.place(place.start as usize..place.end as usize));
        span.map_or_else(|| whole.clone(), |span| teller.place(span))
    };
    let first = outcome.findings.len();
    for finding in inner.findings {
        let place = moved(&finding.place);
        let mut related: Vec<Label> =
            finding.related.iter().map(|label| Label { place: moved(&label.place), ..label.clone() }).collect();
        let set = Label { place: teller.place(set.key.span), message: "the template of this stack set".to_owned() };
        related.push(set);
        let path = if finding.path.is_empty() { above.clone() } else { format!("{above}.{}", finding.path) };
        let under = [under.describe(), finding.under].into_iter().flatten().collect::<Vec<_>>().join(" and ");
        let under = Some(under).filter(|words| !words.is_empty());
        // An edit would have to keep to the text's own indentation or escapes.
        outcome.findings.push(Finding { place, related, path, under, fixes: Vec::new(), ..finding });
    }
    once(teller, node.span, first, &mut outcome.findings);
}

/// Takes out of the findings before `first` those about the text `span` that a later one tells again, or better: a
/// credential is seen in the text as it stands, too.
fn once(teller: &Teller<'_, '_>, span: Span, first: usize, findings: &mut Vec<Finding>) {
    let (outside, inside) = findings.split_at(first.min(findings.len()));
    let same_or_better = |one: &Finding, other: &Finding| {
        let subsumers = || teller.rule(&one.rule).map(|at| teller.catalogue().subsumers(at)).unwrap_or_default();
        let better = || teller.rule(&other.rule).is_some_and(|at| subsumers().contains(&at));
        one.rule == other.rule || better()
    };
    let again = |one: &Finding| {
        let about = span.start <= one.place.start && one.place.end <= span.end;
        let overlaps = |other: &&Finding| other.place.start < one.place.end && one.place.start < other.place.end;
        about && inside.iter().filter(overlaps).any(|other| same_or_better(one, other))
    };
    let keep: Vec<bool> = outside.iter().map(|one| !again(one)).chain(inside.iter().map(|_| true)).collect();
    let mut keep = keep.into_iter();
    findings.retain(|_| keep.next().unwrap_or(true));
}
