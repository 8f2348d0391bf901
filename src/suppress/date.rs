//! A day, for suppressions that end.

use std::fmt;

/// A day of the calendar, written `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// Reads `YYYY-MM-DD`; `None` for anything else and for days that there are not.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else { return None };
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0_u16, |n, d| d.is_ascii_digit().then(|| n * 10 + u16::from(d - b'0')))
        };
        let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        let fits = (1..=days).contains(&day);
        fits.then_some(Self { year, month: u8::try_from(month).ok()?, day: u8::try_from(day).ok()? })
    }

    /// The day, in UTC, of a number of seconds since the beginning of 1970.
    #[must_use]
    pub fn from_unix(seconds: u64) -> Self {
        // Eras of 400 years that begin in March, so that the odd day comes last:
        // https://howardhinnant.github.io/date_algorithms.html#civil_from_days
        let days = seconds / 86_400 + 719_468;
        let (era, of_era) = (days / 146_097, days % 146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = era * 400 + year + u64::from(month <= 2);
        let small = |n: u64| u8::try_from(n).unwrap_or(1);
        Self { year: u16::try_from(year).unwrap_or(9999).min(9999), month: small(month), day: small(day) }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days that there are not are no dates.
    #[test]
    fn only_days_are_dates() {
        for good in ["2027-01-31", "2024-02-29", "2000-02-29", "0000-01-01", "9999-12-31"] {
            assert_eq!(Date::parse(good).map(|d| d.to_string()).as_deref(), Some(good));
        }
        for bad in [
            "2027-02-29",
            "1900-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-04-31",
            "27-01-01",
            "2027-1-1",
            "",
            "2027-01-01 ",
            "２０２７-01-01",
        ] {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
    }

    /// Later days are greater.
    #[test]
    fn later_is_greater() {
        assert!(Date::parse("2026-12-31") < Date::parse("2027-01-01"));
        assert!(Date::parse("2027-01-31") < Date::parse("2027-02-01"));
    }

    /// Seconds since 1970 are the day that a calendar says.
    #[test]
    fn seconds_are_days() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_735_689_599, "2024-12-31"),
            (1_735_689_600, "2025-01-01"),
        ] {
            assert_eq!(Date::from_unix(seconds).to_string(), day);
        }
        let _ = Date::from_unix(u64::MAX);
    }

    /// Four hundred years of days follow one another: each is a day of the calendar, and there are as many as there are.
    #[test]
    fn days_follow_one_another() {
        let mut before = Date::from_unix(0);
        for day in 1..=146_097_u64 {
            let next = Date::from_unix(day * 86_400);
            assert!(before < next && Date::from_unix(day * 86_400 - 1) == before, "{before} {next}");
            assert_eq!(Date::parse(&next.to_string()), Some(next));
            before = next;
        }
        assert_eq!(before.to_string(), "2370-01-01");
        assert_eq!(Date::from_unix(u64::MAX).to_string().get(..4), Some("9999"));
    }
}
