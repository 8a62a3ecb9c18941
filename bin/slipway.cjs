#!/usr/bin/env node
const v8 = require('node:v8');
const path = require('node:path');
const { load } = require('./code-cache.cjs');
// What Node is made of is loaded before the flag below: with it, Node's own code cache for that would not be taken.
for (const part of [
  'child_process',
  'crypto',
  'dns/promises',
  'fs/promises',
  'http',
  'readline',
  'stream/promises',
])
  require(`node:${part}`);

// Most of our code runs some thousand times and no more: V8 11 spends more on optimising it than that gives back
// (bench/README.md). Later versions have a tier between, and decide for themselves.
if (process.versions.v8.startsWith('11.')) v8.setFlagsFromString('--interrupt-budget=1000000');
load(path.join(__dirname, '../dist/slipway.cjs'), process.argv[2]);
