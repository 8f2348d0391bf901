//! From a resolved serverless.yml to the CloudFormation that the framework would deploy.
//!
//! The order is the framework's own: log groups, layers and functions, then events, then the roles that
//! collected what all of them need, then what the user writes under `resources`, over everything.

use super::config::Config;
use crate::dialect::Input;
use crate::source::Span;
use crate::template::{Build, Dialect, Template};

mod appsync;
mod bucket;
mod custom_resource;
mod declared;
mod destinations;
mod domain_manager;
mod events;
mod function;
mod http_api;
mod layers;
mod lift;
mod lift_webhook;
mod make;
mod md5;
mod naming;
mod own_role;
mod read;
mod resources;
mod rest;
mod role;
mod service;
mod service_proxy;
mod stack;
mod step_functions;
mod url;
mod websocket;

#[cfg(test)]
mod tests;

/// The template of a service.
pub(super) fn lower<'a>(config: &Config<'a>, input: &Input<'a, '_>, first: Span) -> Template<'a> {
    let build = Build::new(input.arena);
    let mut guards = read::Guards::new(build);
    let service = service::Service::read(build, config, &mut guards);
    let mut stack = stack::Stack::new(build);
    bucket::deployment(&service, &mut stack);
    for function in &service.functions {
        function::log_group(&service, &mut stack, function);
    }
    layers::layers(&service, &mut stack);
    for (at, function) in service.functions.iter().enumerate() {
        function::function(&service, &mut stack, at, function);
        url::url(&service, &mut stack, function);
        destinations::invoke_config(&service, &mut stack, at, function);
    }
    events::all(&service, &mut stack);
    step_functions::machines(&service, &mut stack);
    service_proxy::routes(&service, &mut stack);
    lift::resources(&service, &mut stack);
    appsync::apis(&service, &mut stack);
    domain_manager::domains(&service, &mut stack);
    custom_resource::role(&service, &mut stack);
    role::shared(&service, &mut stack);
    own_role::each(&service, &mut stack);

    let mut template = Template::new(Dialect::Serverless, first);
    template.unknown_parts.clone_from(&config.unknown_parts);
    template.unread.clone_from(&config.unread);
    template.bounds_met.clone_from(&config.bounds_met);
    template.unknown_parts.extend_from_slice(&service.unknown);
    template.unknown_parts.append(&mut stack.unknown);
    if let Some((at, bound)) = function::too_much_inherited(&service) {
        template.unknown_parts.push((at, bound));
        template.bounds_met.push(bound);
    }
    (template.resources, template.outputs) = stack.finish();
    template.parameters.clone_from(&config.parameters);
    template.conditions.clone_from(&config.conditions);
    template.conditions.append(&mut guards.made);
    if let Some(functions) = read::get(config.root, "functions").map(read::settle)
        && functions.as_map().is_none()
    {
        template.unknown_parts.push((functions.origin, "the functions of this service are not known"));
    }
    resources::merge_into(&service, &mut template);
    template.declared = declared::resources(&service);
    template
}
