//! libFuzzer's way in to [`portcullis_fuzz::parse`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| portcullis_fuzz::parse(data));
