//! `serverless.ts` and `serverless.js` made to break us: they are read, never run, and read as little as can be.

use std::fmt::Write as _;

use super::{Folder, one};

/// A service that is open to the world, with room for more.
fn service(more: &str) -> String {
    let functions = "{ f: { handler: 'a.b', url: true } }";
    format!(
        "const c = {{\nservice: 's', provider: {{ name: 'aws' }}, functions: {functions},\n{more}}};\nmodule.exports = c;\n"
    )
}

/// What is said of it, at the function's `url`.
const OPEN: &str = "lambda-url-no-auth";
const AT: &str = ":2:";

/// Read as any other, whatever stands in it besides.
fn read(name: &str, text: &str) {
    one(name, text, 1, AT, OPEN);
}

/// Read as far as it can be, and told to be broken at a place.
fn broken(name: &str, text: &str, place: &str, words: &str) {
    one(name, text, 2, place, &format!("syntax-error: {words}"));
}

fn many(text: &str, times: usize) -> String {
    text.repeat(times)
}

/// Objects, lists and brackets of a hundred thousand levels end at a depth; code of any depth is code.
#[test]
fn deep() {
    let n = 100_000;
    for (open, close) in [("{a:", "}"), ("[", "]"), ("(", ")"), ("`${", "}`")] {
        let text = service(&format!("custom: {}1{}", many(open, n), many(close, n)));
        broken("serverless.ts", &text, ":3:", "nested deeper than 255 levels");
        one("serverless.ts", &text, 2, AT, OPEN);
    }
    for (open, close) in
        [("f(", ")"), ("()=>{", "}"), ("a?", ":2"), ("!", ""), ("a=>", ""), ("", " as any"), ("", ".b")]
    {
        read("serverless.ts", &service(&format!("custom: {}1{}", many(open, n), many(close, n))));
    }
    let types = format!("const x: {}string{} = 1;\n", many("Array<", n), many(">", n));
    let interfaces = format!("type A = {}string{};\n", many("{a:", n), many("}", n));
    for text in [types, interfaces] {
        one("serverless.ts", text + &service(""), 1, ":3:", OPEN);
    }
    broken(
        "serverless.js",
        &service(&format!("custom: {}", many("[", n))),
        ":3:",
        "another bracket is to be closed first",
    );
}

/// What is never closed is told where it begins, and nobody waits for its end.
#[test]
fn open_ended() {
    for (more, column, words) in [
        ("custom: 'abc", 9, "this text is not closed on its line"),
        ("custom: \"abc", 9, "this text is not closed on its line"),
        ("custom: `abc", 9, "this template is never closed"),
        ("custom: `abc${ 1 ", 13, "another bracket is to be closed first"),
        ("custom: 1 /* abc", 11, "this comment is never closed"),
        ("custom: {", 9, "this bracket is never closed"),
        ("custom: ]", 9, "another bracket is to be closed first"),
    ] {
        let text = service(more);
        // A bracket that closes the object closes what was opened last.
        let (place, words) = match more {
            "custom: {" => (":1:11:".to_owned(), words),
            "custom: `abc${ 1 " => (":3:9:".to_owned(), "this template is never closed"),
            _ => (format!(":3:{column}:"), words),
        };
        broken("serverless.ts", &text, &place, words);
    }
    broken("serverless.js", &format!("{}}}", service("")), ":5:1:", "there is nothing that this bracket closes");
    broken(
        "serverless.js",
        &service(&format!("custom: {}", many("/* ", 500_000))),
        ":3:9:",
        "this comment is never closed",
    );
    broken(
        "serverless.js",
        &service(&format!("custom: `{}", many("x", 1_000_000))),
        ":3:9:",
        "this template is never closed",
    );
    // No pattern at all, and a pattern that looks like a comment.
    read("serverless.js", &service("custom: /abc"));
    read("serverless.js", &service("custom: /[/*]'\"/g.test('x')"));
}

