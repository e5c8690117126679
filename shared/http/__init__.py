"""The HTTP edge that the services share: one app factory, one shape of errors; knows no service's routes."""

from shared.http.app import make_app, request_cause, url
from shared.http.language import current_language, t
from shared.http.problems import Problem

__all__ = ["Problem", "current_language", "make_app", "request_cause", "t", "url"]
