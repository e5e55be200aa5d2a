-- The ledger: each effect before it is performed, and what came of it.
create table effects (
    id             integer primary key,
    run_id         text not null references runs (id),
    key            text not null,      -- what makes it the same effect when its run is taken up again
    integration_id text not null,
    kind           text not null,
    before         text not null,      -- of an update: the attributes' values that take it back, as JSON
    after          text not null,      -- of an update: what was written, as JSON
    moves          integer not null,   -- whether it moves the case to another stage or closes it
    outcome        text not null,      -- intended | done | failed
    intended_at    integer not null,
    unique (run_id, key)
) strict;

-- What the guard looks back on.
drop index moves;
create index moves on effects (intended_at) where moves = 1 and outcome <> 'failed';

-- What is to be settled by asking the vendor.
create index unsettled on effects (run_id) where outcome = 'intended';
