-- What script, with all that it imports, a migration ran: a hash of its text. Null of runs of earlier versions.
alter table migrations add column script_hash text;
