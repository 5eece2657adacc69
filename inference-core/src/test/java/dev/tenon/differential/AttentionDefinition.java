package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Attention as versions 23 to 25 of the standard describe it, one query at a time, in double precision. */
final class AttentionDefinition {
    private final OperatorModel s;
    private final boolean packed;
    private final int heads;
    private final int shared;
    private final int batch;
    private final int length;
    private final int keys;
    private final int past;
    private final int size;
    private final int width;

    private AttentionDefinition(OperatorModel s) {
        this.s = s;
        Tensor q = s.operand(0);
        this.packed = q.rank() == 3;
        this.heads = (int) (packed ? (Long) s.attribute("q_num_heads") : q.dim(1));
        this.shared = (int)
                (packed ? (Long) s.attribute("kv_num_heads") : s.operand(1).dim(1));
        this.batch = (int) q.dim(0);
        this.length = (int) q.dim(packed ? 1 : 2);
        this.keys = (int) s.operand(1).dim(packed ? 1 : 2);
        this.past = s.operand(4) == null ? 0 : (int) s.operand(4).dim(2);
        this.size = (int) (packed ? q.dim(2) / heads : q.dim(3));
        this.width = (int) (packed ? s.operand(2).dim(2) / shared : s.operand(2).dim(3));
    }

    static void add(Map<String, StandardDefinitions.Computation> all) {
        all.put("Attention", model -> new AttentionDefinition(model).results());
    }

    /** The index of an element of an operand. The heads are an axis before the rows, or packed in the last axis. */
    private long place(int b, int count, int head, int rows, int row, int columns, int i) {
        return packed
                ? ((long) (b * rows + row) * count + head) * columns + i
                : ((long) (b * count + head) * rows + row) * columns + i;
    }

    private double element(int operand, int b, int head, int key, int columns, int i) {
        if (key < past) {
            return s.operand(operand + 3).getDouble(((long) (b * shared + head) * past + key) * columns + i);
        }
        return s.operand(operand).getDouble(place(b, shared, head, keys, key - past, columns, i));
    }

    private double bias(int b, int head, int query, int key) {
        Tensor mask = s.operand(3);
        Tensor valid = s.operand(6);
        long place = query + (valid == null ? past : valid.getLong(b) - length);
        long left = s.attribute("left_window_size") instanceof Long n ? n : -1;
        long right = s.attribute("right_window_size") instanceof Long n ? n : -1;
        boolean forbidden = Long.valueOf(1).equals(s.attribute("is_causal")) && key > place
                || left >= 0 && key < place - left
                || right >= 0 && key > place + right
                || valid != null && key >= valid.getLong(b)
                || mask != null && key >= mask.dim(mask.rank() - 1);
        double bias = forbidden ? Double.NEGATIVE_INFINITY : 0;
        if (mask == null || forbidden) {
            return bias;
        }
        long shown = mask.dim(mask.rank() - 1);
        long[] all = {batch, heads, length, shown};
        long at = BroadcastIndices.from((((long) b * heads + head) * length + query) * shown + key, all, mask.dims());
        if (mask.dtype() == DType.BOOL) {
            return mask.getLong(at) == 0 ? Double.NEGATIVE_INFINITY : bias;
        }
        return bias + mask.getDouble(at);
    }

    private List<Tensor> results() {
        DType type = s.operand(0).dtype();
        int total = past + keys;
        long[] dims =
                packed ? new long[] {batch, length, (long) heads * width} : new long[] {batch, heads, length, width};
        Tensor y = Tensor.allocate(type, dims);
        Tensor shown = Tensor.allocate(type, batch, heads, length, total);
        for (int b = 0; b < batch; b++) {
            for (int head = 0; head < heads; head++) {
                for (int query = 0; query < length; query++) {
                    double[][] steps = scores(b, head, query);
                    for (int key = 0; key < total; key++) {
                        shown.setDouble((((long) b * heads + head) * length + query) * total + key, steps[mode()][key]);
                    }
                    for (int i = 0; i < width; i++) {
                        double sum = 0;
                        for (int key = 0; key < total; key++) {
                            double weight = steps[3][key];
                            sum += weight == 0 ? 0 : weight * element(2, b, head * shared / heads, key, width, i);
                        }
                        y.setDouble(place(b, heads, head, length, query, width, i), sum);
                    }
                }
            }
        }
        List<Tensor> results = new ArrayList<>(List.of(y, present(1, size), present(2, width), shown));
        return results.subList(0, s.outputCount());
    }

    /** Before version 25 the second mode includes the mask, unless scores are capped. */
    private int mode() {
        int mode = s.attribute("qk_matmul_output_mode") instanceof Long m ? m.intValue() : 0;
        return mode == 1 && s.attribute("softcap") == null ? 2 : mode;
    }

    /** The scaled, capped and masked scores, and their probabilities. */
    private double[][] scores(int b, int head, int query) {
        int total = past + keys;
        double scale = s.attribute("scale") instanceof Float f ? f : 1 / Math.sqrt(size);
        double cap = s.attribute("softcap") instanceof Float f ? f : 0;
        double[][] steps = new double[4][total];
        for (int key = 0; key < total; key++) {
            double sum = 0;
            for (int i = 0; i < size; i++) {
                double q = s.operand(0).getDouble(place(b, heads, head, length, query, size, i));
                sum += q * element(1, b, head * shared / heads, key, size, i);
            }
            steps[0][key] = scale * sum;
            steps[1][key] = cap > 0 ? cap * StrictMath.tanh(steps[0][key] / cap) : steps[0][key];
            steps[2][key] = steps[1][key] + bias(b, head, query, key);
        }
        double most = Arrays.stream(steps[2]).max().orElse(Double.NEGATIVE_INFINITY);
        if (most != Double.NEGATIVE_INFINITY) {
            double all =
                    Arrays.stream(steps[2]).map(v -> StrictMath.exp(v - most)).sum();
            steps[3] = Arrays.stream(steps[2])
                    .map(v -> StrictMath.exp(v - most) / all)
                    .toArray();
        }
        return steps;
    }

    /** Keys or values after those of the KV cache. */
    private Tensor present(int operand, int columns) {
        Tensor t = Tensor.allocate(s.operand(operand).dtype(), batch, shared, past + keys, columns);
        for (long i = 0; i < t.size(); i++) {
            long row = i / columns;
            int key = (int) (row % (past + keys));
            long head = row / (past + keys);
            t.setDouble(i, element(operand, (int) (head / shared), (int) (head % shared), key, columns, (int)
                    (i % columns)));
        }
        return t;
    }
}
