'use client';
/** React hooks for each operation. Wrap the application in a `GradusProvider`. */
export * from './generated/react.gen.js';
export { GradusProvider, useGradus, type MutationHookOptions } from './react-core.js';
