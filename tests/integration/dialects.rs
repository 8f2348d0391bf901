//! What lowering promises: everything deployed was caused by something the user wrote.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use portcullis::dialect::{self, Input, Options};
use portcullis::discover::DiskLoader;
use portcullis::source::{Arena, FileId, Source, Sources, Span};
use portcullis::syntax;
use portcullis::template::{Intrinsic, Kind, Template, Value, to_json};

fn templates(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            templates(&path, found);
        } else if path.extension().is_some_and(|e| ["yaml", "yml", "json", "ts"].iter().any(|k| e == *k)) {
            found.push(path);
        }
    }
}

/// Lowers the first of some files in a folder of their own, and shows the template to `look`.
fn lowered(files: &[(&str, &str)], options: &Options, look: impl FnOnce(&Template<'_>, &Sources)) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    let (name, text) = files.first().expect("a template");
    let arena = Arena::new();
    let sources = Sources::new(Arc::new(Source::new(*name, *text)));
    let document = syntax::parse_file(&arena, FileId(0), name, sources.get(FileId(0)).text());
    let loader = DiskLoader::new(folder.path());
    let input = Input { arena: &arena, sources: &sources, loader: &loader, options };
    let template = dialect::lower(&document, &input).expect("a template of ours");
    look(&template, &sources);
}

/// A property as JSON.
fn property(template: &Template<'_>, id: &str, path: &str) -> serde_json::Value {
    let json = to_json(template);
    json.pointer(&format!("/Resources/{id}/Properties/{path}")).cloned().unwrap_or_default()
}

/// A service in TypeScript is the object it exports, with what it imports, and nothing of it is run.
#[test]
fn a_service_in_typescript_is_what_it_exports() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/dialects/serverless-ts");
    let names =
        ["serverless.ts", "resources.ts", "tsconfig.json", "src/functions/index.ts", "src/functions/hello/index.ts"];
    let texts = names.map(|name| std::fs::read_to_string(root.join(name)).expect("testdata can be read"));
    let files: Vec<_> = names.iter().zip(&texts).map(|(name, text)| (*name, text.as_str())).collect();
    lowered(&files, &Options::default(), |template, sources| {
        let place = |id: &str| {
            let key = template.resource(id).expect("a resource").key.span;
            (sources.get(key.file).path().to_owned(), sources.get(key.file).position(key.start).line)
        };
        assert_eq!(place("HelloLambdaFunction"), ("src/functions/index.ts".to_owned(), 1));
        assert_eq!(place("ApiGatewayMethodHelloPost"), ("src/functions/hello/index.ts".to_owned(), 5));
        assert_eq!(place("Orders"), ("resources.ts".to_owned(), 2));
        assert_eq!(property(template, "Orders", "AccessControl"), "PublicRead");
        let variable = |name: &str| property(template, "HelloLambdaFunction", &format!("Environment/Variables/{name}"));
        assert_eq!(variable("TABLE"), "orders-dev");
        assert_eq!(variable("ORIGIN/Fn::Join/1/1"), "eu-west-1");
        assert_eq!(variable("ORIGIN/Fn::Join/1/3"), serde_json::json!({"Fn::Unknown": "process.env.SHOP_PATH"}));
        assert_eq!(variable("KEY/Fn::Unknown"), "`getKey()` is code, which is not executed");
        let statement = "Policies/0/PolicyDocument/Statement/2/Action/0";
        assert_eq!(property(template, "IamRoleLambdaExecution", statement), "dynamodb:Scan");
        assert_eq!(template.unknown_parts.len(), 0);
    });
}

/// A finding that hangs on the stage says so; a stage that is given leaves the others out.
#[test]
fn findings_say_the_stage() {
    let text = "service: shop\nprovider:\n  name: aws\n  stage: ${opt:stage, 'dev'}\ncustom:\n  acl: {dev: Private, prod: PublicRead}\nresources:\n  Resources:\n    B: {Type: AWS::S3::Bucket, Properties: {AccessControl: '${self:custom.acl.${sls:stage}}'}}\n";
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("serverless.yml"), text).expect("a file");
    let found = |more: &[&str]| {
        let fixed =
            ["check", "serverless.yml", "--format", "json", "--no-config", "--select", "s3-bucket-acl-public-read"];
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .args(fixed.iter().chain(more))
            .current_dir(folder.path())
            .output()
            .expect("the binary runs");
        let report: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON");
        let all = report["findings"].as_array().expect("a list").clone();
        all.iter().map(|f| f["under"].as_str().unwrap_or("always").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found(&[]), ["stage is not dev"]);
    assert_eq!(found(&["--stage", "prod"]), ["always"]);
    assert_eq!(found(&["--stage", "dev"]), [""; 0]);
}

