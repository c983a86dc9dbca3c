"""The PyTorch side of the bench: the models of torch_models.py, and fused Adam."""
import numpy as np
import torch
from peer import serve, threads
from torch import nn
from torch_models import MoleculeEGNN, VelocityEGNN

torch.set_num_threads(threads())


class TorchPeer:
    about = f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads"

    def open(self, case, inputs, edges, weights, learning_rate):
        if case["model"] == "velocity":
            self.model = VelocityEGNN(case["hidden"], case["layers"], inputs, edges)
            self.loss = nn.MSELoss()
        else:
            self.model = MoleculeEGNN(case["hidden"], case["layers"], inputs)
            self.loss = nn.L1Loss()
        self.model.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
        self.target = torch.from_numpy(inputs["target"])
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=learning_rate, fused=True)
        self.training = case["mode"] == "train"

    def step(self):
        if not self.training:
            with torch.no_grad():
                self.model()
            return None
        self.optimiser.zero_grad(set_to_none=True)
        loss = self.loss(self.model(), self.target)
        loss.backward()
        self.optimiser.step()
        return loss.item()

    def results(self):
        if not self.training:
            with torch.no_grad():
                return {"output": self.model().numpy().reshape(-1)}
        results = {"loss": np.array([self.step()])}
        for name, weight in self.model.named_parameters():
            gradient = torch.zeros_like(weight) if weight.grad is None else weight.grad
            results[f"weight.{name}"] = weight.detach().numpy().reshape(-1)
            results[f"gradient.{name}"] = gradient.numpy().reshape(-1)
        return results


serve(TorchPeer())
