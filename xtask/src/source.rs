//! A Rust file taken apart: code without comments and literal contents, the literals, the comments, the paths.
//!
//! The rules look for names, so a name in a comment or a string must not count. This is a lexer, not a parser: it
//! knows just enough of Rust to tell the three apart.

mod lexer;
mod paths;

/// A text with the line it stands on, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// Line number, from 1.
    pub line: usize,
    /// The text.
    pub text: String,
}

/// One Rust file.
#[derive(Debug)]
pub struct Source {
    /// Path from the root, with forward slashes.
    pub path: String,
    /// Line by line, the code with comments removed and literals emptied.
    pub code: Vec<String>,
    /// Every comment line.
    pub comments: Vec<At>,
    /// Contents of every string literal.
    pub literals: Vec<At>,
    /// Every path (`a::b::c`), `use` trees written out.
    pub paths: Vec<At>,
    /// The first line that belongs to tests; one past the end if none does.
    pub tests_from: usize,
}

impl Source {
    /// Takes a file apart.
    #[must_use]
    pub fn new(path: &str, text: &str) -> Self {
        let lexer::Parts {
            code,
            comments,
            literals,
        } = lexer::split(text);
        let paths = paths::paths(&code);
        let tests_from = if is_test_file(path) {
            1
        } else {
            first_test_line(&code)
        };
        Self {
            path: path.into(),
            code,
            comments,
            literals,
            paths,
            tests_from,
        }
    }

    /// Whether a line belongs to tests.
    #[must_use]
    pub fn is_test(&self, line: usize) -> bool {
        line >= self.tests_from
    }

    /// Counts the lines that hold code and do not belong to tests: what the crate caps count.
    #[must_use]
    pub fn code_lines(&self) -> usize {
        let lines = self.code.iter().take(self.tests_from - 1);
        lines.filter(|line| !line.trim().is_empty()).count()
    }
}

/// Whether a path or its parent is named: `tokio::time` names `tokio` and `tokio::time`, not `tokio::ti`.
#[must_use]
pub fn names(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn is_test_file(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// In-file tests stand at the end of a file, in `#[cfg(test)] mod tests { … }`.
fn first_test_line(code: &[String]) -> usize {
    let is_start = |index: &usize| {
        let next = code.get(index + 1).map_or("", |line| line.trim());
        code[*index].trim() == "#[cfg(test)]" && next.starts_with("mod ") && next.ends_with('{')
    };
    (0..code.len()).find(is_start).unwrap_or(code.len()) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_not_code() {
        let source = Source::new(
            "a.rs",
            "let a = \"x // y\"; // sqlx\nlet b = r#\"q\"q\"#; let c = '\"';\n/* a /* b */ c */ fn f<'a>() {}",
        );
        assert_eq!(
            source.code,
            [
                "let a = \"\"; ",
                "let b = \"\"; let c = ''; ".trim_end(),
                " fn f<'a>() {}"
            ]
        );
        assert_eq!(
            source.literals[0],
            At {
                line: 1,
                text: "x // y".into()
            }
        );
        assert_eq!(
            source.literals[1],
            At {
                line: 2,
                text: "q\"q".into()
            }
        );
        assert_eq!(
            source.comments[0],
            At {
                line: 1,
                text: "// sqlx".into()
            }
        );
    }

    #[test]
    fn a_literal_of_several_lines_keeps_the_line_numbers() {
        let source = Source::new("a.rs", "f(r\"one\ntwo\");\ng(\"a\\\"b\");");
        assert_eq!(source.code, ["f(\"", "\");", "g(\"\");"]);
        assert_eq!(
            source.literals[1],
            At {
                line: 3,
                text: "a\\\"b".into()
            }
        );
    }

    #[test]
    fn use_trees_are_written_out() {
        let source = Source::new(
            "a.rs",
            "use a::{b, c::{self, d as e}};\nlet x = f::g::<h::I>(j);",
        );
        let paths: Vec<_> = source.paths.iter().map(|path| path.text.as_str()).collect();
        for expected in ["a::b", "a::c::self", "a::c::d", "f::g", "h::I", "j"] {
            assert!(paths.contains(&expected), "{expected} is not in {paths:?}");
        }
    }

    #[test]
    fn tests_at_the_end_are_told_apart() {
        let source = Source::new("a.rs", "fn f() {}\n\n#[cfg(test)]\nmod tests {\n}\n");
        assert_eq!((source.tests_from, source.code_lines()), (3, 1));
        assert!(!source.is_test(2) && source.is_test(4));
    }
}
