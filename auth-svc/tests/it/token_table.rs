//! Tokens with one thing wrong, and what both verifiers say.

use auth_svc::credentials::Rejection;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::FutureExt;
use tokio::net::TcpListener;

use crate::forge::{Verifiers, object, sign, with};

#[tokio::test]
async fn a_time_is_a_whole_number_or_no_time() {
    let verifiers = Verifiers::start().await;
    let forge = &verifiers.forge;
    let soon = forge.now + 60;
    for claim in ["exp", "nbf", "iat"] {
        for bad in [
            "null".to_owned(),
            "true".to_owned(),
            "\"\"".to_owned(),
            "\"9999999999\"".to_owned(),
            format!("\"{soon}\""),
            format!("{soon}.5"),
            format!("{soon}.0"),
            "1e10".to_owned(),
            "-1".to_owned(),
            format!("-{soon}"),
            "18446744073709551616".to_owned(),
            format!("[{soon}]"),
            "[]".to_owned(),
            "{}".to_owned(),
        ] {
            let token = forge.with_claim(claim, Some(&bad));
            verifiers.refuse(&format!("{claim} {bad}"), &token).await;
        }
        let token = forge.with_claim(claim, None);
        verifiers.refuse(&format!("no {claim}"), &token).await;
    }
    for (claim, value) in [
        ("exp", forge.now - 31),
        ("exp", 0),
        ("nbf", forge.now + 31),
        ("nbf", u64::from(u32::MAX)),
    ] {
        let token = forge.with_claim(claim, Some(&value.to_string()));
        verifiers.refuse(&format!("{claim} {value}"), &token).await;
    }
}

#[tokio::test]
async fn an_access_token_lives_a_quarter_of_an_hour_and_no_longer() {
    let verifiers = Verifiers::start().await;
    let forge = &verifiers.forge;
    for (name, claim, value) in [
        ("a longer life", "exp", forge.now + 901),
        ("a life of years", "exp", forge.now + 100_000_000),
        ("one that was made long ago", "iat", forge.now - 900),
        ("one that will be made", "iat", forge.now + 31),
    ] {
        let token = forge.with_claim(claim, Some(&value.to_string()));
        let refused = verifiers.ours(&token);
        assert!(matches!(refused, Err(Rejection::Malformed)), "{name}");
    }
}

#[tokio::test]
async fn who_and_for_whom_is_compared_to_the_letter() {
    let verifiers = Verifiers::start().await;
    let forge = &verifiers.forge;
    for (claim, bad) in [
        ("iss", "\"HUBBUB\""),
        ("iss", "\"hubbub \""),
        ("iss", "\"hubbub/\""),
        ("iss", "\"https://evil.org\""),
        ("iss", "\"\""),
        ("iss", "[\"hubbub\"]"),
        ("iss", "[\"evil\",\"hubbub\"]"),
        ("iss", "null"),
        ("aud", "\"HUBBUB\""),
        ("aud", "\"evil\""),
        ("aud", "\"\""),
        ("aud", "[]"),
        ("aud", "[\"hubbub\"]"),
        ("aud", "[\"evil\",\"hubbub\"]"),
        ("aud", "null"),
        ("sub", "\"\""),
        ("sub", "\"ada\""),
        ("sub", "7"),
        ("sub", "null"),
        ("sid", "\"\""),
        ("sid", "[]"),
        ("sid", "null"),
        ("tenant", "\"a.b\""),
        ("tenant", "\"*\""),
        ("tenant", "\">\""),
        ("tenant", "\"x\\r\\nPUB x 0\\r\\n\""),
        ("tenant", "\"\""),
    ] {
        let token = forge.with_claim(claim, Some(bad));
        verifiers.refuse(&format!("{claim} {bad}"), &token).await;
    }
    for claim in ["iss", "aud", "sub", "sid", "tenant"] {
        let token = forge.with_claim(claim, None);
        verifiers.refuse(&format!("no {claim}"), &token).await;
    }
    // An assertion is for services; as an access token it is worth nothing.
    let assertion = forge.with_claim("aud", Some("\"hubbub-internal\""));
    assert!(matches!(
        verifiers.ours(&assertion),
        Err(Rejection::Malformed)
    ));
    assert_eq!(verifiers.services(&assertion).await, None);
}

#[tokio::test]
async fn a_header_decides_nothing() {
    let verifiers = Verifiers::start().await;
    let forge = &verifiers.forge;
    for algorithm in [
        "none", "None", "nOnE", "HS256", "HS384", "HS512", "RS256", "RS512", "PS256", "ES256",
        "ES384", "ES256K", "Ed25519", "Ed448", "eddsa", "EDDSA", " EdDSA", "",
    ] {
        let token = forge.with_member("alg", Some(&format!("{algorithm:?}")));
        verifiers
            .refuse(&format!("alg {algorithm:?}"), &token)
            .await;
    }
    for (member, bad) in [
        ("alg", "null"),
        ("alg", "7"),
        ("alg", "[\"EdDSA\"]"),
        ("kid", "null"),
        ("kid", "7"),
        ("kid", "[]"),
        ("kid", "{}"),
        ("kid", "\"\""),
        ("kid", "\"../../../dev/null\""),
        ("kid", "\"/proc/self/environ\""),
        ("kid", "\"' or '1'='1\""),
        ("kid", "\"k-1\\u0000\""),
        ("kid", "\"k 1\""),
        ("kid", "\"k-unknown\""),
    ] {
        let token = forge.with_member(member, Some(bad));
        verifiers.refuse(&format!("{member} {bad}"), &token).await;
    }
    let long = format!("\"{}\"", "k".repeat(65));
    let token = forge.with_member("kid", Some(&long));
    verifiers.refuse("a long kid", &token).await;
    for member in ["alg", "kid"] {
        let token = forge.with_member(member, None);
        verifiers.refuse(&format!("no {member}"), &token).await;
    }
    for bad in [
        Some("\"at+jwt\""),
        Some("\"JOSE\""),
        Some("\"jwt\""),
        Some("null"),
        Some("7"),
        None,
    ] {
        let token = forge.with_member("typ", bad);
        let refused = verifiers.ours(&token);
        assert!(matches!(refused, Err(Rejection::Malformed)), "typ {bad:?}");
    }
}

