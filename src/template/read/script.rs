//! What the literals of a script mean: code is unknown, imports are followed to what other files export.

use foldhash::HashMap;

use super::super::{Entry, External, ExternalKind, Intrinsic, Kind, Map, Origin, Value};
use super::{MAX_INCLUDES, Reader, put};
use crate::source::{FileId, Loader, Span};
use crate::syntax::{self, Node, Pair};

/// How many modules one script may import, directly or not.
const MAX_MODULES: usize = 256;

/// How many values modules may be asked for: those that import each other would never be done.
const MAX_ASKED: usize = 4_096;

/// How many items of imported lists may be spread into others.
const MAX_COPIED: usize = 50_000;

/// What may be left out at the end of an import's path; the first that exists counts.
const ENDINGS: [&str; 9] = ["", ".ts", ".js", ".mjs", ".cjs", ".json", "/index.ts", "/index.js", "/index.mjs"];

/// Where compilers are told what a path that is not relative stands for.
const COMPILER_OPTIONS: [&str; 3] = ["tsconfig.json", "tsconfig.paths.json", "jsconfig.json"];

/// The other files of a script.
#[derive(Default)]
pub(super) struct Scripts<'a, 'l> {
    loader: Option<&'l dyn Loader>,
    modules: HashMap<FileId, Option<Module<'a>>>,
    /// What was asked for before, by file and name.
    values: HashMap<(FileId, &'a str), Value<'a>>,
    /// What paths begin and end with, and what stands for that.
    aliases: Option<Vec<(String, String, String)>>,
    depth: usize,
    asked: usize,
    /// How many items of imported lists were spread into others.
    copied: usize,
}

/// What was read of another file.
#[derive(Clone, Copy)]
struct Module<'a> {
    root: Option<Node<'a>>,
    exports: &'a [Pair<'a>],
}

impl<'a, 'l> Reader<'a, 'l> {
    /// The same reader, following the imports of scripts.
    #[must_use]
    pub fn with_imports(mut self, loader: &'l dyn Loader) -> Self {
        self.scripts.loader = Some(loader);
        self
    }

