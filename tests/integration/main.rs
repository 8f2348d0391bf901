//! One test binary for all that needs more than one room: it links once, and its parts share a process.
#![expect(
    clippy::disallowed_methods,
    reason = "tests write templates to disk, run the binary and read the house itself"
)]

mod cdk;
mod cli;
mod conformance;
mod dialects;
mod engine;
mod escalation;
mod evasion;
mod floors;
mod generated;
mod hostile;
mod lsp;
mod narrower;
mod only;
mod properties;
mod reports;
mod rulebook;
mod tls;
