// Made by `npm run generate` from the files in this folder.
import type { Module } from '../module/contract.ts';
import { assert } from './control/assert.ts';
import { debug } from './control/debug.ts';
import { fail } from './control/fail.ts';
import { pause } from './control/pause.ts';
import { ping } from './control/ping.ts';
import { setFact } from './control/set-fact.ts';
import { kubeadmInit } from './kubernetes/kubeadm-init.ts';
import { kubeadmJoin } from './kubernetes/kubeadm-join.ts';
import { sysctl } from './system/sysctl.ts';

export const modules: ReadonlyMap<string, Module> = new Map<string, Module>(
  [assert, debug, fail, pause, ping, setFact, kubeadmInit, kubeadmJoin, sysctl].map((module) => [module.name, module as Module]),
);
