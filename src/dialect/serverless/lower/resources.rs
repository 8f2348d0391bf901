//! What the user writes under `resources`, merged over what the framework makes.

use foldhash::HashMap;

use super::make::{Make, Merged};
use super::read;
use super::service::Service;
use crate::template::{Build, Entry, Intrinsic, Kind, Map, Output, Parameter, Resource, Template, Value};

/// Merges `resources` into the template, which holds the generated resources already.
pub(super) fn merge_into<'a>(service: &Service<'a>, template: &mut Template<'a>) {
    let Some(written) = read::get(service.root, "resources") else { return finish(service, template) };
    let whole = read::settle(written);
    let Some(map) = whole.as_map() else {
        template.unknown_parts.push((whole.origin, "the resources of this service are not known"));
        return finish(service, template);
    };
    let generated = Generated {
        resources: template.resources.iter().enumerate().map(|(at, r)| (r.id, at)).collect(),
        outputs: template.outputs.iter().enumerate().map(|(at, o)| (o.name, at)).collect(),
    };
    let mut extensions = None;
    for entry in map.entries {
        let value = read::settle(entry.value);
        match entry.key {
            "Resources" => section(template, value, |template, e| resource(service, &generated, template, e)),
            "Outputs" => section(template, value, |template, e| output(service, &generated, template, e)),
            "Parameters" => section(template, value, |template, e| parameter(template, e)),
            "Mappings" => section(template, value, |template, e| template.mappings.push(*e)),
            "Conditions" => section(template, value, |template, e| {
                let value = condition(service.build, e.value);
                template.conditions.push(Entry { value, ..*e });
            }),
            "Rules" => section(template, value, |template, e| template.rules.push(*e)),
            "Metadata" => template.metadata = Some(value),
            "Description" => template.description = Some(value),
            "Transform" => template.transforms = value.items(),
            "extensions" => extensions = Some(value),
            "AWSTemplateFormatVersion" => {}
            "Fn::Transform" => template.unknown_parts.push((entry.key_origin, "a macro may add to the template")),
            // Without `Resources` around it a resource lands beside the sections of the template, where
            // CloudFormation refuses it. It is meant as a resource: check it as one.
            _ if read::text(value, "Type").is_some_and(|t| t.contains("::")) => {
                resource(service, &generated, template, entry);
            }
            _ => {}
        }
    }
    for entry in extensions.map(|e| e.entries()).unwrap_or_default() {
        extend(service.build, &generated, template, entry);
    }
    finish(service, template);
}

/// Where the framework's own things stand in the template; only they can be written a second time.
struct Generated<'a> {
    resources: HashMap<&'a str, usize>,
    outputs: HashMap<&'a str, usize>,
}

impl<'a> Generated<'a> {
    fn resource<'t>(&self, template: &'t mut Template<'a>, id: &str) -> Option<&'t mut Resource<'a>> {
        self.resources.get(id).copied().and_then(|at| template.resources.get_mut(at))
    }
}

/// Every key of both maps, the second's values winning; lists are merged item by item.
pub(super) fn merge<'a>(build: Build<'a>, base: Value<'a>, over: Value<'a>) -> Value<'a> {
    let make = Make { build, origin: over.origin };
    match (base.kind, over.kind) {
        (Kind::Map(base), Kind::Map(over)) => {
            let mut merged = Merged::default();
            base.entries.iter().for_each(|entry| merged.put(*entry));
            for entry in over.entries {
                let value = match merged.find(entry.key) {
                    Some(old) => merge(build, old.value, entry.value),
                    None => entry.value,
                };
                merged.put(Entry { value, ..*entry });
            }
            make.entries(&merged.entries)
        }
        (Kind::List(base), Kind::List(over)) => {
            let mut items = base.to_vec();
            for (at, item) in over.iter().enumerate() {
                match items.get_mut(at) {
                    Some(old) => *old = merge(build, *old, *item),
                    None => items.push(*item),
                }
            }
            make.list(&items)
        }
        // What JavaScript puts beside the items of a list is in no JSON.
        (Kind::List(_), Kind::Map(_) | Kind::Intrinsic(_)) => base,
        _ => over,
    }
}

