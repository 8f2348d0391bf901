// A small editor: talks to a real `portcullis lsp` over stdio, keeps the text of one document, and remembers what it is told.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type CodeAction,
  type Diagnostic,
  type InitializeResult,
  type ProtocolConnection,
  type TextEdit,
} from 'vscode-languageserver-protocol/node';
import { ARGUMENTS } from '../src/program';

/** What the editor answers when it is asked for the section `portcullis`. */
export type Settings = Record<string, unknown>;

/** An editor with one folder, one document open in it, and a server of its own. */
export class Editor {
  readonly folder = mkdtempSync(join(tmpdir(), 'portcullis-editor-'));
  readonly uri = pathToFileURL(join(this.folder, 'template.yaml')).toString();
  readonly messages: string[] = [];
  offer!: InitializeResult;
  private readonly server: ChildProcess;
  private readonly connection: ProtocolConnection;
  private version = 0;
  private published: { version?: number; diagnostics: Diagnostic[] } | undefined;
  private waiting: (() => void)[] = [];

  private constructor(
    command: string,
    private text: string,
    settings: Settings
  ) {
    this.server = spawn(command, ARGUMENTS, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.connection = createProtocolConnection(
      new StreamMessageReader(this.server.stdout!),
      new StreamMessageWriter(this.server.stdin!)
    );
    this.connection.onNotification('textDocument/publishDiagnostics', (told) => {
      if (told.uri !== this.uri) return;
      this.published = told;
      this.waiting.splice(0).forEach((wake) => wake());
    });
    this.connection.onNotification('window/showMessage', ({ message }) => void this.messages.push(message));
    this.connection.onRequest('workspace/configuration', ({ items }) => items.map(() => settings));
    this.connection.onRequest('client/registerCapability', () => null);
    this.connection.onRequest('window/workDoneProgress/create', () => null);
    this.connection.listen();
  }

  /** Opens `text` in a folder of its own. `pull`: asks for diagnostics instead of waiting for them. */
  static async open(command: string, text: string, { pull = false, settings = {} as Settings } = {}): Promise<Editor> {
    const editor = new Editor(command, text, settings);
    writeFileSync(join(editor.folder, 'template.yaml'), text);
    editor.offer = await editor.connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: null,
      workspaceFolders: [{ uri: pathToFileURL(editor.folder).toString(), name: 'test' }],
      capabilities: {
        general: { positionEncodings: ['utf-16'] },
        workspace: {
          configuration: true,
          workspaceEdit: { documentChanges: true },
          ...(pull ? { diagnostics: { refreshSupport: true } } : {}),
        },
        textDocument: {
          publishDiagnostics: { versionSupport: true, relatedInformation: true, codeDescriptionSupport: true },
          codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix', 'source.fixAll'] } } },
          hover: { contentFormat: ['markdown'] },
          ...(pull ? { diagnostic: {} } : {}),
        },
      },
    });
    await editor.connection.sendNotification('initialized', {});
    const textDocument = { uri: editor.uri, languageId: 'yaml', version: ++editor.version, text };
    await editor.connection.sendNotification('textDocument/didOpen', { textDocument });
    return editor;
  }

  /** Diagnostics of the text as it is now, however long the server takes. */
  async diagnostics(): Promise<Diagnostic[]> {
    while (this.published?.version !== this.version) await new Promise<void>((wake) => this.waiting.push(wake));
    return this.published.diagnostics;
  }

  async pull(): Promise<Diagnostic[]> {
    const report = await this.connection.sendRequest<{ kind: string; items: Diagnostic[] }>('textDocument/diagnostic', {
      textDocument: { uri: this.uri },
    });
    return report.items;
  }

  async actions(diagnostic: Diagnostic): Promise<CodeAction[]> {
    const actions = await this.connection.sendRequest<CodeAction[] | null>('textDocument/codeAction', {
      textDocument: { uri: this.uri },
      range: diagnostic.range,
      context: { diagnostics: [diagnostic] },
    });
    return actions ?? [];
  }

  async hover(diagnostic: Diagnostic): Promise<string> {
    const hover = await this.connection.sendRequest<{ contents: { value: string } } | null>('textDocument/hover', {
      textDocument: { uri: this.uri },
      position: diagnostic.range.start,
    });
    return hover?.contents.value ?? '';
  }

  /** Does what an action says to this document, and tells the server as an editor does: in pieces. */
  async apply(action: CodeAction): Promise<void> {
    const edits: TextEdit[] = [...(action.edit?.changes?.[this.uri] ?? [])];
    for (const change of action.edit?.documentChanges ?? []) {
      if ('edits' in change && change.textDocument.uri === this.uri) edits.push(...(change.edits as TextEdit[]));
    }
    // From the end, so that the places of those before stay true.
    edits.sort((a, b) => b.range.start.line - a.range.start.line || b.range.start.character - a.range.start.character);
    for (const { range, newText } of edits) {
      this.text = this.text.slice(0, this.offset(range.start)) + newText + this.text.slice(this.offset(range.end));
    }
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: this.uri, version: ++this.version },
      contentChanges: edits.map(({ range, newText }) => ({ range, text: newText })),
    });
  }

  /** The characters that a diagnostic underlines. JavaScript counts UTF-16, as agreed with the server. */
  underlined({ range }: Diagnostic): string {
    return this.text.slice(this.offset(range.start), this.offset(range.end));
  }

  /** Ends the server as an editor does; gives its exit code. */
  async close(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.server.once('exit', resolve));
    await this.connection.sendRequest('shutdown');
    await this.connection.sendNotification('exit');
    return ended;
  }

  /** Whatever is left of it goes. */
  kill(): void {
    this.server.kill();
    this.connection.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private offset({ line, character }: { line: number; character: number }): number {
    return this.text.split('\n').slice(0, line).join('\n').length + (line > 0 ? 1 : 0) + character;
  }
}
