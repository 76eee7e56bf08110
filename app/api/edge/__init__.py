"""What every call shares: who calls, strict reading, answers, refusals, the OpenAPI document."""
