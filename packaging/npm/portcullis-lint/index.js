'use strict';
// Where the binary is: npm installed the one package, of all that are optional, whose `os` and `cpu` are this machine's.

/** The path of the portcullis binary for this machine. Throws an Error that says what to do when there is none. */
exports.binary = function binary() {
  if (process.env.PORTCULLIS_BINARY) return process.env.PORTCULLIS_BINARY;
  const name = `portcullis-lint-${process.platform}-${process.arch}`;
  const file = process.platform === 'win32' ? 'portcullis.exe' : 'portcullis';
  try {
    return require.resolve(`${name}/${file}`);
  } catch {
    throw new Error(
      `portcullis: the package ${name} is not installed. ` +
        'Either optional dependencies were left out (`npm install --omit=optional`, or a lockfile from another kind of machine), ' +
        'or there is no release for this machine: then install portcullis another way and say where in PORTCULLIS_BINARY.'
    );
  }
};
