-- Firms that were enabled or disabled. A firm without a row is new: nothing runs for it by itself.
create table firm_states (
    firm   text primary key,
    state  text not null check (state in ('on', 'off')),
    reason text,               -- why it is off
    since  integer not null
) strict, without rowid;

-- Firms that were served, or whose cases were written, before firms could be new: they go on.
insert into firm_states (firm, state, since)
select firm, 'on', cast(strftime('%s', 'now') as integer) * 1000 from (
    select firm from receipts where outcome = 'applied'
    union select firm from runs where dry_run = 0
    union select firm from good_rules
    union select firm from cursors
    union select firm from schedules
    union select firm from pauses
    union select firm from inbox
    union select firm from outbox
    union select firm from documents
    union select firm from events
);
