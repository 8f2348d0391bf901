//! How the Serverless Framework names what it makes.

/// A function's or another resource's key as the head of a logical id: `hello-world` → `HelloDashworld`.
pub(super) fn normal(name: &str) -> String {
    let mut id = String::with_capacity(name.len() + 8);
    for c in upper_first(name).chars() {
        match c {
            '-' => id.push_str("Dash"),
            '_' => id.push_str("Underscore"),
            other => id.push(other),
        }
    }
    id
}

/// Letters and digits only, the first one upper-case.
pub(super) fn alnum(name: &str) -> String {
    let kept: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    upper_first(&kept)
}

/// A path or a route key: `a/b-c/{id+}` → `ABDashcIdVar`.
pub(super) fn path(path: &str) -> String {
    path.split('/').map(path_part).collect()
}

/// A WebSocket route: `$connect` → `Sconnect`.
pub(super) fn websocket_route(route: &str) -> String {
    let mut id = String::with_capacity(route.len() + 8);
    for c in route.chars() {
        match c {
            '$' => id.push('S'),
            '/' => id.push_str("Slash"),
            '-' => id.push_str("Dash"),
            '_' => id.push_str("Underscore"),
            '.' => id.push_str("Period"),
            other => id.push(other),
        }
    }
    id
}

/// Every word with an upper-case first letter, joined: `application/json` → `ApplicationJson`.
pub(super) fn start_case(text: &str) -> String {
    text.split(|c: char| !c.is_ascii_alphanumeric()).map(upper_first).collect()
}

/// The same text, its first character upper-case.
pub(super) fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A method: `GET` → `Get`.
pub(super) fn method(name: &str) -> String {
    upper_first(&name.to_lowercase())
}

fn path_part(part: &str) -> String {
    let mut text = part.to_lowercase();
    text = upper_first(&text).replace('-', "Dash");
    if let (Some(open), Some(close)) = (text.find('{'), text.rfind('}'))
        && open < close
    {
        text = [&text[..open], &text[open + 1..close], "Var", &text[close + 1..]].concat();
    }
    alnum(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Dashes and underscores are spelt out and only the first letter changes its case.
    #[test]
    fn keys() {
        assert_eq!(normal("hello-world"), "HelloDashworld");
        assert_eq!(normal("under_score"), "UnderUnderscorescore");
        assert_eq!(normal("camelCase"), "CamelCase");
        assert_eq!(alnum("my-bucket.x"), "Mybucketx");
    }

    /// Every part of a path is capitalised, and a variable says so.
    #[test]
    fn paths() {
        assert_eq!(path("a/b-c/{id+}"), "ABDashcIdVar");
        assert_eq!(path("GET /items/{itemId}"), "GetItemsItemidVar");
        assert_eq!(path("}{"), "");
        assert_eq!(websocket_route("$connect"), "Sconnect");
        assert_eq!(websocket_route("foo/bar-x"), "fooSlashbarDashx");
        assert_eq!(start_case("application/x-www-form-urlencoded"), "ApplicationXWwwFormUrlencoded");
    }
}
