//! What a rule file may say. Pure data: build.rs reads it too.

use serde::{Deserialize, Serialize};

/// Implements the words of an enum: `name`, `ALL` and parsing, so that no two places spell them.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// Every one, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in rule files, configuration and reports.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one of a word.
            #[must_use]
            pub fn from_name(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| v.name() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}
#[allow(unused_imports, reason = "build.rs reads this room alone, where nobody else needs the macro")]
pub(crate) use words;

mod card;
mod expression;
mod literal;
mod name;
mod near;
#[allow(dead_code, reason = "build.rs reads this room too, and runs no rule")]
mod needed;
mod parse;
mod pattern;
mod schema;
mod tree;

pub use card::{Card, Example, Head, Logic, Packed, Parameter, Prose, SECTIONS, TEMPLATE, Verdict, by_number};
pub use expression::Expression;
pub use literal::Literal;
pub use name::{Aliases, Name};
pub use near::{nearest, nearest_by};
#[allow(unused_imports, reason = "as above")]
pub use needed::{Key, Needed};
pub use parse::{OPERATORS, PEERS, parse};
pub use pattern::{
    Check, Comparison, EditSpec, FixSpec, Grade, Narrowing, Path, Pattern, PolicyKind, Product, Relation, Shape, Sort,
    Statements, Step, Who, Width,
};
pub use schema::schema;
pub use tree::Mistake;

words! {
    /// How bad it is when it is true.
    Severity {
        /// Worth knowing.
        Info = "info",
        /// Hardening, or a cost.
        Low = "low",
        /// A weakness that needs another one to be used.
        Medium = "medium",
        /// A weakness that can be used.
        High = "high",
        /// An open door.
        Critical = "critical",
    }
}

impl Severity {
    /// One step less bad.
    #[must_use]
    pub const fn lower(self) -> Self {
        match self {
            Self::Critical => Self::High,
            Self::High => Self::Medium,
            Self::Medium => Self::Low,
            Self::Low | Self::Info => Self::Info,
        }
    }
}

words! {
    /// How sure we are that it is true and matters.
    Confidence {
        /// A guess worth a look.
        Low = "low",
        /// Usually so.
        Medium = "medium",
        /// A fact.
        High = "high",
    }
}

impl Confidence {
    /// One step less sure.
    #[must_use]
    pub const fn lower(self) -> Self {
        match self {
            Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
        }
    }
}

words! {
    /// Who sees a rule without asking for it.
    Profile {
        /// Actionable, and almost always true.
        Default = "default",
        /// Hardening as well.
        Strict = "strict",
        /// The opinionated, and what could not be determined.
        All = "all",
    }
}

words! {
    /// What a rule is about.
    Category {
        /// Who may do what.
        Iam = "iam",
        /// Credentials and where they leak.
        Secrets = "secrets",
        /// At rest and in transit.
        Encryption = "encryption",
        /// VPCs, security groups, routes.
        Network = "network",
        /// Logs, traces, metrics, audit.
        Logging = "logging",
        /// What the world can reach.
        Exposure = "exposure",
        /// Failure, retries, backups.
        Resilience = "resilience",
        /// How new versions get there.
        Deployment = "deployment",
        /// Money.
        Cost = "cost",
        /// Order in the house.
        Hygiene = "hygiene",
        /// What portcullis says about its own input: broken files, stale suppressions.
        Portcullis = "portcullis",
    }
}
