//! Whom the caller does not want to hear of.

use proto::social::{AddBlockRequest, Block, ListBlocksRequest, Person, RemoveBlockRequest};
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Failure, Paging, ask, change,
    routes::{Route, route},
    view::PersonView,
};
use crate::frame::Frame;

pub(super) const ROUTES: &[Route] = &[
    route!("block.add" => add),
    route!("block.remove" => remove),
    route!("block.list" => list),
];

#[derive(Serialize)]
struct Changed<'a> {
    user: PersonView<'a>,
}

fn changed(user: Option<&Person>) -> Result<Answer, Failure> {
    Answer::of(&Changed {
        user: PersonView::from(user.ok_or_else(Failure::internal)?),
    })
}

#[derive(Deserialize)]
struct Add {
    user: String,
    #[serde(default)]
    mutual: bool,
}

async fn add(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Add { user, mutual } = frame.payload()?;
    let message = AddBlockRequest {
        user_id: user,
        key,
        is_mutual: mutual,
    };
    let answer = change(context, message, |request| {
        let mut service = context.app.social.clone();
        async move { service.add_block(request).await }
    })
    .await?;
    changed(answer.user.as_ref())
}

#[derive(Deserialize)]
struct Remove {
    user: String,
}

async fn remove(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Remove { user } = frame.payload()?;
    let message = RemoveBlockRequest { user_id: user, key };
    let answer = change(context, message, |request| {
        let mut service = context.app.social.clone();
        async move { service.remove_block(request).await }
    })
    .await?;
    changed(answer.user.as_ref())
}

#[derive(Serialize)]
struct BlockView<'a> {
    user: PersonView<'a>,
    mutual: bool,
    at: i64,
}

#[derive(Serialize)]
struct Listed<'a> {
    blocks: Vec<BlockView<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

fn view(block: &Block) -> Option<BlockView<'_>> {
    Some(BlockView {
        user: PersonView::from(block.user.as_ref()?),
        mutual: block.is_mutual,
        at: block.at_ms,
    })
}

async fn list(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let Paging { page, limit } = frame.payload()?;
    let question = ListBlocksRequest {
        page: page.unwrap_or_default(),
        limit: limit.unwrap_or_default(),
    };
    let mut service = context.app.social.clone();
    let answer = ask(context, question, |request| async move {
        service.list_blocks(request).await
    })
    .await?;
    Answer::of(&Listed {
        blocks: answer.blocks.iter().filter_map(view).collect(),
        next: &answer.next_page,
    })
}
