//! The one place where a tree's quotas are charged: two sums, `bytes` (with `files`) and `footprint`.
//!
//! An operation works out its [`Bill`] first, pays it, and only then changes the tree; what it pays is a difference,
//! so the sums equal a recount at any time. What the sums mean for one inode is said in `inode`.

use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use base::{Errno, Limits};

/// Footprint of an inode beside its content, in bytes: the inode, its table entry and their allocator's overhead.
pub const INODE_BYTES: u64 = 512;
/// What a directory occupies beyond [`INODE_BYTES`] and its names, in bytes: its first map node.
pub const DIRECTORY_BYTES: u64 = 2048;
/// What a directory entry occupies beyond the bytes of its name: allocation header and a half-full map node's share.
pub const NAME_BYTES: u64 = 96;

/// What a tree may hold beyond its template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Files, directories and links; beyond it EDQUOT. `None` is no quota.
    pub max_files: Option<u64>,
    /// Stored bytes of files; beyond it EDQUOT. `None` is no quota.
    pub max_bytes: Option<u64>,
    /// Inodes; beyond it ENOSPC.
    pub inodes: u64,
    /// Memory occupied, in bytes, with what `kernel` charges; beyond it ENOSPC.
    pub footprint_bytes: u64,
}

impl Quota {
    /// No quota at all; for building templates and for tests.
    pub const UNLIMITED: Self = Self { max_files: None, max_bytes: None, inodes: u64::MAX, footprint_bytes: u64::MAX };
}

impl From<&Limits> for Quota {
    fn from(limits: &Limits) -> Self {
        Self {
            max_files: limits.max_files,
            max_bytes: limits.max_bytes,
            inodes: limits.inodes,
            footprint_bytes: limits.footprint_bytes,
        }
    }
}

/// What a tree holds beyond its template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreeUsage {
    /// Inodes, unlinked ones that are still open included. A template's directory never counts here.
    pub files: u64,
    /// Stored bytes of files: their lengths minus their holes.
    pub bytes: u64,
    /// Memory occupied, in bytes, with what was charged by [`crate::Tree::charge`].
    pub footprint: u64,
}

/// A signed difference of the sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) files: i64,
    pub(crate) bytes: i64,
    pub(crate) footprint: i64,
}

impl Amount {
    pub(crate) fn footprint(bytes: u64) -> Self {
        Self { footprint: signed(bytes), ..Self::default() }
    }
}

/// Every amount is bounded by a host's memory, so that clamping is never seen.
pub(crate) fn signed(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

fn unsigned(amount: i64) -> u64 {
    u64::try_from(amount).unwrap_or(0)
}

impl Add for Amount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            files: self.files.saturating_add(other.files),
            bytes: self.bytes.saturating_add(other.bytes),
            footprint: self.footprint.saturating_add(other.footprint),
        }
    }
}

impl Neg for Amount {
    type Output = Self;
    fn neg(self) -> Self {
        Self {
            files: self.files.saturating_neg(),
            bytes: self.bytes.saturating_neg(),
            footprint: self.footprint.saturating_neg(),
        }
    }
}

impl Sub for Amount {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Amount {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

/// What one operation changes in the sums.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bill {
    /// For inodes that the tree names.
    pub(crate) image: Amount,
    /// For unlinked inodes that are still open.
    pub(crate) unlinked: Amount,
}

/// The sums and their quota.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    pub(crate) quota: Quota,
    pub(crate) image: Amount,
    pub(crate) unlinked: Amount,
    /// Footprint charged from outside.
    pub(crate) external: u64,
    /// The footprint after the last bill that was refused for its sake, until it is asked for.
    pub(crate) shortage: Option<u64>,
}

/// Which quota a bill exceeds.
enum Refusal {
    Quota,
    Inodes,
    Footprint { after: u64 },
}

impl Refusal {
    fn errno(self) -> Errno {
        match self {
            Self::Quota => Errno::EDQUOT,
            Self::Inodes | Self::Footprint { .. } => Errno::ENOSPC,
        }
    }
}

impl Ledger {
    pub(crate) fn new(quota: Quota) -> Self {
        Self { quota, image: Amount::default(), unlinked: Amount::default(), external: 0, shortage: None }
    }

    /// Returns the ledger of a copy of the tree: open files and outside charges stay with the original.
    pub(crate) fn of_clone(&self) -> Self {
        Self { unlinked: Amount::default(), external: 0, shortage: None, ..self.clone() }
    }

    pub(crate) fn usage(&self) -> TreeUsage {
        let all = self.image + self.unlinked;
        TreeUsage {
            files: unsigned(all.files),
            bytes: unsigned(all.bytes),
            footprint: unsigned(all.footprint).saturating_add(self.external),
        }
    }

    /// Tells whether `bill` can be paid. A sum that does not grow is never refused, even beyond its quota.
    pub(crate) fn can_pay(&self, bill: &Bill) -> Result<(), Errno> {
        self.judge(bill).map_err(Refusal::errno)
    }

    /// As [`Ledger::can_pay`], and a refusal for want of footprint is noted as the shortage.
    pub(crate) fn must_pay(&mut self, bill: &Bill) -> Result<(), Errno> {
        let judged = self.judge(bill);
        if let Err(Refusal::Footprint { after }) = judged {
            self.shortage = Some(after);
        }
        judged.map_err(Refusal::errno)
    }

    pub(crate) fn pay(&mut self, bill: &Bill) -> Result<(), Errno> {
        self.must_pay(bill)?;
        self.image += bill.image;
        self.unlinked += bill.unlinked;
        Ok(())
    }

    fn judge(&self, bill: &Bill) -> Result<(), Refusal> {
        let growth = bill.image + bill.unlinked;
        let after = self.image + self.unlinked + growth;
        let exceeds = |growth: i64, after: u64, limit: u64| growth > 0 && after > limit;
        if exceeds(growth.files, unsigned(after.files), self.quota.max_files.unwrap_or(u64::MAX))
            || exceeds(growth.bytes, unsigned(after.bytes), self.quota.max_bytes.unwrap_or(u64::MAX))
        {
            return Err(Refusal::Quota);
        }
        if exceeds(growth.files, unsigned(after.files), self.quota.inodes) {
            return Err(Refusal::Inodes);
        }
        let footprint = unsigned(after.footprint).saturating_add(self.external);
        if exceeds(growth.footprint, footprint, self.quota.footprint_bytes) {
            return Err(Refusal::Footprint { after: footprint });
        }
        Ok(())
    }

    pub(crate) fn charge_external(&mut self, footprint: u64) -> Result<(), Errno> {
        let after = self.usage().footprint.saturating_add(footprint);
        if footprint > 0 && after > self.quota.footprint_bytes {
            self.shortage = Some(after);
            return Err(Errno::ENOSPC);
        }
        self.external = self.external.saturating_add(footprint);
        Ok(())
    }

    pub(crate) fn discharge_external(&mut self, footprint: u64) {
        self.external = self.external.saturating_sub(footprint);
    }
}
