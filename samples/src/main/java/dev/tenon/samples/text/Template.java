package dev.tenon.samples.text;

import java.util.List;

/**
 * What a text, or a pair of texts, stands between: the post-processor's template. Immutable.
 *
 * @param pieces special tokens and places of texts, in order
 */
record Template(List<Piece> pieces) {
    /** A part of a template. */
    sealed interface Piece {}

    /**
     * Special tokens.
     *
     * @param ids their ids, in order
     * @param typeId their type
     */
    record Special(List<Integer> ids, int typeId) implements Piece {}

    /**
     * The place of a text.
     *
     * @param second whether of the second text of a pair
     * @param typeId type of its tokens
     */
    record Text(boolean second, int typeId) implements Piece {}

    /**
     * A stretch of ids.
     *
     * @param ids holds them
     * @param from index of the first
     * @param to index past the last
     */
    record Slice(IdList ids, int from, int to) {
        int length() {
            return to - from;
        }
    }

    Template {
        pieces = List.copyOf(pieces);
    }

    /** The number of special tokens. */
    int specials() {
        int count = 0;
        for (Piece piece : pieces) {
            if (piece instanceof Special special) {
                count += special.ids().size();
            }
        }
        return count;
    }

    /**
     * Fills the template in.
     *
     * @param first the first text
     * @param second the second text; not looked at by the template of a single text
     * @return ids and types with a mask of ones, unpadded
     */
    Encoding fill(Slice first, Slice second) {
        int length = specials();
        for (Piece piece : pieces) {
            if (piece instanceof Text text) {
                length = Math.addExact(length, (text.second() ? second : first).length());
            }
        }
        long[] ids = new long[length];
        long[] mask = new long[length];
        long[] types = new long[length];
        int at = 0;
        for (Piece piece : pieces) {
            switch (piece) {
                case Special special -> {
                    for (int id : special.ids()) {
                        types[at] = special.typeId();
                        mask[at] = 1;
                        ids[at++] = id;
                    }
                }
                case Text text -> {
                    Slice slice = text.second() ? second : first;
                    for (int i = slice.from(); i < slice.to(); i++) {
                        types[at] = text.typeId();
                        mask[at] = 1;
                        ids[at++] = slice.ids().get(i);
                    }
                }
            }
        }
        return new Encoding(ids, mask, types);
    }
}
