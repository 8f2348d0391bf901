//! The floor plan as a list: a room names only lower floors, never its neighbour.
//!
//! The plan is also drawn in the crate's documentation. When it should change, change it here and say why in
//! the commit; when this test stops you, move the small type down instead.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Floor by floor, the lowest first.
const PLAN: &[&[&str]] = &[
    &["source", "rulebook"],
    &["syntax", "finding"],
    &["template", "fix", "config", "report"],
    &["dialect", "resolve", "suppress", "discover"],
    &["analysis"],
    &["rules"],
    &["scan"],
    &["lsp"],
    &["lib"],
    &["bin"],
];

/// Every path between rooms points down, and every room is on the plan.
#[test]
fn rooms_name_only_lower_floors() {
    let floors = floors();
    let mut complaints = String::new();
    for (room, file, shown) in files() {
        let Some(&floor) = floors.get(room.as_str()) else {
            let _ = writeln!(complaints, "{shown}:1: room `{room}` is not on the plan");
            continue;
        };
        let text = std::fs::read_to_string(&file).expect("the house can be read");
        for (line, complaint) in judge(&text, &room, floor, &modules(&shown), &floors) {
            let _ = writeln!(complaints, "{shown}:{line}: {complaint}");
        }
    }
    assert!(complaints.is_empty(), "the floor plan is broken:\n{complaints}");
}

fn floors() -> BTreeMap<&'static str, usize> {
    PLAN.iter().enumerate().flat_map(|(at, rooms)| rooms.iter().map(move |room| (*room, at + 1))).collect()
}

/// Every Rust file under `src/`: its room, where it is, and how to name it.
fn files() -> Vec<(String, PathBuf, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![source.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the house can be read") {
            let path = entry.expect("the house can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let inside = path.strip_prefix(&source).expect("found below it").to_string_lossy().replace('\\', "/");
                let room = inside.split('/').next().unwrap_or(&inside).trim_end_matches(".rs").to_owned();
                found.push((room, path, format!("src/{inside}")));
            }
        }
    }
    found.sort();
    found
}

/// The module that a file is, as names from the crate's root: `src/a/mod.rs` is `a`, `src/a/b.rs` is `a::b`.
fn modules(shown: &str) -> Vec<String> {
    let inside = shown.trim_start_matches("src/").trim_end_matches(".rs");
    let mut names: Vec<_> = inside.split('/').map(str::to_owned).collect();
    if names.last().is_some_and(|last| last == "mod" || last == "lib") {
        names.pop();
    }
    names
}

/// What is wrong with the paths of one file, with lines.
fn judge(
    text: &str,
    room: &str,
    floor: usize,
    module: &[String],
    floors: &BTreeMap<&str, usize>,
) -> Vec<(usize, String)> {
    let tokens = tokens(text);
    let word = |at: usize| tokens.get(at).map_or("", |t| t.text.as_str());
    let mut complaints = Vec::new();
    // Inline modules (`mod tests { … }`) add a level that `super` climbs first.
    let mut depth = 0_usize;
    let mut inline: Vec<usize> = Vec::new();
    for at in 0..tokens.len() {
        let line = tokens[at].line;
        match word(at) {
            "{" => {
                depth += 1;
                if at >= 2 && word(at - 2) == "mod" {
                    inline.push(depth);
                }
            }
            "}" => {
                if inline.last() == Some(&depth) {
                    inline.pop();
                }
                depth = depth.saturating_sub(1);
            }
            "path" if word(at + 1) == "=" && word(at.wrapping_sub(1)) == "[" && leaves(text, line) => {
                complaints.push((line, "`#[path]` goes through the wall".to_owned()));
            }
            "crate" if room == "bin" => {}
            "crate" if word(at + 1) == "::" => {
                for (line, target) in heads(&tokens, at + 2) {
                    complaints.extend(verdict(&target, room, floor, floors).map(|c| (line, c)));
                }
            }
            "crate" if word(at + 1) != ")" => complaints.push((line, "`crate` under another name".to_owned())),
            "super" if word(at.wrapping_sub(1)) != "::" => {
                let climbs =
                    1 + (1..).step_by(2).take_while(|n| word(at + n) == "::" && word(at + n + 1) == "super").count();
                let here = module.len() + inline.len();
                if room != "bin" && climbs >= here && here > 0 && word(at + 2 * climbs - 1) == "::" {
                    for (line, target) in heads(&tokens, at + 2 * climbs) {
                        complaints.extend(verdict(&target, room, floor, floors).map(|c| (line, c)));
                    }
                }
            }
            _ => {}
        }
    }
    complaints
}

/// True when a `#[path]` of a line leads out of the folder it stands in.
fn leaves(text: &str, line: usize) -> bool {
    text.lines().nth(line - 1).is_some_and(|line| line.contains("#[path") && line.contains(['/', '\\']))
}

/// The first names of a path that continues at a token: one, or those of a group in braces.
fn heads(tokens: &[Token], at: usize) -> Vec<(usize, String)> {
    let Some(first) = tokens.get(at) else { return Vec::new() };
    if first.text != "{" {
        return vec![(first.line, first.text.clone())];
    }
    let mut names = Vec::new();
    let (mut depth, mut expected) = (0, false);
    for token in &tokens[at..] {
        match token.text.as_str() {
            "{" => {
                depth += 1;
                expected = depth == 1;
            }
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            "," => expected = depth == 1,
            name if expected => {
                names.push((token.line, name.to_owned()));
                expected = false;
            }
            _ => {}
        }
    }
    names
}

