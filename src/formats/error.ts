/** The one error of this folder: bytes that are not what their format says. */

/** Says what is wrong, where in the file (byte or key), and what was expected. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}
