import { serve, type Port } from "./calls.ts";
import type { SurveyCalls, SurveyEvents } from "./protocol.ts";
import { Survey } from "./survey.ts";
import { messageTurns } from "./turns.ts";

const survey = new Survey({
  fetch: async (url, init) => fetch(url, init),
  clock: {
    wallTime: () => Date.now(),
    monotonic: () => performance.now(),
    yield: messageTurns(),
    sleep: async (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  },
  tell: (event, detail) => tell(event, detail),
});
const tell = serve<SurveyCalls, SurveyEvents>(globalThis as unknown as Port, {
  open: async (run) => survey.open(run),
  history: async (of) => survey.history(of),
  series: async (of) => survey.series(of),
  states: async (of) => survey.states(of),
  events: async (of) => survey.events(of),
  stop: (job) => survey.stop(job),
});
