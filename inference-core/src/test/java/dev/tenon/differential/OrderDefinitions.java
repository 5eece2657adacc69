package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Orders of numbers that the peer does not have, among them unsigned numbers of 64 bits. */
final class OrderDefinitions {
    /** A power of ten above all numbers of 64 bits. */
    private static final int BEYOND = 400;

    private OrderDefinitions() {}

    static void add(Map<String, StandardDefinitions.Computation> all) {
        all.put("TopK", OrderDefinitions::top);
        all.put("Unique", OrderDefinitions::unique);
    }

    static boolean isHigh(OperatorModel s) {
        Tensor x = s.operand(0);
        boolean high = false;
        for (long i = 0; x.dtype() == DType.UINT64 && i < x.size(); i++) {
            high |= x.getLong(i) < 0;
        }
        return high;
    }

    /** A number with the order of the element. For a pair, a number that is different for different pairs. */
    private static BigDecimal key(Tensor t, long i) {
        if (t.dtype().isComplex()) {
            return BigDecimal.valueOf(Tensors.pair(t.getReal(i), t.getImaginary(i)));
        }
        if (!t.dtype().isFloating()) {
            return new BigDecimal(Tensors.exact(t, i));
        }
        double v = t.getDouble(i);
        return Double.isInfinite(v) ? BigDecimal.valueOf((long) Math.signum(v), -BEYOND) : new BigDecimal(v);
    }

    private static int axis(OperatorModel s, int standard) {
        long axis = s.attribute("axis") instanceof Long n ? n : standard;
        return (int) Math.floorMod(axis, (long) s.operand(0).rank());
    }

    private static long inner(Tensor x, int axis) {
        long inner = 1;
        for (int i = axis + 1; i < x.rank(); i++) {
            inner *= x.dim(i);
        }
        return inner;
    }

    private static List<Tensor> top(OperatorModel s) {
        Tensor x = s.operand(0);
        int axis = axis(s, -1);
        long inner = inner(x, axis);
        int k = (int) s.operand(1).getLong(0);
        boolean largest = !Long.valueOf(0).equals(s.attribute("largest"));
        long[] dims = x.dims();
        dims[axis] = k;
        Tensor values = Tensor.allocate(x.dtype(), dims);
        Tensor places = Tensor.allocate(DType.INT64, dims);
        long lines = x.dim(axis) == 0 ? 0 : x.size() / x.dim(axis);
        for (long line = 0; line < lines; line++) {
            long from = line / inner * inner * x.dim(axis) + line % inner;
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < x.dim(axis); i++) {
                order.add(i);
            }
            Comparator<Integer> rising = Comparator.comparing(i -> key(x, from + i * inner));
            order.sort(largest ? rising.reversed() : rising);
            for (int i = 0; i < k; i++) {
                long to = line / inner * inner * k + line % inner + i * inner;
                x.copyElementTo(from + order.get(i) * inner, values, to);
                places.setLong(to, order.get(i));
            }
        }
        return List.of(values, places);
    }

    /**
     * The different slices of an axis, or the different elements: the first index of each, the index of each slice
     * among them, and their counts.
     */
    private static List<Tensor> unique(OperatorModel s) {
        Tensor x =
                s.attribute("axis") == null ? s.operand(0).reshape(s.operand(0).size()) : s.operand(0);
        int axis = s.attribute("axis") == null ? 0 : axis(s, 0);
        long inner = inner(x, axis);
        int n = (int) x.dim(axis);
        Comparator<List<BigDecimal>> order = (a, b) -> {
            for (int i = 0; i < a.size(); i++) {
                int c = a.get(i).compareTo(b.get(i));
                if (c != 0) {
                    return c;
                }
            }
            return 0;
        };
        Map<List<BigDecimal>, List<Integer>> groups = new TreeMap<>(order);
        for (int i = 0; i < n; i++) {
            List<BigDecimal> slice = new ArrayList<>();
            for (long e = 0; e < x.size() / n; e++) {
                slice.add(key(x, (e / inner * n + i) * inner + e % inner));
            }
            groups.computeIfAbsent(slice, key -> new ArrayList<>()).add(i);
        }
        List<List<Integer>> found = new ArrayList<>(groups.values());
        if (Long.valueOf(0).equals(s.attribute("sorted"))) {
            found.sort(Comparator.comparing(List::getFirst));
        }
        long[] dims = x.dims();
        dims[axis] = found.size();
        Tensor y = Tensor.allocate(x.dtype(), dims);
        Tensor first = Tensor.allocate(DType.INT64, found.size());
        Tensor which = Tensor.allocate(DType.INT64, n);
        Tensor counts = Tensor.allocate(DType.INT64, found.size());
        for (int g = 0; g < found.size(); g++) {
            first.setLong(g, found.get(g).getFirst());
            counts.setLong(g, found.get(g).size());
            for (int i : found.get(g)) {
                which.setLong(i, g);
            }
            for (long e = 0; e < x.size() / n; e++) {
                long from = (e / inner * n + found.get(g).getFirst()) * inner + e % inner;
                x.copyElementTo(from, y, (e / inner * found.size() + g) * inner + e % inner);
            }
        }
        List<Tensor> all = List.of(y, first, which, counts);
        return s.returned().stream().map(name -> all.get(name.charAt(1) - '0')).toList();
    }
}
