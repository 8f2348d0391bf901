//! An editor for tests: starts the server, talks to it, and keeps documents as an editor would.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// A server that says nothing for this long is stuck; nothing is ever this slow.
const STUCK: Duration = Duration::from_secs(60);

/// A rule of a user's, whose fix is safe, so that these tests do not depend on the built-in rules.
pub(super) const RULE: &str = "\
name: house-bucket-readable
title: bucket is readable by everyone
category: exposure
severity: high
why: Everybody can read it.
remedy: Remove the ACL.
check:
  on: AWS::S3::Bucket
  bad:
    AccessControl: [PublicRead, PublicReadWrite]
fix:
  title: make the bucket private
  safety: safe
  set: {AccessControl: Private}
examples:
  - bad: |
      Resources:
        Bucket:
          Type: AWS::S3::Bucket
          Properties:
            AccessControl: PublicRead # <--
  - good: |
      Resources:
        Bucket:
          Type: AWS::S3::Bucket
";

/// Only that rule runs, and the one that speaks of broken files.
pub(super) const CONFIG: &str = "rules-dirs = ['policies']\nselect = ['house-bucket-readable', 'syntax-error']\n";

/// A folder with the rule in it.
pub(super) fn house() -> TempDir {
    let temp = tempfile::tempdir().expect("a folder");
    write(temp.path(), "policies/house-bucket-readable.yaml", RULE);
    write(temp.path(), "portcullis.toml", CONFIG);
    // The search for a configuration ends here.
    std::fs::create_dir(temp.path().join(".git")).expect("a folder");
    temp
}

pub(super) fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

pub(super) struct Editor {
    process: Child,
    input: Option<ChildStdin>,
    heard: Receiver<Value>,
    /// What was heard while waiting for something else.
    kept: VecDeque<Value>,
    folder: std::path::PathBuf,
    utf8: bool,
    requests: i64,
    pub(super) documents: BTreeMap<String, (i64, String)>,
    pub(super) welcome: Value,
    /// The answer to a request for the settings.
    pub(super) settings: Value,
}

impl Editor {
    /// An editor with a folder open, that says these things of itself.
    pub(super) fn open(folder: &Path, capabilities: Value) -> Self {
        let address = address(folder);
        let params = json!({
            "processId": null,
            "rootUri": address,
            "workspaceFolders": [{ "uri": address, "name": "test" }],
            "capabilities": capabilities,
        });
        Self::start(folder, params)
    }

