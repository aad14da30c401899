"""The training loop: InfoNCE in both directions over a batch, AdamW, a checkpoint that a cut run goes on from."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from haedap.search.semantic.adapter import MATRICES
from haedap.search.semantic.unigram import Unigram
from training import encoder
from training.batches import Batches, Mix, Pair
from training.encoder import Base, Difference
from training.material import Collection

CHECKPOINT = "checkpoint.npz"


class NotTrained(Exception):
    """There is no finished run to make an adapter of; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the result, besides the data and the base.

    Attributes:
        steps: optimizer steps.
        rank: rank of the difference of each matrix.
        batch: pairs of a step.
        rate: highest learning rate, reached after ``warmup`` of the steps; it then falls to zero along a cosine.
        temperature: what cosines are divided by in the loss.
        query_tokens, passage_tokens: texts are cut after so many tokens.
        seed: of everything random.
    """

    steps: int = 600
    rank: int = 16
    batch: int = 128
    rate: float = 1e-3
    warmup: float = 0.06
    temperature: float = 0.03
    decay: float = 0.01
    query_tokens: int = 24
    passage_tokens: int = 96
    seed: int = 6
    mix: Mix = field(default_factory=Mix)


def padded_ids(texts: Sequence[str], tokenizer: Unigram, limit: int) -> NDArray[np.int32]:
    """Token ids, shape (n, tokens), -1 where a text has ended.

    Texts are cut after ``limit`` tokens and padded to a multiple of 32 or to it, so that few shapes are compiled.
    """
    found = [tokenizer.encode(text, limit) for text in texts]
    width = -(-max(map(len, found)) // 32) * 32
    ids = np.full((len(found), min(width, limit)), -1, np.int32)
    for row, tokens in enumerate(found):
        ids[row, : len(tokens)] = tokens
    return ids


def contrast(
    base: Base,
    difference: Difference,
    queries: tuple[jax.Array, jax.Array],
    passages: tuple[jax.Array, jax.Array],
    same: jax.Array,
    temperature: float,
) -> jax.Array:
    """InfoNCE (van den Oord et al. 2018) from queries to passages and back; ``same`` marks pairs of one article."""
    asked = encoder.encode(base, difference, *queries)
    found = encoder.encode(base, difference, *passages)
    scores = asked @ found.T / temperature
    others = jnp.where(same & ~jnp.eye(len(same), dtype=bool), -1e9, scores)
    forth = jnp.diag(jax.nn.log_softmax(others, axis=1))
    back = jnp.diag(jax.nn.log_softmax(others, axis=0))
    return -(forth + back).mean() / 2


class Training:
    """A run in ``folder``: goes on from its checkpoint, if it has one of the same recipe, data and base."""

    def __init__(
        self,
        base: Base,
        tokenizer: Unigram,
        collections: Sequence[Collection],
        recipe: Recipe,
        folder: Path,
        key: str,
        save_every: int = 25,
    ) -> None:
        """``key`` names base and data; a checkpoint of another key or recipe is put aside and training starts anew.

        ``save_every`` is how many steps lie between two checkpoints, and how many a cut run loses at most.
        """
        self._save_every = save_every
        self._base, self._tokenizer, self._recipe, self._folder = base, tokenizer, recipe, folder
        self._collections = [Batches(each, recipe.batch, recipe.seed, recipe.mix) for each in collections]
        self._key, self._written = key, json.dumps(asdict(recipe), sort_keys=True)
        warm = max(1, int(recipe.steps * recipe.warmup))
        schedule = optax.warmup_cosine_decay_schedule(0.0, recipe.rate, warm, recipe.steps)
        self._optimizer = optax.chain(
            optax.clip_by_global_norm(1.0), optax.adamw(schedule, b2=0.98, weight_decay=recipe.decay)
        )
        self.difference = encoder.begin(base, recipe.rank, recipe.seed)
        self._state: Any = self._optimizer.init(self.difference)
        self.step = 0
        self._update = jax.jit(self._updated)
        self._restore()

    def run(self, on_step: Callable[[int, float, float], None] = lambda step, loss, seconds: None) -> Difference:
        """Train to the end; ``on_step`` is told the step, its loss and how long it took."""
        while self.step < self._recipe.steps:
            started = time.monotonic()
            turn, which = divmod(self.step, len(self._collections))
            loss = self._train(self._collections[which][turn])
            self.step += 1
            if self.step % self._save_every == 0 or self.step == self._recipe.steps:
                self._save()
            on_step(self.step, loss, time.monotonic() - started)
        return self.difference

    def _train(self, pairs: Sequence[Pair]) -> float:
        recipe = self._recipe
        queries = self._read([f"query: {pair.query}" for pair in pairs], recipe.query_tokens)
        passages = self._read([f"passage: {pair.passage}" for pair in pairs], recipe.passage_tokens)
        articles = np.asarray([pair.article for pair in pairs])
        same = jnp.asarray(articles[:, None] == articles[None])
        loss, self.difference, self._state = self._update(self.difference, self._state, queries, passages, same)
        return float(loss)

    def _read(self, texts: Sequence[str], limit: int) -> tuple[jax.Array, jax.Array]:
        ids = padded_ids(texts, self._tokenizer, limit)
        return jnp.asarray(encoder.look_up(self._base, ids)), jnp.asarray(ids >= 0)

    def _updated(self, difference: Difference, state: Any, queries: Any, passages: Any, same: jax.Array) -> Any:
        def loss_of(difference: Difference) -> jax.Array:
            return contrast(self._base, difference, queries, passages, same, self._recipe.temperature)

        loss, gradient = jax.value_and_grad(loss_of)(difference)
        changes, state = self._optimizer.update(gradient, state, difference)
        return loss, optax.apply_updates(difference, changes), state

    @property
    def _path(self) -> Path:
        return self._folder / CHECKPOINT

    def _save(self) -> None:
        """Replace the checkpoint in one move, so that a killed run leaves the last whole one."""
        leaves = jax.tree.leaves((self.difference, self._state))
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".part")
        with open(draft, "wb") as file:
            arrays: dict[str, Any] = {f"leaf{n}": leaf for n, leaf in enumerate(leaves)}
            names = {"key": np.asarray(self._key), "recipe": np.asarray(self._written), "step": self.step}
            np.savez(file, **names, **arrays)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)

    def _restore(self) -> None:
        if not self._path.exists():
            return
        with np.load(self._path, allow_pickle=False) as stored:
            if (str(stored["key"]), str(stored["recipe"])) != (self._key, self._written):
                self._path.replace(self._path.with_suffix(".other"))
                return
            leaves, shape = jax.tree.flatten((self.difference, self._state))
            kept = [jnp.asarray(stored[f"leaf{n}"], leaf.dtype) for n, leaf in enumerate(leaves)]
            self.difference, self._state = jax.tree.unflatten(shape, kept)
            self.step = int(stored["step"])


def finished(folder: Path, key: str) -> tuple[Difference, Recipe]:
    """The result of the run in ``folder`` on the base and data that ``key`` names. Raises :class:`NotTrained`."""
    if not (folder / CHECKPOINT).exists():
        raise NotTrained(f"There is no run in {folder}: python -m training train --out {folder}")
    with np.load(folder / CHECKPOINT, allow_pickle=False) as stored:
        recipe = json.loads(str(stored["recipe"]))
        recipe = Recipe(**{**recipe, "mix": Mix(**recipe["mix"])})
        if str(stored["key"]) != key:
            raise NotTrained(f"The run in {folder} was on another base or other data: name its data with --data")
        if int(stored["step"]) < recipe.steps:
            raise NotTrained(f"The run in {folder} is at step {stored['step']} of {recipe.steps}: let it finish first")
        # The difference comes first among the leaves; jax lists dictionaries by key.
        names = [(name, side) for name in sorted(MATRICES) for side in ("a", "b")]
        difference: Difference = {name: {} for name in MATRICES}
        for number, (name, side) in enumerate(names):
            difference[name][side] = jnp.asarray(stored[f"leaf{number}"])
    return difference, recipe
