package dev.tenon.samples.text;

import java.util.List;

/**
 * The template of the post-processor: special tokens around a text or a pair of texts. Immutable.
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
     * @param typeId their type id
     */
    record Special(List<Integer> ids, int typeId) implements Piece {}

    /**
     * The place of a text.
     *
     * @param second whether it is the place of the second text of a pair
     * @param typeId the type id of the tokens of the text
     */
    record Text(boolean second, int typeId) implements Piece {}

    /**
     * A range of ids.
     *
     * @param ids the list of ids
     * @param from the index of the first id
     * @param to the index after the last id
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
     * Fills in the template.
     *
     * @param first the first text
     * @param second the second text; the template of a single text ignores it
     * @return ids and type ids with a mask of ones, without padding
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
