-- API tokens. Of a token's own text only a hash is kept.
create table tokens (
    hash       text primary key,   -- SHA-256, in hexadecimal
    name       text not null,
    role       text not null,      -- support | staff
    firm       text,               -- of staff: the one firm that they see
    created_at integer not null,
    expires_at integer,            -- null: never
    revoked_at integer,            -- null: not
    check ((role = 'staff') = (firm is not null))
) strict, without rowid;

-- A name that was revoked may be given again.
create unique index tokens_by_name on tokens (name) where revoked_at is null;

-- What the API asks of runs: all of them by time, those that wait for someone, and each firm's last sync of all its cases.
create index runs_by_start on runs (started_at, id);
create index runs_held on runs (firm) where status = 'held';
create index syncs_of_all_cases on runs (firm, started_at) where kind = 'sync' and dry_run = 0;
