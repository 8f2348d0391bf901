//! The documents that are open, as they are in the editor now, and what is known of each.
#![expect(clippy::disallowed_methods, reason = "whether a document is really below a folder is asked of the disk")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use lsp_server::RequestId;
use lsp_types::{TextDocumentContentChangeEvent, Uri};

use super::address;
use super::check::{Look, Verdict};
use super::encoding::Encoding;
use super::overlay::Open;
use super::preferences::Preferences;
use super::workshops::{Home, Setup};
use crate::config::lexical;
use crate::discover;
use crate::source::Source;

/// An open document.
pub(super) struct Buffer {
    /// What the editor calls it.
    pub(super) uri: Uri,
    /// Its version, as the editor counts.
    pub(super) version: i32,
    /// Its text, under the name that findings know it by.
    pub(super) source: Arc<Source>,
    /// Where it stands.
    pub(super) home: Arc<Home>,
    /// Counts what may change the answer.
    pub(super) generation: u64,
    /// The last answer, and of which state.
    pub(super) verdict: Option<(u64, Arc<Verdict>)>,
    /// What it was checked with.
    pub(super) setup: Option<Arc<Setup>>,
    /// When it is to be checked.
    pub(super) due: Option<Instant>,
    /// Who waits for its diagnostics, and what they have already.
    pub(super) waiting: Vec<(RequestId, Option<String>)>,
}

impl Buffer {
    /// The answer, when it is one to what the document is now.
    pub(super) fn fresh(&self) -> Option<&Arc<Verdict>> {
        self.verdict.as_ref().filter(|(generation, _)| *generation == self.generation).map(|(_, verdict)| verdict)
    }
}

/// The open documents, and the folders of the workspace.
#[derive(Default)]
pub(super) struct Desk {
    roots: Vec<PathBuf>,
    buffers: BTreeMap<String, Buffer>,
    /// How the editor writes the addresses of what it ever opened: there is more than one way.
    spelled: BTreeMap<PathBuf, Uri>,
    clock: u64,
}

impl Desk {
    /// The folders of the workspace.
    pub(super) fn roots(&self) -> &[PathBuf] {
        &self.roots
    }

    /// Other folders; documents move to where they belong now.
    pub(super) fn set_roots(&mut self, roots: impl IntoIterator<Item = PathBuf>) {
        self.roots = roots.into_iter().map(|root| lexical(&root)).collect();
        let addresses: Vec<String> = self.buffers.keys().cloned().collect();
        for address in addresses {
            let (home, name) = self.place(&address);
            if let Some(buffer) = self.buffers.get_mut(&address) {
                buffer.source = Arc::new(Source::new(name, buffer.source.text()));
                buffer.home = Arc::new(home);
            }
            self.stir(&address);
        }
    }

    /// A document was opened.
    pub(super) fn open(&mut self, uri: Uri, version: i32, text: String) {
        let address = uri.as_str().to_owned();
        let (home, name) = self.place(&address);
        self.clock += 1;
        self.spelled.insert(lexical(&home.folder.join(&name)), uri.clone());
        let buffer = Buffer {
            uri,
            version,
            source: Arc::new(Source::new(name, text)),
            home: Arc::new(home),
            generation: self.clock,
            verdict: None,
            setup: None,
            due: None,
            waiting: Vec::new(),
        };
        self.buffers.insert(address, buffer);
    }

    /// A document was changed.
    pub(super) fn change(
        &mut self,
        address: &str,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) {
        let Some(buffer) = self.buffers.get_mut(address) else { return };
        for change in changes {
            let text = match change.range {
                None => change.text,
                Some(range) => {
                    let offset = |position| encoding.offset(&buffer.source, position) as usize;
                    let (start, end) = (offset(range.start), offset(range.end));
                    let mut text = buffer.source.text().to_owned();
                    text.replace_range(start..end.max(start), &change.text);
                    text
                }
            };
            buffer.source = Arc::new(Source::new(buffer.source.path(), text));
        }
        buffer.version = version;
        self.stir(address);
    }

    /// A document was closed.
    pub(super) fn close(&mut self, address: &str) -> Option<Buffer> {
        self.buffers.remove(address)
    }

