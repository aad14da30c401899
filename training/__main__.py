"""``python -m training train | measure | pack``: see README.md here."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from haedap.search.semantic.unigram import Unigram
    from training.encoder import Base, Difference
    from training.loop import Recipe
    from training.material import Collection

HERE = Path(__file__).parent
DATA = tuple(sorted((HERE / "data").glob("*.jsonl")))
OUT = HERE / "out"
COLLECTIONS = HERE.parent / "benchmarks" / "data"

data_option = click.option(
    "--data", multiple=True, type=click.Path(path_type=Path, dir_okay=False),
    help="A file of articles and queries (several: repeat it). Default: all of training/data.",
)  # fmt: skip
out_option = click.option(
    "--out", default=OUT, show_default="training/out", type=click.Path(path_type=Path, file_okay=False),
    help="Where checkpoints, models and results are kept.",
)  # fmt: skip


@click.group()
def cli() -> None:
    """Train, measure and pack an adapter for multilingual-e5-small."""


@cli.command()
@data_option
@out_option
@click.option("--steps", type=click.IntRange(1), help="Optimizer steps (default: those of the recipe).")
@click.option("--batch", type=click.IntRange(2), help="Pairs of a step (default: those of the recipe).")
@click.option("--save-every", default=25, show_default=True, type=click.IntRange(1), help="Steps between checkpoints.")
@click.option("--seed", type=int, help="Of everything random (default: that of the recipe).")
@click.option("--exact", is_flag=True, help="Products in float32: slower where the processor has bfloat16.")
def train(
    data: tuple[Path, ...],
    out: Path,
    steps: int | None,
    batch: int | None,
    save_every: int,
    seed: int | None,
    exact: bool,
) -> None:
    """Train; a run that was cut goes on where it was. Then `measure` and `pack`."""
    from training.loop import Recipe, Training

    collections = _collections(data)
    given = {"steps": steps, "batch": batch, "seed": seed}
    recipe: Recipe = replace(Recipe(), **{name: value for name, value in given.items() if value is not None})
    base, tokenizer = _base(out, exact)
    training = Training(base, tokenizer, collections, recipe, out, _key(collections), save_every)
    if training.step:
        click.echo(f"Going on after step {training.step}.")
    _count(collections)
    training.run(_progress(recipe.steps))
    click.echo(f"Trained. Next: python -m training pack --out {out}")


@cli.command()
@data_option
@out_option
@click.option("--share", default=1.0, show_default=True, type=click.FloatRange(0, 1), help="How much of it to apply.")
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), help="The file (default: in --out).")
@click.option("--collection", multiple=True, type=click.Path(path_type=Path, file_okay=False), help="For the card.")
def pack(data: tuple[Path, ...], out: Path, share: float, to: Path | None, collection: tuple[Path, ...]) -> None:
    """Make the adapter file, and its model card with the measures before and after."""
    from haedap.search.semantic import adapter as adapters
    from training.measure import compare, table
    from training.pack import card
    from training.pack import pack as make

    collections = _collections(data)
    difference, recipe = _trained(out, collections)
    record = {
        "recipe": asdict(recipe),
        "data": {each.name: {"articles": len(each.lessons), "sha256": each.digest} for each in collections},
    }
    adapter = make(difference, share, record, collections, out / "models")
    path = to or out / "e5-small.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    adapters.write(adapter, path)
    click.echo(f"{path}: {path.stat().st_size / 1e6:.2f} MB, {adapter.digest}")
    measured = table(list(compare(collection or _shipped(), path, out / "models")))
    path.with_suffix(".md").write_text(card(adapter, measured, "make train"), encoding="utf-8")
    click.echo(measured)


@cli.command()
@out_option
@click.option("--adapter", type=click.Path(path_type=Path, dir_okay=False), help="The file (default: the shipped one).")
@click.option("--vectors-alone", is_flag=True, help="Not by the whole search.")
@click.argument("collection", nargs=-1, type=click.Path(path_type=Path, file_okay=False))
def measure(out: Path, adapter: Path | None, vectors_alone: bool, collection: tuple[Path, ...]) -> None:
    """nDCG@10 before and after on every BEIR folder COLLECTION (default: those of benchmarks/data)."""
    from haedap.search.semantic.adapter import shipped
    from training.measure import compare, table

    rows = compare(collection or _shipped(), adapter or shipped(), out / "models", whole=not vectors_alone)
    click.echo(table(list(rows)))


def _shipped() -> list[Path]:
    return sorted(path.parent for path in COLLECTIONS.glob("*/corpus.jsonl"))


def _collections(data: tuple[Path, ...]) -> list[Collection]:
    from training.material import read

    return [read(path) for path in data or DATA]


def _key(collections: list[Collection]) -> str:
    """Names base and data: what a checkpoint belongs to."""
    from haedap.search.semantic.e5_build import SOURCE_SHA256

    return " ".join([SOURCE_SHA256, *(each.digest for each in collections)])


def _base(out: Path, exact: bool) -> tuple[Base, Unigram]:
    """The base weights, checked by hash, and the tokenizer of the prepared model."""
    from haedap.search.semantic import e5_build
    from haedap.search.semantic.e5 import model_name
    from haedap.search.semantic.e5_weights import Weights
    from haedap.search.semantic.prepared import prepare
    from haedap.search.semantic.unigram import Unigram
    from training import encoder

    prepare(out / "models" / model_name(), e5_build.build_apart)
    return encoder.load(Weights(e5_build.source()), exact=exact), Unigram(out / "models" / model_name())


def _trained(out: Path, collections: list[Collection]) -> tuple[Difference, Recipe]:
    from training.loop import finished

    return finished(out, _key(collections))


def _count(collections: list[Collection]) -> None:
    for each in collections:
        queries = sum(len(lesson.spoken) + len(lesson.keyword) for lesson in each.lessons)
        click.echo(f"{each.name}: {len(each.lessons)} articles, {queries} queries")


def _progress(steps: int) -> Callable[[int, float, float], None]:
    """Prints a line every ten steps: loss (mean of them), seconds a step, minutes left."""
    losses: list[float] = []
    times: list[float] = []

    def on_step(step: int, loss: float, seconds: float) -> None:
        losses.append(loss)
        times.append(seconds)
        if step % 10 == 0 or step == steps:
            recent = times[-30:]
            left = sum(recent) / len(recent) * (steps - step) / 60
            click.echo(f"step {step}/{steps}  loss {sum(losses[-10:]) / len(losses[-10:]):.3f}  {left:.0f} min left")

    return on_step


def main() -> None:
    """Turns what is known to go wrong into one line."""
    from haedap.search.evaluate import DatasetError
    from haedap.search.semantic import EmbedderUnavailable
    from haedap.search.semantic.adapter import AdapterRefused
    from training.material import BadMaterial

    known: tuple[type[Exception], ...] = (BadMaterial, DatasetError, EmbedderUnavailable, AdapterRefused, OSError)
    missing = [name for name in ("jax", "optax") if importlib.util.find_spec(name) is None]
    if missing and sys.argv[1:2] in (["train"], ["pack"]):
        sys.exit(f"training: {' and '.join(missing)} is missing: pip install 'haedap[train]'")
    if not missing:
        from training.loop import NotTrained

        known = (*known, NotTrained)
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit("training: stopped; the same command goes on from the last checkpoint.")
    except known as error:
        sys.exit(f"training: {error}")


if __name__ == "__main__":
    main()
