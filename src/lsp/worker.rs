//! The thread that checks, so that the one that listens never waits for a scan.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use lsp_server::RequestId;
use lsp_types::{Position, Uri};
use serde_json::Value;

use super::Options;
use super::actions::{self, Asked, Shown};
use super::check::{Look, Verdict, check, guarded, same};
use super::client::Client;
use super::diagnostics;
use super::server::Event;
use super::workshops::{Setup, Workshops};
use super::{address, hover};
use crate::finding::{Finding, Place};

/// Frames of the deepest template fit several times; a thread's own two megabytes are less than the main one has.
const STACK: usize = 16 << 20;

/// A question about a document.
#[derive(Debug)]
pub(super) enum Question {
    /// What can be done about what is found in a range.
    Actions(Asked),
    /// What is under the pointer.
    Hover(Position),
}

/// What a check came to, and of what.
pub(super) struct Checked {
    /// The document.
    pub(super) address: String,
    /// Of which of its states.
    pub(super) generation: u64,
    /// What was found.
    pub(super) verdict: Arc<Verdict>,
    /// What it was checked with.
    pub(super) setup: Arc<Setup>,
}

#[derive(Default)]
struct Queue {
    /// Questions, in order: somebody waits for the answer.
    questions: VecDeque<(RequestId, Question, Look, Vec<Finding>)>,
    /// Documents to check: only the last state of each counts.
    checks: VecDeque<Look>,
    /// Documents that are no longer open.
    closed: Vec<String>,
    /// Whether files may have changed that nobody looks at each time.
    forget: bool,
    /// Whether it is over.
    over: bool,
}

/// The worker, as the listening thread sees it.
pub(super) struct Worker {
    shared: Arc<(Mutex<Queue>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts it; what it finds goes to `events`.
    pub(super) fn start(options: Arc<Options>, client: Arc<Client>, events: Sender<Event>) -> std::io::Result<Self> {
        let shared: Arc<(Mutex<Queue>, Condvar)> = Arc::default();
        let queue = Arc::clone(&shared);
        let bench = Bench { workshops: Workshops::new(options), client, events, last: BTreeMap::new() };
        let builder = thread::Builder::new().name("portcullis-check".to_owned()).stack_size(STACK);
        let thread = Some(builder.spawn(move || bench.work(&queue))?);
        Ok(Self { shared, thread })
    }

    /// Asks for a check; an older one of the same document that has not begun is given up.
    pub(super) fn check(&self, look: Look) {
        self.change(|queue| {
            queue.checks.retain(|other| other.address != look.address);
            queue.checks.push_back(look);
        });
    }

    /// Asks a question, which is answered before anything else is checked. `others` are findings in the document
    /// that were made when others were checked.
    pub(super) fn ask(&self, id: RequestId, question: Question, look: Look, others: Vec<Finding>) {
        self.change(|queue| queue.questions.push_back((id, question, look, others)));
    }

    /// Takes a question back; false when it is being answered already.
    pub(super) fn cancel(&self, id: &RequestId) -> bool {
        let mut cancelled = false;
        self.change(|queue| {
            let before = queue.questions.len();
            queue.questions.retain(|(other, ..)| other != id);
            cancelled = queue.questions.len() < before;
        });
        cancelled
    }

    /// Forgets a document.
    pub(super) fn close(&self, address: &str) {
        self.change(|queue| {
            queue.checks.retain(|look| look.address != address);
            queue.closed.push(address.to_owned());
        });
    }

    /// Sets all rules and configurations up again.
    pub(super) fn forget(&self) {
        self.change(|queue| queue.forget = true);
    }

    fn change(&self, change: impl FnOnce(&mut Queue)) {
        let (queue, bell) = &*self.shared;
        change(&mut queue.lock().unwrap_or_else(PoisonError::into_inner));
        bell.notify_one();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.change(|queue| queue.over = true);
        if let Some(thread) = self.thread.take() {
            // It cannot panic outside the guards; and if it did, the end is the end.
            let _ = thread.join();
        }
    }
}

enum Task {
    Answer(RequestId, Question, Look, Vec<Finding>),
    Check(Look),
}

struct Bench {
    workshops: Workshops,
    client: Arc<Client>,
    events: Sender<Event>,
    /// The last verdict on each document, and of which of its states.
    last: BTreeMap<String, (u64, Arc<Verdict>)>,
}

impl Bench {
    fn work(mut self, shared: &(Mutex<Queue>, Condvar)) {
        while let Some(task) = self.next(shared) {
            let sent = match task {
                Task::Check(look) => {
                    self.verdict(&look);
                    true
                }
                Task::Answer(id, question, look, others) => {
                    let answer = self.answer(&question, &look, others);
                    self.events.send(Event::Answer(id, answer)).is_ok()
                }
            };
            if !sent {
                return;
            }
        }
    }

