// The extension's promises against the real server. `npm test`; builds nothing in Rust: PORTCULLIS_BINARY says where the
// program is, else it is the debug build beside this repository's sources.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import type { Diagnostic } from 'vscode-languageserver-protocol';
import { program } from '../src/program';
import { Editor, type Settings } from './client';

// The tests run from `out/`.
const extension = resolve(__dirname, '..');
const root = resolve(extension, '../..');
const PROGRAM = process.env.PORTCULLIS_BINARY ?? join(root, 'target/debug', program(null, extension));

// Emoji are two UTF-16 units, CJK one: columns after them are wrong wherever bytes or characters are counted.
const TEMPLATE = `AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Assets:
    Type: AWS::S3::Bucket
    Properties: {BucketName: "🪣 資産", AccessControl: PublicRead}
`;
const RULE = 's3-bucket-acl-public-read';
const only = (found: Diagnostic[]) => found.filter(({ code }) => code === RULE);

/** Runs a test in an editor that is closed whatever happens: a server that lives on would keep the tests from ending. */
async function edit(run: (editor: Editor) => Promise<void>, how: { pull?: boolean; settings?: Settings } = {}): Promise<void> {
  const editor = await Editor.open(PROGRAM, TEMPLATE, how);
  try {
    await run(editor);
    assert.equal(await editor.close(), 0);
  } finally {
    editor.kill();
  }
}

/** What package.json declares, as VS Code would answer when nothing is set. */
function defaults(): Record<string, unknown> {
  const manifest = JSON.parse(readFileSync(join(extension, 'package.json'), 'utf8'));
  const settings: Record<string, unknown> = {};
  for (const [name, { default: value }] of Object.entries<{ default: unknown }>(manifest.contributes.configuration.properties)) {
    settings[name.replace(/^portcullis\./, '')] = value;
  }
  return settings;
}

test('a template is underlined at the very characters, with the rule and its page', () =>
  edit(async (editor) => {
    const [finding, ...more] = only(await editor.diagnostics());
    assert.ok(finding);
    assert.equal(more.length, 0);
    assert.equal(finding.source, 'portcullis');
    assert.equal(editor.underlined(finding), 'PublicRead');
    // A build without an address of the project links nowhere.
    assert.match(finding.codeDescription?.href ?? RULE, new RegExp(RULE));
    assert.match(await editor.hover(finding), /public/i);
  }));

for (const words of [/^Remove/, /^Silence .* here$/, /^Silence .* for this resource$/]) {
  test(`a quick fix makes the finding go: ${words.source}`, () =>
    edit(async (editor) => {
      const [finding] = only(await editor.diagnostics());
      assert.ok(finding);
      const actions = await editor.actions(finding);
      const action = actions.find(({ title }) => words.test(title));
      assert.ok(action, `not among: ${actions.map(({ title }) => title).join('; ')}`);
      await editor.apply(action);
      assert.equal(only(await editor.diagnostics()).length, 0);
    }));
}

test('an editor that asks gets the same diagnostics as one that is told', () =>
  edit((told) =>
    edit(
      async (asking) => {
        assert.ok(asking.offer.capabilities.diagnosticProvider);
        const plain = (found: Diagnostic[]) => found.map(({ code, range }) => ({ code, range }));
        assert.deepEqual(plain(await asking.pull()), plain(await told.diagnostics()));
      },
      { pull: true }
    )
  ));

test('the settings that the extension declares are understood', () =>
  edit(
    async (editor) => {
      assert.equal(only(await editor.diagnostics()).length, 1);
      assert.deepEqual(editor.messages, []);
    },
    { settings: defaults() }
  ));

test('settings have their effect', () =>
  edit(async (editor) => assert.equal(only(await editor.diagnostics()).length, 0), {
    settings: { ...defaults(), minSeverity: 'critical' },
  }));

test('a program that the user names is the one that runs; else the one on the path', () => {
  assert.equal(program('/opt/portcullis', extension), '/opt/portcullis');
  assert.match(program(null, join(root, 'no', 'such', 'folder')), /^portcullis(\.exe)?$/);
});
