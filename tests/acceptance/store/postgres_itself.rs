//! That the server which tests are given is one: it keeps what it confirmed, over an orderly end and over a sudden one, and leaves nothing.

use sqlx::{Connection as _, PgConnection};

use crate::support::postgres::{self, Postgres, block_on};

fn count(url: &str) -> Option<i64> {
    block_on(async {
        let mut connection = PgConnection::connect(url).await.ok()?;
        Some(sqlx::query_scalar("select count(*) from cases").fetch_one(&mut connection).await.expect("a number"))
    })
}

#[test]
fn it_keeps_what_it_confirmed_however_it_ends() {
    let postgres = Postgres::durable();
    postgres.execute("create table cases as select generate_series(1, 3)");
    postgres.kill();
    assert_eq!(count(&postgres.url()), None);
    postgres.start_again();
    assert_eq!(count(&postgres.url()), Some(3));
    postgres.execute("insert into cases values (4)");
    postgres.stop();
    assert_eq!(count(&postgres.url()), None);
    postgres.start_again();
    assert_eq!(count(&postgres.url()), Some(4));
    assert!(!postgres.log().contains("could not"), "{}", postgres.log());
}

#[test]
fn it_wants_the_password() {
    let postgres = Postgres::start();
    let url = postgres.database("another");
    assert_eq!(block_on(PgConnection::connect(&url)).map(drop).ok(), Some(()));
    let wrong = url.replace(postgres::PASSWORD, "guessed");
    assert!(block_on(PgConnection::connect(&wrong)).is_err());
}
