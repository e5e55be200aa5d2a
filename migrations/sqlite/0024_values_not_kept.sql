-- The values that Case Status did not keep when they were sent: for each case, as the changes that were asked for.
create table values_not_kept (
    firm           text not null,
    integration_id text not null,
    changes        text not null,
    sent_at        integer not null,
    primary key (firm, integration_id)
) strict, without rowid;
