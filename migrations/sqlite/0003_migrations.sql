-- What a migration was asked to do, so that it can be taken up again.
create table migrations (
    run_id    text primary key references runs (id),
    task      text not null,       -- a hash of firm, script, arguments and input
    script    text not null,
    arguments text not null,       -- a JSON object
    input     text not null,       -- a JSON array of objects
    ended     integer not null     -- whether the script came to its end
) strict, without rowid;

create index migrations_by_task on migrations (task);

alter table runs add column undoes text;    -- the run that this one takes back
alter table runs add column answer text;    -- what a script answered at its end

-- What a script said while it ran.
create table log_lines (
    run_id text not null references runs (id),
    number integer not null,
    level  text not null,          -- info | warn
    text   text not null,
    primary key (run_id, number)
) strict, without rowid;
