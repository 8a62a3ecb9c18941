// Compiled code is kept between runs, as `module.enableCompileCache` does since Node 22: without it a third of the start
// is compiling. Each command keeps what it has run, which is more than what is compiled when a file is loaded.
const fs = require('node:fs');
const { createRequire } = require('node:module');
const os = require('node:os');
const path = require('node:path');
const v8 = require('node:v8');
const vm = require('node:vm');
const zlib = require('node:zlib');

/**
 * Runs a CommonJS file of ASCII, without `import()`. The first of `args` decides which code is needed, unless only help is.
 * @param {string} file
 * @param {readonly string[]} args
 */
exports.load = function load(file, args) {
  const content = fs.readFileSync(file);
  const folder = keeps() ? folderOfUser() : undefined;
  const helps = !/^[a-z]+$/.test(args[0] ?? '') || args.includes('--help') || args.includes('-h');
  const kept = folder && path.join(folder, `${helps ? 'help' : args[0]}.code`);
  const key = `${process.version} ${process.arch} ${content.length} ${zlib.crc32(content)}\n`;
  const cachedData = kept && read(kept, key);
  const code = `(function (exports, require, module, __filename, __dirname) {${content.latin1Slice()}\n})`;
  const script = new vm.Script(code, { filename: file, cachedData });
  if (kept && (!cachedData || script.cachedDataRejected)) {
    // Code that has not run for a while would be thrown away, and not be there to keep. Who takes it runs without that
    // flag, and V8 compares.
    v8.setFlagsFromString('--no-flush-bytecode');
    process.once('exit', () => {
      v8.setFlagsFromString('--flush-bytecode');
      write(kept, key, script.createCachedData());
    });
  }
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, path.dirname(file));
};

/** Node's own switch. Who measures which code has run needs it compiled anew. */
function keeps() {
  return !process.env.NODE_DISABLE_COMPILE_CACHE && !process.env.NODE_V8_COVERAGE;
}

/** @returns {string | undefined} the folder, if it is ours (with sudo, $HOME may be another's) and nobody else may write */
function folderOfUser() {
  const folder = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'slipway');
  const stat = (at) => fs.lstatSync(at, { throwIfNoEntry: false });
  try {
    let there = folder;
    while (!stat(there)) there = path.dirname(there);
    if (stat(there).uid !== process.geteuid()) return undefined;
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    return (stat(folder).mode & 0o022) === 0 ? folder : undefined;
  } catch {
    return undefined;
  }
}

// V8 looks at the length of what it is given and at the version, but not at the content.
function read(file, key) {
  try {
    const content = fs.readFileSync(file);
    const head = content.subarray(0, key.length + 4);
    const code = content.subarray(head.length);
    if (head.toString('latin1', 0, key.length) !== key) return undefined;
    return head.readUInt32BE(key.length) === zlib.crc32(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

function write(file, key, code) {
  const unfinished = `${file}.${process.pid}`;
  const head = Buffer.alloc(key.length + 4);
  head.write(key, 'latin1');
  head.writeUInt32BE(zlib.crc32(code), key.length);
  try {
    fs.writeFileSync(unfinished, Buffer.concat([head, code]), { mode: 0o600 });
    fs.renameSync(unfinished, file);
  } catch {
    fs.rmSync(unfinished, { force: true });
  }
}
