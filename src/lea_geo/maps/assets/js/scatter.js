export function connectScatter() {}

export function drawScatter() {}
