#!/usr/bin/env node
'use strict';
// `npx portcullis …`: hands everything to the binary, and its verdict back.

const { spawnSync } = require('node:child_process');

let outcome;
try {
  outcome = spawnSync(require('./index.js').binary(), process.argv.slice(2), { stdio: 'inherit', windowsHide: true });
  if (outcome.error) throw outcome.error;
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
// A signal means that it did not finish, and what did not finish is no pass.
process.exit(outcome.status ?? 2);
