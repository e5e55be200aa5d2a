-- Who made a token: the address of a user, with whom it ends; null where it was made by command. And when it was shown last, to the minute.
alter table tokens add column owner text;
alter table tokens add column last_used_at integer;