    pub(super) fn start(folder: &Path, params: Value) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .args(["lsp", "--stdio"])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let input = process.stdin.take();
        let mut output = BufReader::new(process.stdout.take().expect("piped"));
        let (ear, heard) = channel();
        std::thread::spawn(move || {
            while let Some(message) = receive(&mut output) {
                if ear.send(message).is_err() {
                    return;
                }
            }
        });
        let mut editor = Self {
            process,
            input,
            heard,
            kept: VecDeque::new(),
            folder: folder.to_owned(),
            utf8: false,
            requests: 0,
            documents: BTreeMap::new(),
            welcome: Value::Null,
            settings: json!([null]),
        };
        editor.welcome = editor.ask("initialize", params);
        editor.utf8 = editor.welcome["capabilities"]["positionEncoding"] == "utf-8";
        editor.tell("initialized", json!({}));
        editor
    }

    pub(super) fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks and waits for the answer.
    pub(super) fn ask(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask_whole(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Asks and waits for the answer, be it an error.
    pub(super) fn ask_whole(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params);
        self.answer(id)
    }

    pub(super) fn begin(&mut self, method: &str, params: Value) -> i64 {
        self.requests += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.requests, "method": method, "params": params }));
        self.requests
    }

    pub(super) fn answer(&mut self, id: i64) -> Value {
        self.wait(|message| message.get("method").is_none() && message["id"] == id)
    }

    /// Waits for something the server says by itself.
    pub(super) fn hear(&mut self, method: &str) -> Value {
        self.wait(|message| message["method"] == method)["params"].clone()
    }

    /// Waits for the diagnostics of a document in its present version.
    pub(super) fn diagnostics(&mut self, name: &str) -> Vec<Value> {
        let uri = address(&self.folder.join(name));
        let version = self.documents.get(name).map(|(version, _)| *version);
        let message = self.wait(|message| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri.as_str()
                && version.is_none_or(|version| message["params"]["version"] == version)
        });
        message["params"]["diagnostics"].as_array().cloned().expect("a list")
    }

    /// Waits until the diagnostics of a document are so many.
    pub(super) fn diagnostics_until(&mut self, name: &str, count: usize) -> Vec<Value> {
        loop {
            let found = self.diagnostics(name);
            if found.len() == count {
                return found;
            }
        }
    }

    fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&wanted) {
            return self.kept.remove(at).expect("just found");
        }
        loop {
            let message = self.heard.recv_timeout(STUCK).expect("the server is alive and says something");
            if message.get("method").is_some() && message.get("id").is_some() {
                self.oblige(&message);
            }
            if wanted(&message) {
                return message;
            }
            self.kept.push_back(message);
        }
    }

    /// Answers what the server asks.
    fn oblige(&mut self, request: &Value) {
        let result = if request["method"] == "workspace/configuration" { self.settings.clone() } else { Value::Null };
        self.send(&json!({ "jsonrpc": "2.0", "id": request["id"], "result": result }));
    }

    /// Opens a document with a text, whatever the disk has.
    pub(super) fn show(&mut self, name: &str, text: &str) {
        self.documents.insert(name.to_owned(), (1, text.to_owned()));
        let uri = address(&self.folder.join(name));
        let document = json!({ "uri": uri, "languageId": "yaml", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Types over the first occurrence of some text, and tells the server what changed where.
    pub(super) fn replace(&mut self, name: &str, old: &str, new: &str) {
        let (version, text) = self.documents.get_mut(name).expect("open");
        let start = text.find(old).expect("there");
        let range =
            json!({ "start": position(text, start, self.utf8), "end": position(text, start + old.len(), self.utf8) });
        text.replace_range(start..start + old.len(), new);
        *version += 1;
        let params = json!({
            "textDocument": { "uri": address(&self.folder.join(name)), "version": *version },
            "contentChanges": [{ "range": range, "text": new }],
        });
        self.tell("textDocument/didChange", params);
    }

    pub(super) fn text(&self, name: &str) -> &str {
        &self.documents[name].1
    }

    /// The bytes of a range of a document.
    pub(super) fn slice(&self, name: &str, range: &Value) -> &str {
        let text = self.text(name);
        &text[offset(text, &range["start"], self.utf8)..offset(text, &range["end"], self.utf8)]
    }

    /// The actions for a range.
    pub(super) fn actions(&mut self, name: &str, range: &Value, context: Value) -> Vec<Value> {
        let uri = address(&self.folder.join(name));
        let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": context });
        self.ask("textDocument/codeAction", params).as_array().cloned().expect("a list")
    }

    pub(super) fn hover(&mut self, name: &str, needle: &str) -> String {
        let text = self.text(name);
        let at = position(text, text.find(needle).expect("there"), self.utf8);
        let params = json!({ "textDocument": { "uri": address(&self.folder.join(name)) }, "position": at });
        let answer = self.ask("textDocument/hover", params);
        answer["contents"]["value"].as_str().unwrap_or("").to_owned()
    }

    /// Makes the edits of an action, the last first, and tells the server.
    pub(super) fn apply(&mut self, name: &str, action: &Value) {
        let uri = address(&self.folder.join(name));
        let edit = &action["edit"];
        let edits = match &edit["documentChanges"][0] {
            Value::Null => edit["changes"][&uri].clone(),
            change => {
                assert_eq!(change["textDocument"]["uri"], uri.as_str());
                assert_eq!(change["textDocument"]["version"], self.documents[name].0);
                change["edits"].clone()
            }
        };
        let (version, text) = self.documents.get_mut(name).expect("open");
        let mut edits = edits.as_array().cloned().expect("edits");
        edits.sort_by_key(|edit| offset(text, &edit["range"]["start"], self.utf8));
        for edit in edits.iter().rev() {
            let (start, end) = (&edit["range"]["start"], &edit["range"]["end"]);
            let range = offset(text, start, self.utf8)..offset(text, end, self.utf8);
            text.replace_range(range, edit["newText"].as_str().expect("a text"));
        }
        *version += 1;
        // Editors that do not send ranges send everything.
        let params = json!({
            "textDocument": { "uri": uri, "version": *version },
            "contentChanges": [{ "text": text.clone() }],
        });
        self.tell("textDocument/didChange", params);
    }

    pub(super) fn saved(&mut self, name: &str) {
        let uri = address(&self.folder.join(name));
        self.tell("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    }

    pub(super) fn watched(&mut self, name: &str) {
        let uri = address(&self.folder.join(name));
        self.tell("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri, "type": 2 }] }));
    }

    /// Says goodbye, and how the server took it.
    pub(super) fn quit(mut self) -> ExitStatus {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        self.process.wait().expect("it ends")
    }

    /// Waits for the end.
    pub(super) fn ended(mut self) -> ExitStatus {
        self.process.wait().expect("it ends")
    }

    /// How often diagnostics were sent for any document, as far as was heard.
    pub(super) fn pushed_diagnostics(&self) -> usize {
        self.kept.iter().filter(|message| message["method"] == "textDocument/publishDiagnostics").count()
    }

    /// How often they were sent for one document.
    pub(super) fn pushed_for(&self, uri: &str) -> usize {
        let sent = |message: &&Value| message["method"] == "textDocument/publishDiagnostics";
        self.kept.iter().filter(sent).filter(|message| message["params"]["uri"] == uri).count()
    }

    /// Goes without a word.
    pub(super) fn vanish(mut self) -> ExitStatus {
        drop(self.input.take());
        self.process.wait().expect("it ends")
    }

    pub(super) fn address(&self, name: &str) -> String {
        address(&self.folder.join(name))
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let input = self.input.as_mut().expect("not gone yet");
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("the server reads");
        input.flush().expect("the server reads");
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn receive(output: &mut impl BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().ok(),
            Some(_) => {}
            None => break,
        }
    }
    let mut bytes = vec![0; length?];
    output.read_exact(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// A path as editors write it: everything but the plainest letters escaped.
pub(super) fn address(path: &Path) -> String {
    let text = path.to_str().expect("a name in UTF-8").replace('\\', "/");
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(byte);
    let escaped: String =
        text.bytes().map(|b| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect();
    if escaped.starts_with('/') { format!("file://{escaped}") } else { format!("file:///{escaped}") }
}

/// The position of a byte, counted here by other means than the server's.
fn position(text: &str, offset: usize, utf8: bool) -> Value {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let last = before.rsplit('\n').next().unwrap_or("");
    let column = if utf8 { last.len() } else { last.chars().map(char::len_utf16).sum() };
    json!({ "line": line, "character": column })
}

fn offset(text: &str, position: &Value, utf8: bool) -> usize {
    let line = usize::try_from(position["line"].as_u64().expect("a line")).expect("short");
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut left = position["character"].as_u64().expect("a column");
    let mut at = start;
    for c in text[start..].chars() {
        if left == 0 {
            break;
        }
        left -= if utf8 { c.len_utf8() } else { c.len_utf16() } as u64;
        at += c.len_utf8();
    }
    at
}
