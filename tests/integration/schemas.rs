//! What properties resource types have, as AWS's resource provider schemas say: for checking rules' paths.
//!
//! `testdata/schemas/properties.txt` is made by `refresh.py`. `@Type` begins a resource type, `#Name` one of
//! its definitions; between them stands one property a line: name, shape, flags, `=` and values if few.
//! A shape is a letter (`s`tring, `i`nteger, `n`umber, `b`oolean, `o`bject of any content, `?` anything)
//! or `#Definition`, behind a `[` for each list and a `{` for each map around it. Flags: `r`equired,
//! `c`reate-only, `o`utput-only, `w`rite-only. `!c` lines name inner create-only paths, and so on.

use std::collections::BTreeMap;
use std::sync::OnceLock;

static TEXT: &str = include_str!("../../testdata/schemas/properties.txt");

/// What a property is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// What it holds.
    pub(crate) shape: Shape,
    /// It must be given.
    pub(crate) required: bool,
    /// Changing it replaces the resource.
    pub(crate) create_only: bool,
    /// It is an attribute for `GetAtt`, not to be set.
    pub(crate) read_only: bool,
    /// The values it may have, when few.
    pub(crate) values: Vec<&'static str>,
}

/// What a property holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Text.
    Text,
    /// A number without fraction.
    Integer,
    /// A number.
    Number,
    /// A boolean.
    Bool,
    /// A map with known keys.
    Object,
    /// A list.
    List,
    /// A map with any keys.
    Map,
    /// JSON of any content, or something of which the schema says nothing.
    Any,
}

type Block = BTreeMap<&'static str, &'static str>;

#[derive(Default)]
struct Type {
    blocks: BTreeMap<&'static str, Block>,
    create_only: Vec<&'static str>,
}

fn types() -> &'static BTreeMap<&'static str, &'static str> {
    static ALL: OnceLock<BTreeMap<&'static str, &'static str>> = OnceLock::new();
    ALL.get_or_init(|| TEXT.split("\n@").skip(1).map(|block| block.split_once('\n').unwrap_or((block, ""))).collect())
}

fn read(block: &'static str) -> Type {
    let mut found = Type::default();
    let mut name = "";
    found.blocks.insert(name, Block::new());
    for line in block.lines() {
        if let Some(definition) = line.strip_prefix('#') {
            name = definition;
            found.blocks.insert(name, Block::new());
        } else if let Some(inner) = line.strip_prefix('!') {
            if let Some(paths) = inner.strip_prefix("c ") {
                found.create_only = paths.split(' ').collect();
            }
        } else if let Some((property, rest)) = line.split_once(' ') {
            found.blocks.entry(name).or_default().insert(property, rest);
        }
    }
    found
}

/// True when AWS has the resource type.
pub(crate) fn has_type(kind: &str) -> bool {
    types().contains_key(kind)
}

/// What the property at a path is: dotted, `[]` or `*` for the items of a list, `*` for the values of a
/// map. `None` when there is no such property. Below JSON of any content everything is there.
pub(crate) fn has(kind: &str, path: &str) -> Option<Kind> {
    let known = read(types().get(kind)?);
    let path = path.replace("[]", ".*").replace("[*]", ".*");
    let mut block = "";
    // What is left of the shape of the last property: `[#Tag`, once its list is entered, is `#Tag`.
    let mut open: Option<(&'static str, &'static str)> = None;
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let (shape, flags) = match open {
            None => line(known.blocks.get(block)?.get(step)?),
            Some(("o" | "?", _)) => ("?", ""),
            Some((shape, flags)) => match shape.split_at(1) {
                ("[", inner) if step == "*" || step.parse::<usize>().is_ok() => (inner, flags),
                // A property of a list's items, without the step into the list, is a mistake.
                ("[", _) => return None,
                ("{", inner) => (inner, flags),
                ("#", definition) => {
                    block = definition;
                    line(known.blocks.get(block)?.get(step)?)
                }
                _ => return None,
            },
        };
        open = Some((shape, flags));
    }
    let (shape, flags) = open?;
    let (letters, values) = match flags.split_once('=') {
        Some((letters, values)) => (letters, values.split('|').collect()),
        None => (flags, Vec::new()),
    };
    let shape = match shape.split_at(1).0 {
        "s" => Shape::Text,
        "i" => Shape::Integer,
        "n" => Shape::Number,
        "b" => Shape::Bool,
        "#" => Shape::Object,
        "[" => Shape::List,
        "{" => Shape::Map,
        _ => Shape::Any,
    };
    Some(Kind {
        shape,
        required: letters.contains('r'),
        create_only: letters.contains('c') || known.create_only.contains(&path.as_str()),
        read_only: letters.contains('o'),
        values,
    })
}

