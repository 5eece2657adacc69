package dev.tenon.formats.json;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/** Looks at the start of a file that may be JSON. */
public final class JsonStart {
    private static final int MOST_CHARS = 100;

    private JsonStart() {}

    /**
     * The first name in the object that a file is.
     *
     * @param head the first bytes of the file
     * @return the name; nothing if the file is no object, or its first name has an escape or more than 100 characters
     */
    public static Optional<String> firstName(MemorySegment head) {
        long at = spaces(head, hasMark(head) ? 3 : 0);
        if (at >= head.byteSize() || head.get(ValueLayout.JAVA_BYTE, at) != '{') {
            return Optional.empty();
        }
        at = spaces(head, at + 1);
        if (at >= head.byteSize() || head.get(ValueLayout.JAVA_BYTE, at) != '"') {
            return Optional.empty();
        }
        StringBuilder name = new StringBuilder();
        for (long i = at + 1; i < head.byteSize() && name.length() < MOST_CHARS; i++) {
            char c = (char) (head.get(ValueLayout.JAVA_BYTE, i) & 0xFF);
            if (c == '"') {
                return Optional.of(name.toString());
            }
            if (c == '\\') {
                return Optional.empty();
            }
            name.append(c);
        }
        return Optional.empty();
    }

    /** Whether the file begins with the byte order mark of UTF-8. */
    private static boolean hasMark(MemorySegment head) {
        return head.byteSize() > 2
                && head.get(ValueLayout.JAVA_BYTE, 0) == (byte) 0xEF
                && head.get(ValueLayout.JAVA_BYTE, 1) == (byte) 0xBB
                && head.get(ValueLayout.JAVA_BYTE, 2) == (byte) 0xBF;
    }

    private static long spaces(MemorySegment head, long from) {
        long at = from;
        while (at < head.byteSize() && " \t\r\n".indexOf(head.get(ValueLayout.JAVA_BYTE, at)) >= 0) {
            at++;
        }
        return at;
    }
}
