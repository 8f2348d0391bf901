//! portcullis: a policy-as-code security linter for AWS CloudFormation, SAM and serverless.yml.
//!
//! Three languages in, one [`Template`](template::Template) out, and every value in it knows where the user
//! wrote it. Rules are written once, against CloudFormation; a finding points at bytes of the user's own
//! file. The pipeline is one function that can be read aloud: [`scan::scan`].
//!
//! # The house
//!
//! A room names only lower floors, never its neighbour; a test holds this plan.
//!
//! | floor | rooms |
//! |---|---|
//! | 8 | [`lsp`]: the same scan, for an editor |
//! | 7 | [`scan`]: the only room that knows the whole order |
//! | 6 | [`rules`]: opinions, the catalogue and what runs it |
//! | 5 | [`analysis`]: facts about a template: references, policies, secrets, networks |
//! | 4 | [`dialect`]: three languages in · [`resolve`]: present, absent, unknown · [`suppress`]: who silenced what · [`discover`]: files |
//! | 3 | [`template`]: CloudFormation with origins · [`fix`]: edits · [`config`]: what the user wrote · [`report`]: one file a format |
//! | 2 | [`syntax`]: one spanned tree for YAML and JSON · [`finding`]: what we tell people |
//! | 1 | [`source`]: texts and their bytes · [`rulebook`]: what a rule file may say |
//!
//! # Scanning a text
//!
//! ```
//! use std::sync::Arc;
//! use portcullis::rules::Catalogue;
//! use portcullis::scan::{Choice, Scanner, Settings, scan};
//! use portcullis::source::{NoFiles, Source};
//!
//! let catalogue = Catalogue::builtin();
//! let choice = Choice::everything(&catalogue);
//! let scanner = Scanner::new(Settings::new(catalogue, choice, "2026-11-21"));
//! let text = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Type: AWS::S3::Bucket\n";
//! let outcome = scan(&Arc::new(Source::new("template.yaml", text)), &scanner, &NoFiles, &Default::default());
//! assert!(outcome.findings.iter().any(|finding| &*finding.rule == "duplicate-key"));
//! ```

pub mod analysis;
pub mod config;
pub mod dialect;
pub mod discover;
pub mod finding;
pub mod fix;
pub mod lsp;
pub mod report;
pub mod resolve;
pub mod rulebook;
pub mod rules;
pub mod scan;
pub mod source;
pub mod suppress;
pub mod syntax;
pub mod template;
