-- Bans, mutes, reports, word filters and the audit log. Times are compared with now() in SQL and nowhere else.
create schema if not exists moderation;

-- A ban of an account or of an address range. One that has ended stays, for the record.
create table moderation.ban (
    tenant_id text not null,
    ban_id uuid not null,
    user_id uuid,
    cidr cidr,
    mode text not null,
    reason text not null,
    by_user_id uuid not null,
    created_at timestamptz not null default now(),
    -- Null for good.
    until timestamptz,
    -- When it was lifted or replaced, or was found to be over.
    ended_at timestamptz,
    primary key (tenant_id, ban_id),
    constraint ban_subject_one check (num_nonnulls(user_id, cidr) = 1),
    constraint ban_range_ends check (cidr is null or until is not null),
    constraint ban_mode_known check (mode in ('enforce', 'shadow')),
    constraint ban_reason_length check (char_length(reason) between 1 and 500)
);

create unique index ban_open_user on moderation.ban (tenant_id, user_id) where ended_at is null;
create unique index ban_open_cidr on moderation.ban (tenant_id, cidr) where ended_at is null;
create index ban_open on moderation.ban (tenant_id, ban_id) where ended_at is null;
create index ban_open_until on moderation.ban (until) where ended_at is null;
create index ban_user on moderation.ban (tenant_id, user_id, ban_id);

-- Contract: accounts that may do nothing now.
create view moderation.active_ban as
select tenant_id, user_id, until
from moderation.ban
where ended_at is null and user_id is not null and mode = 'enforce' and (until is null or until > now());

-- Contract: accounts whose doings nobody else sees now.
create view moderation.shadow_ban as
select tenant_id, user_id
from moderation.ban
where ended_at is null and user_id is not null and mode = 'shadow' and (until is null or until > now());

-- The latest mute of an account; earlier ones are in the audit log.
create table moderation.mute (
    tenant_id text not null,
    user_id uuid not null,
    reason text not null,
    by_user_id uuid not null,
    created_at timestamptz not null default now(),
    until timestamptz not null,
    primary key (tenant_id, user_id),
    constraint mute_reason_length check (char_length(reason) between 1 and 500)
);

-- Contract: accounts that may not speak anywhere now.
create view moderation.active_mute as
select tenant_id, user_id, until
from moderation.mute
where until > now();

create table moderation.report (
    tenant_id text not null,
    report_id uuid not null,
    -- Null for an alert of a filter.
    reporter_id uuid,
    user_id uuid not null,
    message_id uuid,
    room_id uuid,
    filter_id uuid,
    category text not null,
    note text not null,
    snapshot text not null,
    state text not null default 'open',
    handled_by uuid,
    outcome text not null default '',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, report_id),
    constraint report_category_known check (category in ('spam', 'abuse', 'illegal', 'other', 'filter')),
    constraint report_state_known check (state in ('open', 'in_review', 'resolved', 'dismissed')),
    constraint report_source check ((reporter_id is null) = (category = 'filter')),
    constraint report_note_length check (char_length(note) <= 1000),
    constraint report_outcome_length check (char_length(outcome) <= 1000)
);

-- A person reports a message once, a filter too.
create unique index report_once on moderation.report (tenant_id, reporter_id, message_id)
    where reporter_id is not null and message_id is not null;
create unique index report_alert_once on moderation.report (tenant_id, message_id, filter_id) where filter_id is not null;
create index report_waiting on moderation.report (tenant_id, report_id) where state in ('open', 'in_review');
create index report_state on moderation.report (tenant_id, state, report_id);
create index report_reporter on moderation.report (tenant_id, reporter_id, state) where reporter_id is not null;
create index report_user on moderation.report (tenant_id, user_id, created_at);

create table moderation.filter (
    tenant_id text not null,
    filter_id uuid not null,
    pattern text not null,
    pattern_folded text collate "C" not null,
    action text not null,
    created_by uuid not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, filter_id),
    constraint filter_pattern_key unique (tenant_id, pattern_folded),
    constraint filter_pattern_length check (char_length(pattern) between 2 and 100),
    constraint filter_action_known check (action in ('refuse', 'alert'))
);

-- Grows with every change of any filter, in the same transaction; its row lock is what orders the changes.
create table moderation.filter_revision (
    is_only boolean primary key default true,
    revision bigint not null,
    constraint filter_revision_one_row check (is_only)
);

insert into moderation.filter_revision (revision) values (1);

-- What was done, by whom, to what. Rows are only ever added, and each seals the one before it.
create table moderation.audit (
    tenant_id text not null,
    -- From 1 without gaps.
    seq bigint not null,
    at timestamptz not null,
    -- Null for the system.
    actor uuid,
    action text not null,
    subject text not null,
    -- The text of a JSON object, as it was hashed. Holds ids, numbers and ranges, nothing that a person wrote.
    detail text not null,
    prev_hash bytea not null,
    hash bytea not null,
    primary key (tenant_id, seq)
);

create index audit_actor on moderation.audit (tenant_id, actor, seq);
create index audit_subject on moderation.audit (tenant_id, subject, seq);
create index audit_action on moderation.audit (tenant_id, action, seq);

-- The end of each tenant's chain: rows that are cut off its end are missed too.
create table moderation.audit_head (
    tenant_id text primary key,
    seq bigint not null,
    hash bytea not null
) with (fillfactor = 50);

create function moderation.refuse_change() returns trigger
language plpgsql
as $$
begin
    raise exception 'rows of the audit log are never changed';
end
$$;

create trigger audit_append_only before update or delete or truncate on moderation.audit
for each statement execute function moderation.refuse_change();

-- The seal of a row: a JSON array has one text, and no two lists of parts have the same.
create function moderation.audit_hash(
    p_prev_hash bytea,
    p_tenant text,
    p_seq bigint,
    p_at timestamptz,
    p_actor uuid,
    p_action text,
    p_subject text,
    p_detail text
) returns bytea
language sql stable
as $$
    select sha256(convert_to(
        jsonb_build_array(
            encode(p_prev_hash, 'hex'),
            p_tenant,
            p_seq,
            (extract(epoch from p_at) * 1000000)::bigint,
            p_actor,
            p_action,
            p_subject,
            p_detail
        )::text,
        'UTF8'
    ))
$$;

-- Contract: writes the audit row of an act, in the transaction of the act. The tenant's head is locked until its end, so
-- that the chain has no forks: call it last.
create function moderation.record_act(p_tenant text, p_actor uuid, p_action text, p_subject text, p_detail jsonb)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_seq bigint;
    v_prev_hash bytea;
    v_at timestamptz;
    v_detail text := coalesce(p_detail, '{}'::jsonb)::text;
    v_hash bytea;
begin
    insert into moderation.audit_head as h (tenant_id, seq, hash)
    values (p_tenant, 1, ''::bytea)
    on conflict (tenant_id) do update set seq = h.seq + 1
    returning h.seq, h.hash into v_seq, v_prev_hash;

    -- Read while the head is locked: time never runs against seq.
    v_at := date_trunc('milliseconds', clock_timestamp());
    v_hash := moderation.audit_hash(v_prev_hash, p_tenant, v_seq, v_at, p_actor, p_action, p_subject, v_detail);

    insert into moderation.audit (tenant_id, seq, at, actor, action, subject, detail, prev_hash, hash)
    values (p_tenant, v_seq, v_at, p_actor, p_action, p_subject, v_detail, v_prev_hash, v_hash);

    update moderation.audit_head set hash = v_hash where tenant_id = p_tenant;
end
$$;
