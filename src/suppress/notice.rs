//! What is to be said about the suppressions themselves.

use crate::finding::{Fix, Place};

/// The rule of suppressions that silence nothing.
pub const UNUSED: &str = "suppression-unused";

/// The rule of suppressions that have ended, or whose end is no day.
pub const EXPIRED: &str = "suppression-expired";

/// The rule of suppressions that name what there is not, or are misspelt.
pub const UNKNOWN_RULE: &str = "suppression-unknown-rule";

/// The rule of suppressions without a reason where one is required.
pub const WITHOUT_REASON: &str = "suppression-without-reason";

/// The rule of suppressions of what the configuration lets nobody silence.
pub const NOT_ALLOWED: &str = "suppression-not-allowed";

/// Every rule of this room.
pub const RULES: &[&str] = &[UNUSED, EXPIRED, UNKNOWN_RULE, WITHOUT_REASON, NOT_ALLOWED];

/// Something wrong with a suppression; the caller makes a finding of it.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The rule, one of [`RULES`].
    pub rule: &'static str,
    /// Where.
    pub place: Place,
    /// The resource that it stands in.
    pub resource: Option<String>,
    /// What is wrong, one sentence, lower case, no full stop.
    pub message: String,
    /// The one thing to type.
    pub help: Option<String>,
    /// What mends it.
    pub fix: Option<Fix>,
}
