//! Running a file of cases: block by block, line by line, counting what is asserted and what fails.

use crate::case::{self, Block, Line, show};
use crate::world::{Errno, World};

/// What has been asserted so far.
#[derive(Default)]
pub struct Report {
    pub assertions: u32,
    pub failed: u32,
}

impl Report {
    pub fn fail(&mut self, what: &str) {
        self.failed += 1;
        println!("{what}");
    }
}

pub fn run_file(base: &str, file: &str, text: &str, report: &mut Report) {
    let name = file.rsplit('/').next().unwrap_or(file);
    let stem = name.strip_suffix(".txt").unwrap_or(name);
    let blocks = match case::parse(text) {
        Ok(blocks) => blocks,
        Err(error) => return report.fail(&format!("{name}: {error}")),
    };
    for (number, block) in (1..).zip(&blocks) {
        if block.here_only && cfg!(not(target_arch = "wasm32")) {
            continue;
        }
        match World::enter(&format!("{base}/{stem}-{number}")) {
            Ok(mut world) => run_block(&mut world, name, block, report),
            Err(error) => report.fail(&format!("{name}: {}: no directory: {error}", block.title)),
        }
    }
}

fn run_block(world: &mut World, file: &str, block: &Block<'_>, report: &mut Report) {
    for line in &block.lines {
        if line.here.is_some() {
            report.assertions += 1;
        }
        if let Err(what) = run_line(world, line) {
            report.fail(&format!("{file}:{}: {}: {}: {what}", line.number, block.title, line.operation));
        }
    }
}

fn run_line(world: &mut World, line: &Line<'_>) -> Result<(), String> {
    let words = line.operation.split_whitespace().map(|word| case::expand(word, &world.cwd));
    let words: Vec<Vec<u8>> = words.collect::<Result<_, _>>()?;
    let answered = world.operate(&words)?;
    let linux = line.linux.filter(|_| cfg!(not(target_arch = "wasm32")));
    let Some(expected) = linux.or(line.here) else {
        return answered.map(drop).map_err(|Errno(name)| format!("{name}, and this is no assertion"));
    };
    let expected = case::expand(expected, &world.cwd)?;
    let answer = answered.unwrap_or_else(|Errno(name)| name.as_bytes().to_vec());
    if answer == expected { Ok(()) } else { Err(format!("{} instead of {}", show(&answer), show(&expected))) }
}
