-- Someone asked a run to stop; its process looks here.
alter table runs add column cancel_requested integer not null default 0;

-- The last occurrence of each schedule that was handled, by its nominal time.
create table schedules (
    firm       text not null,
    schedule   text not null,      -- nightly_sync | stage_sync | message_sync | document_sync | script:<name>
    setting    text not null,      -- the cron expression and its time zone: another one begins anew
    handled_at integer not null,
    done       integer not null,   -- whether the run of that occurrence came to its end
    primary key (firm, schedule)
) strict, without rowid;

-- What became of occurrences: those that did not simply run.
create table occurrences (
    id          integer primary key,
    firm        text not null,
    schedule    text not null,
    nominal_at  integer not null,
    outcome     text not null,     -- skipped (the last one was still going) | missed (the host was down)
    times       integer not null,  -- how many occurrences this stands for
    recorded_at integer not null
) strict;

create index occurrences_by_firm on occurrences (firm, recorded_at);

-- Firms that are left alone because a vendor refuses their key.
create table pauses (
    firm      text primary key,
    vendor    text not null,
    revision  text not null,       -- of the rules at that time: another one ends the pause
    since     integer not null
) strict, without rowid;

-- The last rules of each firm that were in order, as files, so that they can be built again.
create table good_rules (
    firm      text primary key,
    revision  text not null,
    files     text not null,       -- a JSON object: path to text
    stored_at integer not null
) strict, without rowid;

-- What came of each edit of a firm's rules.
create table receipts (
    id          integer primary key,
    firm        text not null,
    revision    text not null,
    outcome     text not null,     -- applied | rejected | removed
    diagnostics text not null,     -- a JSON array
    text        text not null,     -- the files, secrets masked
    received_at integer not null
) strict;

create index receipts_by_firm on receipts (firm, id);

-- Notices that were sent, each once.
create table notices (
    key     text primary key,
    sent_at integer not null
) strict, without rowid;
