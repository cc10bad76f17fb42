// What the reader has chosen, and who wants to know when it changes.
export class Store {
  constructor(initial) {
    this.state = Object.freeze({ ...initial });
    this.listeners = [];
  }

  get() {
    return this.state;
  }

  // Changes some of the state and tells those who listen to what has really changed, once each.
  set(changes) {
    const changed = Object.keys(changes).filter((key) => changes[key] !== this.state[key]);
    if (!changed.length) return;
    const before = this.state;
    this.state = Object.freeze({ ...this.state, ...changes });
    this.listeners
      .filter(({ keys }) => keys.some((key) => changed.includes(key)))
      .forEach(({ listener }) => listener(this.state, before));
  }

  // Calls `listener(state, before)` after any of `keys` has changed.
  on(keys, listener) {
    this.listeners.push({ keys, listener });
  }
}
