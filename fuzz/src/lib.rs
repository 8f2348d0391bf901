//! What is tried, and what must hold of it: no target may panic, and each says what else it asks.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use portcullis::config::{self, ReportUnused, Voice};
use portcullis::dialect::{self, Input, Options};
use portcullis::fix::{self, Change};
use portcullis::lsp;
use portcullis::report::{self, Format};
use portcullis::resolve::{Exports, Resolver, Text, Under};
use portcullis::rulebook;
use portcullis::rules::Catalogue;
use portcullis::scan::examples::TODAY;
use portcullis::scan::{Choice, Outcome, Scanner, Settings, Silence, scan as scan_text};
use portcullis::source::{Arena, FileId, LoadError, Loader, Source, Sources, Span};
use portcullis::suppress::Baseline;
use portcullis::syntax::{self, Data, Node};
use portcullis::template::{self, Kind, Value};

/// A target: its name, and what it does with bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("parse", parse),
    ("lower", lower),
    ("resolve", resolve),
    ("scan", scan),
    ("fix", fix),
    ("suppress", suppress),
    ("rules", rules),
    ("config", config),
    ("lsp", lsp),
];

/// The names a text may have: they decide how it is read.
const NAMES: [&str; 5] = ["template.yaml", "template.json", "serverless.yml", "serverless.ts", "serverless.js"];

static SCANNER: LazyLock<Scanner> = LazyLock::new(|| scanner(None));

static SILENCED: LazyLock<Scanner> = LazyLock::new(|| {
    let names = Arc::new(Catalogue::builtin().names(false, false));
    scanner(Some(Silence {
        names,
        honor: Voice::ALL.to_vec(),
        require_reason: false,
        report_unused: ReportUnused::All,
        unsuppressible: Box::new(|rule| rule == "syntax-error"),
    }))
});

fn scanner(silence: Option<Silence>) -> Scanner {
    let catalogue = Catalogue::builtin();
    let choice = Choice::everything(&catalogue);
    Scanner::new(Settings { open: true, silence, ..Settings::new(catalogue, choice, TODAY) })
}

/// Every file is this text: it includes itself, and is its own nested stack.
struct Itself(Arc<Source>);

impl Loader for Itself {
    fn load(&self, _: &str, target: &str) -> Result<Arc<Source>, LoadError> {
        match target.len() % 5 {
            0 => Err(LoadError::Missing(target.to_owned())),
            1 => Ok(self.0.clone()),
            _ => Ok(Arc::new(Source::new(format!("part{}.yaml", target.len() % 7), self.0.text()))),
        }
    }
}

/// The text, and the name it goes by.
fn named(data: &[u8]) -> Option<(&'static str, String)> {
    let text = syntax::decode(data.to_vec()).ok()?;
    let script = text.contains("export ") || text.contains("module.exports");
    Some((NAMES[if script { 3 + data.len() % 2 } else { data.len() % 3 }], text))
}

