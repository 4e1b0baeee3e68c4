//! Word filters on the wire.

use proto::moderation::{
    CreateFilterRequest, CreateFilterResponse, DeleteFilterRequest, DeleteFilterResponse,
    Filter as WireFilter, ListFiltersRequest, ListFiltersResponse, PullFiltersRequest,
    PullFiltersResponse, TenantFilter as WireTenantFilter,
};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response, Status};

use super::{Answer, key, read_id};
use crate::{
    App,
    filters::{self, Action, Filter, NewFilter, Pattern, Pulled, Removal, TenantFilter},
};

pub(super) async fn create_filter(
    app: &App,
    request: Request<CreateFilterRequest>,
) -> Answer<CreateFilterResponse> {
    let caller = Caller::of(&request)?;
    let filter = filters::create(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(CreateFilterResponse {
        filter: Some(filter.into()),
    }))
}

pub(super) async fn delete_filter(
    app: &App,
    request: Request<DeleteFilterRequest>,
) -> Answer<DeleteFilterResponse> {
    let caller = Caller::of(&request)?;
    filters::delete(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(DeleteFilterResponse {}))
}

pub(super) async fn list_filters(
    app: &App,
    request: Request<ListFiltersRequest>,
) -> Answer<ListFiltersResponse> {
    let caller = Caller::of(&request)?;
    let filters = filters::list(app, &caller).await?;
    Ok(Response::new(ListFiltersResponse {
        filters: filters.into_iter().map(WireFilter::from).collect(),
    }))
}

pub(super) async fn pull_filters(
    app: &App,
    request: Request<PullFiltersRequest>,
) -> Answer<PullFiltersResponse> {
    let pulled = filters::pull(app, request.into_inner().known_revision).await?;
    Ok(Response::new(pulled.into()))
}

impl TryFrom<CreateFilterRequest> for NewFilter {
    type Error = Status;

    fn try_from(request: CreateFilterRequest) -> Result<Self, Status> {
        Ok(Self {
            pattern: Pattern::parse(&request.pattern)?,
            action: Action::parse(&request.action)
                .ok_or_else(|| field_invalid("action", "refuse or alert"))?,
            key: key(request.key)?,
        })
    }
}

impl TryFrom<DeleteFilterRequest> for Removal {
    type Error = Status;

    fn try_from(request: DeleteFilterRequest) -> Result<Self, Status> {
        Ok(Self {
            filter_id: read_id("filter", &request.filter_id)?,
            key: key(request.key)?,
        })
    }
}

impl From<Filter> for WireFilter {
    fn from(filter: Filter) -> Self {
        Self {
            filter_id: filter.filter_id.to_string(),
            pattern: filter.pattern,
            action: filter.action.as_str().into(),
            created_by: filter.created_by.to_string(),
            created_at_ms: filter.created_at_ms,
        }
    }
}

impl From<Pulled> for PullFiltersResponse {
    fn from(pulled: Pulled) -> Self {
        Self {
            revision: pulled.revision,
            is_changed: pulled.filters.is_some(),
            filters: pulled
                .filters
                .into_iter()
                .flatten()
                .map(WireTenantFilter::from)
                .collect(),
        }
    }
}

impl From<TenantFilter> for WireTenantFilter {
    fn from(filter: TenantFilter) -> Self {
        Self {
            tenant: filter.tenant,
            filter_id: filter.filter_id.to_string(),
            pattern: filter.pattern,
            action: filter.action.as_str().into(),
        }
    }
}
