//! ListFilters.

use proto::{id::Tenant, moderation::CreateFilterRequest};

use crate::world::{World, assert_no_admin, key};

#[tokio::test]
async fn filters_come_by_pattern_and_are_this_tenant_s() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    for pattern in ["spam", "Ham", "eggs*"] {
        let request = CreateFilterRequest {
            pattern: pattern.into(),
            action: "alert".into(),
            key: key(),
        };
        ada.adds_filter(request).await.expect("a filter");
    }
    let filters = ada.lists_filters().await.expect("filters");
    let patterns: Vec<_> = filters
        .iter()
        .map(|filter| filter.pattern.as_str())
        .collect();
    assert_eq!(patterns, ["eggs*", "Ham", "spam"]);
    assert!(filters.iter().all(|filter| filter.created_at_ms > 0));
    assert_no_admin(bob.lists_filters().await);
    let other: Tenant = "other".parse().expect("a tenant");
    let zoe = world.person_of("Zoe", true, other).await;
    assert!(zoe.lists_filters().await.expect("filters").is_empty());
}
