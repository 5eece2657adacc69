package dev.tenon.text.post;

/**
 * The padding of short rows. Immutable.
 *
 * @param kind the length to which rows are padded
 * @param fixed the length, if it is fixed
 * @param onLeft whether padding comes before the text
 * @param multiple the length is rounded up to a multiple of this number, if it is more than 1
 * @param id the id of the padding token
 * @param typeId the type id of the padding token
 */
public record PaddingRule(Kind kind, int fixed, boolean onLeft, int multiple, int id, int typeId) {
    /** The largest fixed length, and the largest multiple. */
    public static final int MAX_LENGTH = 1 << 20;

    /** The rule for a file without padding. */
    public static final PaddingRule OFF = new PaddingRule(Kind.NONE, 0, false, 0, 0, 0);

    /** The length to which rows are padded. */
    public enum Kind {
        /** Their own. */
        NONE,
        /** That of the longest row of a batch. */
        LONGEST,
        /** A given one. */
        FIXED
    }

    /**
     * The length to which rows are padded.
     *
     * @param longest the length of the longest row, in tokens
     * @return a length; 0 for no padding
     */
    public int target(int longest) {
        int length =
                switch (kind) {
                    case NONE -> 0;
                    case LONGEST -> longest;
                    case FIXED -> fixed;
                };
        if (multiple > 1 && length % multiple > 0) {
            length = Math.addExact(length, multiple - length % multiple);
        }
        return length;
    }
}
