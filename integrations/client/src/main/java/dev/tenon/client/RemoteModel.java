package dev.tenon.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A model of a server. Never changes: methods that set something return another one. Safe for any number of threads.
 *
 * <p>Calls end with a {@link ClientException} if there is no answer; its {@linkplain ClientException#reason reason} says why.
 */
public final class RemoteModel {
    private final TenonClient client;
    private final String name;
    private final String version;
    private final String key;
    private final List<String> outputs;

    RemoteModel(TenonClient client, String name) {
        this(client, text("the name of a model", name), "", "", List.of());
    }

    private RemoteModel(TenonClient client, String name, String version, String key, List<String> outputs) {
        this.client = client;
        this.name = name;
        this.version = version;
        this.key = key;
        this.outputs = outputs;
    }

    private static String text(String thing, String text) {
        if (text.isEmpty()) {
            throw ClientException.invalid(thing, "no text", "a text", "give one");
        }
        return text;
    }

    /**
     * Sets the version.
     *
     * @param wanted the version
     * @return another model
     * @throws ClientException of {@link ClientException.Reason#INVALID} if it is empty
     */
    public RemoteModel version(String wanted) {
        return new RemoteModel(client, name, text("the version of model '" + name + "'", wanted), key, outputs);
    }

    /**
     * Sets the id of calls. A server that routes by key gives calls of one id to one version.
     *
     * @param id the id, at most 1024 characters
     * @return another model
     * @throws ClientException of {@link ClientException.Reason#INVALID} if it is empty
     */
    public RemoteModel id(String id) {
        return new RemoteModel(client, name, version, text("the id of calls", id), outputs);
    }

    /**
     * Sets which outputs are computed and sent; all if this is not called.
     *
     * @param names their names
     * @return another model
     */
    public RemoteModel outputs(String... names) {
        return new RemoteModel(client, name, version, key, List.of(names));
    }

    /**
     * Predicts.
     *
     * @param inputs all inputs of the model by name
     * @return the answer
     * @throws ClientException if there is none
     */
    public Prediction predict(Map<String, ClientTensor> inputs) {
        return call(inputs).await();
    }

    /**
     * Predicts without waiting. To cancel the future ends the call, and its connection. The future's dependents run on threads of
     * the HTTP client, which they should leave soon, or of the common pool.
     *
     * @param inputs all inputs of the model by name
     * @return the answer, or a {@link ClientException}
     */
    public CompletableFuture<Prediction> predictAsync(Map<String, ClientTensor> inputs) {
        return call(inputs).start();
    }

    private Exchange<Prediction> call(Map<String, ClientTensor> inputs) {
        InferCall call = new InferCall(key, inputs, outputs);
        return new Exchange<>(client, path() + "/infer", call::body, InferCall::prediction);
    }

    /**
     * Asks what the model takes and gives.
     *
     * @return what the server tells
     * @throws ClientException if there is no answer
     */
    public ModelInfo info() {
        return new Exchange<>(client, path(), null, answer -> info(answer.body())).await();
    }

    private String path() {
        String path = "/v2/models/" + escaped(name);
        return version.isEmpty() ? path : path + "/versions/" + escaped(version);
    }

    private static String escaped(String part) {
        String escaped = URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
        // A proxy would take them for steps in a path.
        return escaped.equals(".") || escaped.equals("..") ? escaped.replace(".", "%2E") : escaped;
    }

    private static ModelInfo info(byte[] body) {
        Map<?, ?> json = Json.read(body, body.length);
        return new ModelInfo(
                Json.member(json, "name", String.class),
                Json.members(json, "versions", String.class),
                values(json, "inputs"),
                values(json, "outputs"));
    }

    private static List<ModelInfo.Value> values(Map<?, ?> json, String name) {
        List<ModelInfo.Value> values = new ArrayList<>();
        for (Map<?, ?> value : Json.members(json, name, Map.class)) {
            values.add(new ModelInfo.Value(
                    Json.member(value, "name", String.class),
                    Json.member(value, "datatype", String.class),
                    Json.members(value, "shape", Long.class)));
        }
        return values;
    }
}
