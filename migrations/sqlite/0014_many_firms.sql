-- Whose cases moved lately is asked of one firm's runs, and not of all effects of these.
create index moves_of_run on effects (run_id, intended_at) where moves = 1 and outcome <> 'failed';
drop index moves;
