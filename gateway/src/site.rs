//! The web client: the files of one folder, read when the process starts and served from memory with types, entity tags
//! and, where the folder has them, compressed.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Names under this folder carry a hash of their content: what was fetched once is good for ever.
const HASHED: &str = "/assets/";
/// Most bytes of all files: more is not a web client but a mistake.
const BYTES_MAX: usize = 64 * 1024 * 1024;
/// Encodings, best first, and how their files end.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// The files by their paths, such as `/assets/index-4f2a.js`.
#[derive(Default)]
pub(crate) struct Site(HashMap<String, File>);

struct File {
    kind: HeaderValue,
    tag: String,
    plain: Bytes,
    /// Name of the encoding, and the file in it.
    encoded: Vec<(&'static str, Bytes)>,
}

impl Site {
    /// Reads a folder.
    ///
    /// # Errors
    /// When it cannot be read, has no `index.html`, or is larger than any web client.
    pub(crate) fn read(folder: &Path) -> io::Result<Self> {
        let mut read = HashMap::new();
        let mut folders = vec![PathBuf::new()];
        let mut left = BYTES_MAX;
        while let Some(inner) = folders.pop() {
            for entry in fs::read_dir(folder.join(&inner))? {
                let entry = entry?;
                let name = inner.join(entry.file_name());
                if entry.file_type()?.is_dir() {
                    folders.push(name);
                    continue;
                }
                let bytes = fs::read(entry.path())?;
                left = left
                    .checked_sub(bytes.len())
                    .ok_or_else(|| io::Error::other("the folder is over 64 MiB"))?;
                read.insert(format!("/{}", name.display()), Bytes::from(bytes));
            }
        }
        if !read.contains_key("/index.html") {
            return Err(io::Error::other("the folder has no index.html"));
        }
        Ok(Self(files(&read)))
    }

