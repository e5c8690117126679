"""From any fen back to the roster's row, and from any worker to every fen spent; changes nothing."""

from services.dispatcher.usecases.trace.tracer import NothingToTrace, trace

__all__ = ["NothingToTrace", "trace"]
