package dev.tenon.differential.microsoft;

import dev.tenon.differential.OperatorModel;
import dev.tenon.differential.StandardDefinitions;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Attention of one token to itself and the tokens before it, in double precision. The projections are one product. */
final class MicrosoftDecoderDefinition {
    private final OperatorModel s;
    private final Tensor past;
    private final int heads;
    private final int size;
    private final int before;
    private final double[] projected;

    private MicrosoftDecoderDefinition(OperatorModel s) {
        this.s = s;
        // The model negates the buffers.
        this.past = s.given().stream()
                .map(OperatorModel.Given::value)
                .filter(t -> t.rank() == 5)
                .findFirst()
                .orElseThrow();
        this.heads = (int) past.dim(2);
        this.size = (int) past.dim(4);
        this.before = (int) s.operand(6).getLong(0);
        this.projected = projected();
    }

    static void add(Map<String, StandardDefinitions.Computation> all) {
        all.put(
                Microsoft.entry("DecoderMaskedSelfAttention"),
                model -> new MicrosoftDecoderDefinition(model).results());
    }

    private double[] projected() {
        Tensor x = s.operand(0);
        Tensor w = s.operand(1);
        int all = (int) w.dim(1);
        double[] y = new double[(int) x.dim(0) * all];
        for (int i = 0; i < y.length; i++) {
            y[i] = s.operand(2).getDouble(i % all);
            for (long k = 0; k < w.dim(0); k++) {
                y[i] += x.getDouble(i / all * w.dim(0) + k) * w.getDouble(k * all + i % all);
            }
        }
        return y;
    }

    /** An element of the new query, key or value. */
    private double added(int which, int row, int head, int i) {
        return projected[((row * 3 + which) * heads + head) * size + i];
    }

    private long place(int which, long row, int head, long key, int i) {
        return (((which * past.dim(1) + row) * heads + head) * past.dim(3) + key) * size + i;
    }

    /** An element of a key or value. With a beam it may be in another row. */
    private double at(int which, int row, int head, int key, int i) {
        if (key == before) {
            return added(1 + which, row, head, i);
        }
        Tensor width = s.operand(7);
        long from = row;
        if (width != null && width.getLong(0) > 1) {
            from = row - row % width.getLong(0) + s.operand(8).getLong(row * past.dim(3) + key);
        }
        return -past.getDouble(place(which, from, head, key, i));
    }

    private List<Tensor> results() {
        Tensor x = s.operand(0);
        Tensor y = Tensor.allocate(x.dtype(), x.dim(0), 1, (long) heads * size);
        for (int row = 0; row < x.dim(0); row++) {
            for (int head = 0; head < heads; head++) {
                double[] weights = weights(row, head);
                for (int i = 0; i < size; i++) {
                    double sum = 0;
                    for (int key = 0; key <= before; key++) {
                        sum += weights[key] * at(1, row, head, key, i);
                    }
                    y.setDouble((row * (long) heads + head) * size + i, sum);
                }
            }
        }
        return List.of(y, present());
    }

    private double[] weights(int row, int head) {
        double scale = s.attribute("scale") instanceof Float f ? f : 1 / Math.sqrt(size);
        double filter = s.attribute("mask_filter_value") instanceof Float f ? f : -10000;
        double[] scores = new double[before + 1];
        for (int key = 0; key <= before; key++) {
            for (int i = 0; i < size; i++) {
                scores[key] += scale * added(0, row, head, i) * at(0, row, head, key, i);
            }
            boolean hidden = s.operand(3) != null && s.operand(3).getLong((long) row * scores.length + key) == 0;
            scores[key] += hidden ? filter : 0;
            scores[key] += s.operand(5) == null ? 0 : s.operand(5).getDouble((long) head * scores.length + key);
        }
        double most = Arrays.stream(scores).max().orElseThrow();
        double all = Arrays.stream(scores).map(v -> StrictMath.exp(v - most)).sum();
        return Arrays.stream(scores).map(v -> StrictMath.exp(v - most) / all).toArray();
    }

    private Tensor present() {
        Tensor y = past.copy();
        for (long i = 0; i < y.size(); i++) {
            y.setDouble(i, -past.getDouble(i));
        }
        for (int row = 0; row < past.dim(1); row++) {
            for (int head = 0; head < heads; head++) {
                for (int i = 0; i < size; i++) {
                    y.setDouble(place(0, row, head, before, i), added(1, row, head, i));
                    y.setDouble(place(1, row, head, before, i), added(2, row, head, i));
                }
            }
        }
        return y;
    }
}
