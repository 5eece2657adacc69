package dev.tenon.op.reduce;

import dev.tenon.op.OpList;

/** The operators of this package. */
public final class ReduceOps {
    private ReduceOps() {}

    /**
     * Goes through the operators, a line each.
     *
     * @param list who asks
     */
    public static void list(OpList list) {
        reductions(list);
        if (list.asks("ArgMax")) list.add(ArgMax.SCHEMA, ArgMax.class, ArgMax::of);
        if (list.asks("ArgMin")) list.add(ArgMin.SCHEMA, ArgMin.class, ArgMin::of);
    }

    /**
     * Goes through the operators that are a {@link Reduction}, a line each.
     *
     * @param list who asks
     */
    public static void reductions(OpList list) {
        if (list.asks("ReduceMean")) list.add(ReduceMean.SCHEMA, ReduceMean.class, ReduceMean::of);
        if (list.asks("ReduceSum")) list.add(ReduceSum.SCHEMA, ReduceSum.class, ReduceSum::of);
        if (list.asks("ReduceMax")) list.add(ReduceMax.SCHEMA, ReduceMax.class, ReduceMax::of);
        if (list.asks("ReduceMin")) list.add(ReduceMin.SCHEMA, ReduceMin.class, ReduceMin::of);
        if (list.asks("ReduceProd")) list.add(ReduceProd.SCHEMA, ReduceProd.class, ReduceProd::of);
        if (list.asks("ReduceL1")) list.add(ReduceL1.SCHEMA, ReduceL1.class, ReduceL1::of);
        if (list.asks("ReduceL2")) list.add(ReduceL2.SCHEMA, ReduceL2.class, ReduceL2::of);
        if (list.asks("ReduceLogSum")) list.add(ReduceLogSum.SCHEMA, ReduceLogSum.class, ReduceLogSum::of);
        if (list.asks("ReduceLogSumExp")) list.add(ReduceLogSumExp.SCHEMA, ReduceLogSumExp.class, ReduceLogSumExp::of);
        if (list.asks("ReduceSumSquare")) list.add(ReduceSumSquare.SCHEMA, ReduceSumSquare.class, ReduceSumSquare::of);
    }
}
