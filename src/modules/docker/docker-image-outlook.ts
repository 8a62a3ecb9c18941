import type { Effect, Outlook, Subject } from '../../module/outlook.ts';
import { Unclear } from '../../module/outlook.ts';
import type { Todo } from './docker-image-compare.ts';
import { type Current, type Image, namesOf, type Ready, remoteName } from './docker-image-state.ts';
import { isComing } from './engine/presence.ts';
import { canonicalName, familiarName } from './image-names.ts';
import { configsOf, foreseeImages } from './image-outlook.ts';

/** There, and of which nothing else is known before. */
const THERE = '';
const GONE = null;

const subjectOf = (name: string): Subject =>
  `image:${name.startsWith('sha256:') ? name : canonicalName(name)}`;

/** What the registry has under the name: another thing than what the host has. */
const remoteSubject = (name: string): Subject => `image:${canonicalName(name)} in its registry`;

export function touches(ready: Ready): Subject[] {
  const { archive, push } = ready;
  const subjects = namesOf(ready).map(subjectOf);
  if (archive !== undefined) subjects.push(`path:${archive}`);
  if (push) subjects.push(remoteSubject(remoteName(ready)!));
  return subjects;
}

export function effects({ steps }: Todo, current: Current, ready: Ready): Effect[] {
  const { name, loading, repository, archive } = ready;
  const states = new Map<string, string | null>();
  const loaded = steps.includes('load') ? configsOf(current.host!, loading!) : [];
  for (const [tag, config] of loaded) states.set(familiarName(tag), config);
  for (const step of steps) {
    if (step === 'build' || step === 'pull') states.set(name!, THERE);
    if (step === 'remove') states.set(name!, GONE);
    if (step === 'tag') states.set(repository!, states.get(name!) ?? current.images.get(name!)?.Id ?? THERE);
  }
  const left: Effect[] = [...states].map(([one, state]) => ({ subject: subjectOf(one), state }));
  if (steps.includes('save')) left.push({ subject: `path:${archive!}` });
  if (steps.includes('push')) left.push({ subject: remoteSubject(remoteName(ready)!) });
  return left;
}

export function foresee(current: Current, ready: Ready, outlook: Outlook): Current | Unclear {
  if (isComing(current.problem, outlook)) return foresee({ ...current, problem: undefined }, ready, outlook);
  const images = new Map(current.images);
  const host = ready.loading && foreseeImages(current.host!, ready.loading, outlook);
  if (host instanceof Unclear) return host;
  for (const name of namesOf(ready)) {
    const then = outlook.of(subjectOf(name));
    if (then === undefined) continue;
    if (then.state === GONE) images.delete(name);
    else if (typeof then.state !== 'string' || (then.state === THERE && !presenceIsAll(ready)))
      return new Unclear(then.by);
    else images.set(name, imageOf(then.state, name));
  }
  const remote = remoteName(ready);
  const others: Subject[] = [];
  if (ready.archive !== undefined) others.push(`path:${ready.archive}`);
  if (remote !== undefined) others.push(remoteSubject(remote));
  const other = outlook.concerning(others);
  return other ? new Unclear(other.by) : { ...current, images, host };
}

/** Whether it is enough to know that the image is there. */
function presenceIsAll({ source, absent, force, repository, archive, push }: Ready): boolean {
  if (absent) return true;
  return (
    (source === 'pull' || source === 'local') && !force && !push && (repository ?? archive) === undefined
  );
}

const imageOf = (id: string, name: string): Image => ({ Id: id, RepoTags: [name] });
