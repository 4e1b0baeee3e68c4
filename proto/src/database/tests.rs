use std::collections::BTreeSet;

use super::*;

#[test]
fn the_statements_for_roles_name_those_of_the_table() {
    let quoted = |line: &'static str| line.split('\'').skip(1).step_by(2);
    let after = |mark: &str| {
        let line = ROLES.lines().find(|line| line.contains(mark));
        quoted(line.expect("it is there")).collect::<BTreeSet<_>>()
    };
    let roles = LOGINS.iter().map(|login| login.role).chain([OWNER]);
    assert_eq!(after("in array array["), roles.collect());
    assert_eq!(after("n.nspname in ("), schemas().collect());
}

#[test]
fn names_follow_from_the_service() {
    for login in &LOGINS {
        assert_eq!(login.role, login.service.replace('-', "_"));
        assert_eq!(login.schema, login.service.trim_end_matches("-svc"));
        assert!(login.reads.is_sorted() && login.calls.is_sorted());
        for foreign in login.reads.iter().chain(login.calls) {
            let (schema, _) = foreign.split_once('.').expect("schema.name");
            assert!(schema != login.schema && schema != LOG, "{foreign}");
        }
    }
    assert!(Login::of("gateway").is_none());
}

#[test]
fn one_s_own_is_changed_the_listed_is_read_and_the_rest_is_closed() {
    let room = Login::of("room-svc").expect("it has a database");
    for (schema, thing, rights) in [
        ("room", Thing::Schema, USE),
        ("room", Thing::Table("member"), CHANGE),
        ("room", Thing::Table(BOOKKEEPING), NOTHING),
        ("room", Thing::View("membership"), READ),
        ("room", Thing::Function("may_append"), CALL),
        ("stream", Thing::Table("head"), BUMP),
        ("stream", Thing::Table("event"), CHANGE),
        ("stream", Thing::Table("anything"), NOTHING),
        ("social", Thing::Schema, USE),
        ("social", Thing::View("block_edge"), READ),
        ("social", Thing::View("friendship"), NOTHING),
        ("social", Thing::Table("block"), NOTHING),
        ("social", Thing::Function("may_message"), CALL),
        ("social", Thing::Function("share_room"), NOTHING),
        // A table that takes the name of a view is not the view.
        ("auth", Thing::Table("person"), NOTHING),
        ("public", Thing::Schema, NOTHING),
    ] {
        assert_eq!(room.rights(schema, thing), rights, "{schema} {thing:?}");
    }
    let moderation = Login::find("moderation_svc").expect("it has a role");
    assert_eq!(moderation.rights("moderation", Thing::Table("audit")), READ);
    assert_eq!(moderation.rights("room", Thing::Schema), NOTHING);
    assert!(
        !moderation
            .rights("stream", Thing::Table("event"))
            .contains(&"update")
    );
}
