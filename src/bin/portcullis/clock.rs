//! What day it is: runtimes and suppressions end on one.

use std::time::{SystemTime, UNIX_EPOCH};

/// Today, `YYYY-MM-DD`, where the sun stands over Greenwich.
pub(crate) fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    date(seconds / 86_400)
}

/// The date of a day counted from 1970-01-01. Years begin in March here, so that the leap day ends one.
fn date(day: u64) -> String {
    let day = day + 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{of_month:02}", year + era * 400 + later)
}

/// A date as it is typed.
pub(crate) fn typed(text: &str) -> Result<String, String> {
    let parts: Vec<_> = text.split('-').collect();
    let number = |part: &&str, digits: usize| {
        (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u32>().ok()).flatten()
    };
    match parts.as_slice() {
        [year, month, day]
            if number(year, 4).is_some()
                && number(month, 2).is_some_and(|m| (1..=12).contains(&m))
                && number(day, 2).is_some_and(|d| (1..=31).contains(&d)) =>
        {
            Ok(text.to_owned())
        }
        _ => Err("expected a day such as 2026-11-21".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days become dates, across leap years and centuries.
    #[test]
    fn days_become_dates() {
        for (day, expected) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (789, "1972-02-29"),
            (11_016, "2000-02-29"),
            (20_778, "2026-11-21"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(date(day), expected, "{day}");
        }
    }

    /// Only a day is a day.
    #[test]
    fn only_a_day_is_a_day() {
        assert!(typed("2026-11-21").is_ok());
        for bad in ["2026-11-21T00:00", "26-11-21", "2026-13-01", "2026-00-01", "2026-11-32", "tomorrow", "2026-1-1"] {
            assert!(typed(bad).is_err(), "{bad}");
        }
    }
}
