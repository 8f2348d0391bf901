//! portcullis: a policy-as-code security linter for CloudFormation, SAM and serverless.yml.

pub mod analysis;
pub mod config;
pub mod dialect;
pub mod discover;
pub mod finding;
pub mod report;
pub mod fix;
pub mod resolve;
pub mod rulebook;
pub mod rules;
pub mod scan;
pub mod source;
pub mod suppress;
pub mod syntax;
pub mod template;
