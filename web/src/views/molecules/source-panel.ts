/** @file Where a molecule comes from: a SMILES, an example, or a file. */
import { element } from '../../components/dom.ts';
import { fileButton } from '../../components/file-choice.ts';
import { examples } from './examples.ts';

export interface SourcePanel {
  readonly element: HTMLElement;
  show(smiles: string | undefined): void;
}

export const MOLECULE_FILES = '.sdf,.mol,.xyz,.extxyz,.pdb,.ent,.cif,.mmcif,.smi';

export function createSourcePanel(on: { smiles(smiles: string): void; file(file: File): void }): SourcePanel {
  const input = element('input', {
    id: 'molecules-smiles',
    type: 'text',
    autocomplete: 'off',
    spellcheck: false,
    attributes: { autocapitalize: 'off', autocorrect: 'off', maxlength: '2000' },
  });
  const form = element(
    'form',
    { className: 'source' },
    element(
      'div',
      { className: 'field' },
      element('label', { htmlFor: input.id }, 'SMILES'),
      element(
        'div',
        { className: 'smiles' },
        input,
        element('button', { type: 'submit', className: 'primary' }, 'Show'),
      ),
    ),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const smiles = input.value.trim();
    if (smiles !== '') on.smiles(smiles);
  });
  const select = element(
    'select',
    { id: 'molecules-example' },
    element('option', { value: '' }, 'Choose …'),
    ...examples.map(({ name, smiles }) => element('option', { value: smiles }, name)),
  );
  select.addEventListener('change', () => {
    if (select.value !== '') on.smiles(select.value);
  });
  const open = fileButton({
    label: 'Open SDF, xyz or PDB',
    accept: MOLECULE_FILES,
    onFile: on.file,
  });
  return {
    element: element(
      'section',
      { className: 'panel sources', attributes: { 'aria-label': 'Molecule' } },
      form,
      element('div', { className: 'field' }, element('label', { htmlFor: select.id }, 'Example'), select),
      open,
    ),
    show(smiles) {
      if (smiles === undefined) {
        input.value = '';
        select.value = '';
        return;
      }
      if (input.value.trim() !== smiles) input.value = smiles;
      select.value = examples.some((example) => example.smiles === smiles) ? smiles : '';
    },
  };
}
