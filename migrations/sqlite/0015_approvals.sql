-- What was approved of a run that was held: the moves that were shown. Whoever takes the run up writes those, and holds others.
alter table runs add column approved text;
