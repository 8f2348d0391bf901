//! Which properties resource types have, as AWS's resource provider schemas say: for whoever writes rules.
//!
//! `properties.txt` is made by `refresh.py`; build.rs packs what is asked here, the names and where they lead. In the
//! text `@Type` begins a resource type and `#Name` one of its definitions; between them stands one property a line:
//! name, shape, flags, `=` and values if few. A shape is a letter (`o` is an object of any content, `?` anything) or
//! `#Definition`, behind a `[` for each list and a `{` for each map around it. Lines with `!` say more of the type.

use std::sync::{Arc, OnceLock};

use serde::Deserialize;

use crate::analysis::memo::Memo;
use crate::rulebook::{Step, nearest_by};

mod packed;

use packed::{ANYTHING, Definitions};

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/properties.bin"));

/// Names one a line, and the resource types in order: a run on one file asks about a few, and reads no more than those.
#[derive(Default, Deserialize)]
struct Table {
    names: &'static str,
    types: Vec<(&'static str, &'static [u8])>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| postcard::from_bytes(PACKED).unwrap_or_default())
}

/// The definitions of a type, as they are packed.
fn packed(kind: &str) -> Option<&'static [u8]> {
    let types = &table().types;
    let at = types.binary_search_by_key(&kind, |(name, _)| name).ok()?;
    types.get(at).map(|(_, packed)| *packed)
}

/// Whether AWS has a resource type.
#[must_use]
pub fn has_type(kind: &str) -> bool {
    packed(kind).is_some()
}

/// Whether AWS has a resource type that has a property. Helps ask it of each word in them.
#[must_use]
pub fn has_property(kind: &str, property: &str) -> bool {
    static OWN: Memo<String, Arc<[&'static str]>> = Memo::new(100_000);
    let own = || {
        let known = definitions(kind).unwrap_or_default();
        known.first().map(|(_, own)| own.iter().map(|(at, ..)| name(*at)).collect()).unwrap_or_default()
    };
    OWN.answer(kind, |own| own.len(), own).contains(&property)
}

/// What a resource type is made of, its own properties first; `None` for a type that AWS does not have.
fn definitions(kind: &str) -> Option<Definitions> {
    packed(kind).map(|packed| postcard::from_bytes(packed).unwrap_or_default())
}

fn name(at: u32) -> &'static str {
    table().names.get(at as usize..).and_then(|from| from.lines().next()).unwrap_or("")
}

/// The resource type whose name is most like one that AWS does not have; `None` when none is like it.
#[must_use]
pub fn nearest_type(kind: &str) -> Option<&'static str> {
    meant(table().types.iter().map(|(name, _)| *name), kind)
}

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// To a property, or to where everything is.
    There,
    /// Past a list, into whose items this step should lead.
    Past(String),
    /// Nowhere, from this step on; the name that is most like the step, if one is.
    Lost(String, Option<&'static str>),
}

/// How the properties are called whose text is a document in JSON, rather than a map.
const DOCUMENTS: &[&str] = &["DefinitionString", "Document", "Policy", "PolicyText", "TemplateBody"];

/// Where the path of a rule leads in a resource type. A type that AWS does not have has everything.
#[must_use]
pub fn way(kind: &str, path: &[Step]) -> Way {
    let Some(known) = definitions(kind) else { return Way::There };
    // What is looked into, and the lists and maps around it that have not been entered yet.
    let Some((mut target, mut around)) = known.first().map(|(own, _)| (*own, "")) else { return Way::There };
    let mut inside = "";
    for step in path {
        match (around.split_at_checked(1), step) {
            // A map's keys are whatever they are.
            (Some(("{", inner)), _) => around = inner,
            // The items of lists in a list are items of the list.
            (Some((_, inner)), Step::Items) => around = inner.trim_start_matches('['),
            (None, _) if target == ANYTHING => return Way::There,
            // A text that holds a document has whatever that has.
            (None, Step::Key(_))
                if DOCUMENTS.iter().any(|end| inside.ends_with(end)) && !known.iter().any(|(at, _)| *at == target) =>
            {
                return Way::There;
            }
            (Some(_), Step::Key(key)) => return Way::Past(key.clone()),
            (None, Step::Items) => return Way::Lost("[]".to_owned(), None),
            (None, Step::Key(key)) => {
                let properties = known.iter().find(|(at, _)| *at == target).map_or(&[][..], |(_, all)| all);
                let Some((_, wraps, leads_to)) = properties.iter().find(|(at, ..)| name(*at) == key) else {
                    return Way::Lost(key.clone(), meant(properties.iter().map(|(at, ..)| name(*at)), key));
                };
                (target, around, inside) = (*leads_to, wraps, key);
            }
        }
    }
    Way::There
}

