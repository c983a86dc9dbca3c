"""Loads weights that `egnn export --to pytorch-names` wrote into the peers' PyTorch models, strictly, and runs them.

load_in_pytorch.py MODEL HIDDEN LAYERS WEIGHTS INPUTS OUTPUT, all files safetensors
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "bench" / "peers"))

import torch  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402
from torch_models import MoleculeEGNN, VelocityEGNN  # noqa: E402

kind, hidden, layers, weights, given, output = sys.argv[1:]
inputs = {name: tensor.numpy() for name, tensor in load_file(given).items()}
if kind == "velocity":
    model = VelocityEGNN(int(hidden), int(layers), inputs, inputs)
else:
    model = MoleculeEGNN(int(hidden), int(layers), inputs)
model.load_state_dict(load_file(weights), strict=True)
with torch.no_grad():
    save_file({"output": model().contiguous()}, output)
