//! Versions and aliases of functions that publish one.

use super::expansion::{Expansion, entry, filled, given};
use super::references::Renamed;
use crate::template::{Entry, Resource, Value};

/// The name under which a function publishes.
fn alias_name<'a>(expansion: &Expansion<'a>, function: &Resource<'a>) -> Option<Value<'a>> {
    filled(function.properties, "AutoPublishAlias").map(|name| expansion.known(name.value))
}

/// Notes the alias of a function, so that everything that points at the function knows it.
pub(super) fn name<'a>(expansion: &mut Expansion<'a>, function: &Resource<'a>) {
    let Some(name) = alias_name(expansion, function) else { return };
    // SAM refuses a name that it cannot read; any name serves us.
    let text = name.as_text().unwrap_or("Live").replace('-', "D").replace('_', "U");
    let text: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let id = expansion.id(&[function.id, "Alias", &text]);
    expansion.aliases.insert(function.id, id);
    let version = version_id(expansion, function);
    expansion.renamed.push(Renamed { from: expansion.id(&[function.id, ".Alias"]), to: id });
    expansion.renamed.push(Renamed { from: expansion.id(&[function.id, ".Version"]), to: version });
}

/// SAM adds a digest of the code, which is of no account here.
fn version_id<'a>(expansion: &Expansion<'a>, function: &Resource<'a>) -> &'a str {
    let id = expansion.id(&[function.id, "Version"]);
    // The digest of the code that the user gives is the digits of the id.
    let given = given(function.properties, "AutoPublishCodeSha256").map(|v| expansion.known(v));
    if let Some(digits) = given.and_then(|v| v.as_text()).map(|t| t.chars().take(10).collect::<String>()) {
        let digits: String = digits.chars().filter(char::is_ascii_alphanumeric).collect();
        return expansion.id(&[id, &digits]);
    }
    if expansion.written(id).is_some() { expansion.id(&[id, "0000000000"]) } else { id }
}

/// Makes the version and the alias.
pub(super) fn expand<'a>(expansion: &mut Expansion<'a>, function: &Resource<'a>) {
    let (Some(alias), Some(written)) = (expansion.alias(function.id), entry(function.properties, "AutoPublishAlias"))
    else {
        return;
    };
    let make = expansion.cause(function, "this version", written.value.origin);
    let version = version_id(expansion, function);
    let mut properties = vec![make.entry("FunctionName", make.reference(function.id))];
    properties.extend(entry(function.properties, "VersionDescription").map(|e| Entry { key: "Description", ..e }));
    if given(function.properties, "CapacityProviderConfig").is_some() {
        properties.extend(entry(function.properties, "FunctionScalingConfig"));
    }
    expansion.emit(
        function,
        version,
        "AWS::Lambda::Version",
        "this version",
        written.key_origin,
        make.entries(&properties),
    );
    let default = if given(function.properties, "CapacityProviderConfig").is_some() { "Delete" } else { "Retain" };
    let policy = given(function.properties, "VersionDeletionPolicy").unwrap_or_else(|| make.text(default));
    if function.attribute("DeletionPolicy").is_some() {
        // The function's own policy is the version's too.
    } else if let Some(resource) = expansion.deployed(version) {
        let kept = resource.attributes.entries.iter().filter(|e| e.key != "DeletionPolicy").copied();
        let attributes: Vec<_> = kept.chain([make.entry("DeletionPolicy", policy)]).collect();
        resource.attributes = crate::template::Map { entries: make.build.arena.alloc_slice_copy(&attributes) };
    }

    let make = expansion.cause(function, "this alias", written.value.origin);
    let name = alias_name(expansion, function).unwrap_or(written.value);
    let mut properties = vec![
        make.entry("Name", name),
        make.entry("FunctionName", make.reference(function.id)),
        make.entry("FunctionVersion", make.att(version, "Version")),
    ];
    properties.extend(entry(function.properties, "ProvisionedConcurrencyConfig"));
    expansion.emit(function, alias, "AWS::Lambda::Alias", "this alias", written.key_origin, make.entries(&properties));
}
