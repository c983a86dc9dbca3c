/** @file Words that command lines are not made for: paths, numbers, and other texts. */

export const FULL_DISK = '/dev/full';

export const PATHS: readonly string[] = [
  FULL_DISK,
  ...'run half folder empty missing in.xyz in.smi in.jsonl weights.pt settings.json keys.txt loop'.split(' '),
  ...'molecules.safetensors graphs.safetensors arguments.pickle nbody qm9 x.csv x.npz x.html x.onnx'.split(
    ' ',
  ),
  ...'run/ in.xyz/x ./ . .. / - ../../.. ../../../../../../x folder/../run new/a/b/c .hidden con'.split(' '),
  ...'/dev/null /nowhere/x C:\\x ~/x http://127.0.0.1:9/model https://[ file:///etc/passwd data:,x'.split(
    ' ',
  ),
  ...'* *.xyz **/*.xyz [a-c].xyz [z-a].xyz */. [ [! ? ** *** **/**/**/ $(id) `id`'.split(' '),
  ...['*a'.repeat(30), '**/'.repeat(30), '*'.repeat(40), 'a'.repeat(300), 'a/'.repeat(3000), 'x y', "'", '"'],
];

export const NUMBERS: readonly string[] = [
  ...'0 -0 -1 1 2 3 64 65 1024 65536 2147483647 2147483648 4294967296 9007199254740991'.split(' '),
  ...'9007199254740993 1e9 1e21 1e308 1e309 -1e999 1e-320 0.5 1.5 NaN nan Infinity -Infinity'.split(' '),
  ...'0x10 0b1 1_000 1,5 +1 1e . ٣ 1n 6,3,3 6,3 6,3,3,3 1,1,1 0,0,0 1e9,1,1 ,, -1,2,3 a,b,c'.split(' '),
  ...['1e16,1e16,1e16', ' 7 '],
];

export const TEXTS: readonly string[] = [
  ...['', ' ', 'a b', '\n', 'a\nb', '\r', '\t', '\x1b[2J', '\x07', '\x7f', '\u202eabc', '\u2028', '\ufeff'],
  ...['\ud800', '\u{1f600}', 'é\u0301', 'x'.repeat(5000), 'a=b c'],
  ...'- -- --- = --= -=x --no- -h -V --help help x null true false {} [] {"a":1} %s%n'.split(' '),
  ...'__proto__ constructor toString __proto__=1 a={"__proto__":1} a=b a= =b a=b=c'.split(' '),
  ...'layers=1e9 hiddenFeatures=-1 tanh=15 mu:D:1:1 mu::: : mu:D:x:y mu:D:1e999:0'.split(' '),
  ...'H,C,N,O,F H,H Xx H,,C 0,1,2'.split(' '),
];

export const VALUES: readonly string[] = [...PATHS, ...NUMBERS, ...TEXTS];
