/** Repeated keys, against a serialiser that repeats none and one that repeats one on purpose. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findRepeatedKey } from '../../src/formats/json-keys.ts';

it('finds none in what JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(2), (value, indent) => {
      expect(findRepeatedKey(JSON.stringify(value, undefined, indent))).toBeUndefined();
    }),
  );
});

it('finds a key added twice, however deep and however escaped', () => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), fc.boolean(), (key, value, escaped) => {
      const unicode = key.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
      const again = escaped ? `"${unicode}"` : JSON.stringify(key);
      const text = `[{"outer": {${JSON.stringify(key)} : ${JSON.stringify(value)}, ${again}: 1}}]`;
      JSON.parse(text);
      expect(findRepeatedKey(text)).toBe(key);
    }),
  );
});

it.each(['a', '\\n'])('stands strings of megabytes (%s)', (unit) => {
  expect(findRepeatedKey(`{"${unit.repeat(4e6)}": "${unit.repeat(4e6)}"}`)).toBeUndefined();
});
