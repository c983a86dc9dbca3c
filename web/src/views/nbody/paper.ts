/** @file Errors to compare with: the paper's table 2, and that of the shipped model on its card. */
export { paperErrors } from 'egnn/nbody';

/** Mean squared test error of models/nbody, trained on 10,000 trajectories; a test holds it against the card. */
export const shippedError = 0.00419;
