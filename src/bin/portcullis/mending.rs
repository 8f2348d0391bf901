//! `--fix` and `--diff`: edits go into the texts, and the texts are looked at again until there is no more to mend.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use portcullis::discover::DiskLoader;
use portcullis::finding::Run;
use portcullis::fix;
use portcullis::source::{LoadError, Loader, Source};
use portcullis::syntax;

use crate::accepted::Accepted;
use crate::args::{Deployment, Fixing, Global, Reach};
use crate::pipeline::{Files, Workshop};
use crate::secrets::{Secrets, visible};
use crate::{disk, terminal};

/// A fix may make room for the next one; nothing sensible takes longer than this.
const ROUNDS: usize = 12;

/// What came of mending.
pub(crate) struct Mended {
    /// What is left.
    pub(crate) run: Run,
    /// Texts before and after, by name.
    texts: BTreeMap<String, (Arc<Source>, Arc<Source>)>,
    /// How many fixes were made.
    count: usize,
    /// The files that could be mended but for what they are: not UTF-8, read-only.
    left: BTreeMap<String, &'static str>,
}

/// Mends what may be mended, in memory.
pub(crate) fn mend(
    global: &Global,
    workshop: &Workshop,
    files: &mut Files,
    accepted: &Accepted,
    fixing: &Fixing,
    run: Run,
) -> Mended {
    let overlay = Overlay { disk: DiskLoader::new(workshop.here()), changed: Mutex::default() };
    let mut mended = Mended { run, texts: BTreeMap::new(), count: 0, left: BTreeMap::new() };
    for _ in 0..ROUNDS {
        let mut changed = fix::round(mended.run.active(), fixing.fix == Some(Reach::All));
        changed.retain(|round| {
            let name = round.source.path();
            let on_disk = !mended.texts.contains_key(name) && files.given_by_disk(name);
            let why = if !on_disk {
                None
            } else if encoded(workshop, &round.source) {
                Some("not UTF-8")
            } else if !fixing.diff && disk::is_read_only(&workshop.here().join(name)) {
                Some("read-only")
            } else {
                None
            };
            mended.left.extend(why.map(|why| (name.to_owned(), why)));
            why.is_none()
        });
        if changed.is_empty() {
            break;
        }
        for round in changed {
            let name = round.source.path().to_owned();
            let before = round.source;
            let after = Arc::new(Source::new(name.as_str(), round.text));
            mended.count += round.count;
            files.replace(&name, &after);
            overlay.changed.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), Arc::clone(&after));
            mended.texts.entry(name).or_insert_with(|| (before, Arc::clone(&after))).1 = Arc::clone(&after);
        }
        mended.run = workshop.look(global, files, &overlay);
        accepted.apply(workshop, files, &mut mended.run);
    }
    mended
}

/// True for a text that stands on the disk in another encoding than ours.
fn encoded(workshop: &Workshop, source: &Source) -> bool {
    let bytes = disk::bytes(&workshop.here().join(source.path())).ok();
    bytes.is_some_and(|bytes| {
        bytes != source.text().as_bytes() && syntax::decode(bytes).is_ok_and(|text| text == source.text())
    })
}

impl Mended {
    /// True when nothing was mended.
    pub(crate) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Says what was left as it is.
    pub(crate) fn tell_left(&self, global: &Global) {
        for (name, why) in &self.left {
            terminal::note(global, &format!("`{name}` is {why}, and was left as it is"));
        }
    }

    /// Prints the changes as a unified diff, in which nothing is secret and everything can be seen.
    pub(crate) fn show(&self, global: &Global, workshop: &Workshop, deployment: &Deployment) -> anyhow::Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let (old, new): (Vec<_>, Vec<_>) = self.texts.values().map(|(old, new)| (old, new)).unzip();
        let changed = self.texts.iter().map(|(name, (_, after))| (name.clone(), Arc::clone(after))).collect();
        let overlay = Overlay { disk: DiskLoader::new(workshop.here()), changed: Mutex::new(changed) };
        let before = Secrets::of(workshop.here(), &Files::given(old), deployment, &overlay.disk)?;
        let after = Secrets::of(workshop.here(), &Files::given(new), deployment, &overlay)?;
        let mut out = String::new();
        let mut exact = true;
        for (name, (old, new)) in &self.texts {
            let diff = fix::diff(&visible(name), &before.masked(name, old.text()), &after.masked(name, new.text()));
            exact &= diff == fix::diff(name, old.text(), new.text());
            for line in diff.split_inclusive('\n') {
                let shown = visible(line.trim_end_matches('\n'));
                exact &= shown == line.trim_end_matches('\n');
                out.push_str(&shown);
                out.push('\n');
            }
        }
        terminal::out(out.as_bytes())?;
        if !exact {
            let text =
                "secrets and invisible characters are not shown as they are: this diff is to be read, not applied";
            terminal::note(global, text);
        }
        Ok(())
    }

    /// Writes the changed texts.
    pub(crate) fn write(&self, global: &Global, workshop: &Workshop) -> anyhow::Result<()> {
        // What was read is what is replaced, not a text that changed meanwhile.
        // All are looked at before the first is written.
        for (name, (before, _)) in &self.texts {
            if disk::bytes(&workshop.here().join(name))? != before.text().as_bytes() {
                anyhow::bail!("`{name}` is not what was checked: nothing was mended");
            }
        }
        for (name, (_, after)) in &self.texts {
            let path = workshop.here().join(name);
            disk::write(&path, after.text().as_bytes()).with_context(|| format!("cannot write `{name}`"))?;
        }
        if self.count > 0 {
            let files = if self.texts.len() == 1 { "file" } else { "files" };
            let fixes = if self.count == 1 { "fix" } else { "fixes" };
            terminal::note(global, &format!("made {} {fixes} in {} {files}", self.count, self.texts.len()));
        }
        Ok(())
    }
}

/// The disk as it will be.
struct Overlay {
    disk: DiskLoader,
    changed: Mutex<BTreeMap<String, Arc<Source>>>,
}

impl Loader for Overlay {
    fn load(&self, from: &str, target: &str) -> Result<Arc<Source>, LoadError> {
        let source = self.disk.load(from, target)?;
        let changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(changed.get(source.path()).map_or(source, Arc::clone))
    }
}
