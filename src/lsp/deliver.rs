//! Verdicts on their way to the editor: sent, or handed out when it asks.

use std::cmp::Reverse;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_server::RequestId;
use lsp_types::notification::PublishDiagnostics;
use lsp_types::request::{Request as Wanted, WorkspaceDiagnosticRefresh};
use lsp_types::{
    Diagnostic, DocumentDiagnosticReport, DocumentDiagnosticReportKind, FullDocumentDiagnosticReport, MessageType,
    PublishDiagnosticsParams, RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport,
    UnchangedDocumentDiagnosticReport,
};
use serde_json::Value;

use super::check::{Verdict, order, same};
use super::desk::Buffer;
use super::preferences::When;
use super::server::Server;
use super::worker::Checked;
use super::workshops::Complaint;
use super::{address, diagnostics};
use crate::finding::{Finding, Place};
use crate::source::Source;

/// How many diagnostics of one document an editor is given, the most severe first: nobody reads more.
const MOST: usize = 2_000;

impl Server {
    /// A check is done.
    pub(super) fn checked(&mut self, checked: Checked) {
        let Checked { address, generation, verdict, setup } = checked;
        let Some(buffer) = self.desk.get_mut(&address) else { return };
        buffer.setup = Some(setup);
        if buffer.generation != generation {
            // It was changed meanwhile: the next check is due, unless only somebody who waits makes it so.
            let waited_for = !buffer.waiting.is_empty();
            if waited_for {
                self.check_now(&address);
            }
            return;
        }
        let waiting = std::mem::take(&mut buffer.waiting);
        let (folder, name) = (buffer.home.folder.clone(), buffer.source.path().to_owned());
        let before = buffer.verdict.replace((generation, Arc::clone(&verdict))).map(|(_, verdict)| verdict);
        self.tell_why(&address, before.as_deref(), &verdict);
        self.complain();
        let mut others = files(&verdict);
        others.extend(before.iter().flat_map(|verdict| files(verdict)));
        others.remove(&name);
        // Who asks although nothing was offered gets an answer all the same.
        let asked = !waiting.is_empty();
        for (id, known) in waiting {
            self.hand_out(id, &address, known.as_deref());
        }
        if self.client.pulls {
            let news = !before.is_some_and(|before| alike(&before, &verdict));
            let unasked = !asked || others.iter().any(|name| self.desk.named(&folder, name).is_some());
            // Nobody asked for what changed: the editor is told to ask.
            if news && unasked {
                self.ask(WorkspaceDiagnosticRefresh::METHOD, Value::Null);
            }
        } else {
            others.insert(name);
            for name in others {
                self.publish(&folder, &name);
            }
        }
    }

    /// A document was closed.
    pub(super) fn close(&mut self, address: &str) {
        let Some(buffer) = self.desk.close(address) else { return };
        self.worker.close(address);
        for (id, _) in buffer.waiting {
            self.respond(id, empty());
        }
        let folder = &buffer.home.folder;
        if !self.client.pulls {
            let mut names: BTreeSet<String> = buffer.verdict.iter().flat_map(|(_, verdict)| files(verdict)).collect();
            // What it had goes, unless it is found through another document too; then `publish` says what is left.
            self.published.insert(buffer.uri.as_str().to_owned());
            names.insert(buffer.source.path().to_owned());
            for name in names {
                self.publish(folder, &name);
            }
        }
        // What included it sees the disk again.
        let dependents = self.desk.dependents(folder, buffer.source.path());
        self.stir(dependents, std::time::Duration::ZERO);
        self.complain();
    }

    /// Diagnostics are asked for.
    pub(super) fn pull(&mut self, id: RequestId, address: &str, known: Option<String>) {
        let lazy = self.preferences.when == When::Saved;
        let Some(buffer) = self.desk.get_mut(address) else { return self.respond(id, empty()) };
        if buffer.fresh().is_some() || (lazy && buffer.verdict.is_some()) {
            return self.hand_out(id, address, known.as_deref());
        }
        buffer.waiting.push((id, known));
        buffer.due = None;
        self.check_now(address);
    }

