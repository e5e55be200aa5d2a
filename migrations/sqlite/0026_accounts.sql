-- The account that each firm's key opens at a vendor, as the vendor named it.
create table accounts (
    firm    text not null,
    vendor  text not null,
    origin  text not null,     -- scheme, host and port of the vendor
    account text not null,     -- by the vendor's id
    name    text not null,
    since   integer not null,  -- when the firm's first run began; before that, when the account was first seen
    ran     integer not null,  -- whether a run of the firm's began
    trusted integer not null,  -- whether a person said that it is the firm's
    primary key (firm, vendor)
) strict, without rowid;

create index accounts_by_account on accounts (vendor, account, origin);

-- Why a firm is left alone: its key is refused, opens another account than before, or another firm's.
alter table pauses add column reason text not null default 'key';
alter table pauses add column detail text;
