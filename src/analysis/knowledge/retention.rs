//! For how many days CloudWatch Logs can keep a log group.

/// The values that `RetentionInDays` of a log group may have; a test compares them with AWS's schema.
pub const DAYS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// The value to suggest instead of one that is not allowed: the next longer one, or the longest.
#[must_use]
pub fn nearest(days: u32) -> u32 {
    DAYS.into_iter().find(|&known| known >= days).unwrap_or(3653)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are those of AWS's schema.
    #[test]
    fn the_values_are_those_of_the_schema() {
        let schema = include_str!("../../../testdata/schemas/log-retention.txt");
        let known: Vec<u32> = schema.lines().filter_map(|line| line.parse().ok()).collect();
        assert_eq!(known, DAYS);
    }

    /// What is not allowed is rounded up.
    #[test]
    fn rounds_up() {
        assert_eq!(nearest(10), 14);
        assert_eq!(nearest(14), 14);
        assert_eq!(nearest(9999), 3653);
    }
}