fn section<'a>(template: &mut Template<'a>, value: Value<'a>, mut each: impl FnMut(&mut Template<'a>, &Entry<'a>)) {
    match value.kind {
        Kind::Map(map) => map.entries.iter().for_each(|e| each(template, e)),
        Kind::Null => {}
        Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => {
            template.unknown_parts.push((value.origin, "a section of the template is not known"));
        }
    }
}

fn resource<'a>(service: &Service<'a>, generated: &Generated<'a>, template: &mut Template<'a>, entry: &Entry<'a>) {
    let build = service.build;
    let body = read::settle(entry.value);
    let Some(map) = body.as_map() else {
        if !body.is_null() {
            template.unknown_parts.push((entry.key_origin, "a resource that is not known"));
        }
        return;
    };
    let kind = map.get("Type").and_then(|e| Some((e.value.as_text()?, e.value.origin)));
    let properties = map.get("Properties").map(|e| e.value).filter(|v| !v.is_null());
    let condition = map.get("Condition").and_then(|e| Some((e.value.as_text()?, e.value.origin)));
    let make = Make { build, origin: entry.key_origin };
    let attributes: Vec<Entry<'a>> =
        map.entries.iter().filter(|e| !matches!(e.key, "Type" | "Properties" | "Condition")).copied().collect();
    if let Some(old) = generated.resource(template, entry.key) {
        // The user edits a resource of the framework's: it is theirs to be found and ignored by name.
        let attributes = make.entries(&attributes);
        let merged = merge(build, Value::new(Kind::Map(old.attributes), old.key), attributes);
        *old = Resource {
            written_id: entry.key,
            key: entry.key_origin,
            kind: kind.map_or(old.kind, |(k, _)| k),
            kind_origin: kind.map_or(old.kind_origin, |(_, o)| o),
            properties: properties.map_or(old.properties, |p| merge(build, old.properties, p)),
            condition: condition.or(old.condition),
            attributes: merged.as_map().unwrap_or(Map::EMPTY),
            ..*old
        };
        return;
    }
    let Some((kind, kind_origin)) = kind else {
        if map.get("Fn::Transform").is_some() {
            template.unknown_parts.push((entry.key_origin, "a macro may add to the template"));
        }
        return;
    };
    template.resources.push(Resource {
        id: entry.key,
        written_id: entry.key,
        key: entry.key_origin,
        kind,
        kind_origin,
        properties: properties.unwrap_or_else(|| make.entries(&[])),
        condition,
        attributes: Map { entries: build.arena.alloc_slice_copy(&attributes) },
        made_by: None,
    });
}

fn output<'a>(service: &Service<'a>, generated: &Generated<'a>, template: &mut Template<'a>, entry: &Entry<'a>) {
    let old = generated.outputs.get(entry.key).copied();
    let body = match old.and_then(|at| template.outputs.get(at)) {
        Some(old) => merge(service.build, old.body, entry.value),
        None => entry.value,
    };
    let output = Output {
        name: entry.key,
        key: entry.key_origin,
        value: body.get("Value").map_or(body, |e| e.value),
        export: body.at(&["Export", "Name"]),
        condition: body.get("Condition").and_then(|c| c.value.as_text()),
        body,
    };
    match old.and_then(|at| template.outputs.get_mut(at)) {
        Some(old) => *old = output,
        None => template.outputs.push(output),
    }
}

fn parameter<'a>(template: &mut Template<'a>, entry: &Entry<'a>) {
    let body = entry.value;
    let field = |name: &str| body.get(name).map(|e| e.value);
    template.parameters.push(Parameter {
        name: entry.key,
        key: entry.key_origin,
        kind: field("Type").and_then(|v| v.as_text()).unwrap_or("String"),
        body,
        default: field("Default").filter(|v| !v.is_null()),
        allowed: field("AllowedValues").and_then(|v| v.as_list()).unwrap_or(&[]),
        no_echo: field("NoEcho").and_then(|v| v.as_bool()).unwrap_or(false),
    });
}

fn put<'a>(entries: &mut Vec<Entry<'a>>, entry: Entry<'a>) {
    match entries.iter_mut().find(|e| e.key == entry.key) {
        Some(old) => *old = entry,
        None => entries.push(entry),
    }
}

