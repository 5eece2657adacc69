package dev.tenon.text.stage;

/** Cuts a text into pieces, which no token crosses. Immutable and safe for any number of threads. */
@FunctionalInterface
public interface PreTokenizer {
    /**
     * Cuts pieces further.
     *
     * @param pieces the pieces
     */
    void split(Pieces pieces);
}
