//! The template as a subject of rules: what stands beside its resources, as one map.

use crate::rulebook::TEMPLATE;
use crate::template::{Build, Dialect, Entry, Intrinsic, Kind, Map, Origin, Resource, Template, Value};

/// The template as a resource whose properties are its sections. What is missing in it is pointed at by its first key.
pub(super) fn resource<'a>(template: &Template<'a>, build: Build<'a>) -> Resource<'a> {
    let at = template.origin;
    let mut sections = Sections { build, at, entries: Vec::new() };
    for (name, value) in [("Description", template.description), ("Metadata", template.metadata)] {
        sections.add(name, value);
    }
    // What serverless.yml's stage becomes is nobody's parameter.
    let written = |origin: &Origin<'a>| template.dialect != Dialect::Serverless || origin.is_written();
    let parameters = template.parameters.iter().filter(|parameter| written(&parameter.key));
    sections.section("Parameters", parameters.map(|p| Entry { key: p.name, key_origin: p.key, value: p.body }));
    sections.section("Mappings", template.mappings.iter().copied());
    sections.section("Conditions", template.conditions.iter().copied());
    let resources = template.resources.iter().filter(|resource| resource.made_by.is_none());
    let described = |resource: &Resource<'a>| {
        let kind = Entry {
            key: "Type",
            key_origin: resource.kind_origin,
            value: Value::new(Kind::Text(resource.kind), resource.kind_origin),
        };
        let own = Entry { key: "Properties", key_origin: resource.key, value: resource.properties };
        let all = [kind, own].into_iter().chain(resource.attributes.entries.iter().copied());
        Entry { key: resource.written_id, key_origin: resource.key, value: build.entries(all, resource.key) }
    };
    sections.section("Resources", resources.map(described));
    let outputs = template.outputs.iter().map(|output| {
        let nothing = || build.reference("AWS::NoValue", output.key);
        let only_if = |condition| build.intrinsic(Intrinsic::If(condition, output.body, nothing()), output.body.origin);
        Entry { key: output.name, key_origin: output.key, value: output.condition.map_or(output.body, only_if) }
    });
    sections.section("Outputs", outputs);
    if !template.unknown_parts.is_empty() {
        // Whatever is not here may be there.
        sections.entries.push(Entry { key: "Fn::Transform", key_origin: at, value: Value::new(Kind::Null, at) });
    }
    Resource {
        id: "template",
        written_id: "template",
        key: at,
        kind: TEMPLATE,
        kind_origin: at,
        properties: build.entries(sections.entries, at),
        condition: None,
        attributes: Map::EMPTY,
        made_by: None,
    }
}

struct Sections<'a> {
    build: Build<'a>,
    at: Origin<'a>,
    entries: Vec<Entry<'a>>,
}

impl<'a> Sections<'a> {
    fn add(&mut self, key: &'static str, value: Option<Value<'a>>) {
        let Some(value) = value else { return };
        // The key of a section is not kept; what it begins with is on the next line.
        let first = value.as_map().and_then(|map| map.entries.first()).map(|entry| entry.key_origin);
        self.entries.push(Entry { key, key_origin: first.unwrap_or(value.origin), value });
    }

    fn section(&mut self, key: &'static str, entries: impl Iterator<Item = Entry<'a>>) {
        let mut entries = entries.peekable();
        if entries.peek().is_some() {
            let section = self.build.entries(entries, self.at);
            self.add(key, Some(section));
        }
    }
}
