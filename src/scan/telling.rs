//! From what rules say to findings: places become lines, subsumed findings go.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::nearby::Nearby;
use super::synthesis::Synthesis;
use super::wording;
use super::{Choice, Outcome, Scanned, Scanner};
use crate::analysis::secrets;
use crate::finding::{Edit, Finding, Fix, Label, Place, Safety};
use crate::fix::{Composer, Operation};
use crate::resolve::{Text, Under};
use crate::rulebook::{Category, EditSpec, FixSpec, Literal, Path, Severity, TEMPLATE};
use crate::rules::{Catalogue, Hit, Rule};
use crate::source::{FileId, Source, Span};
use crate::syntax::Data;
use crate::template::{Kind as ValueKind, Origin, Resource, Step, Value};

/// Makes an operation of a path and a value.
type Make = fn(Vec<String>, Literal) -> Operation;

/// Turns hits into findings.
pub(super) struct Teller<'s, 'a> {
    scanner: &'s Scanner,
    scanned: &'s Scanned<'s, 'a>,
    choice: &'s Choice,
    composer: Composer<'s, 'a, 's>,
    synthesis: Synthesis<'s>,
}

impl<'s, 'a> Teller<'s, 'a> {
    pub(super) fn new(scanner: &'s Scanner, scanned: &'s Scanned<'s, 'a>, choice: &'s Choice) -> Self {
        let source = scanned.sources.get(FileId(0));
        let composer = Composer::new(scanned.document, source);
        let synthesis = Synthesis::new(source.path(), scanned.around.loader);
        Self { scanner, scanned, choice, composer, synthesis }
    }

    /// Whether the app that made the template acknowledges any finding.
    pub(super) fn acknowledges(&self) -> bool {
        self.synthesis.acknowledges()
    }

    /// What the app that made the template acknowledges of the construct at a path: ids of cdk-nag, with the reasons.
    pub(super) fn acknowledged(&self, construct: &str) -> Vec<(String, String)> {
        self.synthesis.acknowledged(construct)
    }

    /// Which rules speak here.
    pub(super) const fn choice(&self) -> &Choice {
        self.choice
    }

    /// The position of a rule that is on.
    pub(super) fn rule(&self, name: &str) -> Option<usize> {
        self.choice.position(self.catalogue(), name)
    }

