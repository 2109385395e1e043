export { changesAt } from "./changes-at.ts";
export { PastTick, pastAt } from "./past.ts";
export { walk } from "./play.ts";
export { StateDigests } from "./state-digests.ts";
export { Timeline, type TimelineIdentity } from "./timeline.ts";
export { verifyJournal, type VerifyOptions } from "./verify.ts";
