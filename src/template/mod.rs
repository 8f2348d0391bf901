//! CloudFormation, every value knowing its origin.
//!
//! This is what the three dialects are lowered to and what every rule is written against. Values are
//! small and `Copy`: they point into the scan's arena, so lowering shares what the user wrote instead of
//! cloning it.

use crate::source::{Arena, Span};

mod build;
mod cdk;
mod print;
mod read;
mod value;

pub use build::Build;
pub use cdk::construct;
pub use print::to_json;
pub use read::{Reader, Schema};
pub use value::{Entry, External, ExternalKind, Intrinsic, Kind, Map, Origin, Step, Value};

/// Whether a text that cannot be read would be one of ours, by its name and by the words in it.
#[must_use]
pub fn words(path: &str, has: impl Fn(&str) -> bool) -> bool {
    let name = path.rsplit('/').next().unwrap_or("");
    name.starts_with("serverless.") || has("AWS::") || has("AWSTemplateFormatVersion")
}

/// A template as it is deployed.
#[derive(Debug, Clone)]
pub struct Template<'a> {
    /// Where the template begins: the first key of the file.
    pub origin: Origin<'a>,
    /// The language the user wrote it in.
    pub dialect: Dialect,
    /// `Transform`, as names; SAM's own is gone after lowering.
    pub transforms: Vec<Value<'a>>,
    /// Where SAM's transform is named, for SAM's resources are recognised without it too.
    pub sam_transform: Option<Origin<'a>>,
    /// `Description`.
    pub description: Option<Value<'a>>,
    /// `Metadata` of the whole template.
    pub metadata: Option<Value<'a>>,
    /// `Parameters`, in order. Dialects may add their own (such as the stage of serverless.yml).
    pub parameters: Vec<Parameter<'a>>,
    /// `Mappings`: a map of maps of values.
    pub mappings: Vec<Entry<'a>>,
    /// `Conditions`: name and expression.
    pub conditions: Vec<Entry<'a>>,
    /// `Rules`: kept for the rules that look at them.
    pub rules: Vec<Entry<'a>>,
    /// `Resources`, in order, those made by lowering after the one they are made from.
    pub resources: Vec<Resource<'a>>,
    /// What the user declared in their own language, after inheritance (SAM's Globals, serverless's
    /// provider) but before lowering: `AWS::Serverless::*` resources, and for serverless.yml one
    /// `Serverless::Service` and a `Serverless::Function` for each function. Not deployed and not
    /// printed by `lower`; here so that a rule about such a declaration is a rule like any other.
    pub declared: Vec<Resource<'a>>,
    /// `Outputs`, in order.
    pub outputs: Vec<Output<'a>>,
    /// Why parts of the template could not be known (a remote include, a macro): while it is not empty,
    /// the absence of a resource is not a fact.
    pub unknown_parts: Vec<(Origin<'a>, &'a str)>,
    /// Files beside the template that are not read, and where they are named: what they hold is missing in one property only.
    pub unread: Vec<(Origin<'a>, &'a str)>,
    /// What was too large to be understood to its end, in words for the user.
    pub bounds_met: Vec<&'static str>,
}

/// The language a template was written in. No rule looks at it; reports count by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// AWS CloudFormation.
    CloudFormation,
    /// AWS SAM.
    Sam,
    /// Serverless Framework.
    Serverless,
}

impl Dialect {
    /// The word used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CloudFormation => "cloudformation",
            Self::Sam => "sam",
            Self::Serverless => "serverless",
        }
    }
}

/// A template parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter<'a> {
    /// Its name.
    pub name: &'a str,
    /// The name's place.
    pub key: Origin<'a>,
    /// `Type`; `String` when missing.
    pub kind: &'a str,
    /// The whole declaration.
    pub body: Value<'a>,
    /// `Default`.
    pub default: Option<Value<'a>>,
    /// `AllowedValues`, empty when unrestricted.
    pub allowed: &'a [Value<'a>],
    /// `NoEcho`.
    pub no_echo: bool,
}

/// A resource of the template.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'a> {
    /// The logical id in the lowered template.
    pub id: &'a str,
    /// The logical id that the user wrote: for a generated role the function's; for serverless.yml the
    /// function's key, or the logical id under `resources:`.
    pub written_id: &'a str,
    /// The place of that id: where "something is missing" points to.
    pub key: Origin<'a>,
    /// `Type`.
    pub kind: &'a str,
    /// The place of the type.
    pub kind_origin: Origin<'a>,
    /// `Properties`; an empty map when missing.
    pub properties: Value<'a>,
    /// `Condition`: its name and place.
    pub condition: Option<(&'a str, Origin<'a>)>,
    /// All other attributes: `DependsOn`, `DeletionPolicy`, `UpdateReplacePolicy`, `UpdatePolicy`,
    /// `CreationPolicy`, `Metadata`, and whatever else was written.
    pub attributes: Map<'a>,
    /// `None` for a resource that the user wrote, else what made it: "SAM makes this role for `Fn`".
    pub made_by: Option<&'a str>,
}

impl<'a> Resource<'a> {
    /// How `made_by` ends when a framework made the resource for itself: nobody can write anything into it.
    pub const OWN_USE: &'static str = "for its own use";

    /// True for what a framework made for itself.
    #[must_use]
    pub fn is_frameworks_own(&self) -> bool {
        self.made_by.is_some_and(|by| by.ends_with(Self::OWN_USE))
    }

    /// An attribute beside `Properties`, such as `DeletionPolicy`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'a Entry<'a>> {
        self.attributes.get(name)
    }

    /// A property at the top level, unresolved.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&'a Entry<'a>> {
        self.properties.get(name)
    }
}

/// An output of the template.
#[derive(Clone, Copy, Debug)]
pub struct Output<'a> {
    /// Its name.
    pub name: &'a str,
    /// The name's place.
    pub key: Origin<'a>,
    /// `Value`.
    pub value: Value<'a>,
    /// `Export.Name`.
    pub export: Option<Value<'a>>,
    /// `Condition`.
    pub condition: Option<&'a str>,
    /// The whole declaration.
    pub body: Value<'a>,
}

impl<'a> Template<'a> {
    /// An empty template.
    #[must_use]
    pub fn new(dialect: Dialect, at: Span) -> Self {
        Self {
            origin: Origin::written(at),
            dialect,
            transforms: Vec::new(),
            sam_transform: None,
            description: None,
            metadata: None,
            parameters: Vec::new(),
            mappings: Vec::new(),
            conditions: Vec::new(),
            rules: Vec::new(),
            resources: Vec::new(),
            declared: Vec::new(),
            outputs: Vec::new(),
            unknown_parts: Vec::new(),
            unread: Vec::new(),
            bounds_met: Vec::new(),
        }
    }

    /// The resource of a logical id.
    #[must_use]
    pub fn resource(&self, id: &str) -> Option<&Resource<'a>> {
        self.resources.iter().find(|r| r.id == id)
    }

    /// The parameter of a name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Parameter<'a>> {
        self.parameters.iter().find(|p| p.name == name)
    }

    /// The expression of a condition.
    #[must_use]
    pub fn condition(&self, name: &str) -> Option<&Entry<'a>> {
        self.conditions.iter().rev().find(|c| c.key == name)
    }

    /// A constructor of values in the same arena.
    #[must_use]
    pub fn build(arena: &'a Arena) -> Build<'a> {
        Build::new(arena)
    }
}
