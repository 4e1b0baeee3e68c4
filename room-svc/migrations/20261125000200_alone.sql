-- The guard and what is kept of a message, for one entry, which is what most appends are unless many talk at the same
-- moment. They decide and do what room.may_append and room.apply do for a batch, one plain question after the other: what a
-- question about a batch costs is not the rows but to begin it. A test holds both against each other.
--
-- Volatile and plpgsql, and nothing is compiled for the machine: see room.may_append.
create function room.may_append_alone(
    p_tenant text,
    p_stream uuid,
    p_actor uuid,
    p_session uuid,
    p_kind smallint
) returns text
language plpgsql volatile
set jit = off
as $$
declare
    v_now timestamptz := clock_timestamp();
    v_place record;
    v_until timestamptz[];
    v_other uuid;
begin
    if p_session is not null and not exists (
        select 1 from auth.live_session s
        where s.tenant_id = p_tenant and s.session_id = p_session and s.user_id = p_actor
    ) then
        return 'TOKEN_INVALID';
    end if;
    if exists (select 1 from moderation.active_ban b where b.tenant_id = p_tenant and b.user_id = p_actor) then
        return 'BANNED';
    end if;
    select m.role, m.last_sent_at, r.kind, r.slow_mode_ms
    into v_place
    from room.member m
    left join room.room r on r.tenant_id = m.tenant_id and r.room_id = m.room_id
    where m.tenant_id = p_tenant and m.room_id = p_stream and m.user_id = p_actor and r.deleted_at is null;
    if not found then
        return 'NOT_A_MEMBER';
    end if;
    v_until := array(
        select a.until
        from moderation.active_mute a
        where a.tenant_id = p_tenant and a.user_id = p_actor and (a.until is null or a.until > v_now)
        union all
        select q.until
        from room.restriction q
        where q.tenant_id = p_tenant and q.room_id = p_stream and q.user_id = p_actor and q.kind = 'mute'
          and (q.until is null or q.until > v_now)
    );
    if cardinality(v_until) > 0 then
        return 'ROOM_MUTED' || case
            when array_position(v_until, null) is null then
                ':' || ceil(extract(epoch from (select max(u) from unnest(v_until) u) - v_now) * 1000)::bigint
            else ''
        end;
    end if;
    if v_place.kind = 'direct' then
        select o.user_id into v_other
        from room.member o
        where o.tenant_id = p_tenant and o.room_id = p_stream and o.user_id <> p_actor
        limit 1;
        if v_other is null or not coalesce(social.may_message(p_tenant, p_actor, v_other), false) then
            return 'RECIPIENT_UNAVAILABLE';
        end if;
    end if;
    if p_kind = 1 and v_place.role = 'member' and v_place.slow_mode_ms > 0
        and v_place.last_sent_at + v_place.slow_mode_ms * interval '1 millisecond' > v_now
    then
        return 'SLOW_MODE:' || ceil(
            v_place.slow_mode_ms - extract(epoch from v_now - v_place.last_sent_at) * 1000
        )::bigint;
    end if;
    return null;
end
$$;

create function room.apply_alone(
    p_tenant text,
    p_stream uuid,
    p_seq bigint,
    p_event_id uuid,
    p_actor uuid,
    p_kind smallint,
    p_data text,
    p_at timestamptz
) returns void
language plpgsql volatile
set jit = off
as $$
declare
    v_thread uuid;
begin
    if p_kind <> 1 then
        return;
    end if;
    insert into room.message (tenant_id, room_id, seq, message_id, author, thread_id, mentions, search, at)
    select p_tenant, p_stream, p_seq, p_event_id, p_actor, d.thread, coalesce(d.mentions, '{}'),
           room.words(p_stream, coalesce(d.body, '')), p_at
    from json_to_record(p_data::json) as d (thread uuid, mentions uuid[], body text)
    returning thread_id into v_thread;
    if v_thread is not null then
        -- The first answer to a message makes its thread.
        insert into room.thread
            (tenant_id, thread_id, room_id, title, root_message, created_by, created_at, last_seq)
        values (p_tenant, v_thread, p_stream, '', v_thread, p_actor, p_at, p_seq)
        on conflict (tenant_id, thread_id) do update set last_seq = excluded.last_seq;
    end if;
    if exists (
        select 1 from room.room r where r.tenant_id = p_tenant and r.room_id = p_stream and r.slow_mode_ms > 0
    ) then
        update room.member m
        set last_sent_at = p_at
        where m.tenant_id = p_tenant and m.room_id = p_stream and m.user_id = p_actor;
    end if;
end
$$;