    /// Every rule there is.
    pub(super) const fn catalogue(&self) -> &'s Catalogue {
        &self.scanner.settings.catalogue
    }

    /// How bad a rule is here.
    pub(super) fn severity(&self, rule: &Rule, at: usize) -> Severity {
        self.choice.severities.get(at).copied().flatten().unwrap_or(rule.head.severity)
    }

    /// Tells all that is not subsumed.
    pub(super) fn tell(&self, hits: Vec<(usize, Hit<'a>)>, outcome: &mut Outcome) {
        let rules = self.catalogue().rules();
        // Most rules are more specific than no other that found something.
        let mut asked = vec![false; rules.len()];
        for subsumer in hits.iter().flat_map(|(at, _)| self.catalogue().subsumers(*at)) {
            if let Some(asked) = asked.get_mut(*subsumer) {
                *asked = true;
            }
        }
        let mut near: BTreeMap<_, Vec<&Hit<'a>>> = BTreeMap::new();
        for (at, hit) in hits.iter().filter(|(at, _)| asked.get(*at) == Some(&true)) {
            near.entry((*at, hit.resource.map(|r| r.id))).or_default().push(hit);
        }
        let near: BTreeMap<_, Nearby<'_, 'a>> = near.into_iter().map(|(key, hits)| (key, Nearby::new(hits))).collect();
        // Whether a more specific rule speaks at the same place.
        let near = &near;
        let speaks = |at: usize, hit: &Hit<'a>, id: Option<&'a str>, whole: bool| {
            let subsumers = self.catalogue().subsumers(at).iter();
            let mut specific = subsumers.filter_map(|other| near.get(&(*other, id)));
            let all = |specific: &Hit<'a>| hit.concerns().all(|id| specific.concerns().any(|other| other == id));
            // A secret stands in the file in every case, and is the same one; that it is used is less sure in some.
            let written = rules.get(at).filter(|rule| rule.head.secret).map(|rule| rule.head.confidence);
            let written = written.map(|own| hit.confidence.unwrap_or(own));
            // What is said of some cases only, or of some each, leaves the others to the general one.
            let mut cases: Vec<Under> = Vec::new();
            let mut fits = |one: &Hit<'a>| {
                if one.kind > hit.kind || (whole && !all(one)) {
                    return false;
                }
                cases.push(one.under.clone());
                let as_sure = written.is_some_and(|sure| one.confidence.is_none_or(|other| other >= sure));
                let same_text = as_sure && one.spot.origin.span == hit.spot.origin.span;
                same_text || hit.under.is_covered_by(&cases)
            };
            specific.any(|near| near.any(hit, &mut fits))
        };
        let subsumed = |at: usize, hit: &Hit<'a>| {
            // What several resources inherit is told once, and each rule may tell it of another of them.
            speaks(at, hit, hit.resource.map(|r| r.id), false)
                || hit.heirs.iter().any(|heir| speaks(at, hit, Some(heir), true))
        };
        for (at, hit) in hits.iter().filter(|(at, hit)| !subsumed(*at, hit)) {
            if let Some(rule) = rules.get(*at) {
                outcome.findings.push(self.finding(rule, *at, hit));
            }
        }
    }

    fn finding(&self, rule: &Rule, at: usize, hit: &Hit<'a>) -> Finding {
        let span = self.exact(rule, hit);
        let place = self.place(span);
        // What a whole template lacks is not what happens to stand first in it.
        let first = self.scanned.document.roots.first().and_then(|root| root.pairs().first());
        let of_template = rule.head.resources.iter().any(|kind| kind == TEMPLATE);
        let lacks = of_template && first.is_some_and(|pair| pair.key.span == span);
        let path = if lacks { String::new() } else { self.path(span) };
        let mut message = hit.message.clone().unwrap_or_else(|| rule.head.title.to_string());
        let mut related: Vec<Label> =
            hit.related.iter().map(|(o, m)| Label { place: self.place(o.span), message: m.clone() }).collect();
        self.steps(hit.spot.origin, &mut related);
        if let Some(value) = hit.spot.value {
            self.steps(value.origin, &mut related);
        }
        // What is not the user's to change is not to be looked for in the user's file.
        let own = hit.resource.filter(|r| r.is_frameworks_own());
        if let Some(by) = own.and_then(|r| r.made_by) {
            message = format!("{message} ({by})");
        }
        let of_cdk = hit.resource.filter(|r| r.is_cdks_own());
        if of_cdk.is_some() {
            message = format!("{message} (the CDK makes this {})", Resource::OWN_USE);
        }
        // That a function is made of what the user calls a function is no news.
        let made = hit.resource.filter(|r| r.kind != "AWS::Lambda::Function" && own.is_none());
        if let Some((made_by, key)) = made.and_then(|r| Some((r.made_by?, r.key))) {
            let label = Label { place: self.place(key.span), message: made_by.to_owned() };
            if label.place.start != place.start && !wording::is_of_event(&path) {
                related.push(label);
            }
        }
        dedup(&mut related, &place);
        let mut severity = hit.severity.unwrap_or_else(|| self.severity(rule, at));
        // What its own constructs may do is the CDK's to limit; whoever wrote the app can only do without them.
        if of_cdk.is_some() && rule.head.category == Category::Iam {
            severity = severity.lower().lower();
        }
        let said = rule.said();
        let help = match (own, of_cdk) {
            (Some(_), _) => Some(Arc::from(wording::of_own(&path))),
            (None, Some(construct)) => Some(Arc::from(wording::of_cdk(&construct))),
            (None, None) => {
                let help = wording::of_sam(hit).or(hit.help.as_deref()).map(Arc::from).or_else(|| said.help.clone());
                let help = help.map(|help| wording::of_file(help, &rule.prose().remedy, &path, hit.resource.as_ref()));
                help.map(|help| wording::in_notation(help, self.scanned.document.notation))
            }
        };
        Finding {
            rule: Arc::clone(&said.name),
            severity,
            confidence: hit.confidence.unwrap_or(rule.head.confidence),
            category: rule.head.category,
            kind: hit.kind,
            title: Arc::clone(&said.title),
            message,
            under: hit.under.describe(),
            resource: hit.resource.map(|r| r.written_id.to_owned()),
            resource_type: hit.resource.map(|r| r.kind.to_owned()),
            construct: hit.resource.and_then(|r| self.synthesis.construct(&r)),
            path,
            place,
            label: hit.label.clone(),
            related,
            help,
            fixes: self.fixes(rule, hit),
            value_digest: hit.spot.value.map(|v| digest(&v)),
            suppressed: None,
        }
    }

    /// The bytes that a hit is about: of a script, the credential in it.
    fn exact(&self, rule: &Rule, hit: &Hit<'a>) -> Span {
        let span = hit.spot.origin.span;
        let text = self.scanned.sources.get(span.file).slice(span);
        let within = |start: usize, end: usize| {
            let offset = |at: usize| u32::try_from(at).ok()?.checked_add(span.start);
            Some(Span::new(span.file, offset(start)?, offset(end)?))
        };
        let found = match &hit.exactly {
            // Written otherwise (escaped, encoded) it is not found, and the whole text is pointed at.
            Some((part, before)) => text.match_indices(part).nth(*before).map(|(start, _)| (start, start + part.len())),
            None if rule.head.secret && text.contains('\n') => {
                let format = || secrets::formats_in(text).first().map(|found| (found.start, found.end));
                let named = || secrets::assigned(text).first().map(|found| (found.start, found.end));
                format().or_else(named)
            }
            None => None,
        };
        found.and_then(|(start, end)| within(start, end)).unwrap_or(span)
    }

    /// The fixes of a rule that fit what the user wrote here.
    fn fixes(&self, rule: &Rule, hit: &Hit<'a>) -> Vec<Fix> {
        // What is written into a synthesised template is gone with the next synthesis.
        if hit.resource.is_some_and(|r| r.construct().is_some()) {
            return Vec::new();
        }
        let card = rule.logic().fixes.iter().enumerate().filter(|(at, _)| !hit.unfit.contains(at)).map(|(_, fix)| fix);
        hit.fixes.iter().chain(card).filter_map(|spec| self.fix(spec, hit)).collect()
    }

    fn fix(&self, spec: &FixSpec, hit: &Hit<'a>) -> Option<Fix> {
        // Edits below one anchor are composed together: two properties may need the same missing map.
        let mut groups: Vec<(Span, Vec<Operation>)> = Vec::new();
        for edit in &spec.edits {
            let (anchor, operation) = self.operation(edit, hit)?;
            match groups.iter_mut().find(|(span, _)| *span == anchor) {
                Some((_, operations)) => operations.push(operation),
                None => groups.push((anchor, vec![operation])),
            }
        }
        let source = self.scanned.sources.get(FileId(0));
        let mut changes = Vec::new();
        for (anchor, operations) in groups {
            // Only the file that was asked for is edited; an include may serve others.
            if anchor.file != FileId(0) {
                return None;
            }
            changes.extend(self.composer.compose(anchor, &operations).ok()?);
        }
        changes.sort_by_key(|(range, _)| range.start);
        let edits = changes
            .into_iter()
            .map(|(range, text)| Edit { place: Place::new(source.clone(), range.start, range.end), text });
        let safety = if spec.safe { Safety::Safe } else { Safety::Unsafe };
        let edits: Vec<_> = edits.collect();
        (!edits.is_empty()).then(|| Fix { title: spec.title.clone(), safety, edits })
    }

    /// One edit of a card as an operation on the user's text, when the text speaks CloudFormation there.
    fn operation(&self, edit: &EditSpec, hit: &Hit<'a>) -> Option<(Span, Operation)> {
        if let EditSpec::Replace(value) = edit {
            let found = hit.spot.value?;
            let origin = found.origin;
            // A switch that stands for a whole map was made from it: it is not what is written there.
            let one = !matches!(found.kind, ValueKind::List(_) | ValueKind::Map(_) | ValueKind::Intrinsic(_));
            let root = self.scanned.document.roots.iter().find(|root| root.span.contains(origin.span));
            if one
                && origin.span.file == FileId(0)
                && root.and_then(|r| node_at(r, origin.span)).is_some_and(is_collection)
            {
                return None;
            }
            let value = value.clone();
            // What is inherited stands where it is written, for all that inherit it.
            let inherited = origin.step.is_some_and(|step| step.what == Step::GLOBALS && step.before.is_none());
            let set = Operation::Set { path: Vec::new(), value };
            return (origin.is_written() || inherited).then_some((origin.span, set));
        }
        let keys = |path: &Path| path.keys().map(str::to_owned).collect::<Vec<_>>();
        // A parameter is no resource: what says where it stands is the item.
        if let (None, Some(item), EditSpec::Set(path, value)) = (hit.resource, hit.spot.item, edit) {
            let set = Operation::Set { path: keys(path), value: value.clone() };
            return item.is_written().then_some((item.span, set));
        }
        // A statement is written alike in all three languages, whatever it becomes a part of.
        if let (Some(item), Some((path, make, value))) = (hit.spot.item, parts(edit))
            && path.keys().next().is_some_and(|key| STATEMENT.contains(&key))
            && item.is_written()
        {
            // People write the version of a policy first.
            let make = if path.keys().eq(["Version"]) { |path, value| Operation::Lead { path, value } } else { make };
            return Some((item.span, make(keys(path), value)));
        }
        let resource = hit.resource.filter(|r| r.made_by.is_none() && r.key.is_written())?;
        let written = self.scanned.sources.get(resource.kind_origin.span.file).slice(resource.kind_origin.span);
        if written.trim_matches(['"', '\'']) != resource.kind {
            return None;
        }
        let (path, make, value) = parts(edit)?;
        match hit.spot.item {
            Some(item) if !path.attribute => item.is_written().then(|| (item.span, make(keys(path), value))),
            Some(_) | None => {
                let first = (!path.attribute).then(|| "Properties".to_owned());
                Some((resource.key.span, make(first.into_iter().chain(keys(path)).collect(), value)))
            }
        }
    }

    /// How a value got to where it is used: each step is a related place.
    fn steps(&self, origin: Origin<'a>, related: &mut Vec<Label>) {
        let mut step = origin.step;
        let mut left = 6;
        while let Some(one) = step.filter(|_| left > 0) {
            if let Some(at) = one.at {
                related.push(Label { place: self.place(at), message: one.what.to_owned() });
            }
            step = one.before;
            left -= 1;
        }
    }

    /// Bytes as a place on one line: what runs over several is cut to its first.
    pub(super) fn place(&self, span: Span) -> Place {
        let source: &Arc<Source> = self.scanned.sources.get(span.file);
        let text = source.slice(span);
        let first = text.lines().next().unwrap_or("").trim_end();
        let end = span.start + u32::try_from(first.len()).unwrap_or(0);
        Place::new(source.clone(), span.start, end)
    }

    /// The dotted path of a place in the user's file, which may be one that nests in the file or is included.
    pub(super) fn path(&self, span: Span) -> String {
        let other = (span.file != FileId(0)).then(|| self.scanned.document_of(span.file));
        let document = other.as_deref().unwrap_or(self.scanned.document);
        let root = document.roots.iter().find(|root| root.span.contains(span));
        root.map_or_else(String::new, |root| path_at(root, span))
    }
}

