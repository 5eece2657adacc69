package dev.tenon.differential;

import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Encoders, quantisation and batch normalisation, as the standard describes them. */
final class TableDefinitions {
    private TableDefinitions() {}

    static void add(Map<String, StandardDefinitions.Computation> all) {
        all.put("Binarizer", s -> List.of(above(s)));
        all.put("Imputer", s -> List.of(imputed(s)));
        all.put("LabelEncoder", s -> List.of(labels(s)));
        all.put("QuantizeLinear", s -> List.of(levels(s)));
        all.put("DequantizeLinear", s -> List.of(values(s)));
        all.put("QLinearMatMul", s -> List.of(product(s)));
        all.put("BatchNormalization", TableDefinitions::batch);
    }

    /** With the given statistics, or in training mode with those of the batch, towards which the given ones move. */
    private static List<Tensor> batch(OperatorModel s) {
        Tensor x = s.operand(0);
        boolean training = Long.valueOf(1).equals(s.attribute("training_mode"));
        double momentum = s.attribute("momentum") instanceof Float f ? f : 0.9f;
        double epsilon = s.attribute("epsilon") instanceof Float f ? f : 1e-5f;
        int channels = (int) x.dim(1);
        long inner = x.size() / x.dim(0) / channels;
        double[] mean = new double[channels];
        double[] variance = new double[channels];
        for (long i = 0; i < x.size(); i++) {
            mean[(int) (i / inner % channels)] += x.getDouble(i) * channels / x.size();
        }
        for (long i = 0; i < x.size(); i++) {
            int c = (int) (i / inner % channels);
            variance[c] += (x.getDouble(i) - mean[c]) * (x.getDouble(i) - mean[c]) * channels / x.size();
        }
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        for (long i = 0; i < x.size(); i++) {
            int c = (int) (i / inner % channels);
            double m = training ? mean[c] : s.operand(3).getDouble(c);
            double v = training ? variance[c] : s.operand(4).getDouble(c);
            double normal = (x.getDouble(i) - m) / Math.sqrt(v + epsilon);
            y.setDouble(i, normal * s.operand(1).getDouble(c) + s.operand(2).getDouble(c));
        }
        Tensor means = Tensor.allocate(s.operand(3).dtype(), channels);
        Tensor variances = Tensor.allocate(s.operand(4).dtype(), channels);
        for (int c = 0; c < channels; c++) {
            means.setDouble(c, s.operand(3).getDouble(c) * momentum + mean[c] * (1 - momentum));
            variances.setDouble(c, s.operand(4).getDouble(c) * momentum + variance[c] * (1 - momentum));
        }
        return List.of(y, means, variances).subList(0, s.outputCount());
    }

    private static Tensor above(OperatorModel s) {
        double threshold = s.attribute("threshold") instanceof Float f ? f : 0;
        Tensor y = Tensor.allocate(s.operand(0).dtype(), s.operand(0).dims());
        for (long i = 0; i < y.size(); i++) {
            y.setLong(i, s.operand(0).getDouble(i) > threshold ? 1 : 0);
        }
        return y;
    }

    /** One number for each column, or one for all. */
    private static Tensor imputed(OperatorModel s) {
        Tensor x = s.operand(0);
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        for (long i = 0; i < y.size(); i++) {
            if (x.dtype().isFloating()) {
                float[] others = (float[]) s.attribute("imputed_value_floats");
                boolean missing = x.getDouble(i) == (Float) s.attribute("replaced_value_float");
                y.setDouble(i, missing ? others[(int) (i % others.length)] : x.getDouble(i));
            } else {
                long[] others = (long[]) s.attribute("imputed_value_int64s");
                boolean missing = x.getLong(i) == (Long) s.attribute("replaced_value_int64");
                y.setLong(i, missing ? others[(int) (i % others.length)] : x.getLong(i));
            }
        }
        return y;
    }

