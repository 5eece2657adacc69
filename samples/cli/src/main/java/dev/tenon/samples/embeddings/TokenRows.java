package dev.tenon.samples.embeddings;

import dev.tenon.Session;
import dev.tenon.ValueInfo;
import dev.tenon.tensor.Tensor;
import dev.tenon.text.Batch;
import dev.tenon.text.Encoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Runs a model of tokens on any number of rows of any length. Rows of about the same length run together, so that little is
 * computed for padding. Safe for any number of threads.
 */
public final class TokenRows {
    /** A row of this many tokens runs alone; shorter rows are put together up to it. */
    private static final int TOKENS_OF_A_RUN = 1024;

    private static final int MAX_ROWS = 64;

    private final Session session;
    private final List<String> inputs;
    private final String output;

    /**
     * Makes it.
     *
     * @param session a session of a model with the inputs input_ids and, if it has them, attention_mask and token_type_ids
     */
    public TokenRows(Session session) {
        this.session = session;
        this.inputs = session.model().inputs().stream().map(ValueInfo::name).toList();
        this.output = session.model().outputs().getFirst().name();
    }

    /** Is given the rows that ran together. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Takes a run.
         *
         * @param rows the numbers of the rows, in the order of the batch
         * @param batch the rows
         * @param output the first output of the model
         */
        void take(int[] rows, Batch batch, Tensor output);
    }

    /**
     * Runs rows.
     *
     * @param rows the rows, without padding
     * @param to is given each row once, in any order, on the thread of the caller
     */
    public void run(List<Encoding> rows, Sink to) {
        List<Integer> order = IntStream.range(0, rows.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> rows.get(i).length()))
                .toList();
        int from = 0;
        while (from < order.size()) {
            int end = from + 1;
            while (end < order.size()
                    && end - from < MAX_ROWS
                    && (end - from + 1) * rows.get(order.get(end)).length() <= TOKENS_OF_A_RUN) {
                end++;
            }
            int[] taken = order.subList(from, end).stream()
                    .mapToInt(Integer::intValue)
                    .toArray();
            Batch batch = batch(rows, taken);
            to.take(taken, batch, session.predict(batch.tensors(inputs)).tensor(output));
            from = end;
        }
    }

    /** Rows padded with token 0, which the attention mask hides, to the length of the longest. */
    private static Batch batch(List<Encoding> rows, int[] taken) {
        int tokens = rows.get(taken[taken.length - 1]).length();
        int all = taken.length * tokens;
        Batch batch = new Batch(taken.length, tokens, new long[all], new long[all], new long[all]);
        for (int i = 0; i < taken.length; i++) {
            Encoding row = rows.get(taken[i]);
            copy(row.ids(), batch.ids(), i * tokens);
            copy(row.typeIds(), batch.typeIds(), i * tokens);
            Arrays.fill(batch.attentionMask(), i * tokens, i * tokens + row.length(), 1);
        }
        return batch;
    }

    private static void copy(int[] from, long[] to, int at) {
        for (int i = 0; i < from.length; i++) {
            to[at + i] = from[i];
        }
    }

    /**
     * A row and the windows after it, if it was too long for one.
     *
     * @param row a row
     * @return all windows of its text
     */
    static List<Encoding> windows(Encoding row) {
        List<Encoding> all = new ArrayList<>();
        all.add(row);
        all.addAll(row.overflowing());
        return all;
    }
}
