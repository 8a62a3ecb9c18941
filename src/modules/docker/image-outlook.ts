import { type Effect, type Outlook, Unclear } from '../../module/outlook.ts';
import { chosenOf, type Ready } from './image-compare.ts';
import type { HostImages } from './image-state.ts';

/** By name, the digest of the configuration that the tars give it. */
export function configsOf(current: HostImages, ready: Ready): (readonly [tag: string, config: string])[] {
  return chosenOf(current, ready).images.flatMap(({ tags, config }) =>
    tags.map((tag) => [tag, config] as const),
  );
}

export const imageEffects = (current: HostImages, ready: Ready): Effect[] =>
  configsOf(current, ready).map(([tag, state]) => ({ subject: `image:${tag}`, state }));

/** The images as the tasks before would have left them; whether a new one is pinned they do not say. */
export function foreseeImages(current: HostImages, ready: Ready, outlook: Outlook): HostImages | Unclear {
  const images = new Map(current.images);
  for (const { tags, config, layers } of chosenOf(current, ready).images)
    for (const tag of tags) {
      const then = outlook.of(`image:${tag}`);
      if (then === undefined) continue;
      if (then.state === null) images.delete(tag);
      else if (then.state === config && ready.pinned === undefined)
        images.set(tag, { configs: [config], layers: [...layers] });
      else return new Unclear(then.by);
    }
  return { ...current, images };
}
