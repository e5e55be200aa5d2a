-- What a program or a person asked a run for, while it is under way, and when: another process takes it up by that once its own is gone.
alter table runs add column job text;
alter table runs add column job_at integer;
