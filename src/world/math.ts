/**
 * `everytick/math`: elementary functions with the same result, to the last bit, on every machine.
 *
 * ECMAScript leaves the last bits of `Math.sin` and most of its kind to the implementation, and
 * builds of the same V8 for x64 and arm64 do differ. These functions are made of `+ - * /`,
 * comparisons, integer operations, `Math.abs`, `floor`, `fround` and `sqrt`, which ECMAScript or,
 * for the root, IEEE 754 defines exactly; so a world that uses them can be replayed anywhere.
 * `Math.abs`, `ceil`, `clz32`, `floor`, `fround`, `imul`, `max`, `min`, `round`, `sign`, `sqrt` and
 * `trunc` can be used as they are; the operator `**` and the other functions of `Math` cannot.
 *
 * The one thing that stays open is which bits a NaN has: x64 and arm64 compute different ones.
 *
 * Every error is below 1 ulp (unit in the last place) of the exact result. The greatest found over
 * 200,000 arguments each, as `tools/math-vectors.py audit` finds it:
 *
 *     sin   0.74   asin  0.86   sinh  0.67   asinh 0.75   exp   0.67   log2  0.67
 *     cos   0.75   acos  0.83   cosh  0.67   acosh 0.75   expm1 0.76   log10 0.65
 *     tan   0.83   atan  0.81   tanh  0.71   atanh 0.76   log   0.74   pow   0.70
 *     cbrt  0.67   atan2 0.79   hypot 0.85   log1p 0.76
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
