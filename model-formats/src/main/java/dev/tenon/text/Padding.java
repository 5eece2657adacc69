package dev.tenon.text;

import dev.tenon.error.InvalidOptionException;

/** The length to which a row is filled with padding tokens. Immutable. */
public sealed interface Padding {
    /** The largest length of {@link Fixed}. */
    int MAX_FIXED = 1 << 20;

    /** {@return no padding: each row keeps its own length} */
    static Padding none() {
        return new None();
    }

    /** {@return padding to the longest row of a batch} */
    static Padding longest() {
        return new Longest();
    }

    /**
     * Padding to a given length. Longer rows stay longer: the maximum length of the tokenizer limits them.
     *
     * @param length the length in tokens, 0 to {@link #MAX_FIXED}
     * @return the padding
     * @throws InvalidOptionException if the length is out of range
     */
    static Padding fixed(int length) {
        return new Fixed(length);
    }

    /** No padding. */
    record None() implements Padding {}

    /** Padding to the longest row of a batch. */
    record Longest() implements Padding {}

    /**
     * Padding to a given length.
     *
     * @param length the length in tokens, 0 to {@link #MAX_FIXED}
     */
    record Fixed(int length) implements Padding {
        /**
         * Checks the length.
         *
         * @throws InvalidOptionException if it is out of range
         */
        public Fixed {
            if (length < 0 || length > MAX_FIXED) {
                throw new InvalidOptionException("Padding.fixed", String.valueOf(length), "0 to " + MAX_FIXED, null);
            }
        }
    }
}
