-- Governing rooms: renaming and deleting them, who is kept out of them or silent in them, codes that let people in, and
-- direct conversations, which are rooms of two.
alter table room.room
    add column if not exists deleted_at timestamptz,
    add column if not exists slow_mode_ms bigint not null default 0,
    add column direct_low uuid,
    add column direct_high uuid,
    drop constraint room_name_key,
    drop constraint room_name_length,
    drop constraint room_kind_known,
    add constraint room_name_length check (char_length(name) <= 64 and (name = '') = (kind = 'direct')),
    add constraint room_kind_known check (kind in ('channel', 'private', 'direct')),
    -- The two ids are ordered, so that both people open the same conversation.
    add constraint room_direct_pair check (
        (kind = 'direct' and direct_low is not null and direct_high is not null and direct_low < direct_high)
        or (kind <> 'direct' and direct_low is null and direct_high is null)
    );

-- A name is free again once its room is deleted; direct conversations have none.
create unique index room_name_key on room.room (tenant_id, name_folded)
    where deleted_at is null and kind <> 'direct';
create unique index room_direct_key on room.room (tenant_id, direct_low, direct_high) where kind = 'direct';

-- Who is kept out of a room ('ban') or silent in it ('mute'); `until` is null for good. What has ended counts as none.
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

-- Codes that let people in. `max_uses` is 0 for no bound.
create table room.invite (
    tenant_id text not null,
    code text collate "C" not null,
    room_id uuid not null,
    created_by uuid not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    max_uses int not null,
    uses int not null default 0,
    revoked_at timestamptz,
    primary key (tenant_id, code),
    constraint invite_room_exists foreign key (tenant_id, room_id) references room.room (tenant_id, room_id),
    constraint invite_uses_bounds check (max_uses >= 0 and uses >= 0 and (max_uses = 0 or uses <= max_uses))
);

create index invite_room on room.invite (tenant_id, room_id, created_at);
create index invite_creator on room.invite (tenant_id, created_by);
create index invitation_user on room.invitation (tenant_id, user_id);

-- How far the erasure of a person has got: the last of their keys whose event was blanked.
create table room.erasure (
    tenant_id text not null,
    user_id uuid not null,
    last_key text not null default '',
    done_at timestamptz,
    primary key (tenant_id, user_id)
);

-- The contract for other services: who is in which room. Direct conversations are nobody else's business.
create view room.membership as
select m.tenant_id, m.user_id, m.room_id
from room.member m
join room.room r on r.tenant_id = m.tenant_id and r.room_id = m.room_id
where r.kind <> 'direct' and r.deleted_at is null;
