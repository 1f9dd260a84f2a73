"""For schemathesis: a valid Idempotency-Key belongs to one request, so each request gets one of its own."""

import uuid

import schemathesis

KEY = "Idempotency-Key"


@schemathesis.hook
def before_call(context, case, kwargs):
    key = (case.headers or {}).get(KEY)
    if key is not None and 1 <= len(str(key)) <= 200:
        case.headers[KEY] = str(uuid.uuid4())
