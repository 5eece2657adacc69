package dev.tenon.samples.serve;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The request line and the headers of a request.
 *
 * @param method the method
 * @param path the path of the target, as it was sent
 * @param isPersistent whether the client lets the connection stay open
 * @param headers the values by name in lower case, those of equal names joined by commas
 */
record HttpHead(String method, String path, boolean isPersistent, Map<String, String> headers) {
    private static final int MOST_HEADERS = 100;
    private static final int LONGEST_METHOD = 32;

    /** A source of lines, without their ends. */
    interface Lines {
        String next() throws IOException;
    }

    /** Reads a head: a request line, headers and an empty line. */
    static HttpHead read(Lines lines) throws IOException {
        String line = lines.next();
        if (line.isEmpty()) {
            // Some clients end a body by an empty line that does not belong to it.
            line = lines.next();
        }
        String[] parts = line.split(" ", -1);
        if (parts.length != 3 || !isToken(parts[0]) || parts[0].length() > LONGEST_METHOD) {
            throw RequestException.bad("the request line is '" + line
                    + "'; allowed is METHOD TARGET HTTP/1.1 with one space between them");
        }
        if (!parts[2].equals("HTTP/1.1") && !parts[2].equals("HTTP/1.0")) {
            throw RequestException.bad("the version is '" + parts[2] + "'; allowed are HTTP/1.1 and HTTP/1.0");
        }
        boolean isNew = parts[2].equals("HTTP/1.1");
        String path = path(parts[1]);
        Map<String, String> headers = headers(lines);
        if (isNew && (!headers.containsKey("host") || headers.get("host").contains(","))) {
            throw RequestException.bad("there is no header Host, or more than one; HTTP/1.1 needs one");
        }
        String connection = headers.getOrDefault("connection", "").toLowerCase(Locale.ROOT);
        boolean persistent = isNew ? !connection.contains("close") : connection.contains("keep-alive");
        return new HttpHead(parts[0], path, persistent, headers);
    }

    /** The path of a target, which is a path or, for a proxy, a whole address. */
    private static String path(String target) {
        String path = target;
        if (target.regionMatches(true, 0, "http://", 0, 7)) {
            int slash = target.indexOf('/', 7);
            path = slash < 0 ? "/" : target.substring(slash);
        }
        if (!path.startsWith("/") || !path.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '#')) {
            throw RequestException.bad("the target is '" + target + "'; allowed is a path of visible ASCII characters"
                    + " that begins with a slash");
        }
        int query = path.indexOf('?');
        return query < 0 ? path : path.substring(0, query);
    }

    /** Reads headers, and the empty line after them. */
    static Map<String, String> headers(Lines lines) throws IOException {
        Map<String, String> headers = new TreeMap<>();
        int count = 0;
        for (String line = lines.next(); !line.isEmpty(); line = lines.next()) {
            int colon = line.indexOf(':');
            if (colon < 0 || !isToken(line.substring(0, colon))) {
                throw RequestException.bad("a header is '" + line + "'; allowed is NAME: VALUE in one line");
            }
            if (++count > MOST_HEADERS) {
                throw new RequestException(
                        Failure.HEAD_TOO_LARGE, "the request has more than " + MOST_HEADERS + " headers");
            }
            headers.merge(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip(),
                    (a, b) -> a + ", " + b);
        }
        return headers;
    }

    private static boolean isToken(String text) {
        return !text.isEmpty()
                && text.chars()
                        .allMatch(c -> c >= 'a' && c <= 'z'
                                || c >= 'A' && c <= 'Z'
                                || c >= '0' && c <= '9'
                                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }

    /** The value of a header; null if there is none. */
    String header(String name) {
        return headers.get(name.toLowerCase(Locale.ROOT));
    }
}
