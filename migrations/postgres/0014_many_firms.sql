-- Taking a claim changes its epoch, which is part of a key by this: it waits for transactions under the claim, and renewing does not.
create unique index claims_by_epoch on claims (name, epoch);

-- Leases are renewed all the time: there is room beside each row for its next version.
alter table claims set (fillfactor = 50);

-- Whose cases moved lately is asked of one firm's runs, and not of all moves of all firms nor of all effects of its runs.
create index moves_of_run on effects (run_id, intended_at) where moves = 1 and outcome <> 'failed';
drop index moves;
