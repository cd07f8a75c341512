// One lock of each kind of Rust's standard library with a thread that has it and a thread that waits for it, named after its lock.
use std::io::Read;
use std::sync::{Barrier, Condvar, Mutex, Once, RwLock};
use std::thread;
use std::time::Duration;

static PLAIN: Mutex<u32> = Mutex::new(1);
static WRITTEN: RwLock<u32> = RwLock::new(1);
static READ: RwLock<u32> = RwLock::new(1);
static FREE: Mutex<u32> = Mutex::new(1);
static ARRIVAL: Condvar = Condvar::new();
static ONCE: Once = Once::new();

fn nap() {
    loop {
        thread::sleep(Duration::from_secs(100));
    }
}

fn begin(name: &str, work: impl FnOnce() + Send + 'static) {
    let work = move || {
        work();
        nap();
    };
    thread::Builder::new().name(name.to_string()).spawn(work).unwrap();
}

mod shop {
    #[inline(never)]
    pub fn sell() {
        *super::PLAIN.lock().unwrap() += 1;
    }
}

fn main() {
    begin("holder", || {
        let _plain = PLAIN.lock().unwrap();
        let _written = WRITTEN.write().unwrap();
        let _read = READ.read().unwrap();
        nap();
    });
    begin("once_holder", || ONCE.call_once(nap));
    thread::sleep(Duration::from_millis(200));
    begin("plain", shop::sell);
    begin("plain_too", shop::sell);
    begin("written_by", || *WRITTEN.write().unwrap() += 1);
    begin("written_for", || drop(WRITTEN.read().unwrap()));
    begin("read_by", || *READ.write().unwrap() += 1);
    begin("condition_1", || drop(ARRIVAL.wait(FREE.lock().unwrap())));
    begin("condition_2", || drop(ARRIVAL.wait(FREE.lock().unwrap())));
    begin("once", || ONCE.call_once(nap));
    begin("park", thread::park);
    let barrier: &'static Barrier = Box::leak(Box::new(Barrier::new(2)));
    begin("barrier", move || {
        barrier.wait();
    });
    println!("ready");
    // It ends when its standard input closes, or after two minutes.
    thread::spawn(|| {
        thread::sleep(Duration::from_secs(120));
        std::process::exit(0);
    });
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
