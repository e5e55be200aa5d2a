//! What holds of every case, whatever the firm's rules: properties of planning, of merging layers and of editing files, checked on generated ones.

mod cases;
mod editing;
mod firm;
mod merging;
mod page;
mod planning;
