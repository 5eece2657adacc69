package dev.tenon.samples.serve;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests that a server refuses which serves a model "scale" with inputs "x", f32[n,3], and "s", string[k], and has the repository
 * of {@link TestRepository}; and the status with which it does.
 */
final class MalformedRequests {
    static final String X = "{\"name\":\"x\",\"shape\":[2,3],\"datatype\":\"FP32\",\"data\":[1,2,3,4,5,6]}";
    static final String S = "{\"name\":\"s\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"a\\u00e9\"]}";
    static final String INFER = "/v2/models/scale/infer";
    static final String REPOSITORY = "/v2/repository/models/";

    private static final String DATA = "\"data\":[1,2,3,4,5,6]";

    /**
     * A request.
     *
     * @param method its method
     * @param path its path
     * @param body its body
     * @param headers names and values of its headers
     * @param status the status of the answer
     */
    record Malformed(String method, String path, byte[] body, List<String> headers, int status) {
        private static Malformed post(String path, String body, int status, String... headers) {
            return new Malformed("POST", path, body.getBytes(StandardCharsets.UTF_8), List.of(headers), status);
        }

        @Override
        public String toString() {
            String text = new String(body, StandardCharsets.UTF_8);
            return method + " " + path + " " + (text.length() > 300 ? text.length() + " bytes" : text);
        }
    }

    private MalformedRequests() {}

    /** The body of a request with some inputs. */
    static String request(String... inputs) {
        return "{\"id\":\"q\",\"inputs\":[" + String.join(",", inputs) + "]}";
    }

    /**
     * Requests that are malformed in as many ways.
     *
     * @param maxBody the most bytes of a body
     */
    static List<Malformed> all(int maxBody) {
        List<Malformed> all = new ArrayList<>();
        for (String body : bodies()) {
            all.add(Malformed.post(INFER, body, 400));
        }
        String good = request(X, S);
        all.add(Malformed.post(INFER, " ".repeat(maxBody + 1), 413));
        all.add(Malformed.post(INFER, good.replace("[2,3]", "[99999999,99999999]"), 413));
        all.add(Malformed.post("/v2/models/other/infer", good, 404));
        all.add(Malformed.post("/v2/models/scale/versions/9/infer", good, 404));
        all.add(Malformed.post("/v2/models/scale/predict", good, 404));
        all.add(new Malformed("GET", "/nothing", new byte[0], List.of(), 404));
        all.add(new Malformed("GET", INFER, new byte[0], List.of(), 405));
        all.add(Malformed.post(INFER, "", 400, "Inference-Header-Content-Length", "5"));
        all.addAll(repository());
        return all;
    }

    /** Requests for the repository of {@link TestRepository}, none of which changes anything. */
    private static List<Malformed> repository() {
        List<Malformed> all = new ArrayList<>();
        for (String name :
                List.of("..", "%2e%2e", "..%2F..%2Fetc", "%2Fetc", "a%00b", "a%5Cb", ".hidden", "", "x".repeat(200))) {
            all.add(Malformed.post(REPOSITORY + name + "/load", "", 400));
        }
        String load = REPOSITORY + "scale/load";
        for (String version :
                List.of("\"../../elsewhere/1\"", "\"..\"", "\"/etc\"", "\"latest\"", "\"\"", "true", "1.5", "-1")) {
            all.add(Malformed.post(load, "{\"parameters\":{\"version\":" + version + "}}", 400));
        }
        for (String body : List.of(
                "[]",
                "{",
                "{}{}",
                "{\"parameters\":[]}",
                "{\"parameters\":{\"config\":\"{}\"}}",
                "{\"parameters\":{\"file:1/model.onnx\":\"AAAA\"}}")) {
            all.add(Malformed.post(load, body, 400));
            all.add(Malformed.post(REPOSITORY + "scale/unload", body, 400));
        }
        all.add(Malformed.post(load, "{\"parameters\":{\"version\":99}}", 404));
        all.add(Malformed.post(load, "{\"parameters\":{\"version\":\"4\"}}", 400));
        all.add(Malformed.post(load, "{\"parameters\":{\"version\":\"5\"}}", 403));
        all.add(Malformed.post(REPOSITORY + "broken/load", "", 400));
        all.add(Malformed.post(REPOSITORY + "bad-trial/load", "", 400));
        all.add(Malformed.post(REPOSITORY + "outside/load", "{}", 403));
        all.add(Malformed.post(REPOSITORY + "hidden/load", "{}", 404));
        all.add(Malformed.post(REPOSITORY + "notes.txt/load", "{}", 404));
        all.add(Malformed.post(REPOSITORY + "other/load", "{}", 404));
        all.add(Malformed.post(REPOSITORY + "other/unload", "{}", 404));
        all.add(Malformed.post(REPOSITORY + "scale/unload", "{\"parameters\":{\"version\":\"99\"}}", 404));
        all.add(Malformed.post(REPOSITORY + "scale/start", "{}", 404));
        all.add(new Malformed("GET", load, new byte[0], List.of(), 405));
        all.add(Malformed.post("/v2/repository/index", "{\"ready\":1}", 400));
        return all;
    }

