import { childrenOf, elementsOf, isIn, textOf, type XmlElement } from '../xml/element.ts';
import { bounded, TEXT_LENGTH } from './bounded.ts';
import { RPID } from './namespaces.ts';
import type { PublishedState, StatedPresence } from './presence-state.ts';

/** What its user says by an activity (RFC 4480 §3.2). The rest of them only tell what somebody does. */
const STATED: Record<string, StatedPresence> = {
  available: 'available',
  busy: 'busy',
  // RPID has no word for these: they are the text of <other>, as formatPidf writes them, or Cisco's <dnd>.
  dnd: 'do-not-disturb',
  'do-not-disturb': 'do-not-disturb',
  'be-right-back': 'be-right-back',
  away: 'away',
  'permanent-absence': 'away',
};

/** Of two statements in one document the one that lets less through counts: `<busy/>` beside do-not-disturb is for who knows no better. */
const STRICTNESS: readonly StatedPresence[] = ['do-not-disturb', 'be-right-back', 'away', 'busy', 'available'];

export function readActivities(places: XmlElement[]): Pick<PublishedState, 'stated' | 'activity'> {
  const activities = places
    .flatMap((place) => childrenOf(place, RPID, 'activities'))
    .flatMap(elementsOf)
    .filter((activity) => isIn(activity, RPID))
    .map(wordOf)
    .filter((word) => !['', 'note', 'unknown', 'other'].includes(word));
  const stated = STRICTNESS.find((one) => activities.some((word) => STATED[word] === one));
  const activity = activities.find((word) => !Object.hasOwn(STATED, word));
  return {
    ...(stated === undefined ? {} : { stated }),
    ...(activity === undefined ? {} : { activity: bounded(activity, TEXT_LENGTH) }),
  };
}

/** `<busy/>`, `<other>painting</other>`, and `<activity>busy</activity>` of the drafts. */
function wordOf(activity: XmlElement): string {
  return activity.local === 'other' || activity.local === 'activity' ? textOf(activity) : activity.local;
}
