package dev.tenon.compression.quantize.weights;

import dev.tenon.Model;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.StepContext;
import dev.tenon.graph.Value;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Scales the columns of weights before they are rounded, and the inputs inversely: Lin et al., AWQ, 2023. Columns whose
 * inputs are large become larger, so that their errors become smaller. With the root mean square m of the inputs of a
 * column, its factor is {@code m^a} over the geometric mean of the largest and the least one. Of 20 exponents a in [0,
 * 1), that one is taken which makes the error of the outputs least, {@code sum of m^2 (w - value)^2}; with 0, nothing
 * is scaled. Layers with one input have the same factors. The scales of blocks are then those of least error.
 */
final class ActivationAware {
    private static final int EXPONENTS = 20;

    /** Smaller inputs count as this share of the largest. */
    private static final double LEAST = 1e-4;

    private final int block;
    private final boolean isSymmetric;

    ActivationAware(int block, boolean isSymmetric) {
        this.block = block;
        this.isSymmetric = isSymmetric;
    }

    /**
     * Codes of scaled weights.
     *
     * @param codes the codes
     * @param factors the factor of each column
     */
    record Scaled(BlockCodes codes, float[] factors) {
        /** {@return the weights that the codes stand for, without the factors} */
        float[] values() {
            float[] values = codes.values();
            for (int i = 0; i < values.length; i++) {
                values[i] /= factors[i % factors.length];
            }
            return values;
        }
    }

    /** Receives the layers. */
    @FunctionalInterface
    interface Receiver {
        /**
         * Receives the codes of layers with one input.
         *
         * @param groups the layers, in groups that share a weight
         * @param codes the codes of each group; all have the same factors
         */
        void codes(List<List<LinearLayer>> groups, List<Scaled> codes);
    }

    /**
     * Rounds all weights.
     *
     * @param model the model that computes the inputs
     * @param groups layers of its graph, in groups that share a weight
     * @param context gives the samples
     * @param receiver receives the codes
     */
    void round(Model model, List<List<LinearLayer>> groups, StepContext context, Receiver receiver) {
        Map<String, double[]> squares = squares(model, groups, context);
        Map<Value, List<List<LinearLayer>>> stages = new LinkedHashMap<>();
        groups.forEach(group -> stages.computeIfAbsent(group.getFirst().input(), v -> new ArrayList<>())
                .add(group));
        stages.forEach((input, stage) -> {
            context.progress("AWQ", 0.9);
            double[] importance = squares.get(input.name());
            boolean isOne = stage.stream().allMatch(group -> group.stream().allMatch(layer -> layer.input() == input));
            float[] factors = isOne ? best(stage, importance) : factors(importance, 0);
            List<Scaled> codes = new ArrayList<>();
            for (List<LinearLayer> group : stage) {
                codes.add(new Scaled(codes(group.getFirst(), factors, importance), factors));
            }
            receiver.codes(stage, codes);
        });
    }

    /** The sum of the squares of each column of the layers' inputs. */
    private static Map<String, double[]> squares(Model model, List<List<LinearLayer>> groups, StepContext context) {
        Map<String, double[]> squares = new LinkedHashMap<>();
        for (List<LinearLayer> group : groups) {
            for (LinearLayer layer : group) {
                squares.computeIfAbsent(layer.input().name(), name -> new double[layer.terms()]);
            }
        }
        context.observe(model, squares.keySet(), "ranges of inputs", (name, value) -> {
            double[] sums = squares.get(name);
            float[] x = ((Tensor) value).toFloatArray();
            for (int i = 0; i < x.length; i++) {
                sums[i % sums.length] += x[i] * (double) x[i];
            }
        });
        return squares;
    }

    /** The factors that an exponent gives. */
    private static float[] factors(double[] squares, double exponent) {
        double most = Math.sqrt(Arrays.stream(squares).max().orElse(0));
        double[] factors = new double[squares.length];
        double largest = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < factors.length; i++) {
            factors[i] = most == 0 ? 1 : Math.pow(Math.max(LEAST, Math.sqrt(squares[i]) / most), exponent);
            largest = Math.max(largest, factors[i]);
            least = Math.min(least, factors[i]);
        }
        float[] rounded = new float[factors.length];
        for (int i = 0; i < factors.length; i++) {
            rounded[i] = (float) (factors[i] / Math.sqrt(largest * least));
        }
        return rounded;
    }

    private float[] best(List<List<LinearLayer>> stage, double[] importance) {
        List<float[]> matrices =
                stage.stream().map(group -> group.getFirst().matrix()).toList();
        float[] best = null;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < EXPONENTS; i++) {
            float[] factors = factors(importance, (double) i / EXPONENTS);
            double error = 0;
            for (float[] matrix : matrices) {
                error += error(matrix, factors, importance);
            }
            if (error < least) {
                least = error;
                best = factors;
            }
        }
        return best;
    }

    private static float[] scaled(float[] matrix, float[] factors) {
        float[] scaled = new float[matrix.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = matrix[i] * factors[i % factors.length];
        }
        return scaled;
    }

    private double error(float[] matrix, float[] factors, double[] importance) {
        BlockCodes codes = BlockCodes.nearest(
                scaled(matrix, factors),
                matrix.length / factors.length,
                factors.length,
                block,
                (w, from, to) -> BlockGrid.ofRange(w, from, to, isSymmetric));
        float[] values = new Scaled(codes, factors).values();
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            double e = matrix[i] - (double) values[i];
            sum += importance[i % importance.length] * e * e;
        }
        return sum;
    }

    private BlockCodes codes(LinearLayer layer, float[] factors, double[] importance) {
        double[] inverse = new double[importance.length];
        for (int i = 0; i < inverse.length; i++) {
            inverse[i] = importance[i] / ((double) factors[i] * factors[i]);
        }
        return BlockCodes.nearest(
                scaled(layer.matrix(), factors),
                layer.outputs(),
                layer.terms(),
                block,
                (w, from, to) -> BlockSearch.find(w, from, to, inverse, from, isSymmetric));
    }
}
