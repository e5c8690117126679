"""Puts a claim's papers into one ZIP that can be archived and hashed: the same papers give the same bytes."""

import hashlib
import io
import json
from collections.abc import Mapping
from zipfile import ZIP_STORED, ZipFile

from services.dispatcher.money.rules.policy import digest_of
from services.dispatcher.papers.claim_pdf import claim_pdf
from services.dispatcher.papers.content import ClaimPapers
from services.dispatcher.papers.separated import write_csv
from services.dispatcher.papers.sheets import claim_tables, foot, steps
from services.dispatcher.papers.xlsx import write_workbook
from services.dispatcher.papers.zipped import add

MANIFEST = "manifest.json"
ATTACHED = "附件/"


def claim_bundle(papers: ClaimPapers, attachments: Mapping[str, bytes] | None = None) -> bytes:
    """Application, workbook, the claim's own steps, the policy, what was handed in, and a manifest with the SHA-256 of each.

    Raises ValueError where the policy is not the one that the form names by its digest.
    """
    if digest_of(papers.policy) != papers.form.policy_digest:
        raise ValueError(
            f"the policy handed over is not {papers.form.policy_key} of digest {papers.form.policy_digest}: hand over that"
            " / 所附政策文本与申报表所载摘要不符，请附原文"
        )
    files = {
        "01-申报书.pdf": claim_pdf(papers),
        "02-明细表.xlsx": write_workbook(claim_tables(papers), foot(papers), papers.made_at),
        "03-办理记录.csv": write_csv(steps(papers)),
        "04-政策文本.json": _json(papers.policy),
        **{ATTACHED + name: content for name, content in (attachments or {}).items()},
    }
    manifest = {
        "claim_id": papers.form.claim_id,
        "made_at": papers.made_at.isoformat(),
        "policy": papers.form.policy_key,
        "policy_digest": papers.form.policy_digest,
        "books_head": papers.books_head,
        "files": [
            {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files.items()
        ],
    }
    archive = io.BytesIO()
    with ZipFile(archive, "w") as target:
        for name, content in {**files, MANIFEST: _json(manifest)}.items():
            add(target, name, content, ZIP_STORED)  # PDF and XLSX are compressed already
    return archive.getvalue()


def _json(body: object) -> bytes:
    return (json.dumps(body, ensure_ascii=False, indent=2) + "\n").encode()
