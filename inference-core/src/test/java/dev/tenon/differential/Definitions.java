package dev.tenon.differential;

import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;

/** Operators that the peer does not have for some types, computed element by element as the standard defines them. */
final class Definitions {
    private static final Map<String, Function<OperatorModel, Tensor>> ALL = Map.of(
            "Det", s -> determinants(s.operand(0), false),
            "OneHot", Definitions::oneHot,
            "EyeLike", Definitions::eyeLike,
            "Range", Definitions::range,
            "CumProd", Definitions::cumProd,
            "ConstantOfShape", Definitions::filled,
            "Hardmax", Definitions::hottest,
            "NonZero", Definitions::nonZero);

    private Definitions() {}

    static boolean has(OperatorModel model) {
        return Reductions.has(model) || CastDefinitions.has(model) || ALL.containsKey(model.entry());
    }

    static Tensor apply(OperatorModel model) {
        if (CastDefinitions.has(model)) {
            return CastDefinitions.apply(model);
        }
        return Reductions.has(model)
                ? Reductions.apply(model)
                : ALL.get(model.entry()).apply(model);
    }

    private static Tensor oneHot(OperatorModel s) {
        Tensor indices = s.operand(0);
        long depth = s.operand(1).getLong(0);
        Tensor values = s.operand(2);
        int rank = indices.rank() + 1;
        int axis = s.attribute("axis") instanceof Long a ? (int) Math.floorMod(a, (long) rank) : rank - 1;
        long[] dims = new long[rank];
        for (int i = 0; i < rank; i++) {
            dims[i] = i == axis ? depth : indices.dim(i < axis ? i : i - 1);
        }
        long inner = 1;
        for (int i = axis + 1; i < rank; i++) {
            inner *= dims[i];
        }
        Tensor y = Tensor.allocate(values.dtype(), dims);
        for (long i = 0; i < y.size(); i++) {
            long index = indices.getLong(i / (inner * depth) * inner + i % inner);
            boolean hot = index >= -depth && index < depth && Math.floorMod(index, depth) == i / inner % depth;
            values.copyElementTo(hot ? 1 : 0, y, i);
        }
        return y;
    }

    private static Tensor eyeLike(OperatorModel s) {
        Tensor x = s.operand(0);
        DType type = s.attribute("dtype") instanceof Long n ? ElementTypes.of("EyeLike", n.intValue()) : x.dtype();
        long k = s.attribute("k") instanceof Long n ? n : 0;
        Tensor y = Tensor.allocate(type, x.dims());
        for (long r = 0; r < x.dim(0); r++) {
            if (r + k >= 0 && r + k < x.dim(1)) {
                y.setLong(r * x.dim(1) + r + k, 1);
            }
        }
        return y;
    }

    /** 1 for the first of the greatest along an axis. */
    private static Tensor hottest(OperatorModel s) {
        Tensor x = s.operand(0);
        int axis = (int) Math.floorMod(s.attribute("axis") instanceof Long a ? a : -1L, (long) x.rank());
        long inner = 1;
        for (int i = axis + 1; i < x.rank(); i++) {
            inner *= x.dim(i);
        }
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        for (long i = 0; i < y.size(); i++) {
            long first = i - i / inner % x.dim(axis) * inner;
            long best = first;
            for (long k = 1; k < x.dim(axis); k++) {
                best = x.getDouble(first + k * inner) > x.getDouble(best) ? first + k * inner : best;
            }
            y.setLong(i, i == best ? 1 : 0);
        }
        return y;
    }

    private static Tensor filled(OperatorModel s) {
        Tensor y = Tensor.allocate(
                s.attribute("value") instanceof Tensor v ? v.dtype() : DType.FLOAT32,
                s.operand(0).toLongArray());
        for (long i = 0; i < y.size() && s.attribute("value") instanceof Tensor v; i++) {
            v.copyElementTo(0, y, i);
        }
        return y;
    }

    /** A column of coordinates for each element that is not 0, in row-major order. */
    private static Tensor nonZero(OperatorModel s) {
        Tensor x = s.operand(0);
        List<Long> places = LongStream.range(0, x.size())
                .filter(i -> x.dtype().isComplex()
                        ? x.getReal(i) != 0 || x.getImaginary(i) != 0
                        : x.dtype().isFloating() ? x.getDouble(i) != 0 : x.getLong(i) != 0)
                .boxed()
                .toList();
        Tensor y = Tensor.allocate(DType.INT64, x.rank(), places.size());
        for (int k = 0; k < places.size(); k++) {
            long rest = places.get(k);
            for (int a = x.rank() - 1; a >= 0; a--) {
                y.setLong((long) a * places.size() + k, rest % x.dim(a));
                rest /= x.dim(a);
            }
        }
        return y;
    }

    private static Tensor range(OperatorModel s) {
        Tensor start = s.operand(0);
        double from = start.getDouble(0);
        double step = s.operand(2).getDouble(0);
        long n = (long) Math.max(0, Math.ceil((s.operand(1).getDouble(0) - from) / step));
        Tensor y = Tensor.allocate(start.dtype(), n);
        for (long i = 0; i < n; i++) {
            y.setDouble(i, from + i * step);
        }
        return y;
    }

    private static Tensor cumProd(OperatorModel s) {
        Tensor x = s.operand(0);
        int axis = (int) Math.floorMod(s.operand(1).getLong(0), (long) x.rank());
        boolean exclusive = Long.valueOf(1).equals(s.attribute("exclusive"));
        boolean reverse = Long.valueOf(1).equals(s.attribute("reverse"));
        long inner = 1;
        for (int i = axis + 1; i < x.rank(); i++) {
            inner *= x.dim(i);
        }
        long n = x.dim(axis);
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        for (long i = 0; i < y.size(); i++) {
            long at = i / inner % n;
            double real = 1;
            long whole = 1;
            for (long k = 0; k < n; k++) {
                boolean before = reverse ? k > at : k < at;
                if (before || k == at && !exclusive) {
                    long from = i + (k - at) * inner;
                    real *= x.getDouble(from);
                    whole *= x.dtype().isInteger() ? x.getLong(from) : 1;
                }
            }
            if (x.dtype().isInteger()) {
                y.setLong(i, whole);
            } else {
                y.setDouble(i, real);
            }
        }
        return y;
    }

    /** The determinants of matrices, or the sums of the absolute values of their terms. */
    static Tensor determinants(Tensor x, boolean absolute) {
        int n = (int) x.dim(x.rank() - 1);
        Tensor y = Tensor.allocate(x.dtype(), Arrays.copyOf(x.dims(), x.rank() - 2));
        double[] a = new double[n * n];
        for (long i = 0; i < y.size(); i++) {
            for (int k = 0; k < a.length; k++) {
                double v = x.getDouble(i * a.length + k);
                a[k] = absolute ? Math.abs(v) : v;
            }
            y.setDouble(i, expand(a, n, 0, 0, absolute ? 1 : -1));
        }
        return y;
    }

    /** Laplace expansion by the rows from an index on, along the unused columns, with alternating signs or without. */
    private static double expand(double[] a, int n, int row, int used, int turn) {
        if (row == n) {
            return 1;
        }
        double sum = 0;
        int sign = 1;
        for (int c = 0; c < n; c++) {
            if ((used >> c & 1) == 0) {
                sum += sign * a[row * n + c] * expand(a, n, row + 1, used | 1 << c, turn);
                sign *= turn;
            }
        }
        return sum;
    }
}
