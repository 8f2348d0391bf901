//! Dated tables of what AWS says: properties, runtimes, images, versions, services that end, what holds secrets.
//!
//! Each table is a text file beside its reader. Its first five lines say what it is, from where, under
//! which licence, of which day, and how it is refreshed; docs/data.md describes them all.

pub mod images;
pub mod lifecycle;
pub mod properties;
pub mod runtimes;
pub mod secrets;
pub mod versions;

/// The rows of a table: its lines without the header.
fn rows(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

#[cfg(test)]
mod tests {
    const TABLES: [(&str, &str); 12] = [
        ("actions", include_str!("../iam/actions.txt")),
        ("retired", include_str!("../iam/retired.txt")),
        ("misnamed", include_str!("../iam/misnamed.txt")),
        ("managed", include_str!("../iam/managed.txt")),
        ("escalation", include_str!("../iam/escalation.txt")),
        ("notorious", include_str!("../iam/notorious.txt")),
        ("conditions", include_str!("../iam/conditions.txt")),
        ("runtimes", include_str!("runtimes.txt")),
        ("lifecycle", include_str!("lifecycle.txt")),
        ("secrets", include_str!("secrets.txt")),
        ("images", include_str!("images.txt")),
        ("versions", include_str!("versions.txt")),
    ];

    /// Every table says what it is, from where, under which licence, of which day and how to refresh it.
    #[test]
    fn every_table_has_its_header() {
        let date = regex::Regex::new(r"^# date: 20\d\d-[01]\d-[0-3]\d$").expect("a pattern");
        for (name, text) in TABLES {
            let head: Vec<&str> = text.lines().take(5).collect();
            let [what, source, licence, day, refresh] = head[..] else { panic!("{name}: five lines") };
            assert!(what.starts_with("# ") && what.len() > 20, "{name}: {what}");
            assert!(source.starts_with("# source: "), "{name}: {source}");
            assert!(licence.starts_with("# licence: "), "{name}: {licence}");
            assert!(date.is_match(day), "{name}: {day}");
            assert!(refresh.starts_with("# refresh: "), "{name}: {refresh}");
            assert!(text.lines().skip(5).all(|line| !line.starts_with("# ")), "{name}: comments end with the header");
        }
    }

    /// The tables stay small: together they are the larger part of the binary.
    #[test]
    fn the_tables_stay_small() {
        let total: usize = TABLES.iter().map(|(_, text)| text.len()).sum();
        assert!(total < 1_500_000, "{total}");
    }
}
