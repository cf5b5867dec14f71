// Gives React a document. Import it before anything that imports React DOM. The platform's own
// fetch stays, because the tests use real servers.
import { Window } from 'happy-dom';

const window = new Window({ url: 'http://localhost:3000' });
// Node 21 and newer have a navigator of their own, which cannot be assigned.
Object.defineProperty(globalThis, 'navigator', { value: window.navigator, configurable: true });
Object.assign(globalThis, {
  window,
  location: window.location,
  FormData: window.FormData, // of a form; requests of the client have none
  document: window.document,
  HTMLElement: window.HTMLElement,
  Node: window.Node,
  MutationObserver: window.MutationObserver,
  getComputedStyle: window.getComputedStyle.bind(window),
});
