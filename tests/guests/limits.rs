//! A guest that meets each limit: it does without end what its argument names, and says how the system stopped it.

use std::io::Write;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("spin") => loop {
            std::hint::black_box(0);
        },
        Some("grow") => {
            let mut kept = Vec::new();
            loop {
                kept.push(vec![1u8; 1 << 20]);
                std::hint::black_box(&kept);
            }
        }
        Some("fill") => {
            let mut file = std::fs::File::create("/tmp/filled").expect("a file");
            let error = loop {
                if let Err(error) = file.write_all(&[b'x'; 65536]) {
                    break error;
                }
            };
            println!("{error}");
        }
        Some("make") => {
            let mut made = 0;
            let error = loop {
                match std::fs::File::create(format!("/tmp/made{made}")) {
                    Ok(_) => made += 1,
                    Err(error) => break error,
                }
            };
            println!("{made} {error}");
        }
        Some("open") => {
            let mut kept = Vec::new();
            let error = loop {
                match std::fs::File::open("/dev/null") {
                    Ok(file) => kept.push(file),
                    Err(error) => break error,
                }
            };
            println!("{} {error}", kept.len() > 20);
        }
        Some("write") => while std::io::stdout().write_all(&[b'y'; 4096]).is_ok() {},
        Some("sleep") => std::thread::sleep(std::time::Duration::from_secs(1000)),
        _ => println!("hello"),
    }
}
