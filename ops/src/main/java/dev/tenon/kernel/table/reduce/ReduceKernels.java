package dev.tenon.kernel.table.reduce;

import static dev.tenon.kernel.KernelSet.only;

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
import dev.tenon.op.Op;
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
 * Kernels of the reductions for float32. Neighbouring axes that are reduced form a run. One stage reduces up to two runs if the
 * last axis is in one of them, or one run. One more run takes two stages, with float32 results in between. More runs, other
 * element types, and axes that are not constant, run through the reference; so do products that would take two stages, because
 * the results of the first might exceed float32.
 */
public final class ReduceKernels {
    /** A sample of a batch has about so many lines: channels, or tokens. */
    private static final double TYPICAL_LINES = 16;

    /** The kernels of the family. */
    public static final KernelTable<ReduceProblem> TABLE = new KernelTable<>(
            "reduce",
            List.of(
                    new KernelChoice<>("reduce_f32_vector", ReduceKernels::refuse, p -> VectorReduce.of(p)),
                    KernelChoice.fallback("reduce_f32_scalar", ScalarReduce::new)));

    /** The lowerings of the family. */
    public static final KernelSet SET = KernelSet.byFamily(ReduceKernels::operator);

    private ReduceKernels() {}

    /** The kernels of an operator, made when it is first looked up. */
    private static KernelSet operator(Class<? extends Op> operator) {
        return switch (operator.getSimpleName()) {
            case "ReduceSum" -> only(ReduceSum.class, (op, step) -> prepare(op, Kind.SUM, step));
            case "ReduceMean" -> only(ReduceMean.class, (op, step) -> prepare(op, Kind.MEAN, step));
            case "ReduceMax" -> only(ReduceMax.class, (op, step) -> prepare(op, Kind.MAX, step));
            case "ReduceMin" -> only(ReduceMin.class, (op, step) -> prepare(op, Kind.MIN, step));
            case "ReduceProd" -> only(ReduceProd.class, (op, step) -> prepare(op, Kind.PROD, step));
            case "ReduceL1" -> only(ReduceL1.class, (op, step) -> prepare(op, Kind.L1, step));
            case "ReduceL2" -> only(ReduceL2.class, (op, step) -> prepare(op, Kind.L2, step));
            case "ReduceLogSum" -> only(ReduceLogSum.class, (op, step) -> prepare(op, Kind.LOG_SUM, step));
            case "ReduceLogSumExp" -> only(ReduceLogSumExp.class, (op, step) -> prepare(op, Kind.LOG_SUM_EXP, step));
            case "ReduceSumSquare" -> only(ReduceSumSquare.class, (op, step) -> prepare(op, Kind.SUM_SQUARE, step));
            default -> KernelSet.empty();
        };
    }

    private static String refuse(ReduceProblem p, Capabilities c) {
        return p.elementsPerOutput() == 0
                ? "nothing to reduce"
                : c.refuseLines(TYPICAL_LINES * p.middle() * p.columns() * p.depth());
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

    /** Prepares a kernel of two stages, or returns null if there is none. */
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
        ReduceProblem other = problem(combining(kind), left, reduced, shared, step.inputCount());
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

    /** The axes that the first stage reduces: the last two runs, or the last one if other axes follow it. */
    private static boolean[] lastRuns(long[] dims, boolean[] reduced) {
        boolean[] last = new boolean[dims.length];
        int runs = 0;
        int maxRuns = 0;
        boolean within = false;
        for (int i = dims.length - 1; i >= 0; i--) {
            if (dims[i] == 1) {
                continue;
            }
            maxRuns = maxRuns > 0 ? maxRuns : reduced[i] ? 2 : 1;
            runs += reduced[i] && !within ? 1 : 0;
            within = reduced[i];
            last[i] = within && runs <= maxRuns;
        }
        return last;
    }

    /** The reduction that combines the results of a reduction of parts. */
    private static Kind combining(Kind kind) {
        return switch (kind) {
            case SUM_SQUARE, L1 -> Kind.SUM;
            default -> kind;
        };
    }

    /**
     * Whether a reduction takes one stage.
     *
     * @param dims the dimensions of the data
     * @param reduced whether each axis is reduced
     * @return false if there are more than two runs of reduced axes, or other axes after two runs
     */
    public static boolean isOneStage(long[] dims, boolean[] reduced) {
        return problem(Kind.SUM, dims, reduced, 1) != null;
    }

    /**
     * The problem of a reduction of the first operand.
     *
     * @param kind the reduction
     * @param dims the dimensions of the data
     * @param reduced whether each axis is reduced
     * @param output the index of the output among the operands
     * @return the problem, or null if there are more than two runs of reduced axes, or other axes after two runs
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
            // Runs of even index are not reduced, those of odd index are.
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
