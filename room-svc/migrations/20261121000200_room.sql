-- Rooms, membership and invitations. Messages are not here: they stand in the log, in the stream whose id is the room's.
create schema if not exists room;

-- Half-full pages keep the constant updates of `members` heap-only.
-- Folded names compare byte by byte ("C"), so that keyset pages do not depend on the server's locale.
create table room.room (
    tenant_id text not null,
    room_id uuid not null,
    name text not null,
    name_folded text collate "C" not null,
    kind text not null,
    topic text not null,
    created_by uuid not null,
    created_at timestamptz not null default now(),
    members bigint not null default 0,
    primary key (tenant_id, room_id),
    constraint room_name_key unique (tenant_id, name_folded),
    constraint room_name_length check (char_length(name) between 1 and 64),
    constraint room_kind_known check (kind in ('channel', 'private')),
    constraint room_topic_length check (char_length(topic) <= 256),
    constraint room_members_count check (members >= 0)
) with (fillfactor = 50);

-- `name` is the person's name when they joined; `joined_seq` is the seq of their latest MemberJoined event.
create table room.member (
    tenant_id text not null,
    room_id uuid not null,
    user_id uuid not null,
    name text not null,
    name_folded text collate "C" not null,
    role text not null,
    joined_seq bigint not null,
    primary key (tenant_id, room_id, user_id),
    constraint member_room_exists foreign key (tenant_id, room_id) references room.room (tenant_id, room_id),
    constraint member_role_known check (role in ('member', 'moderator', 'owner'))
);

create index member_user on room.member (tenant_id, user_id, room_id);
create index member_name on room.member (tenant_id, room_id, name_folded, user_id);

-- Consumed by the join.
create table room.invitation (
    tenant_id text not null,
    room_id uuid not null,
    user_id uuid not null,
    invited_by uuid not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, room_id, user_id),
    constraint invitation_room_exists foreign key (tenant_id, room_id) references room.room (tenant_id, room_id)
);

-- The guard that stream.append asks, in its own transaction, once the actors' locks are held. One row per refused entry.
--
-- Volatile on purpose: a fresh snapshot, so that a leave or a log-out that was acknowledged is seen.
-- plpgsql on purpose: auth.live_session is auth-svc's contract view, and its migrations may run after these.
-- Every kind of event that is appended in a person's name needs membership; a room that does not exist has no members,
-- so it answers as a room one is not in.
create function room.may_append(
    p_tenant text[],
    p_stream uuid[],
    p_actor uuid[],
    p_session uuid[],
    p_kind smallint[]
) returns table (ord int, reason text)
language plpgsql volatile
as $$
#variable_conflict use_column
begin
    return query
    select i.nth::int,
           case when i.session is not null and s.session_id is null then 'TOKEN_INVALID' else 'NOT_A_MEMBER' end
    from unnest(p_tenant, p_stream, p_actor, p_session) with ordinality as i (tenant, stream, actor, session, nth)
    left join room.member m on m.tenant_id = i.tenant and m.room_id = i.stream and m.user_id = i.actor
    left join auth.live_session s
           on s.tenant_id = i.tenant and s.session_id = i.session and s.user_id = i.actor
    where m.user_id is null or (i.session is not null and s.session_id is null);
end
$$;
