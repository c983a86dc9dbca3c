/** The package's own declarations, which its `exports` hide from TypeScript in Node. */
declare module 'onnxruntime-web' {
  export * from 'onnxruntime-common';
}
