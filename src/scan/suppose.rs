//! What shows only where a condition is taken for granted.
//!
//! A few rules put so many things together that they cannot ask for each assumption under which each of them is there: where the
//! packets of a subnet go, who calls a function. Those are asked again of the template as it is where a condition is true, and where it is
//! false: without the resources that are not made then, and with each choice between values made. Only conditions under which
//! something stands that the rule looks at are supposed.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashSet};

use super::{Choice, Scanned, Scanner};
use crate::analysis::walk;
use crate::finding::Kind;
use crate::resolve::{Resolver, Under};
use crate::rulebook::Name;
use crate::rules::{self, Context, Hit, Joins, Sink};
use crate::template::{Entry, Intrinsic, Kind as ValueKind, Resource, Template, Value};

/// How many suppositions of one template are looked into.
const MAX_SUPPOSED: usize = 24;

/// How many resources are looked at for that, all suppositions together.
const MAX_RESOURCES: usize = 2000;

/// How deep choices are looked for.
const MAX_DEPTH: usize = 100;

/// Adds what rules say of a template where a condition is true or false, and do not say of it as a whole; and takes back what they say
/// of it then and do not say of it there.
pub(super) fn add<'a>(
    scanner: &Scanner,
    scanned: &Scanned<'_, 'a>,
    context: &Context<'_, 'a>,
    choice: &Choice,
    hits: &mut Vec<(usize, Hit<'a>)>,
) {
    let (template, resolver) = (context.template, context.resolver);
    if template.conditions.is_empty() {
        return;
    }
    let says = |needs: &str| needs.is_empty() || template.resources.iter().any(|r| r.property(needs).is_some());
    let here = |kind: &Name| kind.ends_with('*') || context.resources(kind).next().is_some();
    let rules = scanner.settings.catalogue.rules();
    let speaks = |at: usize| choice.severities.get(at).copied().flatten().is_some();
    let has_subjects = |at: usize| rules.get(at).is_some_and(|rule| rule.head.resources.iter().any(here));
    let joining = scanner.index.joining.iter().filter(|(at, _)| speaks(*at) && has_subjects(*at));
    let joining = joining.filter(|(_, joins)| says(joins.needs));
    let depend = Depend::of(template, &joining.copied().collect::<Vec<_>>());
    let suppositions = resolver.suppositions(&depend.rules.keys().copied().collect());
    let most = (MAX_RESOURCES / template.resources.len().max(1)).min(MAX_SUPPOSED);
    let (mut found, mut taken_back) = (Vec::new(), HashSet::default());
    for (name, under) in suppositions.iter().take(most) {
        let here = resolver.supposing(under);
        let world = settled(template, &here, &depend.resources);
        let here = here.of(&world);
        let context = Context::new(&world, &here, context.today, context.parameters);
        let context = context.with_comments(&scanned.document.comments);
        for at in depend.rules.get(name).into_iter().flatten() {
            let Some(rule) = rules.get(*at) else { continue };
            let mut sink = Sink::new(true);
            rules::run(rule, &context, &mut sink);
            let said = sink.into_hits();
            // What was said of this very case, and is not even possible in it, was put together of several.
            let about = |id: &str| said.iter().any(|hit| hit.concerns().any(|other| other == id));
            let case = hits.iter().enumerate().filter(|(_, (of, hit))| of == at && hit.under.implies(under));
            let gone = case.filter(|(_, (_, hit))| hit.heirs.is_empty() && hit.resource.is_some_and(|r| !about(r.id)));
            taken_back.extend(gone.map(|(place, _)| place).filter(|_| context.unseen().next().is_none()));
            for mut hit in said.into_iter().filter(|hit| hit.kind == Kind::Fail) {
                let Some(both) = under.and(&hit.under) else { continue };
                hit.under = both;
                hit.resource = hit.resource.map(|resource| resolver.resource(resource.id).copied().unwrap_or(resource));
                found.push((*at, hit));
            }
        }
    }
    let mut place = 0..;
    hits.retain(|_| place.next().is_none_or(|place| !taken_back.contains(&place)));
    if found.is_empty() {
        return;
    }
    let mut told = Told::new(hits);
    for (rule, hit) in found {
        told.add(rule, hit, hits);
    }
}

/// What depends on conditions.
#[derive(Default)]
struct Depend<'a> {
    /// The rules that may say something else where a condition is true, by condition.
    rules: BTreeMap<&'a str, BTreeSet<usize>>,
    /// The resources in which something does, by logical id.
    resources: HashSet<&'a str>,
}

impl<'a> Depend<'a> {
    fn of(template: &Template<'a>, joining: &[(usize, Joins)]) -> Self {
        let mut all = Self::default();
        if joining.is_empty() {
            return all;
        }
        for resource in &template.resources {
            let conditions = walk::conditions(resource);
            if conditions.is_empty() {
                continue;
            }
            all.resources.insert(resource.id);
            let concerned =
                |(_, joins): &&(usize, Joins)| joins.types.iter().any(|start| resource.kind.starts_with(start));
            let concerned: Vec<usize> = joining.iter().filter(concerned).map(|(at, _)| *at).collect();
            if !concerned.is_empty() {
                conditions.iter().for_each(|name| all.rules.entry(name).or_default().extend(&concerned));
            }
        }
        all
    }
}

