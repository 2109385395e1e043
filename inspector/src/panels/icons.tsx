/** Drawn for 16 × 16, in the colour of the text. */
const paths = {
  play: "M4 2.5v11l9.5-5.5z",
  playBack: "M12 2.5v11L2.500 8z",
  pause: "M3.500 2.500h3.200v11H3.500zm5.800 0h3.200v11H9.300z",
  first: "M3 3h2v10H3zm10 0v10L6 8z",
  last: "M11 3h2v10h-2zM3 3v10l7-5z",
  stepBack: "M10.500 3v10L4.500 8z",
  stepOn: "M5.500 3v10l6-5z",
  changeBack: "M13 3v10L8 8zM7 3v10L2 8z",
  changeOn: "M3 3v10l5-5zm6 0v10l5-5z",
  search:
    "M7 2a5 5 0 1 0 3 9l3.300 3.300 1-1L11 10a5 5 0 0 0-4-8m0 1.500a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7",
  share: "M9 2h5v5h-1.500V4.600L7.500 9.600l-1-1L11.400 3.500H9zM3 4h4v1.500H3.500v7h7V9H12v5H2V4z",
  download:
    "M7.250 2h1.500v6.200l2.200-2.200 1 1L8 11 4 7l1-1 2.250 2.200zM2.500 12.500h11V14h-11z",
  moon: "M6.500 2A6 6 0 1 0 14 9.500 5 5 0 0 1 6.500 2",
  close: "m4 3 4 4 4-4 1 1-4 4 4 4-1 1-4-4-4 4-1-1 4-4-4-4z",
  fit: "M2 2h4v1.500H3.500V6H2zm8 0h4v4h-1.500V3.500H10zM2 10h1.500v2.500H6V14H2zm10.500 0H14v4h-4v-1.500h2.500z",
} as const;
export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
