//! The resources of a REST API: one for every part of every path.

use super::super::make::{Make, told};
use super::super::naming;
use super::super::read;
use super::super::service::{Cause, Service};
use super::super::stack::{Draft, Stack};
use super::api_id;
use crate::template::{Intrinsic, Kind, Value};

/// How many parts of one path become resources: an API may have three hundred of them unless AWS is asked for more,
/// and each is named after all parts before it.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
const MAX_PARTS: usize = 300;

/// The resources of an API, by path.
pub(super) struct Tree<'a> {
    known: Vec<(&'a str, Value<'a>)>,
    root: Value<'a>,
}

impl<'a> Tree<'a> {
    /// The resource of a path.
    pub(super) fn resource(&self, path: &str) -> Value<'a> {
        self.known.iter().find(|(p, _)| *p == path).map_or(self.root, |(_, id)| *id)
    }
}

/// The name of a path in logical ids; resources that exist already may bring their own.
pub(super) fn name<'a>(service: &Service<'a>, path: &str) -> String {
    let written = service.provider_at(&["apiGateway", "restApiResources"]).map(read::settle);
    let own = written
        .and_then(|w| w.as_list())
        .and_then(|list| list.iter().find(|r| read::text(**r, "path").map(trim) == Some(path)));
    own.and_then(|r| read::text(*r, "name")).map_or_else(|| naming::path(path), str::to_owned)
}

/// Makes the resources that do not exist already.
pub(super) fn resources<'a>(service: &Service<'a>, stack: &mut Stack<'a>, places: &[(&'a str, Cause<'a>)]) -> Tree<'a> {
    let make = service.make(service.provider_key);
    let mut tree = Tree { known: existing(service), root: root(service, make) };
    let known = tree.known.len();
    for (whole, cause) in places.iter().copied() {
        let make = service.make(cause.origin);
        let mut parent = tree.root;
        let mut from = 0;
        for _ in 0..MAX_PARTS {
            if from >= whole.len() {
                break;
            }
            let length = whole[from..].find('/').unwrap_or(whole.len() - from);
            let path = &whole[..from + length];
            let part = &whole[from..from + length];
            from += length + 1;
            if let Some((_, id)) = tree.known.iter().find(|(p, _)| *p == path) {
                parent = *id;
                if let Kind::Intrinsic(Intrinsic::Ref(id)) = id.kind {
                    stack.shares(id, cause.guard);
                }
                continue;
            }
            // What lies above a resource that exists already exists as well.
            let above = |p: &str| p.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
            if tree.known[..known].iter().any(|(p, _)| above(p) && whole.starts_with(p)) {
                continue;
            }
            let id = told(service.build, format_args!("ApiGatewayResource{}", naming::path(path)));
            stack.add(
                Draft::new(id, "AWS::ApiGateway::Resource", cause)
                    .set("ParentId", parent)
                    .set("PathPart", make.text(part))
                    .set("RestApiId", api_id(service, make)),
            );
            parent = make.reference(id);
            tree.known.push((path, parent));
        }
    }
    tree
}

/// The resources that the user says exist already.
fn existing<'a>(service: &Service<'a>) -> Vec<(&'a str, Value<'a>)> {
    let Some(written) = service.provider_at(&["apiGateway", "restApiResources"]).map(read::settle) else {
        return Vec::new();
    };
    if let Some(map) = written.as_map() {
        return map.entries.iter().map(|e| (trim(e.key), e.value)).collect();
    }
    let list = written.as_list().unwrap_or(&[]);
    list.iter().filter_map(|r| Some((trim(read::text(*r, "path")?), read::get(*r, "resourceId")?))).collect()
}

fn root<'a>(service: &Service<'a>, make: Make<'a>) -> Value<'a> {
    service
        .provider_at(&["apiGateway", "restApiRootResourceId"])
        .unwrap_or_else(|| make.att(super::API, "RootResourceId"))
}

fn trim(path: &str) -> &str {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path)
}