/// What was said already: of each rule and resource, where, and by which hit.
struct Told<'a>(HashMap<(usize, Option<&'a str>), Vec<usize>>);

impl<'a> Told<'a> {
    fn new(hits: &[(usize, Hit<'a>)]) -> Self {
        let mut told = HashMap::<_, Vec<usize>>::default();
        for (at, (rule, hit)) in hits.iter().enumerate() {
            told.entry((*rule, hit.resource.map(|resource| resource.id))).or_default().push(at);
        }
        Self(told)
    }

    /// Adds what was not said, and what was only said to be possible.
    fn add(&mut self, rule: usize, hit: Hit<'a>, hits: &mut Vec<(usize, Hit<'a>)>) {
        let place = |hit: &Hit<'a>| hit.spot.origin.span;
        let told = self.0.entry((rule, hit.resource.map(|resource| resource.id))).or_default();
        let whole = hit.resource.is_some_and(|resource| resource.key.span == place(&hit));
        // What a choice leaves out is missing from the whole here, and from the place of the choice elsewhere.
        let item = |hit: &Hit<'a>| hit.spot.item.map(|item| item.span);
        let near =
            |old: &Hit<'a>| place(&hit).contains(place(old)) || (item(&hit).is_some() && item(&hit) == item(old));
        let same = |old: &Hit<'a>| old.kind == Kind::Fail && (whole || near(old));
        if told.iter().filter_map(|at| hits.get(*at)).any(|(_, old)| same(old)) {
            return;
        }
        let open = |at: &&usize| hits.get(**at).is_some_and(|(_, old)| place(old) == place(&hit));
        if let Some((_, old)) = told.iter().find(open).copied().and_then(|at| hits.get_mut(at)) {
            *old = hit;
        } else {
            told.push(hits.len());
            hits.push((rule, hit));
        }
    }
}

/// The template where no choice is left that a condition makes, as far as it is known which.
fn settled<'a>(template: &Template<'a>, here: &Resolver<'_, 'a>, depend: &HashSet<&'a str>) -> Template<'a> {
    let mut world = template.clone();
    let mut settle = Settle { resolver: here, done: HashMap::default() };
    world.resources.retain_mut(|resource: &mut Resource<'a>| {
        if !depend.contains(resource.id) {
            return true;
        }
        let made = here.under_of(resource).is_some();
        if made && let Some(new) = settle.value(resource.properties, 0) {
            resource.properties = new;
        }
        made
    });
    world
}

struct Settle<'s, 't, 'a> {
    resolver: &'s Resolver<'t, 'a>,
    /// What maps and lists become, by their address: a part may be used in many places.
    done: HashMap<usize, Option<Value<'a>>>,
}

impl<'a> Settle<'_, '_, 'a> {
    /// What a value becomes; `None` when it stays as it is.
    fn value(&mut self, value: Value<'a>, depth: usize) -> Option<Value<'a>> {
        let address = match value.kind {
            ValueKind::Map(map) => map.entries.as_ptr().addr(),
            ValueKind::List(items) => items.as_ptr().addr(),
            ValueKind::Intrinsic(Intrinsic::If(condition, then, otherwise)) => {
                let may = |truth| self.resolver.assume(&Under::always(), condition, truth).is_some();
                let (yes, no) = (may(true), may(false));
                let left = if yes { then } else { otherwise };
                return (yes != no).then(|| self.value(*left, depth + 1).unwrap_or(*left));
            }
            ValueKind::Null
            | ValueKind::Bool(_)
            | ValueKind::Number(_)
            | ValueKind::Text(_)
            | ValueKind::Intrinsic(_)
            | ValueKind::Unknown(_) => return None,
        };
        if depth > MAX_DEPTH {
            return None;
        }
        if let Some(done) = self.done.get(&address) {
            return done.map(|done| done.with_origin(value.origin));
        }
        let inner: Vec<Option<Value<'a>>> = match value.kind {
            ValueKind::Map(map) => map.entries.iter().map(|entry| self.value(entry.value, depth + 1)).collect(),
            _ => value.items().into_iter().map(|item| self.value(item, depth + 1)).collect(),
        };
        let build = self.resolver.build();
        let new = inner.iter().any(Option::is_some).then(|| match value.kind {
            ValueKind::Map(map) => {
                let entries = map.entries.iter().zip(inner);
                let entries = entries.map(|(entry, new)| Entry { value: new.unwrap_or(entry.value), ..*entry });
                let entries = entries.filter(|entry| !is_nothing(&entry.value));
                build.entries(entries, value.origin)
            }
            _ => {
                let items = value.items().into_iter().zip(inner);
                let items = items.map(|(item, new)| new.unwrap_or(item)).filter(|item| !is_nothing(item));
                build.list(items, value.origin)
            }
        });
        self.done.insert(address, new);
        new
    }
}

fn is_nothing(value: &Value<'_>) -> bool {
    matches!(value.as_intrinsic(), Some(Intrinsic::Ref("AWS::NoValue")))
}
