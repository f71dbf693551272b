//! `netrc`, in the format that GNU inetutils describes: tokens apart by white space, a quoted one with `\` before what stands
//! for itself; `machine NAME` or `default`, then `login`, `password`, `account`; a `macdef` ends at an empty line.

/// The entries of a netrc; they are never shown.
#[derive(Clone, Default)]
pub(super) struct Netrc {
    machines: Vec<Machine>,
}

/// Login and password for a host, or for any.
#[derive(Clone, Default)]
pub(super) struct Machine {
    /// The host in lower case; `None` is `default`.
    host: Option<String>,
    pub(super) login: Option<String>,
    pub(super) password: Option<String>,
}

impl Netrc {
    /// Reads a netrc. What is odd in one is passed over: it belongs to other programs too.
    pub(super) fn parse(text: &str) -> Self {
        let mut machines: Vec<Machine> = Vec::new();
        let mut tokens = Tokens { rest: text };
        while let Some(token) = tokens.keyword() {
            match token.as_str() {
                "machine" => {
                    let host = tokens.value().map(|host| host.to_ascii_lowercase());
                    machines.extend(host.map(|host| Machine { host: Some(host), ..Machine::default() }));
                }
                "default" => machines.push(Machine::default()),
                "macdef" => tokens.skip_macro(),
                "login" | "user" | "password" | "passwd" | "account" => {
                    let value = tokens.value();
                    match machines.last_mut() {
                        Some(machine) if token.starts_with("pass") => machine.password = value,
                        Some(machine) if token != "account" => machine.login = value,
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        Self { machines }
    }

    /// The first entry for a host, and for this user where one is named; `default` only where it is admitted.
    pub(super) fn find(&self, host: &str, user: Option<&str>, with_default: bool) -> Option<&Machine> {
        self.machines.iter().find(|machine| {
            let is_host = machine.host.as_ref().map_or(with_default, |known| known == host);
            let is_user = user.is_none_or(|user| machine.login.as_deref().is_none_or(|login| login == user));
            is_host && is_user && machine.password.is_some()
        })
    }
}

/// The tokens of a netrc that are still to come.
struct Tokens<'a> {
    rest: &'a str,
}

impl Tokens<'_> {
    /// The next token where a keyword is expected; there, `#` begins a comment.
    fn keyword(&mut self) -> Option<String> {
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('#') {
                return self.value();
            }
            self.line();
        }
    }

    fn value(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        let is_quoted = self.rest.starts_with('"');
        let mut characters = self.rest.char_indices().skip(usize::from(is_quoted));
        let mut token = String::new();
        let end = loop {
            match characters.next() {
                None => break self.rest.len(),
                Some((at, '"')) if is_quoted => break at + 1,
                Some((at, c)) if !is_quoted && c.is_whitespace() => break at,
                Some((_, '\\')) => token.extend(characters.next().map(|(_, c)| c)),
                Some((_, c)) => token.push(c),
            }
        };
        let is_there = end > 0;
        self.rest = &self.rest[end..];
        is_there.then_some(token)
    }

    /// Returns the next line, from here on.
    fn line(&mut self) -> &str {
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        line
    }

    fn skip_macro(&mut self) {
        self.line();
        while !self.rest.is_empty() && !self.line().trim().is_empty() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str, host: &str) -> Option<(Option<String>, Option<String>)> {
        let netrc = Netrc::parse(text);
        netrc.find(host, None, true).map(|machine| (machine.login.clone(), machine.password.clone()))
    }

    #[test]
    fn a_machine_has_its_login_and_password() {
        let text = "# mine\nmachine A.example login me password #s3cret\nmachine b.example\n\tlogin \"y o\\\"u\"\n\taccount x\n\
                    password p\\ w\nmacdef init\n machine c.example password no\n\nmachine d.example password d\n\
                    default login any password rest\nmachine late.example password never";
        for (host, login, password) in [
            ("a.example", Some("me"), "#s3cret"),
            ("b.example", Some("y o\"u"), "p w"),
            ("c.example", Some("any"), "rest"),
            ("d.example", None, "d"),
            ("late.example", Some("any"), "rest"),
        ] {
            let wanted = (login.map(str::to_owned), Some(password.to_owned()));
            assert_eq!(found(text, host), Some(wanted), "{host}");
        }
    }

    #[test]
    fn the_login_that_is_asked_for_is_the_one_that_is_found() {
        let netrc = Netrc::parse("machine a login x password 1 machine a login y password 2");
        let password = |user| netrc.find("a", user, false).and_then(|machine| machine.password.clone());
        assert_eq!(password(Some("y")), Some("2".to_owned()));
        assert_eq!(password(None), Some("1".to_owned()));
        assert_eq!(password(Some("z")), None);
        assert!(netrc.find("b", None, true).is_none());
    }

    #[test]
    fn an_odd_one_is_no_reason_to_fail() {
        for text in ["", "machine", "password x", "machine a password", "default", "macdef", "\"", "\\", "machine \"a"]
        {
            assert_eq!(found(text, "a"), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in "[ -~\\n\\t\u{e9}]{0,200}") {
            let _ = found(&text, "a");
        }

        #[test]
        fn what_is_written_in_quotes_is_read(password in "[ -~]{1,30}") {
            let quoted = password.replace('\\', "\\\\").replace('"', "\\\"");
            let text = format!("machine a login b password \"{quoted}\" machine c");
            prop_assert_eq!(found(&text, "a"), Some((Some("b".to_owned()), Some(password))));
        }
    }
}
