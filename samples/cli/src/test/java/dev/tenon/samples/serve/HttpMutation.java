package dev.tenon.samples.serve;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Changes requests: their lines, headers, lengths, chunks, JSON and binary tensors. Most of a changed request stays as it was, so that
 * more than the first check is met.
 */
final class HttpMutation {
    private static final Pattern TOKEN =
            Pattern.compile("\"(?:[^\"\\\\]++|\\\\.)*+\"|-?[0-9][0-9.eE+-]*|[\\[\\]{},:]|true|false|null");

    private static final List<String> NAMES = List.of(
            "Content-Length",
            "Transfer-Encoding",
            "Host",
            "Expect",
            "Connection",
            "Inference-Header-Content-Length",
            "Content-Encoding",
            "X-" + "n".repeat(500),
            "",
            "A b",
            "A\0");

    private static final List<String> VALUES = List.of(
            "",
            "0",
            "1",
            "-1",
            "5, 5",
            " 5 ",
            "0x10",
            "1e3",
            "16777217",
            "2147483648",
            "99999999999999999999",
            "chunked",
            "gzip, chunked",
            "identity",
            "100-continue",
            "close",
            "keep-alive",
            "\0",
            "\u00e9",
            "\r",
            "\n",
            "\r\nInjected: x",
            "v".repeat(5_000),
            "v".repeat(20_000));

    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "OPTIONS", "CONNECT", "get", "", "P\0ST", "M".repeat(100), "PRI");

    private static final List<String> TARGETS = List.of(
            "*",
            "",
            "/",
            "//",
            "/v2/../v2",
            "/%2e%2e",
            "/%",
            "/%zz",
            "/%00",
            "http://x",
            "http://",
            "x",
            "/v2/models/",
            "/v2/models/scale/infer?x=1",
            "/v2/models/scale/versions//infer",
            "/v2/models/%F0%9F%98%80/infer",
            "/v2/models/%ff/infer",
            "/" + "a/".repeat(3_000),
            "/" + "%41".repeat(3_000),
            "/a b",
            "/\u00e9",
            "/#x");

    private static final List<String> VERSIONS =
            List.of("HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/1.2", "http/1.1", "", "HTTP/1.1 x", "HTTP/9999999999.1");

    private static final List<String> CHUNK_SIZES = List.of(
            "",
            "-1",
            "0",
            "1",
            "7fffffff",
            "80000000",
            "ffffffff",
            "fffffffffffffff",
            "ffffffffffffffff",
            "0x1",
            "1;a=b",
            "1;" + "x".repeat(300),
            "g",
            " 1 ",
            "00000000000000001");

    private static final List<String> WORDS = List.of(
            "0",
            "-0",
            "-1",
            "1.5",
            "1e309",
            "1e-400",
            "NaN",
            "00",
            "2147483648",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551616",
            "9".repeat(1_001),
            "0." + "3".repeat(1_500),
            "1e" + "9".repeat(30),
            "\"\"",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "\"\\x\"",
            "\"" + "s".repeat(60_000) + "\"",
            "\"FP16\"",
            "\"BF16\"",
            "\"BYTES\"",
            "\"BOOL\"",
            "\"UINT64\"",
            "\"FP64\"",
            "\"INT8\"",
            "\"x\"",
            "\"s\"",
            "\"name\"",
            "\"shape\"",
            "\"parameters\"",
            "\"binary_data_size\"",
            "\"binary_data_output\"",
            "\"timeout\"",
            "\"inputs\"",
            "null",
            "true",
            "false",
            "[]",
            "{}",
            "[[]]",
            ",",
            ":",
            "\u00ff",
            "\0",
            "[".repeat(70) + "]".repeat(70),
            "{\"a\":".repeat(70) + "1" + "}".repeat(70),
            "[".repeat(5_000),
            "\"" + "k".repeat(60_000) + "\":1,",
            "0,".repeat(20_000) + "0");

    /** The parts of a request. Texts are bytes, one a character. */
    private static final class Request {
        private String method;
        private String target;
        private String version;
        private final List<String> headers;
        private String body;
        /** The length that is told; the real one if it is null. */
        private String length;

        private List<String> chunks;

        Request(String text) {
            int end = text.indexOf("\r\n\r\n");
            List<String> lines = Arrays.asList(text.substring(0, end).split("\r\n"));
            String[] first = lines.getFirst().split(" ");
            method = first[0];
            target = first[1];
            version = first[2];
            headers = new ArrayList<>(lines.subList(1, lines.size()));
            body = text.substring(end + 4);
        }

        String text() {
            StringBuilder text = new StringBuilder(method + " " + target + " " + version + "\r\n");
            headers.forEach(h -> text.append(h).append("\r\n"));
            if (chunks != null) {
                text.append("Transfer-Encoding: chunked\r\n\r\n");
                chunks.forEach(text::append);
                return text.toString();
            }
            if (length != null || !body.isEmpty()) {
                text.append("Content-Length: ")
                        .append(length == null ? String.valueOf(body.length()) : length)
                        .append("\r\n");
            }
            return text.append("\r\n").append(body).toString();
        }
    }

    private final List<String> seeds;
    private final SplittableRandom random;

    /** Changes one of some requests, which have no length: it is added. */
    HttpMutation(List<String> seeds, SplittableRandom random) {
        this.seeds = seeds;
        this.random = random;
    }

    private <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    /** The bytes of one or two requests. */
    byte[] next() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = random.nextInt(8) == 0 ? 2 : 1; i > 0; i--) {
            Request request = new Request(any(seeds));
            for (int n = random.nextInt(4); n > 0; n--) {
                change(request);
            }
            all.writeBytes(request.text().getBytes(StandardCharsets.ISO_8859_1));
        }
        byte[] bytes = all.toByteArray();
        return random.nextInt(4) == 0 ? damaged(bytes) : bytes;
    }

    private void change(Request r) {
        switch (random.nextInt(16)) {
            case 0 -> r.method = any(METHODS);
            case 1 -> r.target = random.nextBoolean() ? any(TARGETS) : splice(r.target, any(TARGETS));
            case 2 -> r.version = any(VERSIONS);
            case 3 -> r.headers.add(random.nextInt(r.headers.size() + 1), any(NAMES) + ": " + any(VALUES));
            case 4 -> r.headers.add(any(r.headers.isEmpty() ? NAMES : r.headers));
            case 5 -> r.headers.clear();
            case 6 -> {
                int copies = random.nextInt(200);
                for (int i = 0; i < copies; i++) {
                    r.headers.add("H" + i + ": x");
                }
            }
            case 7 ->
                r.length = random.nextBoolean()
                        ? any(VALUES)
                        : String.valueOf(Math.max(0, r.body.length() + random.nextInt(-20, 21)));
            case 8, 9 -> r.chunks = chunks(r.body);
            default -> r.body = json(r.body);
        }
    }

    private String splice(String text, String other) {
        return text.substring(0, random.nextInt(text.length() + 1))
                + other
                + text.substring(random.nextInt(text.length() + 1));
    }

    /** A body in chunks, whose sizes are wrong now and then. */
    private List<String> chunks(String body) {
        List<String> chunks = new ArrayList<>();
        boolean isRight = random.nextBoolean();
        int at = 0;
        while (at < body.length()) {
            int size = 1 + random.nextInt(Math.max(1, Math.min(body.length() - at, 5_000)));
            boolean lies = !isRight && random.nextInt(3) == 0;
            chunks.add((lies ? any(CHUNK_SIZES) : Integer.toHexString(size)) + "\r\n" + body.substring(at, at + size)
                    + (!isRight && random.nextInt(8) == 0 ? "" : "\r\n"));
            at += size;
        }
        chunks.add(
                isRight
                        ? "0\r\n\r\n"
                        : any(List.of("0\r\n\r\n", "0\r\nA: b\r\n\r\n", "0\r\nbad\r\n\r\n", "0\r\n", "")));
        return chunks;
    }

    /** Changes a word of JSON, which is the first part of a body. */
    private String json(String body) {
        List<MatchResult> tokens = TOKEN.matcher(body).results().toList();
        if (tokens.isEmpty()) {
            return any(WORDS);
        }
        MatchResult token = any(tokens);
        MatchResult other = any(tokens);
        String replacement =
                switch (random.nextInt(6)) {
                    case 0 -> "";
                    case 1 -> token.group() + token.group();
                    case 2 -> other.group();
                    case 3 ->
                        body.substring(Math.min(token.start(), other.start()), Math.max(token.end(), other.end()));
                    default -> any(WORDS);
                };
        return body.substring(0, token.start()) + replacement + body.substring(token.end());
    }

    /** Changes bytes, wherever they are. */
    private byte[] damaged(byte[] bytes) {
        byte[] changed = bytes.clone();
        switch (random.nextInt(4)) {
            case 0 -> {
                return Arrays.copyOf(changed, random.nextInt(changed.length + 1));
            }
            case 1 -> {
                int from = random.nextInt(changed.length);
                int to = from + random.nextInt(Math.min(100, changed.length - from));
                System.arraycopy(bytes, to, changed, from, bytes.length - to);
                return Arrays.copyOf(changed, bytes.length - (to - from));
            }
            case 2 -> changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            default -> {
                int end = Math.max(1, new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n"));
                for (int n = 1 + random.nextInt(3); n > 0; n--) {
                    changed[random.nextInt(end)] ^= (byte) (1 << random.nextInt(8));
                }
            }
        }
        return changed;
    }
}
