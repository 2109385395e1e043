import { serve, type Port } from "./calls.ts";
import { Engine } from "./engine.ts";
import type { EngineCalls, EngineEvents } from "./protocol.ts";
import { messageTurns } from "./turns.ts";

const engine = new Engine({
  fetch: async (url, init) => fetch(url, init),
  yield: messageTurns(),
  tell: (event, detail) => tell(event, detail),
});
const tell = serve<EngineCalls, EngineEvents>(globalThis as unknown as Port, {
  open: async (run) => engine.open(run),
  refresh: async () => engine.refresh(),
  show: async (request) => engine.show(request),
  strip: async (range) => engine.strip(range),
  nextChanged: async (from) => engine.nextChanged(from),
  changes: async (tick) => engine.changes(tick),
});
