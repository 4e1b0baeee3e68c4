-- What is said beside the log: messages as they are paged, counted and searched, and what people do with them.

alter table room.room
    add column if not exists slow_mode_ms bigint not null default 0,
    add column if not exists deleted_at timestamptz,
    add constraint room_slow_mode_range check (slow_mode_ms between 0 and 21600000);

-- Kept by room.apply, in rooms with a slow mode only.
alter table room.member add column last_sent_at timestamptz;

-- Bans and mutes of one room. `until` is null for good.
create table if not exists room.restriction (
    tenant_id text not null,
    room_id uuid not null,
    user_id uuid not null,
    kind text not null,
    reason text not null default '',
    until timestamptz,
    by_user uuid not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, room_id, user_id, kind)
);

-- One row per MessagePosted of a room's stream, written by room.apply in the append's own transaction. The text stands in
-- the log alone; here are its words, and among them '#' and the room's id, so that a search in a few rooms of many is
-- one question to one index. `thread_id` is null outside threads; it is the first message's id, or a thread's own.
-- `lane` is what pages and counters are cut from: a thread, or (nil) everything outside threads.
create table room.message (
    tenant_id text not null,
    room_id uuid not null,
    seq bigint not null,
    message_id uuid not null,
    author uuid not null,
    thread_id uuid,
    lane uuid not null generated always as (coalesce(thread_id, '00000000-0000-0000-0000-000000000000')) stored,
    mentions uuid[] not null,
    is_deleted boolean not null default false,
    rev integer not null default 1,
    search tsvector not null,
    at timestamptz not null,
    primary key (tenant_id, room_id, seq),
    constraint message_id_key unique (tenant_id, message_id)
);

create index message_lane on room.message (tenant_id, room_id, lane, seq);
-- A short list of what is not yet merged (256 kB): no insert pays for many others, and no search reads much beside it.
create index message_search on room.message using gin (search) with (gin_pending_list_limit = 256);

create table room.thread (
    tenant_id text not null,
    thread_id uuid not null,
    room_id uuid not null,
    title text not null,
    root_message uuid,
    created_by uuid not null,
    created_at timestamptz not null,
    last_seq bigint not null,
    primary key (tenant_id, thread_id),
    constraint thread_title_length check (char_length(title) <= 100),
    constraint thread_begins_somehow check (title <> '' or root_message is not null)
) with (fillfactor = 50);

create index thread_activity on room.thread (tenant_id, room_id, last_seq, thread_id);

create table room.reaction (
    tenant_id text not null,
    room_id uuid not null,
    message_id uuid not null,
    emoji text collate "C" not null,
    user_id uuid not null,
    at timestamptz not null default now(),
    primary key (tenant_id, message_id, emoji, user_id)
);

create index reaction_user on room.reaction (tenant_id, user_id);

create table room.pin (
    tenant_id text not null,
    room_id uuid not null,
    message_id uuid not null,
    pinned_by uuid not null,
    at timestamptz not null default now(),
    primary key (tenant_id, room_id, message_id)
);

-- Messages that a person took from their own devices.
create table room.hidden (
    tenant_id text not null,
    user_id uuid not null,
    message_id uuid not null,
    room_id uuid not null,
    at timestamptz not null default now(),
    primary key (tenant_id, user_id, message_id)
);

-- How far a person got. The nil thread is the room outside its threads; only there is `delivered_seq` kept. Where there
-- is no row, and in a room entered again, what counts is the seq at which the person joined.
create table room.read_mark (
    tenant_id text not null,
    user_id uuid not null,
    room_id uuid not null,
    thread_id uuid not null,
    read_seq bigint not null,
    delivered_seq bigint not null,
    primary key (tenant_id, user_id, room_id, thread_id)
) with (fillfactor = 50);

create index read_mark_room on room.read_mark (tenant_id, room_id, user_id)
    where thread_id = '00000000-0000-0000-0000-000000000000';

-- The words by which a message is found, and its room. Folded by Unicode's rules and not by those of the database's locale,
-- which knows no capitals but ASCII's where it is "C".
create function room.words(p_room uuid, p_body text) returns tsvector
language sql immutable parallel safe
as $$ select to_tsvector('simple'::regconfig, lower(p_body collate "und-x-icu")) || array_to_tsvector(array['#' || p_room::text]) $$;

