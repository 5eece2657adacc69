package dev.tenon.samples.serve;

import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A request for the list of models, or to load or unload one.
 *
 * @param ready whether the list is to have those alone that can predict
 * @param parameters strings, numbers and flags by name
 */
record RepositoryRequest(boolean ready, Map<String, Object> parameters) {
    /** Reads a JSON object, or nothing. */
    static RepositoryRequest read(byte[] body) {
        if (body.length == 0) {
            return new RepositoryRequest(false, Map.of());
        }
        boolean ready = false;
        Map<String, Object> parameters = new HashMap<>();
        try (JsonParser json = Json.parser(body, body.length)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw RequestException.bad("the body is not a JSON object");
            }
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                switch (name) {
                    case "ready" -> {
                        if (value != JsonToken.VALUE_TRUE && value != JsonToken.VALUE_FALSE) {
                            throw RequestException.bad("ready is not true or false");
                        }
                        ready = value == JsonToken.VALUE_TRUE;
                    }
                    case "parameters" -> InferReader.parameters(json, "parameters", parameters::put);
                    default -> json.skipChildren();
                }
            }
            if (json.nextToken() != null) {
                throw RequestException.bad("the body goes on after the JSON object");
            }
        } catch (JacksonException e) {
            throw Json.malformed("the body", e);
        }
        return new RepositoryRequest(ready, parameters);
    }
}
