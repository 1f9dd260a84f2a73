/** Types of hearth.js. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A cell as read through a replica: links are followed, one that leads nowhere is null. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type View = any;

export interface PatchOperation {
  op: "add" | "remove" | "replace";
  path: string;
  value?: unknown;
}

export interface RecipeVersion {
  name: string;
  version: number;
  hash: string;
}

export interface You {
  id: string;
  name?: string;
  roles: string[];
}

export interface Ack {
  id: number;
  seq: number;
  /** What the handler returned. */
  result?: Json;
  /** How often the handler ran; over 1 after conflicts. */
  runs?: number;
}

export interface Signal {
  name: string;
  data: Json;
  from: string | null;
}

export interface Commit {
  seq: number;
  by: string | null;
  event?: string;
  patch: PatchOperation[];
}

/** `"closed"` is final: the room was left or refused. Every other state mends itself. */
export type RoomState = "connecting" | "live" | "reconnecting" | "closed";

/** What a recipe has: `hearth types NAME --ts` writes it. */
export interface RoomTypes {
  cells: object;
  events: object;
}

/** Any recipe: everything may be there. */
export interface AnyRoom {
  cells: View;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  events: { [name: string]: any };
}

export interface ConnectOptions {
  /** The room's URL. Instead of it: `room`. */
  url?: string;
  room?: string;
  /** The server, when it is not the page's own. */
  origin?: string;
  /**
   * Makes the room from this recipe if it does not exist, where the server allows it. A room that runs another recipe is not
   * entered: `closed`, with `recipe_mismatch`.
   */
  recipe?: string;
  /** The name by which this participant joins. */
  name?: string;
  /**
   * Who this is. A function is asked at every connection, again before its token runs out, and once more when the server
   * refuses one.
   */
  token?: string | (() => string | Promise<string>);
  /** Which cells to receive: all of them, none, or these and what they link to. */
  state?: "full" | "none" | string[];
  /** Where the session is kept over a page reload; null for nowhere. Default: sessionStorage. */
  storage?: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;
  WebSocket?: unknown;
  fetch?: typeof fetch;
  locks?: unknown;
}

export interface RoomEvents {
  /** Cells changed; once for every frame, with the ids of the cells. */
  change: (cells: Set<string>) => void;
  /** One commit, after it was applied. */
  commit: (commit: Commit) => void;
  signal: (signal: Signal) => void;
  state: (state: RoomState) => void;
  /** An error that answers no promise: of the connection, or of an event from before a page reload. */
  error: (error: HearthError) => void;
  /** The room runs another version of its recipe from here on. */
  reload: (recipe: RecipeVersion) => void;
  /** From a server for authors: the recipe was saved with these errors and the room goes on; none: it is right again. */
  recipe_error: (problems: { file: string; line?: number; message: string; source?: string }[]) => void;
  /** A handler asks this participant; what the first listener returns (or resolves to) is the answer. */
  ask: (name: string, data: Json) => unknown;
}

/**
 * Why an event or a connection failed. Codes of the protocol, and `left`, `replaced`, `too_large`, `recipe_mismatch` (the room
 * runs another recipe than was asked for), `session_lost` (it is unknown whether the event was committed).
 */
export class HearthError extends Error {
  constructor(error: { code: string; message: string; retryable?: boolean; details?: unknown });
  readonly code: string;
  /** Whether a new event may succeed. */
  readonly retryable: boolean;
  readonly details: unknown;
}

/**
 * A room. `Room<Chat>`, with the types of `hearth types chat --ts`, knows its cells and what its events take.
 * Before the first join (`ready`) no cell is there, whatever its type says.
 */
export class Room<Recipe extends RoomTypes = AnyRoom> {
  constructor(url: string, options: ConnectOptions);
  /** The cells with links followed. Read-only; an object in it stays the same object when what it shows changes. */
  readonly cells: Recipe["cells"];
  /** The cells as they came, links unresolved. */
  readonly raw: Record<string, unknown>;
  readonly seq: number;
  readonly state: RoomState;
  /** This participant's public session id; undefined before the first join. */
  readonly session: string | undefined;
  readonly you: You | undefined;
  readonly recipe: RecipeVersion | undefined;
  /** Who took part at the last synchronisation; undefined before one. */
  readonly participants: unknown;
  /** Why the room is closed. */
  readonly lastError: HearthError | null;
  /** Settles with the first join, or with what ended the connection before it. */
  readonly ready: Promise<Room<Recipe>>;
  /** `own("user")` is the id of this participant's own cell, `user@SESSION`. */
  own(name: string): string;
  /** Returns a function that takes the listener away again. */
  on<Name extends keyof RoomEvents>(event: Name, listener: RoomEvents[Name]): () => void;
  /**
   * Runs a handler. Events run in the order in which they were sent, each at most once, also over a dropped connection.
   * @param options `strict`: refuse with `conflict` if what the handler uses has changed since what is shown here.
   * @throws HearthError
   */
  send<Name extends keyof Recipe["events"] & string>(
    name: Name,
    ...rest: undefined extends Recipe["events"][Name]
      ? [data?: Recipe["events"][Name], options?: { strict?: boolean }]
      : unknown extends Recipe["events"][Name]
        ? [data?: unknown, options?: { strict?: boolean }]
        : [data: Recipe["events"][Name], options?: { strict?: boolean }]
  ): Promise<Ack>;
  /** Writes this participant's own ephemeral cell. Only the latest value counts. */
  set(cell: string, value: unknown): void;
  /** Ends the session now. */
  leave(): void;
}

export function connect<Recipe extends RoomTypes = AnyRoom>(
  where: string | ConnectOptions, options?: ConnectOptions,
): Room<Recipe>;

export function parsePointer(text: string): string[];
export function applyPatch(root: object, operations: PatchOperation[]): void;
export function backoff(attempt: number, atLeast?: number, random?: () => number): number;

export class Replica {
  raw: Record<string, unknown>;
  seq: number;
  epoch: string | undefined;
  readonly view: View;
  reset(cells: Record<string, unknown>, seq: number, epoch: string): void;
  commit(seq: number, patch: PatchOperation[]): "applied" | "old" | "gap";
  ephemeral(patch: PatchOperation[]): void;
  resolve(value: unknown): unknown;
}

interface OutgoingEvent {
  id?: number;
  name: string;
  data?: unknown;
  strict?: boolean;
  basis?: number;
  resolve?: (ack: Ack) => void;
  reject?: (error: HearthError) => void;
}

export class Outbox {
  readonly unanswered: OutgoingEvent[];
  add(event: OutgoingEvent): void;
  restore(event: OutgoingEvent): void;
  fresh(): OutgoingEvent[];
  joined(lastEvent: number, resumed: boolean): { send: OutgoingEvent[]; lost: OutgoingEvent[] };
  answered(id: number): OutgoingEvent | undefined;
  takeLargest(): OutgoingEvent | undefined;
  clear(): OutgoingEvent[];
}
