/** @file What the build tells the page. */
/// <reference types="vite/client" />

interface ImportMetaEnv {
  readonly EGNN_VERSION: string;
  /** Whether HTML pages of the documentation lie beside the page. */
  readonly EGNN_DOCUMENTATION: boolean;
}
