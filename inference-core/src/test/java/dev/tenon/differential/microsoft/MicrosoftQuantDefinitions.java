package dev.tenon.differential.microsoft;

import dev.tenon.differential.BroadcastIndices;
import dev.tenon.differential.OperatorModel;
import dev.tenon.differential.StandardDefinitions;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Quantised operators, computed with the dequantised elements in double precision. */
final class MicrosoftQuantDefinitions {
    private MicrosoftQuantDefinitions() {}

    static void add(Map<String, StandardDefinitions.Computation> all) {
        all.put(Microsoft.entry("QLinearSoftmax"), s -> List.of(softmax(s)));
        all.put(Microsoft.entry("QLinearReduceMean"), s -> List.of(mean(s)));
        all.put(Microsoft.entry("MatMulNBits"), s -> List.of(product(s)));
    }

    /** An element of the first operand, dequantised. */
    private static double real(OperatorModel s, long i) {
        return (s.operand(0).getLong(i) - zero(s.operand(2))) * s.operand(1).getDouble(0);
    }

    private static double zero(Tensor t) {
        return t == null ? 0 : t.getLong(0);
    }

    /** A real number, quantised with the type, the scale and the zero point of the result. */
    private static long quantised(OperatorModel s, double v) {
        DType type = s.operand(0).dtype();
        double q = Math.rint(v / s.operand(3).getDouble(0)) + zero(s.operand(4));
        return (long) Math.clamp(q, type.minInteger(), type.maxInteger());
    }

    /** Along an axis. Before version 13, along all axes from that axis on. */
    static Tensor softmax(OperatorModel s) {
        Tensor x = s.operand(0);
        int axis = (int) Math.floorMod(s.attribute("axis") instanceof Long n ? n : -1, (long) x.rank());
        boolean flat = (Long) s.attribute("opset") < 13;
        long[] group = x.dims();
        for (int i = axis; i < group.length; i++) {
            group[i] = flat || i == axis ? 1 : group[i];
        }
        double[] most = new double[(int) x.size()];
        double[] sum = new double[(int) x.size()];
        Arrays.fill(most, Double.NEGATIVE_INFINITY);
        for (int i = 0; i < x.size(); i++) {
            int at = (int) BroadcastIndices.from(i, x.dims(), group);
            most[at] = Math.max(most[at], real(s, i));
        }
        for (int i = 0; i < x.size(); i++) {
            int at = (int) BroadcastIndices.from(i, x.dims(), group);
            sum[at] += StrictMath.exp(real(s, i) - most[at]);
        }
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        for (int i = 0; i < x.size(); i++) {
            int at = (int) BroadcastIndices.from(i, x.dims(), group);
            y.setLong(i, quantised(s, StrictMath.exp(real(s, i) - most[at]) / sum[at]));
        }
        return y;
    }

    private static Tensor mean(OperatorModel s) {
        Tensor x = s.operand(0);
        long[] kept = x.dims();
        for (int a = 0; a < kept.length; a++) {
            int axis = a;
            boolean reduced = !(s.attribute("axes") instanceof long[] axes)
                    || Arrays.stream(axes).anyMatch(n -> Math.floorMod(n, (long) x.rank()) == axis);
            kept[a] = reduced ? 1 : kept[a];
        }
        double[] sum = new double[(int) Arrays.stream(kept).reduce(1, (a, b) -> a * b)];
        for (long i = 0; i < x.size(); i++) {
            sum[(int) BroadcastIndices.from(i, x.dims(), kept)] += real(s, i);
        }
        Tensor y = Tensor.allocate(x.dtype(), kept);
        for (int i = 0; i < sum.length; i++) {
            y.setLong(i, quantised(s, sum[i] * sum.length / x.size()));
        }
        return Long.valueOf(0).equals(s.attribute("keepdims")) ? squeezed(s, y) : y;
    }

    private static Tensor squeezed(OperatorModel s, Tensor y) {
        long[] axes = s.attribute("axes") instanceof long[] given ? given : new long[0];
        long[] rest = new long[0];
        for (int a = 0; a < y.rank() && axes.length > 0; a++) {
            int axis = a;
            if (Arrays.stream(axes).noneMatch(n -> Math.floorMod(n, (long) y.rank()) == axis)) {
                rest = Arrays.copyOf(rest, rest.length + 1);
                rest[rest.length - 1] = y.dim(a);
            }
        }
        return y.reshape(rest);
    }

    private static long whole(OperatorModel s, String name, long standard) {
        return s.attribute(name) instanceof Long n ? n : standard;
    }

    /** A number of less than 8 bits in packed bytes. The first number is in the lowest bits. */
    private static long packed(Tensor bytes, long row, long i, long bits) {
        long perByte = 8 / bits;
        return bytes.getLong(row + i / perByte) >> i % perByte * bits & (1L << bits) - 1;
    }

    private static Tensor product(OperatorModel s) {
        Tensor a = s.operand(0);
        Tensor zeros = s.operand(3);
        Tensor groups = s.operand(4);
        long k = whole(s, "K", 0);
        long n = whole(s, "N", 0);
        long block = whole(s, "block_size", 0);
        long bits = whole(s, "bits", 4);
        long blocks = Math.ceilDiv(k, block);
        long[] dims = a.dims();
        dims[dims.length - 1] = n;
        Tensor y = Tensor.allocate(a.dtype(), dims);
        for (long i = 0; i < y.size(); i++) {
            long column = i % n;
            double sum = s.operand(5) == null ? 0 : s.operand(5).getDouble(column);
            for (long j = 0; j < k; j++) {
                long own = groups == null ? j / block : groups.getLong(j);
                double zero = zeros == null
                        ? 1L << bits - 1
                        : zeros.dtype().isFloating()
                                ? zeros.getDouble(column * blocks + own)
                                : packed(zeros, column * Math.ceilDiv(blocks * bits, 8), own, bits);
                double q = packed(s.operand(1), column * blocks * block * bits / 8, j, bits);
                sum += a.getDouble(i / n * k + j) * (q - zero) * s.operand(2).getDouble(column * blocks + own);
            }
            y.setDouble(i, sum);
        }
        return y;
    }
}
