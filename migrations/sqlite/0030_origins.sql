-- The scheme, host and port that the keys behind rules' references were first used for, and go to alone.
create table secret_origins (
    reference   text primary key,   -- as rules write it
    origin      text not null,
    recorded_at integer not null
) strict, without rowid;

-- The one that a sealed secret is bound to by its seal; null where it was sealed without.
alter table sealed_secrets add column origin text;
