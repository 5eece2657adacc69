package dev.tenon.kernel.attention;

/**
 * Scaled dot-product attention of float32: see {@link dev.tenon.op.attention.Attention} for what it computes.
 *
 * @param batch the number of sequences
 * @param queryHeads heads of queries, a multiple of the key heads
 * @param keyHeads heads of keys and values
 * @param queries queries of a sequence
 * @param past keys and values of a sequence that came before
 * @param added keys and values that this call adds
 * @param size elements of a query and of a key
 * @param valueSize elements of a value
 * @param packed whether operands lie as [batch, length, heads*size] rather than [batch, heads, length, size]
 * @param joined whether queries, keys and values of a position lie behind each other in one packed operand, the first
 * @param scale the factor of the products
 * @param softcap bounds the scores by tanh, 0 for none
 * @param causal whether keys behind a query's position are ruled out
 * @param leftWindow how many keys before a query's position are seen, -1 for all
 * @param rightWindow how many keys behind a query's position are seen, -1 for all
 * @param mask the mask, or null
 * @param maskOperand the index of the mask among the operands, if there is one
 * @param pastOperand the index of the past keys among the operands, that of the values behind it, or -1
 * @param validOperand the index of the numbers of valid keys among the operands, or -1
 * @param yOperand the index of the result among the operands; present keys and values lie behind it
 * @param present whether present keys and values are asked for
 */
public record AttentionProblem(
        int batch,
        int queryHeads,
        int keyHeads,
        int queries,
        int past,
        int added,
        int size,
        int valueSize,
        boolean packed,
        boolean joined,
        float scale,
        float softcap,
        boolean causal,
        long leftWindow,
        long rightWindow,
        Mask mask,
        int maskOperand,
        int pastOperand,
        int validOperand,
        int yOperand,
        boolean present) {
    /**
     * A mask: what is added to the scores, or which of them count.
     *
     * @param truth whether it holds booleans, false ruling a key out, rather than float32 addends
     * @param keys how many keys it has; those behind are ruled out
     * @param batchStep elements from a sequence to the next, 0 if one is for all
     * @param headStep elements from a head of queries to the next, 0 if one is for all
     * @param queryStep elements from a query to the next, 0 if one is for all
     */
    public record Mask(boolean truth, int keys, long batchStep, long headStep, long queryStep) {}

    /**
     * All keys of a sequence.
     *
     * @return the past and the added ones
     */
    public int keys() {
        return past + added;
    }

    /**
     * How many heads of queries share one of keys.
     *
     * @return at least 1
     */
    public int group() {
        return queryHeads / Math.max(1, keyHeads);
    }

    /**
     * How many queries look at one head of keys.
     *
     * @return those of all heads of queries that share it
     */
    public int rows() {
        return group() * queries;
    }

    /**
     * Whether anything can rule a key out or add to a score.
     *
     * @return true if all queries need a row of addends
     */
    public boolean biased() {
        return mask != null || causal || leftWindow >= 0 || rightWindow >= 0 || validOperand >= 0;
    }

    /**
     * Whether all queries that share a head of keys have the same addends.
     *
     * @return true if one row of addends serves them all
     */
    public boolean sharesBias() {
        boolean same = mask == null || mask.queryStep() == 0 && (mask.headStep() == 0 || group() == 1);
        return !causal && leftWindow < 0 && rightWindow < 0 && same;
    }
}
