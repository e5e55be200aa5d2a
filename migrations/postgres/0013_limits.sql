-- From when on requests of a firm to a vendor may start that nobody has reserved yet, for each of the lanes that share its rate.
-- Rates go up to 100,000 a second, so that this is in nanoseconds since 1970 and not in milliseconds, by the database's own clock.
create table rate_limits (
    firm      text collate "C" not null,
    vendor    text collate "C" not null,  -- casepeer or case_status
    lane      text collate "C" not null,  -- bulk or messages
    free_from bigint not null,
    primary key (firm, vendor, lane)
) with (fillfactor = 50);                 -- rows are few and change all the time: there is room beside each for its next version
