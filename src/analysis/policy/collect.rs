//! Finds the documents in a resource.

use super::Document;
use crate::analysis::document;
use crate::resolve::{Case, Known, Resolver, Under};
use crate::rulebook::PolicyKind;
use crate::template::{Origin, Value};

pub(super) struct Collector<'s, 'r, 't, 'a> {
    pub(super) resolver: &'r Resolver<'t, 'a>,
    pub(super) owner: usize,
    pub(super) kind: PolicyKind,
    pub(super) all: &'s mut Vec<Document<'a>>,
}

impl<'a> Collector<'_, '_, '_, 'a> {
    pub(super) fn walk(&mut self, case: &Case<'a>, path: &[&str], key: Origin<'a>) {
        let Some(value) = case.present() else { return };
        match path {
            [] => self.document(&value, &case.under, key),
            ["*", rest @ ..] => {
                for item in self.resolver.items(&value, &case.under) {
                    self.walk(&item, rest, key);
                }
            }
            [name, rest @ ..] => {
                let value = document::parsed(self.resolver, &value).unwrap_or(value);
                let key = value.get(name).map_or(key, |entry| entry.key_origin);
                for inner in self.resolver.get(&value, name, &case.under) {
                    self.walk(&inner, rest, key);
                }
            }
        }
    }

    /// The policies among what a custom resource of CDK calls AWS with: `{"service": "OpenSearch", "action": …,
    /// "parameters": {"AccessPolicies": "{…}"}}`, as text or, of old, as a map.
    pub(super) fn call(&mut self, case: &Case<'a>, key: Origin<'a>) {
        const POLICIES: [&str; 7] =
            ["AccessPolicies", "Policy", "policy", "policyDocument", "policyText", "resourcePolicy", "ResourcePolicy"];
        let Some(call) = case.present() else { return };
        let call = document::parsed(self.resolver, &call).unwrap_or(call);
        let service = call.get("service").and_then(|service| service.value.as_text());
        // What an identity may do is another matter.
        if service.is_none_or(|service| service.to_ascii_lowercase().contains("iam")) {
            return;
        }
        for name in POLICIES {
            for path in [&["parameters", name][..], &["parameters", "Attributes", name]] {
                if let Some(policy) = call.at(path) {
                    let start = Case { value: Known::Present(policy), ..case.clone() };
                    self.walk(&start, &[], key);
                }
            }
        }
    }

    fn document(&mut self, document: &Value<'a>, under: &Under, origin: Origin<'a>) {
        let value = document::parsed(self.resolver, document).unwrap_or(*document);
        self.all.push(Document { value, under: under.clone(), kind: self.kind, owner: self.owner, origin });
    }
}
