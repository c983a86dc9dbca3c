/** @file What the view computes, in words. */
import { element } from '../../components/dom.ts';

const paragraphs = [
  [
    'What is compared',
    'Left: the points x (faint) and g x, where g turns, shifts, mirrors and reorders them. Right: the output of the ' +
      'network for x, transformed afterwards, g f(x), as balls; and its output for the transformed points, f(g x), as rings. ' +
      'Grey lines lead from where a point came in to where it went. The error is the largest difference of a coordinate, ' +
      'divided by the largest coordinate. Networks compute in float32, whose numbers are exact to about 10⁻⁷; an error ' +
      'below 10⁻⁵ is rounding.',
  ],
  [
    'The networks',
    'EGNN and radial field use positions in differences and distances alone, and therefore turn along, whatever their weights ' +
      'are. The plain GNN takes coordinates as ordinary features; its output is added to the positions. It follows a new ' +
      'order of the points, since it sums over neighbours, and nothing else. The colour of a point is its feature h.',
  ],
  [
    'The weights',
    'None of the networks is trained. First weights are so small that an untrained EGNN hardly moves a point; here they are ' +
      'multiplied by 3 (radial field: 2, plain GNN: 1.4), and those of the coordinate heads by 800 divided by the number of ' +
      'layers (radial field: 400), so that there is something to see. Activations are tanh, which keeps them bounded.',
  ],
  [
    'Mirroring',
    'The network is equivariant under mirroring too, so it cannot tell left-handed from right-handed molecules: the features ' +
      'of mirror images are the same.',
  ],
] as const;

export function explanation(): HTMLElement {
  return element(
    'details',
    { className: 'panel explanation' },
    element('summary', {}, 'What is computed here'),
    ...paragraphs.flatMap(([title, text]) => [element('h3', {}, title), element('p', {}, text)]),
  );
}
