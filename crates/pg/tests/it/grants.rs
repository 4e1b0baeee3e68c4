//! Rights follow the table, with a role, a schema and a database of a test's own.

use pg::grants::{Kind, Object, settle};
use sqlx::{AssertSqlSafe, Executor, PgPool};

/// A database with one of everything, and a role that may do nothing yet.
struct Stage {
    pool: PgPool,
    role: String,
}

impl Stage {
    async fn new() -> Self {
        let pool = testkit::database(&[]).await;
        // Roles belong to the whole server, which other tests share.
        let role = format!("role_{}", uuid::Uuid::now_v7().simple());
        let stage = Self { pool, role };
        let make = "create schema shop; create table shop.item (n int); create view shop.offer as select n from shop.item;
            create function shop.price(n int) returns int language sql as 'select n'";
        stage.does(make).await;
        stage.does(&format!("create role {}", stage.role)).await;
        stage
    }

    async fn does(&self, statement: &str) {
        let done = self.pool.execute(AssertSqlSafe(statement)).await;
        done.expect("done");
    }

    async fn says(&self, question: &str) -> bool {
        let question = format!("select {}", question.replace("ROLE", &self.role));
        let asked = sqlx::query_scalar(AssertSqlSafe(question));
        asked.fetch_one(&self.pool).await.expect("an answer")
    }

    async fn settles(&self, rights: impl Fn(&Object) -> &'static [&'static str]) -> Vec<String> {
        let mut connection = self.pool.acquire().await.expect("a connection");
        let roles = [self.role.as_str(), "nobody_of_this_name"];
        let rights = |role: &str, object: &Object| {
            assert_eq!(
                role, self.role,
                "a role that is not there is not asked about"
            );
            rights(object)
        };
        let settled = settle(&mut connection, &["shop"], &roles, rights).await;
        settled.expect("settled")
    }
}

fn of_a_customer(object: &Object) -> &'static [&'static str] {
    match object.kind {
        Kind::Schema => &["usage"],
        Kind::Table => &["insert", "select"],
        Kind::View => &["select"],
        Kind::Function => &["execute"],
    }
}

fn of_nobody(_: &Object) -> &'static [&'static str] {
    &[]
}

#[tokio::test]
async fn a_role_gets_what_is_due_and_everybody_loses_what_they_had() {
    let stage = Stage::new().await;
    assert_eq!(stage.settles(of_nobody).await, Vec::<String>::new());
    // Functions are everybody's when they are made.
    assert!(
        !stage
            .says("has_function_privilege('ROLE', 'shop.price(int)', 'execute')")
            .await
    );
    assert_eq!(stage.settles(of_a_customer).await, Vec::<String>::new());
    for held in [
        "has_schema_privilege('ROLE', 'shop', 'usage')",
        "has_table_privilege('ROLE', 'shop.item', 'insert')",
        "has_table_privilege('ROLE', 'shop.item', 'select')",
        "has_table_privilege('ROLE', 'shop.offer', 'select')",
        "has_function_privilege('ROLE', 'shop.price(int)', 'execute')",
    ] {
        assert!(stage.says(held).await, "{held}");
    }
    for refused in [
        "has_schema_privilege('ROLE', 'shop', 'create')",
        "has_table_privilege('ROLE', 'shop.item', 'update, delete, truncate, references, trigger')",
        "has_table_privilege('ROLE', 'shop.offer', 'insert, update, delete')",
    ] {
        assert!(!stage.says(refused).await, "{refused}");
    }
}

#[tokio::test]
async fn what_is_in_line_already_is_not_touched() {
    let stage = Stage::new().await;
    stage.settles(of_a_customer).await;
    let version = "(select xmin::text::bigint from pg_class where oid = 'shop.item'::regclass)
        = (select xmin::text::bigint from pg_class where oid = 'shop.offer'::regclass)";
    assert!(stage.says(version).await, "one transaction gave both");
    stage.does("create table shop.cart (n int)").await;
    stage.settles(of_a_customer).await;
    assert!(stage.says(version).await, "neither was written again");
    let newer = version.replace("offer", "cart");
    assert!(!stage.says(&newer).await, "the new one was");
}

#[tokio::test]
async fn what_is_beyond_the_table_is_named_and_stays() {
    let stage = Stage::new().await;
    stage.settles(of_a_customer).await;
    let excess = format!("grant delete, truncate on shop.item to {}", stage.role);
    stage.does(&excess).await;
    let beyond = stage.settles(of_a_customer).await;
    let role = &stage.role;
    let expected = format!("revoke delete, truncate on table shop.item from {role}");
    assert_eq!(beyond, std::slice::from_ref(&expected));
    assert!(
        stage
            .says("has_table_privilege('ROLE', 'shop.item', 'truncate')")
            .await
    );
    stage.does(&expected).await;
    assert_eq!(stage.settles(of_a_customer).await, Vec::<String>::new());
}
