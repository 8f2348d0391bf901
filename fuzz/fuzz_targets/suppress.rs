//! libFuzzer's way in to [`portcullis_fuzz::suppress`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| portcullis_fuzz::suppress(data));
