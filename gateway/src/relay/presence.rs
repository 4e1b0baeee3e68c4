//! The status that others see.

use proto::{social::SetPresenceRequest, words::OwnStatus};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Answer, Context, Empty, Failure, change,
    row::{Route, keyed},
};

pub(super) const ROUTES: &[Route] = &[keyed!("presence.set" => set, Set => Empty)];

/// The status that others see.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Set {
    /// The status.
    #[schemars(with = "OwnStatus")]
    status: String,
    /// A few words with it.
    #[schemars(length(max = 100))]
    text: Option<String>,
    /// When it ends, milliseconds since the epoch; for good if left out.
    until: Option<i64>,
}

async fn set(
    context: &Context,
    key: String,
    Set {
        status,
        text,
        until,
    }: Set,
) -> Result<Answer, Failure> {
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
