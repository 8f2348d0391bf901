//! Credentials in a text that is Base64 as a whole, such as the user data of an instance.

use super::{Credential, Evidence, assigned, by_format, proof};

/// A credential in what the text stands for. The whole text is the place: where in it, nobody could see.
pub(super) fn encoded(text: &str) -> Option<Credential> {
    let whole = text.trim();
    let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'=');
    if whole.len() < 32 || !whole.bytes().all(base64) {
        return None;
    }
    let plain = proof::decoded(whole)?;
    let kind = match by_format(&plain, 1).pop() {
        Some(found) => found.kind,
        None if assigned(&plain).is_empty() => return None,
        None => "secret",
    };
    Some(Credential { kind, known: Evidence::Format, start: 0, end: text.len() })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::*;

    fn found(plain: &str) -> Option<&'static str> {
        encoded(&base64::engine::general_purpose::STANDARD.encode(plain)).map(|found| found.kind)
    }

    /// What a script in Base64 carries is as readable as the script.
    #[test]
    fn scripts_are_read() {
        let key = ["AK", "IA", "Q3EGRZ7YTXW2B5KD"].concat();
        assert_eq!(found(&format!("#!/bin/sh\nexport AWS_ACCESS_KEY_ID={key}\n")), Some("AWS access key id"));
        assert_eq!(found("#!/bin/sh\nexport DB_PASSWORD=Sup3rS3cret; start\n"), Some("secret"));
    }

    /// Scripts without a credential, bytes that are no text, and words are nothing.
    #[test]
    fn the_rest_is_silent() {
        assert_eq!(found("#!/bin/sh\nyum update -y\nyum install -y httpd\n"), None);
        assert_eq!(encoded("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"), None);
        assert_eq!(encoded("a-name-of-some-length-that-is-a-name-and-no-more"), None);
    }
}
