//! `--fix` and `--diff`: edits go into the texts, and the texts are looked at again until there is no more to mend.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use portcullis::discover::DiskLoader;
use portcullis::finding::{Fix, Run, Safety};
use portcullis::fix::{self, Change};
use portcullis::source::{LoadError, Loader, Source};

use crate::accepted::Accepted;
use crate::args::{Fixing, Global, Reach};
use crate::pipeline::{Files, Workshop};
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
    let mut mended = Mended { run, texts: BTreeMap::new(), count: 0 };
    for _ in 0..ROUNDS {
        let changed = round(&mended.run, fixing.fix == Some(Reach::All));
        if changed.is_empty() {
            break;
        }
        for (before, after, count) in changed {
            let name = before.path().to_owned();
            let after = Arc::new(Source::new(name.as_str(), after));
            mended.count += count;
            files.replace(&name, &after);
            overlay.changed.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), Arc::clone(&after));
            mended.texts.entry(name).or_insert_with(|| (before, Arc::clone(&after))).1 = Arc::clone(&after);
        }
        mended.run = workshop.look(global, files, &overlay);
        accepted.apply(workshop, files, &mut mended.run);
    }
    mended
}

/// The texts that change in one go: before, after, and by how many fixes.
fn round(run: &Run, all: bool) -> Vec<(Arc<Source>, String, usize)> {
    let wanted = |fix: &&Fix| all || fix.safety == Safety::Safe;
    // By name, not by address: one text may have been read for several templates.
    let mut texts: BTreeMap<&str, (&Arc<Source>, Vec<Vec<Change>>)> = BTreeMap::new();
    for finding in run.active() {
        let Some(fix) = finding.fixes.iter().find(wanted) else { continue };
        let Some(first) = fix.edits.first() else { continue };
        // A fix of several texts would have to be made in all of them or in none; none is, so far.
        if fix.edits.iter().any(|edit| edit.place.file() != first.place.file()) {
            continue;
        }
        let changes = fix.edits.iter().map(|edit| (edit.place.start..edit.place.end, edit.text.clone())).collect();
        texts.entry(first.place.file()).or_insert_with(|| (&first.place.source, Vec::new())).1.push(changes);
    }
    let mut changed = Vec::new();
    for (source, fixes) in texts.into_values() {
        let slices: Vec<&[Change]> = fixes.iter().map(Vec::as_slice).collect();
        let chosen: Vec<&Vec<Change>> = fix::select(&slices).into_iter().filter_map(|at| fixes.get(at)).collect();
        let together: Vec<Change> = chosen.iter().flat_map(|changes| changes.iter().cloned()).collect();
        if let Ok(after) = fix::verify(source.text(), &together) {
            if after != source.text() {
                changed.push((Arc::clone(source), after, chosen.len()));
            }
            continue;
        }
        // One of them does harm: the first that does none is made, and the next round sees to the others.
        let alone = chosen.iter().find_map(|changes| fix::verify(source.text(), changes).ok());
        if let Some(after) = alone.filter(|after| after != source.text()) {
            changed.push((Arc::clone(source), after, 1));
        }
    }
    changed
}

impl Mended {
    /// True when nothing was mended.
    pub(crate) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The changes as a unified diff.
    pub(crate) fn diff(&self) -> String {
        let differences = self.texts.iter().map(|(name, (before, after))| fix::diff(name, before.text(), after.text()));
        differences.collect()
    }

    /// Writes the changed texts.
    pub(crate) fn write(&self, global: &Global, workshop: &Workshop) -> anyhow::Result<()> {
        // What was read is what is replaced: not a text in another encoding, nor one that changed meanwhile.
        // All are looked at before the first is written.
        for (name, (before, _)) in &self.texts {
            if disk::bytes(&workshop.here().join(name))? != before.text().as_bytes() {
                anyhow::bail!("`{name}` is not what was checked, or not UTF-8: nothing was mended");
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
