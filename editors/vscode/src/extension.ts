// The extension: starts `portcullis lsp`, and tells the user when that does not work. Everything else is the server's.

import { commands, window, workspace, type ExtensionContext } from 'vscode';
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from 'vscode-languageclient/node';
import { ARGUMENTS, DOCUMENTS, program } from './program';

let client: LanguageClient | undefined;

/** Called by VS Code when the first document is opened that may be a template. */
export async function activate(context: ExtensionContext): Promise<void> {
  const output = window.createOutputChannel('portcullis', { log: true });
  // One after the other: restarting twice must not leave two servers.
  let queue: Promise<void> = Promise.resolve();
  const restart = () => (queue = queue.then(() => stop()).then(() => start(context.extensionPath, output)));
  context.subscriptions.push(
    output,
    commands.registerCommand('portcullis.restart', restart),
    commands.registerCommand('portcullis.showOutput', () => output.show()),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('portcullis.path')) void restart();
    }),
    workspace.onDidGrantWorkspaceTrust(() => void restart())
  );
  await restart();
}

/** Called by VS Code when it ends. */
export function deactivate(): Promise<void> {
  return stop();
}

async function stop(): Promise<void> {
  const old = client;
  client = undefined;
  await old?.dispose().catch(() => undefined);
}

async function start(folder: string, output: ReturnType<typeof window.createOutputChannel>): Promise<void> {
  // In a workspace that is not trusted VS Code leaves out what the workspace itself says about these settings.
  const command = program(workspace.getConfiguration('portcullis').get<string | null>('path'), folder);
  const server: ServerOptions = { command, args: ARGUMENTS };
  const options: LanguageClientOptions = {
    documentSelector: DOCUMENTS,
    outputChannel: output,
    // A trace is asked for by people who look for it; it must not hide what the server has to say.
    traceOutputChannel: output,
    synchronize: { configurationSection: 'portcullis' },
  };
  client = new LanguageClient('portcullis', 'portcullis', server, options);
  try {
    await client.start();
  } catch (error) {
    output.appendLine(`${command} did not start: ${String(error)}`);
    await stop();
    // Not waited for: the message may stay open for long, and the user may restart meanwhile.
    const settings = 'Open settings';
    void window
      .showErrorMessage(`portcullis: \`${command}\` did not start. Install portcullis, or say where it is in \`portcullis.path\`.`, settings)
      .then((chosen) => chosen && commands.executeCommand('workbench.action.openSettings', 'portcullis.path'));
  }
}