-- What a search finds in these rooms; matches nothing when there is nothing to look for.
create function room.asked(p_rooms uuid[], p_query text) returns tsquery
language sql immutable parallel safe
as $$
select case
           when numnode(websearch_to_tsquery('simple'::regconfig, lower(p_query collate "und-x-icu"))) > 0 and cardinality(p_rooms) > 0 then
               websearch_to_tsquery('simple'::regconfig, lower(p_query collate "und-x-icu"))
                   && (select string_agg('''#' || r.room || '''', ' | ') from unnest(p_rooms) as r (room))::tsquery
       end
$$;

-- Counts what a person has not read of a lane since a seq: messages of others that they may see, at most 1,000, the
-- newest; and those among them that mention the person. plpgsql, because the views' owners may migrate later.
--
-- It walks back from the newest and stops: the planner, which does not know how much is unread, would rather collect
-- and sort everything.
create function room.unread(p_tenant text, p_viewer uuid, p_room uuid, p_lane uuid, p_read bigint)
returns table (unread bigint, mentions bigint)
language plpgsql stable
rows 1
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
#variable_conflict use_column
begin
    return query
    select count(*), count(*) filter (where u.is_mention)
    from (
        select p_viewer = any(g.mentions) as is_mention
        from room.message g
        where g.tenant_id = p_tenant and g.room_id = p_room and g.lane = p_lane and g.seq > p_read
          and g.author <> p_viewer and not g.is_deleted
          and (g.author = p_viewer or (
              not exists (
                  select 1
                  from social.block_edge b
                  where b.tenant_id = p_tenant and b.viewer_id = p_viewer and b.hidden_id = g.author
              )
              and not exists (
                  select 1 from moderation.shadow_ban s where s.tenant_id = p_tenant and s.user_id = g.author
              )
          ))
          and (
              select h.message_id
              from room.hidden h
              where h.tenant_id = p_tenant and h.user_id = p_viewer and h.message_id = g.message_id
          ) is null
        order by g.seq desc
        limit 1000
    ) u;
end
$$;

insert into room.message (tenant_id, room_id, seq, message_id, author, thread_id, mentions, is_deleted, rev, search, at)
select e.tenant_id, e.stream_id, e.seq, e.event_id, e.actor, d.thread, coalesce(d.mentions, '{}'),
       coalesce(d.deleted, false), coalesce(d.rev, 1), room.words(e.stream_id, coalesce(d.body, '')), e.at
from stream.event e
join room.room r on r.tenant_id = e.tenant_id and r.room_id = e.stream_id
cross join lateral json_to_record(e.data) as d (thread uuid, mentions uuid[], deleted boolean, rev integer, body text)
where e.kind = 1 and e.actor is not null;

-- What the log calls back with what it stored. Only messages (kind 1) leave a trace. Whoever writes here holds the head
-- of the room's stream, so that rows of one room are never locked in two orders.
create function room.apply(
    p_tenant text[],
    p_stream uuid[],
    p_seq bigint[],
    p_event_id uuid[],
    p_actor uuid[],
    p_kind smallint[],
    p_data text[],
    p_at timestamptz
) returns void
language plpgsql volatile
set jit = off
as $$
#variable_conflict use_column
begin
    with stored as (
        insert into room.message (tenant_id, room_id, seq, message_id, author, thread_id, mentions, search, at)
        select i.tenant, i.stream, i.seq, i.event_id, i.actor, d.thread, coalesce(d.mentions, '{}'),
               room.words(i.stream, coalesce(d.body, '')), p_at
        from unnest(p_tenant, p_stream, p_seq, p_event_id, p_actor, p_kind, p_data)
                 as i (tenant, stream, seq, event_id, actor, kind, data)
        cross join lateral json_to_record(i.data::json) as d (thread uuid, mentions uuid[], body text)
        where i.kind = 1
        returning tenant_id, room_id, seq, author, thread_id
    ), threaded as (
        -- The first answer to a message makes its thread.
        insert into room.thread as t
            (tenant_id, thread_id, room_id, title, root_message, created_by, created_at, last_seq)
        select s.tenant_id, s.thread_id, s.room_id, '', s.thread_id, (array_agg(s.author order by s.seq))[1], p_at,
               max(s.seq)
        from stored s
        where s.thread_id is not null
        group by s.tenant_id, s.room_id, s.thread_id
        on conflict (tenant_id, thread_id) do update set last_seq = excluded.last_seq
    )
    update room.member m
    set last_sent_at = p_at
    from stored s
    join room.room r on r.tenant_id = s.tenant_id and r.room_id = s.room_id and r.slow_mode_ms > 0
    where m.tenant_id = s.tenant_id and m.room_id = s.room_id and m.user_id = s.author;
end
$$;

-- The guard, for everything that a person puts before others: it now knows bans, mutes, slow mode, and who may write
-- to whom. One row per refused entry; what lasts a while says after a colon for how many milliseconds.
--
-- Slow mode looks at what is stored and at the batch. Two processes that store in the same instant may let a message
-- through too early, which does no harm.
-- Volatile and plpgsql on purpose: see the first version. Nothing is compiled for the machine: inside an append a view
-- that has no index looks so expensive that every call would spend a second on it.
create or replace function room.may_append(
    p_tenant text[],
    p_stream uuid[],
    p_actor uuid[],
    p_session uuid[],
    p_kind smallint[]
) returns table (ord int, reason text)
language plpgsql volatile
set jit = off
as $$
#variable_conflict use_column
declare
    v_now timestamptz := clock_timestamp();
begin
    return query
    with entry as (
        select i.nth, i.tenant, i.stream, i.actor, i.session, m.user_id is not null and r.deleted_at is null as is_member,
               r.kind = 'direct' as is_direct,
               case when i.kind = 1 and m.role = 'member' and r.slow_mode_ms > 0 then r.slow_mode_ms end as pace_ms,
               m.last_sent_at,
               row_number() over (partition by i.stream, i.actor, i.kind order by i.nth) > 1 as is_second
        from unnest(p_tenant, p_stream, p_actor, p_session, p_kind)
                 with ordinality as i (tenant, stream, actor, session, kind, nth)
        left join room.member m on m.tenant_id = i.tenant and m.room_id = i.stream and m.user_id = i.actor
        left join room.room r on r.tenant_id = i.tenant and r.room_id = i.stream
    ), judged as materialized (
        select e.nth,
               case
                   when e.session is not null and not exists (
                       select 1
                       from auth.live_session s
                       where s.tenant_id = e.tenant and s.session_id = e.session and s.user_id = e.actor
                   ) then 'TOKEN_INVALID'
                   when exists (
                       select 1 from moderation.active_ban b where b.tenant_id = e.tenant and b.user_id = e.actor
                   ) then 'BANNED'
                   when not e.is_member then 'NOT_A_MEMBER'
                   else coalesce(
                       (
                           select 'ROOM_MUTED' || case when bool_and(u.until is not null) then
                                      ':' || ceil(extract(epoch from max(u.until) - v_now) * 1000)::bigint
                                  else '' end
                           from (
                               select a.until
                               from moderation.active_mute a
                               where a.tenant_id = e.tenant and a.user_id = e.actor
                               union all
                               select q.until
                               from room.restriction q
                               where q.tenant_id = e.tenant and q.room_id = e.stream and q.user_id = e.actor
                                 and q.kind = 'mute'
                           ) u
                           where u.until is null or u.until > v_now
                           having count(*) > 0
                       ),
                       case
                           when e.is_direct and not coalesce(
                               (
                                   select social.may_message(e.tenant, e.actor, o.user_id)
                                   from room.member o
                                   where o.tenant_id = e.tenant and o.room_id = e.stream and o.user_id <> e.actor
                                   limit 1
                               ),
                               false
                           ) then 'RECIPIENT_UNAVAILABLE'
                           when e.pace_ms is null then null
                           when e.is_second then 'SLOW_MODE:' || e.pace_ms
                           when e.last_sent_at + e.pace_ms * interval '1 millisecond' > v_now then
                               'SLOW_MODE:' || ceil(
                                   e.pace_ms - extract(epoch from v_now - e.last_sent_at) * 1000
                               )::bigint
                       end
                   )
               end as reason
        from entry e
    )
    select j.nth::int, j.reason
    from judged j
    where j.reason is not null;
end
$$;
