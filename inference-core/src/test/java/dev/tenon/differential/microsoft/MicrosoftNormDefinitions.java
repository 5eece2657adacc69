package dev.tenon.differential.microsoft;

import dev.tenon.differential.BroadcastIndices;
import dev.tenon.differential.OperatorModel;
import dev.tenon.differential.StandardDefinitions;
import dev.tenon.differential.Tensors;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Normalisations in double precision. The variance is computed from differences to the mean. */
final class MicrosoftNormDefinitions {
    private MicrosoftNormDefinitions() {}

    static void add(Map<String, StandardDefinitions.Computation> all) {
        all.put(Microsoft.entry("SkipLayerNormalization"), s -> skip(s, s.operand(3), s.operand(4), true));
        all.put(Microsoft.entry("SkipSimplifiedLayerNormalization"), s -> skip(s, null, s.operand(3), false));
        all.put(Microsoft.entry("SimplifiedLayerNormalization"), MicrosoftNormDefinitions::rootMeanSquare);
        all.put(Microsoft.entry("EmbedLayerNormalization"), MicrosoftNormDefinitions::embedding);
        all.put(Microsoft.entry("BiasSoftmax"), MicrosoftNormDefinitions::softmax);
    }

    private static double epsilon(OperatorModel s, double standard) {
        return s.attribute("epsilon") instanceof Float f ? f : standard;
    }

    /** Rows of {@code sum}, scaled and shifted, in the type. */
    private static Tensor normalised(
            double[] sum, DType type, long[] dims, Tensor scale, Tensor shift, boolean centred, double epsilon) {
        Tensor y = Tensor.allocate(type, dims);
        long row = scale.size();
        for (int from = 0; from < sum.length; from += (int) row) {
            double mean = 0;
            for (int i = 0; i < row && centred; i++) {
                mean += sum[from + i] / row;
            }
            double square = 0;
            for (int i = 0; i < row; i++) {
                square += (sum[from + i] - mean) * (sum[from + i] - mean) / row;
            }
            for (int i = 0; i < row; i++) {
                double v = (sum[from + i] - mean) / StrictMath.sqrt(square + epsilon) * scale.getDouble(i);
                y.setDouble(from + i, v + (shift == null ? 0 : shift.getDouble(i)));
            }
        }
        return y;
    }

    private static Tensor rounded(double[] values, DType type, long[] dims) {
        Tensor t = Tensor.allocate(type, dims);
        for (int i = 0; i < values.length; i++) {
            t.setDouble(i, values[i]);
        }
        return t;
    }

    private static List<Tensor> skip(OperatorModel s, Tensor shift, Tensor bias, boolean centred) {
        Tensor x = s.operand(0);
        Tensor other = s.operand(1);
        long row = x.dim(x.rank() - 1);
        double[] sum = new double[(int) x.size()];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = x.getDouble(i) + other.getDouble(BroadcastIndices.from(i, x.dims(), other.dims()));
            sum[i] += bias == null ? 0 : bias.getDouble(i % row);
        }
        Tensor y = normalised(sum, x.dtype(), x.dims(), s.operand(2), shift, centred, epsilon(s, 1e-12f));
        return s.returned().size() == 1 ? List.of(y) : List.of(y, rounded(sum, x.dtype(), x.dims()));
    }

    private static List<Tensor> rootMeanSquare(OperatorModel s) {
        Tensor x = s.operand(0);
        double[] values = Tensors.convert(x, DType.FLOAT64).toDoubleArray();
        return List.of(normalised(values, x.dtype(), x.dims(), s.operand(1), null, false, epsilon(s, 1e-5f)));
    }

    private static List<Tensor> embedding(OperatorModel s) {
        Tensor ids = s.operand(0);
        Tensor words = s.operand(2);
        Tensor places = s.operand(3);
        Tensor segments = s.operand(1);
        Tensor mask = s.operand(7);
        Tensor given = s.operand(8);
        int hidden = (int) words.dim(1);
        long length = ids.dim(1);
        double[] sum = new double[(int) ids.size() * hidden];
        for (int i = 0; i < sum.length; i++) {
            int token = i / hidden;
            long column = i % hidden;
            long place = given == null
                    ? token % length
                    : given.getLong(BroadcastIndices.from(token, ids.dims(), given.dims()));
            sum[i] = words.getDouble(ids.getLong(token) * hidden + column) + places.getDouble(place * hidden + column);
            sum[i] += segments == null ? 0 : s.operand(4).getDouble(segments.getLong(token) * hidden + column);
        }
        long[] dims = {ids.dim(0), length, hidden};
        List<Tensor> results = new ArrayList<>(
                List.of(normalised(sum, words.dtype(), dims, s.operand(5), s.operand(6), true, epsilon(s, 1e-12f))));
        if (s.returned().contains("y1")) {
            Tensor lengths = Tensor.allocate(DType.INT32, ids.dim(0));
            for (long i = 0; i < mask.size(); i++) {
                lengths.setLong(i / length, lengths.getLong(i / length) + (mask.getLong(i) == 1 ? 1 : 0));
            }
            results.add(lengths);
        }
        if (s.returned().contains("y2")) {
            results.add(rounded(sum, words.dtype(), dims));
        }
        return results;
    }

    /**
     * Rows are all dimensions from the axis on. The second operand of the sum is broadcast over the dimensions before.
     */
    private static List<Tensor> softmax(OperatorModel s) {
        Tensor x = s.operand(0);
        Tensor bias = s.operand(1);
        long axis = s.attribute("axis") instanceof Long n ? n : 1;
        long row = Arrays.stream(x.dims()).skip(axis).reduce(1, (a, b) -> a * b);
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        for (long from = 0; from < x.size(); from += row) {
            double[] terms = new double[(int) row];
            for (int i = 0; i < row; i++) {
                terms[i] =
                        x.getDouble(from + i) + bias.getDouble(BroadcastIndices.from(from + i, x.dims(), bias.dims()));
            }
            double most = Arrays.stream(terms).max().orElse(0);
            double all = Arrays.stream(terms).map(t -> StrictMath.exp(t - most)).sum();
            for (int i = 0; i < row; i++) {
                y.setDouble(from + i, StrictMath.exp(terms[i] - most) / all);
            }
        }
        return List.of(y);
    }
}