/// What is wrong with naming `target` from a room.
fn verdict(target: &str, room: &str, floor: usize, floors: &BTreeMap<&str, usize>) -> Option<String> {
    if target == room {
        return None;
    }
    match floors.get(target) {
        Some(&below) if below < floor => None,
        Some(&there) if there == floor => Some(format!("`{room}` names its neighbour `{target}` (floor {floor})")),
        Some(&there) => Some(format!("`{room}` (floor {floor}) names `{target}` above it (floor {there})")),
        None => Some(format!("`{room}` names `crate::{target}`, which is no room of the plan")),
    }
}

struct Token {
    text: String,
    line: usize,
}

/// The words and marks of a Rust text, without comments, texts and characters.
fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let get = |at: usize| chars.get(at).copied().unwrap_or('\0');
    let (mut out, mut at, mut line) = (Vec::new(), 0, 1);
    while at < chars.len() {
        let from = at;
        match get(at) {
            '/' if get(at + 1) == '/' => {
                while at < chars.len() && get(at) != '\n' {
                    at += 1;
                }
            }
            '/' if get(at + 1) == '*' => {
                let mut depth = 0;
                while at < chars.len() {
                    match (get(at), get(at + 1)) {
                        ('/', '*') => (depth, at) = (depth + 1, at + 2),
                        ('*', '/') => (depth, at) = (depth - 1, at + 2),
                        _ => at += 1,
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
            '"' => at = quoted(&chars, at),
            '\'' if get(at + 1) == '\\' || get(at + 2) == '\'' => {
                at += if get(at + 1) == '\\' { 3 } else { 2 };
                while at < chars.len() && get(at) != '\'' {
                    at += 1;
                }
                at += 1;
            }
            ':' if get(at + 1) == ':' => {
                out.push(Token { text: "::".to_owned(), line });
                at += 2;
            }
            c if c.is_alphabetic() || c == '_' => {
                while get(at).is_alphanumeric() || get(at) == '_' {
                    at += 1;
                }
                let word: String = chars[from..at].iter().collect();
                let hashes = (at..).take_while(|&i| get(i) == '#').count();
                if word.ends_with('r') && word.len() <= 2 && get(at + hashes) == '"' {
                    at = raw(&chars, at + hashes, hashes);
                } else {
                    out.push(Token { text: word, line });
                }
            }
            c if c.is_whitespace() => at += 1,
            c => {
                out.push(Token { text: c.to_string(), line });
                at += 1;
            }
        }
        line += chars[from..at.min(chars.len())].iter().filter(|&&c| c == '\n').count();
    }
    out
}

/// Where a text that opens here is over.
fn quoted(chars: &[char], open: usize) -> usize {
    let mut at = open + 1;
    while let Some(&c) = chars.get(at) {
        match c {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// Where a raw text that opens here is over.
fn raw(chars: &[char], open: usize, hashes: usize) -> usize {
    let closes = |at: usize| {
        chars[at] == '"' && chars.get(at + 1..at + 1 + hashes).is_some_and(|after| after.iter().all(|&c| c == '#'))
    };
    (open + 1..chars.len()).find(|&at| closes(at)).map_or(chars.len(), |at| at + 1 + hashes)
}

fn complaints(text: &str, room: &str, module: &[&str]) -> Vec<(usize, String)> {
    let floors = floors();
    let module: Vec<_> = module.iter().map(|&m| m.to_owned()).collect();
    judge(text, room, floors[room], &module, &floors)
}

/// A path that climbs is found wherever it hides: in a group, in a visibility, in a body, behind `super`.
#[test]
fn climbing_paths_are_found() {
    let lines = |text: &str, module: &[&str]| {
        complaints(text, "syntax", module).into_iter().map(|(line, _)| line).collect::<Vec<_>>()
    };
    assert_eq!(lines("use crate::source::Span;\nuse crate::template::Value;", &["syntax"]), [2]);
    assert_eq!(lines("use crate::{\n  source::{Arena, scan},\n  rules::Context,\n};", &["syntax"]), [3]);
    assert_eq!(lines("fn f() { crate::finding::shown(\"\", true); }", &["syntax"]), [1], "a neighbour");
    assert_eq!(lines("\nuse super::scan;", &["syntax"]), [2]);
    assert_eq!(lines("use super::scan;", &["syntax", "yaml"]), [0; 0], "inside the room");
    assert_eq!(lines("use super::super::scan;", &["syntax", "yaml"]), [1]);
    assert_eq!(lines("mod tests {\n use super::*;\n use super::super::lsp;\n}", &["syntax"]), [3]);
    assert_eq!(lines("mod tests { }\nuse super::lsp;", &["syntax"]), [2], "the inline module is over");
    assert_eq!(lines("macro_rules! m { () => { $crate::rules::x() } }", &["syntax"]), [1]);
    assert_eq!(lines("use crate as house;", &["syntax"]), [1]);
    assert_eq!(lines("#[path = \"../scan.rs\"]\nmod hole;", &["syntax"]), [1]);
    assert_eq!(lines("use crate::*;", &["syntax"]), [1]);
    assert_eq!(lines("use crate::Severity;", &["syntax"]), [1], "the face is above");
}

/// What only looks like a path that climbs is left alone.
#[test]
fn harmless_texts_are_left_alone() {
    for text in [
        "//! See [`crate::scan`].\n/* crate::lsp /* nested */ crate::scan */",
        "const A: &str = \"crate::scan\"; const B: &str = r#\"\"crate::scan\"#; const C: char = '\"';",
        "pub(crate) fn f<'a>(x: &'a str) -> char { '\\'' }",
        "pub(in crate::syntax) struct S;",
        "use crate::source::{Span, scan};",
        "#[path = \"yaml_tests.rs\"]\nmod tests;",
    ] {
        assert_eq!(complaints(text, "syntax", &["syntax"]), [], "{text}");
    }
}
