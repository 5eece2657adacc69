package dev.tenon.text;

import java.util.Arrays;

/**
 * Makes text of token ids that come one after the other. A part of the text is given out as soon as it is whole: a character whose
 * bytes are several tokens comes with the last of them. All parts together are the text that {@link Tokenizer#decode(int...)}
 * makes of all ids, if the tokens spell UTF-8 and the decoder of the file looks at no token but the one before. Special tokens are
 * left out. For one thread at a time.
 *
 * <pre>{@code
 * DecodeStream stream = tokenizer.decodeStream();
 * for (int id : ids) {
 *     IO.print(stream.add(id));
 * }
 * IO.print(stream.finish());
 * }</pre>
 */
public final class DecodeStream {
    /** So many tokens in a row that all end within a character spell no text. */
    private static final int MOST_HELD = 64;

    private static final char REPLACEMENT = '\uFFFD';

    private final Tokenizer tokenizer;

    /** The ids of the last whole part, which decoding needs before the next ones, and the ids since then. */
    private int[] ids = new int[16];

    private int before;
    private int size;

    /** The code units of the text of these ids that were given out. */
    private int given;

    DecodeStream(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * Takes the next token.
     *
     * @param id its id; one that no token has adds nothing
     * @return the text that is whole now, may be empty
     */
    public String add(int id) {
        if (!tokenizer.isShown(id)) {
            return "";
        }
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, 2 * size);
        }
        ids[size++] = id;
        return part(size - before > MOST_HELD);
    }

    /**
     * Ends the text. The next token begins a new one.
     *
     * @return the rest; U+FFFD stands for bytes of a character that is not whole
     */
    public String finish() {
        String rest = part(true);
        before = 0;
        size = 0;
        given = 0;
        return rest;
    }

    private String text() {
        return tokenizer.decode(Arrays.copyOf(ids, size));
    }

    private String part(boolean all) {
        String text = text();
        int end = text.length();
        while (!all && end > 0 && text.charAt(end - 1) == REPLACEMENT) {
            end--;
        }
        String part = end > given ? text.substring(given, end) : "";
        given = Math.max(given, end);
        if (end == text.length() && before < size) {
            size -= before;
            System.arraycopy(ids, before, ids, 0, size);
            before = size;
            given = text().length();
        }
        return part;
    }
}
