-- How far each feed of a firm has been stored; it moves only past what is stored.
create table cursors (
    firm     text not null,
    feed     text not null,        -- messages | documents | stages
    cursor   text not null,
    moved_at integer not null,
    primary key (firm, feed)
) strict, without rowid;

-- Messages of Case Status on their way to becoming case notes, and for a while those that have.
create table inbox (
    id              integer primary key,    -- in the order in which they were sent
    firm            text not null,
    message_id      text not null,
    integration_id  text,                   -- null where Case Status names no case of CASEpeer's
    direction       text not null,
    sender_name     text not null,
    sender_email    text,
    body            text not null,          -- emptied once it is a note
    sent_at         integer not null,
    idempotency_key text,
    state           text not null,          -- waiting | done | left_out | dead
    stored_at       integer not null,
    unique (firm, message_id)
) strict;

create index inbox_waiting on inbox (firm, id) where state = 'waiting';

-- Documents of Case Status on their way to CASEpeer, and those that arrived.
create table documents (
    id             integer primary key,
    firm           text not null,
    document_id    text not null,
    integration_id text,
    file_name      text not null,
    content_type   text,
    size           integer not null,
    sha256         text not null,
    state          text not null,           -- waiting | done | left_out | dead
    tries          integer not null,        -- passes that failed to bring it over
    stored_at      integer not null,
    unique (firm, document_id)
) strict;

create index documents_waiting on documents (firm, id) where state = 'waiting';

-- Staff's messages: intended before they are sent, so that none is sent twice.
create table outbox (
    firm        text not null,
    outbox_id   text not null,
    case_id     text not null,
    state       text not null,              -- intended | sent | failed | done (its receipt is in CASEpeer)
    message_id  text,                       -- Case Status's id of it
    error       text,                       -- what staff read
    intended_at integer not null,
    primary key (firm, outbox_id)
) strict, without rowid;

-- What was refused for good, until somebody looks.
create table letters (
    id             integer primary key,
    firm           text not null,
    kind           text not null,           -- note | document
    subject        text not null,           -- the message's or document's id in Case Status
    integration_id text,
    reason         text not null,
    written_at     integer not null,
    unique (firm, kind, subject)
) strict;
