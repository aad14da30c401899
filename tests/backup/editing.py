"""A process that edits a center without pause: writes, revises, archives and removes articles, stores and removes files.

Prints a line a change, and ends when its standard input does.
"""

from __future__ import annotations

import contextlib
import io
import random
import select
import sys

import django

django.setup()

from PIL import Image  # noqa: E402

from haedap.kb import publishing, uploads  # noqa: E402
from haedap.kb.models import Article, Upload  # noqa: E402
from haedap.kb.publishing import ArticleDraft, VariantDraft  # noqa: E402

chance = random.Random(int(sys.argv[1]))


def picture() -> Upload:
    file = io.BytesIO()
    image = Image.new("RGB", (40, 30), tuple(chance.randrange(256) for _ in range(3)))
    image.putpixel((chance.randrange(40), chance.randrange(30)), (1, 2, 3))
    image.save(file, "PNG")
    file.seek(0)
    return uploads.store(file, "그림.png")


def draft(number: int) -> ArticleDraft:
    body = f"{number}번째 본문입니다. " * chance.randint(1, 30)
    if chance.random() < 0.6:
        body += f"\n\n![그림]({uploads.ADDRESS}{picture().file_name})"
    return ArticleDraft(title=f"글 {number}", variants=(VariantDraft((), body),))


def edit(number: int) -> None:
    act, ids = chance.random(), list(Article.objects.values_list("pk", flat=True))
    if act < 0.4 or not ids:
        publishing.create_article(draft(number), publish=chance.random() < 0.8)
    elif act < 0.8:
        publishing.revise_article(chance.choice(ids), draft(number), publish=chance.random() < 0.7)
    elif act < 0.87:
        publishing.archive(chance.choice(ids))
    elif act < 0.93:
        publishing.delete_article(chance.choice(ids))
    else:
        unused = [
            upload
            for upload in Upload.objects.all()
            if not uploads.articles_using([upload.file_name])[upload.file_name]
        ]
        if unused:
            uploads.delete([chance.choice(unused)])


for number in range(100_000):
    if select.select([sys.stdin], [], [], 0)[0]:
        break
    # The other editor may have removed the article meanwhile, or shown a picture that was not used.
    with contextlib.suppress(Article.DoesNotExist, uploads.UploadError):
        edit(number)
    print(number, flush=True)
