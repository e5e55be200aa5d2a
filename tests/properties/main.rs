//! What holds of every case, whatever the firm's rules: properties of planning and of merging layers, checked on generated ones.

mod cases;
mod firm;
mod merging;
mod planning;
