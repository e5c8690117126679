"""The queue of jobs: who takes one holds it for a while, so that one that died holds it no longer; plans nothing."""

from collections.abc import Sequence

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from services.planner.store.tables import JobRow

_HOLD = text("""
    UPDATE job SET held_by = :holder, held_until = clock_timestamp() + make_interval(secs => :seconds)
    WHERE seq = (
        SELECT seq FROM job WHERE held_until IS NULL OR held_until < clock_timestamp()
        ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING seq
""")
_KEEP = text("""
    UPDATE job SET held_until = clock_timestamp() + make_interval(secs => :seconds)
    WHERE held_by = :holder AND job_id = ANY(:job_ids)
""")
_RELEASE = text("""
    UPDATE job SET held_by = NULL, held_until = NULL, crashes = crashes + :crashes
    WHERE held_by = :holder AND job_id = ANY(:job_ids) RETURNING crashes
""")
_END = text("DELETE FROM job WHERE job_id = :job_id RETURNING job_id")


def add_job(session: Session, job: JobRow) -> None:
    """Queue it; nothing where it is queued already."""
    values = job.model_dump(exclude={"seq"})
    session.execute(insert(JobRow).values(**values).on_conflict_do_nothing(index_elements=["job_id"]))


def hold_next(session: Session, holder: str, seconds: float) -> JobRow | None:
    """The oldest job that nobody holds, now `holder`'s for these seconds; None where there is none."""
    seq = session.connection().execute(_HOLD, {"holder": holder, "seconds": seconds}).scalar()
    return None if seq is None else session.get_one(JobRow, seq)


def keep_held(session: Session, holder: str, seconds: float, job_ids: Sequence[str]) -> None:
    """Hold these for as long again, those that are still the holder's."""
    values = {"holder": holder, "seconds": seconds, "job_ids": list(job_ids)}
    session.connection().execute(_KEEP, values)


def release(session: Session, holder: str, job_ids: Sequence[str], *, crashes: int = 0) -> int:
    """Let others take what is still the holder's, and count crashes of it; all that there were of the last, 0 where
    nothing was the holder's any more."""
    values = {"holder": holder, "job_ids": list(job_ids), "crashes": crashes}
    counts = session.connection().execute(_RELEASE, values).scalars().all()
    return counts[-1] if counts else 0


def end_job(session: Session, job_id: str) -> bool:
    """Take it out of the queue; whether it was in it: it is answered once, by whoever comes first."""
    return session.connection().execute(_END, {"job_id": job_id}).first() is not None


def count_jobs(session: Session) -> dict[str, int]:
    """Jobs that wait and jobs that are held."""
    held = col(JobRow.held_until) > func.clock_timestamp()
    total, busy = session.exec(select(func.count(), func.count().filter(held)).select_from(JobRow)).one()
    return {"waiting": total - busy, "held": busy}
