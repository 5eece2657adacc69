package dev.tenon.text.stage;

/** The fate of the delimiters at which a text is split. */
public enum Behavior {
    /** A delimiter is dropped. */
    REMOVED,
    /** A delimiter is a piece. */
    ISOLATED,
    /** A delimiter ends the piece before it. */
    MERGED_WITH_PREVIOUS,
    /** A delimiter begins the piece after it. */
    MERGED_WITH_NEXT,
    /** Delimiters in a row are one piece. */
    CONTIGUOUS;

    /** Receives pieces. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Receives a piece.
         *
         * @param from the index of its first code point
         * @param to the index after its last code point
         */
        void piece(int from, int to);
    }

    /**
     * Makes pieces of matches.
     *
     * @param spans delimiters and what is between them
     * @param out receives the pieces, in order
     */
    public void apply(Spans spans, Sink out) {
        switch (this) {
            case REMOVED, ISOLATED -> {
                for (int i = 0; i < spans.size(); i++) {
                    if (this == ISOLATED || !spans.isMatch(i)) {
                        out.piece(spans.from(i), spans.to(i));
                    }
                }
            }
            case CONTIGUOUS -> join(spans, out, true);
            case MERGED_WITH_PREVIOUS -> join(spans, out, false);
            case MERGED_WITH_NEXT -> joinNext(spans, out);
        }
    }

    private static void join(Spans spans, Sink out, boolean equal) {
        int from = 0;
        int to = -1;
        boolean previous = false;
        for (int i = 0; i < spans.size(); i++) {
            boolean match = spans.isMatch(i);
            boolean joins = equal ? match == previous : match && !previous;
            if (to >= 0 && !joins) {
                out.piece(from, to);
            }
            if (to < 0 || !joins) {
                from = spans.from(i);
            }
            to = spans.to(i);
            previous = match;
        }
        if (to >= 0) {
            out.piece(from, to);
        }
    }

    private static void joinNext(Spans spans, Sink out) {
        for (int i = 0; i < spans.size(); i++) {
            boolean leads = spans.isMatch(i) && i + 1 < spans.size() && !spans.isMatch(i + 1);
            out.piece(spans.from(i), spans.to(leads ? i + 1 : i));
            if (leads) {
                i++;
            }
        }
    }
}
