-- Gives the roles of roles.sql their passwords, from the environment of psql: they stand in no file and no argument.
\set ON_ERROR_STOP on
\getenv owner PASSWORD_OWNER
\getenv auth_svc PASSWORD_AUTH_SVC
\getenv moderation_svc PASSWORD_MODERATION_SVC
\getenv social_svc PASSWORD_SOCIAL_SVC
\getenv room_svc PASSWORD_ROOM_SVC
alter role hubbub_owner password :'owner';
alter role auth_svc password :'auth_svc';
alter role moderation_svc password :'moderation_svc';
alter role social_svc password :'social_svc';
alter role room_svc password :'room_svc';
