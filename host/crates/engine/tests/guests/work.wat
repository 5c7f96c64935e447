;; Computes ten million rounds and exits with status 0.
(module
  (memory (export "memory") 1)
  (func (export "_start") (local $rounds i32)
    (local.set $rounds (i32.const 10000000))
    (loop $again
      (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
      (br_if $again (local.get $rounds)))))