/// Of two readers one could take the first and the other the last.
#[tokio::test]
async fn what_stands_twice_is_refused() {
    let verifiers = Verifiers::start().await;
    let forge = &verifiers.forge;
    let kid = &forge.kid;
    let twice = format!(r#"{{"alg":"none","alg":"EdDSA","typ":"JWT","kid":{kid:?}}}"#);
    let token = forge.sign(&twice, &object(&forge.claims));
    verifiers.refuse("two algorithms", &token).await;
    let claims = object(&forge.claims);
    let twice = format!(
        "{},\"exp\":{}}}",
        claims.trim_end_matches('}'),
        forge.now + 60
    );
    let token = forge.sign(&object(&forge.header()), &twice);
    verifiers.refuse("two ends", &token).await;
}

#[tokio::test]
async fn a_key_that_comes_with_its_token_opens_nothing_and_nobody_is_asked() {
    let verifiers = Verifiers::start().await;
    let forge = &verifiers.forge;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/keys", listener.local_addr().expect("an address"));
    let mallory = Ed25519KeyPair::generate().expect("a pair");
    let x = URL_SAFE_NO_PAD.encode(mallory.public_key().as_ref());
    let own = format!(r#"{{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"m","x":"{x}"}}"#);
    let mut claims = forge.claims.clone();
    for kid in [forge.kid.as_str(), "m", &url] {
        for (member, value) in [
            ("jwk", own.clone()),
            ("jku", format!("{url:?}")),
            ("x5u", format!("{url:?}")),
            ("x5c", format!("[{x:?}]")),
            ("x5t", format!("{x:?}")),
            ("crit", "[\"exp\"]".to_owned()),
        ] {
            let header = with(forge.header(), "kid", Some(&format!("{kid:?}")));
            let header = object(&with(header, member, Some(&value)));
            for issuer in [forge.claims["iss"].clone(), format!("{url:?}")] {
                claims.insert("iss".into(), issuer);
                let token = sign(&mallory, &header, &object(&claims));
                verifiers
                    .refuse(&format!("{member} with {kid}"), &token)
                    .await;
            }
        }
    }
    assert!(
        listener.accept().now_or_never().is_none(),
        "somebody followed an address that a token named"
    );
}

#[tokio::test]
async fn no_bit_of_a_token_can_be_turned() {
    let verifiers = Verifiers::start().await;
    let forge = &verifiers.forge;
    let good = forge.sign(&object(&forge.header()), &object(&forge.claims));
    for at in 0..good.len() {
        for bit in 0..7 {
            let mut bytes = good.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let token = String::from_utf8(bytes).expect("ASCII");
            assert!(verifiers.ours(&token).is_err(), "bit {bit} of byte {at}");
        }
        assert!(verifiers.ours(&good[..at]).is_err(), "cut at {at}");
    }
}

#[tokio::test]
async fn what_only_looks_like_a_token_is_none() {
    let verifiers = Verifiers::start().await;
    let forge = &verifiers.forge;
    let header = object(&forge.header());
    let good = forge.sign(&header, &object(&forge.claims));
    let deep = "[".repeat(100_000);
    let nested = "{\"a\":".repeat(100_000);
    let (rest, signature) = good.rsplit_once('.').expect("three parts");
    for (name, token) in [
        ("a blank before", format!(" {good}")),
        ("a line end after", format!("{good}\n")),
        ("padding", format!("{good}==")),
        ("a part more", format!("{good}.x")),
        ("five parts", format!("{good}.x.y")),
        ("no signature", format!("{rest}.")),
        ("two signatures", format!("{rest}.{signature}{signature}")),
        ("the other alphabet", good.replace(['-', '_'], "+")),
        ("percent signs", good.replace('.', "%2E")),
        ("a scheme", format!("Bearer {good}")),
        ("JSON", format!(r#"{{"token":"{good}"}}"#)),
        ("NUL", format!("{good}\0")),
        ("dots", "..".to_owned()),
        ("many dots", ".".repeat(100_000)),
        ("a megabyte", "A".repeat(1 << 20)),
        ("a deep header", forge.sign(&deep, "{}")),
        ("a deeply nested header", forge.sign(&nested, "{}")),
        ("deep claims", forge.sign(&header, &deep)),
        ("deeply nested claims", forge.sign(&header, &nested)),
        ("claims that are a list", forge.sign(&header, "[]")),
        ("claims that are null", forge.sign(&header, "null")),
        ("claims that are no text", forge.sign(&header, "\u{0}\u{1}")),
    ] {
        if token != good {
            verifiers.refuse(name, &token).await;
        }
    }
}
