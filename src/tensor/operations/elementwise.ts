/** @file Arithmetic element by element, and functions of one variable. */
import type { Activation, BinaryOperation, Matrix } from '../../backends/backend.ts';
import type { Tensor } from '../tensor.ts';
import { engineOf, expectTensor } from './check.ts';

/** a + b. `b` is a number, or a tensor of a's shape, [rows, 1], [1, columns] or [1, 1]. */
export function add(a: Tensor, b: Tensor | number): Tensor {
  return typeof b === 'number' ? affine(a, 1, b) : binary('add', a, b);
}

/** a - b; b as for `add`. */
export function subtract(a: Tensor, b: Tensor | number): Tensor {
  return typeof b === 'number' ? affine(a, 1, -b) : binary('subtract', a, b);
}

/** a * b element by element; b as for `add`. */
export function multiply(a: Tensor, b: Tensor | number): Tensor {
  return typeof b === 'number' ? affine(a, b, 0) : binary('multiply', a, b);
}

/** a / b element by element; b as for `add`. */
export function divide(a: Tensor, b: Tensor | number): Tensor {
  return typeof b === 'number' ? affine(a, 1 / b, 0) : binary('divide', a, b);
}

/** scale * x + shift */
export function affine(x: Tensor, scale: number, shift: number): Tensor {
  const engine = engineOf('affine', 'x', x);
  const y = engine.backend.scratch(x.rows, x.columns);
  engine.backend.affine(x.matrix, y, scale, shift, false);
  return engine.record(y, [x], (dy) => pass(dy, x, scale));
}

/** f(x) element by element. */
export function activate(x: Tensor, activation: Activation): Tensor {
  const engine = engineOf(activation, 'x', x);
  const y = engine.backend.scratch(x.rows, x.columns);
  engine.backend.activate(activation, x.matrix, y);
  return engine.record(y, [x], (dy) =>
    engine.backend.activationGradient(activation, x.matrix, dy, engine.gradientTarget(x)!),
  );
}

export const silu = (x: Tensor) => activate(x, 'silu');
export const relu = (x: Tensor) => activate(x, 'relu');
/** x where positive, 0.2 x elsewhere. */
export const leakyRelu = (x: Tensor) => activate(x, 'leakyRelu');
export const tanh = (x: Tensor) => activate(x, 'tanh');
export const sigmoid = (x: Tensor) => activate(x, 'sigmoid');
export const sin = (x: Tensor) => activate(x, 'sin');
export const cos = (x: Tensor) => activate(x, 'cos');
export const square = (x: Tensor) => activate(x, 'square');
/** The square root, whose gradient at 0 is taken as 0. */
export const squareRoot = (x: Tensor) => activate(x, 'squareRoot');

function binary(operation: BinaryOperation, a: Tensor, b: Tensor): Tensor {
  const engine = engineOf(operation, 'the first operand', a);
  expectTensor(operation, 'the second operand', b, engine);
  const { backend } = engine;
  const rowsMeet = b.rows.count === a.rows.count || b.rows.count === 1;
  const columnsMeet = b.columns === a.columns || b.columns === 1;
  if (!rowsMeet || !columnsMeet)
    throw new RangeError(
      `${operation}: the second operand must have the first one's shape [${a.shape.join(', ')}], one row or one column; got [${b.shape.join(', ')}]`,
    );
  const y = backend.scratch(a.rows, a.columns);
  backend.binary(operation, a.matrix, b.matrix, y);
  const sameShape = b.rows.count === a.rows.count && b.columns === a.columns;
  const sharedByRows = b.rows.count !== a.rows.count;
  return engine.record(y, [a, b], (dy) => {
    if (sameShape && (operation === 'add' || operation === 'subtract')) {
      pass(dy, a, 1);
      pass(dy, b, operation === 'add' ? 1 : -1);
      return;
    }
    const db = sharedByRows ? engine.gradientSum(b) : engine.gradientOf(b);
    backend.binaryGradient(operation, a.matrix, b.matrix, dy, engine.gradientOf(a), db);
  });
}

/** dx (+)= scale dy */
function pass(dy: Matrix, x: Tensor, scale: number): void {
  const dx = x.engine.gradientTarget(x);
  if (dx) x.engine.backend.affine(dy, dx.matrix, scale, 0, dx.accumulate);
}
