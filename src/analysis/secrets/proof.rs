//! What an issuer built into its credentials so that a look-alike can be told from one: checksums and structure.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Something of a credential's format, and what stands around it.
pub(super) struct Match<'t> {
    /// The whole text.
    pub text: &'t str,
    /// The bytes of it that would be secret.
    pub secret: Range<usize>,
}

impl<'t> Match<'t> {
    /// What would be secret.
    fn secret(&self) -> &'t str {
        self.text.get(self.secret.clone()).unwrap_or_default()
    }

    /// What stands behind it.
    fn after(&self) -> &'t str {
        self.text.get(self.secret.end..).unwrap_or_default()
    }

    /// The line it stands on.
    fn line(&self) -> &'t str {
        let before = self.text.get(..self.secret.start).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let end = self.after().find('\n').map_or(self.text.len(), |at| self.secret.end + at);
        self.text.get(start..end).unwrap_or_default()
    }
}

/// Whether what has a format also has what the issuer built in.
pub(super) type Proof = fn(&Match<'_>) -> bool;

/// Formats without anything that could be verified.
pub(super) fn none(_: &Match<'_>) -> bool {
    true
}

/// Thirty random characters, then their CRC-32 in base 62. GitHub began it, npm took it over.
/// <https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>
pub(super) fn base62_checksum(found: &Match<'_>) -> bool {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let Some((_, body)) = found.secret().split_once('_') else { return false };
    // Longer tokens of the same prefix are of a later format, whose checksum is not announced.
    let (30, Some((random, sum))) = (body.len().saturating_sub(6), body.split_at_checked(30)) else { return true };
    let value = sum.bytes().try_fold(0_u64, |value, byte| {
        let digit = DIGITS.iter().position(|d| *d == byte)?;
        Some(value * 62 + u64::try_from(digit).ok()?)
    });
    value == Some(u64::from(crc32(random.as_bytes())))
}

/// Grafana's service account tokens end in the CRC-32 of what stands before it, lowest byte first. Its cloud
/// tokens are documents in Base64.
pub(super) fn grafana(found: &Match<'_>) -> bool {
    let text = found.secret();
    if let Some(document) = text.strip_prefix("glc_") {
        return decoded(document).is_some_and(|document| document.starts_with('{'));
    }
    let Some((body, sum)) = text.rsplit_once('_') else { return false };
    u32::from_str_radix(sum, 16).is_ok_and(|sum| sum.swap_bytes() == crc32(body.as_bytes()))
}

/// The checksum of bech32, as age uses it for its keys.
/// <https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki>
pub(super) fn bech32(found: &Match<'_>) -> bool {
    const DIGITS: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const STEPS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let text = found.secret().to_ascii_lowercase();
    let Some((prefix, data)) = text.rsplit_once('1') else { return false };
    let high = prefix.bytes().map(|byte| u32::from(byte) >> 5);
    let low = prefix.bytes().map(|byte| u32::from(byte) & 31);
    let mut values: Vec<u32> = high.chain([0]).chain(low).collect();
    for c in data.chars() {
        let Some(value) = DIGITS.find(c).and_then(|at| u32::try_from(at).ok()) else { return false };
        values.push(value);
    }
    let sum = values.into_iter().fold(1_u32, |sum, value| {
        let top = sum >> 25;
        let next = ((sum & 0x01ff_ffff) << 5) ^ value;
        STEPS.iter().enumerate().fold(next, |next, (at, step)| if (top >> at) & 1 == 1 { next ^ step } else { next })
    });
    sum == 1
}

/// A header that names its algorithm, and claims that are not those of the example on jwt.io.
pub(super) fn web_token(found: &Match<'_>) -> bool {
    let mut parts = found.secret().split('.').map(|part| decoded(part).unwrap_or_default());
    let (header, claims) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    header.contains("\"alg\"") && claims.starts_with('{') && !claims.contains("John Doe")
}

/// `Basic` and `user:password` in Base64.
pub(super) fn user_and_password(found: &Match<'_>) -> bool {
    let pair = decoded(found.secret()).unwrap_or_default();
    pair.split_once(':').is_some_and(|(_, password)| password.len() > 2 && !super::innocent::placeholder(password))
}

/// A document in Base64, as tokens that carry their server's address begin with.
pub(super) fn document(found: &Match<'_>) -> bool {
    let text = found.secret();
    let body = text.split_once('_').map_or(text, |(_, body)| body);
    let first = body.split('_').next().unwrap_or(body);
    decoded(first).is_some_and(|document| document.starts_with("{\""))
}

/// The key itself follows its first line; or nothing does, when the lines stand in a list.
pub(super) fn key_body(found: &Match<'_>) -> bool {
    let start: String = found.after().chars().take(1000).collect();
    let bare = start.replace("\\n", "\n").replace("\\r", "");
    let mut lines = bare.lines().map(|line| line.trim_matches([' ', '\t', '"', '\'', ',', '+', '\\'])).filter(|line| {
        let header = line.split_once(": ").is_some_and(|(name, _)| !name.contains(' '));
        !line.is_empty() && !header
    });
    let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    lines.next().is_none_or(|line| {
        let letters = line.chars().take_while(|c| base64(*c)).count();
        letters >= 16 && !same(line) && !line.to_ascii_lowercase().contains("your")
    })
}

/// A key's lines, put into Base64 once more.
pub(super) fn encoded_key(found: &Match<'_>) -> bool {
    decoded(found.secret()).is_some_and(|text| text.contains("PRIVATE KEY-----") && !text.contains("ENCRYPTED"))
}

/// Whether a line is one character, again and again.
fn same(line: &str) -> bool {
    line.chars().all(|c| line.starts_with(c))
}

/// A connection string of several `name=value`, one of which says where to connect to, and a value that is no code.
pub(super) fn connection(found: &Match<'_>) -> bool {
    const PLACES: &[&str] =
        &["server=", "host=", "source=", "uid=", "user=", "id=", "database=", "dbname=", "catalog=", "username="];
    let line = found.line().to_ascii_lowercase().replace(' ', "");
    PLACES.iter().any(|place| line.contains(place)) && !found.secret().contains(['(', '[', '{', '`'])
}

/// `user:password@host` that is not the one of every manual, nor that of one's own machine.
pub(super) fn address(found: &Match<'_>) -> bool {
    let before = found.text.get(..found.secret.start).unwrap_or_default();
    let user = before.rsplit("://").next().unwrap_or_default().trim_end_matches(':').to_ascii_lowercase();
    let password = found.secret().to_ascii_lowercase();
    let host = found.after().trim_start_matches('@');
    let manual = matches!(user.as_str(), "user" | "username" | "usr" | "login" | "name")
        && matches!(password.as_str(), "pass" | "password" | "passwd" | "pwd" | "pw");
    let own =
        ["localhost", "127.0.0.1", "0.0.0.0", "[::1]", "host.docker.internal"].iter().any(|h| host.starts_with(h));
    // `{{password}}`, `{password}`, `%s`, `__TOKEN__`: something fills it in.
    let filled = password.contains(['{', '}', '<', '%']) && !password.contains(|c: char| c.is_ascii_digit())
        || (password.starts_with("__") && password.ends_with("__"));
    !manual && !own && !filled
}

/// What Base64 of any sort stands for, when that is text.
pub(super) fn decoded(text: &str) -> Option<String> {
    let bare = text.trim_end_matches('=');
    let bytes =
        STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(bare)).or_else(|_| URL_SAFE_NO_PAD.decode(bare));
    String::from_utf8(bytes.ok()?).ok()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The checksum is the one of every zip file.
    #[test]
    fn checksum() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    fn all(text: &str) -> Match<'_> {
        Match { text, secret: 0..text.len() }
    }

    /// Tokens with a checksum hold, and no longer do when one character is another.
    #[test]
    fn checksums_are_verified() {
        let token = ["gh", "p_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ", "0mLq17"].concat();
        assert!(base62_checksum(&all(&token)));
        assert!(!base62_checksum(&all(&token.replace("zQW", "zQX"))));
        let token = ["gl", "sa_yscW25imSKJIuav8zF37RZmnbiDvB05G_fcaaf58a"].concat();
        assert!(grafana(&all(&token)));
        assert!(!grafana(&all(&token.replace("ysc", "ysd"))));
        // The examples of BIP 173.
        assert!(
            bech32(&all("A12UEL5L")) && bech32(&all("split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w"))
        );
        assert!(!bech32(&all("A12UEL5M")));
    }

    /// A key's first line alone may be one of a list; a hole or a placeholder after it is no key.
    #[test]
    fn keys_have_a_body() {
        let first = ["-----BEGIN RSA PRI", "VATE KEY-----"].concat();
        let key_body = |text: &str| super::key_body(&Match { text, secret: 0..first.len() });
        assert!(key_body(&first));
        assert!(key_body(&format!("{first}\\nMIIEowIBAAKCAQEAx9k3T7vQ2mZr\\n")));
        assert!(key_body(&format!("{first}\nProc-Type: 4,ENCRYPTED\n\nMIIEowIBAAKCAQEAx9k3T7vQ2mZr\n")));
        assert!(!key_body(&format!("{first}\n${{Key}}\n")));
        assert!(!key_body(&format!("{first}\n...\n")));
        assert!(!key_body(&format!("{first}\nYOURPRIVATEKEYHERE\n")));
    }
}
