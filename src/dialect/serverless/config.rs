//! serverless.yml as one map: a stand-in until variables are resolved.

use crate::dialect::Input;
use crate::syntax::Node;
use crate::template::{Entry, Origin, Parameter, Reader, Schema, Value};

/// The major version of the framework that the file is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    /// 1.x.
    V1,
    /// 2.x.
    V2,
    /// 3.x.
    V3,
    /// 4.x.
    V4,
}

/// serverless.yml after variables, includes and list folding; every value knows where it was written.
pub(super) struct Config<'a> {
    /// The whole file as one map.
    pub root: Value<'a>,
    /// The framework's version.
    pub version: Version,
    /// The stage.
    pub stage: &'a str,
    /// Every stage.
    pub stages: Vec<&'a str>,
    /// The region.
    pub region: &'a str,
    /// Synthetic template parameters.
    pub parameters: Vec<Parameter<'a>>,
    /// Synthetic conditions.
    pub conditions: Vec<Entry<'a>>,
    /// What could not be known.
    pub unknown_parts: Vec<(Origin<'a>, &'a str)>,
}

impl<'a> Config<'a> {
    /// Reads.
    pub(super) fn read(root: &Node<'a>, input: &Input<'a, '_>) -> Config<'a> {
        let mut reader = Reader::new(input.arena, input.sources, Schema::Core12, &input.options.parameters);
        let root = reader.value(root);
        let text = |keys: &[&str]| root.at(keys).and_then(|v| v.as_text());
        let version = match text(&["frameworkVersion"]).and_then(|v| v.chars().find(char::is_ascii_digit)) {
            Some('1') => Version::V1,
            Some('2') => Version::V2,
            Some('4') => Version::V4,
            _ => Version::V3,
        };
        let given = |o: &Option<String>| o.as_deref().map(|s| &*input.arena.alloc_str(s));
        Config {
            root,
            version,
            stage: given(&input.options.stage).or_else(|| text(&["provider", "stage"])).unwrap_or("dev"),
            stages: Vec::new(),
            region: given(&input.options.region).or_else(|| text(&["provider", "region"])).unwrap_or("us-east-1"),
            parameters: Vec::new(),
            conditions: Vec::new(),
            unknown_parts: reader.take_unknown_parts(),
        }
    }
}