    /// Answers a request for one of the files; `None` when there is no such file.
    pub(crate) fn serve(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Option<Response> {
        if method != Method::GET && method != Method::HEAD {
            return None;
        }
        let path = match uri.path() {
            "/" => "/index.html",
            path => path,
        };
        self.0.get(path).map(|file| file.answer(path, headers))
    }
}

impl File {
    fn answer(&self, path: &str, headers: &HeaderMap) -> Response {
        let accepted = headers
            .get(header::ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let chosen = self
            .encoded
            .iter()
            .find(|(name, _)| accepts(accepted, name));
        let (suffix, bytes) = chosen.map_or(("", &self.plain), |(name, bytes)| (*name, bytes));
        // Each encoding is a representation of its own, so it has a tag of its own.
        let tag = format!("\"{}{suffix}\"", self.tag);
        // `no-cache` means: ask each time whether it changed. A new server never meets an old half of its page.
        let caching = if path.starts_with(HASHED) {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        let is_known = headers
            .get(header::IF_NONE_MATCH)
            .is_some_and(|known| known.as_bytes() == tag.as_bytes());
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            bytes.clone().into_response()
        };
        let about = response.headers_mut();
        about.insert(header::CONTENT_TYPE, self.kind.clone());
        about.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        about.append(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(tag) = HeaderValue::try_from(tag) {
            about.insert(header::ETAG, tag);
        }
        if let Some((name, _)) = chosen {
            about.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response
    }
}

/// What a gateway without a web client says at `/`.
pub(crate) fn absent() -> Response {
    let text = "This is a Hubbub gateway. It has no web client (gateway.site is empty). REST is described at /docs.\n";
    text.into_response()
}

fn files(read: &HashMap<String, Bytes>) -> HashMap<String, File> {
    let is_encoded = |name: &str| {
        let plain = |(_, ending): &(_, &str)| name.strip_suffix(ending);
        ENCODINGS
            .iter()
            .filter_map(plain)
            .any(|plain| read.contains_key(plain))
    };
    let plain = read.iter().filter(|(name, _)| !is_encoded(name));
    plain
        .map(|(name, bytes)| (name.clone(), file(name, bytes, read)))
        .collect()
}

fn file(name: &str, plain: &Bytes, read: &HashMap<String, Bytes>) -> File {
    let encoded = ENCODINGS.iter().filter_map(|(encoding, ending)| {
        let bytes = read.get(&format!("{name}{ending}"))?;
        Some((*encoding, bytes.clone()))
    });
    File {
        kind: HeaderValue::from_static(kind(name)),
        tag: URL_SAFE_NO_PAD.encode(&stream::fingerprint(&[plain])[..12]),
        plain: plain.clone(),
        encoded: encoded.collect(),
    }
}

/// Whether a list of encodings names one without forbidding it.
fn accepts(list: &str, encoding: &str) -> bool {
    list.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_named = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        is_named && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        let names = [
            "/index.html",
            "/assets/a-1.js",
            "/assets/a-1.js.br",
            "/assets/a-1.js.gz",
            "/notes.gz",
        ];
        let read = names.map(|name| (name.to_owned(), Bytes::from(name.to_owned())));
        Site(files(&read.into()))
    }

    fn get(
        site: &Site,
        path: &'static str,
        headers: &[(header::HeaderName, &str)],
    ) -> Option<Response> {
        let headers = headers.iter().map(|(name, value)| {
            (
                name.clone(),
                HeaderValue::from_str(value).expect("a header"),
            )
        });
        site.serve(&Method::GET, &Uri::from_static(path), &headers.collect())
    }

    #[test]
    fn a_file_is_asked_for_anew_unless_its_name_tells_its_content() {
        let site = site();
        let page = get(&site, "/", &[]).expect("a page");
        assert_eq!(
            page.headers()[header::CONTENT_TYPE],
            "text/html; charset=utf-8"
        );
        assert_eq!(page.headers()[header::CACHE_CONTROL], "no-cache");
        let script = get(&site, "/assets/a-1.js", &[]).expect("a file");
        assert_eq!(
            script.headers()[header::CACHE_CONTROL],
            "public, max-age=31536000, immutable"
        );
        let tag = page.headers()[header::ETAG].to_str().expect("a text");
        let again = get(&site, "/index.html", &[(header::IF_NONE_MATCH, tag)]);
        assert_eq!(again.expect("a page").status(), StatusCode::NOT_MODIFIED);
        let other = get(&site, "/assets/a-1.js", &[(header::IF_NONE_MATCH, tag)]);
        assert_eq!(other.expect("a file").status(), StatusCode::OK);
    }

    #[test]
    fn the_best_encoding_that_is_accepted_is_chosen() {
        let site = site();
        let encoding = |accepted: &str| {
            let file = get(
                &site,
                "/assets/a-1.js",
                &[(header::ACCEPT_ENCODING, accepted)],
            );
            let headers = file.expect("a file").headers().clone();
            assert!(
                headers
                    .get_all(header::VARY)
                    .iter()
                    .any(|by| by == "accept-encoding")
            );
            headers
                .get(header::CONTENT_ENCODING)
                .map(|name| name.to_str().expect("a text").to_owned())
        };
        assert_eq!(encoding("gzip, deflate, br;q=0.9").as_deref(), Some("br"));
        assert_eq!(encoding("gzip, br;q=0").as_deref(), Some("gzip"));
        assert_eq!(encoding("identity"), None);
    }

    #[test]
    fn nothing_else_is_there() {
        let site = site();
        for path in [
            "/assets/a-1.js.br",
            "/assets/",
            "/assets/../index.html",
            "/%2e%2e/index.html",
            "/nothing",
        ] {
            assert!(get(&site, path, &[]).is_none(), "{path}");
        }
        assert!(get(&site, "/notes.gz", &[]).is_some(), "a file of its own");
        assert!(
            site.serve(&Method::POST, &Uri::from_static("/"), &HeaderMap::new())
                .is_none()
        );
    }

    #[test]
    fn a_folder_without_a_page_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(Site::read(folder.path()).is_err());
        fs::create_dir(folder.path().join("assets")).expect("a folder");
        for name in ["index.html", "assets/a.css"] {
            fs::write(folder.path().join(name), name).expect("a file");
        }
        let site = Site::read(folder.path()).expect("a site");
        assert!(get(&site, "/assets/a.css", &[]).is_some());
    }
}
