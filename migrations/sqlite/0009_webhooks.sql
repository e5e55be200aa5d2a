-- Events that CASEpeer told the host of, until they are carried out, and for a while those that were.
create table events (
    id           integer primary key,   -- in the order in which they came
    firm         text not null,
    event_id     text not null,         -- CASEpeer's id of it
    type         text not null,         -- case.stage_changed | case.closed | case.connect_requested | message.send_requested
    case_id      text not null,
    requested_by text,                  -- of a connect: who is told how it went
    message_id   text,                  -- of a message of staff's: CASEpeer's id of it
    body         text,                  -- of a message of staff's; emptied once the event is carried out
    typed_at     integer,               -- of a message of staff's: when it was typed, if CASEpeer says
    received_at  integer not null,
    state        text not null,         -- waiting | done | dead (tried as long as makes sense)
    tries        integer not null,      -- how often a vendor could not do it
    next_try_at  integer not null,
    unique (firm, event_id)
) strict;

create index events_waiting on events (next_try_at) where state = 'waiting';
create index events_waiting_by_firm on events (firm, id) where state = 'waiting';
