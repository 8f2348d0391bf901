//! AWS SAM, lowered natively: what the transform would deploy, every value knowing where the user wrote it.
//!
//! The order is the transform's own: Globals, then functions, state machines and APIs, then what is left,
//! and last the connectors, which look at the roles that were made.

use super::Input;
use crate::syntax::Node;
use crate::template::{Build, Dialect, Reader, Schema, Template};

mod api;
mod application;
mod capacity;
mod compute;
mod connector;
mod deployment;
mod events;
mod expansion;
mod function;
mod globals;
mod graphql;
mod invoke_config;
mod layer;
mod machine_events;
mod make;
mod managed;
mod pieces;
mod policies;
mod policy_templates;
mod profiles;
mod read;
mod references;
mod resolvers;
mod role;
mod state_machine;
mod table;
mod tags;
mod url;
mod version;

use expansion::Expansion;

/// The CloudFormation that SAM's transform makes of a template.
pub(super) fn lower<'a>(root: &Node<'a>, input: &Input<'a, '_>) -> Template<'a> {
    let mut reader =
        Reader::new(input.arena, input.sources, Schema::Yaml11, &input.options.parameters).with_loader(input.loader);
    let globals = root.get("Globals").map(|node| reader.value(node));
    let template = reader.template(root, Dialect::Sam);
    let build = Build::new(input.arena);
    let given = input.options.parameters.iter().map(|(name, value)| (build.str(name), build.str(value))).collect();
    let globals = globals::Globals::new(build, globals);
    let mut template = template;
    for resource in template.resources.iter_mut().filter(|r| r.kind.starts_with(SERVERLESS)) {
        resource.properties = globals.apply(resource);
    }
    if globals.overflowed() {
        let bound = "Globals are inherited more often than we follow";
        template.unknown_parts.push((template.origin, bound));
        template.bounds_met.push(bound);
    }
    let mut expansion = Expansion::new(build, template, globals, given);
    expand(&mut expansion);
    finish(expansion)
}

fn expand(expansion: &mut Expansion<'_>) {
    let functions = expansion.of_kind("AWS::Serverless::Function");
    for function in &functions {
        version::name(expansion, function);
    }
    for function in &functions {
        function::expand(expansion, function);
    }
    for machine in expansion.of_kind("AWS::Serverless::StateMachine") {
        state_machine::expand(expansion, &machine);
    }
    api::expand(expansion);
    for resource in expansion.source.resources.clone() {
        match resource.kind {
            "AWS::Serverless::SimpleTable" => table::expand(expansion, &resource),
            "AWS::Serverless::LayerVersion" => layer::expand(expansion, &resource),
            "AWS::Serverless::Application" => application::expand(expansion, &resource),
            "AWS::Serverless::GraphQLApi" => graphql::expand(expansion, &resource),
            "AWS::Serverless::NetworkConnector" => compute::connector(expansion, &resource),
            "AWS::Serverless::MicrovmImage" => compute::image(expansion, &resource),
            "AWS::Serverless::WebFunction" => compute::web_function(expansion, &resource),
            "AWS::Serverless::CapacityProvider" => capacity::expand(expansion, &resource),
            _ => {}
        }
    }
    deployment::expand(expansion, &functions);
    connector::expand(expansion);
    tags::propagate(expansion);
}

/// What all of SAM's types begin with.
const SERVERLESS: &str = "AWS::Serverless::";

fn finish(expansion: Expansion<'_>) -> Template<'_> {
    // Each generated resource after the one it was made for.
    let mut out: Vec<_> = expansion.out.iter().map(|r| (expansion.place(r.written_id), *r)).collect();
    out.sort_by_key(|(at, _)| *at);
    let Expansion { build, source: mut template, renamed, .. } = expansion;
    let standing = template.resources.iter().filter(|r| r.kind.starts_with(SERVERLESS)).copied();
    template.declared.splice(0..0, standing);
    template.resources = out.into_iter().map(|(_, r)| r).collect();
    template.sam_transform =
        template.transforms.iter().find(|t| t.as_text() == Some(super::SAM_TRANSFORM)).map(|t| t.origin);
    template.transforms.retain(|t| t.as_text() != Some(super::SAM_TRANSFORM));
    references::rewrite(&mut template, build, &renamed);
    template
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_presence;
