-- Taking a claim changes its epoch, which is part of a key by this: it waits for transactions under the claim, and renewing does not.
create unique index claims_by_epoch on claims (name, epoch);

-- Leases are renewed all the time: there is room beside each row for its next version.
alter table claims set (fillfactor = 50);
