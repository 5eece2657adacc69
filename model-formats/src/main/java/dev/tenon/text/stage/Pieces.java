package dev.tenon.text.stage;

import java.util.Arrays;
import java.util.function.Consumer;

/** A text cut into pieces. A piece may be a token already; then nothing cuts or changes it. For one thread at a time. */
public final class Pieces {
    /** The id of a piece that is no token. */
    public static final int NO_TOKEN = -1;

    private AlignedText text;
    private AlignedText spare;
    private Ranges list = new Ranges();
    private Ranges old = new Ranges();
    private final AlignedText scratch;
    private final Spans spans = new Spans();

    /** The ranges of pieces. */
    private static final class Ranges {
        private int[] from = new int[32];
        private int[] to = new int[32];
        private int[] id = new int[32];
        private int[] shift = new int[32];
        private int size;

        void add(int first, int last, int token, int start) {
            if (size == from.length) {
                from = Arrays.copyOf(from, 2 * size);
                to = Arrays.copyOf(to, 2 * size);
                id = Arrays.copyOf(id, 2 * size);
                shift = Arrays.copyOf(shift, 2 * size);
            }
            from[size] = first;
            to[size] = last;
            id[size] = token;
            shift[size++] = start;
        }
    }

    /**
     * Makes a text without pieces.
     *
     * @param limit the most code points that it may have
     */
    public Pieces(int limit) {
        text = new AlignedText(limit);
        spare = new AlignedText(limit);
        scratch = new AlignedText(limit);
    }

    /** {@return the text of all pieces} */
    public AlignedText text() {
        return text;
    }

    /** {@return the number of pieces} */
    public int size() {
        return list.size;
    }

    /**
     * The start of a piece.
     *
     * @param index the index of the piece
     * @return the index of its first code point in {@link #text()}
     */
    public int from(int index) {
        return list.from[index];
    }

    /**
     * The end of a piece.
     *
     * @param index the index of the piece
     * @return the index after its last code point in {@link #text()}
     */
    public int to(int index) {
        return list.to[index];
    }

    /**
     * The token that a piece is.
     *
     * @param index the index of the piece
     * @return its id, or {@link #NO_TOKEN}
     */
    public int id(int index) {
        return list.id[index];
    }

    /**
     * Appends a piece; an empty one is dropped.
     *
     * @param source the text that holds the piece
     * @param from the index of its first code point there
     * @param to the index after its last code point
     * @param id the token that it is, or {@link #NO_TOKEN}
     */
    public void add(AlignedText source, int from, int to, int id) {
        if (from < to) {
            int at = text.length();
            text.append(source, from, to);
            list.add(at, text.length(), id, source.from(from));
        }
    }

    /**
     * Cuts all pieces.
     *
     * @param finder finds the delimiters
     * @param inverted whether delimiters are what is between the matches
     * @param behavior the fate of the delimiters
     */
    public void split(Finder finder, boolean inverted, Behavior behavior) {
        Ranges pieces = next();
        for (int i = 0; i < pieces.size; i++) {
            if (pieces.id[i] == NO_TOKEN) {
                spans.clear();
                finder.find(text.codePoints(), pieces.from[i], pieces.to[i], spans);
                if (inverted) {
                    spans.invert();
                }
                behavior.apply(spans, this::cut);
            } else {
                list.add(pieces.from[i], pieces.to[i], pieces.id[i], pieces.shift[i]);
            }
        }
    }

    private void cut(int from, int to) {
        if (from < to) {
            list.add(from, to, NO_TOKEN, text.from(from));
        }
    }

    /**
     * Changes the text of each piece, on its own.
     *
     * @param change changes a text
     */
    public void rewrite(Consumer<AlignedText> change) {
        Ranges pieces = next();
        AlignedText source = text;
        text = spare;
        spare = source;
        text.reset(0);
        for (int i = 0; i < pieces.size; i++) {
            int at = text.length();
            if (pieces.id[i] == NO_TOKEN) {
                scratch.reset(pieces.shift[i]);
                scratch.append(source, pieces.from[i], pieces.to[i]);
                change.accept(scratch);
                text.append(scratch, 0, scratch.length());
            } else {
                text.append(source, pieces.from[i], pieces.to[i]);
            }
            if (at < text.length()) {
                list.add(at, text.length(), pieces.id[i], pieces.shift[i]);
            }
        }
    }

    private Ranges next() {
        Ranges pieces = list;
        list = old;
        old = pieces;
        list.size = 0;
        return pieces;
    }
}
