package dev.tenon.text.post;

import java.util.List;

/**
 * Special tokens around a text or a pair of texts. Immutable.
 *
 * @param parts special tokens and places of texts, in order
 */
public record Template(List<Part> parts) {
    /** A part of a template. */
    public sealed interface Part {
        /** {@return the type id of its tokens} */
        int typeId();
    }

    /**
     * Special tokens.
     *
     * @param ids their ids, in order
     * @param typeId their type id
     */
    public record Special(List<Integer> ids, int typeId) implements Part {
        /** Copies the list. */
        public Special {
            ids = List.copyOf(ids);
        }
    }

    /**
     * The place of a text.
     *
     * @param second whether it is the place of the second text of a pair
     * @param typeId the type id of the tokens of the text
     */
    public record Text(boolean second, int typeId) implements Part {}

    /** Copies the list. */
    public Template {
        parts = List.copyOf(parts);
    }

    /** {@return the number of special tokens} */
    public int specials() {
        int count = 0;
        for (Part part : parts) {
            if (part instanceof Special special) {
                count += special.ids().size();
            }
        }
        return count;
    }
}
