-- Renews connections of one tenant that are written down already. Returns the numbers of the others, from 1.
-- KEYS: ids, expiries, owners, then of each connection: itself, those of its user, those of its session, the session, the
-- sessions of its user
-- ARGV: lease in ms, life of a session in s, then of each connection: id, user name, last seen
local lease, life = ARGV[1], ARGV[2]
local time = redis.call('TIME')
local expiry = time[1] * 1000 + math.floor(time[2] / 1000) + lease
local ids = {}
for argument = 3, #ARGV, 3 do
    ids[#ids + 1] = ARGV[argument]
end
local listed = redis.call('ZMSCORE', KEYS[1], unpack(ids))
local owned = redis.call('HMGET', KEYS[3], unpack(ids))
local unknown, expiries = {}, {}
for number = 1, #ids do
    local key, argument = 5 * number - 2, 3 * number
    local connection, session = KEYS[key + 1], KEYS[key + 4]
    -- The session first: with an erased person it is gone, and then nothing of theirs lives longer.
    local is_known = listed[number] and owned[number]
        and redis.call('EXPIRE', session, life) == 1
        and redis.call('EXPIRE', KEYS[key + 5], life) == 1
        and redis.call('PEXPIRE', KEYS[key + 2], lease) == 1
        and redis.call('PEXPIRE', KEYS[key + 3], lease) == 1
        and redis.call('PEXPIRE', connection, lease) == 1
    if is_known then
        local name, seen = ARGV[argument + 1], ARGV[argument + 2]
        redis.call('HSET', connection, 'username', name, 'last_seen', seen)
        redis.call('HSET', session, 'username', name, 'last_seen', seen)
        expiries[#expiries + 1] = expiry
        expiries[#expiries + 1] = ids[number]
    else
        unknown[#unknown + 1] = number
    end
end
if #expiries > 0 then
    redis.call('ZADD', KEYS[2], unpack(expiries))
end
return unknown
