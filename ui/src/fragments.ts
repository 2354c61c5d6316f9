// Fetches the page anew and puts its sections (`data-fragment`) in place of the old ones, so that words, the
// diagram and lists are always the server's own.

import { setClock } from "./clock";
import { seen } from "./stream";

/** Two fetches are at least this far apart. */
const GAP_MS = 1000;

/** Changes that belong together come within this time. */
const SETTLE_MS = 250;

let running = false;
let waiting = false;
let last = 0;

/** Fetches the sections soon; many calls are one fetch. */
export function refreshSoon(): void {
  if (waiting) return;
  waiting = true;
  const wait = Math.max(SETTLE_MS, last + GAP_MS - performance.now());
  setTimeout(() => {
    waiting = false;
    void refresh();
  }, wait);
}

/** Fetches the sections now. */
export async function refresh(): Promise<void> {
  const sections = document.querySelectorAll<HTMLElement>("[data-fragment]");
  if (sections.length === 0) return;
  if (running) {
    refreshSoon();
    return;
  }
  running = true;
  last = performance.now();
  try {
    const address = new URL(location.href);
    address.hash = "";
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    // Whoever is no longer signed in is led to the sign-in, and this page with it.
    if (answer.redirected) location.reload();
    else if (answer.ok) replace(sections, new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // The line is broken: the page says so by itself when the stream stays silent.
  } finally {
    running = false;
  }
}

function replace(sections: Iterable<HTMLElement>, page: Document): void {
  for (const section of sections) {
    const fresh = page.querySelector(`[data-fragment="${section.dataset.fragment}"]`);
    if (fresh && fresh.outerHTML !== section.outerHTML && !isSelected(section)) swap(section, fresh);
  }
  seen(page.body.dataset.position ?? "");
  setClock(Number(page.body.dataset.now));
}

/** A reader who marks a text keeps it. */
function isSelected(section: HTMLElement): boolean {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(section, true);
}

/** Replaces a section's content; focus and scrolling stay where they are. */
function swap(section: HTMLElement, fresh: Element): void {
  const focused = section.contains(document.activeElement) ? document.activeElement : null;
  const address = focused?.getAttribute("href");
  const scrolled = [...section.querySelectorAll(".scroll")].map((area) => area.scrollLeft);
  const wasArea = focused?.classList.contains("scroll") ?? false;
  section.className = fresh.className;
  section.replaceChildren(...fresh.childNodes);
  section.querySelectorAll<HTMLElement>(".scroll").forEach((area, n) => {
    area.scrollLeft = scrolled[n] ?? 0;
    if (wasArea) area.focus({ preventScroll: true });
  });
  if (address) {
    const again = section.querySelector<HTMLElement>(`[href="${CSS.escape(address)}"]`);
    again?.focus({ preventScroll: true });
  }
}
