-- Who set a user's password: 'own' was set by themselves, or by command; 'one_time' by somebody else, for one sign-in; 'used' was that.
alter table users add column password_use text not null default 'own';
