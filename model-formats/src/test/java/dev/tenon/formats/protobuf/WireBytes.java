package dev.tenon.formats.protobuf;

import java.io.ByteArrayOutputStream;

/** Messages as bytes, written without the writer that is tested. */
public final class WireBytes {
    private WireBytes() {}

    /** A message that holds another as its only field. */
    public static byte[] nested(int field, byte[] message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(field << 3 | 2);
        int rest = message.length;
        while (rest > 127) {
            out.write(rest & 127 | 128);
            rest >>>= 7;
        }
        out.write(rest);
        out.writeBytes(message);
        return out.toByteArray();
    }
}