    /// An open document.
    pub(super) fn get(&self, address: &str) -> Option<&Buffer> {
        self.buffers.get(address)
    }

    /// An open document, to change what is known of it.
    pub(super) fn get_mut(&mut self, address: &str) -> Option<&mut Buffer> {
        self.buffers.get_mut(address)
    }

    /// Every open document.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Buffer)> {
        self.buffers.iter()
    }

    /// What is known of a document is no longer so.
    pub(super) fn stir(&mut self, address: &str) {
        self.clock += 1;
        if let Some(buffer) = self.buffers.get_mut(address) {
            buffer.generation = self.clock;
        }
    }

    /// The document that findings of a folder know by a name.
    pub(super) fn named(&self, folder: &Path, name: &str) -> Option<&Buffer> {
        self.buffers.values().find(|buffer| buffer.home.folder == folder && buffer.source.path() == name)
    }

    /// Where a file is: what was ever open is called as the editor calls it.
    pub(super) fn address(&self, folder: &Path, name: &str) -> Option<Uri> {
        let path = lexical(&folder.join(name));
        self.spelled.get(&path).cloned().or_else(|| address::of(&path))
    }

    /// The documents whose answer depends on a file.
    pub(super) fn dependents(&self, folder: &Path, name: &str) -> Vec<String> {
        let depends = |buffer: &Buffer| {
            buffer.home.folder == folder
                && buffer.source.path() != name
                && buffer.verdict.as_ref().is_some_and(|(_, verdict)| verdict.asked.contains(name))
        };
        self.buffers.iter().filter(|(_, buffer)| depends(buffer)).map(|(address, _)| address.clone()).collect()
    }

    /// The documents whose answer depends on a file of the disk.
    pub(super) fn touched_by(&self, path: &Path) -> Vec<String> {
        let mut folders: Vec<&PathBuf> = self.buffers.values().map(|buffer| &buffer.home.folder).collect();
        folders.sort_unstable();
        folders.dedup();
        let inside = folders.into_iter().filter(|folder| path.starts_with(folder));
        inside.flat_map(|folder| self.dependents(folder, &discover::shown(folder, path))).collect()
    }

    /// True when a file of the disk is a rule or a parameter file of some document's configuration.
    pub(super) fn is_input(&self, path: &Path) -> bool {
        let setups = self.buffers.values().filter_map(|buffer| buffer.setup.as_ref());
        setups.flat_map(|setup| &setup.inputs).any(|input| path.starts_with(input))
    }

    /// A document as it is to be looked at.
    pub(super) fn look(&self, address: &str, preferences: &Arc<Preferences>) -> Option<Look> {
        let buffer = self.buffers.get(address)?;
        let beside = self.buffers.values().filter(|other| other.home.folder == buffer.home.folder);
        let open: Open = beside.map(|b| (b.source.path().to_owned(), Arc::clone(&b.source))).collect();
        Some(Look {
            address: address.to_owned(),
            generation: buffer.generation,
            source: Arc::clone(&buffer.source),
            home: Arc::clone(&buffer.home),
            open: Arc::new(open),
            preferences: Arc::clone(preferences),
        })
    }

    /// When the next document is to be checked.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.buffers.values().filter_map(|buffer| buffer.due).min()
    }

    /// The documents that are to be checked now.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<String> {
        let mut due = Vec::new();
        for (address, buffer) in &mut self.buffers {
            if buffer.due.is_some_and(|at| at <= now) {
                buffer.due = None;
                due.push(address.clone());
            }
        }
        due
    }

    /// Where a document stands, and what it is called there.
    fn place(&self, address: &str) -> (Home, String) {
        let Some(path) = address::path(address).map(|path| lexical(&path)) else {
            let root = self.roots.first();
            let folder = root.cloned().unwrap_or_else(|| PathBuf::from("/"));
            return (Home { folder, search: root.cloned(), disk: false }, address::name(address));
        };
        let own = path.parent().unwrap_or(&path).to_owned();
        let root = self.roots.iter().filter(|root| path.starts_with(root)).max_by_key(|root| root.as_os_str().len());
        let home = match root {
            Some(root) => Home { folder: root.clone(), disk: really_inside(&path, root), search: Some(own) },
            // An editor without a workspace: the document's folder is all there is.
            None if self.roots.is_empty() => Home { folder: own.clone(), disk: true, search: Some(own) },
            None => Home { folder: own, search: None, disk: false },
        };
        let name = discover::shown(&home.folder, &path);
        (home, name)
    }
}

