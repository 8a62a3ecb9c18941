import { describe, expect, it } from 'vitest';
import { doubleSource, packages } from '../../../src/lab/double/bundle.ts';
import type { DebPackage } from '../../../src/lab/deb/types.ts';

const all = packages('v1.34.2');
const named = (name: string): DebPackage[] => all.filter((p) => p.name === name);

describe('the packages of a lab', () => {
  it('hold several versions of the three programs and one of each helper', () => {
    expect(named('kubeadm').map((p) => p.version)).toEqual(['1.34.0-1.1', '1.34.1-1.1', '1.34.2-1.1']);
    expect(named('kubelet')).toHaveLength(3);
    expect(named('containerd').map((p) => p.version.split('.')[0])).toEqual(['1', '2']);
    const pairs = all.map((p) => `${p.name} ${p.version}`);
    expect(new Set(pairs).size).toBe(pairs.length);
  });

  it('need only each other', () => {
    const names = new Set(all.map((p) => p.name));
    for (const p of all) for (const need of p.depends ?? []) expect(names).toContain(need.split(' ')[0]);
  });

  it('put absolute paths, and scripts that are shell', () => {
    for (const p of all) {
      for (const file of p.files) expect(file.path).toMatch(/^\/(etc|usr|opt)\/[^ ]+[^/]$/);
      for (const script of Object.values(p.scripts ?? {}))
        expect(script.startsWith('#!/bin/sh\nset -e\n')).toBe(true);
    }
  });

  it('say in every program that it is simulated', () => {
    const [kubeadm] = named('kubeadm').slice(-1);
    const [program] = kubeadm?.files ?? [];
    expect(program).toMatchObject({ path: '/usr/bin/kubeadm', mode: 0o755 });
    const text = program !== undefined && 'content' in program ? String(program.content) : '';
    expect(text.startsWith('#!/usr/lib/slipway-lab/node\n// Simulated Kubernetes')).toBe(true);
    expect(text).toContain('{"program":"kubeadm","version":"1.34.2"}');
    for (const p of all) expect(`${p.summary}`).toMatch(/simulated/);
  });

  it('share one file that imports nothing but Node itself', () => {
    const imports = [...doubleSource().matchAll(/(?:^|[\s;}])import\b[^'"`;]*?from\s*["']([^"']+)["']/g)].map(
      (m) => m[1],
    );
    expect(imports.length).toBeGreaterThan(5);
    for (const name of imports) expect(name).toMatch(/^node:/);
  });
});
