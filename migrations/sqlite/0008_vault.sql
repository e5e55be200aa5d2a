-- Secrets that rules refer to as ${secret:NAME}, sealed by a key that is kept elsewhere.
create table sealed_secrets (
    name   text primary key,
    sealed blob not null,       -- how it is written, which key sealed it, a nonce, and the text sealed by XChaCha20-Poly1305
    set_at integer not null,
    change integer not null     -- the change that set it
) strict, without rowid;

-- How many times a secret was set or removed, which is what a host looks at to notice it.
create table sealed_secret_changes (
    id    integer primary key check (id = 1),
    count integer not null
) strict;

insert into sealed_secret_changes (id, count) values (1, 0);