/// Names that stand for themselves, for one another and for twice what came before come to an end.
#[test]
fn circles_and_bombs() {
    for before in [
        "const a = a;\n",
        "const a = b, b = a;\n",
        "const a = {...a, b: 1};\n",
        "const a = [...a, ...a];\n",
        "let a = () => a(a);\n",
    ] {
        for more in ["custom: a", "...a", "custom: [...a, ...a]", "custom: `${a}${a}`"] {
            one("serverless.ts", format!("{before}{}", service(more)), 1, ":3:", OPEN);
        }
    }
    read("serverless.js", &service("...c, custom: c, ...module.exports"));
    let twice = |each: &str| {
        let mut text = "const a0 = ['xx'];\nconst t0 = 'xx';\n".to_owned();
        for n in 1..60 {
            let before = n - 1;
            let _ = writeln!(text, "{}", each.replace('$', &n.to_string()).replace('#', &before.to_string()));
        }
        text + &service("custom: [a59, t59]")
    };
    for (each, code) in [
        ("const a$ = [a#, a#];", 2),
        ("const a$ = {l: a#, r: a#};", 2),
        ("const a$ = {...{x: a#}, ...{y: a#}};", 2),
        ("const a$ = [...a#, ...a#];", 1),
        ("const t$ = t# + t#;", 1),
        ("const t$ = t#.concat(t#);", 1),
    ] {
        let told = Folder::with("serverless.ts", twice(each)).checked(code);
        assert!(told.out.contains("serverless.ts:"), "{each}: {}", told.head());
    }
    // A long text that is repeated is as much as many short ones.
    let long = format!("const b = '{}';\n", many("x", 1_000_000));
    for more in ["custom: [", "custom: `"] {
        let (each, end) = if more.ends_with('[') { ("`${b}${zz}`,", "]") } else { ("${b}", "${zz}`") };
        let text = format!("{long}{}", service(&format!("{more}{}{end}", many(each, 50_000))));
        broken("serverless.ts", &text, ":", "nested deeper than 255 levels, or more than 1000000 values");
    }
}

/// Keys that JavaScript's own objects have are keys like any other.
#[test]
fn prototype_keys() {
    let keys = "__proto__: { functions: 1 }, constructor: {}, prototype: 1, 'toString': 2, ['__proto__']: 3, hasOwnProperty: 1";
    read("serverless.js", &service(keys));
    let functions = "const c = {service: 's', provider: {name: 'aws'}, functions: {\n__proto__: {handler: 'a.b', url: true},\nconstructor: {handler: 'a.b', url: true}}};\nmodule.exports = c;\n";
    one("serverless.js", functions, 1, ":3:", OPEN);
}

/// A million tokens, names, lines and imports are read in one go; what is larger than we read is told.
#[test]
fn very_many_things() {
    let numbered = |each: &str, n: u32| (0..n).fold(String::new(), |all, i| all + &each.replace('#', &i.to_string()));
    read("serverless.ts", &(service("") + &many(";", 1_000_000)));
    read("serverless.ts", &(service("") + &many("a.", 500_000)));
    read("serverless.ts", &(service("") + &many("/a/;", 200_000)));
    read("serverless.ts", &(service("") + &many("<", 500_000)));
    read("serverless.ts", &service(&format!("custom: [{}]", many("1,", 400_000))));
    read("serverless.ts", &service(&format!("custom: {{{}}}", numbered("k#: 1,", 50_000))));
    read("serverless.ts", &service(&format!("custom: `{}`", many("${a}", 300_000))));
    one("serverless.ts", numbered("const c# = 1; ", 100_000) + &service(""), 1, AT, OPEN);
    one("serverless.ts", numbered("import x# from './nothing#'; ", 20_000) + &service(""), 1, AT, OPEN);
    one("serverless.ts", many("\n", 2_000_000) + &service(""), 1, ":2000002:", OPEN);
    let large = service(&format!("custom: '{}'", many("x", 5 << 20)));
    broken("serverless.js", &large, ":1:1:", "a script of more than 4 MB is not read");
}

/// Imports of itself, of what is outside and of what is none lead nowhere.
#[test]
fn imports_lead_nowhere() {
    for more in [
        "custom: require('./serverless.js')",
        "...require('./serverless')",
        "custom: require('../../../../../../etc/passwd')",
        "custom: require('/etc/passwd')",
        "custom: require('/dev/zero')",
        "custom: require('./neighbour.yaml')",
        "custom: require('.')",
        "custom: require('')",
    ] {
        read("serverless.js", &service(more));
    }
}
