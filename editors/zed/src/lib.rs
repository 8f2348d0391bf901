//! Tells Zed how to start `portcullis lsp`. Installed by "zed: install dev extension"; see docs/editors.md.

use zed_extension_api::settings::LspSettings;
use zed_extension_api::{self as zed, Command, LanguageServerId, Result, Worktree};

struct Portcullis;

impl zed::Extension for Portcullis {
    fn new() -> Self {
        Self
    }

    fn language_server_command(&mut self, id: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let binary = LspSettings::for_worktree(id.as_ref(), worktree)?.binary;
        let (path, arguments) = binary.map_or((None, None), |binary| (binary.path, binary.arguments));
        let command = path
            .or_else(|| worktree.which("portcullis"))
            .ok_or("portcullis is not on the PATH; name it in the settings: lsp.portcullis.binary.path")?;
        let args = arguments.unwrap_or_else(|| vec!["lsp".to_owned()]);
        Ok(Command { command, args, env: worktree.shell_env() })
    }

    fn language_server_workspace_configuration(
        &mut self,
        id: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<zed::serde_json::Value>> {
        let settings = LspSettings::for_worktree(id.as_ref(), worktree)?.settings;
        // The server asks for its section by name.
        Ok(settings.map(|settings| zed::serde_json::json!({ "portcullis": settings })))
    }
}

zed::register_extension!(Portcullis);
