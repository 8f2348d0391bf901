// Makes the npm packages: one for each binary it is given, the wrapper that finds the right one, and the plugin.
// node packaging/npm/pack.mjs OUT TARGET=BINARY…   (the version is Cargo.toml's)

import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// The targets that are released, and what npm calls those machines.
const MACHINES = {
  'x86_64-unknown-linux-musl': { os: 'linux', cpu: 'x64' },
  'aarch64-unknown-linux-musl': { os: 'linux', cpu: 'arm64' },
  'x86_64-apple-darwin': { os: 'darwin', cpu: 'x64' },
  'aarch64-apple-darwin': { os: 'darwin', cpu: 'arm64' },
  'x86_64-pc-windows-msvc': { os: 'win32', cpu: 'x64' },
};

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const [out, ...binaries] = process.argv.slice(2);
if (!out || binaries.length === 0) {
  console.error('usage: node packaging/npm/pack.mjs OUT TARGET=BINARY…');
  process.exit(2);
}
const version = readFileSync(join(root, 'Cargo.toml'), 'utf8').match(/^version = "(.+)"$/m)[1];
const name = ({ os, cpu }) => `portcullis-lint-${os}-${cpu}`;
const scratch = mkdtempSync(join(tmpdir(), 'portcullis-npm-'));
mkdirSync(out, { recursive: true });

/** Packs a folder whose package.json is `manifest`, with the licences that every package carries. */
function pack(folder, manifest) {
  for (const licence of ['LICENSE-MIT', 'LICENSE-APACHE']) cpSync(join(root, licence), join(folder, licence));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  execFileSync('npm', ['pack', '--silent', '--pack-destination', resolve(out)], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
}

/** A copy of one of the packages beside this file, and its manifest with the version that is being released. */
function copy(source) {
  const folder = join(scratch, source);
  cpSync(join(here, source), folder, { recursive: true });
  return [folder, { ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')), version }];
}

const [wrapper, wrapperManifest] = copy('portcullis-lint');
for (const given of binaries) {
  const [target, binary] = given.split('=');
  const machine = MACHINES[target];
  if (!machine) throw new Error(`${target} is none of ${Object.keys(MACHINES).join(', ')}`);
  const folder = join(scratch, name(machine));
  const file = machine.os === 'win32' ? 'portcullis.exe' : 'portcullis';
  mkdirSync(folder);
  cpSync(binary, join(folder, file));
  chmodSync(join(folder, file), 0o755);
  pack(folder, {
    name: name(machine),
    version,
    description: `The portcullis binary for ${machine.os} on ${machine.cpu}; install portcullis-lint instead`,
    license: wrapperManifest.license,
    repository: wrapperManifest.repository,
    os: [machine.os],
    cpu: [machine.cpu],
    files: [file],
  });
}
// All machines, whichever of them are packed now: the same wrapper goes to everybody.
const optionalDependencies = Object.fromEntries(Object.values(MACHINES).map((machine) => [name(machine), version]));
pack(wrapper, { ...wrapperManifest, optionalDependencies });

const [plugin, pluginManifest] = copy('serverless-portcullis');
pack(plugin, { ...pluginManifest, dependencies: { 'portcullis-lint': version } });
rmSync(scratch, { recursive: true });
