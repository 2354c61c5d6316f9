// The live stream, once for all tabs: the tab that holds the lock opens it and tells the others.
//
// Every tab counts the numbers of what it has seen. A tab that finds a gap (it joined late, slept, or the server
// no longer has what it missed) is told `reset` and fetches its page anew; so nothing need be kept here.

/** One point's new state, as the server formatted it. */
export interface Reading {
  device: string;
  point: string;
  quality: string;
  priority?: number;
  time: string | null;
  text: Record<string, string>;
}

/** What the stream tells. `states`: a state or quality is another, not only a number. */
export type Message =
  | { kind: "reading"; readings: Reading[]; states: boolean }
  | { kind: "record" }
  | { kind: "reset" };

interface Numbered {
  id: string;
  message: Message;
}

/** A refused stream is tried again after this time. */
const RETRY_MS = 5000;

/** Another run of the program: its pages and scripts may be others. */
function isOtherRun(a: string, b: string): boolean {
  return a.split(":")[0] !== b.split(":")[0];
}

function number(id: string): number {
  return Number(id.split(":")[1]);
}

/** The id of the newest event that this page has seen. */
let position = document.body.dataset.position ?? "";

/** The page was fetched anew: it has seen everything up to `id`. */
export function seen(id: string): void {
  if (!isOtherRun(id, position) && number(id) > number(position)) position = id;
}

/** Calls `listener` with everything that happens from now on. */
export function follow(listener: (message: Message) => void): void {
  const take = ({ id, message }: Numbered) => {
    if (isOtherRun(id, position)) {
      location.reload();
      return;
    }
    const missed = number(id) - number(position);
    if (message.kind === "reset" || missed > 1) listener({ kind: "reset" });
    if (missed < 1) return;
    position = id;
    if (message.kind !== "reset") listener(message);
  };
  const channel = new BroadcastChannel("hallward-stream");
  channel.onmessage = (event: MessageEvent<Numbered>) => take(event.data);
  const lead = () =>
    open((numbered) => {
      channel.postMessage(numbered);
      take(numbered);
    });
  // The lock is held until the tab is closed; then the next tab leads.
  if (navigator.locks) void navigator.locks.request("hallward-stream", () => new Promise<void>(lead));
  else lead();
}

function open(listener: (numbered: Numbered) => void): void {
  const source = new EventSource(`/api/v1/stream?after=${encodeURIComponent(position)}`);
  source.addEventListener("reading", (event) => {
    const { readings, states } = JSON.parse(event.data) as { readings: Reading[]; states: boolean };
    listener({ id: event.lastEventId, message: { kind: "reading", readings, states } });
  });
  source.addEventListener("record", (event) => {
    listener({ id: event.lastEventId, message: { kind: "record" } });
  });
  source.addEventListener("reset", (event) => {
    listener({ id: event.lastEventId, message: { kind: "reset" } });
  });
  source.onerror = () => {
    // A broken line is mended by the browser; a refusal is not.
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => open(listener), RETRY_MS);
  };
}
