//! Finds the paths in code and writes `use` trees out.

use super::At;

type Token<'a> = (usize, &'a str);

/// Returns every path with the line it starts on.
pub(super) fn paths(code: &[String]) -> Vec<At> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if is_word(tokens[at].1) {
            at = path(&tokens, at, "", &mut found);
        } else {
            at += 1;
        }
    }
    found
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn tokens(code: &[String]) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    for (index, line) in code.iter().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let word = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            let length = if word > 0 {
                word
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            found.push((index + 1, &rest[..length]));
            rest = rest[length..].trim_start();
        }
    }
    found
}

/// Reads a path that starts at a word; returns where reading goes on.
fn path(tokens: &[Token<'_>], mut at: usize, parent: &str, found: &mut Vec<At>) -> usize {
    let line = tokens[at].0;
    let mut text = format!("{parent}{}", tokens[at].1);
    at += 1;
    while tokens.get(at).is_some_and(|token| token.1 == "::") {
        match tokens.get(at + 1) {
            Some((_, "{")) => return tree(tokens, at + 2, &format!("{text}::"), found),
            Some((_, word)) if is_word(word) => {
                text = format!("{text}::{word}");
                at += 2;
            }
            _ => {
                at += 1;
                break;
            }
        }
    }
    found.push(At { line, text });
    at
}

/// Reads the branches of a `use` tree up to its closing brace.
fn tree(tokens: &[Token<'_>], mut at: usize, parent: &str, found: &mut Vec<At>) -> usize {
    while let Some((line, token)) = tokens.get(at) {
        match *token {
            "}" => return at + 1,
            "as" => at += 2,
            "*" => {
                found.push(At {
                    line: *line,
                    text: format!("{parent}*"),
                });
                at += 1;
            }
            word if is_word(word) => at = path(tokens, at, parent, found),
            _ => at += 1,
        }
    }
    at
}
