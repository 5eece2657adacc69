package dev.tenon.differential;

import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Attention with functions of the scores and of the probabilities, in double precision. */
final class FlexDefinition {
    private FlexDefinition() {}

    static void add(Map<String, StandardDefinitions.Computation> all) {
        all.put("ai.onnx.preview.FlexAttention", s -> List.of(attention(s)));
    }

    /**
     * The graphs apply tanh to the scores and negate the probabilities. The scores and probabilities stay as they are
     * without a graph.
     */
    private static Tensor attention(OperatorModel s) {
        Tensor q = s.operand(0);
        Tensor k = s.operand(1);
        Tensor v = s.operand(2);
        int size = (int) q.dim(3);
        int keys = (int) k.dim(2);
        int width = (int) v.dim(3);
        long length = q.dim(2);
        long shared = q.dim(1) / k.dim(1);
        double scale = s.attribute("scale") instanceof Float f ? f : 1 / Math.sqrt(size);
        boolean bounded = s.attribute("score_mod") != null;
        double sign = s.attribute("prob_mod") != null ? -1 : 1;
        Tensor y = Tensor.allocate(q.dtype(), q.dim(0), q.dim(1), length, width);
        for (long row = 0; row < q.dim(0) * q.dim(1) * length; row++) {
            long head = row / length / shared;
            double[] scores = new double[keys];
            for (int key = 0; key < keys; key++) {
                for (int i = 0; i < size; i++) {
                    scores[key] += scale * q.getDouble(row * size + i) * k.getDouble((head * keys + key) * size + i);
                }
                scores[key] = bounded ? StrictMath.tanh(scores[key]) : scores[key];
            }
            double most = Arrays.stream(scores).max().orElse(0);
            double all =
                    Arrays.stream(scores).map(x -> StrictMath.exp(x - most)).sum();
            for (int i = 0; i < width; i++) {
                double sum = 0;
                for (int key = 0; key < keys; key++) {
                    sum += sign
                            * StrictMath.exp(scores[key] - most)
                            / all
                            * v.getDouble((head * keys + key) * width + i);
                }
                y.setDouble(row * width + i, sum);
            }
        }
        return y;
    }
}