/// The keys of a policy and its statements that a fix may touch.
const STATEMENT: &[&str] = &["Action", "Resource", "Condition", "Principal", "Version"];

/// Where an edit works, what it does, and with which value; `None` for one that replaces what the finding points at.
fn parts(edit: &EditSpec) -> Option<(&Path, Make, Literal)> {
    Some(match edit {
        EditSpec::Set(path, value) => (path, |path, value| Operation::Set { path, value }, value.clone()),
        EditSpec::Append(path, value) => (path, |path, value| Operation::Append { path, value }, value.clone()),
        EditSpec::Remove(path) => (path, |path, _| Operation::Remove { path }, Literal::Null),
        EditSpec::Replace(_) => return None,
    })
}

/// The keys and positions on the way from a root to a place.
fn path_at(root: &crate::syntax::Node<'_>, span: Span) -> String {
    let mut path = String::with_capacity(96);
    let mut node = *root;
    loop {
        let mut next = None;
        for pair in near(node.pairs(), span, |pair| pair.key.span) {
            if pair.key.span.contains(span) || whole(&pair.value).contains(span) {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(pair.name().unwrap_or("?"));
                next = whole(&pair.value).contains(span).then_some(pair.value);
                break;
            }
        }
        for item in near(node.items(), span, |item| item.span) {
            if whole(item).contains(span) {
                let at = node.items().partition_point(|i| i.span.start < item.span.start);
                let _ = write!(path, "[{at}]");
                next = Some(*item);
                break;
            }
        }
        match next {
            Some(inner) => node = inner,
            None => return path,
        }
    }
}

