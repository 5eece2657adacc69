package dev.tenon.formats.decoder;

import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * A decoder without its weights: sizes, heads, rotation, and the choices of its family.
 *
 * @param layers the number of layers
 * @param hidden the elements of a position between layers
 * @param context the positions that it was made for
 * @param epsilon is added to the mean square of a normalisation
 * @param heads the heads of attention
 * @param rope the rotation of queries and keys
 * @param locality the layers that see a window of keys; empty if all see all
 * @param style the rest
 */
record DecoderConfig(
        int layers,
        long hidden,
        long context,
        float epsilon,
        Heads heads,
        Rope rope,
        Optional<Locality> locality,
        Style style) {
    /** More layers, elements and positions than any model has, and few enough for sizes that don't overflow. */
    static final long MOST_LAYERS = 10_000;

    static final long MOST_WIDTH = 1 << 20;
    static final long MOST_HEADS = 1 << 16;
    static final long MOST_HEAD_SIZE = 1 << 10;
    static final long MOST_CONTEXT = 1 << 24;

    /**
     * The heads of attention.
     *
     * @param query the heads of queries
     * @param key the heads of keys and values
     * @param size the elements of a head
     * @param scale the factor of products of queries and keys; null for one over the root of the size
     */
    record Heads(long query, long key, long size, Float scale) {
        /** With one over the root of a number as the scale. */
        Heads scaledFor(double number) {
            return new Heads(query, key, size, (float) (1 / Math.sqrt(number)));
        }
    }

    /**
     * Layers that see a window of keys.
     *
     * @param window how many keys they see, that of the position included
     * @param isLocal whether the layer of an index is one
     * @param rope the rotation in these layers
     */
    record Locality(long window, IntPredicate isLocal, Rope rope) {
        /** These layers; none if the window is 0. */
        static Optional<Locality> of(long window, IntPredicate isLocal, Rope rope) {
            return window == 0 ? Optional.empty() : Optional.of(new Locality(window, isLocal, rope));
        }
    }

    /**
     * The choices in which architectures differ.
     *
     * @param headNorms whether queries and keys are normalised, head by head
     * @param normsAfter whether the results of attention and of the feed-forward part are normalised too
     * @param gelu whether gates are GELU, approximated by tanh; otherwise SiLU
     * @param embeddingScale the factor of embeddings
     * @param normsPlusOne whether 1 is added to the weights of normalisations
     */
    record Style(boolean headNorms, boolean normsAfter, boolean gelu, double embeddingScale, boolean normsPlusOne) {
        /** That of llama. */
        static final Style PLAIN = new Style(false, false, false, 1, false);

        /** That of llama, but with normalised queries and keys. */
        static final Style HEAD_NORMS = new Style(true, false, false, 1, false);
    }

    /** Whether a layer sees a window of keys. */
    boolean isLocal(int layer) {
        return locality.isPresent() && locality.get().isLocal().test(layer);
    }
}
