//! What each reader of our output would act on, as far as it can be told by looking.

use portcullis::report::Format;
use serde_json::Value;

/// A terminal obeys controls, and an eye is deceived by what it cannot see.
pub(super) fn terminal(what: &str, text: &str) {
    let risky: Vec<char> = text.chars().filter(|c| *c != '\n' && unseen(*c)).collect();
    assert!(risky.is_empty(), "{what}: {risky:?} in {:?}", around(text, risky[0]));
}

// Written here once more: a gap in the program's own list is to be seen.
fn unseen(c: char) -> bool {
    matches!(u32::from(c),
        0..=0x1f | 0x7f..=0x9f | 0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x2064
            | 0x2066..=0x206f | 0xfeff | 0xfff9..=0xfffb | 0xe0000..=0xe007f)
}

fn around(text: &str, c: char) -> String {
    let at = text.find(c).unwrap_or(0);
    let before: String = text[..at].chars().rev().take(60).collect();
    before.chars().rev().chain(text[at..].chars().take(60)).collect()
}

/// The same without the colours that we write ourselves.
pub(super) fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let code = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        match code.strip_prefix('m') {
            Some(rest) => out.push_str(rest),
            None => out.push_str(&format!("\u{1b}[{part}")),
        }
    }
    out
}

/// GitHub obeys lines that begin with `::`, and `##[` anywhere; Azure obeys `##vso[` anywhere.
pub(super) fn build_server(what: &str, text: &str, format: Option<Format>) {
    for line in text.split(['\n', '\r']) {
        let rest = match format {
            Some(Format::Github) => ["::error ", "::warning ", "::notice "].iter().find_map(|c| line.strip_prefix(c)),
            Some(Format::Azure) => line.strip_prefix("##vso[task.logissue "),
            _ => None,
        };
        let rest = rest.unwrap_or(line);
        assert!(!rest.trim_start().starts_with("::"), "{what}: {line}");
        for (at, _) in rest.match_indices("##") {
            let word = rest[at + 2..].trim_start_matches(|c: char| c.is_ascii_alphabetic());
            assert!(!word.starts_with('['), "{what}: {line}");
        }
    }
}

/// The reader that a format is written for.
pub(super) fn of(format: Format, text: &str) {
    let what = format.name();
    match format {
        Format::Json | Format::Gitlab | Format::Sonar | Format::Bitbucket | Format::Rdjson => json(what, text),
        Format::Jsonl => text.lines().for_each(|line| json(what, line)),
        Format::GitlabSast => {
            json(what, text);
            let report: Value = serde_json::from_str(text).expect("JSON");
            for one in report["vulnerabilities"].as_array().expect("a list") {
                let description = one["description"].as_str().expect("text");
                markdown(what, description.split("\n\n").next().unwrap_or(""), &[]);
            }
        }
        Format::Sarif => {
            json(what, text);
            sarif(&serde_json::from_str(text).expect("JSON"));
        }
        Format::Junit | Format::Checkstyle => xml(what, text),
        Format::Html => html(what, text),
        Format::Markdown => markdown(what, text, &["details", "summary", "code"]),
        Format::Github => github(text),
        Format::Azure => azure(text),
        // Lines for people: what they obey is what a terminal and a build server obey.
        Format::Human | Format::Concise => {}
    }
}

/// JSON is read, and could stand inside a page.
pub(super) fn json(what: &str, text: &str) {
    serde_json::from_str::<Value>(text).unwrap_or_else(|error| panic!("{what}: {error}"));
}

/// Links of a SARIF message are ours: they are numbers of related places.
fn sarif(report: &Value) {
    let mut messages = Vec::new();
    // What rules say of themselves is Markdown that their author wrote.
    for part in ["results", "invocations"] {
        texts(&report["runs"][0][part], "text", &mut messages);
    }
    assert!(messages.iter().any(|text| text.contains("javascript")), "nothing was told");
    for text in messages {
        for (at, _) in text.match_indices("](") {
            let target: String = text[at + 2..].chars().take_while(|c| *c != ')').collect();
            let escaped = text[..at].ends_with('\\');
            assert!(escaped || target.bytes().all(|b| b.is_ascii_digit()), "{text}");
        }
    }
    let mut uris = Vec::new();
    texts(report, "uri", &mut uris);
    for uri in uris {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-._~!$&'()*+,=@%".contains(&b);
        assert!(uri.bytes().all(plain) && !uri.starts_with('/'), "{uri}");
    }
}

