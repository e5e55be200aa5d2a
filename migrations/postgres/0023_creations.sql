-- The last creation of each case in Case Status: which number its idempotency key bears, in which run, and when it was sent.
create table creations (
    firm           text not null,
    integration_id text not null,
    attempt        bigint not null,
    run_id         text not null,
    sent_at        bigint not null,   -- 0 once a read proved that nothing came of it
    primary key (firm, integration_id)
);
