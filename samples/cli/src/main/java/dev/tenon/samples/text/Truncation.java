package dev.tenon.samples.text;

/**
 * The truncation of long texts. Immutable.
 *
 * @param maxLength the most tokens of a row, special tokens included
 * @param fromLeft whether the beginning is removed instead of the end
 * @param strategy the choice between two texts
 */
record Truncation(int maxLength, boolean fromLeft, Strategy strategy) {
    /** The text of a pair that is cut. */
    enum Strategy {
        LONGEST_FIRST,
        ONLY_FIRST,
        ONLY_SECOND
    }

    /**
     * Computes the tokens that are kept of two texts.
     *
     * @param first the number of tokens of the first text
     * @param second the number of tokens of the second text, 0 if there is none
     * @param pair whether there is a second text
     * @param room the number of tokens that fit in all, not negative
     * @return the numbers of tokens that are kept of the first and of the second text
     */
    int[] kept(int first, int second, boolean pair, int room) {
        long remove = (long) first + second - room;
        if (remove <= 0) {
            return new int[] {first, second};
        }
        if (room == 0) {
            return new int[] {0, 0};
        }
        return switch (strategy) {
            case LONGEST_FIRST -> pair ? longestFirst(first, second, room) : new int[] {room, 0};
            case ONLY_FIRST -> new int[] {left(first, remove, "first"), second};
            case ONLY_SECOND -> {
                if (!pair) {
                    throw new TokenizerException(
                            "truncation strategy OnlySecond",
                            "one text of " + first + " tokens, room for " + room,
                            "pairs of texts, or a text that fits",
                            "raise the maximum with withMaxLength");
                }
                yield new int[] {first, left(second, remove, "second")};
            }
        };
    }

    private static int[] longestFirst(int first, int second, int room) {
        int shorter = Math.min(first, second);
        int longer = shorter > room ? shorter : Math.max(shorter, room - shorter);
        if ((long) shorter + longer > room) {
            shorter = room / 2;
            longer = shorter + room % 2;
        }
        return first > second ? new int[] {longer, shorter} : new int[] {shorter, longer};
    }

    private static int left(int length, long remove, String which) {
        if (length <= remove) {
            throw new TokenizerException(
                    "truncation of the " + which + " text only",
                    length + " tokens, of which " + remove + " would have to be removed",
                    "fewer tokens to remove than the text has",
                    "raise the maximum with withMaxLength, or shorten the other text");
        }
        return (int) (length - remove);
    }
}
