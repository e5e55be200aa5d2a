-- Firms of which a person said that they are gone, until they have a file again. Hosts whose rules folder is gone stop them.
create table removed_firms (
    firm       text collate "C" primary key,
    removed_at bigint not null
);
