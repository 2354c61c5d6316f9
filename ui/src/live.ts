// Every page's script: keeps what the server rendered alive.
//
// One stream for all tabs (`stream`); readings are written into the elements of their points (`patch`), sections
// are fetched anew when a state changed (`fragments`), clock and ages tick by themselves (`clock`).

import { markLife, startClock } from "./clock";
import { refresh, refreshSoon } from "./fragments";
import { patch } from "./patch";
import { follow } from "./stream";

/** Sections are fetched at least this often, so that what no event tells (lines, ages) stays true. */
const REFRESH_MS = 5000;

startClock();
follow((message) => {
  markLife();
  switch (message.kind) {
    case "reading":
      patch(message.readings);
      if (message.states) refreshSoon();
      break;
    case "record":
      refreshSoon();
      break;
    case "reset":
      refreshSoon();
      break;
  }
});
setInterval(() => {
  if (!document.hidden) void refresh();
}, REFRESH_MS);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) void refresh();
});