    fn next(&mut self, (queue, bell): &(Mutex<Queue>, Condvar)) -> Option<Task> {
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if queue.over {
                return None;
            }
            if std::mem::take(&mut queue.forget) {
                self.workshops.forget();
                self.last.clear();
            }
            for address in queue.closed.drain(..) {
                self.last.remove(&address);
            }
            if let Some((id, question, look, others)) = queue.questions.pop_front() {
                return Some(Task::Answer(id, question, look, others));
            }
            if let Some(look) = queue.checks.pop_front() {
                return Some(Task::Check(look));
            }
            queue = bell.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The verdict on a document in its state; a new one is told.
    fn verdict(&mut self, look: &Look) -> (Arc<Setup>, Arc<Verdict>) {
        let setup = self.workshops.of(&look.home, &look.preferences);
        if let Some((generation, verdict)) = self.last.get(&look.address)
            && *generation == look.generation
        {
            return (setup, Arc::clone(verdict));
        }
        let verdict = Arc::new(check(look, &setup.workshop));
        self.last.insert(look.address.clone(), (look.generation, Arc::clone(&verdict)));
        let checked = Checked {
            address: look.address.clone(),
            generation: look.generation,
            verdict: Arc::clone(&verdict),
            setup: Arc::clone(&setup),
        };
        // Nobody listens any more only when all is over, which the next look at the queue shows.
        let _ = self.events.send(Event::Checked(checked));
        (setup, verdict)
    }

    fn answer(&mut self, question: &Question, look: &Look, others: Vec<Finding>) -> Result<Value, String> {
        let (setup, verdict) = self.verdict(look);
        let client = Arc::clone(&self.client);
        guarded(|| {
            let findings = shown(&verdict, others, look, &client);
            let answer = match question {
                Question::Actions(asked) => {
                    serde_json::to_value(actions::actions(asked, look, &setup.workshop, &findings, &client))
                }
                Question::Hover(at) => {
                    serde_json::to_value(hover::hover(*at, look, &setup.workshop, &findings, &client))
                }
            };
            answer.map_err(|error| error.to_string())
        })
        .and_then(|answer| answer)
    }
}

/// The findings in the document itself, with their diagnostics.
fn shown(verdict: &Verdict, others: Vec<Finding>, look: &Look, client: &Client) -> Vec<Shown> {
    let address = |place: &Place| -> Option<Uri> { address::of(&look.home.folder.join(place.file())) };
    let own = verdict.findings.iter().filter(|finding| finding.place.file() == look.source.path());
    let mut findings: Vec<Finding> = own.cloned().collect();
    for other in others {
        if !findings.iter().any(|known| same(known, &other)) {
            findings.push(other);
        }
    }
    let diagnostic = |finding: &Finding| diagnostics::diagnostic(finding, client, address);
    findings.into_iter().map(|finding| (diagnostic(&finding), finding)).map(|(d, f)| (f, d)).collect()
}
