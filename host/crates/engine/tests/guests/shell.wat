;; A shell for the engine's tests: the script is a string of one-letter commands, some with a digit.
;;
;;   x D   returns status D                 v     returns the saved counter as status
;;   r     returns the last status          i     raises the saved counter by one
;;   s     computes for ever                u     computes until SIGXCPU is pending, then returns 9
;;   z     sleeps 1000 s or until a signal  Z     sleeps for ever, whatever signal comes
;;   b D   computes D million rounds
;;   t     traps                            m     grows its memory until refused, then traps
;;   P D   starts /bin/pD                   w     waits for a child; its status (128 + signal) is the last one
;;   o     writes "hi\n" to descriptor 1    g     grows its memory by 32 MiB
(component
  (import "sandshell:shell/kernel@0.1.0" (instance $kernel
    (type $errno' (enum
      "e2big" "eacces" "eagain" "ebadf" "ebusy" "ecanceled" "echild" "edom" "edquot" "eexist" "efault" "efbig"
      "eilseq" "eintr" "einval" "eio" "eisdir" "eloop" "emfile" "emlink" "enametoolong" "enfile" "enodev" "enoent"
      "enoexec" "enomem" "enospc" "enosys" "enotdir" "enotempty" "enotsup" "enotty" "enxio" "eoverflow" "eperm"
      "epipe" "erange" "erofs" "espipe" "esrch" "etimedout" "etxtbsy" "exdev" "enotcapable"))
    (export "errno" (type $errno (eq $errno')))
    (type $mapping' (record (field "child" u32) (field "parent" u32)))
    (export "fd-mapping" (type $mapping (eq $mapping')))
    (type $request' (record
      (field "path" (list u8)) (field "argv" (list (list u8))) (field "env" (list (list u8)))
      (field "fds" (list $mapping)) (field "ignored" (list u8)) (field "group" (option u32))))
    (export "spawn-request" (type $request (eq $request')))
    (type $status' (variant (case "exited" u8) (case "signalled" u8) (case "stopped" u8) (case "continued")))
    (export "wait-status" (type $status (eq $status')))
    (export "take-signal" (func (result (option u8))))
    (export "sleep" (func (param "ns" u64) (result (result (error $errno)))))
    (export "write" (func (param "fd" u32) (param "data" (list u8)) (result (result (error $errno)))))
    (export "spawn" (func (param "request" $request) (result (result u32 (error $errno)))))
    (export "wait" (func (param "child" (option u32)) (param "no-hang" bool)
      (result (result (option (tuple u32 $status)) (error $errno)))))))

  (core module $memory
    (memory (export "memory") 2)
    ;; Bump allocation, begun anew at each export call by `reset`.
    (global $next (mut i32) (i32.const 65536))
    (func (export "reset") (global.set $next (i32.const 65536)))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (block $fits
        (br_if $fits (i32.le_u (global.get $next) (i32.shl (memory.size) (i32.const 16))))
        (br_if $fits (i32.ne (i32.const -1) (memory.grow
          (i32.add (i32.const 1) (i32.shr_u (local.get 3) (i32.const 16))))))
        (unreachable))
      (local.get $at)))
  (core instance $m (instantiate $memory))
  (alias core export $m "memory" (core memory $mem))
  (alias core export $m "realloc" (core func $realloc))

  (core func $take_signal (canon lower (func $kernel "take-signal") (memory $mem)))
  (core func $sleep (canon lower (func $kernel "sleep") (memory $mem)))
  (core func $write (canon lower (func $kernel "write") (memory $mem)))
  (core func $spawn (canon lower (func $kernel "spawn") (memory $mem)))
  (core func $wait (canon lower (func $kernel "wait") (memory $mem)))

  (core module $main
    (import "m" "memory" (memory 2))
    (import "m" "reset" (func $reset))
    (import "k" "take-signal" (func $take_signal (param i32)))
    (import "k" "sleep" (func $sleep (param i64 i32)))
    (import "k" "write" (func $write (param i32 i32 i32 i32)))
    (import "k" "spawn" (func $spawn (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "k" "wait" (func $wait (param i32 i32 i32 i32)))
    ;; 16: results of calls. 64: the run's reply. 96: lists. 256: the counter, which is the saved state. 512: texts.
    (data (i32.const 512) "/bin/p0")
    (data (i32.const 528) "hi\n")
    ;; Descriptors 0 to 2, as (child, parent).
    (data (i32.const 544) "\00\00\00\00\00\00\00\00\01\00\00\00\01\00\00\00\02\00\00\00\02\00\00\00")
    (global $last (mut i32) (i32.const 0))

    (func $compute (param $rounds i32)
      (loop $again
        (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
        (br_if $again (i32.gt_s (local.get $rounds) (i32.const 0)))))

    (func $spin_until_xcpu
      (loop $again
        (call $compute (i32.const 1000))
        (call $take_signal (i32.const 16))
        (br_if $again (i32.eqz (i32.load8_u (i32.const 16))))
        (br_if $again (i32.ne (i32.load8_u (i32.const 17)) (i32.const 24)))))

    (func $start (param $digit i32)
      (i32.store8 (i32.const 518) (local.get $digit))
      ;; argv: one element, the path.
      (i32.store (i32.const 96) (i32.const 512))
      (i32.store (i32.const 100) (i32.const 7))
      (call $spawn
        (i32.const 512) (i32.const 7) (i32.const 96) (i32.const 1) (i32.const 0) (i32.const 0)
        (i32.const 544) (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 16))
      ;; An error becomes 100 + errno's place in the list.
      (global.set $last (if (result i32) (i32.load8_u (i32.const 16))
        (then (i32.add (i32.const 100) (i32.load8_u (i32.const 20))))
        (else (i32.const 0)))))

    ;; result<option<tuple<pid, wait-status>>, errno> at 16: 0 tag, 4 option's tag, 8 pid, 12 status tag, 13 value.
    (func $await
      (call $wait (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 16))
      (if (i32.load8_u (i32.const 16))
        (then (global.set $last (i32.add (i32.const 100) (i32.load8_u (i32.const 20)))))
        (else (global.set $last (i32.add (i32.load8_u (i32.const 29))
          (i32.mul (i32.const 128) (i32.load8_u (i32.const 28))))))))

    (func $step (param $command i32) (param $digit i32) (result i32)
      ;; Answers a status to return, or -1 to go on.
      (if (i32.eq (local.get $command) (i32.const 0x78)) (then (return (i32.sub (local.get $digit) (i32.const 48)))))
      (if (i32.eq (local.get $command) (i32.const 0x76)) (then (return (i32.load8_u (i32.const 256)))))
      (if (i32.eq (local.get $command) (i32.const 0x72)) (then (return (global.get $last))))
      (if (i32.eq (local.get $command) (i32.const 0x69))
        (then (i32.store8 (i32.const 256) (i32.add (i32.const 1) (i32.load8_u (i32.const 256))))))
      (if (i32.eq (local.get $command) (i32.const 0x73)) (then (loop $for_ever (br $for_ever))))
      (if (i32.eq (local.get $command) (i32.const 0x75)) (then (call $spin_until_xcpu) (return (i32.const 9))))
      (if (i32.eq (local.get $command) (i32.const 0x7a))
        (then (call $sleep (i64.const 1000000000000) (i32.const 16))))
      (if (i32.eq (local.get $command) (i32.const 0x5a))
        (then (loop $for_ever (call $sleep (i64.const 1000000000000) (i32.const 16)) (br $for_ever))))
      (if (i32.eq (local.get $command) (i32.const 0x62))
        (then (call $compute (i32.mul (i32.const 1000000) (i32.sub (local.get $digit) (i32.const 48))))))
      (if (i32.eq (local.get $command) (i32.const 0x74)) (then (unreachable)))
      (if (i32.eq (local.get $command) (i32.const 0x6d))
        (then (loop $more (br_if $more (i32.ne (i32.const -1) (memory.grow (i32.const 16))))) (unreachable)))
      (if (i32.eq (local.get $command) (i32.const 0x67)) (then (drop (memory.grow (i32.const 512)))))
      (if (i32.eq (local.get $command) (i32.const 0x50)) (then (call $start (local.get $digit))))
      (if (i32.eq (local.get $command) (i32.const 0x77)) (then (call $await)))
      (if (i32.eq (local.get $command) (i32.const 0x6f))
        (then (call $write (i32.const 1) (i32.const 528) (i32.const 3) (i32.const 16))))
      (i32.const -1))

    (func (export "run") (param $name i32) (param $name_len i32) (param $at i32) (param $len i32) (result i32)
      (local $status i32) (local $end i32)
      (local.set $end (i32.add (local.get $at) (local.get $len)))
      (loop $next
        (if (i32.lt_u (local.get $at) (local.get $end))
          (then
            (local.set $status (call $step (i32.load8_u (local.get $at)) (i32.load8_u offset=1 (local.get $at))))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br_if $next (i32.lt_s (local.get $status) (i32.const 0))))))
      (call $reset)
      (i32.store8 (i32.const 64) (local.get $status))
      (if (i32.lt_s (local.get $status) (i32.const 0)) (then (i32.store8 (i32.const 64) (i32.const 0))))
      (i32.store8 (i32.const 65) (i32.const 0))
      (i64.store (i32.const 72) (i64.load8_u (i32.const 256)))
      (i32.const 64))
    (func (export "main") (param i32 i32 i32 i32) (result i32) (call $reset) (i32.const 3))
    (func (export "stage") (param i32 i32 i32 i32) (result i32) (call $reset) (i32.const 4))
    (func (export "complete") (param i32 i32 i32) (result i32)
      ;; { start: the cursor, candidates: ["hi"] }
      (call $reset)
      (i32.store (i32.const 64) (local.get 2))
      (i32.store (i32.const 68) (i32.const 96))
      (i32.store (i32.const 72) (i32.const 1))
      (i32.store (i32.const 96) (i32.const 528))
      (i32.store (i32.const 100) (i32.const 2))
      (i32.const 64))
    (func (export "save") (param $since i64) (result i32)
      ;; [{ id: 1, data: the counter }]
      (call $reset)
      (i32.store (i32.const 64) (i32.const 96))
      (i32.store (i32.const 68) (i32.const 1))
      (i32.store (i32.const 96) (i32.const 1))
      (i32.store (i32.const 100) (i32.const 256))
      (i32.store (i32.const 104) (i32.const 1))
      (i32.const 64))
    (func (export "load") (param $env i32) (param $n_env i32) (param $sections i32) (param $n_sections i32) (result i32)
      (if (local.get $n_sections)
        (then (i32.store8 (i32.const 256) (i32.load8_u (i32.load offset=4 (local.get $sections))))))
      (call $reset)
      (i32.store8 (i32.const 64) (i32.const 0))
      (i32.const 64)))

  (core instance $i (instantiate $main
    (with "m" (instance $m))
    (with "k" (instance
      (export "take-signal" (func $take_signal))
      (export "sleep" (func $sleep))
      (export "write" (func $write))
      (export "spawn" (func $spawn))
      (export "wait" (func $wait))))))

  (type $reply' (record (field "status" u8) (field "exited" bool) (field "generation" u64)))
  (export $reply "run-reply" (type $reply'))
  (type $section' (record (field "id" u32) (field "data" (list u8))))
  (export $section "section" (type $section'))
  (type $completion' (record (field "start" u32) (field "candidates" (list (list u8)))))
  (export $completion "completion-reply" (type $completion'))
  (func (export "run") (param "name" (list u8)) (param "script" (list u8)) (result $reply)
    (canon lift (core func $i "run") (memory $mem) (realloc $realloc)))
  (func (export "main") (param "argv" (list (list u8))) (param "env" (list (list u8))) (result u8)
    (canon lift (core func $i "main") (memory $mem) (realloc $realloc)))
  (func (export "stage") (param "state" (list u8)) (param "stage" (list u8)) (result u8)
    (canon lift (core func $i "stage") (memory $mem) (realloc $realloc)))
  (func (export "complete") (param "line" (list u8)) (param "cursor" u32) (result $completion)
    (canon lift (core func $i "complete") (memory $mem) (realloc $realloc)))
  (func (export "save") (param "since" u64) (result (list $section))
    (canon lift (core func $i "save") (memory $mem) (realloc $realloc)))
  (func (export "load") (param "env" (list (list u8))) (param "sections" (list $section)) (result (result (error string)))
    (canon lift (core func $i "load") (memory $mem) (realloc $realloc))))
