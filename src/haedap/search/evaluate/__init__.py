"""Evaluation on BEIR folders: the usual measures, latency and cost of a throw-away index; two runs compared.

The measures are computed by ``ir-measures``, which is loaded when first needed: serving never imports it.
"""

from haedap.search.evaluate.compare import Comparison, compare
from haedap.search.evaluate.datasets import (
    Dataset,
    DatasetError,
    Question,
    read_dataset,
    read_grades,
    read_questions,
)
from haedap.search.evaluate.measures import Measures, measure, ndcg
from haedap.search.evaluate.output import OutputError, check_writable, write_whole
from haedap.search.evaluate.page import page
from haedap.search.evaluate.report import Report, report_on
from haedap.search.evaluate.running import evaluate, evaluate_vectors
from haedap.search.evaluate.runs import Run, RunError, check_ids, read_run, write_run

__all__ = [
    "Comparison",
    "Dataset",
    "DatasetError",
    "Measures",
    "OutputError",
    "Question",
    "Report",
    "Run",
    "RunError",
    "check_ids",
    "check_writable",
    "compare",
    "evaluate",
    "evaluate_vectors",
    "measure",
    "ndcg",
    "page",
    "read_dataset",
    "read_grades",
    "read_questions",
    "read_run",
    "report_on",
    "write_run",
    "write_whole",
]