/// True when a document is below a folder with all symbolic links followed, too.
fn really_inside(path: &Path, root: &Path) -> bool {
    let real = std::fs::canonicalize(path).or_else(|_| std::fs::canonicalize(path.parent().unwrap_or(path)));
    let root = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    // A document that is nowhere yet, nor its folder, has nothing beside it to be read.
    real.is_ok_and(|real| real.starts_with(root))
}

#[cfg(all(test, unix))]
mod tests {
    use lsp_types::{Position, Range};

    use super::*;

    fn desk(roots: &[&str]) -> Desk {
        let mut desk = Desk::default();
        desk.set_roots(roots.iter().map(PathBuf::from));
        desk
    }

    fn uri(address: &str) -> Uri {
        address.parse().expect("an address")
    }

    /// A document belongs to the deepest folder that holds it; one outside has no configuration and no disk.
    #[test]
    fn documents_have_a_home() {
        let desk = desk(&["/w/a", "/w/a/b", "/w/c"]);
        let at = |address: &str| {
            let (home, name) = desk.place(address);
            (home.folder.to_string_lossy().into_owned(), name, home.search.is_some())
        };
        assert_eq!(at("file:///w/a/b/c/t.yml"), ("/w/a/b".into(), "c/t.yml".into(), true));
        assert_eq!(at("file:///w/a/t.yml"), ("/w/a".into(), "t.yml".into(), true));
        assert_eq!(at("file:///w/ab/t.yml"), ("/w/ab".into(), "t.yml".into(), false));
        assert_eq!(at("untitled:Untitled-1"), ("/w/a".into(), "Untitled-1".into(), true));
        assert_eq!(self::desk(&[]).place("file:///x/t.yml").0.search, Some("/x".into()));
    }

    /// A link out of the workspace does not open what it leads to.
    #[test]
    fn links_do_not_open_the_disk() {
        let temp = tempfile::tempdir().expect("a folder");
        let at = |name: &str| temp.path().join(name);
        for folder in ["root", "other"] {
            std::fs::create_dir(at(folder)).expect("a folder");
        }
        std::fs::write(at("other/t.yml"), "").expect("a file");
        std::os::unix::fs::symlink(at("other/t.yml"), at("root/link.yml")).expect("a link");
        std::os::unix::fs::symlink(at("other"), at("root/folder")).expect("a link");
        for (name, expected) in [("new.yml", true), ("link.yml", false), ("folder/t.yml", false), ("folder/n", false)] {
            assert_eq!(really_inside(&at("root").join(name), &at("root")), expected, "{name}");
        }
    }

    /// Changes are made one after the other, each counted in the text that the one before left.
    #[test]
    fn changes_follow_each_other() {
        let mut desk = desk(&[]);
        desk.open(uri("file:///t.yml"), 1, "a: 🦀x\nb: 2\n".to_owned());
        let edit = |line, from, to, text: &str| TextDocumentContentChangeEvent {
            range: Some(Range::new(Position::new(line, from), Position::new(line, to))),
            range_length: None,
            text: text.to_owned(),
        };
        let before = desk.get("file:///t.yml").expect("open").generation;
        let changes = vec![edit(0, 5, 6, "y\nc: "), edit(1, 3, 3, "3"), edit(9, 0, 9, "end")];
        desk.change("file:///t.yml", 2, changes, Encoding::Utf16);
        let buffer = desk.get("file:///t.yml").expect("open");
        assert_eq!(buffer.source.text(), "a: 🦀y\nc: 3\nb: 2\nend");
        assert!(buffer.version == 2 && buffer.generation > before);
        // A range that is the wrong way round harms nobody.
        desk.change("file:///t.yml", 3, vec![edit(0, 3, 0, "z")], Encoding::Utf8);
        assert!(desk.get("file:///t.yml").is_some_and(|b| b.source.text().starts_with("a: z🦀y")));
    }
}