/// The innermost value that takes up a place.
fn node_at<'n, 'a>(node: &'n crate::syntax::Node<'a>, place: Span) -> Option<&'n crate::syntax::Node<'a>> {
    let pairs = near(node.pairs(), place, |pair| pair.key.span).iter().map(|pair| &pair.value);
    let items = near(node.items(), place, |item| item.span).iter();
    let inside = pairs.chain(items).find(|part| part.span.contains(place));
    inside.and_then(|part| node_at(part, place)).or_else(|| (node.span == place).then_some(node))
}

fn is_collection(node: &crate::syntax::Node<'_>) -> bool {
    matches!(node.data, Data::Mapping(..) | Data::Sequence(..))
}

/// The bytes of a value with its tag, and with the tag of what comes first in it: `!Sub` is part of what stands there.
fn whole(node: &crate::syntax::Node<'_>) -> Span {
    let mut span = node.span;
    let mut first = Some(*node);
    while let Some(node) = first {
        span = node.tag.map_or(span, |tag| tag.span.to(span));
        first = node.items().first().copied().filter(|item| !matches!(item.data, Data::Alias(_)));
    }
    span
}

/// The few of many parts, which stand in the order of the text, that may hold a place.
fn near<T>(parts: &[T], place: Span, span: impl Fn(&T) -> Span) -> &[T] {
    let after = parts.partition_point(|part| span(part).start < place.end);
    parts.get(after.saturating_sub(2)..(after + 1).min(parts.len())).unwrap_or_default()
}

/// Each related place once, and not the finding's own.
fn dedup(related: &mut Vec<Label>, place: &Place) {
    let same = |a: &Place, b: &Place| (a.start, a.end) == (b.start, b.end) && a.file() == b.file();
    let mut kept: Vec<Label> = Vec::new();
    for label in related.drain(..) {
        if !same(&label.place, place) && !kept.iter().any(|other| same(&other.place, &label.place)) {
            kept.push(label);
        }
    }
    *related = kept;
}

/// Eight bytes that stand for a value: a baseline must notice when it changes.
fn digest(value: &Value<'_>) -> String {
    use sha2::{Digest, Sha256};
    let text = Text::of(value).pattern();
    let bytes = Sha256::digest(text.as_bytes()).first_chunk().copied().unwrap_or_default();
    format!("{:016x}", u64::from_be_bytes(bytes))
}