    /// What is found in a document when others are checked, besides what is found in it by itself.
    pub(super) fn told_elsewhere(&self, address: &str) -> Vec<Finding> {
        let Some(buffer) = self.desk.get(address) else { return Vec::new() };
        let others = self.desk.iter().filter(|(other, b)| *other != address && b.home.folder == buffer.home.folder);
        let verdicts = others.filter_map(|(_, other)| Some(&other.verdict.as_ref()?.1));
        let here = |finding: &&Finding| is_of(finding, &buffer.source);
        verdicts.flat_map(|verdict| verdict.findings.iter().filter(here).cloned()).collect()
    }

    /// The diagnostics of a file, whichever document they were found through.
    fn of(&self, folder: &Path, name: &str) -> Vec<Diagnostic> {
        let beside = |buffer: &&Buffer| buffer.home.folder == folder;
        let verdicts =
            || self.desk.iter().map(|(_, b)| b).filter(beside).filter_map(|b| Some((b, &b.verdict.as_ref()?.1)));
        // What others found in a text that has changed since is not shown where it no longer is: they are next.
        let now = self.desk.named(folder, name).map(|buffer| &buffer.source);
        let of = |finding: &&Finding, own: bool| {
            finding.place.file() == name && (own || now.is_none_or(|now| is_of(finding, now)))
        };
        let mut findings: Vec<&Finding> = Vec::new();
        for (buffer, verdict) in verdicts() {
            let own = buffer.source.path() == name;
            findings.extend(verdict.findings.iter().filter(|finding| of(finding, own)));
        }
        // Of what is found twice, the telling that says more is kept.
        findings.sort_by(|a, b| order(a).cmp(&order(b)).then(b.related.len().cmp(&a.related.len())));
        findings.dedup_by(|later, earlier| same(later, earlier));
        if findings.len() > MOST {
            findings.sort_by_key(|finding| Reverse(finding.severity));
            findings.truncate(MOST);
            findings.sort_by(|a, b| order(a).cmp(&order(b)));
        }
        let failed = verdicts().filter(|(buffer, _)| buffer.source.path() == name);
        let failed = failed.filter_map(|(_, verdict)| verdict.failed.as_deref()).map(diagnostics::failure);
        let address = |place: &Place| self.desk.address(folder, place.file());
        let shown = findings.into_iter().map(|finding| diagnostics::diagnostic(finding, &self.client, address));
        failed.chain(shown).collect()
    }

    fn publish(&mut self, folder: &Path, name: &str) {
        let Some(uri) = self.desk.address(folder, name) else { return };
        let found = self.of(folder, name);
        let version = match self.desk.named(folder, name) {
            Some(buffer) => Some(buffer.version),
            None if found.is_empty() => {
                // Nothing there now, and nothing before: nothing to say.
                if !self.published.remove(uri.as_str()) {
                    return;
                }
                None
            }
            None => {
                self.published.insert(uri.as_str().to_owned());
                None
            }
        };
        self.tell::<PublishDiagnostics>(PublishDiagnosticsParams::new(uri, found, version));
    }

