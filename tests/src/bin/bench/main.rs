//! `make bench`: the budgets of the design as ratios, both sides measured in one run on one machine.
//!
//! It starts the built server, loads it over loopback for bounded times, and runs GNU bash, or the same program natively,
//! beside it. It prints and never judges by exit status: machines are noisy, and a figure needs a reader. Names of groups
//! as arguments (`bench http files`) run those alone.
#![expect(clippy::print_stdout, reason = "a bench reads the clock and prints")]

mod connection;
mod figures;
mod side_by_side;

mod files;
mod http;
mod language;
mod neighbours;
mod programs;
mod sessions;

/// The groups, in the order in which they run.
const GROUPS: [(&str, fn()); 6] = [
    ("http", http::measure),
    ("language", language::measure),
    ("programs", programs::measure),
    ("files", files::measure),
    ("neighbours", neighbours::measure),
    ("sessions", sessions::measure),
];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = wanted.iter().find(|name| GROUPS.iter().all(|(known, _)| known != name)) {
        let known = GROUPS.map(|(name, _)| name).join(", ");
        println!("there is no group {unknown}; the groups are {known}");
        std::process::exit(2);
    }
    figures::head();
    for (name, measure) in GROUPS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            measure();
        }
    }
}
