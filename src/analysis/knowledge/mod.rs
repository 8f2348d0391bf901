//! Dated tables of what AWS says: runtimes, TLS policies, log retention, what holds data, what holds secrets.
