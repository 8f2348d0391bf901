use super::*;
use crate::syntax::{Data, Node, Style, parse_file};

/// The tree as one line: code is `<its text>`, imports are `@path#name`, pieces are joined by `~`.
fn shown(node: &Node<'_>, text: &str) -> String {
    let written = |node: &Node<'_>| text.get(node.span.range()).unwrap_or("?").to_owned();
    match (node.target().data, node.target().tag.map(|t| t.name)) {
        (_, Some(CODE)) => format!("<{}>", written(node.target())),
        (Data::Scalar(text, _), Some(IMPORT)) => format!("@{text}"),
        (Data::Scalar(text, Style::Plain), _) => text.to_owned(),
        (Data::Scalar(text, _), _) => format!("{text:?}"),
        (Data::Sequence(items, _), tag) => {
            let between = if tag == Some(PIECES) { "~" } else { "," };
            format!("[{}]", items.iter().map(|i| shown(i, text)).collect::<Vec<_>>().join(between))
        }
        (Data::Mapping(pairs, _), _) => {
            let pair = |p: &Pair<'_>| {
                let key = if p.key.tag.is_some() { "...".to_owned() } else { p.name().unwrap_or("?").to_owned() };
                format!("{key}:{}", shown(&p.value, text))
            };
            format!("{{{}}}", pairs.iter().map(pair).collect::<Vec<_>>().join(","))
        }
        (Data::Alias(_), _) => "alias".to_owned(),
    }
}

fn read(text: &str) -> String {
    let arena = Arena::new();
    let document = parse_file(&arena, FileId(0), "serverless.ts", text);
    assert_eq!(document.problems, []);
    document.root().map_or_else(|| "nothing".to_owned(), |root| shown(root, text))
}

/// The forms in which an object is exported.
#[test]
fn an_object_is_exported_in_many_forms() {
    for text in [
        "module.exports = {a: 1}",
        "'use strict';\nmodule.exports = {a: 1};",
        "export default {a: 1} satisfies AWS;",
        "export default ({a: 1} as const);",
        "export = {a: 1}",
        "const c: AWS = {a: 1};\n\nmodule.exports = c;",
        "const c: AWS & {x: Foo<Bar, Baz>}['y'][] = {a: 1}\nmodule.exports = c\n",
        "const c = <AWS>{a: 1};\nexport default c;",
        "const c = {a: 1} as AWS\nexport { c as default }\n",
        "import type { AWS } from '@serverless/typescript';\nlet c = {a: 1} as unknown as AWS;\nexport default c",
        "exports.a = 1",
        "export const a = 1;",
        "module.exports = () => ({a: 1})",
        "module.exports = async (x: T): Promise<T> => ({a: 1});",
        "module.exports = async ({ options, resolveVariable }) => { return { a: 1 }; };",
        "module.exports = function () {\n  const n = 1\n  return {a: n}\n}",
        "module.exports = f\nasync function f(x) { return {a: 1} }",
        "const f = () => ({a: 1})\nmodule.exports = f",
        "exports.a = () => 1",
        "module.exports = (async () => ({a: 1}))()",
        "module.exports = (() => { return {a: 1} })();",
        "#!/usr/bin/env node\nconst n = 1, c = {a: n}; module.exports = c",
        "\u{feff}// comment\n/* {{{ */ module.exports = {a: 1}",
        "const r = /['\"`{]/g; const d = 4 / 2; module.exports = {a: 1}",
    ] {
        assert_eq!(read(text), "{a:1}", "{text}");
    }
}

