/** @file Small numbers for people. */
import './scientific.css';
import { element } from './dom.ts';

/** 2.1e-7 as 2.1 × 10 with a raised -7. */
export function scientific(value: number): Node {
  if (value === 0 || (value >= 0.01 && value < 1000) || !Number.isFinite(value))
    return document.createTextNode(value === 0 ? '0' : value.toPrecision(2));
  const [digits, power] = value.toExponential(1).split('e');
  const raised = element('sup', {}, power.replace('-', '−').replace('+', ''));
  return element('span', { className: 'scientific' }, `${digits} × 10`, raised);
}
