package dev.tenon.text.post;

import dev.tenon.error.InvalidInputException;
import java.util.ArrayList;
import java.util.List;

/**
 * The truncation of long texts. Immutable.
 *
 * @param maxLength the most tokens of a row, special tokens included
 * @param fromLeft whether the beginning is removed instead of the end
 * @param strategy the choice between two texts
 * @param stride the tokens that a window shares with the next one
 */
public record Truncation(int maxLength, boolean fromLeft, Strategy strategy, int stride) {
    private static final String CURE = "raise the maximum length of TokenizerOptions";

    /** The text of a pair that is cut. */
    public enum Strategy {
        /** The longer one, until both are equally long; then both. */
        LONGEST_FIRST,
        /** The first one. */
        ONLY_FIRST,
        /** The second one. */
        ONLY_SECOND
    }

    /**
     * A part of the tokens of a text.
     *
     * @param from the index of the first token
     * @param to the index after the last token
     */
    public record Window(int from, int to) {}

    /**
     * Computes the tokens that are kept of two texts.
     *
     * @param first the number of tokens of the first text
     * @param second the number of tokens of the second text, 0 if there is none
     * @param pair whether there is a second text
     * @param room the number of tokens that fit in all, not negative
     * @return the numbers of tokens that are kept of the first and of the second text
     * @throws InvalidInputException if the strategy cannot make them fit
     */
    public int[] kept(int first, int second, boolean pair, int room) {
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
                    throw new InvalidInputException(
                            "truncation strategy OnlySecond",
                            "one text of " + first + " tokens, room for " + room,
                            "pairs of texts, or a text that fits",
                            CURE);
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
            throw new InvalidInputException(
                    "truncation of the " + which + " text only",
                    length + " tokens, of which " + remove + " would have to be removed",
                    "fewer tokens to remove than the text has",
                    CURE + ", or shorten the other text");
        }
        return (int) (length - remove);
    }

    /**
     * The windows of a text: the one that is kept, then the others.
     *
     * @param length the number of tokens of the text
     * @param kept the most tokens of a window
     * @param all whether the others are wanted too
     * @return at least one window
     * @throws InvalidInputException if windows would not move on, because they share all of their tokens
     */
    public List<Window> windows(int length, int kept, boolean all) {
        if (kept >= length) {
            return List.of(new Window(0, length));
        }
        if (kept == 0) {
            return all ? List.of(new Window(0, 0), new Window(0, length)) : List.of(new Window(0, 0));
        }
        if (!all) {
            return List.of(fromLeft ? new Window(length - kept, length) : new Window(0, kept));
        }
        if (stride >= kept) {
            throw new InvalidInputException(
                    "stride of the truncation",
                    stride + ", with windows of " + kept + " tokens",
                    "less than that",
                    CURE);
        }
        List<Window> windows = new ArrayList<>();
        int step = kept - stride;
        if (fromLeft) {
            int to = length;
            do {
                windows.add(new Window(Math.max(0, to - kept), to));
                to -= step;
            } while (windows.getLast().from() > 0);
        } else {
            int from = 0;
            do {
                windows.add(new Window(from, Math.min(length, from + kept)));
                from += step;
            } while (windows.getLast().to() < length);
        }
        return windows;
    }
}
