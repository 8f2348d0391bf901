//! Three languages in, one [`Template`] out.
//!
//! [`detect`] looks at the parsed tree, never at the file's name; [`lower`] makes the template, every
//! value of which knows where the user wrote it.

use std::collections::BTreeMap;

use crate::source::{Arena, Loader, Sources};
use crate::syntax::{Document, Node};
use crate::template::{Dialect, Template};

mod cloudformation;
mod definitions;
mod make;
mod sam;
mod serverless;

/// What lowering needs beside the document.
pub struct Input<'a, 'l> {
    /// The arena of the scan.
    pub arena: &'a Arena,
    /// The texts of the scan; includes are added to them.
    pub sources: &'a Sources,
    /// The door to includes.
    pub loader: &'l dyn Loader,
    /// What the user gave on the command line or in the configuration.
    pub options: &'l Options,
}

/// What the user said about the deployment.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Options {
    /// Values of template parameters: `--parameter Name=value`.
    pub parameters: BTreeMap<String, String>,
    /// The stage of serverless.yml: `--stage`; without it every stage that the file names is a case.
    pub stage: Option<String>,
    /// The default stage is the only one that counts, as when serverless.yml is deployed without options.
    pub one_stage: bool,
    /// The region: `--region`.
    pub region: Option<String>,
    /// Serverless's command line options: `--opt name=value`.
    pub options: BTreeMap<String, String>,
    /// Serverless's parameters: `--param name=value`.
    pub params: BTreeMap<String, String>,
}

/// Which of the three languages a document is written in; `None` when in none of them.
///
/// CloudFormation: a map with `AWSTemplateFormatVersion`, or with `Resources` of which one has a `Type`
/// that begins with `AWS::`, `Alexa::` or `Custom::`, or is that of another vendor, or that are included. SAM: the same with SAM's transform or a resource of
/// `AWS::Serverless::*`. serverless.yml: `service` and `provider` whose name is `aws`, or stands in another file.
#[must_use]
pub fn detect(root: &Node<'_>) -> Option<Dialect> {
    if let Some(provider) = root.get("provider") {
        let named = provider.text().or_else(|| provider.get("name").and_then(Node::text)).unwrap_or("");
        let has = |key| root.get(key).is_some();
        if (has("service") || has("functions")) && named == "aws" {
            return Some(Dialect::Serverless);
        }
        // `provider: ${file(../common.yml):provider}`: what all services of a project share.
        if has("service") && (has("functions") || has("resources") || has("custom")) && named.starts_with("${") {
            return Some(Dialect::Serverless);
        }
    }
    let resources = root.get("Resources");
    let types = || resources.into_iter().flat_map(|r| r.pairs()).filter_map(|p| p.value.get("Type")?.text());
    let transform = root.get("Transform").is_some_and(|t| names(t, SAM_TRANSFORM));
    if transform || types().any(|t| t.starts_with("AWS::Serverless::")) {
        return Some(Dialect::Sam);
    }
    // `MongoDB::Atlas::Cluster`: types of other vendors have three names.
    let word = |name: &str| name.len() >= 2 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let partner = |t: &str| t.split("::").count() == 3 && t.split("::").all(word);
    let ours = |t: &str| ["AWS::", "Alexa::", "Custom::"].iter().any(|p| t.starts_with(p)) || partner(t);
    // Where every resource comes out of a loop, none is in sight.
    let loops = || resources.is_some_and(|r| r.pairs().iter().any(|p| p.name().is_some_and(is_loop)));
    // Nor where every one stands in another file.
    let included = resources.and_then(|r| r.get("Fn::Transform")).is_some_and(|call| calls_include(call));
    let declared = root.get("AWSTemplateFormatVersion").is_some() || loops() || included;
    (declared || types().any(ours)).then_some(Dialect::CloudFormation)
}

/// What a file is that is none of ours, where it is nearly one.
#[must_use]
pub fn instead(root: &Node<'_>) -> Option<String> {
    let kind =
        |node: &Node<'_>| node.get("Type").and_then(Node::text).filter(|t| t.starts_with("AWS::")).map(str::to_owned);
    let piece = |what: &str, mend: &str| format!("not a template but {what}: {mend}");
    if let Some(cloud) = other_cloud(root) {
        return Some(format!("a serverless.yml of provider `{cloud}`, which is not AWS"));
    }
    if let Some(kind) = kind(root) {
        return Some(piece(
            &format!("a lone `{kind}`"),
            "put it under a name below `Resources:`, or name the template that includes it",
        ));
    }
    let first = root.pairs().iter().find_map(|pair| kind(&pair.value))?;
    Some(piece(&format!("resources (`{first}`) without `Resources:`"), "name the template that includes them"))
}

/// The provider of a serverless.yml that deploys to another cloud than AWS.
fn other_cloud<'a>(root: &Node<'a>) -> Option<&'a str> {
    let provider = root.get("provider")?;
    let name = provider.text().or_else(|| provider.get("name").and_then(Node::text))?;
    let ours = root.get("service").is_some() && root.get("functions").is_some();
    (ours && OTHER_CLOUDS.contains(&name)).then_some(name)
}

/// The providers that the Serverless Framework has, or has as plugins, besides AWS.
const OTHER_CLOUDS: &[&str] = &[
    "alibaba",
    "aliyun",
    "azure",
    "cloudflare",
    "fn",
    "google",
    "kubeless",
    "knative",
    "ibm",
    "openwhisk",
    "scaleway",
    "spotinst",
    "tencent",
];

/// SAM's transform.
pub const SAM_TRANSFORM: &str = "AWS::Serverless-2016-10-31";

fn names(transform: &Node<'_>, name: &str) -> bool {
    let is = |t: &Node<'_>| t.text() == Some(name);
    is(transform) || transform.items().iter().any(|t| is(t) || t.items().iter().any(is))
}

fn calls_include(call: &Node<'_>) -> bool {
    let is = |call: &Node<'_>| call.get("Name").and_then(Node::text) == Some("AWS::Include");
    is(call) || call.items().iter().any(is)
}

fn is_loop(key: &str) -> bool {
    key.starts_with("Fn::ForEach::")
}

/// Why a template is not all there is when its text could not be read to its end.
pub const CUT_SHORT: &str = "the file could not be read to its end";

/// The template that a document deploys, or `None` when it is in none of our languages.
#[must_use]
pub fn lower<'a>(document: &Document<'a>, input: &Input<'a, '_>) -> Option<Template<'a>> {
    let root = document.root()?;
    let mut template = match detect(root)? {
        Dialect::CloudFormation => cloudformation::lower(root, input),
        Dialect::Sam => sam::lower(root, input),
        Dialect::Serverless => serverless::lower(root, input)?,
    };
    if template.dialect != Dialect::Serverless {
        definitions::read(&mut template, input);
    }
    // What is not seen may be further down.
    if document.broken() {
        template.unknown_parts.push((template.origin, CUT_SHORT));
    }
    Some(template)
}

#[cfg(test)]
mod tests;
