-- Whoever asks learns a yes or a no, and needs no right to see who is friends with whom and who blocked whom. Every name
-- in it is qualified, so the search path is pinned only to keep it so.
alter function social.may_message(text, uuid, uuid) security definer;
alter function social.may_message(text, uuid, uuid) set search_path = pg_catalog, pg_temp;
