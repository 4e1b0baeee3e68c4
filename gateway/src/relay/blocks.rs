//! Whom the caller does not want to hear of.

use proto::social::{AddBlockRequest, Block, ListBlocksRequest, Person, RemoveBlockRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Failure, Paging, ask, change,
    row::{Route, keyed, route},
    view::PersonView,
};

pub(super) const ROUTES: &[Route] = &[
    keyed!("block.add" => add, Add => Changed<'_>),
    keyed!("block.remove" => remove, Remove => Changed<'_>),
    route!("block.list" => list, Paging => Listed<'_>),
];

/// Whom it is about.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Changed<'a> {
    /// The person.
    user: PersonView<'a>,
}

fn changed(user: Option<&Person>) -> Result<Answer, Failure> {
    Answer::of(&Changed {
        user: PersonView::from(user.ok_or_else(Failure::internal)?),
    })
}

/// Blocks someone.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Add {
    /// The user's id, or `@name`.
    user: String,
    /// Whether they must not see the caller either.
    #[serde(default)]
    mutual: bool,
}

async fn add(context: &Context, key: String, Add { user, mutual }: Add) -> Result<Answer, Failure> {
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

/// Whom to unblock.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Remove {
    /// The user's id, or `@name`.
    user: String,
}

async fn remove(
    context: &Context,
    key: String,
    Remove { user }: Remove,
) -> Result<Answer, Failure> {
    let message = RemoveBlockRequest { user_id: user, key };
    let answer = change(context, message, |request| {
        let mut service = context.app.social.clone();
        async move { service.remove_block(request).await }
    })
    .await?;
    changed(answer.user.as_ref())
}

/// Someone the caller blocked.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Block")]
struct BlockView<'a> {
    /// The person.
    user: PersonView<'a>,
    /// Whether they do not see the caller either.
    mutual: bool,
    /// When, milliseconds since the epoch.
    at: i64,
}

/// A page of the caller's blocks.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Listed<'a> {
    /// The blocks.
    blocks: Vec<BlockView<'a>>,
    /// `page` of the next page; none if this is the last.
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

async fn list(context: &Context, Paging { page, limit }: Paging) -> Result<Answer, Failure> {
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
