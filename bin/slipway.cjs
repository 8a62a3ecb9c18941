#!/usr/bin/env node
const v8 = require('node:v8');
const path = require('node:path');
const { load } = require('./code-cache.cjs');
// What Node is made of is loaded before the flag below: with it, Node's own code cache for that would not be taken.
const parts = 'assert child_process crypto dns fs/promises http perf_hooks readline stream/promises';
for (const part of parts.split(' ')) require(`node:${part}`);

// Most of our code runs some thousand times and no more: V8 11 spends more on optimising it than that gives back
// (bench/README.md). Later versions have a tier between, and decide for themselves.
if (process.versions.v8.startsWith('11.')) v8.setFlagsFromString('--interrupt-budget=1000000');
load(path.join(__dirname, '../dist/slipway.cjs'), process.argv.slice(2));
