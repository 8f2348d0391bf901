// Makes the .vsix. `npm run package -- OUT` makes one without the program; `npm run package -- OUT TARGET=BINARY` one with it.
// The version is Cargo.toml's.

import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// The targets that are released, and what VS Code calls those machines. The Linux ones are static: they are Alpine's as well.
const MACHINES = {
  'x86_64-unknown-linux-musl': ['linux-x64', 'alpine-x64'],
  'aarch64-unknown-linux-musl': ['linux-arm64', 'alpine-arm64'],
  'x86_64-apple-darwin': ['darwin-x64'],
  'aarch64-apple-darwin': ['darwin-arm64'],
  'x86_64-pc-windows-msvc': ['win32-x64'],
};

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const [out, given] = process.argv.slice(2);
const [target, binary] = given?.split('=') ?? [];
if (!out || (target && !MACHINES[target])) {
  console.error(`usage: npm run package -- OUT [TARGET=BINARY]; targets: ${Object.keys(MACHINES).join(', ')}`);
  process.exit(2);
}
const version = readFileSync(join(root, 'Cargo.toml'), 'utf8').match(/^version = "(.+)"$/m)[1];
const bin = join(here, 'bin');

mkdirSync(out, { recursive: true });
rmSync(bin, { recursive: true, force: true });
for (const licence of ['LICENSE-MIT', 'LICENSE-APACHE']) cpSync(join(root, licence), join(here, `${licence}.txt`));
if (binary) {
  const file = join(bin, target.includes('windows') ? 'portcullis.exe' : 'portcullis');
  mkdirSync(bin);
  cpSync(binary, file);
  chmodSync(file, 0o755);
}
for (const machine of MACHINES[target] ?? [undefined]) {
  const list = ['package', version, '--no-update-package-json', '--no-git-tag-version', '--no-dependencies', '--skip-license'];
  if (machine) list.push('--target', machine);
  list.push('--out', join(resolve(out), `portcullis-${version}${machine ? `-${machine}` : ''}.vsix`));
  execFileSync(process.execPath, [join(here, 'node_modules/@vscode/vsce/vsce'), ...list], { cwd: here, stdio: 'inherit' });
}
rmSync(bin, { recursive: true, force: true });