/// Reading: every span is of the text, on character boundaries; trees are no deeper than promised.
pub fn parse(data: &[u8]) {
    let Some((name, text)) = named(data) else { return };
    let arena = Arena::new();
    let document = syntax::parse_file(&arena, FileId(0), name, &text);
    let fits = |span: Span| assert!(text.get(span.range()).is_some(), "{span:?} of {} bytes", text.len());
    let mut nodes: Vec<(Node<'_>, usize)> = document.roots.iter().map(|root| (*root, 1)).collect();
    while let Some((node, depth)) = nodes.pop() {
        assert!(depth <= syntax::MAX_DEPTH + 1, "{depth} deep");
        fits(node.span);
        node.tag.iter().for_each(|tag| fits(tag.span));
        match node.data {
            Data::Mapping(pairs, _) => nodes.extend(pairs.iter().flat_map(|p| [(p.key, depth + 1), (p.value, depth + 1)])),
            Data::Sequence(items, _) => nodes.extend(items.iter().map(|item| (*item, depth + 1))),
            Data::Scalar(..) | Data::Alias(_) => {}
        }
    }
    for comment in &document.comments {
        fits(comment.span);
        assert_eq!(text.get(comment.span.range()), Some(comment.text));
    }
    for problem in &document.problems {
        fits(problem.span);
        problem.other.iter().copied().for_each(fits);
        assert!(!problem.message.is_empty());
    }
}

fn lowered(data: &[u8], then: impl FnOnce(&template::Template<'_>, &Arena)) {
    let Some((name, text)) = named(data) else { return };
    let source = Arc::new(Source::new(name, text));
    let (arena, sources, options) = (Arena::new(), Sources::new(source.clone()), Options::default());
    let document = syntax::parse_file(&arena, FileId(0), name, sources.get(FileId(0)).text());
    let loader = Itself(source);
    let input = Input { arena: &arena, sources: &sources, loader: &loader, options: &options };
    if let Some(template) = dialect::lower(&document, &input) {
        then(&template, &arena);
    }
}

/// Lowering: what comes out can be printed.
pub fn lower(data: &[u8]) {
    lowered(data, |template, _| {
        let _ = template::to_json(template).to_string();
    });
}

/// Resolving: every value has cases, no more than promised, and each can be asked.
pub fn resolve(data: &[u8]) {
    lowered(data, |template, arena| {
        let (given, exports) = (BTreeMap::new(), Exports::new());
        let resolver = Resolver::new(template, arena, &given, &exports);
        for resource in &template.resources {
            let under = resolver.under_of(resource).unwrap_or_else(Under::always);
            let mut values: Vec<(Value<'_>, usize)> = vec![(resource.properties, 0)];
            let mut left = 2_000;
            while let Some((value, depth)) = values.pop() {
                left -= 1;
                if left == 0 {
                    break;
                }
                let cases = resolver.cases(&value, &under);
                assert!(cases.len() <= portcullis::resolve::MAX_CASES, "{} cases", cases.len());
                for case in &cases {
                    let _ = case.under.describe();
                    if let Some(value) = case.present() {
                        let _ = (Text::of(&value).pattern(), Text::of(&value).known());
                    }
                }
                match value.kind {
                    Kind::Map(map) if depth < 300 => values.extend(map.entries.iter().map(|e| (e.value, depth + 1))),
                    Kind::List(items) if depth < 300 => values.extend(items.iter().map(|item| (*item, depth + 1))),
                    _ => {}
                }
            }
        }
    });
}

fn scanned(data: &[u8], scanner: &Scanner) -> Option<(Arc<Source>, Outcome)> {
    let (name, text) = named(data)?;
    let source = Arc::new(Source::new(name, text));
    let outcome = scan_text(&source, scanner, &Itself(source.clone()), &Exports::new());
    Some((source, outcome))
}

/// Scanning: findings stand in their texts and say something; every report can be written, and the same again.
pub fn scan(data: &[u8]) {
    let Some((source, outcome)) = scanned(data, &SCANNER) else { return };
    let again = scan_text(&source, &SCANNER, &Itself(source.clone()), &Exports::new());
    assert_eq!(outcome.findings.len(), again.findings.len(), "two scans differ");
    let mut run = portcullis::finding::Run::default();
    for finding in &outcome.findings {
        let text = finding.place.source.text();
        assert!(text.get(finding.place.start as usize..finding.place.end as usize).is_some(), "{}", finding.rule);
        assert!(!finding.message.is_empty() && !finding.title.is_empty());
        for related in &finding.related {
            assert!(related.place.source.text().get(related.place.start as usize..related.place.end as usize).is_some());
        }
    }
    run.findings = outcome.findings;
    run.failures = outcome.failures;
    run.notes = outcome.notes;
    run.sort();
    for &format in Format::ALL {
        let mut out = Vec::new();
        format.write(&run, &[], &report::Options::default(), &mut out).expect("memory can be written to");
        let out = String::from_utf8(out).expect("reports are text");
        // Snippets keep the tabs of the text: they do no harm.
        let own = |c: char| c == '\n' || c == '\t';
        assert!(!out.chars().any(|c| portcullis::finding::hidden(c) && !own(c)), "{format} writes hidden characters");
    }
}

/// Mending: what is offered is faithful, breaks nothing, and makes a change.
pub fn fix(data: &[u8]) {
    let Some((source, outcome)) = scanned(data, &SCANNER) else { return };
    for finding in outcome.findings.iter().take(40) {
        for fix in finding.fixes.iter().filter(|fix| fix.edits.iter().all(|e| e.place.file() == source.path())) {
            let changes: Vec<Change> =
                fix.edits.iter().map(|edit| (edit.place.start..edit.place.end, edit.text.clone())).collect();
            match fix::verify(source.text(), &changes) {
                Ok(after) => {
                    assert_ne!(after, source.text(), "{}: `{}` changes nothing", finding.rule, fix.title);
                    let _ = fix::diff(source.path(), source.text(), &after);
                }
                // What does harm is never written: that is what `verify` is for.
                Err(_) if outcome.broken => {}
                Err(error) => {
                    if std::env::var_os("STRICT").is_some() {
                        panic!("{}: `{}`: {error}", finding.rule, fix.title);
                    }
                }
            }
        }
    }
}

/// Suppressions: nothing is lost by them, and a baseline of what was found accepts it all.
pub fn suppress(data: &[u8]) {
    let Some((_, outcome)) = scanned(data, &SILENCED) else { return };
    let baseline = Baseline::of(&outcome.findings);
    let written = Arc::new(Source::new("baseline.json", baseline.to_json()));
    let read = Baseline::read(&written);
    assert!(read.is_ok(), "a baseline that we wrote cannot be read: {read:?}");
    let _ = Baseline::read(&Arc::new(Source::new("b.json", String::from_utf8_lossy(data))));
}

/// Rule files: a mistake has a place, and a rule that is taken can be run.
pub fn rules(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(card) = rulebook::parse(text) {
        let name = card.head.name.clone();
        if let Ok(catalogue) = Catalogue::from_files([(format!("{name}.yaml").into(), text.to_owned())]) {
            let _ = portcullis::scan::examples::run(catalogue, |_| true);
        }
    }
}

/// Configuration, parameters and what others configure.
pub fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let source = Arc::new(Source::new("portcullis.toml", text));
    if let Ok(layer) = config::read(&source, Path::new("/nowhere")) {
        let config = config::Config::new(Path::new("/nowhere"), [layer]);
        let _ = config.check(&Catalogue::builtin().names(false, false));
        let _ = (config.excludes("a/b.yaml"), config.excludes_folder("a"), config.kind_of("a.yaml"), config.view("a/b.yaml").profile());
    }
    let _ = config::parameters(&source);
    let _ = config::parameter_overrides(text);
    let _ = config::samconfig(&source, "default");
}

/// Editors: whatever is said, the server answers or goes, and never falls.
pub fn lsp(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (ours, theirs) = lsp::Connection::memory();
    let options = lsp::Options {
        config: None,
        no_config: true,
        layer: Default::default(),
        today: || "2026-11-21".to_owned(),
        debounce: std::time::Duration::from_millis(1),
    };
    let server = std::thread::spawn(move || lsp::serve(theirs, options));
    let say = |value: serde_json::Value| {
        if let Ok(message) = serde_json::from_value::<lsp::Message>(value) {
            let _ = ours.sender.send(message);
        }
    };
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text);
    say(serde_json::json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"capabilities": {}}}));
    say(serde_json::json!({"jsonrpc": "2.0", "method": "initialized", "params": {}}));
    let document = |version: i32, text: &str| serde_json::json!({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params":
        {"textDocument": {"uri": "file:///nowhere/t.yaml", "languageId": "yaml", "version": version, "text": text}}});
    say(document(1, text));
    // Lines that are messages are sent as they are, others are edits of the document.
    for (n, line) in text.lines().take(50).enumerate() {
        match json(line) {
            Ok(message) if message.is_object() => say(message),
            _ => say(serde_json::json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {
                "textDocument": {"uri": "file:///nowhere/t.yaml", "version": n + 2},
                "contentChanges": [{"range": {"start": {"line": line.len() % 30, "character": n % 20}, "end": {"line": line.len() % 37, "character": n}}, "text": line}]}})),
        }
    }
    for (id, method) in ["textDocument/codeAction", "textDocument/hover", "textDocument/diagnostic"].iter().enumerate() {
        say(serde_json::json!({"jsonrpc": "2.0", "id": id + 100_000, "method": method, "params": {"textDocument": {"uri": "file:///nowhere/t.yaml"},
            "position": {"line": text.len() % 40, "character": 3}, "range": {"start": {"line": 0, "character": 0}, "end": {"line": text.len() % 99, "character": 9}}, "context": {"diagnostics": []}}}));
    }
    say(serde_json::json!({"jsonrpc": "2.0", "id": 999_999, "method": "shutdown"}));
    say(serde_json::json!({"jsonrpc": "2.0", "method": "exit"}));
    let receiver = ours.receiver.clone();
    drop(ours);
    while receiver.recv_timeout(std::time::Duration::from_secs(20)).is_ok() {}
    assert!(server.join().is_ok(), "the server fell");
}
