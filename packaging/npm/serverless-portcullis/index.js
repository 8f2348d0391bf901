'use strict';
// A Serverless Framework plugin: runs portcullis before anything is packaged, and stops what it would not let pass.

const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { binary } = require('portcullis-lint');

const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical', 'never'];

/** What `custom.portcullis` may say; the framework warns of, or refuses, anything else. */
const SETTINGS = {
  type: 'object',
  properties: {
    enabled: { type: 'boolean' },
    failOn: { enum: SEVERITIES },
    profile: { enum: ['default', 'strict', 'all'] },
    config: { type: 'string' },
    baseline: { type: 'string' },
    args: { type: 'array', items: { type: 'string' } },
    // Suppressions, which portcullis itself reads and judges.
    ignore: {},
  },
  additionalProperties: false,
};

class Portcullis {
  constructor(serverless, options, { log } = {}) {
    this.serverless = serverless;
    this.options = options || {};
    this.log = log;
    serverless.configSchemaHandler?.defineCustomProperties({ type: 'object', properties: { portcullis: SETTINGS } });
    this.commands = {
      portcullis: { usage: 'Check the service for security mistakes', lifecycleEvents: ['check'] },
    };
    this.hooks = {
      'portcullis:check': () => this.check(),
      // The first event of `package`, which `deploy` runs too: nothing has been written or sent yet.
      'before:package:cleanup': () => this.check(),
      'before:deploy:function:initialize': () => this.check(),
    };
  }

  /** Throws, and so stops the command, unless portcullis finds nothing at or above `failOn`. */
  check() {
    const settings = this.serverless.service.custom?.portcullis ?? {};
    if (settings.enabled === false) return;
    const { status, signal, error, stdout, stderr } = spawnSync(binary(), this.arguments(settings), {
      cwd: this.serverless.serviceDir,
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
      windowsHide: true,
    });
    // Through the process's own stream and not inherited: the framework's progress line makes room for it.
    process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
    if (error) throw this.failure(`portcullis did not run: ${error.message}`, 'PORTCULLIS_DID_NOT_RUN');
    if (status === 0) {
      this.log?.success?.('portcullis: nothing found that would stop this service');
      return;
    }
    if (status === 1) {
      throw this.failure('portcullis found what should not be deployed; see above', 'PORTCULLIS_FINDINGS');
    }
    throw this.failure(
      `portcullis could not check this service (${signal ?? `exit code ${status}`}); see above`,
      'PORTCULLIS_NOT_CHECKED'
    );
  }

  arguments(settings) {
    const provider = this.serverless.getProvider('aws');
    const list = ['check', '--color', process.stderr.isTTY ? 'always' : 'never'];
    const give = (name, value) => {
      if (value !== undefined && value !== null && value !== '') list.push(`${name}=${value}`);
    };
    // Judged as it is about to be deployed, not for every stage that the file knows.
    give('--stage', provider?.getStage());
    give('--region', provider?.getRegion());
    for (const parameter of [].concat(this.options.param ?? [])) give('--param', parameter);
    give('--fail-on', settings.failOn);
    give('--profile', settings.profile);
    give('--config', settings.config);
    give('--baseline', settings.baseline);
    list.push(...(settings.args ?? []), '--', this.file());
    return list;
  }

  file() {
    const name = this.serverless.configurationFilename ?? 'serverless.yml';
    // Of a program only an object that is exported as a literal is read; anything else is told, and stops the command.
    return path.normalize(name);
  }

  failure(message, code) {
    const ServerlessError = this.serverless.classes?.Error ?? Error;
    return new ServerlessError(message, code);
  }
}

module.exports = Portcullis;