fn line(rest: &'static str) -> (&'static str, &'static str) {
    rest.split_once(' ').unwrap_or((rest, ""))
}

/// Properties are found at any depth, through lists, maps and recursion, and nothing else is.
#[test]
fn finds_properties() {
    let shape = |kind: &str, path: &str| has(kind, path).map(|k| k.shape);
    assert_eq!(shape("AWS::S3::Bucket", "BucketName"), Some(Shape::Text));
    assert_eq!(shape("AWS::S3::Bucket", "PublicAccessBlockConfiguration.BlockPublicAcls"), Some(Shape::Bool));
    let rule = "BucketEncryption.ServerSideEncryptionConfiguration";
    assert_eq!(shape("AWS::S3::Bucket", rule), Some(Shape::List));
    assert_eq!(
        shape("AWS::S3::Bucket", &format!("{rule}[].ServerSideEncryptionByDefault.SSEAlgorithm")),
        Some(Shape::Text)
    );
    assert_eq!(shape("AWS::S3::Bucket", &format!("{rule}.*.BucketKeyEnabled")), Some(Shape::Bool));
    assert_eq!(shape("AWS::S3::Bucket", &format!("{rule}.BucketKeyEnabled")), None);
    assert_eq!(shape("AWS::S3::Bucket", "BucketNames"), None);
    assert_eq!(shape("AWS::S3::Buckets", "BucketName"), None);
    assert_eq!(shape("AWS::Lambda::Function", "Environment.Variables.KEY"), Some(Shape::Any));
    assert_eq!(shape("AWS::IAM::Role", "AssumeRolePolicyDocument.Statement"), Some(Shape::Any));
    assert_eq!(shape("AWS::Serverless::Function", "MemorySize"), Some(Shape::Integer));
    let deep = "Rules[].Statement.NotStatement.Statement.NotStatement.Statement.GeoMatchStatement.CountryCodes[]";
    assert_eq!(shape("AWS::WAFv2::WebACL", deep), Some(Shape::Text));
}

/// Flags and values come with the property.
#[test]
fn knows_flags_and_values() {
    let name = has("AWS::S3::Bucket", "BucketName").expect("a property");
    assert!(name.create_only && !name.required && !name.read_only);
    assert!(has("AWS::S3::Bucket", "Arn").is_some_and(|k| k.read_only));
    assert!(has("AWS::IAM::Role", "AssumeRolePolicyDocument").is_some_and(|k| k.required));
    let status = has("AWS::S3::Bucket", "VersioningConfiguration.Status").expect("a property");
    assert_eq!(status.values, ["Enabled", "Suspended"]);
}

/// Every definition that is referred to is there, and every type has properties.
#[test]
fn the_listing_holds_together() {
    for (kind, block) in types() {
        let known = read(block);
        for (name, lines) in &known.blocks {
            for (property, rest) in lines {
                let shape = line(rest).0.trim_start_matches(['[', '{']);
                if let Some(definition) = shape.strip_prefix('#') {
                    assert!(known.blocks.contains_key(definition), "{kind} {name}.{property}: {definition}");
                }
            }
        }
    }
    assert!(types().len() > 1500 && has_type("AWS::Lambda::Function") && !has_type("AWS::Lambda"));
}

/// What we hold to be secrets, stateful or ending are properties and types that AWS has.
#[test]
fn the_tables_name_what_exists() {
    use portcullis::analysis::knowledge::{secrets, stateful};
    for (kind, path) in secrets::all() {
        // The keys of a map are ours to know.
        assert!(has(kind, path).is_some(), "{kind} {path}");
    }
    for kind in stateful::kinds() {
        assert!(has_type(kind), "{kind}");
    }
}
