package dev.tenon.text.stage;

/** Changes a text before it is cut into pieces. Immutable and safe for any number of threads. */
@FunctionalInterface
public interface TextNormalizer {
    /**
     * Changes a text.
     *
     * @param text the text
     */
    void normalize(AlignedText text);
}
