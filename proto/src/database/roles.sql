-- Makes the roles of a database: one that owns everything and migrates, and one for each service, with no right but to
-- connect. What a service may do is granted where the schemas are made, from the table in proto/src/database/logins.rs.
--
-- For a superuser who is connected to the database of the product; running it again changes nothing. Roles have no
-- password here, and so cannot log in over the network, until somebody says: alter role room_svc password '…'.
do $$
declare
    v_role text;
    v_change text;
begin
    foreach v_role in array array['hubbub_owner', 'auth_svc', 'moderation_svc', 'social_svc', 'room_svc'] loop
        if not exists (select from pg_roles r where r.rolname = v_role) then
            execute format('create role %I', v_role);
        end if;
        execute format(
            'alter role %I login nosuperuser nocreatedb nocreaterole noinherit noreplication nobypassrls', v_role
        );
        execute format('grant connect on database %I to %I', current_database(), v_role);
    end loop;

    execute format('alter database %I owner to hubbub_owner', current_database());
    execute format('revoke all on database %I from public', current_database());
    revoke all on schema public from public;

    -- What one role made for all of them, before there were several, becomes the owner's.
    for v_change in
        with ours as (
            select n.oid, n.nspname, n.nspowner
            from pg_namespace n
            where n.nspname in ('stream', 'auth', 'moderation', 'social', 'room')
        )
        select format('alter schema %I owner to hubbub_owner', o.nspname)
        from ours o
        where o.nspowner <> 'hubbub_owner'::regrole
        union all
        select format('alter table %I.%I owner to hubbub_owner', o.nspname, c.relname)
        from ours o
        join pg_class c on c.relnamespace = o.oid and c.relkind in ('r', 'p', 'v', 'm')
        where c.relowner <> 'hubbub_owner'::regrole
        union all
        select format('alter routine %s owner to hubbub_owner', f.oid::regprocedure)
        from ours o
        join pg_proc f on f.pronamespace = o.oid
        where f.proowner <> 'hubbub_owner'::regrole
    loop
        execute v_change;
    end loop;
end
$$;
