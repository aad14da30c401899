"""multilingual-e5-small in JAX, with a low-rank difference beside every frozen matrix.

The forward pass is that of ``haedap.search.semantic.e5_build``: word vectors plus positions, twelve post-norm
transformer layers, mean over the tokens, unit length. Only the difference is trained (LoRA, Hu et al. 2021): a matrix
W, shape (in, out), acts as W + A B with A of shape (in, rank) and B of shape (rank, out), B zero at the start.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from haedap.search.semantic.adapter import MATRICES
from haedap.search.semantic.e5_weights import Weights, unpack

Tree = dict[str, Any]
Difference = dict[str, dict[str, jax.Array]]
"""By matrix name: ``a`` of shape (layers, in, rank) and ``b`` of shape (layers, rank, out)."""


class Base(NamedTuple):
    """The frozen weights: ``layers`` stacked along the first axis, ready for a scan; ``words`` as they are stored."""

    layers: Tree
    positions: jax.Array
    norm: tuple[jax.Array, jax.Array]
    words: NDArray[np.uint8]
    heads: int
    epsilon: float


def load(weights: Weights, *, exact: bool = False) -> Base:
    """The base from the weights file. ``exact`` keeps products in float32; without it they round inputs to bfloat16.

    Rounding is what the processor's matrix units are fast at; sums are float32 either way.
    """
    kind = jnp.float32 if exact else jnp.bfloat16
    layers: Tree = {}
    for name in MATRICES:
        columns = weights.inner if name == "fo" else weights.hidden
        stacked = np.stack([weights.matrix(f"l{n}.{name}.w", columns) for n in range(weights.layers)])
        # Both orientations: a product in bfloat16 is fast only with its matrix in this order.
        layers[name] = {"forth": jnp.asarray(stacked.transpose(0, 2, 1), kind), "back": jnp.asarray(stacked, kind)}
        layers[name]["bias"] = _stacked(weights, f"{name}.b")
    for name in ("aln", "oln"):
        layers[name] = (_stacked(weights, f"{name}.w"), _stacked(weights, f"{name}.b"))
    size = weights.hidden
    positions = weights.vector("emb.pos").reshape(-1, size) + weights.vector("emb.type")[:size]
    norm = (jnp.asarray(weights.vector("emb.ln.w")), jnp.asarray(weights.vector("emb.ln.b")))
    words = weights.blocks("emb.word", size)[: len(weights.vocabulary.pieces)]
    return Base(layers, jnp.asarray(positions), norm, words, weights.heads, weights.epsilon)


def _stacked(weights: Weights, name: str) -> jax.Array:
    return jnp.asarray(np.stack([weights.vector(f"l{n}.{name}") for n in range(weights.layers)]))


def begin(base: Base, rank: int, seed: int) -> Difference:
    """A difference that changes nothing yet: ``a`` random with variance 1 / in, ``b`` zero."""
    random = np.random.default_rng(seed)
    made: Difference = {}
    for name in MATRICES:
        layers, inputs, outputs = base.layers[name]["forth"].shape
        a = random.standard_normal((layers, inputs, rank)) / np.sqrt(inputs)
        made[name] = {"a": jnp.asarray(a, jnp.float32), "b": jnp.zeros((layers, rank, outputs), jnp.float32)}
    return made


def look_up(base: Base, ids: NDArray[np.int32]) -> NDArray[np.float32]:
    """The word vectors of token ids, shape (n, tokens) to (n, tokens, hidden); an id of -1 (padding) gives zeros."""
    words: NDArray[np.float32] = unpack(base.words[np.maximum(ids, 0)])
    words[ids < 0] = 0
    return words


@jax.custom_vjp
def _product(x: jax.Array, forth: jax.Array, back: jax.Array, a: jax.Array, b: jax.Array) -> jax.Array:
    """``x @ (forth + a @ b)`` with float32 sums. ``back`` is ``forth`` transposed; neither gets a gradient."""
    return _product_forward(x, forth, back, a, b)[0]


def _product_forward(
    x: jax.Array, forth: jax.Array, back: jax.Array, a: jax.Array, b: jax.Array
) -> tuple[jax.Array, Any]:
    merged = (forth.astype(jnp.float32) + a @ b).astype(forth.dtype)
    return jnp.dot(x.astype(merged.dtype), merged, preferred_element_type=jnp.float32), (x, back, a, b)


def _product_backward(kept: Any, gradient: jax.Array) -> tuple[jax.Array, None, None, jax.Array, jax.Array]:
    x, back, a, b = kept
    merged = (back.astype(jnp.float32) + b.T @ a.T).astype(back.dtype)
    to_x = jnp.dot(gradient.astype(merged.dtype), merged, preferred_element_type=jnp.float32)
    return to_x, None, None, x.T @ (gradient @ b.T), (x @ a).T @ gradient


_product.defvjp(_product_forward, _product_backward)


@jax.custom_vjp
def _attend(query: jax.Array, key: jax.Array, value: jax.Array, mask: jax.Array) -> jax.Array:
    """Attention of (n, heads, tokens, d): softmax(q kT / sqrt(d) + mask) v. Its own backward pass: a third faster."""
    return _attend_forward(query, key, value, mask)[0]


def _attend_forward(query: jax.Array, key: jax.Array, value: jax.Array, mask: jax.Array) -> tuple[jax.Array, Any]:
    weights = jax.nn.softmax(jnp.matmul(query, key.swapaxes(2, 3)) / np.sqrt(query.shape[-1]) + mask)
    return jnp.matmul(weights, value), (query, key, value, weights)


def _attend_backward(kept: Any, gradient: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array, None]:
    query, key, value, weights = kept
    to_weights = jnp.matmul(gradient, value.swapaxes(2, 3))
    to_scores = weights * (to_weights - (to_weights * weights).sum(-1, keepdims=True)) / np.sqrt(query.shape[-1])
    to_query, to_key = jnp.matmul(to_scores, key), jnp.matmul(to_scores.swapaxes(2, 3), query)
    return to_query, to_key, jnp.matmul(weights.swapaxes(2, 3), gradient), None


_attend.defvjp(_attend_forward, _attend_backward)


def _normalized(x: jax.Array, norm: tuple[jax.Array, jax.Array], epsilon: float) -> jax.Array:
    mean = x.mean(-1, keepdims=True)
    spread = jnp.square(x - mean).mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(spread + epsilon) * norm[0] + norm[1]


def _gelu(x: jax.Array) -> jax.Array:
    """GELU by its tanh form: within 0.0005 of the exact one and much faster here."""
    return x * jax.nn.sigmoid(1.5957691216057308 * (x + 0.044715 * x * x * x))


def _layer(x: jax.Array, layer: Tree, mask: jax.Array, heads: int, epsilon: float) -> jax.Array:
    """One layer over ``x``, shape (n, tokens, hidden); ``mask`` is added to the attention's scores."""
    count, tokens, hidden = x.shape

    def product(name: str, value: jax.Array) -> jax.Array:
        frozen, low = layer[name], layer["difference"][name]
        out = (
            _product(value.reshape(count * tokens, -1), frozen["forth"], frozen["back"], low["a"], low["b"])
            + frozen["bias"]
        )
        return out.reshape(count, tokens, -1)

    query, key, value = (
        product(name, x).reshape(count, tokens, heads, -1).transpose(0, 2, 1, 3) for name in ("q", "k", "v")
    )
    context = _attend(query, key, value, mask).transpose(0, 2, 1, 3).reshape(count, tokens, hidden)
    x = _normalized(x + product("ao", context), layer["aln"], epsilon)
    wide = _gelu(product("fi", x))
    return _normalized(x + product("fo", wide), layer["oln"], epsilon)


def encode(base: Base, difference: Difference, words: jax.Array, present: jax.Array) -> jax.Array:
    """Unit vectors, shape (n, hidden), of texts: word vectors (n, tokens, hidden), and which of them are present."""
    x = _normalized(words + base.positions[: words.shape[1]], base.norm, base.epsilon)
    mask = jnp.where(present, 0.0, -1e9)[:, None, None, :]
    step = jax.checkpoint(partial(_layer, mask=mask, heads=base.heads, epsilon=base.epsilon))
    x, _ = jax.lax.scan(lambda x, layer: (step(x, layer), None), x, {**base.layers, "difference": difference})
    share = present[..., None] / present.sum(1)[:, None, None]
    mean = (x * share).sum(1)
    return mean / jnp.linalg.norm(mean, axis=1, keepdims=True)
