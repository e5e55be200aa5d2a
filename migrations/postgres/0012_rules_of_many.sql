-- Rules and scripts that are kept here and not in folders, and the instances that serve by them.
create table rule_files (
    path       text collate "C" primary key,  -- rules/hartwell.yaml, scripts/hooks/hartwell.rhai
    text       text,                          -- null once the file was removed
    changed_at bigint not null,
    change     bigint not null                -- the change that set or removed it
);

create index rule_files_by_change on rule_files (change);

-- How many times files were set or removed, which is what instances look at to notice it.
create table rule_file_changes (
    id    bigint primary key check (id = 1),
    count bigint not null
);

insert into rule_file_changes (id, count) values (1, 0);

-- The instances of casebridge that serve from this store, or did until a moment ago.
create table instances (
    id         text collate "C" primary key,
    host       text not null,    -- what its machine is called
    version    text not null,    -- of the program
    started_at bigint not null,
    seen_at    bigint not null
);

-- Which rules each of them serves each firm by.
create table instance_rules (
    instance text collate "C" not null references instances (id) on delete cascade,
    firm     text not null,
    revision text not null,
    primary key (instance, firm)
);

create index instance_rules_by_firm on instance_rules (firm);
