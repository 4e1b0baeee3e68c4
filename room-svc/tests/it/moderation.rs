//! moderation-svc as far as room-svc knows it: two methods on the bus.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use proto::moderation::{
    self as wire,
    moderation_service_server::{ModerationService, ModerationServiceServer},
};
use rpc::ServeOptions;
use service::Kit;
use tokio::sync::watch;
use tonic::{Request, Response, Status};

/// How long a test waits for what happens in the background.
const PATIENCE: Duration = Duration::from_secs(10);

/// The filters that exist, and the alerts that were filed.
#[derive(Clone)]
pub(crate) struct Moderation {
    filters: Arc<Mutex<(i64, Vec<wire::TenantFilter>)>>,
    /// The revision that was answered last.
    pulled: Arc<watch::Sender<i64>>,
    alerts: Arc<watch::Sender<Vec<wire::FileAlertRequest>>>,
}

impl Moderation {
    pub(crate) async fn serve(kit: &Kit) -> Self {
        let moderation = Self {
            filters: Arc::default(),
            pulled: Arc::new(watch::Sender::new(0)),
            alerts: Arc::default(),
        };
        rpc::serve(
            kit.nats.clone(),
            ModerationServiceServer::new(moderation.clone()),
            ServeOptions::default(),
            kit.tasks.clone(),
            kit.stop.clone(),
        )
        .await
        .expect("the bus serves");
        moderation
    }

    /// Puts filters of the default tenant in the place of those there are, and waits until the service has pulled them:
    /// it asks with their revision only after it has taken them over.
    pub(crate) async fn filters(&self, filters: &[(&str, &str, &str)]) {
        let revision = {
            let mut known = self.filters.lock().expect("not poisoned");
            let filters = filters
                .iter()
                .map(|(filter_id, pattern, action)| wire::TenantFilter {
                    tenant: "default".into(),
                    filter_id: (*filter_id).into(),
                    pattern: (*pattern).into(),
                    action: (*action).into(),
                });
            *known = (known.0 + 1, filters.collect());
            known.0
        };
        let mut pulled = self.pulled.subscribe();
        let waiting = pulled.wait_for(|known| *known >= revision);
        tokio::time::timeout(PATIENCE, waiting)
            .await
            .expect("the filters are pulled")
            .expect("a sender");
    }

    /// Waits for the first alerts.
    pub(crate) async fn alerts(&self, count: usize) -> Vec<wire::FileAlertRequest> {
        let mut alerts = self.alerts.subscribe();
        let waiting = alerts.wait_for(|alerts| alerts.len() >= count);
        tokio::time::timeout(PATIENCE, waiting)
            .await
            .expect("the alerts are filed")
            .expect("a sender")
            .clone()
    }
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<Response<T>, Status>> + Send + 'a>>;

macro_rules! not_asked {
    ($($method:ident($request:ident) -> $response:ident;)*) => {$(
        fn $method<'a, 'b>(&'a self, _: Request<wire::$request>) -> Answer<'b, wire::$response>
        where
            'a: 'b,
            Self: 'b,
        {
            Box::pin(async { Err(Status::unimplemented("room-svc does not ask this")) })
        }
    )*};
}

impl ModerationService for Moderation {
    fn pull_filters<'a, 'b>(
        &'a self,
        request: Request<wire::PullFiltersRequest>,
    ) -> Answer<'b, wire::PullFiltersResponse>
    where
        'a: 'b,
        Self: 'b,
    {
        let known_revision = request.get_ref().known_revision;
        self.pulled.send_replace(known_revision);
        let (revision, filters) = self.filters.lock().expect("not poisoned").clone();
        let is_changed = revision != known_revision;
        let answer = wire::PullFiltersResponse {
            revision,
            is_changed,
            filters: if is_changed { filters } else { Vec::new() },
        };
        Box::pin(async { Ok(Response::new(answer)) })
    }

    fn file_alert<'a, 'b>(
        &'a self,
        request: Request<wire::FileAlertRequest>,
    ) -> Answer<'b, wire::FileAlertResponse>
    where
        'a: 'b,
        Self: 'b,
    {
        self.alerts
            .send_modify(|alerts| alerts.push(request.into_inner()));
        Box::pin(async { Ok(Response::new(wire::FileAlertResponse {})) })
    }

    not_asked! {
        create_ban(CreateBanRequest) -> CreateBanResponse;
        lift_ban(LiftBanRequest) -> LiftBanResponse;
        list_bans(ListBansRequest) -> ListBansResponse;
        preview_ban(PreviewBanRequest) -> PreviewBanResponse;
        list_enforced(ListEnforcedRequest) -> ListEnforcedResponse;
        mute_user(MuteUserRequest) -> MuteUserResponse;
        unmute_user(UnmuteUserRequest) -> UnmuteUserResponse;
        warn_user(WarnUserRequest) -> WarnUserResponse;
        report_content(ReportContentRequest) -> ReportContentResponse;
        list_reports(ListReportsRequest) -> ListReportsResponse;
        update_report(UpdateReportRequest) -> UpdateReportResponse;
        create_filter(CreateFilterRequest) -> CreateFilterResponse;
        delete_filter(DeleteFilterRequest) -> DeleteFilterResponse;
        list_filters(ListFiltersRequest) -> ListFiltersResponse;
        list_audit(ListAuditRequest) -> ListAuditResponse;
        verify_audit(VerifyAuditRequest) -> VerifyAuditResponse;
        list_connections(ListConnectionsRequest) -> ListConnectionsResponse;
        send_to_connection(SendToConnectionRequest) -> SendToConnectionResponse;
        broadcast(BroadcastRequest) -> BroadcastResponse;
        disconnect(DisconnectRequest) -> DisconnectResponse;
        is_active(IsActiveRequest) -> IsActiveResponse;
        explain_delivery(ExplainDeliveryRequest) -> ExplainDeliveryResponse;
        report_connections(ReportConnectionsRequest) -> ReportConnectionsResponse;
        export_user(ExportUserRequest) -> ExportUserResponse;
        erase_user(EraseUserRequest) -> EraseUserResponse;
    }
}
