package dev.tenon.op.reduce;

import dev.tenon.op.OpSet;

/** The operators of this package. */
public final class ReduceOps {
    /** All of them. */
    public static final OpSet SET = OpSet.empty()
            .with(ReduceMean.SCHEMA, ReduceMean.class, ReduceMean::of)
            .with(ReduceSum.SCHEMA, ReduceSum.class, ReduceSum::of)
            .with(ReduceMax.SCHEMA, ReduceMax.class, ReduceMax::of)
            .with(ReduceMin.SCHEMA, ReduceMin.class, ReduceMin::of)
            .with(ReduceProd.SCHEMA, ReduceProd.class, ReduceProd::of)
            .with(ReduceL1.SCHEMA, ReduceL1.class, ReduceL1::of)
            .with(ReduceL2.SCHEMA, ReduceL2.class, ReduceL2::of)
            .with(ReduceLogSum.SCHEMA, ReduceLogSum.class, ReduceLogSum::of)
            .with(ReduceLogSumExp.SCHEMA, ReduceLogSumExp.class, ReduceLogSumExp::of)
            .with(ReduceSumSquare.SCHEMA, ReduceSumSquare.class, ReduceSumSquare::of)
            .with(ArgMax.SCHEMA, ArgMax.class, ArgMax::of)
            .with(ArgMin.SCHEMA, ArgMin.class, ArgMin::of);

    private ReduceOps() {}
}
