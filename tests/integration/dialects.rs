//! What lowering promises: everything deployed was caused by something the user wrote.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use portcullis::dialect::{self, Input, Options};
use portcullis::discover::DiskLoader;
use portcullis::source::{Arena, FileId, Source, Sources, Span};
use portcullis::syntax;
use portcullis::template::{Intrinsic, Kind, Template, Value};

fn templates(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            templates(&path, found);
        } else if path.extension().is_some_and(|e| ["yaml", "yml", "json"].iter().any(|k| e == *k)) {
            found.push(path);
        }
    }
}

/// Every value of every lowered resource, declared and deployed, points at bytes that the user wrote.
#[test]
fn every_value_has_an_origin() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut files = Vec::new();
    templates(&root.join("demo"), &mut files);
    templates(&root.join("dialects"), &mut files);
    files.sort();
    let (mut seen, mut lowered) = (0, 0);
    for file in files {
        let text = std::fs::read_to_string(&file).expect("testdata can be read");
        let arena = Arena::new();
        let sources = Sources::new(Arc::new(Source::new(file.to_string_lossy(), text)));
        let document = syntax::parse(&arena, FileId(0), sources.get(FileId(0)).text());
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