    fn hand_out(&mut self, id: RequestId, address: &str, known: Option<&str>) {
        let Some(buffer) = self.desk.get(address) else { return self.respond(id, empty()) };
        let (folder, name) = (&buffer.home.folder, buffer.source.path());
        let items = self.of(folder, name);
        let result_id = digest(&items);
        let related_documents = self.client.related_documents.then(|| {
            let names = buffer.verdict.iter().flat_map(|(_, verdict)| files(verdict));
            let closed = names.filter(|other| other != name && self.desk.named(folder, other).is_none());
            let reports = closed.filter_map(|other| {
                let items = self.of(folder, &other);
                let report = FullDocumentDiagnosticReport { result_id: None, items };
                Some((self.desk.address(folder, &other)?, DocumentDiagnosticReportKind::Full(report)))
            });
            #[expect(clippy::mutable_key_type, reason = "the protocol's crate wants it so; an address never changes")]
            let reports: HashMap<_, _> = reports.collect();
            reports
        });
        let related_documents = related_documents.filter(|reports| !reports.is_empty());
        let report = if known == Some(&result_id) {
            let unchanged_document_diagnostic_report = UnchangedDocumentDiagnosticReport { result_id };
            DocumentDiagnosticReport::Unchanged(RelatedUnchangedDocumentDiagnosticReport {
                related_documents,
                unchanged_document_diagnostic_report,
            })
        } else {
            let full_document_diagnostic_report = FullDocumentDiagnosticReport { result_id: Some(result_id), items };
            DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
                related_documents,
                full_document_diagnostic_report,
            })
        };
        let answer = serde_json::to_value(report).unwrap_or_else(|_| empty());
        self.respond(id, answer);
    }

    /// Says in the log why a document is not checked, once.
    fn tell_why(&mut self, address: &str, before: Option<&Verdict>, verdict: &Verdict) {
        let Some(buffer) = self.desk.get(address) else { return };
        if let Some(why) = verdict.left_alone.filter(|why| before.and_then(|b| b.left_alone) != Some(why)) {
            self.log(MessageType::INFO, format!("{} is not checked: {why}", buffer.source.path()));
        }
        if let Some(words) = &verdict.failed {
            self.log(MessageType::ERROR, format!("{} could not be checked: {words}", buffer.source.path()));
        }
    }

    /// Says what is wrong with configurations, once, and shows it in them while it is so.
    fn complain(&mut self) {
        let mut files: BTreeMap<PathBuf, Complaint> = BTreeMap::new();
        let mut messages = BTreeSet::new();
        for (_, buffer) in self.desk.iter() {
            let Some(complaint) = buffer.setup.as_ref().and_then(|setup| setup.complaint.as_ref()) else { continue };
            messages.insert(complaint.message.clone());
            if let Some(file) = &complaint.file {
                files.insert(file.clone(), complaint.clone());
            }
        }
        if messages == self.told {
            return;
        }
        for message in messages.difference(&self.told) {
            self.show(MessageType::ERROR, message.clone());
        }
        self.told = messages;
        if self.client.pulls {
            return;
        }
        let gone: Vec<PathBuf> = self.complained.iter().filter(|file| !files.contains_key(*file)).cloned().collect();
        for file in gone {
            self.complained.remove(&file);
            if let Some(uri) = address::of(&file) {
                self.tell::<PublishDiagnostics>(PublishDiagnosticsParams::new(uri, Vec::new(), None));
            }
        }
        for (file, complaint) in files {
            let Some(uri) = address::of(&file) else { continue };
            let encoding = self.client.encoding;
            let mistakes = complaint.mistakes.iter().map(|mistake| {
                let text = mistake.help.as_ref().map_or_else(String::new, |help| format!("; {help}"));
                diagnostics::mistake(mistake.place.as_ref(), &format!("{}{text}", mistake.message), encoding)
            });
            let mut found: Vec<_> = mistakes.collect();
            if found.is_empty() {
                found.push(diagnostics::mistake(None, &complaint.message, encoding));
            }
            self.complained.insert(file);
            self.tell::<PublishDiagnostics>(PublishDiagnosticsParams::new(uri, found, None));
        }
    }
}

/// True for a finding in a text as it is now.
fn is_of(finding: &Finding, now: &Arc<Source>) -> bool {
    let source = &finding.place.source;
    source.path() == now.path() && (Arc::ptr_eq(source, now) || source.text() == now.text())
}

/// True when two verdicts look the same in an editor.
fn alike(a: &Verdict, b: &Verdict) -> bool {
    let pairs = || a.findings.iter().zip(&b.findings);
    a.failed == b.failed
        && a.findings.len() == b.findings.len()
        && pairs().all(|(a, b)| same(a, b) && a.severity == b.severity && a.related.len() == b.related.len())
}

/// The files that something was found in.
fn files(verdict: &Verdict) -> BTreeSet<String> {
    verdict.findings.iter().map(|finding| finding.place.file().to_owned()).collect()
}

/// What stands for a list of diagnostics: equal lists have equal ones.
fn digest(items: &[Diagnostic]) -> String {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(items).unwrap_or_default().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// A report of nothing.
fn empty() -> Value {
    serde_json::json!({ "kind": "full", "items": [] })
}
