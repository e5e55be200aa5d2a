-- When somebody asked that what a letter stands for be tried again: the letter goes away once it came over.
alter table letters add column retried_at integer;
