//! How the compiling process gives up what it does not need: memory and time without bound, files, the network, other
//! processes, nearly all system calls.
//!
//! Each part is taken if the system has it; what could not be is told, never fatal: a compiler with fewer walls is still
//! a process of its own with bounds.

use super::protocol::Sandbox;

/// Address space of the process, of which the binary itself maps some 200 MiB.
#[cfg(unix)]
const ADDRESS_SPACE_BYTES: u64 = 3 << 30;
/// Processor seconds after which the kernel ends it, should the server not be there to do it.
#[cfg(unix)]
const CPU_SECS: u64 = 600;

/// Takes away what can be taken away; for good.
pub(super) fn enter() -> Sandbox {
    #[cfg(unix)]
    lower_limits();
    #[cfg(target_os = "linux")]
    {
        // The server's end is its end, too. The first rules need a descriptor, the last forbid to ask for one.
        let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
        let files = linux::forbid_files();
        set(rustix::process::Resource::Nofile, 0);
        Sandbox { files, calls: linux::forbid_calls() }
    }
    #[cfg(not(target_os = "linux"))]
    Sandbox::default()
}

#[cfg(unix)]
fn lower_limits() {
    use rustix::process::Resource;
    set(Resource::As, ADDRESS_SPACE_BYTES);
    set(Resource::Cpu, CPU_SECS);
    set(Resource::Core, 0);
    set(Resource::Fsize, 0);
    set(Resource::Nproc, 0);
}

/// Lowers a limit; one that is lower already stays.
#[cfg(unix)]
fn set(resource: rustix::process::Resource, value: u64) {
    let maximum = rustix::process::getrlimit(resource).maximum.map_or(value, |maximum| maximum.min(value));
    let limit = rustix::process::Rlimit { current: Some(maximum), maximum: Some(maximum) };
    // Lowering a limit of one's own is always allowed.
    let _ = rustix::process::setrlimit(resource, limit);
}

#[cfg(target_os = "linux")]
mod linux {
    //! Landlock against files and ports, seccomp against everything else.

    use std::collections::BTreeMap;

    use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetStatus, Scope};
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    };

    /// Calls that are allowed whatever their arguments: memory, the process's own threads and end, time, randomness.
    const ALLOWED: &[libc::c_long] = &[
        libc::SYS_brk,
        libc::SYS_clock_gettime,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_futex,
        libc::SYS_getpid,
        libc::SYS_getrandom,
        libc::SYS_gettid,
        libc::SYS_madvise,
        libc::SYS_membarrier,
        libc::SYS_mprotect,
        libc::SYS_mremap,
        libc::SYS_munmap,
        libc::SYS_restart_syscall,
        libc::SYS_rseq,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sched_getaffinity,
        libc::SYS_sched_yield,
        libc::SYS_set_robust_list,
        libc::SYS_sigaltstack,
    ];

    /// Forbids every file, every port, and signals to others; answers whether the kernel does it.
    pub(super) fn forbid_files() -> bool {
        let abi = ABI::V6;
        let made = Ruleset::default()
            .handle_access(AccessFs::from_all(abi))
            .and_then(|rules| rules.handle_access(AccessNet::from_all(abi)))
            .and_then(|rules| rules.scope(Scope::from_all(abi)))
            .and_then(Ruleset::create)
            .and_then(landlock::RulesetCreated::restrict_self);
        made.is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
    }

    /// Makes every system call fail but those that compiling needs; answers whether the kernel does it.
    pub(super) fn forbid_calls() -> bool {
        let Some(filter) = filter() else { return false };
        seccompiler::apply_filter(&filter).is_ok()
    }

    fn filter() -> Option<BpfProgram> {
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
        // Input and output alone: other descriptors that a careless parent left open are of no use.
        rules.insert(libc::SYS_read, vec![argument(0, 0)?]);
        rules.insert(libc::SYS_write, vec![argument(0, 1)?, argument(0, 2)?]);
        // No file is mapped.
        rules.insert(libc::SYS_mmap, vec![argument(4, u64::from(u32::MAX))?]);
        let architecture = std::env::consts::ARCH.try_into().ok()?;
        let denied = SeccompAction::Errno(u32::try_from(libc::EPERM).ok()?);
        SeccompFilter::new(rules, denied, SeccompAction::Allow, architecture).ok()?.try_into().ok()
    }

    /// Matches calls whose argument `index`, an `int`, is `value`.
    fn argument(index: u8, value: u64) -> Option<SeccompRule> {
        let condition = SeccompCondition::new(index, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value).ok()?;
        SeccompRule::new(vec![condition]).ok()
    }
}
