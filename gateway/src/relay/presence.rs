//! The status that others see.

use proto::social::SetPresenceRequest;
use serde::Deserialize;

use super::{
    Answer, Context, Failure, change,
    routes::{Route, route},
};
use crate::frame::Frame;

pub(super) const ROUTES: &[Route] = &[route!("presence.set" => set)];

#[derive(Deserialize)]
struct Set {
    status: String,
    text: Option<String>,
    until: Option<i64>,
}

async fn set(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Set {
        status,
        text,
        until,
    } = frame.payload()?;
    let message = SetPresenceRequest {
        status,
        text: text.unwrap_or_default(),
        until_ms: until.unwrap_or_default(),
        key,
    };
    change(context, message, |request| {
        let mut service = context.app.social.clone();
        async move { service.set_presence(request).await }
    })
    .await?;
    Answer::done()
}
