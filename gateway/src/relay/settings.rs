//! What a person has chosen for themselves.

use proto::social::{GetSettingsRequest, Settings, UpdateSettingsRequest};
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Failure, ask, change,
    routes::{Route, route},
};
use crate::frame::Frame;

pub(super) const ROUTES: &[Route] = &[
    route!("settings.get" => get),
    route!("settings.update" => update),
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SettingsView<'a> {
    direct_from: &'a str,
}

#[derive(Serialize)]
struct Got<'a> {
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

async fn get(context: &Context, _: &Frame) -> Result<Answer, Failure> {
    let mut service = context.app.social.clone();
    let answer = ask(context, GetSettingsRequest {}, |request| async move {
        service.get_settings(request).await
    })
    .await?;
    got(answer.settings.as_ref())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Update {
    direct_from: Option<String>,
}

async fn update(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Update { direct_from } = frame.payload()?;
    let message = UpdateSettingsRequest { direct_from, key };
    let answer = change(context, message, |request| {
        let mut service = context.app.social.clone();
        async move { service.update_settings(request).await }
    })
    .await?;
    got(answer.settings.as_ref())
}
