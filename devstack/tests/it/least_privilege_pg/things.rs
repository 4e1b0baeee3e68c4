//! Everything that the database holds, and what the table of rights says of it, read apart from how grants are made.

use proto::database::{LOG, Login};
use sqlx::{Connection, FromRow, PgConnection};

/// A table or a view.
#[derive(Debug, FromRow)]
pub(crate) struct Relation {
    schema: String,
    name: String,
    pub(crate) is_view: bool,
    /// Its first column.
    pub(crate) column: String,
}

impl Relation {
    /// Its name in a statement.
    pub(crate) fn target(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }
}

/// A function.
#[derive(Debug, FromRow)]
pub(crate) struct Function {
    schema: String,
    name: String,
    /// Its name in a statement.
    pub(crate) target: String,
    /// The services' roles that may call it, and may look into its schema.
    pub(crate) callers: Vec<String>,
}

/// Whatever is in a schema that is not the server's own.
pub(crate) struct Things {
    pub(crate) relations: Vec<Relation>,
    pub(crate) functions: Vec<Function>,
}

const RELATIONS: &str = "
    select n.nspname::text as schema, c.relname::text as name, c.relkind in ('v', 'm') as is_view, a.attname::text as column
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum = 1
    where c.relkind in ('r', 'p', 'f', 'v', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    order by 1, 2";

const FUNCTIONS: &str = "
    select n.nspname::text as schema, f.proname::text as name, f.oid::regprocedure::text as target,
           array(
               select r.rolname::text
               from pg_roles r
               where r.rolname like '%\\_svc' and has_function_privilege(r.oid, f.oid, 'execute')
                   and has_schema_privilege(r.oid, n.oid, 'usage')
           ) as callers
    from pg_proc f
    join pg_namespace n on n.oid = f.pronamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    order by 1, 2";

impl Things {
    pub(crate) async fn list(url: &str) -> Self {
        let mut connection = PgConnection::connect(url).await.expect("let in");
        let relations = sqlx::query_as(RELATIONS).fetch_all(&mut connection).await;
        let functions = sqlx::query_as(FUNCTIONS).fetch_all(&mut connection).await;
        let things = Self {
            relations: relations.expect("relations"),
            functions: functions.expect("functions"),
        };
        // A question that finds nothing would refuse nothing either.
        assert!(things.relations.len() > 40 && things.functions.len() > 12);
        things
    }
}

/// Whether the table lets a login do something with a relation.
pub(crate) fn may(login: &Login, relation: &Relation, right: &str) -> bool {
    let Relation { schema, name, .. } = relation;
    let is_read = right == "select";
    let is_change = ["insert", "update", "delete"].contains(&right);
    if schema == login.schema {
        let is_kept = relation.is_view || login.only_reads.contains(&name.as_str());
        return name != "_sqlx_migrations" && (is_read || is_change && !is_kept);
    }
    match (schema.as_str(), name.as_str()) {
        (LOG, "head") => is_read || is_change && right != "delete",
        (LOG, "event") => login.events.contains(&right),
        _ => is_read && login.reads.contains(&relation.target().as_str()),
    }
}

/// Whether the table lets a login call a function.
pub(crate) fn may_call(login: &Login, function: &Function) -> bool {
    let Function { schema, name, .. } = function;
    let qualified = format!("{schema}.{name}");
    [login.schema, LOG].contains(&schema.as_str()) || login.calls.contains(&qualified.as_str())
}
