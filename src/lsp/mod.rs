//! The same scan, for an editor: `portcullis lsp`.
//!
//! One thread listens and keeps the open documents ([`serve`]), another checks them, so that no scan makes the
//! editor wait. Only documents that are open are checked, with what they include as it is in the editor; there
//! is no scan of the workspace, and nothing outside its folders is read, the configuration above them excepted.
//!
//! Diagnostics are sent, or waited for when the editor asks for them itself; never both.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::Layer;

mod actions;
mod address;
mod check;
mod client;
mod deliver;
mod desk;
mod diagnostics;
mod encoding;
mod hover;
mod overlay;
mod preferences;
mod server;
mod settings;
mod worker;
mod workshops;

pub use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
pub use server::serve;

/// How long typing must pause before a document is checked.
pub const DEBOUNCE: Duration = Duration::from_millis(75);

/// What the server is told when it is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// The configuration file, instead of the nearest above each document.
    pub config: Option<PathBuf>,
    /// Whether no configuration file counts.
    pub no_config: bool,
    /// What the command line says, over every configuration file.
    pub layer: Layer,
    /// What day it is, `YYYY-MM-DD`: a server lives longer than a day.
    pub today: fn() -> String,
    /// How long typing must pause before a document is checked.
    pub debounce: Duration,
}

/// How the conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// With a farewell: `shutdown`, then `exit`.
    Orderly,
    /// Without one: the editor went away, or talked nonsense.
    Abandoned,
}

/// Serves the editor at the other end of standard input and output.
///
/// # Errors
/// When no thread can be started, or what the editor says is no message.
pub fn stdio(options: Options) -> std::io::Result<Ended> {
    let (connection, threads) = Connection::stdio();
    let ended = serve(connection, options)?;
    match threads.join() {
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Err(std::io::Error::new(error.kind(), format!("what the editor says is no message: {error}")))
        }
        // What they say of a pipe that broke is no news: the editor went away.
        Err(_) | Ok(()) => Ok(ended),
    }
}
