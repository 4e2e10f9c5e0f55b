"""A SOAP service by spyne, from its own WSDL; zeep reads what comes back where a fault must be one."""
from lxml import etree
from spyne import Application, Fault, Integer, ServiceBase, Unicode, rpc
from spyne.protocol.soap import Soap11, Soap12
from spyne.server.wsgi import WsgiApplication
from zeep import Client

NAMESPACE = "urn:erp"


def service(placed, protocol, tries=None):
    class Orders(ServiceBase):
        @rpc(Integer, Unicode, _returns=Unicode)
        def PlaceOrder(ctx, Id, Note):
            if Note == "poison":
                raise Fault("Client.NoSuchOrder", "no such order")
            if tries is not None:
                tries.append(Id)
                if len(tries) < 3:
                    raise Fault("Server.Busy", "try again")
            placed.append((Id, Note))
            return "placed"

    return WsgiApplication(Application([Orders], NAMESPACE, in_protocol=protocol(validator="lxml"), out_protocol=protocol()))


BODY = '<PlaceOrder xmlns="urn:erp"><Id>${value.id}</Id><Note>${value.note}</Note></PlaceOrder>'
RETRY = {"attempts": 10, "backoff": "10ms..50ms"}


def destination(url, **body):
    return {"url": url, "headers": {"SOAPAction": '"PlaceOrder"'}, "body": {"soap": BODY, **body}, "retry": RETRY}


def test_orders_arrive_whatever_they_hold(bridge, wsgi):
    placed = []
    note = 'a <b> & "c" \'d\' ]]> \t é 😀'
    with bridge(destinations={"erp": destination(wsgi(service(placed, Soap11)))}) as b:
        b.publish({"id": 1, "note": note}, key=b"1")
        b.publish({"id": 2, "note": "plain"}, key=b"1")
    assert placed == [(1, note), (2, "plain")]


def test_soap_1_2(bridge, wsgi):
    placed = []
    with bridge(destinations={"erp": destination(wsgi(service(placed, Soap12)), version=1.2)}) as b:
        b.publish({"id": 7, "note": "twelve"})
    assert placed == [(7, "twelve")]


def test_a_client_fault_is_a_dead_letter_and_a_server_fault_is_tried_again(bridge, wsgi):
    placed, tries = [], []
    with bridge(destinations={"erp": destination(wsgi(service(placed, Soap11, tries)))}) as b:
        b.publish({"id": 1, "note": "poison"}, key=b"1")
        b.publish({"id": 2, "note": "good"}, key=b"2")
        ((headers, value),) = b.letters(1)
    assert headers["topictee.dlq.reason"] == "success_rule" and "no such order" in headers["topictee.dlq.error"]
    assert placed == [(2, "good")] and tries == [2, 2, 2]


def test_the_envelope_is_what_zeep_would_send(bridge, server, wsgi):
    url = wsgi(service([], Soap11))
    expected = Client(url + "/?wsdl").create_message(
        Client(url + "/?wsdl").service, "PlaceOrder", Id=3, Note="as zeep does")
    api = server()
    with bridge(destinations={"erp": destination(api.url)}) as b:
        b.publish({"id": 3, "note": "as zeep does"})
        (request,) = api.take()
    ours = etree.fromstring(request.body)
    canonical = lambda tree: [(e.tag, (e.text or "").strip()) for e in tree.iter()]
    assert canonical(ours) == canonical(expected)
    assert request.headers["content-type"].startswith("text/xml")
