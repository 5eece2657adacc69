package dev.tenon.op.attention;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.Arrays;
import java.util.List;

/**
 * Causal attention of tokens of several sequences, whose keys and values stand in pages of {@link #PAGE_TOKENS} tokens. First the
 * keys and values of all tokens are written into the pages, in the order of the tokens: that of position p of sequence s into row
 * {@code p % 64} of page {@code pageTable[s][p / 64]}. Then each token attends to the positions
 * {@code max(0, p - window + 1)} to p of its own sequence: {@code softmax(softcap(scale q K^T)) V} for each head, as
 * {@link Attention}. Heads of queries share heads of keys in equal groups.
 *
 * <p>Only the pages that tokens see are looked up. A sequence, a position or one of these pages that is out of range is an error;
 * nothing is written then.
 *
 * @param heads the number of heads of queries, at least 1
 * @param scale the factor of the products
 * @param window how many positions a token sees, its own included; 0 for all
 * @param softcap bounds the scores to (-softcap, softcap) by tanh; 0 for no bound
 */
public record PagedAttention(long heads, float scale, long window, float softcap) implements Op {
    /** The tokens of a page. */
    public static final int PAGE_TOKENS = 64;

    /**
     * Inputs Q [1, T, heads*size], K and V [1, T, key heads*size], the pages of keys and of values [pages, key heads, 64, size],
     * page_table [sequences, pages of a sequence], and for each token its sequence and its position [T]. Outputs Y like Q, and the
     * changed pages.
     */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "PagedAttention")
            .input("Q", "T")
            .input("K", "T")
            .input("V", "T")
            .input("key_pages", "P")
            .input("value_pages", "P")
            .input("page_table", "I")
            .input("sequences", "I")
            .input("positions", "J")
            .output("Y", "T")
            .output("present_key_pages", "P")
            .output("present_value_pages", "P")
            .where("T", Types.set(DType.FLOAT32))
            .where("P", Types.set(DType.FLOAT32, DType.FLOAT16))
            .where("I", Types.set(DType.INT32))
            .where("J", Types.set(DType.INT32, DType.INT64))
            .numerics(new Numerics(70, 64));

    private static final int KEY_PAGES = 3;
    private static final int VALUE_PAGES = 4;
    private static final int TABLE = 5;
    private static final int SEQUENCES = 6;
    private static final int POSITIONS = 7;

    /**
     * An operator.
     *
     * @param heads the number of heads of queries, at least 1
     * @param scale the factor of the products
     * @param window how many positions a token sees, its own included; 0 for all
     * @param softcap bounds the scores to (-softcap, softcap) by tanh; 0 for no bound
     * @throws InvalidOperandException if an attribute has a value that is not allowed
     */
    public PagedAttention {
        if (heads < 1 || window < 0 || !(softcap >= 0)) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(),
                    "heads " + heads + ", window " + window + ", softcap " + softcap,
                    "heads of 1 and above, window and softcap of 0 and above",
                    null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if an attribute has a value that is not allowed
     */
    public static PagedAttention of(Attributes a) {
        return new PagedAttention(
                a.integer("heads", 0), a.real("scale", 1), a.integer("window", 0), a.real("softcap", 0));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .with("heads", heads)
                .unless("scale", scale, 1f)
                .unless("window", window, 0L)
                .unless("softcap", softcap, 0f);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Dim one = Dim.of(1);
        OperandShape q = OperandShape.of(c, 0).is(one, null, null);
        OperandShape k = OperandShape.of(c, 1).is(one, q.dim(1), null);
        Dim tokens = OperandShape.either(q.dim(1), k.dim(1));
        Dim width = OperandShape.of(c, 2).is(one, tokens, k.dim(2)).dim(2);
        OperandShape pages = OperandShape.of(c, KEY_PAGES).is(null, null, Dim.of(PAGE_TOKENS), null);
        OperandShape.of(c, VALUE_PAGES).is(pages.dim(0), pages.dim(1), Dim.of(PAGE_TOKENS), pages.dim(3));
        OperandShape.of(c, TABLE).rank(2);
        OperandShape.of(c, SEQUENCES).is(tokens);
        OperandShape.of(c, POSITIONS).is(tokens);
        Dim keyHeads = pages.dim(1);
        Dim size = pages.dim(3);
        if (keyHeads != null && keyHeads.isKnown()) {
            if (keyHeads.value() == 0 || heads % keyHeads.value() != 0) {
                throw c.error(heads + " heads of queries", "a multiple of the " + keyHeads + " heads of keys", null);
            }
            if (size.isKnown()) {
                q.is(one, tokens, Dim.of(Math.multiplyExact(heads, size.value())));
                Dim both = OperandShape.either(k.dim(2), width);
                if (both != null && both.isKnown() && both.value() != keyHeads.value() * size.value()) {
                    throw c.error(
                            "K and V of width " + both,
                            keyHeads + " heads of " + size + " elements, as the pages have",
                            null);
                }
            }
        }
        Shape y = q.hasRank() ? q.shape() : c.freshShape(3);
        return List.of(
                new TensorType(c.dtype(0), y),
                c.tensor(KEY_PAGES),
                new TensorType(c.dtype(VALUE_PAGES), c.shape(VALUE_PAGES)));
    }

    /**
     * Finds where a position of a sequence stands, and checks it.
     *
     * @param pages the number of pages
     * @param table the page table
     */
    private record Places(long pages, Tensor table, Operands in) {
        /** The row of a position among the rows of all pages of one head: page * 64 + row. */
        long row(long token, long sequence, long position) {
            long columns = table.dim(1);
            if (sequence < 0 || sequence >= table.dim(0)) {
                throw in.error("sequences[" + token + "] is " + sequence, "[0, " + (table.dim(0) - 1) + "]", null);
            }
            if (position < 0 || position / PAGE_TOKENS >= columns) {
                throw in.error(
                        "positions[" + token + "] is " + position,
                        "[0, " + (columns * PAGE_TOKENS - 1) + "]",
                        "give sequences more pages");
            }
            long page = table.getLong(sequence * columns + position / PAGE_TOKENS);
            if (page < 0 || page >= pages) {
                throw in.error(
                        "page_table[" + sequence + "," + position / PAGE_TOKENS + "] is " + page,
                        "[0, " + (pages - 1) + "]",
                        null);
            }
            return page * PAGE_TOKENS + position % PAGE_TOKENS;
        }
    }

    private long first(long position) {
        return window == 0 ? 0 : Math.max(0, position - window + 1);
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor keys = in.tensor(KEY_PAGES).copy();
        Tensor values = in.tensor(VALUE_PAGES).copy();
        Places places = new Places(keys.dim(0), in.tensor(TABLE), in);
        long tokens = in.tensor(0).dim(1);
        long[][] rows = new long[Math.toIntExact(tokens)][];
        for (int t = 0; t < tokens; t++) {
            long sequence = in.tensor(SEQUENCES).getLong(t);
            long position = in.tensor(POSITIONS).getLong(t);
            places.row(t, sequence, position);
            Operands.work(position);
            long first = first(position);
            rows[t] = new long[Math.toIntExact(position - first + 1)];
            for (long p = first; p <= position; p++) {
                rows[t][(int) (p - first)] = places.row(t, sequence, p);
            }
        }
        for (int t = 0; t < tokens; t++) {
            long row = rows[t][rows[t].length - 1];
            append(in.tensor(1), t, keys, row);
            append(in.tensor(2), t, values, row);
        }
        Tensor y = Tensor.allocate(DType.FLOAT32, in.tensor(0).dims());
        for (int t = 0; t < tokens; t++) {
            for (long h = 0; h < heads; h++) {
                attend(in.tensor(0), t, h, new Tensor[] {keys, values}, rows[t], y);
            }
        }
        List<Datum> results = List.of(y, keys, values);
        return results.subList(0, in.outputs());
    }

    /** The index of the first element of a row of a head in pages [pages, heads, 64, size]. */
    private static long at(Tensor pages, long head, long row) {
        return ((row / PAGE_TOKENS * pages.dim(1) + head) * PAGE_TOKENS + row % PAGE_TOKENS) * pages.dim(3);
    }

    private static void append(Tensor from, long token, Tensor pages, long row) {
        long size = pages.dim(3);
        long width = pages.dim(1) * size;
        for (long i = 0; i < width; i++) {
            pages.setDouble(at(pages, i / size, row) + i % size, from.getDouble(token * width + i));
        }
    }

    private void attend(Tensor q, long token, long head, Tensor[] pages, long[] rows, Tensor y) {
        long size = pages[0].dim(3);
        long keyHead = head / (heads / pages[0].dim(1));
        long from = (token * heads + head) * size;
        double[] scores = new double[rows.length];
        for (int j = 0; j < rows.length; j++) {
            long key = at(pages[0], keyHead, rows[j]);
            double sum = 0;
            for (long i = 0; i < size; i++) {
                sum += q.getDouble(from + i) * pages[0].getDouble(key + i);
            }
            sum *= scale;
            scores[j] = softcap > 0 ? softcap * Math.tanh(sum / softcap) : sum;
        }
        double max = Arrays.stream(scores).reduce(Double.NEGATIVE_INFINITY, Math::max);
        double[] sums = new double[Math.toIntExact(size)];
        double all = 0;
        for (int j = 0; j < rows.length && max != Double.NEGATIVE_INFINITY; j++) {
            double e = Math.exp(scores[j] - max);
            all += e;
            long value = at(pages[1], keyHead, rows[j]);
            for (int i = 0; i < size; i++) {
                sums[i] += e * pages[1].getDouble(value + i);
            }
        }
        for (int i = 0; i < size; i++) {
            y.setDouble(from + i, max == Double.NEGATIVE_INFINITY ? 0 : sums[i] / all);
        }
    }
}