/// Literals are read with their quotes, escapes and digits; keys in every form.
#[test]
fn literals_are_read() {
    let read = |value: &str| read(&format!("export default {{v: {value}}}"));
    for (written, meant) in [
        ("'it\\'s'", r#"{v:"it's"}"#),
        ("\"a\\nb\"", r#"{v:"a\nb"}"#),
        ("`\\${self:x}`", r#"{v:"${self:x}"}"#),
        ("'${self:x}'", r#"{v:"${self:x}"}"#),
        ("-1", "{v:-1}"),
        ("1_000", "{v:1000}"),
        ("0x10", "{v:16}"),
        ("true", "{v:true}"),
        ("undefined", "{v:null}"),
        ("[1, 'b', , [null,],]", r#"{v:[1,"b",[null]]}"#),
        ("{'a-b': 1, \"c\": 2, 3: 4, [`d`]: 5, e: {},}", "{v:{a-b:1,c:2,3:4,d:5,e:{}}}"),
        ("'a' + \"b\" + `c`", r#"{v:"abc"}"#),
        ("('a' as const)!", r#"{v:"a"}"#),
        ("{a: 1, a: 2}", "{v:{a:2}}"),
    ] {
        assert_eq!(read(written), meant, "{written}");
    }
}

/// What is no literal says so, as far as it goes and no further.
#[test]
fn what_is_no_literal_is_code() {
    let read = |value: &str| read(&format!("export default {{v: {value}, w: 1}}"));
    for (written, meant) in [
        ("f({a: 1}, 2)", "<f({a: 1}, 2)>"),
        ("x ? 'a' : 'b'", "<x ? 'a' : 'b'>"),
        ("(a, b) => ({a, b})", "<(a, b) => ({a, b})>"),
        ("async function () { return {} }", "<async function () { return {} }>"),
        ("[1, 2].map((n) => n)", "<[1, 2].map((n) => n)>"),
        ("{a: 1}.b", "<{a: 1}.b>"),
        ("process.env.STAGE", "<process.env.STAGE>"),
        ("process.env.STAGE || 'dev'", r#""dev""#),
        ("process.env['STAGE'] ?? 'dev'", r#""dev""#),
        ("x || 'dev'", "<x || 'dev'>"),
        ("60 * 5", "<60 * 5>"),
        ("1 + 1", "<1 + 1>"),
        ("/a,b/", "</a,b/>"),
        ("await x", "<await x>"),
        ("{...x, a: 1}", "{...:<...x>,a:1}"),
        (
            "{a: 1, [x.y]: 2, b() { return 1 }, get c() { return 2 }}",
            "{a:1,...:<[x.y]: 2>,b:<b() { return 1 }>,c:<c() { return 2 }>}",
        ),
        ("[...x, 1]", "[<...x>,1]"),
        ("`a-${x}-b${y()}`", r#"["a-"~<x>~"-b"~<y()>]"#),
        ("'a' + x.y", r#"["a"~<x.y>]"#),
        ("x + 'a'", r#"[<x>~"a"]"#),
        ("1 + x + 'a'", "<1 + x + 'a'>"),
    ] {
        assert_eq!(read(written), format!("{{v:{meant},w:1}}"), "{written}");
    }
}

/// Names of the file stand for what they are declared as, wherever that is.
#[test]
fn names_are_followed() {
    for (text, meant) in [
        ("export default {a: b, b}; const b = {c: 'd'}", r#"{a:{c:"d"},b:{c:"d"}}"#),
        ("const b = {c: {d: 1}}\nexport default {a: b.c.d, e: b['c'], f: b.x}", "{a:1,e:{d:1},f:<b.x>}"),
        ("const b = {a: 1, c: 2}\nexport default {c: 3, ...b, a: 4}", "{c:2,a:4}"),
        ("const l = [1, 2]\nexport default {l: [0, ...l]}", "{l:[0,1,2]}"),
        ("const s = 'x'\nexport default {n: `a-${s}`, [s]: 1}", r#"{n:"a-x",x:1}"#),
        ("const a = b\nconst b = a\nexport default {a}", "{a:<a>}"),
        ("let a = 1\na = 2\nexport default {a}", "{a:<a>}"),
        ("const c = {a: 1}\nif (x) { c.b = 2 }\nexport default c", "{a:1,...:<>}"),
        ("const c = {a: []}\nc.a.push(1)\nexport default c", "{a:[],...:<>}"),
        ("const c = {a: 1}\nObject.assign(c, d)\nexport default c", "{a:1,...:<>}"),
        ("const c = {a: 1}\nconsole.log(c.a == 1, c)\nexport default c", "{a:1}"),
        ("const c =\n  'a' +\n  'b'\nexport default {c}", r#"{c:"ab"}"#),
    ] {
        assert_eq!(read(text), meant, "{text}");
    }
}

/// What comes out of another file says out of which.
#[test]
fn imports_say_where_from() {
    for (text, meant) in [
        ("import hello from '@functions/hello';\nexport default {hello}", "{hello:@@functions/hello#default}"),
        ("import {a, b as c, type D} from './x'\nexport default {a, c, D}", "{a:@./x#a,c:@./x#b,D:<D>}"),
        ("import * as f from './x'\nexport default {f, g: f.g}", "{f:@./x#*,g:@./x#g}"),
        ("const f = require('./x')\nconst {a: b} = require('./y')\nmodule.exports = {f, b}", "{f:@./x#*,b:@./y#a}"),
        ("module.exports = {f: require('./x').y.z}", "{f:@./x#y.z}"),
        ("import x = require('./x')\nexport default {x}", "{x:@./x#*}"),
        ("export { default as hello } from './hello'\nexport * from './more'", "{hello:@./hello#default,*:@./more#*}"),
        ("import r from './x'\nexport default {...r, a: 1}", "{...:@./x#default,a:1}"),
        ("import type X from 'x'\nimport './y'\nexport default {X}", "{X:<X>}"),
    ] {
        assert_eq!(read(text), meant, "{text}");
    }
}

/// A script that exports no object has no root and is no mistake.
#[test]
fn other_scripts_have_no_root() {
    for text in [
        "",
        "console.log('hello')",
        "function f() { return { service: 'x' } }",
        "const a = 1 / 2, b = '/*', c = /[/*'\"`]/",
    ] {
        assert_eq!(read(text), "nothing", "{text}");
    }
}

/// What is never closed, or closes nothing, is told at the place where that begins.
#[test]
fn broken_scripts_are_told() {
    for (text, at, words) in [
        ("const a = {", 10, "this bracket is never closed"),
        ("const a = 'x\nb'", 10, "this text is not closed"),
        ("const a = \"x", 10, "this text is not closed"),
        ("module.exports = {a: `${b}", 21, "this template is never closed"),
        ("module.exports = {a: `b", 21, "this template is never closed"),
        ("export default {a: [}]", 20, "another bracket"),
        ("export default {}}", 17, "there is nothing"),
        ("let a /* open", 6, "this comment is never closed"),
    ] {
        let arena = Arena::new();
        let document = parse_file(&arena, FileId(0), "serverless.ts", text);
        let told: Vec<_> = document.problems.iter().map(|p| (p.span.start, p.message.starts_with(words))).collect();
        assert_eq!(told, [(at, true)], "{text}: {:?}", document.problems);
        assert!(document.broken() && document.root().is_none(), "{text}");
    }
}

/// A function that does more than to return what is written is code, and so is one whose names hide others.
#[test]
fn functions_that_do_more_are_code() {
    for text in [
        "module.exports = () => { if (x) { return {a: 1} } return {a: 2} }",
        "module.exports = () => { const c = {a: 1}; c.b = 2; return c }",
        "const n = 1; module.exports = (n) => ({a: n})",
        "const n = 1; module.exports = () => { const n = f(); return {a: n} }",
        "module.exports = function* () { return {a: 1} }",
        "module.exports = () => {}",
        "module.exports = async () => { return }",
    ] {
        assert!(!read(text).starts_with('{'), "{text}: {}", read(text));
    }
    assert_eq!(
        read("module.exports = async (x) => { const r = await x('y'); return {a: r, b: 2} }"),
        "{a:<await x('y')>,b:2}"
    );
}

/// Places are the file's own, and comments are told line by line.
#[test]
fn places_are_the_files_own() {
    let text = "/**\n * one\n */\nconst f = { x: 'y' } // two\nexport default {\n  'f-g': f, // three\n}\n";
    let arena = Arena::new();
    let document = parse_file(&arena, FileId(0), "serverless.ts", text);
    let comments: Vec<_> = document.comments.iter().map(|c| c.text).collect();
    assert_eq!(comments, ["/**", "* one", "*/", "// two", "// three"]);
    let root = document.root().expect("an object");
    let key = root.pairs().first().expect("a pair").key;
    assert_eq!(text.get(key.span.range()), Some("'f-g'"));
    let value = root.get("f-g").and_then(|f| f.get("x")).expect("a value");
    assert_eq!(text.get(value.span.range()), Some("'y'"));
    assert_eq!(document.roots.len(), 2);
}

/// Nesting without end, sharing without end and odd bytes do no harm.
#[test]
fn hostile_scripts_do_no_harm() {
    let deep = format!("export default {}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let parens = format!("export default {}1{}", "(".repeat(5_000), ")".repeat(5_000));
    let casts = format!("export default {}1", "<T>".repeat(5_000));
    let sums = format!("export default {{a: {}'b'}}", "'a' + ".repeat(5_000));
    let templates = format!("export default {{a: {}1{}}}", "`${".repeat(2_000), "}`".repeat(2_000));
    let mut bomb = "const a0 = [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
    for n in 1..12 {
        let list = format!("...a{},", n - 1).repeat(10);
        bomb.push_str(&format!("const a{n} = [{list}]\n"));
    }
    bomb.push_str("export default {a11}");
    let chain: String = (1..2_000).map(|n| format!("const a{n} = {{x: a{}}}\n", n - 1)).collect();
    let chain = format!("const a0 = 1\n{chain}export default {{a: a1999}}");
    for text in [&deep, &parens, &casts, &sums, &templates, &bomb, &chain] {
        let arena = Arena::new();
        let document = parse_file(&arena, FileId(0), "serverless.js", text);
        // Sums are read, and casts without end are code; everything else is deeper or more than we read.
        let kinds: Vec<_> = document.problems.iter().map(|p| p.kind).collect();
        let limits = usize::from(text != &sums && text != &casts);
        assert_eq!(kinds, vec![ProblemKind::Limit; limits], "{text:.60}");
        assert!(arena.allocated_bytes() < 64 << 20);
    }
    for text in [
        "export default {'é': \"\\é\", ü, [ñ]: `ß${\u{2028}}`}",
        "export default {a: '\\",
        "export\u{a0}default {a: 1}",
    ] {
        let arena = Arena::new();
        let _ = parse_file(&arena, FileId(0), "serverless.js", text);
    }
}
