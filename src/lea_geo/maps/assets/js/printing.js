// The page on paper.

/** Prints once everything is drawn. */
export async function printPage() {
  window.print();
}
