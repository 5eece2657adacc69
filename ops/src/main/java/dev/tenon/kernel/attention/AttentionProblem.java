package dev.tenon.kernel.attention;

/**
 * Scaled dot-product attention of float32. {@link dev.tenon.op.attention.Attention} gives the formula.
 *
 * <p>Heads of queries share heads of keys and values in equal groups (grouped-query attention). A kernel numbers the
 * heads of all sequences: query head {@code h} of sequence {@code b} has the number {@code b * queryHeads + h}, and key
 * head {@code h} has the number {@code b * kvHeads + h}.
 *
 * @param dims the sizes of the operands
 * @param layout the order of the elements of queries, keys and values
 * @param scoring the way from a product of a query and a key to its score
 * @param operands the indices of the operands
 * @param rounding how operands and probabilities are rounded, or null; there are no past keys and no mask then
 */
public record AttentionProblem(
        Dims dims, HeadLayout layout, Scoring scoring, OperandIndices operands, Rounding rounding) {
    /**
     * A problem whose operands and probabilities are not rounded.
     *
     * @param dims the sizes of the operands
     * @param layout the order of the elements
     * @param scoring the way from a product to its score
     * @param operands the indices of the operands
     */
    public AttentionProblem(Dims dims, HeadLayout layout, Scoring scoring, OperandIndices operands) {
        this(dims, layout, scoring, operands, null);
    }

    /**
     * The sizes of the operands.
     *
     * @param batch the number of sequences
     * @param queryHeads query heads of a sequence, a multiple of the key heads
     * @param kvHeads key heads of a sequence, at least 1; values have as many
     * @param queries queries of a head
     * @param pastKeys keys and values of a head that come from the KV cache
     * @param newKeys keys and values of a head that this call adds
     * @param headSize elements of a query and of a key
     * @param valueHeadSize elements of a value
     */
    public record Dims(
            int batch,
            int queryHeads,
            int kvHeads,
            int queries,
            int pastKeys,
            int newKeys,
            int headSize,
            int valueHeadSize) {
        /**
         * All keys of a head.
         *
         * @return the number of past and new keys
         */
        public int keys() {
            return pastKeys + newKeys;
        }

        /**
         * The query heads that share one key head.
         *
         * @return their number
         */
        public int group() {
            return queryHeads / kvHeads;
        }

        /**
         * The queries that share one key head.
         *
         * @return their number, over all query heads of the group
         */
        public int rows() {
            return group() * queries;
        }

        /**
         * The key heads of all sequences.
         *
         * @return their number
         */
        public int allKvHeads() {
            return batch * kvHeads;
        }
    }

    /** The order of the elements of queries, keys and values. Past keys and values are always heads first. */
    public enum HeadLayout {
        /** {@code [batch, heads, length, headSize]}. */
        HEADS_FIRST,
        /** {@code [batch, length, heads * headSize]}. */
        PACKED,
        /**
         * One operand, {@code [batch, length, (queryHeads + 2 * kvHeads) * headSize]}: queries, then keys, then values.
         */
        PACKED_QKV
    }

    /**
     * The way from a product of a query and a key to its score.
     *
     * @param scale the factor of the product
     * @param softcap bounds scaled products to (-softcap, softcap) by tanh; 0 for no bound
     * @param causal whether a query sees no key after its own position
     * @param leftWindow how many keys before its own position a query sees; -1 for all
     * @param rightWindow how many keys after its own position a query sees; -1 for all
     * @param mask the mask, or null
     */
    public record Scoring(
            float scale, float softcap, boolean causal, long leftWindow, long rightWindow, AttentionMask mask) {
        private boolean seesAllPositions() {
            return !causal && leftWindow < 0 && rightWindow < 0;
        }
    }

    /**
     * A mask operand. It is either added to the scores, or says which keys a query sees.
     *
     * @param bool whether the elements are booleans, of which false hides a key; otherwise they are float32 addends
     * @param keys how many keys the mask covers; keys after these are hidden
     * @param batchStep elements from a sequence to the next; 0 if all sequences share the mask
     * @param headStep elements from a query head to the next; 0 if all heads share the mask
     * @param queryStep elements from a query to the next; 0 if all queries share the mask
     */
    public record AttentionMask(boolean bool, int keys, long batchStep, long headStep, long queryStep) {}

    /**
     * The indices of the operands. Queries are operand 0. Keys and values are operands 1 and 2, unless the layout is
     * {@link HeadLayout#PACKED_QKV}.
     *
     * @param mask the mask, if there is one
     * @param past the past keys, which the past values follow; -1 if there are none
     * @param validKeys the number of valid keys of each sequence, int64; -1 if all keys are valid
     * @param output the result
     * @param present whether two more outputs follow the result: all keys, then all values, past ones first
     */
    public record OperandIndices(int mask, int past, int validKeys, int output, boolean present) {}

    /**
     * How operands and probabilities are rounded before they are multiplied.
     *
     * @param queries how queries are rounded
     * @param keys how keys are rounded
     * @param values how values are rounded
     * @param probabilities how probabilities are rounded
     */
    public record Rounding(Grid queries, Grid keys, Grid values, Grid probabilities) {}

    /**
     * Integers times a scale.
     *
     * @param scale the scale
     * @param least the least integer
     * @param greatest the greatest integer
     */
    public record Grid(float scale, float least, float greatest) {
        /**
         * The nearest number of the grid.
         *
         * @param x a number
         * @return the number; that of the least integer for NaN, and no negative zero
         */
        public float nearest(float x) {
            float quotient = x / scale;
            float limited = quotient >= least ? Math.min(quotient, greatest) : least;
            return (float) Math.rint(limited) * scale + 0f;
        }
    }

    /**
     * Whether anything can hide a key or add to a score.
     *
     * @return true if scores need a bias
     */
    public boolean isBiased() {
        return scoring.mask() != null || !scoring.seesAllPositions() || operands.validKeys() >= 0;
    }

    /**
     * Whether all queries that share a key head have the same bias.
     *
     * @return true if one row of bias serves all of them
     */
    public boolean sharesBias() {
        AttentionMask mask = scoring.mask();
        boolean sharesMask = mask == null || mask.queryStep() == 0 && (mask.headStep() == 0 || dims.group() == 1);
        return scoring.seesAllPositions() && sharesMask;
    }
}
