export { changesAt } from "./changes-at.ts";
export { logRows } from "./log-rows.ts";
export { PastTick, pastAt, type PastOf } from "./past.ts";
export { walk } from "./play.ts";
export { recordedSizes } from "./recorded-sizes.ts";
export { StateDigests } from "./state-digests.ts";
export { Timeline, type TimelineIdentity } from "./timeline.ts";
export { verifyJournal, type VerifyOptions } from "./verify.ts";
