//! The conversation: what the editor says, and what is done about it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{
    Cancel, DidChangeConfiguration, DidChangeTextDocument, DidChangeWatchedFiles, DidChangeWorkspaceFolders,
    DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument, Exit, Initialized, LogMessage,
    Notification as Told, ShowMessage,
};
use lsp_types::request::{CodeActionRequest, DocumentDiagnosticRequest, HoverRequest, Request as Wanted, Shutdown};
use lsp_types::{
    CodeActionParams, DocumentDiagnosticParams, HoverParams, LogMessageParams, MessageType, NumberOrString,
    ShowMessageParams,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::actions::Asked;
use super::client::Client;
use super::desk::Desk;
use super::preferences::{Preferences, When};
use super::worker::{Checked, Question, Worker};
use super::workshops::is_configuration;
use super::{Ended, Options, address};

/// Something that happened.
pub(super) enum Event {
    /// The editor said something.
    Message(Message),
    /// The editor went away.
    Closed,
    /// A check is done.
    Checked(Checked),
    /// A question is answered.
    Answer(RequestId, Result<Value, String>),
}

/// Serves the editor at the other end of a connection until it goes.
///
/// # Errors
/// When no thread can be started.
pub fn serve(connection: Connection, options: Options) -> std::io::Result<Ended> {
    let Ok((id, params)) = connection.initialize_start() else { return Ok(Ended::Abandoned) };
    let client = Arc::new(Client::of(&params));
    let about = json!({ "name": "portcullis", "version": env!("CARGO_PKG_VERSION") });
    let welcome = json!({ "capabilities": client.offer(), "serverInfo": about });
    let Connection { sender, receiver } = connection;
    let options = Arc::new(options);
    let (events, inbox) = mpsc::channel();
    let worker = Worker::start(Arc::clone(&options), Arc::clone(&client), events.clone())?;
    let mut server = Server {
        out: Box::new(move |message| sender.send(message).is_ok()),
        client,
        worker,
        options,
        desk: Desk::default(),
        preferences: Arc::default(),
        asked: BTreeSet::new(),
        published: BTreeSet::new(),
        told: BTreeSet::new(),
        complained: BTreeSet::new(),
        requests: 0,
        leaving: false,
        begun_with: params.get("initializationOptions").cloned().unwrap_or_default(),
    };
    server.desk.set_roots(roots(&params));
    if let Some(settings) = params.get("initializationOptions") {
        server.prefer(settings);
    }
    server.send(Response::new_ok(id, welcome));
    // The channel is the connection's own type; behind this thread everything that happens is one queue.
    thread::Builder::new().name("portcullis-ear".to_owned()).spawn(move || {
        let heard = receiver.into_iter().all(|message| events.send(Event::Message(message)).is_ok());
        if heard {
            let _ = events.send(Event::Closed);
        }
    })?;
    Ok(server.run(&inbox))
}

/// The folders that the editor has open.
fn roots(params: &Value) -> Vec<PathBuf> {
    let folders = params.get("workspaceFolders").and_then(Value::as_array);
    let named: Vec<_> = folders.into_iter().flatten().filter_map(|folder| folder.get("uri")?.as_str()).collect();
    let root = || params.get("rootUri").and_then(Value::as_str).into_iter().collect();
    let addresses = if named.is_empty() { root() } else { named };
    let paths: Vec<_> = addresses.into_iter().filter_map(address::path).collect();
    let old = || params.get("rootPath").and_then(Value::as_str).map(PathBuf::from);
    if paths.is_empty() { old().into_iter().collect() } else { paths }
}

/// The listening side.
pub(super) struct Server {
    /// Says something to the editor; false when it is gone.
    out: Box<dyn Fn(Message) -> bool>,
    pub(super) client: Arc<Client>,
    pub(super) worker: Worker,
    options: Arc<Options>,
    pub(super) desk: Desk,
    pub(super) preferences: Arc<Preferences>,
    /// Requests that have no response yet.
    asked: BTreeSet<RequestId>,
    /// Documents that are not open and have diagnostics all the same.
    pub(super) published: BTreeSet<String>,
    /// What is wrong with configurations and has been told.
    pub(super) told: BTreeSet<String>,
    /// The configurations it has been shown in.
    pub(super) complained: BTreeSet<PathBuf>,
    requests: i32,
    leaving: bool,
    /// The initialization options: settings of an editor that has none of its own.
    pub(super) begun_with: Value,
}

impl Server {
    fn run(mut self, inbox: &Receiver<Event>) -> Ended {
        loop {
            for address in self.desk.take_due(Instant::now()) {
                self.check_now(&address);
            }
            let event = match self.desk.next_due() {
                None => inbox.recv().ok(),
                Some(due) => match inbox.recv_timeout(due.saturating_duration_since(Instant::now())) {
                    Ok(event) => Some(event),
                    Err(RecvTimeoutError::Disconnected) => None,
                    Err(RecvTimeoutError::Timeout) => continue,
                },
            };
            match event {
                Some(Event::Message(Message::Request(request))) => self.request(request),
                Some(Event::Message(Message::Notification(said))) if said.method == Exit::METHOD => {
                    return if self.leaving { Ended::Orderly } else { Ended::Abandoned };
                }
                Some(Event::Message(Message::Notification(said))) => self.notification(said),
                Some(Event::Message(Message::Response(response))) => self.response(response),
                Some(Event::Checked(checked)) => self.checked(checked),
                Some(Event::Answer(id, answer)) => self.answered(id, answer),
                Some(Event::Closed) | None => return Ended::Abandoned,
            }
        }
    }

    fn request(&mut self, request: Request) {
        let Request { id, method, params } = request;
        if self.leaving {
            return self.refuse(id, ErrorCode::InvalidRequest, "shutting down");
        }
        self.asked.insert(id.clone());
        match method.as_str() {
            Shutdown::METHOD => {
                self.leaving = true;
                self.respond(id, Value::Null);
            }
            CodeActionRequest::METHOD => match read::<CodeActionParams>(params) {
                Ok(params) => self.actions(id, params),
                Err(why) => self.refuse(id, ErrorCode::InvalidParams, &why),
            },
            HoverRequest::METHOD => match read::<HoverParams>(params) {
                Ok(params) => {
                    let at = params.text_document_position_params;
                    self.question(id, at.text_document.uri.as_str(), Question::Hover(at.position));
                }
                Err(why) => self.refuse(id, ErrorCode::InvalidParams, &why),
            },
            DocumentDiagnosticRequest::METHOD => match read::<DocumentDiagnosticParams>(params) {
                Ok(params) => self.pull(id, params.text_document.uri.as_str(), params.previous_result_id),
                Err(why) => self.refuse(id, ErrorCode::InvalidParams, &why),
            },
            _ => self.refuse(id, ErrorCode::MethodNotFound, &format!("there is no `{method}` here")),
        }
    }

    fn actions(&mut self, id: RequestId, params: CodeActionParams) {
        let uri = params.text_document.uri;
        let Some(buffer) = self.desk.get(uri.as_str()).filter(|_| self.client.actions) else {
            return self.respond(id, Value::Array(Vec::new()));
        };
        let asked = Asked {
            version: buffer.version,
            range: params.range,
            only: params.context.only,
            trigger: params.context.trigger_kind,
            uri: uri.clone(),
        };
        self.question(id, uri.as_str(), Question::Actions(asked));
    }

    fn question(&mut self, id: RequestId, address: &str, question: Question) {
        match self.desk.look(address, &self.preferences) {
            Some(look) => self.worker.ask(id, question, look, self.told_elsewhere(address)),
            None => self.respond(id, Value::Null),
        }
    }

    fn notification(&mut self, said: Notification) {
        let Notification { method, params } = said;
        let done = match method.as_str() {
            Initialized::METHOD => {
                self.register();
                Ok(())
            }
            DidOpenTextDocument::METHOD => heard::<DidOpenTextDocument>(params).map(|params| {
                let document = params.text_document;
                let address = document.uri.as_str().to_owned();
                self.desk.open(document.uri, document.version, document.text);
                self.changed(&address, Duration::ZERO);
            }),
            DidChangeTextDocument::METHOD => heard::<DidChangeTextDocument>(params).map(|params| {
                let document = params.text_document;
                let address = document.uri.as_str();
                self.desk.change(address, document.version, params.content_changes, self.client.encoding);
                if self.preferences.when == When::Changed {
                    self.changed(address, self.options.debounce);
                }
            }),
            DidSaveTextDocument::METHOD => heard::<DidSaveTextDocument>(params).map(|params| {
                let address = params.text_document.uri.as_str();
                if address::path(address).is_some_and(|p| is_configuration(&p) || self.desk.is_input(&p)) {
                    return self.reload();
                }
                // What it includes may have changed on the disk, and not every editor watches files for us.
                self.changed(address, Duration::ZERO);
                self.stir([address.to_owned()], Duration::ZERO);
            }),
            DidCloseTextDocument::METHOD => {
                heard::<DidCloseTextDocument>(params).map(|params| self.close(params.text_document.uri.as_str()))
            }
            DidChangeConfiguration::METHOD => heard::<DidChangeConfiguration>(params).map(|params| {
                if self.client.settings {
                    self.ask_settings();
                } else {
                    self.prefer(&params.settings);
                }
            }),
            DidChangeWatchedFiles::METHOD => heard::<DidChangeWatchedFiles>(params).map(|params| {
                let paths: Vec<_> = params.changes.iter().filter_map(|c| address::path(c.uri.as_str())).collect();
                if paths.iter().any(|path| is_configuration(path) || self.desk.is_input(path)) {
                    return self.reload();
                }
                let touched: BTreeSet<String> = paths.iter().flat_map(|path| self.desk.touched_by(path)).collect();
                self.stir(touched, self.options.debounce);
            }),
            DidChangeWorkspaceFolders::METHOD => heard::<DidChangeWorkspaceFolders>(params).map(|params| {
                let path = |folder: &lsp_types::WorkspaceFolder| address::path(folder.uri.as_str());
                let gone: Vec<_> = params.event.removed.iter().filter_map(path).collect();
                let kept = self.desk.roots().iter().filter(|root| !gone.contains(root)).cloned();
                let roots: Vec<_> = kept.chain(params.event.added.iter().filter_map(path)).collect();
                self.desk.set_roots(roots);
                self.reload();
            }),
            Cancel::METHOD => heard::<Cancel>(params).map(|params| {
                let id = match params.id {
                    NumberOrString::Number(id) => RequestId::from(id),
                    NumberOrString::String(id) => RequestId::from(id),
                };
                self.cancel(&id);
            }),
            // `$/setTrace`, `$/progress` and whatever else need not concern us.
            _ => Ok(()),
        };
        if let Err(why) = done {
            self.log(MessageType::WARNING, format!("`{method}` was not understood: {why}"));
        }
    }

    fn cancel(&mut self, id: &RequestId) {
        let mut waiting = false;
        let addresses: Vec<String> = self.desk.iter().map(|(address, _)| address.clone()).collect();
        for address in addresses {
            if let Some(buffer) = self.desk.get_mut(&address) {
                let before = buffer.waiting.len();
                buffer.waiting.retain(|(other, _)| other != id);
                waiting |= buffer.waiting.len() < before;
            }
        }
        // What is being answered already gets its answer.
        if waiting || self.worker.cancel(id) {
            self.refuse(id.clone(), ErrorCode::RequestCanceled, "cancelled");
        }
    }

    /// A document or its state on the disk changed: it is looked at again, and so is what depends on it.
    fn changed(&mut self, address: &str, pause: Duration) {
        let Some(buffer) = self.desk.get(address) else { return };
        let (folder, name) = (buffer.home.folder.clone(), buffer.source.path().to_owned());
        let dependents = self.desk.dependents(&folder, &name);
        // An editor that asks for diagnostics asks for those of what it changed.
        if !self.client.pulls {
            self.schedule(address, pause);
        }
        self.stir(dependents, self.options.debounce);
    }

    /// What is known of documents is no longer so.
    pub(super) fn stir(&mut self, addresses: impl IntoIterator<Item = String>, pause: Duration) {
        for address in addresses {
            self.desk.stir(&address);
            self.schedule(&address, pause);
        }
    }

    fn schedule(&mut self, address: &str, pause: Duration) {
        if let Some(buffer) = self.desk.get_mut(address) {
            buffer.due = Some(Instant::now() + pause);
        }
    }

    pub(super) fn check_now(&self, address: &str) {
        if let Some(look) = self.desk.look(address, &self.preferences) {
            self.worker.check(look);
        }
    }

    /// Everything that was set up is set up again, and every document looked at again.
    pub(super) fn reload(&mut self) {
        self.worker.forget();
        let all: Vec<String> = self.desk.iter().map(|(address, _)| address.clone()).collect();
        self.stir(all, Duration::ZERO);
    }

    fn answered(&mut self, id: RequestId, answer: Result<Value, String>) {
        match answer {
            Ok(answer) => self.respond(id, answer),
            Err(words) => self.refuse(id, ErrorCode::InternalError, &words),
        }
    }

    /// Asks the editor for something; what it answers does not matter.
    pub(super) fn ask(&mut self, method: &str, params: Value) {
        self.requests += 1;
        self.send(Request::new(self.requests.into(), method.to_owned(), params));
    }

    /// Answers a request, once.
    pub(super) fn respond(&mut self, id: RequestId, answer: Value) {
        if self.asked.remove(&id) {
            self.send(Response::new_ok(id, answer));
        }
    }

    fn refuse(&mut self, id: RequestId, code: ErrorCode, why: &str) {
        self.asked.remove(&id);
        self.send(Response::new_err(id, code as i32, why.to_owned()));
    }

    pub(super) fn log(&self, typ: MessageType, message: String) {
        self.tell::<LogMessage>(LogMessageParams { typ, message });
    }

    pub(super) fn show(&self, typ: MessageType, message: String) {
        self.tell::<ShowMessage>(ShowMessageParams { typ, message: format!("portcullis: {message}") });
    }

    pub(super) fn tell<N: Told>(&self, params: N::Params) {
        self.send(Notification::new(N::METHOD.to_owned(), params));
    }

    pub(super) fn send(&self, message: impl Into<Message>) {
        // Once it is gone, the next event is that it is.
        let _ = (self.out)(message.into());
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, String> {
    serde_json::from_value(params).map_err(|error| error.to_string())
}

fn heard<N: Told>(params: Value) -> Result<N::Params, String> {
    read(params)
}
