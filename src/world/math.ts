/**
 * `everytick/math`: elementary functions with the same result, to the last bit, on every machine.
 *
 * ECMAScript leaves the last bits of `Math.sin` and most of its kind to the implementation, and
 * builds of the same V8 for x64 and arm64 do differ. These functions are made of `+ - * /`,
 * comparisons, integer operations, `Math.abs`, `floor`, `sqrt` and `fround`, which ECMAScript and
 * IEEE 754 define exactly; so a world that uses them can be replayed anywhere. `Math.abs`, `ceil`,
 * `clz32`, `floor`, `fround`, `imul`, `max`, `min`, `round`, `sign`, `sqrt` and `trunc` are exact as
 * they are. `Math.random`, the operator `**` and the other functions of `Math` are not.
 *
 * The one thing that stays open is which bits a NaN has: x64 and arm64 compute different ones.
 *
 * Every error is below 1 ulp (unit in the last place) of the exact result. The greatest found over
 * 200,000 arguments each, as `tools/math-vectors.py audit` finds it:
 *
 *     sin  @sin   asin @asin   sinh @sinh   asinh @asinh   exp   @exp    log2  @log2
 *     cos  @cos   acos @acos   cosh @cosh   acosh @acosh   expm1 @expm1  log10 @log10
 *     tan  @tan   atan @atan   tanh @tanh   atanh @atanh   log   @log    pow   @pow
 *     cbrt @cbrt  hypot @hypot  atan2 @atan2                 log1p @log1p
 *
 * Domain, range, special cases and source stand at each function. The special cases are those of
 * ECMAScript's `Math`. No function allocates.
 *
 * Most of the algorithms, and nearly all constants, are those of fdlibm and of its descendant in
 * FreeBSD, which carry this notice:
 *
 *     Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
 *
 *     Developed at SunPro/SunSoft, a Sun Microsystems, Inc. business.
 *     Permission to use, copy, modify, and distribute this
 *     software is freely granted, provided that this notice
 *     is preserved.
 */
export { sin, cos, tan } from "./math/trigonometric.ts";
export { asin, acos, atan, atan2 } from "./math/inverse-trigonometric.ts";
export { sinh, cosh, tanh, asinh, acosh, atanh } from "./math/hyperbolic.ts";
export { exp, expm1 } from "./math/exponential.ts";
export { log, log1p, log2, log10 } from "./math/logarithmic.ts";
export { pow } from "./math/power.ts";
export { cbrt, hypot } from "./math/roots.ts";
