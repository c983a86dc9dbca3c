"""EGNN in PyTorch, written from the paper's equations: modules, and index_add for sums over neighbours."""
import torch
from peer import masks, padded
from torch import nn


def mlp(*widths, last_bias=True):
    first, second = nn.Linear(widths[0], widths[1]), nn.Linear(widths[1], widths[2], bias=last_bias)
    return nn.Sequential(first, nn.SiLU(), second)


class VelocityLayer(nn.Module):
    """Eq. 3, 5, 6 and 7; i receives, j sends."""

    def __init__(self, hidden):
        super().__init__()
        self.edge_mlp = nn.Sequential(*mlp(2 * hidden + 3, hidden, hidden), nn.SiLU())
        self.node_mlp = mlp(2 * hidden, hidden, hidden)
        self.coord_mlp = mlp(hidden, hidden, 1, last_bias=False)
        self.coord_mlp_vel = mlp(hidden, hidden, 1)

    def forward(self, h, x, v, a, i, j, neighbours, want_features):
        difference = x[i] - x[j]
        squared = (difference * difference).sum(1, keepdim=True)
        m = self.edge_mlp(torch.cat([h[i], h[j], squared, a], 1))
        pull = (difference * self.coord_mlp(m)).clamp(-100, 100)
        shift = torch.zeros_like(x).index_add(0, i, pull) / neighbours
        x = x + self.coord_mlp_vel(h) * v + shift
        if want_features:
            received = h.new_zeros(h.shape).index_add(0, i, m)
            h = h + self.node_mlp(torch.cat([h, received], 1))
        return h, x


class VelocityEGNN(nn.Module):
    def __init__(self, hidden, layers, inputs, edges):
        super().__init__()
        self.embedding = nn.Linear(1, hidden)
        self.count = layers
        for k in range(layers):
            self.add_module(f"gcl_{k}", VelocityLayer(hidden))
        self.h, self.x, self.v, self.a = (
            torch.from_numpy(inputs[name]) for name in ("h", "x", "velocity", "edgeAttributes")
        )
        self.i, self.j = (torch.from_numpy(edges[name]).long() for name in ("receivers", "senders"))
        self.neighbours = torch.bincount(self.i, minlength=len(self.x)).clamp(min=1)[:, None].float()

    def forward(self):
        h, x = self.embedding(self.h), self.x
        for k in range(self.count):
            layer, last = self.get_submodule(f"gcl_{k}"), k == self.count - 1
            h, x = layer(h, x, self.v, self.a, self.i, self.j, self.neighbours, not last)
        return x


class AttentionLayer(nn.Module):
    """Eq. 3, 5, 6 and 8 over all pairs of a padded batch."""

    def __init__(self, hidden):
        super().__init__()
        self.edge_mlp = nn.Sequential(*mlp(2 * hidden + 1, hidden, hidden), nn.SiLU())
        self.node_mlp = mlp(2 * hidden, hidden, hidden)
        self.att_mlp = nn.Sequential(nn.Linear(hidden, 1), nn.Sigmoid())

    def forward(self, h, squared, pairs):
        shape = (*squared.shape[:3], h.shape[2])
        i, j = h[:, :, None].expand(shape), h[:, None, :].expand(shape)
        m = self.edge_mlp(torch.cat([i, j, squared], 3))
        m = m * (self.att_mlp(m) * pairs)
        return h + self.node_mlp(torch.cat([h, m.sum(2)], 2))


class MoleculeEGNN(nn.Module):
    def __init__(self, hidden, layers, inputs):
        super().__init__()
        self.embedding = nn.Linear(15, hidden)
        self.count = layers
        for k in range(layers):
            self.add_module(f"gcl_{k}", AttentionLayer(hidden))
        self.node_dec = mlp(hidden, hidden, hidden)
        self.graph_dec = mlp(hidden, hidden, 1)
        counts = inputs["nodeCounts"].tolist()
        self.h, self.x = (torch.from_numpy(padded(inputs[name], counts)) for name in ("h", "x"))
        self.atoms, self.pairs = (torch.from_numpy(mask) for mask in masks(counts))

    def forward(self):
        difference = self.x[:, :, None] - self.x[:, None, :]
        squared = (difference * difference).sum(3, keepdim=True)
        h = self.embedding(self.h)
        for k in range(self.count):
            h = self.get_submodule(f"gcl_{k}")(h, squared, self.pairs)
        return self.graph_dec((self.node_dec(h) * self.atoms).sum(1))