fn texts<'v>(value: &'v Value, key: &str, out: &mut Vec<&'v str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| texts(item, key, out)),
        Value::Object(map) => {
            // What is inserted is code, not a message.
            for (name, item) in map.iter().filter(|(name, _)| *name != "insertedContent") {
                match item {
                    Value::String(text) if name == key => out.push(text),
                    item => texts(item, key, out),
                }
            }
        }
        _ => {}
    }
}

/// Every `<` is the beginning of a tag of these names, whose attributes are values in double quotes.
fn tags<'t>(what: &str, text: &'t str, names: &[&str]) -> Vec<&'t str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        let end = rest.find('>').unwrap_or_else(|| panic!("{what}: a tag without an end: {rest:.80}"));
        let tag = &rest[1..end];
        let name = tag.trim_start_matches('/').split([' ', '/', '\n']).next().unwrap_or("");
        assert!(names.contains(&name), "{what}: <{tag}> in {text:.2000}");
        let attributes: Vec<&str> = tag.split('"').step_by(2).collect();
        assert!(tag.matches('"').count().is_multiple_of(2), "{what}: <{tag}>");
        for attribute in attributes {
            let name = attribute.trim().trim_end_matches('=').rsplit(' ').next().unwrap_or("");
            assert!(!name.starts_with("on"), "{what}: <{tag}>");
        }
        assert!(!tag.to_lowercase().contains("javascript:") || !tag.contains("href"), "{what}: <{tag}>");
        found.push(name);
        rest = &rest[end + 1..];
    }
    found
}

/// What stands between tags ends no tag and begins no entity.
fn entities(what: &str, text: &str, known: &[&str]) {
    for (at, _) in text.match_indices('&') {
        let rest = &text[at + 1..];
        assert!(known.iter().any(|name| rest.starts_with(name)), "{what}: &{rest:.20}");
    }
}

/// A page has the tags and the one script that we write.
pub(super) fn html(what: &str, text: &str) {
    let script = (text.find("<script>").expect("ours"), text.rfind("</script>").expect("ours"));
    let style = (text.find("<style>").expect("ours"), text.find("</style>").expect("ours"));
    let page = [&text[..style.0], &text[style.1 + 8..script.0], &text[script.1 + 9..]].concat();
    let page = page.replace("<!doctype html>", "");
    let names = "html head meta title body header h1 h2 h3 p main form fieldset label input b select option output \
        section article figure figcaption mark em span a code pre div i del ins small details summary footer ul li table thead tbody tr th td \
        svg g path rect text";
    let names: Vec<&str> = names.split_whitespace().collect();
    tags(what, &page, &names);
    entities(what, &page, &["amp;", "lt;", "gt;", "quot;", "#39;"]);
    for (at, _) in page.match_indices("href=\"") {
        assert!(page[at + 6..].starts_with("https://"), "{what}: {:.60}", &page[at..]);
    }
    assert!(!text[script.0..script.1].contains("evil") && !text[style.0..style.1].contains("evil"), "{what}");
    assert!(text.contains("default-src 'none'") && text.matches("<script").count() == 1, "{what}");
}

/// XML is of its tags, its five entities and its characters.
fn xml(what: &str, text: &str) {
    let body = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").expect("a declaration");
    let names = "testsuites testsuite testcase failure skipped error checkstyle file".split(' ').collect::<Vec<_>>();
    let found = tags(what, body, &names);
    assert!(found.len() > 20, "{what}");
    entities(what, body, &["amp;", "lt;", "gt;", "quot;", "#39;"]);
    assert!(!body.contains(['\u{fffe}', '\u{ffff}']) && !body.contains("]]>"), "{what}");
}

/// Markdown outside of code has no tags but ours, no links but ours, no pictures and no mentions.
fn markdown(what: &str, text: &str, names: &[&str]) {
    let mut prose = String::new();
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(open) if ticks.len() >= open.len() && line == ticks => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks),
            None if line.starts_with("<details>") => {
                // Markdown is no Markdown there, but names are still mentions.
                tags(what, &line.replace("<!-- -->", ""), names);
                let line = line.split("<code>").next().unwrap_or("");
                assert!(!line.contains("@everyone"), "{what}: {line}");
            }
            None => {
                prose.push_str(&without_code(line));
                prose.push('\n');
            }
        }
    }
    assert!(fence.is_none(), "{what}: a fence stays open");
    let prose = prose.replace("<!-- -->", "\u{1}").replace("\\\\", "");
    tags(what, &prose, names);
    for word in ["![", "@everyone", "@you", "@x", " #1"] {
        assert!(!prose.replace("\\!", "").contains(word), "{what}: {word} in {prose}");
    }
    for (at, _) in prose.match_indices("](") {
        let before = &prose[..at];
        assert!(before.ends_with('\\') || prose[at + 2..].starts_with("https://"), "{what}: {:.80}", &prose[at..]);
    }
    assert!(!prose.contains("http://"), "{what}");
    // Every row of a table has the cells of its head.
    for row in prose.lines().filter(|line| line.starts_with("| ")) {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 5, "{what}: {row}");
    }
}

