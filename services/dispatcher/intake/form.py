"""Reads a form as the model of what it means; each fault is named by its field."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared.http.problems import FieldsInvalid
from shared.http.validation import fault_of

M = TypeVar("M", bound=BaseModel)


def read_form(model: type[M], fields: Mapping[str, Any]) -> M:
    """The model of a form's fields. Raises FieldsInvalid."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        faults = [fault_of(finding) for finding in error.errors()]
        raise FieldsInvalid(count=len(faults), errors=faults) from error
