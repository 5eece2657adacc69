package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Reductions of lists of numbers by their definitions. Integers are unbounded. */
final class Reductions {
    private static final Map<String, Function<List<Double>, Double>> REALS = reals();
    private static final Map<String, Function<List<BigInteger>, BigInteger>> WHOLES = wholes();

    private Reductions() {}

    static boolean has(OperatorModel model) {
        return REALS.containsKey(model.entry());
    }

    static Tensor apply(OperatorModel model) {
        Tensor x = model.operand(0);
        boolean keep = !Long.valueOf(0).equals(model.attribute("keepdims"));
        Set<Integer> axes = axes(model, x.rank());
        long[] kept = x.dims();
        axes.forEach(a -> kept[a] = 1);
        long all = 1;
        for (long n : kept) {
            all *= n;
        }
        List<List<Long>> groups = new ArrayList<>();
        for (long i = 0; i < all; i++) {
            groups.add(new ArrayList<>());
        }
        for (long i = 0; i < x.size(); i++) {
            groups.get((int) BroadcastIndices.from(i, x.dims(), kept)).add(i);
        }
        Tensor y = Tensor.allocate(x.dtype(), kept);
        for (int i = 0; i < groups.size(); i++) {
            List<Long> group = groups.get(i);
            if (x.dtype().isFloating()) {
                y.setDouble(
                        i,
                        REALS.get(model.entry())
                                .apply(group.stream().map(x::getDouble).toList()));
            } else {
                y.setLong(i, whole(model, x, group).longValue());
            }
        }
        return keep ? y : y.reshape(squeezed(kept, axes));
    }

    private static BigInteger whole(OperatorModel model, Tensor x, List<Long> group) {
        if (group.isEmpty() && model.entry().equals("ReduceMax")) {
            return BigInteger.valueOf(least(x.dtype()));
        }
        if (group.isEmpty() && model.entry().equals("ReduceMin")) {
            return BigInteger.valueOf(x.dtype() == DType.BOOL ? 1 : x.dtype().maxInteger());
        }
        return WHOLES.get(model.entry())
                .apply(group.stream().map(i -> Tensors.exact(x, i)).toList());
    }

    private static long least(DType type) {
        return type == DType.BOOL ? 0 : type.minInteger();
    }

    private static Set<Integer> axes(OperatorModel model, int rank) {
        Set<Integer> axes = new TreeSet<>();
        Tensor given = model.operand(1);
        for (long i = 0; given != null && i < given.size(); i++) {
            axes.add((int) Math.floorMod(given.getLong(i), (long) rank));
        }
        boolean none = given == null || given.size() == 0;
        for (int a = 0; none && a < rank && !Long.valueOf(1).equals(model.attribute("noop_with_empty_axes")); a++) {
            axes.add(a);
        }
        return axes;
    }

    private static long[] squeezed(long[] dims, Set<Integer> axes) {
        List<Long> rest = new ArrayList<>();
        for (int a = 0; a < dims.length; a++) {
            if (!axes.contains(a)) {
                rest.add(dims[a]);
            }
        }
        return rest.stream().mapToLong(Long::longValue).toArray();
    }

    private static double sum(List<Double> x) {
        return x.stream().mapToDouble(Double::doubleValue).sum();
    }

    private static Map<String, Function<List<Double>, Double>> reals() {
        Map<String, Function<List<Double>, Double>> all = new HashMap<>();
        all.put("ReduceSum", Reductions::sum);
        all.put("ReduceMean", x -> sum(x) / x.size());
        all.put("ReduceProd", x -> x.stream().reduce(1.0, (a, b) -> a * b));
        all.put("ReduceL1", x -> sum(x.stream().map(Math::abs).toList()));
        all.put("ReduceSumSquare", x -> sum(x.stream().map(v -> v * v).toList()));
        all.put("ReduceL2", x -> Math.sqrt(sum(x.stream().map(v -> v * v).toList())));
        all.put("ReduceLogSum", x -> StrictMath.log(sum(x)));
        all.put("ReduceLogSumExp", Reductions::logSumExp);
        all.put("ReduceMax", x -> x.stream().reduce(Double.NEGATIVE_INFINITY, Math::max));
        all.put("ReduceMin", x -> x.stream().reduce(Double.POSITIVE_INFINITY, Math::min));
        return Map.copyOf(all);
    }

    private static double logSumExp(List<Double> x) {
        double most = x.stream().reduce(Double.NEGATIVE_INFINITY, Math::max);
        double shift = Double.isInfinite(most) ? 0 : most;
        return shift
                + StrictMath.log(
                        sum(x.stream().map(v -> StrictMath.exp(v - shift)).toList()));
    }

    private static BigInteger total(List<BigInteger> x) {
        return x.stream().reduce(BigInteger.ZERO, BigInteger::add);
    }

    private static BigInteger squares(List<BigInteger> x) {
        return total(x.stream().map(v -> v.multiply(v)).toList());
    }

    private static Map<String, Function<List<BigInteger>, BigInteger>> wholes() {
        Map<String, Function<List<BigInteger>, BigInteger>> all = new HashMap<>();
        all.put("ReduceSum", Reductions::total);
        all.put("ReduceMean", x -> x.isEmpty() ? BigInteger.ZERO : total(x).divide(BigInteger.valueOf(x.size())));
        all.put("ReduceProd", x -> x.stream().reduce(BigInteger.ONE, BigInteger::multiply));
        all.put("ReduceL1", x -> total(x.stream().map(BigInteger::abs).toList()));
        all.put("ReduceSumSquare", Reductions::squares);
        all.put("ReduceL2", x -> squares(x).sqrt());
        all.put("ReduceLogSum", x -> BigInteger.valueOf((long) StrictMath.log(total(x).doubleValue())));
        all.put(
                "ReduceLogSumExp",
                x -> BigInteger.valueOf(
                        (long) logSumExp(x.stream().map(BigInteger::doubleValue).toList())));
        all.put("ReduceMax", x -> x.stream().reduce(BigInteger::max).orElseThrow());
        all.put("ReduceMin", x -> x.stream().reduce(BigInteger::min).orElseThrow());
        return Map.copyOf(all);
    }
}
