-- Who holds what, of the processes that share this store. A claim that is not renewed in time may be taken by another process.
create table claims (
    name     text collate "C" primary key,  -- FIRM.GROUP, run-ID, or lead
    holder   text not null,                 -- the process
    epoch    bigint not null,               -- how many times it was taken; what is committed under an earlier one is refused
    until    bigint not null,               -- by the database's clock, in milliseconds since 1970
    progress text                           -- how far the work under it has come
);
