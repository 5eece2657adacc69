package dev.tenon.samples.serve;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Requests that a server answers, from which others are made. Texts are bytes, one a character; they tell no length. */
final class HttpSeeds {
    private HttpSeeds() {}

    /** All of them; those for predictions count most. */
    static List<String> all() {
        List<String> all = new ArrayList<>();
        for (String path : List.of(
                "/",
                "/statistics",
                "/metrics",
                "/v2",
                "/v2/health/live",
                "/v2/health/ready",
                "/v2/models/scale",
                "/v2/models/scale/versions/1/ready")) {
            all.add("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }
        all.add("GET http://localhost/v2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        all.add(post("/v2/repository/index", "{\"ready\":true}"));
        all.add(post("/v2/repository/models/scale/load", "{\"parameters\":{\"version\":\"3\"}}"));
        all.add(post("/v2/repository/models/scale/unload", "{\"parameters\":{\"version\":3}}"));
        all.add(post("/v2/models/scale/versions/1/promote", ""));
        all.add(post("/v2/models/scale/rollback", ""));
        String json = MalformedRequests.request(MalformedRequests.X, MalformedRequests.S);
        for (int i = 0; i < 5; i++) {
            all.add(post(MalformedRequests.INFER, json));
            all.add(post(MalformedRequests.INFER, json, "Expect: 100-continue"));
            all.add(post(
                    "/v2/models/scale/versions/latest/infer",
                    json.replace(
                            "\"id\":\"q\"",
                            "\"parameters\":{\"binary_data_output\":true},\"outputs\":[{\"name\":\"y\"}]")));
            all.add(binary());
        }
        all.add(post(MalformedRequests.INFER, json.replace("\"id\":\"q\"", "\"parameters\":{\"timeout\":5000000}")));
        return all;
    }

    private static String post(String path, String body, String... headers) {
        StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        return head.append("\r\n").append(body).toString();
    }

    /** A request with binary tensors after the JSON. */
    private static String binary() {
        String json = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"FP32\",\"parameters\":"
                + "{\"binary_data_size\":12}},{\"name\":\"s\",\"shape\":[2],\"datatype\":\"BYTES\",\"parameters\":"
                + "{\"binary_data_size\":11}}]}";
        ByteBuffer data = ByteBuffer.allocate(23).order(ByteOrder.LITTLE_ENDIAN);
        data.putFloat(1).putFloat(Float.NaN).putFloat(3);
        data.putInt(3).put(new byte[] {7, 8, 9}).putInt(0);
        return post(
                MalformedRequests.INFER,
                json + new String(data.array(), StandardCharsets.ISO_8859_1),
                "Inference-Header-Content-Length: " + json.length());
    }
}
