/** Written by `test/torture/write-golden.ts`, and never by a run of the row that compares them. */

/** The history digest of each golden run at its last tick. */
export const goldenDigests: Readonly<Record<string, string>> = {
  herd: "47b87d2e0cb34f8b36c8e4153d64da94",
  mathematics: "8aeebda04e33617f7da3fd0a492944d9",
  "every kind of store": "b08967657db0e2c51adfc6b927e8956c",
  "grid of u8": "d727356cb70a173cb966079a5fa7d719",
  "grid of i8": "2f0e48d92d5ca9b4d5104320c101f965",
  "grid of u16": "b9d4149fab0ac65ef7a9a9c2a780205b",
  "grid of i16": "0c38668722ae7a5e23056061bf2b94d9",
  "grid of u32": "ca9e03d0218c12b761cf242cdf00349d",
  "grid of i32": "ccd128b0ac56609c06fa87d563c861ac",
  "grid of u64": "25742e2917fb6c4925045b49cd9d8e1b",
  "grid of i64": "1c44eea44f6acb74aad627c3f3f43cc3",
  "grid of f16": "1c282009737a54c75dd71ef932451595",
  "grid of f32": "2b146211bd94bbcfda2e71bfcac29cd2",
  "grid of f64": "e3cd3586f5844224db6164b2b1981d04",
  automaton: "f5bdab61607af4cb78d96f539af74c9e",
  "wolf-sheep": "18b2c0b4b75e1eea5d3618ce36facf6b",
};