/// `Condition: Name` inside a condition is a reference; elsewhere it is an entry like any other.
fn condition<'a>(build: Build<'a>, value: Value<'a>) -> Value<'a> {
    let make = Make { build, origin: value.origin };
    let list = |items: &[Value<'a>]| -> &'a [Value<'a>] {
        build.arena.alloc_slice_fill_iter(items.iter().map(|item| condition(build, *item)))
    };
    match value.kind {
        Kind::Map(Map { entries: [Entry { key: "Condition", value: name, .. }] }) => match name.as_text() {
            Some(name) => make.intrinsic(Intrinsic::Condition(name)),
            None => value,
        },
        Kind::Intrinsic(Intrinsic::And(items)) => make.intrinsic(Intrinsic::And(list(items))),
        Kind::Intrinsic(Intrinsic::Or(items)) => make.intrinsic(Intrinsic::Or(list(items))),
        Kind::Intrinsic(Intrinsic::Not(item)) => make.intrinsic(Intrinsic::Not(condition(build, *item))),
        Kind::Intrinsic(Intrinsic::Equals(a, b)) => {
            make.intrinsic(Intrinsic::Equals(compared(build, *a), compared(build, *b)))
        }
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Text(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => value,
    }
}

/// What a condition compares: who writes one means it to be met at times, so that what a variable falls back
/// to is not all that there is.
fn compared<'a>(build: Build<'a>, value: Value<'a>) -> Value<'a> {
    match (value.kind, value.origin.instead()) {
        (Kind::Text(_) | Kind::Number(_) | Kind::Bool(_), Some(instead)) => {
            build.intrinsic(Intrinsic::External(instead), value.origin)
        }
        _ => value,
    }
}

/// `resources.extensions`: a shallow change of one generated resource.
fn extend<'a>(build: Build<'a>, generated: &Generated<'a>, template: &mut Template<'a>, entry: &Entry<'a>) {
    let Some(resource) = generated.resource(template, entry.key) else { return };
    let make = Make { build, origin: entry.key_origin };
    for change in entry.value.entries() {
        match change.key {
            "Properties" => {
                let both = make.assign(&[Some(resource.properties), Some(change.value)]);
                resource.properties = both.unwrap_or(resource.properties);
            }
            "Condition" => resource.condition = change.value.as_text().map(|name| (name, change.value.origin)),
            key => {
                let mut attributes = resource.attributes.entries.to_vec();
                let old = attributes.iter().find(|e| e.key == key).map(|e| e.value);
                let value = match (key, old) {
                    ("DependsOn", Some(old)) => make.list(&[old.items(), change.value.items()].concat()),
                    ("Metadata", Some(old)) => make.assign(&[Some(old), Some(change.value)]).unwrap_or(change.value),
                    _ => change.value,
                };
                put(&mut attributes, Entry { value, ..*change });
                resource.attributes = Map { entries: build.arena.alloc_slice_copy(&attributes) };
            }
        }
    }
}

/// What is `null` under `Properties` is not deployed.
fn finish<'a>(service: &Service<'a>, template: &mut Template<'a>) {
    for resource in &mut template.resources {
        if holds_null(&resource.properties) {
            resource.properties = strip(service.build, resource.properties);
        }
    }
}

fn holds_null(value: &Value<'_>) -> bool {
    match value.kind {
        Kind::Map(map) => map.entries.iter().any(|e| e.value.is_null() || holds_null(&e.value)),
        Kind::List(items) => items.iter().any(holds_null),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => false,
    }
}

fn strip<'a>(build: Build<'a>, value: Value<'a>) -> Value<'a> {
    let make = Make { build, origin: value.origin };
    match value.kind {
        Kind::Map(map) => {
            let kept = map.entries.iter().filter(|e| !e.value.is_null());
            let entries: Vec<_> = kept.map(|e| Entry { value: strip(build, e.value), ..*e }).collect();
            make.entries(&entries)
        }
        Kind::List(items) => {
            let items: Vec<_> = items.iter().map(|i| strip(build, *i)).collect();
            make.list(&items)
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => value,
    }
}
