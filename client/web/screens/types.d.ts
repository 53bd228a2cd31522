//! What the screens receive, and what they may ask for.

import type { ErrorCode, Options, Role, State, ToRelay, Cue } from '../device/protocol.d.ts';
import type { Capability } from '../output/capabilities.js';
import type { Key, Language } from '../i18n/index.js';
import type { OwnKeys } from '../device/keys.js';
import type { Snapshot } from '../device/socket.js';
import type { Place } from '../device/store.js';
import type { TuneName } from '../output/tunes.js';
import type { Reach } from '../device/update.js';
import type { Shared } from './share.js';

/** The name of a screen, as in `data-screen` of the body. */
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

/** What a whole surface says by its colour, as in `data-colour`. */
export type Colour = 'go' | 'stop' | 'held' | 'slow' | 'more' | 'stay' | 'dir' | 'ask';

/** Everything that a screen may show. */
export type Model = {
  /** The page of a device without a session. */
  route: 'start' | 'join' | 'review';
  /** The past session that is open in the review. */
  review: Place | null;
  /** This device in its session, or while it connects to one. */
  device: Snapshot | null;
  /** The colour of the helper's screen, which changes only as often as it may; null without a session. */
  colour: Colour | null;
  /** Whether a link was opened whose secret is not used yet. */
  invited: boolean;
  /** Whether another tab of this browser is in a session. */
  elsewhere: boolean;
  /** What to say about an invitation. */
  problem: Key | null;
  /** Why the last attempt failed. */
  error: ErrorCode | null;
  /** Which field of that attempt the relay refused. */
  field: string | null;
  /** With the error `deleted`: who deleted the session, and which role this device had. */
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
  /** Whether the note was saved or lost. */
  note: 'none' | 'saved' | 'lost';
  /** The result of sharing the link, and when, on the page's own clock in milliseconds. */
  shared: { link: string; became: Shared; at: number } | null;
};

/** Who deleted a session, null if its time was up, and the role of this device in it. */
export type Deleted = { by: Role | null; role: Role };

/** A device that has its place in a session, so that its role and the state are known. */
export type Session = Snapshot & { role: Role; state: State };

/** One thing that is needed to go on, and whether it is done. */
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
  /** Opens the review of a past session. */
  review(place: Place): void;
  /** Closes the review and goes back to the start. */
  closeReview(): void;
  /** Forgets a deleted session on this device. */
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
  /** Says words aloud, after any speech that is in progress. */
  speak(words: string): void;
  /** Shows the model again, after a change outside the session. */
  refresh(): void;
  /** Changes the language: the page reloads and resumes its session. */
  language(language: Language): void;
  trySound(): void;
  /** Asks again whether a relay answers. */
  askRelay(): void;
  /** Sets what this device's keys mean from now on. */
  ownKeys(own: OwnKeys): void;
  forgetRecent(): void;
};

/** One thing that is on a screen: its id, and for a hold whether it is shown as acknowledged. */
export type Shown = string | { id: string; acknowledged: boolean };

/** One screen: built once when it is entered, then updated at every change. */
export type Screen = {
  element: HTMLElement;
  /** Shows the model. Returns what is on the screen now, for the receipts. */
  update(model: Model): Shown[];
};
