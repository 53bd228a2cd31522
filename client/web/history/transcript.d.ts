//! The types of an exported transcript, after docs/transcript.schema.json, as far as the page reads it, and of
//! what the relay tells the page about it.

import type { SymbolName } from '../ui/symbols.js';
import type { Cue, HoldReason, LinkStatus, Role } from '../device/protocol.d.ts';

/** What became of an entry, in one word. */
export type Result = 'taken' | 'repeat' | 'ignored' | 'stale' | 'refused';

export type Person = { name: string | null; joined_at: number | null; clients: string[]; set_up: boolean };

export type Header = {
  opened_at: number;
  ended_at: number | null;
  ended_by: Role | null;
  people: Record<Role, Person>;
};

export type CueCount = { by: Role; cue: Cue; taken: number; ignored: number; stale: number; refused: number };
export type Outcome = {
  result: Result;
  hold?: { reason: HoldReason };
  within?: number;
  live?: true;
};

export type What =
  | 'opened'
  | 'joined'
  | 'connected'
  | 'link'
  | 'cue'
  | 'stops'
  | 'thumb'
  | 'shown'
  | 'acknowledged'
  | 'confirmed'
  | 'due'
  | 'restarted'
  | 'noted'
  | 'ended';

/** What is hashed. Which of the optional fields are there hangs on `what`. */
export type Recorded = {
  seq: number;
  session: string;
  prev: string;
  id: string;
  at: number;
  what: What;
  by?: Role;
  cue?: Cue;
  down?: boolean;
  count?: number;
  since?: number;
  earlier?: string[];
  status?: LinkStatus;
  item?: 'set_up' | 'warning_signs' | 'cleared';
  value?: boolean;
  timer?:
    | 'check_in'
    | 'check_in_again'
    | 'no_answer'
    | 'held_on'
    | 'receiver_ready_expired'
    | 'helper_ready_expired';
  shared?: boolean;
  text?: string;
  about?: number;
  commitment?: string;
};

/** The words of a private note, in its author's copy. */
export type Opening = { text: string; salt: string | null; about?: number };

export type Entry = { recorded: Recorded; hash: string; outcome: Outcome; note?: Opening };

export type Seal = {
  session: string;
  count: number;
  head: string;
  opened_at: number;
  ended_at: number;
  sealed_at: number;
  public_key: string;
  signature: string;
};

export type Transcript = {
  format: 'tapcue.transcript';
  /** 1 was made by earlier rules: what follows from its entries is not checked. */
  version: 1 | 2;
  session: string;
  head: string;
  header: Header;
  figures: { cues: CueCount[] };
  entries: Entry[];
  seals: Seal[];
};

/** The words of a record, in the person's language. A line of a story has its time, an entry its time, what it
 * says and what became of it. */
export type Words = {
  tiles: [name: string, value: string, more: string][];
  figures: [name: string, value: string][];
  before: string[];
  story: [time: string, words: string][];
  links: [time: string, words: string][];
  entries: [time: string, says: string, became: string][];
};

/** What lasted for a while. */
export type Stretch = { x: number; width: number; kind: 'start' | 'live' | 'held' | 'late' | 'gone'; title: string; label: string | null };

/** One or more marks in one place: how they look, what they say, and their entries. */
export type Place = {
  x: number;
  y: number;
  look: string;
  sign: SymbolName | null;
  number: string | null;
  lines: string[];
  marks: number[];
};

export type Strip = {
  title: string;
  top: number;
  bottom: number;
  height: number;
  ticks: { x: number; text: string | null }[];
  bands: Stretch[];
  lanes: { by: Role | null; name: string; y: number; height: number; links: Stretch[]; places: Place[] }[];
  flags: { x: number; seq: number; title: string }[];
};

/** The timeline, laid out by the relay. Lengths are whole CSS pixels; bands and links are in the order of painting. */
export type Drawing = {
  width: number;
  left: number;
  right: number;
  axis: number;
  band: number;
  strips: Strip[];
  whole: { ends: number[]; bands: Stretch[]; stops: number[]; flags: number[] };
};
