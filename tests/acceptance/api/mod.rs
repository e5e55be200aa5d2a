//! The API for programs.

mod access_matrix;
mod answers;
mod cases;
mod described;
mod firms;
mod letters;
mod once;
mod rules;
mod runs;
mod runs_acted_on;
mod tokens;
