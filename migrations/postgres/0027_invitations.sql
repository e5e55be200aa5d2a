-- What the guard counts of the clients who were invited.
create index invitations on effects (intended_at) where kind = 'create_case';

-- Which undos restored what a run did.
create index undos on runs (undoes) where undoes is not null;
