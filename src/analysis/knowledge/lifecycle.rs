//! Resource types of services that AWS has ended, or will.

use std::sync::LazyLock;

use foldhash::HashMap;

use super::rows;

static TEXT: &str = include_str!("lifecycle.txt");

/// How far the end of a service has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// It still runs, nothing new is added.
    Maintenance,
    /// It will be shut down.
    Sunset,
    /// It is shut down.
    Shutdown,
}

/// How a resource type's service ends, and on which day (`YYYY-MM-DD`) when that is known. `None` for a
/// service that goes on.
///
/// A sunset whose day has come by `today` is a shutdown.
#[must_use]
pub fn end_of(kind: &str, today: &str) -> Option<(End, Option<&'static str>)> {
    static ROWS: LazyLock<HashMap<&str, &str>> =
        LazyLock::new(|| rows(TEXT).filter_map(|line| line.split_once(' ')).collect());
    let (status, day) = ROWS.get(kind)?.split_once(' ')?;
    let day = Some(day).filter(|day| *day != "-");
    let end = match status {
        "maintenance" => End::Maintenance,
        "sunset" if day.is_some_and(|day| day <= today) => End::Shutdown,
        "sunset" => End::Sunset,
        "shutdown" => End::Shutdown,
        _ => return None,
    };
    Some((end, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sunset becomes a shutdown on its day.
    #[test]
    fn the_sun_sets() {
        assert_eq!(end_of("AWS::AppMesh::Mesh", "2026-01-01"), Some((End::Sunset, Some("2026-09-30"))));
        assert_eq!(end_of("AWS::AppMesh::Mesh", "2026-09-30"), Some((End::Shutdown, Some("2026-09-30"))));
        assert_eq!(end_of("AWS::S3::Bucket", "2026-01-01"), None);
        assert_eq!(end_of("AWS::AppMesh", "2026-01-01"), None);
    }

    /// Every row is read.
    #[test]
    fn the_table_holds() {
        for line in rows(TEXT) {
            let kind = line.split(' ').next().unwrap_or("");
            assert!(end_of(kind, "2026-01-01").is_some(), "{line}");
        }
    }
}
