//! What a proxy's handle tells its connections.

use std::sync::Arc;

use tokio::sync::watch;

use crate::{
    bus::BusFault,
    fault::{Fault, Way},
};

/// What is in force. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Orders {
    pub(crate) fault: Fault,
    /// Counts how often the fault was replaced, so that applying the same one again begins it anew.
    pub(crate) epoch: u64,
    /// Counts how often every live connection was to be reset.
    pub(crate) cuts: u64,
    /// What is wrong with single messages; looked at by buses only.
    pub(crate) bus: Option<Arc<BusFault>>,
}

/// A connection's view of the orders.
pub(crate) type Listening = watch::Receiver<Orders>;

/// Waits until a direction carries bytes.
pub(crate) async fn until_light(orders: &mut Listening, ways: &[Way]) {
    let is_light = |orders: &Orders| ways.iter().all(|way| !orders.fault.is_dark(*way));
    if orders.wait_for(is_light).await.is_err() {
        // The proxy is gone and this task is about to be ended with it.
        std::future::pending::<()>().await;
    }
}
