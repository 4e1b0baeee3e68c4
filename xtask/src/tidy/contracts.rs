//! Every method of the contracts is tested and has an access rule.

use super::Report;
use crate::tree::{File, Tree};

struct Method<'a> {
    file: &'a File,
    line: usize,
    package: &'a str,
    service: &'a str,
    name: &'a str,
}

/// A method without a test file or a row in the access table is not finished.
pub(super) fn methods(tree: &Tree, report: &mut Report<'_>) {
    let is_contract =
        |file: &&File| file.path.starts_with("proto/hubbub/") && file.path.ends_with(".proto");
    for method in tree.files.iter().filter(is_contract).flat_map(parse) {
        let Method {
            file,
            line,
            package,
            service,
            name,
        } = method;
        let owner = owner(tree, package);
        let grpc_path = format!("/{package}.{service}/{name}");
        let has_access = tree.sources_in(&format!("{owner}/src/")).any(|source| {
            source
                .literals
                .iter()
                .any(|literal| literal.text == grpc_path)
        });
        if !has_access {
            report.add(
                &file.path,
                line,
                format!("{owner} has no access rule for `{grpc_path}`"),
            );
        }
        if !has_test(tree, &owner, &snake_case(name)) {
            let message = format!("no test: {owner}/tests/it/{}.rs", snake_case(name));
            report.add(&file.path, line, message);
        }
    }
}

/// `hubbub.auth.v1` is owned by `auth-svc`, `hubbub.gateway.v1` by the gateway; a package without a service of its own
/// by the shared crate of its name.
fn owner(tree: &Tree, package: &str) -> String {
    let noun = package.split('.').nth(1).unwrap_or(package);
    let service = format!("{noun}-svc");
    if tree.services().contains(&service.as_str()) {
        service
    } else if noun == "gateway" {
        noun.to_owned()
    } else {
        format!("crates/{noun}")
    }
}

/// A service has one file per method. A shared crate tests by behaviour: some file calls the method.
fn has_test(tree: &Tree, owner: &str, method: &str) -> bool {
    let folder = format!("{owner}/tests/it/");
    if owner.ends_with("-svc") {
        return tree.has(&format!("{folder}{method}.rs"));
    }
    let call = format!(".{method}(");
    tree.sources_in(&folder)
        .any(|source| source.code.iter().any(|line| line.contains(&call)))
}

fn parse(file: &File) -> Vec<Method<'_>> {
    let (mut package, mut service) = ("", "");
    let mut methods = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("package ") {
            package = rest.trim_end_matches(';').trim();
        } else if let Some(rest) = line.strip_prefix("service ") {
            service = word(rest);
        } else if let Some(rest) = line.strip_prefix("rpc ") {
            methods.push(Method {
                file,
                line: index + 1,
                package,
                service,
                name: word(rest),
            });
        }
    }
    methods
}

fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or(text)
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
