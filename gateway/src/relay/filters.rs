//! The words that may not be said, for administrators.

use proto::{
    moderation::{CreateFilterRequest, DeleteFilterRequest, Filter, ListFiltersRequest},
    words::FilterAction,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Empty, Failure, ask, change,
    row::{Route, keyed, route},
};

pub(super) const ROUTES: &[Route] = &[
    route!("mod.filters" => list, Empty => Listed<'_>),
    keyed!("mod.filterAdd" => add, Add => Added<'_>),
    keyed!("mod.filterRemove" => remove, Remove => Empty),
];

/// A word filter.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Filter")]
struct FilterView<'a> {
    /// Its id.
    id: &'a str,
    /// What it looks for.
    pattern: &'a str,
    /// What it does.
    #[schemars(with = "FilterAction")]
    action: &'a str,
    /// Id of the user who did it.
    by: &'a str,
    /// When, milliseconds since the epoch.
    at: i64,
}

impl<'a> From<&'a Filter> for FilterView<'a> {
    fn from(filter: &'a Filter) -> Self {
        Self {
            id: &filter.filter_id,
            pattern: &filter.pattern,
            action: &filter.action,
            by: &filter.created_by,
            at: filter.created_at_ms,
        }
    }
}

/// The filters.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Listed<'a> {
    /// The filters.
    filters: Vec<FilterView<'a>>,
}

async fn list(context: &Context, _: Empty) -> Result<Answer, Failure> {
    let mut service = context.app.moderation.clone();
    let answer = ask(context, ListFiltersRequest {}, |request| async move {
        service.list_filters(request).await
    })
    .await?;
    Answer::of(&Listed {
        filters: answer.filters.iter().map(FilterView::from).collect(),
    })
}

/// A filter to be made.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Add {
    /// What it looks for.
    pattern: String,
    /// What it does.
    #[schemars(with = "FilterAction")]
    action: String,
}

/// The filter that was made.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Added<'a> {
    /// The filter.
    filter: FilterView<'a>,
}

async fn add(
    context: &Context,
    key: String,
    Add { pattern, action }: Add,
) -> Result<Answer, Failure> {
    let message = CreateFilterRequest {
        pattern,
        action,
        key,
    };
    let answer = change(context, message, |request| {
        let mut service = context.app.moderation.clone();
        async move { service.create_filter(request).await }
    })
    .await?;
    Answer::of(&Added {
        filter: FilterView::from(answer.filter.as_ref().ok_or_else(Failure::internal)?),
    })
}

/// The filter to take away.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Remove {
    /// The filter's id.
    filter: String,
}

async fn remove(
    context: &Context,
    key: String,
    Remove { filter }: Remove,
) -> Result<Answer, Failure> {
    let message = DeleteFilterRequest {
        filter_id: filter,
        key,
    };
    change(context, message, |request| {
        let mut service = context.app.moderation.clone();
        async move { service.delete_filter(request).await }
    })
    .await?;
    Answer::done()
}
