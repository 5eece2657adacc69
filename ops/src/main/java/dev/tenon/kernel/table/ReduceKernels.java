package dev.tenon.kernel.table;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.StagedKernel;
import dev.tenon.kernel.reduce.ReduceProblem;
import dev.tenon.kernel.reduce.ReduceProblem.Kind;
import dev.tenon.kernel.scalar.reduce.ScalarReduce;
import dev.tenon.kernel.vector.reduce.VectorReduce;
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
import dev.tenon.op.reduce.Reduction;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * Kernels of the reductions. Axes that fall into three runs, the last axis being one, or into two that it is none of, are
 * reduced in two stages, between which results are float32. Other element types than float32, axes that only run time knows, and those that fall into more
 * runs go through the reference; so do products that took two stages, since what the first leaves might be no float32.
 */
public final class ReduceKernels {
    /** The kernels of the family. */
    public static final KernelTable<ReduceProblem> TABLE = new KernelTable<>(
            "reduce",
            List.of(
                    new KernelChoice<>("reduce_f32_vector", ReduceKernels::refuse, p -> VectorReduce.of(p)),
                    KernelChoice.fallback("reduce_f32_scalar", ScalarReduce::new)));

    /** The operators of the family. */
    public static final KernelSet SET = KernelSet.empty()
            .with(ReduceSum.class, (op, step) -> prepare(op, Kind.SUM, step))
            .with(ReduceMean.class, (op, step) -> prepare(op, Kind.MEAN, step))
            .with(ReduceMax.class, (op, step) -> prepare(op, Kind.MAX, step))
            .with(ReduceMin.class, (op, step) -> prepare(op, Kind.MIN, step))
            .with(ReduceProd.class, (op, step) -> prepare(op, Kind.PROD, step))
            .with(ReduceL1.class, (op, step) -> prepare(op, Kind.L1, step))
            .with(ReduceL2.class, (op, step) -> prepare(op, Kind.L2, step))
            .with(ReduceLogSum.class, (op, step) -> prepare(op, Kind.LOG_SUM, step))
            .with(ReduceLogSumExp.class, (op, step) -> prepare(op, Kind.LOG_SUM_EXP, step))
            .with(ReduceSumSquare.class, (op, step) -> prepare(op, Kind.SUM_SQUARE, step));

    private ReduceKernels() {}

    private static String refuse(ReduceProblem p, Capabilities c) {
        return p.elementsPerOutput() == 0
                ? "nothing to reduce"
                : c.refuseVector((double) p.outer() * p.middle() * p.columns() * p.depth());
    }

    private static Kernel prepare(Reduction op, Kind kind, KernelRequest step) {
        if (step.dtype(0) != DType.FLOAT32 || !step.isRowMajor() || (step.has(1) && step.constant(1) == null)) {
            return null;
        }
        long[] dims = step.dims(0);
        boolean[] reduced = op.reduced(step.has(1) ? step.constant(1).toLongArray() : null, dims.length);
        ReduceProblem problem = problem(kind, dims, reduced, step.inputCount());
        return problem == null ? staged(kind, dims, reduced, step) : TABLE.prepare(problem, step.capabilities());
    }

    /** A kernel of two stages, or null if there is none. */
    private static Kernel staged(Kind kind, long[] dims, boolean[] reduced, KernelRequest step) {
        boolean[] first = lastRuns(dims, reduced);
        long[] left = dims.clone();
        long elements = 1;
        for (int i = 0; i < dims.length; i++) {
            left[i] = first[i] ? 1 : dims[i];
            elements *= left[i];
        }
        int shared = step.inputCount() + 1;
        ReduceProblem one = problem(kind == Kind.LOG_SUM ? Kind.SUM : kind, dims, first, 0, shared);
        ReduceProblem other = problem(ofResults(kind), left, reduced, shared, step.inputCount());
        boolean none = elements == 0
                || one == null
                || other == null
                || one.elementsPerOutput() == 0
                || other.elementsPerOutput() == 0;
        if (none || kind == Kind.PROD) {
            return null;
        }
        List<Kernel> stages =
                List.of(TABLE.prepare(one, step.capabilities()), TABLE.prepare(other, step.capabilities()));
        return StagedKernel.of(stages.getFirst().id(), stages, elements * Float.BYTES);
    }

    /** Which axes the first stage reduces: the last two runs, or the last one where kept axes follow it. */
    private static boolean[] lastRuns(long[] dims, boolean[] reduced) {
        boolean[] last = new boolean[dims.length];
        int runs = 0;
        int most = 0;
        boolean within = false;
        for (int i = dims.length - 1; i >= 0; i--) {
            if (dims[i] == 1) {
                continue;
            }
            most = most > 0 ? most : reduced[i] ? 2 : 1;
            runs += reduced[i] && !within ? 1 : 0;
            within = reduced[i];
            last[i] = within && runs <= most;
        }
        return last;
    }

    /** What makes one of the results of a kind that are each of some of the elements. */
    private static Kind ofResults(Kind kind) {
        return switch (kind) {
            case SUM_SQUARE, L1 -> Kind.SUM;
            default -> kind;
        };
    }

    /**
     * Whether a reduction needs one stage only.
     *
     * @param dims the dimensions of the data
     * @param reduced for each axis whether it is reduced
     * @return false if there are more than two runs of reduced axes, or kept axes after two runs
     */
    public static boolean isOneStage(long[] dims, boolean[] reduced) {
        return problem(Kind.SUM, dims, reduced, 1) != null;
    }

    /**
     * A reduction of the first operand as a problem of this family.
     *
     * @param kind how elements are reduced
     * @param dims the dimensions of the data
     * @param reduced for each axis whether it is reduced
     * @param output the index of the output among the operands
     * @return the problem, or null if there are more than two runs of reduced axes, or kept ones behind two
     */
    public static ReduceProblem problem(Kind kind, long[] dims, boolean[] reduced, int output) {
        return problem(kind, dims, reduced, 0, output);
    }

    private static ReduceProblem problem(Kind kind, long[] dims, boolean[] reduced, int input, int output) {
        long[] runs = {1, 1, 1, 1};
        int run = 0;
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] == 1) {
                continue;
            }
            // Even runs are kept, odd ones reduced.
            if (reduced[i] != (run % 2 == 1)) {
                run++;
            }
            if (run == runs.length) {
                return null;
            }
            runs[run] *= dims[i];
        }
        if (runs[2] == 1) {
            return new ReduceProblem(kind, runs[0], 1, 1, runs[1] * runs[3], input, output);
        }
        return new ReduceProblem(kind, runs[0], runs[1], runs[2], runs[3], input, output);
    }
}
