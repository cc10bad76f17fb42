export const COMPARABLE = 3;

export function drawComparison() {}
