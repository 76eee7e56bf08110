"""What the registry refuses, as problems."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from app.api.problems import Problem, problem_answer
from app.service.refusals import FileRefused, RegistryRefusal


def install_registry_refusals(app: FastAPI) -> None:
    """Answer every refusal of a service as the problem of its code."""
    app.exception_handler(RegistryRefusal)(_answer_refusal)


async def _answer_refusal(request: Request, refused: RegistryRefusal) -> Response:
    message = refused.message if isinstance(refused, FileRefused) else None
    request.state.problem_code = refused.code
    return problem_answer(Problem(refused.code, message=message))
