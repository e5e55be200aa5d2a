-- What a program or a person asked a run for, while it is under way, when, and how often it was taken up: another process takes it up once its
-- own is gone.
alter table runs add column job text;
alter table runs add column job_at integer;
alter table runs add column times_taken_up integer not null default 0;
