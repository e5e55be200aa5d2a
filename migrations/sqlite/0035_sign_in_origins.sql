-- From where a user has signed in: whoever guesses at their password from elsewhere keeps them out no longer than strangers.
create table sign_in_origins (
    email   text not null references users (email),
    origin  text not null,           -- the address of the network
    seen_at integer not null,
    primary key (email, origin)
) strict, without rowid;

-- From where each session began; empty where that was not noted.
alter table sessions add column origin text not null default '';