    /// An expression that is not executed.
    pub(super) fn code(&mut self, span: Span) -> Value<'a> {
        let origin = Origin::written(span);
        let written = self.sources.get(span.file).slice(span);
        if let Some(key) = variable(written) {
            let external = External { kind: ExternalKind::Environment, key, written };
            return self.build.intrinsic(Intrinsic::External(external), origin);
        }
        let line = written.lines().next().unwrap_or("").trim();
        let short: String = line.chars().take(40).collect();
        let dots = if short.len() < written.trim().len() { "…" } else { "" };
        match short.as_str() {
            "" => self.build.unknown("more is made of it in code, which is not executed", origin),
            _ => self.build.unknown(&format!("`{short}{dots}` is code, which is not executed"), origin),
        }
    }

    /// A text of several pieces.
    pub(super) fn pieces(&mut self, node: &Node<'a>) -> Value<'a> {
        let origin = Origin::written(node.span);
        let pieces: Vec<_> = node.items().iter().map(|piece| self.value(piece)).collect();
        self.build.join("", pieces, origin)
    }

    /// The items of the list that stands in an item's place: `[...list]`.
    pub(super) fn spread_items(&mut self, item: &Node<'a>, value: Value<'a>) -> Option<&'a [Value<'a>]> {
        let spread = item.tag.is_some_and(|tag| tag.name == syntax::SPREAD);
        let items = value.as_list().filter(|_| spread)?;
        self.scripts.copied = self.scripts.copied.saturating_add(items.len());
        (self.scripts.copied <= MAX_COPIED).then_some(items)
    }

    /// More entries of a map that stand elsewhere, if they are known.
    pub(super) fn spread(&mut self, from: &Node<'a>, entries: &mut Vec<Entry<'a>>) {
        let value = self.value(from);
        if let Some(map) = value.as_map() {
            for entry in map.entries {
                put(entries, *entry);
            }
            return;
        }
        // Whoever looks for a key in this map must know that there may be more.
        entries.push(Entry { key: "Fn::Transform", key_origin: value.origin, value });
    }

    /// What another file exports.
    pub(super) fn import(&mut self, node: &Node<'a>) -> Value<'a> {
        let found = node.text().and_then(|text| text.rsplit_once('#')).and_then(|(path, name)| {
            let (file, module) = self.module(node.span.file, path)?;
            self.exported(file, module, name)
        });
        found.unwrap_or_else(|| self.code(node.span))
    }

    fn exported(&mut self, file: FileId, module: Module<'a>, name: &'a str) -> Option<Value<'a>> {
        if let Some(known) = self.scripts.values.get(&(file, name)) {
            return Some(*known);
        }
        self.scripts.asked += 1;
        if self.scripts.depth >= MAX_INCLUDES || self.scripts.asked > MAX_ASKED {
            return None;
        }
        self.scripts.depth += 1;
        let mut names = name.split('.');
        let first = names.next().unwrap_or("");
        let found = self
            .export(module, first)
            .and_then(|value| names.try_fold(value, |value, key| value.get(key).map(|entry| entry.value)));
        self.scripts.depth -= 1;
        let value = found?;
        self.scripts.values.insert((file, name), value);
        Some(value)
    }

    fn export(&mut self, module: Module<'a>, name: &str) -> Option<Value<'a>> {
        let named = |name: &str| module.exports.iter().rev().find(|pair| pair.name() == Some(name));
        if name == "*" {
            let only_default = module.exports.iter().all(|pair| pair.name() == Some("default"));
            let whole = module.root.filter(|_| only_default);
            return match whole {
                Some(root) => Some(self.value(&root)),
                None => Some(self.all(module)),
            };
        }
        if let Some(pair) = named(name) {
            return Some(self.value(&pair.value));
        }
        // `export * from`, or a member of what CommonJS exports as a whole.
        let passed_on = module.exports.iter().filter(|pair| pair.name() == Some("*"));
        for pair in passed_on {
            let all = self.value(&pair.value);
            if let Some(entry) = all.get(name) {
                return Some(entry.value);
            }
        }
        let whole = named("default").map(|pair| self.value(&pair.value));
        if name == "default" {
            // A file in JSON has no exports, it is one.
            return module.root.filter(|_| module.exports.is_empty()).map(|root| self.value(&root));
        }
        whole?.get(name).map(|entry| entry.value)
    }

    fn all(&mut self, module: Module<'a>) -> Value<'a> {
        let mut entries = Vec::new();
        for pair in module.exports {
            let value = self.value(&pair.value);
            match (pair.name(), value.as_map()) {
                (Some("*"), Some(map)) => map.entries.iter().for_each(|entry| put(&mut entries, *entry)),
                (Some("*"), None) => self.spread(&pair.value, &mut entries),
                (Some(key), _) => put(&mut entries, Entry { key, key_origin: Origin::written(pair.key.span), value }),
                (None, _) => {}
            }
        }
        let at = module.exports.first().map_or(Span::new(FileId(0), 0, 0), |pair| pair.key.span);
        Value::new(Kind::Map(Map { entries: self.build.arena.alloc_slice_copy(&entries) }), Origin::written(at))
    }

    /// The file that an import names.
    fn module(&mut self, from: FileId, path: &str) -> Option<(FileId, Module<'a>)> {
        if path.starts_with('.') {
            let from = self.sources.get(from).path();
            return self.first_of(from, path);
        }
        let main = self.sources.get(FileId(0)).path();
        let aliases = match self.scripts.aliases.take() {
            Some(known) => known,
            None => self.read_aliases(main),
        };
        let targets = aliases.iter().filter_map(|(start, end, target)| {
            let middle = path.strip_prefix(start.as_str())?.strip_suffix(end.as_str())?;
            Some(target.replacen('*', middle, 1))
        });
        let targets: Vec<String> = targets.collect();
        self.scripts.aliases = Some(aliases);
        targets.iter().find_map(|target| self.first_of(main, target))
    }

    fn first_of(&mut self, from: &str, path: &str) -> Option<(FileId, Module<'a>)> {
        // TypeScript is told the name that the file will have once it is compiled.
        let stem = path.strip_suffix(".js").or_else(|| path.strip_suffix(".mjs"));
        let compiled = stem.map(|stem| format!("{stem}.ts"));
        ENDINGS
            .iter()
            .map(|ending| format!("{path}{ending}"))
            .chain(compiled)
            .find_map(|candidate| self.load_module(from, &candidate))
    }

    fn load_module(&mut self, from: &str, path: &str) -> Option<(FileId, Module<'a>)> {
        let readable = syntax::is_script(path) || path.ends_with(".json");
        if !readable || self.scripts.modules.len() >= MAX_MODULES {
            return None;
        }
        let source = self.scripts.loader?.load(from, path).ok()?;
        let file = self.sources.add(source)?;
        let (arena, sources) = (self.build.arena, self.sources);
        let parsed = self.scripts.modules.entry(file).or_insert_with(|| {
            let source = sources.get(file);
            let document = syntax::parse_file(arena, file, source.path(), source.text());
            let module = Module { root: document.root().copied(), exports: arena.alloc_slice_copy(&document.exports) };
            (!document.broken()).then_some(module)
        });
        parsed.map(|module| (file, module))
    }

    /// `compilerOptions.paths`, and where they begin.
    fn read_aliases(&mut self, main: &str) -> Vec<(String, String, String)> {
        let mut found = Vec::new();
        for name in COMPILER_OPTIONS {
            let Some(source) = self.scripts.loader.and_then(|loader| loader.load(main, name).ok()) else { continue };
            // JSON with comments is a literal of JavaScript.
            let text = &*self.build.arena.alloc_str(&format!("export default {}", source.text()));
            let document = syntax::parse_file(self.build.arena, FileId(0), "tsconfig.js", text);
            let Some(options) = document.root().and_then(|root| root.get("compilerOptions")) else { continue };
            let base = options.get("baseUrl").and_then(Node::text).unwrap_or(".").trim_end_matches('/');
            for pair in options.get("paths").map_or(&[][..], |paths| paths.pairs()) {
                let Some((start, end)) = pair.name().map(|name| name.split_once('*').unwrap_or((name, ""))) else {
                    continue;
                };
                for target in pair.value.items().iter().filter_map(Node::text) {
                    let target = format!("{base}/{}", target.trim_start_matches("./"));
                    found.push((start.to_owned(), end.to_owned(), target));
                }
            }
            if !found.is_empty() {
                break;
            }
        }
        found
    }
}

/// The name of `process.env.NAME`.
fn variable(written: &str) -> Option<&str> {
    let rest = written.trim_end_matches('!').strip_prefix("process.env")?;
    let quoted = rest.strip_prefix('[').and_then(|r| r.strip_suffix(']')).map(|r| r.trim_matches(['\'', '"']));
    let name = quoted.or_else(|| rest.strip_prefix('.'))?;
    (!name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')).then_some(name)
}
