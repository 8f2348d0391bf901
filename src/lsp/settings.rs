//! What is asked of the editor: what the user set in it, and to tell when files change.

use std::sync::Arc;

use lsp_server::{RequestId, Response};
use lsp_types::MessageType;
use lsp_types::notification::{DidChangeConfiguration, DidChangeWatchedFiles, Notification as Told};
use lsp_types::request::{RegisterCapability, Request as Wanted, WorkspaceConfiguration};
use serde_json::{Value, json};

use super::preferences::Preferences;
use super::server::Server;

/// The request that asks for the settings; there is never more than one whose answer matters.
const SETTINGS: &str = "portcullis/settings";

/// Files that what is open may depend on.
const WATCHED: &[&str] = &["**/{portcullis,.portcullis}.toml", "**/*.{yaml,yml,json,template}"];

impl Server {
    /// Asks to be told what cannot be seen from here.
    pub(super) fn register(&mut self) {
        let mut wanted = Vec::new();
        if self.client.watches {
            let watchers: Vec<_> = WATCHED.iter().map(|glob| json!({ "globPattern": glob })).collect();
            wanted.push(json!({
                "id": "portcullis-files",
                "method": DidChangeWatchedFiles::METHOD,
                "registerOptions": { "watchers": watchers },
            }));
        }
        if self.client.tells_settings {
            wanted.push(json!({
                "id": "portcullis-settings",
                "method": DidChangeConfiguration::METHOD,
                "registerOptions": { "section": "portcullis" },
            }));
        }
        if !wanted.is_empty() {
            self.ask(RegisterCapability::METHOD, json!({ "registrations": wanted }));
        }
        if self.client.settings {
            self.ask_settings();
        }
    }

    /// Asks what the user set.
    pub(super) fn ask_settings(&self) {
        let params = json!({ "items": [{ "section": "portcullis" }] });
        self.send(lsp_server::Request::new(
            SETTINGS.to_owned().into(),
            WorkspaceConfiguration::METHOD.to_owned(),
            params,
        ));
    }

    /// The editor answered.
    pub(super) fn response(&mut self, response: Response) {
        if response.id == RequestId::from(SETTINGS.to_owned())
            && let Ok(settings) = response.response_result
        {
            // Without such a section, what the editor said at the beginning holds again.
            match settings.get(0).filter(|section| section.is_object()) {
                Some(section) => self.prefer(section),
                None => self.adopt(Preferences::read(&self.begun_with).0),
            }
        }
    }

    /// What the user set in the editor.
    pub(super) fn prefer(&mut self, settings: &Value) {
        let (preferences, wrong) = Preferences::read(settings);
        for message in wrong {
            self.show(MessageType::WARNING, message);
        }
        self.adopt(preferences);
    }

    fn adopt(&mut self, preferences: Preferences) {
        if *self.preferences != preferences {
            self.preferences = Arc::new(preferences);
            self.reload();
        }
    }
}
