#!/usr/bin/env node
import module from 'node:module';
import v8 from 'node:v8';

module.enableCompileCache?.();
// Most of our code runs some thousand times and no more: V8 11 spends more on optimising it than that gives back
// (bench/README.md). Later versions have a tier between, and decide for themselves.
if (process.versions.v8.startsWith('11.')) v8.setFlagsFromString('--interrupt-budget=1000000');
await import('../dist/slipway.js');
