"""An OpenAI-compatible server whose requests are checked against the types of OpenAI's own client."""
import json

from openai.types.chat import ChatCompletion, completion_create_params
from pydantic import TypeAdapter

CREATE = TypeAdapter(completion_create_params.CompletionCreateParamsNonStreaming)
TEXT = 'quotes " and \\ lines\nand\ttabs, \u0001 control, emoji 😀, ${not.a.template}'


def completion(content):
    answer = {"id": "c1", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini", "choices": [
        {"index": 0, "finish_reason": "stop", "logprobs": None, "message": {"role": "assistant", "content": content, "refusal": None}}]}
    ChatCompletion.model_validate(answer)
    return 200, {"content-type": "application/json"}, json.dumps(answer).encode()


def destination(url, **chat):
    return {"url": url + "/v1/chat/completions", "auth": {"bearer": {"env": "GATEWAY_KEY"}},
            "body": {"chat": {"model": "gpt-4o-mini", "system": "Summarise the order.", "prompt": "${value | json}", **chat}},
            "retry": {"backoff": "10ms..50ms"}}


def test_any_text_is_a_valid_request(bridge, server):
    api = server(lambda request: completion("a summary"))
    chat = {"temperature": 0.2, "max_tokens": 100, "response_format": {"type": "json_object"}}
    with bridge(destinations={"summary": destination(api.url, **chat)}, environment={"GATEWAY_KEY": "s3cret"}) as b:
        b.publish({"text": TEXT})
        (request,) = api.take()
        assert "s3cret" not in b.log
    assert request.headers["authorization"] == "Bearer s3cret"
    sent = CREATE.validate_python(request.json)
    assert sent["model"] == "gpt-4o-mini" and sent["temperature"] == 0.2 and sent["max_tokens"] == 100
    system, user = request.json["messages"]
    assert (system["role"], user["role"]) == ("system", "user") and json.loads(user["content"]) == {"text": TEXT}


def test_an_error_or_no_choice_in_a_200_is_a_failed_attempt(bridge, server):
    answers = [(200, {}, b'{"error": {"message": "overloaded", "type": "server_error", "param": null, "code": null}}'),
               (200, {}, b'{"id": "x", "choices": []}'), completion("at last")]
    api = server(lambda request: answers.pop(0))
    with bridge(destinations={"summary": destination(api.url)}, environment={"GATEWAY_KEY": "k"}) as b:
        b.publish({"text": "x"})
        api.take(3)
