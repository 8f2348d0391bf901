//! How bad, in the words of everybody else's tools: one table, so that no two reports disagree.

use crate::rulebook::Severity;

/// One severity in the words of the formats we write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// SARIF's `level`.
    pub sarif: &'static str,
    /// GitHub's `security-severity`: the middle of its bands, so that no rounding moves a rule to another one.
    pub score: Option<&'static str>,
    /// GitHub's workflow command.
    pub github: &'static str,
    /// GitLab's code quality report.
    pub quality: &'static str,
    /// GitLab's SAST report.
    pub sast: &'static str,
    /// Checkstyle.
    pub checkstyle: &'static str,
    /// SonarQube's severity of an issue.
    pub sonar: &'static str,
    /// SonarQube's severity of an impact.
    pub impact: &'static str,
    /// Azure Pipelines' type of a logged issue.
    pub azure: &'static str,
    /// Reviewdog.
    pub rdjson: &'static str,
    /// Bitbucket's Code Insights.
    pub bitbucket: &'static str,
    /// How an editor draws it.
    pub editor: Editor,
}

/// How an editor draws a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Editor {
    /// Red.
    Error,
    /// Yellow.
    Warning,
    /// Blue.
    Information,
    /// A few dots.
    Hint,
}

/// The row of a severity.
#[must_use]
pub const fn scale(severity: Severity) -> Scale {
    match severity {
        Severity::Critical => Scale {
            sarif: "error",
            score: Some("9.5"),
            github: "error",
            quality: "blocker",
            sast: "Critical",
            checkstyle: "error",
            sonar: "BLOCKER",
            impact: "HIGH",
            azure: "error",
            rdjson: "ERROR",
            bitbucket: "CRITICAL",
            editor: Editor::Error,
        },
        Severity::High => Scale {
            sarif: "error",
            score: Some("8.0"),
            github: "error",
            quality: "critical",
            sast: "High",
            checkstyle: "error",
            sonar: "CRITICAL",
            impact: "HIGH",
            azure: "error",
            rdjson: "ERROR",
            bitbucket: "HIGH",
            editor: Editor::Error,
        },
        Severity::Medium => Scale {
            sarif: "warning",
            score: Some("5.5"),
            github: "warning",
            quality: "major",
            sast: "Medium",
            checkstyle: "warning",
            sonar: "MAJOR",
            impact: "MEDIUM",
            azure: "warning",
            rdjson: "WARNING",
            bitbucket: "MEDIUM",
            editor: Editor::Warning,
        },
        Severity::Low => Scale {
            sarif: "note",
            score: Some("2.0"),
            github: "notice",
            quality: "minor",
            sast: "Low",
            checkstyle: "info",
            sonar: "MINOR",
            impact: "LOW",
            azure: "warning",
            rdjson: "INFO",
            bitbucket: "LOW",
            editor: Editor::Information,
        },
        Severity::Info => Scale {
            sarif: "note",
            score: None,
            github: "notice",
            quality: "info",
            sast: "Info",
            checkstyle: "info",
            sonar: "INFO",
            impact: "LOW",
            azure: "warning",
            rdjson: "INFO",
            bitbucket: "LOW",
            editor: Editor::Hint,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A worse severity never has a lower score.
    #[test]
    fn scores_rise() {
        let scores: Vec<f64> =
            Severity::ALL.iter().map(|&s| scale(s).score.map_or(0.0, |t| t.parse().expect("a number"))).collect();
        assert!(scores.windows(2).all(|w| w[0] < w[1]), "{scores:?}");
    }
}
