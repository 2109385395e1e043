export {
  Recorder,
  type CommittedAgain,
  type RecorderOptions,
  type RecorderPosition,
} from "./recorder.ts";
export type { GapInput, Sink, StoreInput, TickInput } from "./sink.ts";
