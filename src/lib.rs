//! portcullis: a policy-as-code security linter for CloudFormation, SAM and serverless.yml.

pub mod analysis;
pub mod dialect;
pub mod finding;
pub mod fix;
pub mod resolve;
pub mod rulebook;
pub mod source;
pub mod syntax;
pub mod template;
