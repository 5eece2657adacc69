package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
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
    private static final OpSet REDUCTIONS = OpSet.byName(
            Domains.MAIN,
            ReduceOperators::makeReductions,
            "ReduceMean",
            "ReduceSum",
            "ReduceMax",
            "ReduceMin",
            "ReduceProd",
            "ReduceL1",
            "ReduceL2",
            "ReduceLogSum",
            "ReduceLogSumExp",
            "ReduceSumSquare");
    private static final OpSet SET =
            REDUCTIONS.plus(OpSet.byName(Domains.MAIN, ReduceOperators::makeOthers, "ArgMax", "ArgMin"));

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

    private static OpDefinition<?> makeOthers(String name) {
        return switch (name) {
            case "ArgMax" -> op(ArgMax.SCHEMA, ArgMax.class, ArgMax::of);
            case "ArgMin" -> op(ArgMin.SCHEMA, ArgMin.class, ArgMin::of);
            default -> null;
        };
    }

    private static OpDefinition<?> makeReductions(String name) {
        return switch (name) {
            case "ReduceMean" -> op(ReduceMean.SCHEMA, ReduceMean.class, ReduceMean::of);
            case "ReduceSum" -> op(ReduceSum.SCHEMA, ReduceSum.class, ReduceSum::of);
            case "ReduceMax" -> op(ReduceMax.SCHEMA, ReduceMax.class, ReduceMax::of);
            case "ReduceMin" -> op(ReduceMin.SCHEMA, ReduceMin.class, ReduceMin::of);
            case "ReduceProd" -> op(ReduceProd.SCHEMA, ReduceProd.class, ReduceProd::of);
            case "ReduceL1" -> op(ReduceL1.SCHEMA, ReduceL1.class, ReduceL1::of);
            case "ReduceL2" -> op(ReduceL2.SCHEMA, ReduceL2.class, ReduceL2::of);
            case "ReduceLogSum" -> op(ReduceLogSum.SCHEMA, ReduceLogSum.class, ReduceLogSum::of);
            case "ReduceLogSumExp" -> op(ReduceLogSumExp.SCHEMA, ReduceLogSumExp.class, ReduceLogSumExp::of);
            case "ReduceSumSquare" -> op(ReduceSumSquare.SCHEMA, ReduceSumSquare.class, ReduceSumSquare::of);
            default -> null;
        };
    }
}
