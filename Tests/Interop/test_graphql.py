"""A GraphQL server by ariadne."""
from ariadne import MutationType, QueryType, make_executable_schema
from ariadne.wsgi import GraphQL
from graphql import GraphQLError

SCHEMA = "type Query { ok: Boolean } type Reservation { ok: Boolean! } type Mutation { reserve(id: ID!, note: String, amount: Float): Reservation! }"
QUERY = "mutation Reserve($id: ID!, $note: String, $amount: Float) { reserve(id: $id, note: $note, amount: $amount) { ok } }"


def application(reserved, failures=0):
    mutation = MutationType()
    left = [failures]

    @mutation.field("reserve")
    def reserve(_, info, id, note=None, amount=None):
        if note == "poison":
            raise GraphQLError("no such item", extensions={"code": "BAD_USER_INPUT"})
        if left[0]:
            left[0] -= 1
            raise GraphQLError("the database is away", extensions={"code": "INTERNAL_SERVER_ERROR"})
        reserved.append((id, note, amount))
        return {"ok": True}

    return GraphQL(make_executable_schema(SCHEMA, QueryType(), mutation))


def destination(url):
    variables = {"id": "${value.id}", "note": "${value.note}", "amount": "${value.amount}"}
    return {"url": url, "body": {"graphql": {"query": QUERY, "variables": variables}},
            "retry": {"backoff": "10ms..50ms"}}


def test_variables_keep_their_types(bridge, wsgi):
    reserved = []
    with bridge(destinations={"catalog": destination(wsgi(application(reserved)))}) as b:
        b.publish({"id": "a-1", "note": 'quotes " and \n lines 😀', "amount": 9.5})
    assert reserved == [("a-1", 'quotes " and \n lines 😀', 9.5)]


def test_errors_in_a_200_are_failures(bridge, wsgi):
    reserved = []
    with bridge(destinations={"catalog": destination(wsgi(application(reserved, failures=2)))}) as b:
        b.publish({"id": "1", "note": "poison", "amount": 1})
        b.publish({"id": "2", "note": "good", "amount": 2})
        ((headers, _),) = b.letters(1)
    assert headers["topictee.dlq.reason"] == "success_rule" and "no such item" in headers["topictee.dlq.error"]
    assert reserved == [("2", "good", 2.0)]
