//! Texts cut to what a reader of the report takes: longer ones are refused, and everything else with them.

/// A text of at most `most` characters, with a sign where something is missing.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What fits stays as it is; what does not is cut between characters, and says so.
    #[test]
    fn only_what_is_too_long_is_cut() {
        assert_eq!(cut("größer", 6), "größer");
        assert_eq!(cut("größer", 5), "größ…");
        assert_eq!(cut("", 0), "");
    }
}
