package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpSet;
import dev.tenon.op.reduce.ArgMax;
import dev.tenon.op.reduce.ArgMin;
import dev.tenon.op.reduce.ReduceL1;
import dev.tenon.op.reduce.ReduceL2;
import dev.tenon.op.reduce.ReduceLogSum;
import dev.tenon.op.reduce.ReduceLogSumExp;
import dev.tenon.op.reduce.ReduceMax;
import dev.tenon.op.reduce.ReduceMean;
import dev.tenon.op.reduce.ReduceMin;
import dev.tenon.op.reduce.ReduceProd;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.op.reduce.ReduceSumSquare;

/** Reductions, and the positions of extremes. */
public final class ReduceOperators {
    private static final OpSet REDUCTIONS = OpSet.lazy(Domains.MAIN, ReduceOperators::makeReductions);
    private static final OpSet SET = REDUCTIONS.plus(OpSet.lazy(Domains.MAIN, ReduceOperators::makeOthers));

    private ReduceOperators() {}

    static OpSet set() {
        return SET;
    }

    /**
     * The operators that are a {@link dev.tenon.op.reduce.Reduction}.
     *
     * @return the set
     */
    public static OpSet reductions() {
        return REDUCTIONS;
    }

    private static OpSet makeOthers() {
        return OpSet.of(op(ArgMax.SCHEMA, ArgMax.class, ArgMax::of), op(ArgMin.SCHEMA, ArgMin.class, ArgMin::of));
    }

    private static OpSet makeReductions() {
        return OpSet.of(
                op(ReduceMean.SCHEMA, ReduceMean.class, ReduceMean::of),
                op(ReduceSum.SCHEMA, ReduceSum.class, ReduceSum::of),
                op(ReduceMax.SCHEMA, ReduceMax.class, ReduceMax::of),
                op(ReduceMin.SCHEMA, ReduceMin.class, ReduceMin::of),
                op(ReduceProd.SCHEMA, ReduceProd.class, ReduceProd::of),
                op(ReduceL1.SCHEMA, ReduceL1.class, ReduceL1::of),
                op(ReduceL2.SCHEMA, ReduceL2.class, ReduceL2::of),
                op(ReduceLogSum.SCHEMA, ReduceLogSum.class, ReduceLogSum::of),
                op(ReduceLogSumExp.SCHEMA, ReduceLogSumExp.class, ReduceLogSumExp::of),
                op(ReduceSumSquare.SCHEMA, ReduceSumSquare.class, ReduceSumSquare::of));
    }
}
