-- People who use the console. Of a password only a hash is kept (Argon2id, as a PHC string).
create table users (
    email       text primary key,   -- in lower case
    role        text not null,      -- support | staff | viewer
    firm        text,               -- of staff: their firm; of viewers: the one firm that they see, if it is one
    password    text not null,
    created_at  integer not null,
    disabled_at integer,
    check (role <> 'support' or firm is null),
    check (role <> 'staff' or firm is not null)
) strict, without rowid;

-- Sessions of the console. Of a session's own text only a hash is kept.
create table sessions (
    hash       text primary key,    -- SHA-256, in hexadecimal
    email      text not null references users (email),
    created_at integer not null,
    seen_at    integer not null
) strict, without rowid;

create index sessions_by_user on sessions (email);

-- Passwords that were wrong, so that guessing takes longer and longer, also over a restart.
create table failed_sign_ins (
    id     integer primary key,
    email  text not null,           -- as it was typed, in lower case; nobody may be called so
    origin text not null,           -- the address of the network that it came from
    at     integer not null
) strict;

create index failed_sign_ins_by_email on failed_sign_ins (email, at);
create index failed_sign_ins_by_origin on failed_sign_ins (origin, at);

-- Who changed what.
create table audit (
    id       integer primary key,
    at       integer not null,
    who_kind text not null,         -- user | token | command_line | webhook
    who      text not null,
    action   text not null,
    firm     text,
    subject  text,
    before   text,
    after    text,
    request  text
) strict;

create index audit_by_firm on audit (firm, id);
create index audit_by_who on audit (who, id);

-- Viewers may have tokens too: a check cannot be changed where it is.
create table tokens_with_viewers (
    hash       text primary key,    -- SHA-256, in hexadecimal
    name       text not null,
    role       text not null,       -- support | staff | viewer
    firm       text,
    created_at integer not null,
    expires_at integer,             -- null: never
    revoked_at integer,             -- null: not
    check (role <> 'support' or firm is null),
    check (role <> 'staff' or firm is not null)
) strict, without rowid;

insert into tokens_with_viewers select hash, name, role, firm, created_at, expires_at, revoked_at from tokens;
drop table tokens;
alter table tokens_with_viewers rename to tokens;

-- A name that was revoked may be given again.
create unique index tokens_by_name on tokens (name) where revoked_at is null;

-- The files of edits that were applied, so that they can be put back: a JSON object, path to text.
alter table receipts add column files text;

-- Of a dry run of a script: whether it was done for real. Done once more, it would send messages once more.
alter table migrations add column applied integer not null default 0;

-- What lists of runs are narrowed by.
create index runs_by_status on runs (status, started_at, id);
create index runs_by_kind on runs (kind, started_at, id);
