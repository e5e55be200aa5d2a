-- Firms of which a person said that they are gone, until they have a file again. Hosts whose rules folder is gone stop them.
create table removed_firms (
    firm       text primary key,
    removed_at integer not null
) strict, without rowid;
