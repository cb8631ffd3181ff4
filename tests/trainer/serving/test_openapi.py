from tiny_servers import client

from trainer.serving.endpoints import ENDPOINTS
from trainer.serving.openapi import openapi_document


def test_the_document_describes_what_is_served(server_of):
    with client(server_of("answer")) as http:
        document = http.get("/openapi.json").json()
        served = http.get("/info").json()["endpoints"]
    assert document["openapi"] == "3.1.0"
    assert [path for path, of in document["paths"].items() if "post" in of] == served
    for endpoint in ENDPOINTS:
        if endpoint.path not in served:
            continue
        content = document["paths"][endpoint.path]["post"]["requestBody"]["content"]["application/json"]
        schema = content["schema"]
        assert set(content["example"]) <= set(schema["properties"]) == {field.name for field in endpoint.fields}
        assert set(schema.get("required", ())) <= set(content["example"])
        assert schema["additionalProperties"] is False
        for field in schema["properties"].values():
            assert field["description"]
    assert "components" not in document


def test_a_key_is_in_the_document(server_of):
    document = openapi_document(server_of("answer").model, keyed=True)
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert document["paths"]["/embed"]["post"]["security"] == [{"key": []}]
    assert "security" not in document["paths"]["/health"]["get"]
    assert "401" in document["paths"]["/embed"]["post"]["responses"]
