package dev.tenon.text.model;

import dev.tenon.text.stage.Vocabulary;
import java.util.Locale;

/** The tokens {@code <0x00>} to {@code <0xFF>}, which stand for bytes. */
final class ByteTokens {
    private static final int COUNT = 256;

    private ByteTokens() {}

    /** The id of the token of each byte, {@link dev.tenon.text.stage.TokenModel#NONE} where there is none. */
    static int[] ids(Vocabulary vocabulary) {
        int[] ids = new int[COUNT];
        for (int b = 0; b < COUNT; b++) {
            ids[b] = vocabulary.id(String.format(Locale.ROOT, "<0x%02X>", b));
        }
        return ids;
    }
}
