//! The first page: files that are part of the program, with types, entity tags and nothing to configure.

use std::{collections::HashMap, sync::LazyLock};

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

struct Asset {
    kind: HeaderValue,
    tag: HeaderValue,
    text: &'static str,
}

macro_rules! assets {
    ($($name:literal)*) => {
        HashMap::from([$(($name, asset($name, include_str!(concat!("../static/", $name)))),)*])
    };
}

static ASSETS: LazyLock<HashMap<&'static str, Asset>> = LazyLock::new(|| {
    assets! {
        "index.html" "icon.svg"
        "css/tokens.css" "css/base.css" "css/welcome.css" "css/chat.css" "css/messages.css" "css/narrow.css"
        "js/main.js" "js/api.js" "js/backoff.js" "js/connection.js" "js/socket.js" "js/outbox.js" "js/room.js"
        "js/store.js" "js/dom.js" "js/format.js" "js/view-welcome.js" "js/view-rooms.js" "js/view-room.js"
        "js/view-messages.js" "js/view-members.js" "js/view-shell.js"
    }
});

/// Makes the routes of the page.
pub(crate) fn router() -> Router {
    Router::new()
        .route(
            "/",
            get(async |headers: HeaderMap| serve("index.html", &headers)),
        )
        .route(
            "/static/{*name}",
            get(async |Path(name): Path<String>, headers: HeaderMap| serve(&name, &headers)),
        )
}

fn serve(name: &str, headers: &HeaderMap) -> Response {
    let Some(asset) = ASSETS.get(name) else {
        return crate::rest::nothing_here().into_response();
    };
    // `no-cache` means: ask each time whether it changed. A new server never meets an old half of its page.
    let about = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::ETAG, asset.tag.clone()),
        (header::CONTENT_TYPE, asset.kind.clone()),
    ];
    if headers.get(header::IF_NONE_MATCH) == Some(&asset.tag) {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    (about, asset.text).into_response()
}

fn asset(name: &str, text: &'static str) -> Asset {
    let kind = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    };
    let hash = URL_SAFE_NO_PAD.encode(&stream::fingerprint(&[text.as_bytes()])[..12]);
    let tag = HeaderValue::try_from(format!("\"{hash}\"")).expect("base64 is a header value");
    Asset {
        kind: HeaderValue::from_static(kind),
        tag,
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_types_and_tags() {
        let response = serve("js/main.js", &HeaderMap::new());
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/javascript; charset=utf-8"
        );
        let mut headers = HeaderMap::new();
        headers.insert(
            header::IF_NONE_MATCH,
            response.headers()[header::ETAG].clone(),
        );
        assert_eq!(
            serve("js/main.js", &headers).status(),
            StatusCode::NOT_MODIFIED
        );
        assert_eq!(
            serve("js/../index.html", &headers).status(),
            StatusCode::NOT_FOUND
        );
    }

    #[test]
    fn every_file_that_the_page_names_is_served() {
        for asset in ASSETS.values() {
            for part in asset.text.split(['"', '\'']) {
                let name = part
                    .strip_prefix("/static/")
                    .or_else(|| part.strip_prefix("./").filter(|name| name.ends_with(".js")));
                let Some(name) = name else { continue };
                assert!(
                    ASSETS.contains_key(name) || ASSETS.contains_key(format!("js/{name}").as_str()),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn nothing_is_inline() {
        let page = ASSETS["index.html"].text;
        assert!(!page.contains("<style") && !page.contains("style=") && !page.contains("onclick"));
        assert_eq!(
            page.matches("<script").count(),
            page.matches("<script type=\"module\" src=").count()
        );
    }
}
