-- Makes the roles of proto/src/database/roles.sql where nobody is a superuser: RDS's master may make roles, but not say
-- anything of rights it does not have, not even that a role lacks them. A new role lacks them by itself.
--
-- For the master, in the database of the product; running it again changes nothing but the passwords, which come from the
-- environment of psql and stand in no file and no argument.
\set ON_ERROR_STOP on
\getenv owner PASSWORD_OWNER
\getenv auth_svc PASSWORD_AUTH_SVC
\getenv moderation_svc PASSWORD_MODERATION_SVC
\getenv social_svc PASSWORD_SOCIAL_SVC
\getenv room_svc PASSWORD_ROOM_SVC

begin;
select format('create role %I login noinherit', wanted)
from unnest(array['hubbub_owner', 'auth_svc', 'moderation_svc', 'social_svc', 'room_svc']) wanted
where not exists (select from pg_roles r where r.rolname = wanted)
\gexec

-- To hand something over one must be able to become whom it goes to.
grant hubbub_owner to current_user;

select d.datdba <> 'hubbub_owner'::regrole as is_fresh
from pg_database d
where d.datname = current_database()
\gset
\if :is_fresh
revoke all on schema public from public;
select format('revoke all on database %I from public', current_database())
\gexec
select format('grant connect on database %I to hubbub_owner, auth_svc, moderation_svc, social_svc, room_svc', current_database())
\gexec
select format('alter database %I owner to hubbub_owner', current_database())
\gexec
\endif

alter role hubbub_owner password :'owner';
alter role auth_svc password :'auth_svc';
alter role moderation_svc password :'moderation_svc';
alter role social_svc password :'social_svc';
alter role room_svc password :'room_svc';
commit;