    private static List<String> bodies() {
        List<String> bodies =
                new ArrayList<>(List.of("", "[]", "{", "{}", "{\"inputs\":{}}", "{\"inputs\":[1]}", "nul"));
        String good = request(X, S);
        bodies.add(request(X));
        bodies.add(request(X, X, S));
        bodies.add(good + "x");
        for (String type : List.of("\"FLOAT\"", "\"INT64\"", "\"BYTES\"", "7")) {
            bodies.add(good.replace("\"FP32\"", type));
        }
        for (String end : List.of("]", ",6,7]", ",null]", ",\"6\"]", ",true]", ",NaN]")) {
            bodies.add(good.replace(",6]", end));
        }
        for (String shape : List.of("[3,2]", "[6]", "[-2,-3]", "[2.5]", "6")) {
            bodies.add(good.replace("[2,3]", shape));
        }
        bodies.add(good.replace("\"shape\":[2,3],", ""));
        bodies.add(good.replace(DATA, "\"x\":1"));
        bodies.add(good.replace(DATA, "\"data\":5"));
        bodies.add(good.replace(DATA, "\"parameters\":{\"binary_data_size\":24}"));
        bodies.add(good.replace("\"name\":\"x\"", "\"name\":\"z\""));
        for (String id : List.of(
                "\"id\":5",
                "\"parameters\":{\"timeout\":-1}",
                "\"parameters\":{\"timeout\":9223372036854775807}",
                "\"outputs\":[{\"name\":\"z\"}]")) {
            bodies.add(good.replace("\"id\":\"q\"", id));
        }
        bodies.add("[".repeat(500));
        for (String data :
                List.of("[".repeat(100) + "1" + "]".repeat(100), "[" + "1".repeat(2_000) + "]", "[1e99999]")) {
            bodies.add(good.replace("[1,2,3,4,5,6]", data));
        }
        bodies.add(good.replace("\"id\":\"q\"", "\"a\":" + "{\"a\":".repeat(70) + "1" + "}".repeat(70)));
        bodies.add(good.replace("\"id\":\"q\"", "\"id\":\"" + "q".repeat(2_000) + "\""));
        for (String half : List.of("\\ud800", "a\\udc00")) {
            bodies.add(good.replace("\"id\":\"q\"", "\"id\":\"" + half + "\""));
            bodies.add(good.replace("\"name\":\"x\"", "\"name\":\"" + half + "\""));
            bodies.add(good.replace("\"FP32\"", "\"" + half + "\""));
            bodies.add(good.replace("\"id\":\"q\"", "\"outputs\":[{\"name\":\"" + half + "\"}]"));
        }
        return bodies;
    }
}