/// A line without its code spans: a run of backticks ends at the next run that is as long.
fn without_code(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let run = from.len() - from.trim_start_matches('`').len();
        // A backslash that is escaped itself escapes nothing.
        if (before.len() - before.trim_end_matches('\\').len()) % 2 == 1 {
            out.push('`');
            rest = &from[1..];
            continue;
        }
        let inside = &from[run..];
        let mut end = None;
        let mut seek = 0;
        while let Some(next) = inside[seek..].find('`') {
            let ticks = inside[seek + next..].len() - inside[seek + next..].trim_start_matches('`').len();
            if ticks == run {
                end = Some(seek + next + ticks);
                break;
            }
            seek += next + ticks;
        }
        match end {
            Some(end) => {
                // A bar ends a cell even inside code.
                out.push_str(&"|".repeat(inside[..end].replace("\\|", "").matches('|').count()));
                rest = &inside[end..];
            }
            None => {
                out.push_str(&from[..run]);
                rest = inside;
            }
        }
    }
    out + rest
}

/// A command has the properties that we write; nothing of a text ends one.
fn github(text: &str) {
    let mut commands = 0;
    for line in text.lines().filter(|line| line.starts_with("::")) {
        let (head, message) = line[2..].split_once("::").expect("a message");
        let (_, properties) = head.split_once(' ').expect("properties");
        for property in properties.split(',') {
            let name = property.split('=').next().unwrap_or("");
            // The first property may be the only one of our own notice.
            let known = ["file", "line", "endLine", "col", "endColumn", "title", " no worse than these"];
            assert!(known.iter().any(|k| name.starts_with(k)), "{line}");
        }
        assert!(!message.contains(['\r', '\n']), "{line}");
        commands += 1;
    }
    assert!(commands > 10, "{commands}");
}

/// The same for Azure.
fn azure(text: &str) {
    for line in text.lines() {
        let Some(inside) = line.strip_prefix("##vso[task.logissue ") else {
            assert!(
                line.contains(": note: ") && !line.contains("##vso["),
                "a plain line of the log is no command: {line}"
            );
            continue;
        };
        let (properties, _) = inside.split_once(']').expect("an end");
        for property in properties.split(';').filter(|property| !property.is_empty()) {
            let name = property.split('=').next().unwrap_or("");
            assert!(["type", "sourcepath", "linenumber", "columnnumber", "code"].contains(&name), "{line}");
        }
    }
}

/// Every line of a Mermaid chart is one of ours, and its labels are of harmless characters.
pub(super) fn mermaid(text: &str) {
    for line in text.lines() {
        let line = line.trim();
        let first = line.split([' ', '[', '(', '{']).next().unwrap_or("");
        let node = first.starts_with('n') && first[1..].bytes().all(|b| b.is_ascii_digit() || b == b'_');
        assert!(node || ["flowchart", "subgraph", "end", "classDef"].contains(&first), "{line}");
        let quotes = line.matches('"').count();
        assert!(quotes == 0 || quotes == 2, "{line}");
        let label = line.split('"').nth(1).unwrap_or("").replace("<br>", "");
        let plain = |c: char| c.is_alphanumeric() || " .,:/_-+?!*'()#;…".contains(c);
        assert!(label.chars().all(plain), "{label}");
    }
}

/// Every line of a Graphviz chart is one of ours: a backslash in a label escapes, and a quote ends it.
pub(super) fn dot(text: &str) {
    for line in text.lines().map(str::trim) {
        let mut bare = String::new();
        let mut inside = false;
        let mut chars = line.chars();
        while let Some(c) = chars.next() {
            match c {
                '"' => inside = !inside,
                '\\' if inside => _ = chars.next(),
                c if !inside => bare.push(c),
                _ => {}
            }
        }
        assert!(!inside, "{line}");
        let first = bare.split([' ', '=']).next().unwrap_or("");
        let node = first.starts_with('n') && first[1..].bytes().all(|b| b.is_ascii_digit() || b == b'_');
        let ours = ["digraph", "rankdir", "node", "edge", "subgraph", "label", "}"].contains(&first);
        assert!(node || ours, "{line}");
        assert!(!bare.contains(';') && !bare.contains("URL") && !bare.contains("image"), "{line}");
    }
}
