//! What is wrong with what the user configured, and where.

use std::fmt;

use crate::finding::{Failure, Place};

/// Something wrong with the configuration.
#[derive(Debug, Clone)]
pub struct Mistake {
    /// Where; `None` when it was said on the command line.
    pub place: Option<Place>,
    /// What, lower case, no full stop.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Mistake {
    /// A mistake at a place.
    #[must_use]
    pub fn at(place: Place, message: impl Into<String>) -> Self {
        Self { place: Some(place), message: message.into(), help: None }
    }

    /// The same mistake with advice.
    #[must_use]
    pub fn help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// The mistake as a failure of the run.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let at = self.place.as_ref().map(|p| (p.from().line, p.from().column));
        let message = match &self.help {
            Some(help) => format!("{}; {help}", self.message),
            None => self.message.clone(),
        };
        let file = self.place.as_ref().map_or("command line", Place::file).to_owned();
        Failure { file, at, message }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            let at = place.from();
            write!(f, "{}:{}:{}: ", place.file(), at.line, at.column)?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Mistake {}

/// "did you mean `x`?", when there is an `x`.
#[must_use]
pub fn did_you_mean(near: Option<&str>) -> Option<String> {
    near.map(|near| format!("did you mean `{near}`?"))
}
