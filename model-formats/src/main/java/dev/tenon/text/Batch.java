package dev.tenon.text;

import dev.tenon.budget.JvmLimits;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Texts in the form of model inputs: row-major matrices of shape {@link #shape()}, a row for each text.
 *
 * @param size the number of texts
 * @param tokens the number of tokens of each row, padding included
 * @param ids token ids, {@code size * tokens} of them; not copied
 * @param attentionMask 1 for a token of the text or a special token, 0 for padding; not copied
 * @param typeIds 0 for tokens of the first text of a pair, 1 for tokens of the second; not copied
 */
public record Batch(int size, int tokens, long[] ids, long[] attentionMask, long[] typeIds) {
    /** The most tokens of a batch, padding included. */
    public static final int MAX_TOKENS = 1 << 24;

    private static final String IDS = "input_ids";
    private static final String MASK = "attention_mask";
    private static final String TYPES = "token_type_ids";

    /**
     * Puts rows of the same length together.
     *
     * @param rows the rows
     * @return a batch of its own arrays; of 0 rows of 0 tokens if there are no rows
     * @throws InvalidInputException if rows differ in length
     * @throws ResourceLimitException if it would have more than {@link #MAX_TOKENS} tokens, or the heap is too small
     */
    public static Batch of(List<Encoding> rows) {
        int length = rows.isEmpty() ? 0 : rows.getFirst().length();
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i).length() != length) {
                throw new InvalidInputException(
                        "batch of " + rows.size() + " texts",
                        "text " + i + " has " + rows.get(i).length() + " tokens, text 0 has " + length,
                        "rows of the same length",
                        "use TokenizerOptions.padding(Padding.longest())");
            }
        }
        return padded(rows, 0);
    }

    /**
     * Puts rows together, filled on the right side to the length of the longest.
     *
     * @param rows the rows
     * @param paddingId the id that fills short rows, see {@link Tokenizer#paddingId}; mask and type ids are 0 there
     * @return a batch of its own arrays; of 0 rows of 0 tokens if there are no rows
     * @throws ResourceLimitException if it would have more than {@link #MAX_TOKENS} tokens, or the heap is too small
     */
    public static Batch padded(List<Encoding> rows, int paddingId) {
        int length = rows.stream().mapToInt(Encoding::length).max().orElse(0);
        long all = (long) length * rows.size();
        if (all > MAX_TOKENS) {
            throw new ResourceLimitException(
                    "batch of " + rows.size() + " texts",
                    all + " tokens",
                    "at most " + MAX_TOKENS,
                    "use smaller batches");
        }
        Batch batch = JvmLimits.typed(
                "batch of " + rows.size() + " texts",
                "use smaller batches, or raise -Xmx",
                () -> new Batch(rows.size(), length, new long[(int) all], new long[(int) all], new long[(int) all]));
        for (int i = 0; i < rows.size(); i++) {
            Encoding row = rows.get(i);
            row.copyTo(batch.ids, batch.typeIds, batch.attentionMask, i * length);
            Arrays.fill(batch.ids, i * length + row.length(), (i + 1) * length, paddingId);
        }
        return batch;
    }

    /** {@return a new array of size and tokens} */
    public long[] shape() {
        return new long[] {size, tokens};
    }

    /**
     * The inputs of a model: {@code input_ids}, {@code attention_mask} and {@code token_type_ids}, those of them that the
     * model asks for. Tensors of int64, which share the arrays of this batch.
     *
     * @param names the names of the model's inputs; others are left out
     * @return a tensor for each name of the three, in the order of the names
     * @throws InvalidInputException if {@code input_ids} is not among the names
     */
    public Map<String, Tensor> tensors(Collection<String> names) {
        if (!names.contains(IDS)) {
            throw new InvalidInputException(
                    "inputs of the model",
                    String.join(", ", names),
                    IDS + ", and " + MASK + " and " + TYPES + " if the model has them",
                    "wrap ids(), attentionMask() and typeIds() under the model's names");
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : names) {
            switch (name) {
                case IDS -> tensors.put(name, Tensor.wrap(ids, shape()));
                case MASK -> tensors.put(name, Tensor.wrap(attentionMask, shape()));
                case TYPES -> tensors.put(name, Tensor.wrap(typeIds, shape()));
                default -> {
                    // Such as position_ids, which the caller knows how to make.
                }
            }
        }
        return tensors;
    }

    /**
     * Copies the ids of a row.
     *
     * @param index the text, 0 to {@code size - 1}
     * @return the ids, padding included
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public long[] row(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("row " + index + " is outside [0, " + (size - 1) + "]");
        }
        return Arrays.copyOfRange(ids, index * tokens, (index + 1) * tokens);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Batch that
                && size == that.size
                && tokens == that.tokens
                && Arrays.equals(ids, that.ids)
                && Arrays.equals(attentionMask, that.attentionMask)
                && Arrays.equals(typeIds, that.typeIds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ids) * 31 + size;
    }

    @Override
    public String toString() {
        return "Batch[size=" + size + ", tokens=" + tokens + ", ids=" + Arrays.toString(ids) + "]";
    }
}
