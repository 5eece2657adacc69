package dev.tenon.samples.serve;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A parsed address.
 *
 * @param kind the operation
 * @param model the name of the model, empty if the operation has none
 * @param version the version, empty for the one that serves
 */
record Endpoint(Kind kind, String model, String version) {
    /** The operations, with the method of HTTP that each takes. */
    enum Kind {
        PAGE("GET"),
        STATISTICS("GET"),
        METRICS("GET"),
        LIVE("GET"),
        READY("GET"),
        SERVER("GET"),
        MODEL("GET"),
        MODEL_READY("GET"),
        INFER("POST"),
        INDEX("POST"),
        PROMOTE("POST"),
        ROLLBACK("POST"),
        LOAD("POST"),
        UNLOAD("POST");

        private final String method;

        Kind(String method) {
            this.method = method;
        }

        String method() {
            return method;
        }
    }

    private static final List<String> REPOSITORY = List.of("", "v2", "repository", "models");

    private static Endpoint of(Kind kind) {
        return new Endpoint(kind, "", "");
    }

    /** Parses the raw path of a request. Throws if it has no operation. */
    static Endpoint parse(String rawPath) {
        String path =
                rawPath.length() > 1 && rawPath.endsWith("/") ? rawPath.substring(0, rawPath.length() - 1) : rawPath;
        return switch (path) {
            case "", "/" -> of(Kind.PAGE);
            case "/statistics" -> of(Kind.STATISTICS);
            case "/metrics" -> of(Kind.METRICS);
            case "/v2" -> of(Kind.SERVER);
            case "/v2/health/live" -> of(Kind.LIVE);
            case "/v2/health/ready" -> of(Kind.READY);
            case "/v2/repository/index" -> of(Kind.INDEX);
            default -> model(path);
        };
    }

    /** Parses {@code /v2/models/NAME[/versions/VERSION][/OPERATION]} and {@code /v2/repository/models/NAME/OPERATION}. */
    private static Endpoint model(String path) {
        List<String> parts = new ArrayList<>();
        for (String part : path.split("/", -1)) {
            parts.add(decode(part));
        }
        if (parts.size() == 6 && parts.subList(0, 4).equals(REPOSITORY)) {
            return switch (parts.get(5)) {
                case "load" -> new Endpoint(Kind.LOAD, parts.get(4), "");
                case "unload" -> new Endpoint(Kind.UNLOAD, parts.get(4), "");
                default -> throw unknown(path);
            };
        }
        if (parts.size() < 4
                || !parts.get(1).equals("v2")
                || !parts.get(2).equals("models")
                || parts.get(3).isEmpty()) {
            throw unknown(path);
        }
        int at = 4;
        String version = "";
        if (parts.size() >= 6 && parts.get(4).equals("versions")) {
            version = parts.get(5).equals(ServedModels.LATEST) ? "" : parts.get(5);
            at = 6;
        }
        if (parts.size() > at + 1) {
            throw unknown(path);
        }
        Kind kind = parts.size() == at
                ? Kind.MODEL
                : switch (parts.get(at)) {
                    case "ready" -> Kind.MODEL_READY;
                    case "infer" -> Kind.INFER;
                    case "promote" -> Kind.PROMOTE;
                    case "rollback" -> Kind.ROLLBACK;
                    default -> throw unknown(path);
                };
        return new Endpoint(kind, parts.get(3), version);
    }

    private static String decode(String part) {
        try {
            // A plus is a plus in a path.
            return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw RequestException.bad("the address has a malformed escape: " + e.getMessage());
        }
    }

    private static RequestException unknown(String path) {
        return new RequestException(
                Failure.NOT_FOUND,
                "there is nothing at " + path + "; the server has /, /metrics, /statistics, /v2, /v2/health/live,"
                        + " /v2/health/ready, /v2/repository/index, /v2/repository/models/NAME/(load|unload) and"
                        + " /v2/models/NAME[/versions/VERSION][/ready|/infer|/promote|/rollback]");
    }
}
