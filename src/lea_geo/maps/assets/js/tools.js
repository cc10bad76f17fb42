export function connectTools() {}