/// The word that is most like one, if it can be that word with a typing mistake.
fn meant(words: impl Iterator<Item = &'static str>, got: &str) -> Option<&'static str> {
    nearest_by(got, words, |word| word, |word| 2.min(word.len() / 4))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::Path;

    fn asked(kind: &str, path: &str) -> Way {
        way(kind, &Path::parse(path).expect("the path is one").steps)
    }

    /// Properties are found at any depth, through lists, maps and recursion, and nothing else is.
    #[test]
    fn ways_lead_where_aws_says() {
        let rule = "BucketEncryption.ServerSideEncryptionConfiguration";
        let deep = "Rules[].Statement.NotStatement.Statement.NotStatement.Statement.GeoMatchStatement.CountryCodes[]";
        for (kind, path) in [
            ("AWS::S3::Bucket", "BucketName"),
            ("AWS::S3::Bucket", "PublicAccessBlockConfiguration.BlockPublicAcls"),
            ("AWS::S3::Bucket", rule),
            ("AWS::S3::Bucket", &format!("{rule}[].ServerSideEncryptionByDefault.SSEAlgorithm")),
            ("AWS::Lambda::Function", "Environment.Variables.KEY"),
            ("AWS::Lambda::Function", "Environment.Variables[]"),
            ("AWS::IAM::Role", "AssumeRolePolicyDocument.Statement[].Effect"),
            ("AWS::Serverless::Function", "MemorySize"),
            ("AWS::WAFv2::WebACL", deep),
            ("AWS::CodeBuild::Project", "Triggers.FilterGroups[].Pattern"),
            ("AWS::S3::Buckets", "BucketName"),
            ("AWS::StepFunctions::StateMachine", "DefinitionString.States[].Type"),
            ("AWS::Logs::Destination", "DestinationPolicy.Statement[].Effect"),
        ] {
            assert_eq!(asked(kind, path), Way::There, "{kind} {path}");
        }
        for (kind, path, step, near) in [
            ("AWS::S3::Bucket", "BucketNames", "BucketNames", Some("BucketName")),
            (
                "AWS::S3::Bucket",
                "VersioningConfigurtion.Status",
                "VersioningConfigurtion",
                Some("VersioningConfiguration"),
            ),
            ("AWS::S3::Bucket", "VersioningConfiguration.Stauts", "Stauts", Some("Status")),
            ("AWS::S3::Bucket", "VersioningConfiguration.Statu", "Statu", Some("Status")),
            ("AWS::S3::Bucket", "BucketName.Inner", "Inner", None),
            ("AWS::S3::Bucket", "BucketName[]", "[]", None),
            ("AWS::S3::Bucket", "Nothing.Like.It", "Nothing", None),
        ] {
            assert_eq!(asked(kind, path), Way::Lost(step.to_owned(), near), "{kind} {path}");
        }
        let past = asked("AWS::S3::Bucket", &format!("{rule}.BucketKeyEnabled"));
        assert_eq!(past, Way::Past("BucketKeyEnabled".to_owned()));
        assert!(table().types.len() > 1500 && has_type("AWS::Lambda::Function") && !has_type("AWS::Lambda"));
        assert_eq!(nearest_type("AWS::S3::Buckt"), Some("AWS::S3::Bucket"));
        assert_eq!(nearest_type("Own::Service::Thing"), None);
    }

    /// Every definition that a property leads to is there, and every type has properties.
    #[test]
    fn the_table_holds_together() {
        let holds = |packed: &[u8]| {
            let known: Definitions = postcard::from_bytes(packed).expect("build.rs packed it");
            let is_there = |target: u32| target < 2 || known.iter().any(|(at, _)| *at == target);
            known.iter().flat_map(|(_, all)| all).all(|(.., target)| is_there(*target))
        };
        assert!(table().types.iter().all(|(_, packed)| holds(packed)));
    }

    /// What we hold to be secrets are properties that AWS has.
    #[test]
    fn the_tables_name_what_exists() {
        for (kind, path) in super::super::secrets::all() {
            assert_eq!(asked(kind, &path.replace(".*", "[]")), Way::There, "{kind} {path}");
        }
    }
}
