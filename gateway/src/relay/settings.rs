//! What a person has chosen for themselves.

use proto::{
    social::{GetSettingsRequest, Settings, UpdateSettingsRequest},
    words::DirectFrom,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Empty, Failure, ask, change,
    row::{Route, keyed, route},
};

pub(super) const ROUTES: &[Route] = &[
    route!("settings.get" => get, Empty => Got<'_>),
    keyed!("settings.update" => update, Update => Got<'_>),
];

/// What a person has chosen for themselves.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Settings")]
struct SettingsView<'a> {
    /// Who may open a direct conversation.
    #[schemars(with = "DirectFrom")]
    direct_from: &'a str,
}

/// The caller's settings.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Got<'a> {
    /// The settings.
    settings: SettingsView<'a>,
}

fn got(settings: Option<&Settings>) -> Result<Answer, Failure> {
    let settings = settings.ok_or_else(Failure::internal)?;
    Answer::of(&Got {
        settings: SettingsView {
            direct_from: &settings.direct_from,
        },
    })
}

async fn get(context: &Context, _: Empty) -> Result<Answer, Failure> {
    let mut service = context.app.social.clone();
    let answer = ask(context, GetSettingsRequest {}, |request| async move {
        service.get_settings(request).await
    })
    .await?;
    got(answer.settings.as_ref())
}

/// What to change.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Update {
    /// Who may open a direct conversation.
    #[schemars(with = "Option<DirectFrom>")]
    direct_from: Option<String>,
}

async fn update(
    context: &Context,
    key: String,
    Update { direct_from }: Update,
) -> Result<Answer, Failure> {
    let message = UpdateSettingsRequest { direct_from, key };
    let answer = change(context, message, |request| {
        let mut service = context.app.social.clone();
        async move { service.update_settings(request).await }
    })
    .await?;
    got(answer.settings.as_ref())
}
