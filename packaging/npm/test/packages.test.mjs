// The npm packages as their users get them: packed, installed from the archives alone, run.
// `npm ci && npm test` in this folder; builds the binary (debug) unless PORTCULLIS_BINARY says where one is.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../../..');
const TARGETS = { linux: 'unknown-linux-musl', darwin: 'apple-darwin', win32: 'pc-windows-msvc' };
const CPUS = { x64: 'x86_64', arm64: 'aarch64' };
const project = mkdtempSync(join(tmpdir(), 'portcullis-npm-test-'));

// Nothing may leave the machine: no credentials, no telemetry, and a proxy that nobody answers at.
const environment = { ...process.env, SLS_TELEMETRY_DISABLED: '1', SLS_NOTIFICATIONS_MODE: 'off', HTTPS_PROXY: 'http://127.0.0.1:9' };
for (const name of Object.keys(environment)) if (/^(AWS_|PORTCULLIS_)/.test(name)) delete environment[name];

const run = (command, ...list) => {
  const { status, stdout, stderr } = spawnSync(command, list, { cwd: project, encoding: 'utf8', env: environment });
  return { status, text: `${stdout}${stderr}` };
};
const serverless = (...list) => run(process.execPath, join(here, 'node_modules/serverless/bin/serverless.js'), ...list);

/** A service with one function whose environment and settings the test chooses. */
function service(variable, settings) {
  rmSync(join(project, '.serverless'), { recursive: true, force: true });
  writeFileSync(join(project, 'handler.js'), 'exports.run = async () => ({});\n');
  writeFileSync(
    join(project, 'serverless.yml'),
    `service: orders
frameworkVersion: "3"
plugins: [serverless-portcullis]
custom:
  portcullis: ${JSON.stringify(settings)}
provider:
  name: aws
  runtime: nodejs20.x
functions:
  order:
    handler: handler.run
    environment:
      API_KEY: ${variable}
`
  );
}
const packaged = () => existsSync(join(project, '.serverless', 'orders.zip'));
const SECRET = 'pk-live-7f4c1d2e9a8b4c6d9e0f';

before(() => {
  let binary = process.env.PORTCULLIS_BINARY;
  if (!binary) {
    execFileSync('cargo', ['build', '--quiet', '--locked', '--bin', 'portcullis'], { cwd: root, stdio: 'inherit' });
    binary = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug', process.platform === 'win32' ? 'portcullis.exe' : 'portcullis');
  }
  const target = `${CPUS[process.arch]}-${TARGETS[process.platform]}`;
  const archives = join(project, 'archives');
  mkdirSync(archives);
  execFileSync(process.execPath, [join(root, 'packaging/npm/pack.mjs'), archives, `${target}=${binary}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(join(project, 'package.json'), '{"private": true}\n');
  const installed = run('npm', 'install', '--offline', '--no-audit', '--no-fund', '--no-package-lock',
    ...readdirSync(archives).map((name) => join(archives, name)));
  assert.equal(installed.status, 0, installed.text);
});
after(() => rmSync(project, { recursive: true, force: true }));

test('the command runs, and its verdict is the exit code', () => {
  const portcullis = join(project, 'node_modules/.bin/portcullis');
  const bad = run(portcullis, 'check', '--no-config', join(root, 'testdata/demo'));
  assert.equal(bad.status, 1, bad.text);
  const good = run(portcullis, 'check', '--no-config', join(root, 'testdata/demo/good'));
  assert.equal(good.status, 0, good.text);
  assert.equal(run(portcullis, 'check', '--no-such-option').status, 2);
});

test('a service with a secret in it is not packaged', () => {
  service(SECRET, { failOn: 'high' });
  const { status, text } = serverless('package');
  assert.notEqual(status, 0, text);
  assert.match(text, /secret/);
  assert.match(text, /portcullis found what should not be deployed/);
  assert.ok(!text.includes(SECRET), 'the secret is masked');
  assert.ok(!packaged());
});

test('the same service without the secret is packaged', () => {
  // A parameter stands in for a secret store, which cannot be asked here.
  service('${param:key}', { failOn: 'high' });
  const { status, text } = serverless('package', '--param', 'key=from-elsewhere');
  assert.equal(status, 0, text);
  assert.match(text, /nothing found that would stop this service/);
  assert.ok(packaged());
});

test('what is below the severity is shown and does not stop anything', () => {
  service(SECRET, { failOn: 'never' });
  const { status, text } = serverless('package');
  assert.equal(status, 0, text);
  assert.match(text, /secret/);
  assert.ok(packaged());
});

test('suppressions stand beside the settings', () => {
  service(SECRET, { failOn: 'high', ignore: [{ rule: 'lambda-env-plaintext-secret', reason: 'a made-up key' }] });
  const { status, text } = serverless('package');
  assert.equal(status, 0, text);
  assert.doesNotMatch(text, /Invalid configuration|suppression-/);
});

test('a check that could not be done is no pass', () => {
  service('plain', { config: 'no-such-file.toml' });
  const { status, text } = serverless('package');
  assert.notEqual(status, 0, text);
  assert.match(text, /could not check this service/);
  assert.ok(!packaged());
});

test('a setting that does not exist is named by the framework', () => {
  service('plain', { failon: 'high' });
  const { text } = serverless('package');
  assert.match(text, /custom\.portcullis.*unrecognized property 'failon'/s);
});

test('the check can be turned off, and run alone', () => {
  service(SECRET, { enabled: false });
  assert.equal(serverless('package').status, 0);
  service(SECRET, {});
  const { status, text } = serverless('portcullis');
  assert.notEqual(status, 0, text);
  assert.match(text, /secret/);
});
