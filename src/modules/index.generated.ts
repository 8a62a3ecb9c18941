// Made by `npm run generate` from the files in this folder.
import type { Module } from '../module/contract.ts';
import { sysctl } from './system/sysctl.ts';

export const modules: ReadonlyMap<string, Module> = new Map<string, Module>(
  [sysctl].map((module) => [module.name, module as Module]),
);
