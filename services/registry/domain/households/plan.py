"""Knows what the steps of a household's plan can be (one household, one policy)."""

from enum import StrEnum


class StepKind(StrEnum):
    """What a step is for."""

    JOB = "job"
    TRAINING = "training"
    PUBLIC_POST = "public_post"
    CARE = "care"
    OTHER = "other"


STEP_WORDS: dict[StepKind, tuple[str, str]] = {
    StepKind.JOB: ("推荐就业", "Find a job"),
    StepKind.TRAINING: ("技能培训", "Train"),
    StepKind.PUBLIC_POST: ("公益性岗位", "A public-welfare post"),
    StepKind.CARE: ("照护老幼病残", "Care for who needs it at home"),
    StepKind.OTHER: ("其他", "Something else"),
}
