"""What the registry refuses, and a database that does not answer, as problems."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from app.api.edge.problems import Problem, problem_answer
from app.service.refusals import FileRefused, RegistryRefusal
from app.store.unavailable import DATABASE_ERRORS, is_unavailable


def install_registry_refusals(app: FastAPI) -> None:
    """Answer every refusal of a service as the problem of its code."""
    app.exception_handler(RegistryRefusal)(_answer_refusal)
    for kind in DATABASE_ERRORS:
        app.exception_handler(kind)(_answer_database_error)


async def _answer_refusal(request: Request, refused: RegistryRefusal) -> Response:
    message = refused.message if isinstance(refused, FileRefused) else None
    return _answer(request, Problem(refused.code, detail=refused.detail, message=message))


async def _answer_database_error(request: Request, error: Exception) -> Response:
    if not is_unavailable(error):
        raise error
    return _answer(request, Problem("busy"))


def _answer(request: Request, problem: Problem) -> Response:
    # The request log finds the code here.
    request.state.problem_code = problem.code
    return problem_answer(problem)
