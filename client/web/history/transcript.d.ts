//! The types of an exported transcript, after docs/transcript.schema.json.

import type { Cue, ErrorCode, HoldReason, LinkStatus, Options, Role } from '../device/protocol.d.ts';

/** What became of an entry, in one word. */
export type Result = 'taken' | 'repeat' | 'ignored' | 'stale' | 'refused';

export type Spread = { median_ms: number; worst_ms: number };
export type Estimate = Spread & { uncertainty_ms: number };

export type Person = { name: string | null; joined_at: number | null; clients: string[]; set_up: boolean };

export type Header = {
  opened_at: number;
  opened_by: Role | null;
  ended_at: number | null;
  ended_by: Role | null;
  options: Options;
  waived: ('rehearsal' | 'setup' | 'check_ins')[];
  people: Record<Role, Person>;
  relay: string;
  restarts: number;
  rehearsed_at: number | null;
  warning_signs: boolean | null;
  cleared: boolean;
  answers: { seq: number; at: number; by: Role; item: 'set_up' | 'warning_signs' | 'cleared'; value: boolean }[];
};

export type CueCount = { by: Role; cue: Cue; taken: number; ignored: number; stale: number; refused: number };
export type LinkCount = { late: number; lost: number; away: number; gone_ms: number };

export type Figures = {
  lasted_ms: number;
  live_ms: number;
  went_live: number;
  stops: number;
  stop_shown: Spread | null;
  stop_acknowledged: Spread | null;
  tap_shown: Estimate | null;
  tap_acknowledged: Estimate | null;
  cue_shown: Spread | null;
  cues: CueCount[];
  holds: { reason: HoldReason; count: number; total_ms: number; longest_ms: number }[];
  check_ins: {
    by_helper: number;
    by_relay: number;
    answered: number;
    unanswered: number;
    dropped: number;
    answer: Spread | null;
  };
  links: Record<Role, LinkCount>;
};

export type Band = {
  phase: 'waiting' | 'held' | 'live' | 'ended';
  from: number;
  to: number | null;
  began: number;
  reason?: HoldReason;
  by?: Role;
  stops?: number;
};

export type LinkBand = { status: LinkStatus; from: number; to: number | null };

export type MarkKind =
  | { what: 'cue'; cue: Cue }
  | { what: 'thumb'; down: boolean }
  | { what: 'hands_off' | 'seen' | 'confirmed' | 'check_in' | 'joined' | 'connected' | 'restarted' | 'ended' };

export type Mark = { seq: number; by: Role | null; at: number; kind: MarkKind; result: Result };

export type Timeline = {
  from: number;
  to: number;
  bands: Band[];
  links: Record<Role, LinkBand[]>;
  marks: Mark[];
};

export type HoldBegun = {
  reason: HoldReason;
  by: Role | null;
  until: number | null;
  then: 'live' | 'held' | 'ended' | null;
  live_again_after_ms: number | null;
  stops: number;
};

export type Outcome = {
  result: Result;
  why?: 'same_tap' | 'reflex' | 'unseen' | 'link_down' | 'overtaken' | 'already';
  code?: ErrorCode;
  of?: number;
  repeats?: number;
  tapped_at?: number;
  tap_uncertainty_ms?: number;
  age_ms?: number;
  relayed_at?: number;
  shown_at?: number;
  shown_uncertainty_ms?: number;
  acknowledged_at?: number;
  hold?: HoldBegun;
  within?: number;
  question?: {
    by: Role | null;
    again_at: number | null;
    answer: 'open' | 'answered' | 'none' | 'dropped';
    after_ms: number | null;
    answered_by: number | null;
  };
  answers?: number;
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
  figures: Figures;
  timeline: Timeline;
  entries: Entry[];
  seals: Seal[];
};