    /** With keys and values as tensors. */
    private static Tensor labels(OperatorModel s) {
        Tensor x = s.operand(0);
        Tensor keys = (Tensor) s.attribute("keys_tensor");
        Tensor values = (Tensor) s.attribute("values_tensor");
        Tensor y = Tensor.allocate(values.dtype(), x.dims());
        for (long i = 0; i < y.size(); i++) {
            ((Tensor) s.attribute("default_tensor")).copyElementTo(0, y, i);
            for (long k = 0; k < keys.size(); k++) {
                boolean same = x.dtype() == DType.STRING
                        ? x.getString(i).equals(keys.getString(k))
                        : x.getDouble(i) == keys.getDouble(k);
                if (same) {
                    values.copyElementTo(k, y, i);
                }
            }
        }
        return y;
    }

    /** The index of the scale of an element: one for all, one for an index along the axis, or one for a block. */
    private static long scale(OperatorModel s, long i) {
        Tensor scale = s.operand(1);
        if (scale.size() == 1) {
            return 0;
        }
        long[] dims = s.operand(0).dims();
        int axis = (int) Math.floorMod(s.attribute("axis") instanceof Long a ? a : 1L, (long) dims.length);
        long inner = 1;
        for (int k = axis + 1; k < dims.length; k++) {
            inner *= dims[k];
        }
        long along = i / inner % dims[axis];
        if (scale.rank() == 1 && !(s.attribute("block_size") instanceof Long b && b > 0)) {
            return along;
        }
        long block = along / (Long) s.attribute("block_size");
        return (i / inner / dims[axis] * scale.dim(axis) + block) * inner + i % inner;
    }

    private static Tensor levels(OperatorModel s) {
        Tensor x = s.operand(0);
        Tensor zero = s.operand(2);
        DType type = zero == null
                ? ElementTypes.of("QuantizeLinear", (int) (long) s.attribute("output_dtype"))
                : zero.dtype();
        Tensor y = Tensor.allocate(type, x.dims());
        for (long i = 0; i < y.size(); i++) {
            long at = scale(s, i);
            quantise((float) x.getDouble(i) / (float) s.operand(1).getDouble(at), zero, at, y, i);
        }
        return y;
    }

    private static void quantise(double quotient, Tensor zero, long at, Tensor y, long i) {
        DType type = y.dtype();
        if (type.isFloating()) {
            y.setDouble(i, quotient);
        } else {
            double level = Math.rint(quotient) + (zero == null ? 0 : zero.getLong(at));
            y.setLong(i, (long) Math.clamp(level, (double) type.minInteger(), (double) type.maxInteger()));
        }
    }

    private static Tensor values(OperatorModel s) {
        Tensor x = s.operand(0);
        DType type = s.attribute("output_dtype") instanceof Long n
                ? ElementTypes.of("DequantizeLinear", n.intValue())
                : s.operand(1).dtype();
        Tensor y = Tensor.allocate(type, x.dims());
        for (long i = 0; i < y.size(); i++) {
            long at = scale(s, i);
            double level =
                    x.getDouble(i) - (s.operand(2) == null ? 0 : s.operand(2).getDouble(at));
            y.setDouble(i, level * s.operand(1).getDouble(at));
        }
        return y;
    }

    /** The product of two matrices with a scale each. */
    private static Tensor product(OperatorModel s) {
        Tensor a = s.operand(0);
        Tensor b = s.operand(3);
        long k = a.dim(1);
        double scale = s.operand(1).getDouble(0)
                * s.operand(4).getDouble(0)
                / s.operand(6).getDouble(0);
        Tensor y = Tensor.allocate(s.operand(7).dtype(), a.dim(0), b.dim(1));
        for (long i = 0; i < y.size(); i++) {
            double sum = 0;
            for (long j = 0; j < k; j++) {
                double left = a.getDouble(i / b.dim(1) * k + j) - s.operand(2).getDouble(0);
                double right =
                        b.getDouble(j * b.dim(1) + i % b.dim(1)) - s.operand(5).getDouble(0);
                sum += left * right;
            }
            quantise(sum * scale, s.operand(7), 0, y, i);
        }
        return y;
    }
}
