#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tapcue_fuzz::journal::fuzz(data));