/// What a script leaves to code is not known, and no absence is concluded from it.
#[test]
fn what_is_left_to_code_is_not_known() {
    let text = "module.exports = {\n  service: 'shop',\n  provider: {name: 'aws', ...base},\n  functions: {\n    a: {handler: 'x', ...common},\n    b: makeFunction(),\n    ...more,\n  },\n}\n";
    lowered(&[("serverless.js", text)], &Options::default(), |template, _| {
        let ids: Vec<_> =
            template.resources.iter().filter(|r| r.kind == "AWS::Lambda::Function").map(|r| r.id).collect();
        assert_eq!(ids, ["ALambdaFunction", "BLambdaFunction"]);
        assert_eq!(property(template, "ALambdaFunction", "Handler"), "x");
        for property in
            [property(template, "ALambdaFunction", "MemorySize"), property(template, "BLambdaFunction", "Handler")]
        {
            assert!(property.get("Fn::Unknown").is_some(), "{property}");
        }
        let why: Vec<_> = template.unknown_parts.iter().map(|(_, why)| *why).collect();
        for code in ["...base", "...common", "makeFunction()", "...more"] {
            assert!(why.iter().any(|why| why.contains(code)), "{code} is not among {why:?}");
        }
    });
}

/// A literal in a script that a variable names is read; what computes it is not.
#[test]
fn literals_of_included_scripts_are_read() {
    let text = "service: shop\nprovider:\n  name: aws\n  environment:\n    A: ${file(env.js):names.a}\n    B: ${file(env.js):b}\n    C: ${file(run.js)}\n";
    let files = [("serverless.yml", format!("{text}functions:\n  f: {{handler: x}}\n"))];
    let scripts = [
        ("env.js", "module.exports.names = {a: `x`}\nmodule.exports.b = () => ('${sls:stage}')\n"),
        ("run.js", "module.exports = () => compute()"),
    ];
    let all: Vec<_> = files.iter().map(|(n, t)| (*n, t.as_str())).chain(scripts).collect();
    lowered(&all, &Options::default(), |template, _| {
        let variable = |name: &str| property(template, "FLambdaFunction", &format!("Environment/Variables/{name}"));
        assert_eq!((variable("A"), variable("B")), ("x".into(), "dev".into()));
        assert_eq!(variable("C/Fn::Unknown"), "${file(run.js)}");
    });
}

/// Every value of every lowered resource, declared and deployed, points at bytes that the user wrote.
#[test]
fn every_value_has_an_origin() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut files = Vec::new();
    templates(&root.join("demo"), &mut files);
    templates(&root.join("dialects"), &mut files);
    // More than the project holds: a folder of whoever runs this.
    if let Some(more) = std::env::var_os("TEMPLATES") {
        templates(Path::new(&more), &mut files);
    }
    files.sort();
    let (mut seen, mut lowered) = (0, 0);
    for file in files {
        let text = std::fs::read_to_string(&file).expect("testdata can be read");
        let arena = Arena::new();
        let name = file.file_name().expect("a file has a name").to_string_lossy();
        let sources = Sources::new(Arc::new(Source::new(name, text)));
        let source = sources.get(FileId(0));
        let document = syntax::parse_file(&arena, FileId(0), source.path(), source.text());
        let loader = DiskLoader::new(file.parent().expect("a file has a folder"));
        let options = Options::default();
        let input = Input { arena: &arena, sources: &sources, loader: &loader, options: &options };
        let Some(template) = dialect::lower(&document, &input) else { continue };
        lowered += 1;
        let check = |span: Span, what: &str| {
            let source = sources.get(span.file);
            let inside = source.text().get(span.range()).is_some();
            assert!(inside && span.start <= span.end, "{}: {what} points at no text ({span:?})", file.display());
        };
        walk(&template, &mut |value, what| {
            seen += 1;
            check(value.origin.span, what);
        });
        for resource in template.resources.iter().chain(&template.declared) {
            check(resource.key.span, resource.id);
            check(resource.kind_origin.span, resource.id);
        }
    }
    assert!(lowered >= 5 && seen > 500, "the demo has templates of every dialect: {lowered} files, {seen} values");
}

fn walk(template: &Template<'_>, visit: &mut dyn FnMut(&Value<'_>, &str)) {
    for resource in template.resources.iter().chain(&template.declared) {
        value(&resource.properties, resource.id, visit, 0);
        resource.attributes.entries.iter().for_each(|e| value(&e.value, resource.id, visit, 0));
    }
}

fn value(v: &Value<'_>, what: &str, visit: &mut dyn FnMut(&Value<'_>, &str), depth: usize) {
    assert!(depth < 400, "{what} is nested without end");
    visit(v, what);
    let mut each = |inner: &Value<'_>| value(inner, what, visit, depth + 1);
    match v.kind {
        Kind::List(items) => items.iter().for_each(each),
        Kind::Map(map) => map.entries.iter().for_each(|e| each(&e.value)),
        Kind::Intrinsic(Intrinsic::Sub { pieces, .. }) => pieces.iter().for_each(each),
        Kind::Intrinsic(
            Intrinsic::If(_, a, b) | Intrinsic::Join(a, b) | Intrinsic::Select(a, b) | Intrinsic::Split(a, b),
        ) => {
            each(a);
            each(b);
        }
        _ => {}
    }
}
