//! The variables that awk itself reads or sets, each with the slot it always has.

/// The special variables in the order of their slots.
pub(crate) const NAMES: &[&str] = &[
    "NF",
    "NR",
    "FNR",
    "FS",
    "OFS",
    "ORS",
    "RS",
    "SUBSEP",
    "CONVFMT",
    "OFMT",
    "FPAT",
    "FIELDWIDTHS",
    "IGNORECASE",
    "RSTART",
    "RLENGTH",
    "FILENAME",
    "RT",
    "ENVIRON",
    "ARGV",
    "ARGC",
    "PROCINFO",
    "ERRNO",
];

pub(crate) const NF: u32 = 0;
pub(crate) const NR: u32 = 1;
pub(crate) const FNR: u32 = 2;
pub(crate) const FS: u32 = 3;
pub(crate) const OFS: u32 = 4;
pub(crate) const ORS: u32 = 5;
pub(crate) const RS: u32 = 6;
pub(crate) const SUBSEP: u32 = 7;
pub(crate) const CONVFMT: u32 = 8;
pub(crate) const OFMT: u32 = 9;
pub(crate) const FPAT: u32 = 10;
pub(crate) const FIELDWIDTHS: u32 = 11;
pub(crate) const IGNORECASE: u32 = 12;
pub(crate) const RSTART: u32 = 13;
pub(crate) const RLENGTH: u32 = 14;
pub(crate) const FILENAME: u32 = 15;
pub(crate) const RT: u32 = 16;
pub(crate) const ENVIRON: u32 = 17;
pub(crate) const ARGV: u32 = 18;
pub(crate) const ARGC: u32 = 19;
pub(crate) const PROCINFO: u32 = 20;
pub(crate) const ERRNO: u32 = 21;

/// Whether reading the variable computes it.
pub(crate) fn is_computed(slot: u32) -> bool {
    slot <= FNR
}

/// Whether an assignment has effects beyond the variable.
pub(crate) fn is_watched(slot: u32) -> bool {
    slot <= IGNORECASE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_in_its_slot() {
        let named = [(NF, "NF"), (RS, "RS"), (IGNORECASE, "IGNORECASE"), (ARGC, "ARGC"), (ERRNO, "ERRNO")];
        for (slot, name) in named {
            assert_eq!(NAMES[slot as usize], name);
        }
        assert_eq!(NAMES.len(), ERRNO as usize + 1);
    }
}
