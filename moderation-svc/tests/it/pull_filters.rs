//! PullFilters: what room-svc keeps in memory.

use proto::{id::Tenant, moderation::CreateFilterRequest};

use crate::world::{World, key};

#[tokio::test]
async fn whoever_knows_the_revision_gets_nothing_and_all_others_everything() {
    let world = World::new().await;
    let ada = world.admin("Ada").await;
    let other: Tenant = "other".parse().expect("a tenant");
    let zoe = world.person_of("Zoe", true, other).await;
    let empty = world.pulls(0).await;
    assert!(empty.is_changed && empty.filters.is_empty() && empty.revision > 0);
    assert!(!world.pulls(empty.revision).await.is_changed);

    for (admin, pattern, action) in [(&ada, "spam", "refuse"), (&zoe, "h*m", "alert")] {
        let request = CreateFilterRequest {
            pattern: pattern.into(),
            action: action.into(),
            key: key(),
        };
        admin.adds_filter(request).await.expect("a filter");
    }
    let pulled = world.pulls(empty.revision).await;
    assert!(pulled.is_changed && pulled.revision == empty.revision + 2);
    let filters: Vec<_> = pulled
        .filters
        .iter()
        .map(|filter| {
            (
                filter.tenant.as_str(),
                filter.pattern.as_str(),
                filter.action.as_str(),
            )
        })
        .collect();
    assert_eq!(
        filters,
        [("default", "spam", "refuse"), ("other", "h*m", "alert")]
    );
    let known = world.pulls(pulled.revision).await;
    assert!(!known.is_changed && known.filters.is_empty());
    // A revision from before a restore is another one too.
    assert!(world.pulls(pulled.revision + 5).await.is_changed);
    ada.deletes_filter(&pulled.filters[0].filter_id, &key())
        .await
        .expect("deleted");
    assert_eq!(world.pulls(pulled.revision).await.filters.len(), 1);
}
