// Which portcullis is run, and which documents it is shown. Knows nothing of VS Code, so that the tests use it too.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What the server is started with. */
export const ARGUMENTS = ['lsp'];

/** The program: what the user named, else the one that comes with the extension, else the one on the path. */
export function program(configured: string | null | undefined, extensionFolder: string): string {
  if (configured) return configured;
  const file = process.platform === 'win32' ? 'portcullis.exe' : 'portcullis';
  const bundled = join(extensionFolder, 'bin', file);
  return existsSync(bundled) ? bundled : file;
}

/** Any of these may hold a template; the server looks into each and is silent about what is none. */
export const DOCUMENTS = [
  ...['yaml', 'json', 'jsonc', 'cloudformation'].map((language) => ({ scheme: 'file', language })),
  { scheme: 'file', pattern: '**/*.template' },
];
