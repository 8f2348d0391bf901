//! libFuzzer's way in to [`portcullis_fuzz::resolve`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| portcullis_fuzz::resolve(data));
