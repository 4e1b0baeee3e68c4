//! ListBlocks.

use proto::social::ListBlocksRequest;

use crate::{
    contracts,
    world::{World, assert_field},
};

#[tokio::test]
async fn blocks_come_by_name_in_pages_to_the_blocker_only() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    for name in ["dan", "Bob", "cyd"] {
        let other = world.person(name).await;
        ada.blocks(&other).await.expect("blocked");
        let blocks = other.list_blocks(ListBlocksRequest::default()).await;
        assert_eq!(blocks.expect("a list").blocks, []);
    }
    let eli = world.person("Eli").await;
    ada.blocks_mutually(&eli).await.expect("blocked");
    let (mut page, mut listed) = (String::new(), Vec::new());
    loop {
        let request = ListBlocksRequest { page, limit: 3 };
        let answer = ada.list_blocks(request).await.expect("a page");
        listed.extend(answer.blocks);
        page = answer.next_page;
        if page.is_empty() {
            break;
        }
    }
    let names: Vec<_> = listed
        .iter()
        .map(|block| block.user.as_ref().expect("a user").name.as_str())
        .collect();
    assert_eq!(names, ["Bob", "cyd", "dan", "Eli"]);
    let reach: Vec<_> = listed.iter().map(|block| block.is_mutual).collect();
    assert_eq!(reach, [false, false, false, true]);
    assert!(listed.iter().all(|block| block.at_ms > 0));

    contracts::close(&world.db, eli.caller.user_id).await;
    let listed = ada.list_blocks(ListBlocksRequest::default()).await;
    assert_eq!(listed.expect("a list").blocks.len(), 3);
    assert_eq!(ada.counts().await.blocked, 3);
}

#[tokio::test]
async fn a_page_is_one_of_this_list_and_not_too_long() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    for (page, limit, field) in [("AAAA", 1, "page"), ("", 101, "limit")] {
        let page = page.into();
        let refused = ada.list_blocks(ListBlocksRequest { page, limit }).await;
        assert_field(refused, field);
    }
}
