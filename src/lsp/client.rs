//! What the editor at the other end can do, and what we tell it that we can.

use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, DiagnosticOptions, DiagnosticServerCapabilities,
    HoverProviderCapability, OneOf, SaveOptions, ServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, TextDocumentSyncSaveOptions, WorkspaceFoldersServerCapabilities,
    WorkspaceServerCapabilities,
};
use serde_json::Value;

use super::encoding::Encoding;

/// The kind of the action that mends everything that can be mended safely.
pub(super) const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.portcullis");

/// What the editor can do.
#[derive(Debug, Clone)]
pub(super) struct Client {
    /// What columns count.
    pub(super) encoding: Encoding,
    /// Whether it asks for diagnostics; else they are sent. Never both.
    pub(super) pulls: bool,
    /// Whether it takes diagnostics of other documents with those it asked for.
    pub(super) related_documents: bool,
    /// Whether edits may say which version of the document they are of.
    pub(super) versioned_edits: bool,
    /// Whether it knows code actions, as opposed to bare commands.
    pub(super) actions: bool,
    /// Whether it takes related places of a diagnostic.
    pub(super) related_places: bool,
    /// Whether it takes links behind codes.
    pub(super) links: bool,
    /// Whether it takes tags.
    pub(super) tags: bool,
    /// Whether it shows markdown.
    pub(super) markdown: bool,
    /// Whether it can be asked for its settings.
    pub(super) settings: bool,
    /// Whether it can be asked to watch files.
    pub(super) watches: bool,
    /// Whether it can be asked to tell when its settings change.
    pub(super) tells_settings: bool,
}

impl Client {
    /// What the parameters of `initialize` say. They are read leniently: an editor that says one thing in a
    /// way that we do not know must not lose everything else.
    pub(super) fn of(params: &Value) -> Self {
        let says = |path: &str| params.pointer(&format!("/capabilities/{path}"));
        let yes = |path: &str| says(path).and_then(Value::as_bool).unwrap_or(false);
        let lists = |path: &str, word: &str| {
            says(path).and_then(Value::as_array).is_some_and(|all| all.iter().any(|one| one == word))
        };
        let utf8 = lists("general/positionEncodings", "utf-8");
        // Without refreshing, what changes elsewhere would not be seen: then it is better to send.
        let refresh = yes("workspace/diagnostics/refreshSupport") || yes("workspace/diagnostic/refreshSupport");
        Self {
            encoding: if utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
            pulls: refresh && says("textDocument/diagnostic").is_some_and(Value::is_object),
            related_documents: yes("textDocument/diagnostic/relatedDocumentSupport"),
            versioned_edits: yes("workspace/workspaceEdit/documentChanges"),
            actions: says("textDocument/codeAction/codeActionLiteralSupport").is_some_and(Value::is_object),
            related_places: yes("textDocument/publishDiagnostics/relatedInformation")
                || yes("textDocument/diagnostic/relatedInformation"),
            links: yes("textDocument/publishDiagnostics/codeDescriptionSupport")
                || yes("textDocument/diagnostic/codeDescriptionSupport"),
            tags: says("textDocument/publishDiagnostics/tagSupport").is_some_and(|v| v.is_object() || v == true)
                || says("textDocument/diagnostic/tagSupport").is_some_and(Value::is_object),
            markdown: lists("textDocument/hover/contentFormat", "markdown"),
            settings: yes("workspace/configuration"),
            watches: yes("workspace/didChangeWatchedFiles/dynamicRegistration"),
            tells_settings: yes("workspace/didChangeConfiguration/dynamicRegistration"),
        }
    }

    /// What we can do for it.
    pub(super) fn offer(&self) -> ServerCapabilities {
        let diagnostics = DiagnosticOptions {
            identifier: Some("portcullis".to_owned()),
            inter_file_dependencies: true,
            workspace_diagnostics: false,
            ..DiagnosticOptions::default()
        };
        ServerCapabilities {
            position_encoding: Some(self.encoding.kind()),
            text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::INCREMENTAL),
                save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
                ..TextDocumentSyncOptions::default()
            })),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
                code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, FIX_ALL]),
                ..CodeActionOptions::default()
            })),
            diagnostic_provider: self.pulls.then_some(DiagnosticServerCapabilities::Options(diagnostics)),
            workspace: Some(WorkspaceServerCapabilities {
                workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                    supported: Some(true),
                    change_notifications: Some(OneOf::Left(true)),
                }),
                ..WorkspaceServerCapabilities::default()
            }),
            ..ServerCapabilities::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Diagnostics are sent or asked for, never both; bytes are counted where the editor can.
    #[test]
    fn what_is_agreed_follows_the_editor() {
        let plain = Client::of(&serde_json::json!({"capabilities": {}}));
        assert!(!plain.pulls && plain.encoding == Encoding::Utf16);
        assert!(plain.offer().diagnostic_provider.is_none());
        let modern = Client::of(&serde_json::json!({"capabilities": {
            "general": {"positionEncodings": ["utf-16", "utf-8"]},
            "textDocument": {"diagnostic": {"relatedDocumentSupport": true}},
            "workspace": {"diagnostics": {"refreshSupport": true}},
        }}));
        assert!(modern.pulls && modern.related_documents && modern.encoding == Encoding::Utf8);
        assert!(modern.offer().diagnostic_provider.is_some());
        let halfway = Client::of(&serde_json::json!({"capabilities": {"textDocument": {"diagnostic": {}}}}));
        assert!(!halfway.pulls, "without refreshing it would show what is no longer so");
    }
}
