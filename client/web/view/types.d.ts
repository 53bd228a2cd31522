//! What the screens are given, and what they may ask for.

import type { ErrorCode, Options, Role, State, ToRelay, Cue } from '../protocol.d.ts';
import type { Capability } from '../capabilities.js';
import type { Key, Language } from '../i18n/index.js';
import type { OwnKeys } from '../keys.js';
import type { Snapshot } from '../socket.js';
import type { Place } from '../store.js';
import type { TuneName } from '../tunes.js';
import type { Reach } from '../update.js';
import type { Shared } from './share.js';

/** The name of a screen, as `data-screen` on the body has it. */
export type ScreenName =
  | 'start'
  | 'join'
  | 'pair'
  | 'setup'
  | 'rehearse'
  | 'live'
  | 'held'
  | 'lost'
  | 'superseded'
  | 'end'
  | 'review';

/** What a whole surface says by its colour, as `data-colour` has it. */
export type Colour = 'go' | 'stop' | 'held' | 'slow' | 'more' | 'stay' | 'dir' | 'ask';

/** Everything there is to show. */
export type Model = {
  /** Where a device without a session is. */
  route: 'start' | 'join' | 'review';
  /** The past session that is looked at. */
  review: Place | null;
  /** The device in its session, or on its way there. */
  device: Snapshot | null;
  /** What the helper's screen is turned into, as often as it may be; null without a session. */
  colour: Colour | null;
  /** The secret of a link that was opened, until it is used. */
  invited: boolean;
  /** Whether another tab of this browser is in a session. */
  elsewhere: boolean;
  /** What is to be said about an invitation. */
  problem: Key | null;
  /** Why the last attempt failed. */
  error: ErrorCode | null;
  /** Which field of it the relay did not take. */
  field: string | null;
  /** With the error `deleted`: who did, and which role this device had. */
  deleted: Deleted | null;
  /** Whether a relay answers. */
  relay: Reach;
  recent: Place[];
  can: Capability[];
  volume: number;
  /** Whether the whole screen is the pad when this device receives. */
  eyesFree: boolean;
  /** Whether the drawer of further cues is open. */
  drawer: boolean;
  /** Whether the question "End?" is open. */
  ending: boolean;
  /** What became of the note. */
  note: 'none' | 'saved' | 'lost';
  /** What became of sharing the link, and when, on the page's own clock in milliseconds. */
  shared: { link: string; became: Shared; at: number } | null;
};

/** Who deleted a session, null if its time was up; and who this device was in it. */
export type Deleted = { by: Role | null; role: Role };

/** A device that has its place: the role and the state are known. */
export type Session = Snapshot & { role: Role; state: State };

/** One thing that is needed to go on, and whether it is there. */
export type Need = { id: NeedId; done: boolean };

/** What may be needed to go on. */
export type NeedId =
  | 'hands_off'
  | 'link'
  | 'set_up'
  | 'rehearsal'
  | 'thumb'
  | 'receiver_ready'
  | 'helper_ready';

/** What screens may ask for. */
export type Act = {
  create(role: Role, name: string, options: Partial<Options>): void;
  joinByCode(code: string, name: string): void;
  joinByLink(name: string): void;
  /** An invitation was pasted. */
  invited(secret: string): void;
  resume(place: Place): void;
  route(to: Model['route']): void;
  /** Leaves this session on this device, without ending it. */
  leave(): void;
  takeBack(): void;
  /** Looks at a past session. */
  review(place: Place): void;
  /** Back from there to the start. */
  closeReview(): void;
  /** The session was deleted: forgets it on this device. */
  forgetSession(session: string): void;
  /** `began`: when the finger or key came down, as `performance.now()`. */
  tap(cue: Cue, began?: number): void;
  /** Hold to consent: the receiver's thumb was put down, or lifted. */
  thumb(down: boolean, began?: number): void;
  acknowledge(began?: number): void;
  say(message: ToRelay): void;
  note(text: string, shared: boolean): void;
  share(): Promise<void>;
  drawer(open: boolean): void;
  ending(open: boolean): void;
  volume(loud: number): void;
  eyesFree(on: boolean): void;
  /** Shows the button that holds in the place of a thumb. */
  thumbInstead(): void;
  /** Plays a tune once, and lets the device buzz. */
  play(tune: TuneName): void;
  /** Says words aloud, after what is being said. */
  speak(words: string): void;
  /** Something that is not of the session changed. */
  refresh(): void;
  /** Takes another language: the page is loaded anew, and its session resumed. */
  language(language: Language): void;
  trySound(): void;
  /** Asks again whether a relay answers. */
  askRelay(): void;
  /** What this device's keys mean from now on. */
  ownKeys(own: OwnKeys): void;
  forgetRecent(): void;
};

/** What is on a screen: its id, and for a hold whether it is shown as acknowledged. */
export type Shown = string | { id: string; acknowledged: boolean };

/** One screen: built once when it is entered, then told of every change. */
export type Screen = {
  element: HTMLElement;
  /** Shows the model. Returns what is on the screen now, for the receipts. */
  update(model: Model): Shown[];
};
