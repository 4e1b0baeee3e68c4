//! Tells code, comments and literals apart.

use super::At;

/// What a file is made of.
pub(super) struct Parts {
    pub(super) code: Vec<String>,
    pub(super) comments: Vec<At>,
    pub(super) literals: Vec<At>,
}

struct Lexer<'a> {
    rest: &'a str,
    parts: Parts,
}

/// Splits a Rust text.
pub(super) fn split(text: &str) -> Parts {
    let parts = Parts {
        code: vec![String::new()],
        comments: Vec::new(),
        literals: Vec::new(),
    };
    let mut lexer = Lexer { rest: text, parts };
    while !lexer.rest.is_empty() {
        lexer.step();
    }
    if text.ends_with('\n') {
        lexer.parts.code.pop();
    }
    lexer.parts
}

impl Lexer<'_> {
    fn line(&self) -> usize {
        self.parts.code.len()
    }

    fn step(&mut self) {
        if self.rest.starts_with("//") {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.comment(end);
        } else if self.rest.starts_with("/*") {
            self.comment(block_comment_length(self.rest));
        } else if let Some((prefix, hashes)) = raw_string(self.rest) {
            let close = format!("\"{}", "#".repeat(hashes));
            let body = &self.rest[prefix..];
            let length = body.find(&close).unwrap_or(body.len());
            self.literal(prefix, length, close.len());
        } else if self.rest.starts_with('"') {
            self.literal(1, escaped_length(&self.rest[1..], '"'), 1);
        } else if let Some(length) = char_literal(self.rest) {
            self.code().push_str("''");
            self.skip(length);
        } else {
            self.copy_token();
        }
    }

    /// Copies one identifier or one other character, so that the `r` of `for "x"` never starts a raw string.
    fn copy_token(&mut self) {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let word = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let first = self.rest.chars().next().map_or(0, char::len_utf8);
        let (token, rest) = self.rest.split_at(word.max(first));
        self.rest = rest;
        if token == "\n" {
            self.parts.code.push(String::new());
        } else {
            self.code().push_str(token);
        }
    }

    fn comment(&mut self, length: usize) {
        let first = self.line();
        let comment = &self.rest[..length];
        let lines = comment.lines().enumerate();
        let found = lines.map(|(index, text)| At {
            line: first + index,
            text: text.trim().into(),
        });
        self.parts.comments.extend(found);
        self.skip(length);
    }

    fn literal(&mut self, open: usize, length: usize, close: usize) {
        let text = self.rest[open..open + length].to_owned();
        self.parts.literals.push(At {
            line: self.line(),
            text,
        });
        self.code().push('"');
        self.skip(open + length);
        self.code().push('"');
        self.skip(close.min(self.rest.len()));
    }

    /// Drops a piece of text but keeps its line breaks.
    fn skip(&mut self, length: usize) {
        let (skipped, rest) = self.rest.split_at(length);
        self.rest = rest;
        let breaks = skipped.matches('\n').count();
        self.parts.code.extend((0..breaks).map(|_| String::new()));
    }

    fn code(&mut self) -> &mut String {
        self.parts
            .code
            .last_mut()
            .expect("there is always a current line")
    }
}

fn block_comment_length(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Returns the length of what opens a raw string, and its number of hashes.
fn raw_string(text: &str) -> Option<(usize, usize)> {
    let prefix = ["br", "cr", "r"]
        .into_iter()
        .find(|prefix| text.starts_with(prefix))?;
    let after = &text[prefix.len()..];
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..]
        .starts_with('"')
        .then_some((prefix.len() + hashes + 1, hashes))
}

/// Returns how many bytes stand before the closing quote.
fn escaped_length(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if c == quote {
            return at;
        }
    }
    text.len()
}

/// Returns the length of a character literal; `None` for a lifetime or anything else.
fn char_literal(text: &str) -> Option<usize> {
    let body = text.strip_prefix('\'')?;
    if body.starts_with('\\') {
        return Some((escaped_length(body, '\'') + 2).min(text.len()));
    }
    let first = body.chars().next()?.len_utf8();
    body[first..].starts_with('\'').then_some(first + 2)
}
