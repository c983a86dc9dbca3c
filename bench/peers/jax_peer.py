"""EGNN in JAX, written from the paper's equations: one jitted function a case, edges as constants, sorted segment
sums, loss and gradients and Adam in one program whose old weights are donated."""
import os

from peer import masks, padded, serve, threads

if hasattr(os, "sched_setaffinity"):  # XLA takes as many threads as it may use cores
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: threads()])
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import jax  # noqa: E402: reads the environment
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

jax.config.update("jax_enable_compilation_cache", False)
silu = jax.nn.silu


def linear(p, name, x):
    y = x @ p[f"{name}.weight"].T
    bias = p.get(f"{name}.bias")
    return y if bias is None else y + bias


def mlp(p, name, x):
    return linear(p, f"{name}.2", silu(linear(p, f"{name}.0", x)))


def velocity_model(case, inputs, edges):
    """Eq. 3, 5, 6 and 7; i receives, j sends."""
    i, j = edges["receivers"], edges["senders"]
    nodes = len(inputs["x"])
    neighbours = np.maximum(np.bincount(i, minlength=nodes), 1)[:, None].astype(np.float32)
    v, a = inputs["velocity"], inputs["edgeAttributes"]

    def sum_by_receiver(values):
        return jax.ops.segment_sum(
            values, i, nodes, indices_are_sorted=True, mode=jax.lax.GatherScatterMode.PROMISE_IN_BOUNDS
        )

    def receiver(values):
        return values.at[i].get(mode="promise_in_bounds", indices_are_sorted=True)

    def sender(values):
        return values.at[j].get(mode="promise_in_bounds")

    def forward(p, h, x):
        h = linear(p, "embedding", h)
        for k in range(case["layers"]):
            layer = f"gcl_{k}"
            difference = receiver(x) - sender(x)
            squared = jnp.sum(difference * difference, 1, keepdims=True)
            m = silu(mlp(p, f"{layer}.edge_mlp", jnp.concatenate([receiver(h), sender(h), squared, a], 1)))
            pull = jnp.clip(difference * mlp(p, f"{layer}.coord_mlp", m), -100, 100)
            x = x + mlp(p, f"{layer}.coord_mlp_vel", h) * v + sum_by_receiver(pull) / neighbours
            # After the last layer nobody asks for h: the compiler drops it.
            h = h + mlp(p, f"{layer}.node_mlp", jnp.concatenate([h, sum_by_receiver(m)], 1))
        return x

    return forward, inputs["h"], inputs["x"]


def molecule_model(case, inputs):
    """Eq. 3, 5, 6 and 8 over all pairs of a padded batch."""
    counts = inputs["nodeCounts"].tolist()
    atoms, pairs = masks(counts)

    def forward(p, h, x):
        difference = x[:, :, None] - x[:, None, :]
        squared = jnp.sum(difference * difference, 3, keepdims=True)
        h = linear(p, "embedding", h)
        for k in range(case["layers"]):
            layer = f"gcl_{k}"
            shape = (*squared.shape[:3], h.shape[2])
            i, j = jnp.broadcast_to(h[:, :, None], shape), jnp.broadcast_to(h[:, None, :], shape)
            m = silu(mlp(p, f"{layer}.edge_mlp", jnp.concatenate([i, j, squared], 3)))
            m = m * (jax.nn.sigmoid(linear(p, f"{layer}.att_mlp.0", m)) * pairs)
            h = h + mlp(p, f"{layer}.node_mlp", jnp.concatenate([h, jnp.sum(m, 2)], 2))
        return mlp(p, "graph_dec", jnp.sum(mlp(p, "node_dec", h) * atoms, 1))

    return forward, padded(inputs["h"], counts), padded(inputs["x"], counts)


def adam(p, gradient, m, v, t, rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, m, gradient)
    v = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, v, gradient)
    first, second = 1 - beta1**t, 1 - beta2**t
    p = jax.tree.map(lambda p, m, v: p - rate * (m / first) / (jnp.sqrt(v / second) + epsilon), p, m, v)
    return p, m, v


class JaxPeer:
    about = f"JAX {jax.__version__}, jitted, {threads()} threads"

    def open(self, case, inputs, edges, weights, learning_rate):
        velocity = case["model"] == "velocity"
        model, h, x = velocity_model(case, inputs, edges) if velocity else molecule_model(case, inputs)
        target = inputs["target"]
        self.p = {name: jnp.asarray(value) for name, value in weights.items()}
        self.m, self.v = (jax.tree.map(jnp.zeros_like, self.p) for _ in range(2))
        self.t = 0
        self.h, self.x = jnp.asarray(h), jnp.asarray(x)
        self.training = case["mode"] == "train"

        def loss(p, h, x):
            error = model(p, h, x) - target
            return jnp.mean(error * error if velocity else jnp.abs(error))

        def train(p, m, v, t, h, x):
            value, gradient = jax.value_and_grad(loss)(p, h, x)
            return value, *adam(p, gradient, m, v, t, learning_rate)

        self.forward = jax.jit(model)
        self.train = jax.jit(train, donate_argnums=(0, 1, 2))

    def step(self):
        if not self.training:
            jax.block_until_ready(self.forward(self.p, self.h, self.x))
            return None
        self.t += 1
        loss, self.p, self.m, self.v = jax.block_until_ready(
            self.train(self.p, self.m, self.v, np.float32(self.t), self.h, self.x)
        )
        return float(loss)

    def results(self):
        if not self.training:
            return {"output": np.asarray(self.forward(self.p, self.h, self.x)).reshape(-1)}
        results = {"loss": np.array([self.step()])}
        for name, weight in self.p.items():
            results[f"weight.{name}"] = np.asarray(weight).reshape(-1)
            # The first moment after one step is a tenth of the gradient.
            results[f"gradient.{name}"] = np.asarray(self.m[name]).reshape(-1) / 0.1
        return results


serve(JaxPeer())
