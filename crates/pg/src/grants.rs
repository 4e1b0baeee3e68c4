//! Rights of roles, brought in line with what a table in the source says.

use std::fmt;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// What kind of thing a right is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Kind {
    /// A schema.
    Schema,
    /// A table.
    Table,
    /// A view.
    View,
    /// A function.
    Function,
}

impl fmt::Display for Kind {
    /// Writes it as `grant … on` wants it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Schema => "schema",
            Self::Table | Self::View => "table",
            Self::Function => "routine",
        })
    }
}

/// Something that the database holds.
#[derive(Debug, Clone)]
pub struct Object {
    /// What it is.
    pub kind: Kind,
    /// The schema it is in, or is.
    pub schema: String,
    /// Its name; empty for a schema.
    pub name: String,
}

/// One role, or everybody, before one object.
struct Standing {
    object: Object,
    /// The object's name in SQL.
    target: String,
    /// The role's name; null for everybody.
    role: Option<String>,
    /// The role's name in SQL.
    grantee: String,
    /// What it may do now.
    held: Vec<String>,
}

/// Gives roles every right that `rights` names and they lack, and takes from everybody what everybody has, on all
/// objects of the given schemas that belong to the current role. A role that does not exist is left out.
///
/// Takes nothing from a role: another version of the product may run beside this one and need it. Returns the
/// statements that would, for who runs the database.
///
/// Two at once fail on each other: the caller holds a lock.
///
/// # Errors
/// When Postgres is away or refuses; then nothing has changed.
pub async fn settle<'a>(
    conn: &mut PgConnection,
    schemas: &[&str],
    roles: &[&str],
    rights: impl Fn(&str, &Object) -> &'a [&'a str],
) -> Result<Vec<String>, sqlx::Error> {
    let mut tx = conn.begin().await?;
    let mut beyond = Vec::new();
    for standing in list_standings(&mut tx, schemas, roles).await? {
        let Standing {
            object,
            target,
            role,
            grantee,
            held,
        } = standing;
        let due = role
            .as_deref()
            .map_or(&[][..], |role| rights(role, &object));
        let kind = object.kind;
        let lacking: Vec<&str> = due
            .iter()
            .copied()
            .filter(|right| !held.iter().any(|held| held == right))
            .collect();
        if !lacking.is_empty() {
            let lacking = lacking.join(", ");
            let grant = format!("grant {lacking} on {kind} {target} to {grantee}");
            tx.execute(AssertSqlSafe(grant)).await?;
        }
        let superfluous: Vec<String> = held
            .into_iter()
            .filter(|held| !due.contains(&held.as_str()))
            .collect();
        if superfluous.is_empty() {
            continue;
        }
        let superfluous = superfluous.join(", ");
        let revoke = format!("revoke {superfluous} on {kind} {target} from {grantee}");
        if role.is_some() {
            beyond.push(revoke);
        } else {
            tx.execute(AssertSqlSafe(revoke)).await?;
        }
    }
    tx.commit().await?;
    Ok(beyond)
}

/// Lists every object with every role that exists, and with everybody.
async fn list_standings(
    conn: &mut PgConnection,
    schemas: &[&str],
    roles: &[&str],
) -> Result<Vec<Standing>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        with object as (
            select 'schema' as kind, n.nspname as schema, '' as name, quote_ident(n.nspname) as target,
                   n.nspowner as owner, coalesce(n.nspacl, acldefault('n', n.nspowner)) as acl
            from pg_namespace n
            union all
            select case when c.relkind in ('v', 'm') then 'view' else 'table' end, n.nspname, c.relname,
                   format('%I.%I', n.nspname, c.relname), c.relowner, coalesce(c.relacl, acldefault('r', c.relowner))
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p', 'f', 'v', 'm')
            union all
            select 'function', n.nspname, f.proname, f.oid::regprocedure::text, f.proowner,
                   coalesce(f.proacl, acldefault('f', f.proowner))
            from pg_proc f
            join pg_namespace n on n.oid = f.pronamespace
        ), grantee as (
            select r.oid, r.rolname::text as role, quote_ident(r.rolname) as name
            from pg_roles r
            where r.rolname = any($2)
            union all
            select 0, null, 'public'
        )
        select o.kind as "kind!: Kind", o.schema::text as "schema!", o.name::text as "name!", o.target as "target!",
               g.role, g.name as "grantee!",
               array(select lower(a.privilege_type) from aclexplode(o.acl) a where a.grantee = g.oid) as "held!"
        from object o
        cross join grantee g
        where o.schema = any($1) and pg_has_role(o.owner, 'usage') and g.oid <> o.owner
        "#,
        schemas as &[&str],
        roles as &[&str],
    )
    .fetch_all(conn)
    .await?;
    let standings = rows.into_iter().map(|row| Standing {
        object: Object {
            kind: row.kind,
            schema: row.schema,
            name: row.name,
        },
        target: row.target,
        role: row.role,
        grantee: row.grantee,
        held: row.held,
    });
    Ok(standings.collect())
}
