-- Times are milliseconds since 1970 (UTC), so that comparing them is comparing numbers.

-- The text of the rules that runs ran under, secrets masked.
create table revisions (
    firm          text not null,
    revision      text not null,
    text          text not null,
    first_used_at integer not null,
    primary key (firm, revision)
) strict, without rowid;

create table runs (
    id          text primary key,
    firm        text not null,
    kind        text not null,
    revision    text not null,
    dry_run     integer not null,
    status      text not null,
    reason      text,
    cases       text not null,      -- the ids it was asked for, separated by spaces; empty for all
    started_at  integer not null,
    finished_at integer,
    would_hold  integer             -- in a dry run: whether the guard would hold it
) strict;

create index runs_by_firm on runs (firm, started_at);

create table rows (
    run_id         text not null references runs (id),
    integration_id text not null,
    readable_id    text not null,
    client         text not null,
    result         text not null,
    changes        text not null,
    reason         text,
    rule           text,
    fix_by         text,
    stage_to       integer,         -- the stage the case was, or would be, moved to
    closes         integer not null,
    recorded_at    integer not null,
    primary key (run_id, integration_id)
) strict, without rowid;

-- What the guard looks back on.
create index moves on rows (recorded_at) where result = 'updated' and (stage_to is not null or closes = 1);
