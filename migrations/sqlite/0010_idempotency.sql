-- The first answer to a request that a program may repeat.
create table idempotency (
    caller       text not null,     -- SHA-256 of the token, in hexadecimal
    key          text not null,     -- as the caller chose it
    asked        text not null,     -- SHA-256 of the method, the address and the body
    status       integer not null,
    content_type text,
    body         blob not null,
    at           integer not null,
    primary key (caller, key)
) strict, without rowid;
