//! What listens on a port, when it is something that the world should not reach.

use super::rows;

static TEXT: &str = include_str!("ports.txt");

/// A port that the world should not reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its number.
    pub number: u16,
    /// What listens there: `SSH`.
    pub name: &'static str,
    /// What it is: `administration`, `database`, `cache`, `queue`, `file share`, `directory`, `transfer`,
    /// `mail`, `infrastructure`, `development`.
    pub sort: &'static str,
}

/// Every such port, by number.
pub fn ports() -> impl Iterator<Item = Port> {
    rows(TEXT).filter_map(|line| {
        let (number, rest) = line.split_once(' ')?;
        let (name, sort) = rest.split_once('|')?;
        Some(Port { number: number.parse().ok()?, name, sort })
    })
}

/// Those within a range, both ends included.
pub fn within(from: i64, to: i64) -> impl Iterator<Item = Port> {
    ports().filter(move |port| (from..=to).contains(&i64::from(port.number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ranges hold the ports between their ends.
    #[test]
    fn finds_ports_within() {
        let names = |from, to| within(from, to).map(|p| p.name).collect::<Vec<_>>();
        assert_eq!(names(22, 22), ["SSH"]);
        assert_eq!(names(22, 23), ["SSH", "Telnet"]);
        assert_eq!(names(443, 443), [""; 0]);
        assert_eq!(names(5, 1), [""; 0]);
        assert_eq!(within(0, 65535).count(), rows(TEXT).count());
        assert!(ports().zip(ports().skip(1)).all(|(a, b)| a.number < b.number));
    }
}
