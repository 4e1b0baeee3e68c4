-- Friends, blocks, settings, chosen presence, and which notifications were read. Names of people are not here: they are
-- read from auth.person whenever they are shown.
create schema if not exists social;

-- One row per pair, so that the two can never disagree.
create table social.friend (
    tenant_id text not null,
    low_id uuid not null,
    high_id uuid not null,
    since timestamptz not null default now(),
    primary key (tenant_id, low_id, high_id),
    constraint friend_pair_order check (low_id < high_id)
);

create index friend_high on social.friend (tenant_id, high_id, low_id);

-- A declined request is gone for the one who was asked and stays for the asker, who is not told. The row outlives a
-- withdrawal by the asker as well, so that a declined one cannot be pressed by taking back and asking again.
create table social.friend_request (
    tenant_id text not null,
    from_id uuid not null,
    to_id uuid not null,
    note text not null,
    created_at timestamptz not null default now(),
    declined_at timestamptz,
    is_withdrawn boolean not null default false,
    primary key (tenant_id, from_id, to_id),
    constraint friend_request_of_another check (from_id <> to_id),
    constraint friend_request_note_length check (char_length(note) <= 200),
    constraint friend_request_withdrawn check (declined_at is not null or not is_withdrawn)
);

-- What waits for one person, newest first. What one person asked is found by the primary key.
create index friend_request_incoming on social.friend_request (tenant_id, to_id, created_at desc);

create table social.block (
    tenant_id text not null,
    user_id uuid not null,
    blocked_id uuid not null,
    is_mutual boolean not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, user_id, blocked_id),
    constraint block_of_another check (user_id <> blocked_id)
);

create index block_blocked on social.block (tenant_id, blocked_id, user_id);

-- A row only for those who ever chose something.
create table social.setting (
    tenant_id text not null,
    user_id uuid not null,
    direct_from text not null,
    primary key (tenant_id, user_id),
    constraint setting_direct_from_known check (direct_from in ('friends', 'shared', 'anyone'))
);

-- What holds for everyone who chose nothing: one row, written at start from the configuration.
create table social.policy (
    is_only boolean primary key default true,
    direct_from text not null,
    constraint policy_one_row check (is_only),
    constraint policy_direct_from_known check (direct_from in ('friends', 'shared', 'anyone'))
);

insert into social.policy (direct_from) values ('friends');

-- What a person chose to be seen as, and when they were last online. Whether they are online now is in Redis.
create table social.presence (
    tenant_id text not null,
    user_id uuid not null,
    status text not null default 'online',
    text text not null default '',
    until timestamptz,
    last_seen_at timestamptz,
    primary key (tenant_id, user_id),
    constraint presence_status_known check (status in ('online', 'away', 'dnd', 'invisible')),
    constraint presence_text_length check (char_length(text) <= 100)
);

create index presence_until on social.presence (until) where until is not null;

-- The notifications themselves are events of the private feed; `seq` is their place there.
create table social.notification_read (
    tenant_id text not null,
    user_id uuid not null,
    seq bigint not null,
    primary key (tenant_id, user_id, seq)
);

-- Everything up to here is read; rows above are then not needed.
create table social.notification_mark (
    tenant_id text not null,
    user_id uuid not null,
    read_seq bigint not null,
    primary key (tenant_id, user_id)
);

-- Contract: who are friends, once in each direction.
create view social.friendship as
select tenant_id, low_id as user_id, high_id as friend_id
from social.friend
union all
select tenant_id, high_id, low_id
from social.friend;

-- Contract: `viewer_id` must not see the doings of `hidden_id`. A block hides the blocked from the blocker, a mutual one
-- the blocker from the blocked as well. Each pair is here once.
create view social.block_edge as
select tenant_id, user_id as viewer_id, blocked_id as hidden_id
from social.block
union all
select b.tenant_id, b.blocked_id, b.user_id
from social.block b
where b.is_mutual
    and not exists (
        select 1
        from social.block o
        where o.tenant_id = b.tenant_id and o.user_id = b.blocked_id and o.blocked_id = b.user_id
    );

-- Contract: whether one person may open and write a direct conversation with another. Why not is never told apart.
--
-- Volatile on purpose: a fresh snapshot at every statement, so that a block that was acknowledged is seen by whoever asks
-- with the sender's lock held. plpgsql on purpose: the views are other services', whose migrations may run later.
create function social.may_message(p_tenant text, p_sender uuid, p_recipient uuid) returns boolean
language plpgsql volatile
as $$
declare
    v_direct_from text;
begin
    if p_sender = p_recipient
        or not exists (select 1 from auth.person p where p.tenant_id = p_tenant and p.user_id = p_recipient)
        or exists (
            select 1 from social.block b
            where b.tenant_id = p_tenant and b.user_id = p_sender and b.blocked_id = p_recipient
        )
        or exists (
            select 1 from social.block b
            where b.tenant_id = p_tenant and b.user_id = p_recipient and b.blocked_id = p_sender
        )
    then
        return false;
    end if;
    if exists (
        select 1 from social.friend f
        where f.tenant_id = p_tenant
            and f.low_id = least(p_sender, p_recipient) and f.high_id = greatest(p_sender, p_recipient)
    ) or exists (
        select 1 from auth.person p where p.tenant_id = p_tenant and p.user_id = p_sender and p.is_admin
    )
    then
        return true;
    end if;
    select s.direct_from into v_direct_from
    from social.setting s
    where s.tenant_id = p_tenant and s.user_id = p_recipient;
    if v_direct_from is null then
        select o.direct_from into v_direct_from from social.policy o;
    end if;
    return case v_direct_from
        when 'anyone' then true
        when 'shared' then social.share_room(p_tenant, p_sender, p_recipient)
        else false
    end;
end
$$;

-- Whether two people are in a common room.
create function social.share_room(p_tenant text, p_one uuid, p_other uuid) returns boolean
language plpgsql volatile
as $$
begin
    return exists (
        select 1
        from room.membership m
        join room.membership o on o.tenant_id = m.tenant_id and o.room_id = m.room_id
        where m.tenant_id = p_tenant and m.user_id = p_one and o.user_id = p_other
    );
end
$$;

-- Whether what one person asks is kept from the other, without the asker being told.
create function social.is_request_hidden(p_tenant text, p_from uuid, p_to uuid) returns boolean
language plpgsql volatile
as $$
begin
    return exists (
        select 1 from social.block b
        where b.tenant_id = p_tenant and b.user_id = p_to and b.blocked_id = p_from
    ) or exists (
        select 1 from moderation.shadow_ban s where s.tenant_id = p_tenant and s.user_id = p_from
    );
end
$$;

-- Takes another person's lock beside one's own, which the transaction holds already. Against the order in which everyone
-- else takes two of them it waits only briefly: the two would wait for each other, and giving up frees our own.
create function social.lock_other(p_tenant text, p_own uuid, p_other uuid) returns void
language plpgsql volatile
set lock_timeout = '1s'
as $$
begin
    if stream.actor_lock(p_tenant, p_other) < stream.actor_lock(p_tenant, p_own) then
        perform set_config('lock_timeout', '50ms', true);
    end if;
    perform pg_advisory_xact_lock(stream.actor_lock(p_tenant, p_other));
end
$$;
