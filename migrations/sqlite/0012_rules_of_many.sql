-- Rules and scripts that are kept here and not in folders, and the instances that serve by them.
create table rule_files (
    path       text primary key,    -- rules/hartwell.yaml, scripts/hooks/hartwell.rhai
    text       text,                -- null once the file was removed
    changed_at integer not null,
    change     integer not null     -- the change that set or removed it
) strict, without rowid;

create index rule_files_by_change on rule_files (change);

-- How many times files were set or removed, which is what instances look at to notice it.
create table rule_file_changes (
    id    integer primary key check (id = 1),
    count integer not null
) strict;

insert into rule_file_changes (id, count) values (1, 0);

-- The instances of casebridge that serve from this store, or did until a moment ago.
create table instances (
    id         text primary key,
    host       text not null,       -- what its machine is called
    version    text not null,       -- of the program
    started_at integer not null,
    seen_at    integer not null
) strict, without rowid;

-- Which rules each of them serves each firm by.
create table instance_rules (
    instance text not null references instances (id) on delete cascade,
    firm     text not null,
    revision text not null,
    primary key (instance, firm)
) strict, without rowid;

create index instance_rules_by_firm on instance_rules (firm);
